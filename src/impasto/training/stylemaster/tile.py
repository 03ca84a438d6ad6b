"""Recipe of the gray tile ControlNet (StyleMaster, section 3.5: 20,000 steps, all else as for the style).

Run: `impasto train stylemaster-tile`, after `stylemaster-style`. Each clip is painted by its own control pictures, and
by its style, which is learned already and stays as it is.

Legend: T frames, H height, W width, C channels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from impasto.diffusion.conditions import DropRates
from impasto.stylizers.stylemaster.config import ControlConfig, StyleMasterConfig
from impasto.stylizers.stylemaster.controlpictures import prepared
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.csdpictures import Progress as Made
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.aspects import Aspect, Look
from impasto.training.stylemaster.framelatents import as_frames
from impasto.training.stylemaster.ground import Ground, nano_ground
from impasto.training.stylemaster.lessons import control_lesson
from impasto.training.stylemaster.parts import PartRun, Progress, train_part
from impasto.training.stylemaster.style import CROPS, SHARES, style_look
from impasto.weights.paths import cache_dir

RECIPE = "stylemaster-tile"

CONTROL = PartRun(part="control", steps=400, batch=4, rate=1e-3, optimizer="muon", rates=DropRates(text=0.1, style=0.1))


@dataclass(frozen=True)
class TileRun:
    part: PartRun = CONTROL
    control: ControlConfig = field(default_factory=ControlConfig)
    tokens: TokenConfig | None = field(default_factory=TokenConfig)
    """None: without style attention."""
    style: Path | None = None
    """Its weights; None: where the recipe of the style leaves them."""


def control_look(control: ControlConfig, ground: Ground) -> Look:
    """See what the control branch sees of a clip, and its style."""
    style = style_look(ground.space)

    def look(name: str, frames_THWC: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
        shown_TCHW = prepared(as_frames(frames_THWC), control.preparation, control.factor)
        return {"control": ground.latent(shown_TCHW), **style(name, frames_THWC, captions)}

    return look


def control_aspect(control: ControlConfig, ground: Ground) -> Aspect:
    key = content_key([], ground.latents.name, control, CROPS, SHARES)
    return Aspect(shard_folder(f"{RECIPE}-{key}"), RECIPE, control_look(control, ground), ground)


def train(
    run: TileRun | None = None,
    output: Path | None = None,
    ground: Ground | None = None,
    start: Path | None = None,
) -> Iterator[Made | Progress]:
    """Train, by default on the nano base; writes `output`, by default in the cache folder.

    Args:
        start: parts to go on from, but for the style; None: from a copy of the base.

    Raises:
        InputError: there are no clips.
        ModelError: weights are missing, or those of the style are of another base.
    """
    run, ground = run or TileRun(), ground or nano_ground()
    folder = cache_dir() / "stylemaster"
    output, style = output or folder / "control.safetensors", run.style or folder / "style.safetensors"
    torch.manual_seed(run.part.seed)
    model = StyleMaster(ground.transformer(), ground.base, StyleMasterConfig(run.tokens, None, run.control))
    files = [*([start] if start else []), *([style] if run.tokens else [])]
    for file in files:
        model.load(file)
    key = f"{run} {ground.key} {content_key(files)}"
    yield from train_part(run.part, model, control_aspect(run.control, ground), control_lesson, key, output)
