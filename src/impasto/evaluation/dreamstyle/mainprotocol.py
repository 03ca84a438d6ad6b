"""What the paper's main comparison is made of here: methods, tasks, clips, styles."""

from dataclasses import dataclass
from typing import Literal

from impasto.diffusion.configs import NANO
from impasto.evaluation.dreamstyle.rows import Painter
from impasto.stylizers.base import Preset

NAME = "dreamstyle-main"
Task = Literal["text", "style-image", "first-frame"]
TASKS: dict[Task, str] = {
    "text": "dreamstyle-text",
    "style-image": "dreamstyle-style-image",
    "first-frame": "dreamstyle-first-frame",
}
"""The table of the paper for each, see `impasto.evaluation.papers.columns`."""


@dataclass(frozen=True, kw_only=True)
class Method:
    name: str
    """As of `impasto models`, or `source` and `transport`."""
    tasks: tuple[Task, ...]


METHODS = (
    Method(name="source", tasks=tuple(TASKS)),
    Method(name="transport", tasks=("style-image", "first-frame")),
    Method(name="gatys", tasks=("style-image",)),
    Method(name="swift", tasks=tuple(TASKS)),
    Method(name="stylemaster-nano", tasks=("style-image",)),
    Method(name="dreamstyle-nano", tasks=tuple(TASKS)),
)
"""`source` is the clip itself, `transport` the clip in the colours of the picture by one map for a clip."""
OURS = ("source", "transport")


@dataclass(frozen=True, kw_only=True)
class MainProtocol:
    clips: tuple[tuple[str, str], ...] = (
        ("davis_dance-twirl", "a woman dances and turns in the street"),
        ("davis_horsejump-high", "a rider on a horse jumps over a fence"),
        ("davis_bmx-trees", "a boy rides a bicycle past trees"),
        ("davis_soapbox", "people race in a soapbox down a street"),
        ("sintel_mountain_2", "somebody walks through deep snow before rocky mountains"),
        ("rerender_redhair_woman", "a woman with red hair looks into the camera"),
    )
    """Of `eval/videos`, in our words."""
    styles: tuple[tuple[str, str], ...] = (
        ("classic-aivis_pencil-sketch", "a pencil sketch"),
        ("classic-gordic_mosaic", "a mosaic"),
        ("classic-aivis_cartoon", "a cartoon"),
        ("nst-vg-olive", "an oil painting by Vincent van Gogh"),
    )
    """Of `eval/styles`, each with every clip, and what it is called."""
    frames: int = NANO.frames
    width: int = 256
    preset: Preset = "standard"
    painter: Painter = "gatys"
    """Of the first frames that are followed."""


QUICK = MainProtocol(
    clips=MainProtocol.clips[:1], styles=MainProtocol.styles[:1], frames=5, width=48, preset="draft", painter="swift"
)
"""To see that everything runs; the figures mean nothing."""
