"""Pictures to measure descriptors on: photos repainted by `gatys`, which made nothing that a descriptor was trained on.

Every photo in every style, both kept out of all training. Painted one by one into the cache folder, so that a stopped
run goes on.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.evaluation.assets import asset
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.tables.code import code_digest
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_bytes, to_float
from impasto.perception.encoder import WEIGHTS
from impasto.scenes.styles import style_picture
from impasto.stylizers.blending import blend
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.optimization.gatys import Gatys, GatysConfig
from impasto.training.csdpictures import HELD_OUT
from impasto.training.pictures import short_side
from impasto.video.pictures import read_picture, write_picture
from impasto.weights.paths import cache_dir, weights_file

STYLE_SIDE = 256
"""Of the styles that are made by code, in pixels."""
PAINTING = (
    *("color", "losses", "scenes/styles", "scenes/noise.py", "scenes/palettes.py"),
    *("perception/encoder.py", "perception/statistics.py"),
    *("stylizers/blending.py", "stylizers/optimization", "stylizers/stylepicture.py"),
)
"""The code that decides how the pictures look."""


@dataclass(frozen=True)
class SetConfig:
    photos: int = 12
    """From all over `eval/photos`."""
    paintings: int = 8
    """From all over `eval/styles`."""
    kinds: tuple[str, ...] = HELD_OUT
    """Styles that are made by code, an invented scene in each."""
    side: int = 192
    """Short side of a picture."""
    gatys: GatysConfig = field(default_factory=GatysConfig)


class PaintedSet:
    """The set, painted or not.

    Raises:
        ModelError: the data folder lacks photos or styles.
    """

    def __init__(self, config: SetConfig) -> None:
        self.config = config
        self.photos = _spread(sorted(asset("eval/photos").glob("*.jpg")), config.photos)
        self._paintings = _spread(sorted(asset("eval/styles").glob("*.jpg")), config.paintings)
        made_by = f"{config} {code_digest(PAINTING)}".encode() + weights_file(WEIGHTS).read_bytes()
        self._folder = cache_dir() / "evaluation" / f"gatys-{hashlib.sha256(made_by).hexdigest()[:8]}"

    def paint(self) -> Iterator[str]:
        """Paint the pictures that are not there yet; yields the name of each."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for style, photo in product(self._styles(), self.photos):
            file = self._file(style, photo)
            if not file.exists():
                write_picture(file, self._painted(style, photo))
                yield file.stem

    def frames(self, strength: float = 1.0) -> Iterator[Frame]:
        """The pictures [H, W, 3], style by style; they must be there.

        Args:
            strength: of the paint, as `impasto stylize` has it: at 0 the photos themselves.
        """
        for style, photo in product(self._styles(), self.photos):
            painted = to_float(read_picture(self._file(style, photo))[0])
            yield np.clip(blend(self._photo(photo), painted, Guidance(strength=strength)), 0, 1)

    def labels(self) -> tuple[Tensor, Tensor]:
        """Numbers of the style and of the photo of each picture, [N]."""
        styles, photos = len(self._paintings) + len(self.config.kinds), len(self.photos)
        return torch.arange(styles).repeat_interleave(photos), torch.arange(photos).repeat(styles)

    def _file(self, style: Path, photo: Path) -> Path:
        return self._folder / f"{style.stem}+{photo.stem}.png"

    def _styles(self) -> list[Path]:
        drawn = []
        for number, kind in enumerate(self.config.kinds):
            drawn.append(self._folder / f"{kind}.png")
            if not drawn[-1].exists():
                made = style_picture(kind, np.random.default_rng(number), (STYLE_SIDE, STYLE_SIDE))
                write_picture(drawn[-1], to_bytes(made))
        return self._paintings + drawn

    def _photo(self, path: Path) -> Frame:
        return to_float(short_side(read_picture(path)[0], self.config.side))

    def _painted(self, style: Path, photo: Path) -> np.ndarray:
        frame = self._photo(photo)
        stylizer = Gatys("standard", self.config.gatys)
        stylizer.prepare(Guidance(styles=(Style(image=style),)), MemoryShot([frame]), lambda share: None)
        (painted,) = stylizer.stylize([frame], {})
        return to_bytes(painted)


def _spread(paths: Sequence[Path], most: int) -> list[Path]:
    count = min(most, len(paths))
    return [paths[number * len(paths) // count] for number in range(count)]
