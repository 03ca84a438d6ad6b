"""Recipe of the file that `stylemaster-nano` ships with: all parts together, their matrices as bytes.

Run: `impasto train stylemaster-nano`, after `stylemaster-style`, `stylemaster-motion` and `stylemaster-tile`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from impasto.diffusion.adapterfile import check_base
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.adapterfile import FORMAT
from impasto.stylizers.stylemaster.config import Part
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.published import NANO_PARTS
from impasto.weights.paths import EMBEDDED, cache_dir

RECIPES: dict[Part, str] = {"style": "stylemaster-style", "motion": "stylemaster-motion", "control": "stylemaster-tile"}
"""What leaves each part in the cache folder."""


@dataclass(frozen=True)
class Progress:
    file: str
    bytes: int


def embedded_parts() -> Path | None:
    """What each part goes on from; None where nothing is embedded for a base of this shape.

    Raises:
        ModelError: the base is missing, or the file is broken.
    """
    path = EMBEDDED / NANO_PARTS
    if not path.is_file():
        return None
    found = FORMAT.read(path)
    try:
        check_base(path, found, NANO.name, embedded_base())
    except ModelError:
        return None
    return path


def embed(output: Path = EMBEDDED / NANO_PARTS) -> Iterator[Progress]:
    """Put the parts in the cache folder together; writes `output`.

    Raises:
        ModelError: a part or the base is missing, or they were not made for each other.
    """
    files = {recipe: cache_dir() / "stylemaster" / f"{part}.safetensors" for part, recipe in RECIPES.items()}
    missing = [f"`impasto train {recipe}`" for recipe, file in files.items() if not file.is_file()]
    if missing:
        raise ModelError(
            f"Parts of StyleMaster are missing from the cache folder; make them with {', '.join(missing)}."
        )
    StyleMaster.from_files(embedded_base(), NANO.name, list(files.values())).save(output, as_bytes=True)
    yield Progress(str(output), output.stat().st_size)
