"""Recipe of the ControlNets for depth and for pose on the nano base, taught by the exact ones of rendered scenes.

Run: `impasto train control-depth` and `impasto train control-pose`, after `nano-base`. They learn beside the base as it
is, from its own latents: a scene, or the same scene drawn by a hand of code, is painted by its control pictures and its
text, half the time by its first frame as well. So one ControlNet serves to animate a first frame and to repaint.

Legend: T frames, H height, W width.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.conditions import DropRates
from impasto.diffusion.controls import PART, ControlledBase
from impasto.perception.control.exact import world_pictures
from impasto.perception.control.pictures import ControlKind
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS
from impasto.training.csdpictures import Progress as Made
from impasto.training.nano.batches import batch_of
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.nano.sources import scene_world
from impasto.training.stylemaster.aspects import Aspect, Look, Seen
from impasto.training.stylemaster.framelatents import as_frames
from impasto.training.stylemaster.ground import Ground, nano_ground
from impasto.training.stylemaster.parts import Batch, Lesson, Parted, PartRun, Progress, train_part
from impasto.weights.paths import EMBEDDED, cache_dir

SCENE = re.compile(r"(?:^|-)scene-(\d+)$")
"""How the names of clips end that show a rendered scene, drawn by a hand or not."""
CONTROL = PartRun(
    part=PART,
    steps=200,
    batch=4,
    rate=1e-3,
    optimizer="muon",
    # First frame and text are dropped as where the base was taught.
    rates=DropRates(text=0.1, picture=0.5, image=0.5),
)


@dataclass(frozen=True)
class Embedded:
    file: str
    bytes: int


def train(
    kind: ControlKind, run: PartRun = CONTROL, output: Path | None = None, ground: Ground | None = None
) -> Iterator[Made | Progress | Embedded]:
    """Train on the nano base; writes `output`, matrices as bytes, by default among the embedded weights.

    Raises:
        InputError: there are no clips.
        ModelError: weights are missing.
    """
    ground, output = ground or nano_ground(), output or EMBEDDED / NANO_CONTROLS[kind]
    torch.manual_seed(run.seed)
    model = ControlledBase(ground.transformer(), ground.base, [kind])
    learned = cache_dir() / "control" / f"{output.stem}.safetensors"
    yield from train_part(run, model, control_aspect(kind, ground), animation_lesson, f"{kind} {ground.key}", learned)
    model.load({kind: learned})
    model.format.write(output, model.adapters(), as_bytes=True)
    yield Embedded(str(output), output.stat().st_size)


def control_aspect(kind: ControlKind, ground: Ground) -> Aspect:
    """The exact control pictures of all rendered clips, as latents."""
    key = content_key([], ground.latents.name, kind)
    return Aspect(shard_folder(f"control-{kind}-{key}"), f"control-{kind}", control_look(kind, ground), ground)


def control_look(kind: ControlKind, ground: Ground) -> Look:
    """See the control pictures of a rendered scene; other clips, and scenes that show nobody's pose, do not serve."""

    def look(name: str, frames_THWC: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
        scene = SCENE.search(name)
        if not scene:
            return {}
        frames, height, width, _ = frames_THWC.shape
        pictures = world_pictures(scene_world(int(scene[1]), (height, width), frames), kind)
        return {"control": ground.latent(as_frames(torch.from_numpy(pictures)))} if pictures.any() else {}

    return look


def animation_lesson(model: Parted, empty_text_LD: Tensor, device: torch.device) -> Lesson:
    """Clips by `control`, text and first frame."""

    def lesson(chosen: Sequence[Seen], rng: np.random.Generator) -> Batch:
        captions = [int(rng.integers(len(one.example.captions))) for one in chosen]
        frames = chosen[0].example.shape[0]
        batch = batch_of([one.example for one in chosen], captions, frames, empty_text_LD).to(device)
        control = torch.stack([one.read("control") for one in chosen]).to(device)
        return Batch(batch.latents, replace(batch.conditions, control=control))

    return lesson
