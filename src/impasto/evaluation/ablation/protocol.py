"""What rows are trained and compared with: all that decides a figure."""

from dataclasses import dataclass, field, replace

from impasto.diffusion.configs import NANO
from impasto.stylizers.base import Preset
from impasto.stylizers.stylemaster.guidance import Scales
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.nano import SCALES
from impasto.stylizers.stylemaster.projector import ProjectorConfig
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.stylemaster.motion import MOTION
from impasto.training.stylemaster.parts import PartRun
from impasto.training.stylemaster.projector import ProjectorRun
from impasto.training.stylemaster.style import STYLE
from impasto.training.stylemaster.tile import CONTROL

SHARDS = 16
"""Of clips, as many as pieces see once or twice: half a thousand."""
# Each piece is to take ten minutes of two cores at most.
SHORT_STYLE = replace(STYLE, steps=200, batch=4, shards=SHARDS)
SHORT_MOTION = replace(MOTION, steps=150, batch=4, shards=SHARDS)
SHORT_CONTROL = replace(CONTROL, steps=150, batch=4, shards=SHARDS)


@dataclass(frozen=True, kw_only=True)
class AblationProtocol:
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of weights, of what is learned from in which order, and of the noise that is painted from."""
    projector: ProjectorRun = field(default_factory=ProjectorRun)
    style: PartRun = SHORT_STYLE
    motion: PartRun = SHORT_MOTION
    control: PartRun = SHORT_CONTROL
    tokens: TokenConfig = field(default_factory=TokenConfig)
    """Sizes; where style is read from, and which patches are kept, is what rows differ in."""
    adapter: MotionConfig = field(default_factory=MotionConfig)
    preset: Preset = "standard"
    scales: Scales = SCALES
    styles: tuple[str, ...] = (
        "nst-vg-olive",
        "classic-gordic_mosaic",
        "classic-aivis_pencil-sketch",
        "aic-20535-claude-monet-tretat-the-beach-and-the-falaise",
    )
    """Of `eval/styles`; each with every prompt, and with every clip."""
    prompts: tuple[str, ...] = ("a red ball rolls to the right over a green field", "a boat sails on the sea")
    clips: tuple[tuple[str, str], ...] = (
        ("davis_dance-twirl", "a woman dances and turns in the street"),
        ("davis_horsejump-high", "a rider on a horse jumps over a fence"),
    )
    """Of `eval/videos`, that are repainted, in our words."""
    frames: int = NANO.frames
    every: int = 3
    """Frames of a clip of which one is repainted: clips have 24 a second, what the base paints has 8."""
    size: tuple[int, int] = (256, 144)
    """(width, height) of what is made; clips have this width."""


QUICK = AblationProtocol(
    seeds=(0,),
    projector=ProjectorRun(epochs=1),
    style=replace(SHORT_STYLE, steps=1, batch=1, held=1, shards=1),
    motion=replace(SHORT_MOTION, steps=1, batch=1, held=1, shards=1),
    control=replace(SHORT_CONTROL, steps=1, batch=1, held=1, shards=1),
    tokens=TokenConfig(
        width=16,
        count=2,
        projector=ProjectorConfig(hidden=16, depth=1, size=16),
        texture=QFormerConfig(width=16, depth=1, heads=2),
    ),
    adapter=MotionConfig(rank=2),
    preset="draft",
    styles=AblationProtocol.styles[:1],
    prompts=AblationProtocol.prompts[:1],
    clips=AblationProtocol.clips[:1],
    frames=9,
    every=1,
    size=(48, 32),
)
"""To see that everything runs; the figures mean nothing."""
