"""What things are measured on: files of the data folder, and the clips and styles that tell of flicker."""

from pathlib import Path

from impasto.errors import ModelError
from impasto.weights.paths import assets_dir

CLIPS = ("davis_dance-twirl", "davis_horsejump-high", "sintel_mountain_2")
STYLES = ("nst-vg-olive", "classic-gordic_mosaic", "classic-aivis_pencil-sketch")


def asset(name: str) -> Path:
    """A file or folder of the data folder.

    Raises:
        ModelError: it is not there.
    """
    path = assets_dir() / name
    if not path.exists():
        raise ModelError(f"Nothing to measure on: {path} is missing; set IMPASTO_ASSETS (see docs/data.md).")
    return path


def clip_file(name: str) -> Path:
    return asset(f"eval/videos/{name}.mp4")


def style_file(name: str) -> Path:
    return asset(f"eval/styles/{name}.jpg")
