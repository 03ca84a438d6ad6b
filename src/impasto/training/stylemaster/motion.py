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
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import BASE, VAE, embedded_base
from impasto.stylizers.stylemaster.config import StyleMasterConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.training.csdpictures import Progress as Made
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.aspects import Aspect
from impasto.training.stylemaster.framelatents import as_frames, latent_of
from impasto.training.stylemaster.lessons import motion_lesson
from impasto.training.stylemaster.parts import PartRun, Progress, train_part
from impasto.weights.paths import cache_dir, weights_file

RECIPE = "stylemaster-motion"
REAL = ("still-photo-", "window-")
"""How the names of real clips begin: the adapter is also to lead away from the look of the real."""

MOTION = PartRun(part="motion", steps=300, batch=8, rates=DropRates(text=0.1))


def still_look(name: str, frames_THWC: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
    """The first frame of a real clip, standing still for as long as clips of the base are."""
    if not name.startswith(REAL):
        return {}
    return {"still": latent_of(as_frames(frames_THWC[:1]).expand(NANO.frames, -1, -1, -1))}


def motion_aspect() -> Aspect:
    """Raises `ModelError` where the autoencoder is missing."""
    return Aspect(shard_folder(f"{RECIPE}-{content_key([weights_file(VAE)], NANO.frames, REAL)}"), RECIPE, still_look)


def motion_model(config: MotionConfig, seed: int = 0) -> StyleMaster:
    """The nano base with the adapter at full strength; raises `ModelError` where the base is missing."""
    torch.manual_seed(seed)
    model = StyleMaster(embedded_base(), "nano", StyleMasterConfig(tokens=None, motion=config, control=None))
    model.set_alpha(1)
    return model


def train(
    run: PartRun = MOTION, config: MotionConfig | None = None, output: Path | None = None
) -> Iterator[Made | Progress]:
    """Train; writes `output`, by default in the cache folder. Raises as `train_part` does."""
    config = config or MotionConfig()
    output = output or cache_dir() / "stylemaster" / "motion.safetensors"
    key = f"{config} {content_key([weights_file(BASE)])}"
    yield from train_part(run, motion_model(config, run.seed), motion_aspect(), motion_lesson, key, output)
