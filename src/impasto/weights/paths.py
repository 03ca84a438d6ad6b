"""Where weights, caches and the data for training and measuring are found."""

import os
from collections.abc import Iterable
from pathlib import Path

from impasto.errors import ModelError

EMBEDDED = Path(__file__).parent
RECIPES = {
    "encoder.safetensors": "encoder",
    "swift.safetensors": "swift",
    "styles.safetensors": "styles",
    "text.safetensors": "text-encoder",
    "prior.safetensors": "prior",
    "csd-nano.safetensors": "csd-nano",
    "clip-nano.safetensors": "clip-nano",
    "nano-vae.safetensors": "nano-vae",
    "nano-base.safetensors": "nano-base",
    "stylemaster-nano.safetensors": "stylemaster-nano",
    "dreamstyle-nano.safetensors": "dreamstyle-nano",
    "depth-nano.safetensors": "depth-nano",
    "control-depth-nano.safetensors": "control-depth",
    "control-pose-nano.safetensors": "control-pose",
}
"""What `impasto train` makes each file with, in the order in which one needs the other."""


def assets_dir() -> Path:
    """Folder of photos, paintings, clips and small networks (`IMPASTO_ASSETS`, see docs/data.md)."""
    return Path(os.environ.get("IMPASTO_ASSETS", "../shared/assets"))


def cache_dir() -> Path:
    """Folder for checkpoints and other working data (`IMPASTO_CACHE`); made when missing."""
    path = Path(os.environ.get("IMPASTO_CACHE", "~/.cache/impasto")).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path


def weights_file(name: str) -> Path:
    """Path of a weights file, from `IMPASTO_WEIGHTS_DIR` where it is there, else embedded.

    Raises:
        ModelError: the file is in neither.
    """
    return weights_files([name])[0]


def weights_files(names: Iterable[str]) -> list[Path]:
    """Paths of several weights files, as `weights_file` finds each.

    Raises:
        ModelError: some are missing (says all of them, and the recipes that make them).
    """
    local = os.environ.get("IMPASTO_WEIGHTS_DIR")
    folders = ([Path(local)] if local else []) + [EMBEDDED]
    found = {name: next((place / name for place in folders if (place / name).is_file()), None) for name in names}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise ModelError(_missing(missing, folders))
    return [path for path in found.values() if path]


def _missing(names: list[str], folders: list[Path]) -> str:
    listed, where = ", ".join(map(repr, names)), " or ".join(map(str, folders))
    files, come = ("files", "they come") if len(names) > 1 else ("file", "it comes")
    recipes = [f"`impasto train {recipe}`" for name, recipe in RECIPES.items() if name in names]
    made = f", make what is trained here with {', then '.join(recipes)}" if recipes else ""
    return (
        f"The weights {listed} are missing from {where}; put the {files} there or into the folder that "
        f"IMPASTO_WEIGHTS_DIR names (docs/weights.md says where {come} from){made}, or reinstall Impasto."
    )
