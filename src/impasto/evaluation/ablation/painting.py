"""What a row paints: clips from text, or clips of the data folder repainted, each in every style.

Legend: T frames, H height, W width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path

import torch

from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base
from impasto.evaluation.ablation.protocol import AblationProtocol
from impasto.evaluation.ablation.rows import Row
from impasto.evaluation.assets import style_file
from impasto.evaluation.tables.painting import Floats
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_bytes, to_float
from impasto.job.shotframes import SourceShot
from impasto.stylizers.base import ShotFrames
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.nano import nano_engine
from impasto.stylizers.stylemaster.stylizer import StyleMasterStylizer
from impasto.training.stylemaster.ground import nano_ground
from impasto.training.stylemaster.style import style_space
from impasto.video.blank import Blank, Canvas
from impasto.video.types import Picture, Shot

FPS = Fraction(8)
"""Of what the nano base makes."""


@dataclass(frozen=True)
class Painted:
    style: Path
    prompt: str
    frames: list[Picture]
    source: list[Picture] | None
    """None: made from text."""


def model_of(row: Row, parts: Sequence[Path]) -> StyleMaster:
    """The nano base with the parts of a row; raises `ModelError` where they do not fit."""
    model = StyleMaster.from_files(embedded_base(), NANO.name, parts)
    if row.alpha is not None:
        model.set_alpha(row.alpha)
    return model


def paint(protocol: AblationProtocol, row: Row, model: StyleMaster, seed: int) -> Iterator[Painted]:
    """Every style with every prompt, or with every clip.

    Raises:
        ModelError: weights or the data folder are missing.
    """
    torch.manual_seed(seed)  # of the random choice of patches
    engine = nano_engine(model, style_space(nano_ground(), row.style.pooled_texts), protocol.scales)
    stylizer = StyleMasterStylizer(protocol.preset, engine)
    subjects = protocol.clips if row.control else [("", prompt) for prompt in protocol.prompts]
    for number, (style, (clip, prompt)) in enumerate(product(protocol.styles, subjects)):
        styles = (Style(image=style_file(style)),)
        guidance = Guidance(prompt=prompt, styles=styles, seed=seed * 1000 + number)
        shot, source = _clip(protocol, clip) if clip else _nothing(protocol)
        stylizer.prepare(guidance, shot, lambda share: None)
        frames = [to_bytes(frame) for frame in stylizer.stylize(map(to_float, source), {})]
        yield Painted(style_file(style), prompt, frames, source if clip else None)


def _clip(protocol: AblationProtocol, name: str) -> tuple[ShotFrames, list[Picture]]:
    span = Span(name="", frames=protocol.every * (protocol.frames - 1) + 1, width=protocol.size[0])
    frames = read_frames(name, span)[:: protocol.every]
    return MemoryShot(Floats(frames)), frames


def _nothing(protocol: AblationProtocol) -> tuple[ShotFrames, list[Picture]]:
    width, height = protocol.size
    blank = Blank(Canvas(width=width, height=height, frames=protocol.frames, fps=FPS))
    whole = Shot(0, protocol.frames, blank.info.start, blank.info.duration)
    return SourceShot(blank, [whole], 0), [frame.rgb for frame in blank.frames()]
