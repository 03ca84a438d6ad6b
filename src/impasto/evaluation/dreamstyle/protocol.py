"""What rows are trained and compared with: all that decides a figure."""

from dataclasses import dataclass, field, replace

from impasto.diffusion.configs import NANO
from impasto.stylizers.base import Preset
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.nano import SCALES
from impasto.training.dreamstyle.recipe import CT, SFT
from impasto.training.dreamstyle.stages import Stage

# As published, from clips and by the error of velocities alone; both together are to take ten minutes of two cores at
# most.
SHORT_CT = replace(CT, steps=100, sight=None)
SHORT_SFT = replace(SFT, steps=40, sight=None)


@dataclass(frozen=True, kw_only=True)
class DreamStyleProtocol:
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of weights, of what is learned from in which order, and of the noise that is painted from."""
    ct: Stage = SHORT_CT
    sft: Stage = SHORT_SFT
    config: DreamStyleConfig = field(default_factory=lambda: DreamStyleConfig(rank=16))
    """What rows differ from."""
    preset: Preset = "draft"
    scales: Scales = SCALES
    styles: tuple[tuple[str, str], ...] = (
        ("classic-aivis_pencil-sketch", "pencil sketch"),
        ("classic-gordic_mosaic", "mosaic"),
    )
    """Of `eval/styles`, each with every clip, and what it is called."""
    clips: tuple[tuple[str, str], ...] = (
        ("davis_dance-twirl", "a woman dances and turns in the street"),
        ("davis_horsejump-high", "a rider on a horse jumps over a fence"),
    )
    """Of `eval/videos`, in our words."""
    frames: int = NANO.frames
    width: int = 256


QUICK = DreamStyleProtocol(
    seeds=(0,),
    ct=replace(SHORT_CT, steps=1, batch=1, held=1, followed=1),
    sft=replace(SHORT_SFT, steps=1, batch=1, held=1, followed=1),
    config=DreamStyleConfig(rank=2),
    styles=DreamStyleProtocol.styles[:1],
    clips=DreamStyleProtocol.clips[:1],
    frames=5,
    width=48,
)
"""To see that everything runs; the figures mean nothing."""
