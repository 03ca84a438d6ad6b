"""Recipe of DreamStyle, by default of the file that `dreamstyle-nano` ships with: stages one after the other.

Run: `impasto train dreamstyle-nano`, after `nano-base`, `clip-nano`, `dreamstyle-stills`, and `dreamstyle-pairs` or
`dreamstyle-curated`. It goes on where it was stopped, and a further run from what the last one wrote.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.published import NANO_FILE
from impasto.training.csdpictures import Progress as Made
from impasto.training.dreamstyle.ground import Ground, nano_ground
from impasto.training.dreamstyle.lessons import SHARES
from impasto.training.dreamstyle.sight import SightConfig
from impasto.training.dreamstyle.stages import Progress, Stage, train_stage
from impasto.training.group import Group
from impasto.weights.paths import EMBEDDED, cache_dir

# Departures: what a style does is learned from stills first, and estimates are looked at.
STILLS = Stage(
    name="stills",
    pool="stills",
    shares=(0.25, 0.75, 0),  # the first frame of a still is all of it
    steps=800,
    batch=12,
    rate=1e-3,
    optimizer="muon",
    sight=SightConfig(weight=0.5, every=3),
)
CT = replace(STILLS, name="CT", pool="clips", shares=SHARES, steps=150, batch=4, sight=SightConfig(weight=1.0, side=8))
SFT = replace(CT, name="SFT", pool="best", steps=30, rate=3e-4)
"""The paper: 6000 and 3000 steps of 16 clips at 4e-5."""


@dataclass(frozen=True)
class Run:
    # Departure: image channels and picture branch learn too, since the nano base hardly knows what to make of them.
    config: DreamStyleConfig = field(default_factory=lambda: DreamStyleConfig(rank=24, entrance=True))
    # Departure: without SFT, after which csd-nano was lower both times; half a hundred pairs are too few.
    stages: Sequence[Stage] = (STILLS, CT)


@dataclass(frozen=True)
class Embedded:
    file: str
    bytes: int


def train(
    run: Run | None = None, output: Path = EMBEDDED / NANO_FILE, ground: Ground | None = None
) -> Iterator[Made | Progress | Embedded]:
    """Train all stages, one from the other's result; writes `output`, matrices as bytes. Raises as `train_stage` does.

    The first goes on from what `output` has. What each stage leaves in the cache folder is named by the output.
    """
    run, ground = run or Run(), ground or nano_ground()
    learned = output if output.exists() else None
    for stage in run.stages:
        path = cache_dir() / "dreamstyle" / f"{output.stem}-{stage.name.lower()}.safetensors"
        yield from train_stage(stage, run.config, ground, path, learned)
        learned = path
    if learned is not None and Group().first:
        DreamStyle.from_file(ground.transformer(), ground.base, learned).save(output, as_bytes=True)
        yield Embedded(str(output), output.stat().st_size)
