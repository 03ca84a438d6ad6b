"""Recipe of the style attention and the Q-Former (StyleMaster, section 4: on pictures with captions; the projector is
as its own recipe left it).

Run: `impasto train stylemaster-style`, after `nano-base` and `stylemaster-projector`. The first frame of a clip is
painted in the style of another crop of one of its frames, so that the style is the same and the content lies elsewhere.

Legend: T frames, H height, W width, C channels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.conditions import DropRates
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.config import StyleMasterConfig
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.pooledtexts import PooledTexts
from impasto.stylizers.stylemaster.projector import load_projector
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.csdpictures import Progress as Made
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.aspects import Aspect, Look
from impasto.training.stylemaster.framelatents import as_frames
from impasto.training.stylemaster.ground import Ground, nano_ground
from impasto.training.stylemaster.lessons import style_lesson
from impasto.training.stylemaster.parts import PartRun, Progress, train_part
from impasto.weights.paths import cache_dir

RECIPE = "stylemaster-style"
SHARES = (0.5, 0.8)
"""Of the sides of a frame, that the style is read from."""
CROPS = "crops 1"
"""Changes with how crops are taken."""

# Palette and tone are settled where there is next to nothing but noise, which so short a training must see often.
STYLE = PartRun(
    part="style",
    steps=400,
    batch=8,
    rate=1e-3,
    optimizer="muon",
    shift=8.0,
    rates=DropRates(text=0.3, style=0.1),
)
"""The paper: 40,000 steps of 160 pictures on each of 8 devices, text and style dropped alike, noise as for the base."""


@dataclass(frozen=True)
class StyleRun:
    part: PartRun = STYLE
    tokens: TokenConfig = field(default_factory=TokenConfig)
    projector: Path | None = None
    """None: where its recipe leaves it."""
    pooled_texts: bool = False
    """Compare patches with what stands for texts in the released code (`PooledTexts`): an ablation."""


def style_look(space: Callable[[], JointSpace]) -> Look:
    """See another crop of a random frame, and what the captions mean."""

    def look(name: str, frames_THWC: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
        rng = np.random.default_rng(list(name.encode()))
        crop_HWC = another_crop(frames_THWC[rng.integers(len(frames_THWC))], rng)
        seen = space().picture(as_frames(crop_HWC[None]))
        meanings = {f"meaning {number}": vector for number, vector in enumerate(space().text(captions))}
        return {"pooled": seen.pooled[0], "patches": seen.patches[0], **meanings}

    return look


def another_crop(frame_HWC: Tensor, rng: np.random.Generator) -> Tensor:
    """A part of a frame, of its proportions, mirrored half the time."""
    share = rng.uniform(*SHARES)
    height, width = (round(share * side) for side in frame_HWC.shape[:2])
    top, left = (rng.integers(side - size + 1) for side, size in zip(frame_HWC.shape[:2], (height, width), strict=True))
    crop = frame_HWC[top : top + height, left : left + width]
    return crop.flip(1) if rng.random() < 0.5 else crop


def style_space(ground: Ground, pooled_texts: bool = False) -> JointSpace:
    """What style is read in; raises `ModelError` where its weights are missing."""
    return PooledTexts(ground.space(), ground.read) if pooled_texts else ground.space()


def style_aspect(ground: Ground, pooled_texts: bool = False) -> Aspect:
    folder = shard_folder(f"{RECIPE}-{content_key([], ground.latents.name, CROPS, SHARES, pooled_texts)}")
    return Aspect(folder, RECIPE, style_look(lambda: style_space(ground, pooled_texts)), ground)


def style_model(
    tokens: TokenConfig, projector: Path | None, ground: Ground, seed: int = 0, start: Path | None = None
) -> StyleMaster:
    """The base with style attention, as a file has it or new, and with the projector where there is to be one.

    Raises:
        ModelError: the base or the projector is missing, or one of the files is of another size.
    """
    torch.manual_seed(seed)
    parts = StyleMasterConfig(tokens=tokens, motion=None, control=None)
    model = StyleMaster(ground.transformer(), ground.base, parts)
    if start:
        model.load(start)
    if tokens.source == "projector" and model.tokens:
        path = projector or cache_dir() / "stylemaster" / "stylemaster-projector.safetensors"
        found = load_projector(path)
        if found.config != tokens.projector:
            raise ModelError(f"{str(path)!r} is a projector of {found.config}, not of {tokens.projector}; train that.")
        model.tokens.projector.load_state_dict(found.state_dict())
    return model


def train(
    run: StyleRun | None = None,
    output: Path | None = None,
    ground: Ground | None = None,
    start: Path | None = None,
) -> Iterator[Made | Progress]:
    """Train, by default on the nano base; writes `output`, by default in the cache folder.

    Args:
        start: parts to go on from; None: from nothing.

    Raises as `train_part` and `style_model` do.
    """
    run, ground = run or StyleRun(), ground or nano_ground()
    output = output or cache_dir() / "stylemaster" / "style.safetensors"
    model = style_model(run.tokens, run.projector, ground, run.part.seed, start)
    aspect = style_aspect(ground, run.pooled_texts)
    key = f"{run} {ground.key} {content_key([start] if start else [])}"
    yield from train_part(run.part, model, aspect, style_lesson, key, output)
