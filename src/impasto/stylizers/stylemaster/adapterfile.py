"""Parts of StyleMaster as a file."""

from impasto.diffusion.adapterfile import AdapterFormat

FORMAT = AdapterFormat("StyleMaster", "impasto stylemaster 2")
