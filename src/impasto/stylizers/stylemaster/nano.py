"""`stylemaster-nano`: StyleMaster on the embedded base, offline, on a CPU."""

import torch

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base, embedded_vae, read_texts
from impasto.diffusion.windows import Windows
from impasto.perception.clipnano import embedded_clip_nano
from impasto.stylizers.base import Preset
from impasto.stylizers.stylemaster.guidance import Scales
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.published import NANO_PARTS
from impasto.stylizers.stylemaster.stylizer import Engine, StyleMasterStylizer
from impasto.weights.paths import weights_file
from impasto.weights.precision import fast_dtype

DTYPE = fast_dtype()
"""Of all networks but the autoencoder: what a CPU is fastest with."""
# Those of Wan are too strong for a base that was trained so little.
SCALES = Scales(4.0, 2.0)


def nano_engine(model: StyleMaster, space: JointSpace, scales: Scales = SCALES) -> Engine:
    """What paints with parts on the nano base.

    Raises:
        ModelError: the autoencoder is missing.
    """
    return Engine(
        model=model.eval(),
        autoencoder=Autoencoder(embedded_vae()),
        space=space,
        read=read_texts,
        shift=NANO.shift,
        pixels=NANO.pixels,
        windows=Windows(NANO.frames),
        scales=scales,
        device=torch.device("cpu"),  # where all else that is embedded runs
    )


def load(preset: Preset) -> StyleMasterStylizer:
    """The stylizer; raises `ModelError` where weights are missing or not made for each other."""
    model = StyleMaster.from_files(embedded_base(DTYPE), NANO.name, [weights_file(NANO_PARTS)])
    model.parts_to(DTYPE)
    return StyleMasterStylizer(preset, nano_engine(model, embedded_clip_nano()))
