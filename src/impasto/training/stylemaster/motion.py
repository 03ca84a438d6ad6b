"""Recipe of the motion adapter, which learns stillness (StyleMaster, section 3.4: about 300 steps of 64 clips).

Run: `impasto train stylemaster-motion`, after `nano-base`. Each clip is one frame of a photo or of real footage,
repeated.

Legend: T frames, H height, W width, C channels.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from impasto.diffusion.conditions import DropRates
from impasto.stylizers.stylemaster.config import StyleMasterConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.training.csdpictures import Progress as Made
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.aspects import Aspect, Look
from impasto.training.stylemaster.framelatents import as_frames
from impasto.training.stylemaster.ground import Ground, nano_ground
from impasto.training.stylemaster.lessons import motion_lesson
from impasto.training.stylemaster.parts import PartRun, Progress, train_part
from impasto.weights.paths import cache_dir

RECIPE = "stylemaster-motion"
REAL = ("still-photo-", "window-")
"""How the names of real clips begin: the adapter is also to lead away from the look of the real."""

MOTION = PartRun(part="motion", steps=100, batch=4, rate=1e-3, optimizer="muon", rates=DropRates(text=0.1))


def still_look(ground: Ground) -> Look:
    """See the first frame of a real clip, standing still for as long as clips of the base are."""

    def look(name: str, frames_THWC: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
        if not name.startswith(REAL):
            return {}
        return {"still": ground.latent(as_frames(frames_THWC[:1]).expand(ground.frames, -1, -1, -1))}

    return look


def motion_aspect(ground: Ground) -> Aspect:
    folder = shard_folder(f"{RECIPE}-{content_key([], ground.latents.name, ground.frames, REAL)}")
    return Aspect(folder, RECIPE, still_look(ground), ground)


def motion_model(config: MotionConfig, ground: Ground, seed: int = 0) -> StyleMaster:
    """The base with the adapter at full strength; raises `ModelError` where the base is missing."""
    torch.manual_seed(seed)
    parts = StyleMasterConfig(tokens=None, motion=config, control=None)
    model = StyleMaster(ground.transformer(), ground.base, parts)
    model.set_alpha(1)
    return model


def train(
    run: PartRun = MOTION,
    config: MotionConfig | None = None,
    output: Path | None = None,
    ground: Ground | None = None,
    start: Path | None = None,
) -> Iterator[Made | Progress]:
    """Train, by default on the nano base; writes `output`, by default in the cache folder.

    Args:
        start: parts to go on from; None: from nothing.

    Raises as `train_part` does.
    """
    config, ground = config or MotionConfig(), ground or nano_ground()
    output = output or cache_dir() / "stylemaster" / "motion.safetensors"
    model = motion_model(config, ground, run.seed)
    if start:
        model.load(start)
    key = f"{config} {ground.key} {content_key([start] if start else [])}"
    yield from train_part(run, model, motion_aspect(ground), motion_lesson, key, output)
