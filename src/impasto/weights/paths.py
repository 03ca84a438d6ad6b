"""Where weights, caches and the data for training and measuring are found."""

import os
from pathlib import Path

from impasto.errors import ModelError

EMBEDDED = Path(__file__).parent


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
    local = os.environ.get("IMPASTO_WEIGHTS_DIR")
    folders = ([Path(local)] if local else []) + [EMBEDDED]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    where = " or ".join(str(folder) for folder in folders)
    raise ModelError(
        f"The weights {name!r} are missing from {where}; put the file there or into the folder that "
        "IMPASTO_WEIGHTS_DIR names (docs/weights.md says where it comes from), or reinstall Impasto."
    )
