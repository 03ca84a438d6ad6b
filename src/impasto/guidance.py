"""What the user goes by: a description, pictures, painted frames, and how much of them."""

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Style:
    """A picture (`image`) or a named style (`name`), one of the two."""

    image: Path | None = None
    name: str | None = None
    weight: float = 1.0
    """Share among the styles of the same time; positive, normalised by the model."""
    start: Fraction = Fraction(0)
    """Seconds from which on the style holds, until one with a later start. The run sees to it, with every model."""


@dataclass(frozen=True, kw_only=True)
class Keyframe:
    """A painted frame and the time (seconds) of the source frame that it repaints."""

    time: Fraction
    image: Path
    frame: int = 0
    """The number of that source frame, once the source has been read. The run sees to it."""


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """All that steers one run; any mix is legal, and a model says in its capabilities what it takes."""

    prompt: str | None = None
    styles: tuple[Style, ...] = ()
    first_frame: Path | None = None
    keyframes: tuple[Keyframe, ...] = ()
    mask: Path | None = None
    """Picture or video: white is repainted, black stays. The run sees to it, so that every model takes one."""
    guide: Path | None = None
    """Video, frame by frame with the source, whose motion is that of the source: it as it was before it was painted."""
    strength: float = 1.0
    """0 gives the source back, 1 the full style."""
    structure: float = 0.0
    """0 leaves edges and detail to the model, 1 keeps them as in the source."""
    preserve_color: bool = False
    refine: bool = False
    """The style of the prompt is led on by a published network that knows more words."""
    control: tuple[str, ...] = field(default=())
    seed: int = 0

    @property
    def painted_frames(self) -> tuple[Keyframe, ...]:
        """The keyframes in the order of their times, the first frame among them."""
        first = () if self.first_frame is None else (Keyframe(time=Fraction(0), image=self.first_frame),)
        return tuple(sorted((*first, *self.keyframes), key=lambda keyframe: keyframe.time))

    def going_by(self, styles: tuple[Style, ...], prompt: str | None) -> "Guidance":
        """The same with these styles and this prompt, and none of its own."""
        return replace(self, styles=styles, prompt=prompt, refine=self.refine and prompt is not None)

    @property
    def given(self) -> frozenset[str]:
        """Names of the kinds of guidance that are present, as `Capabilities.takes` names them."""
        present = {
            "prompt": bool(self.prompt),
            "style": bool(self.styles),
            "mixed styles": any(count > 1 for count in Counter(style.start for style in self.styles).values()),
            "first frame": self.first_frame is not None,
            "keyframes": bool(self.keyframes),
            "structure": self.structure > 0,
            "preserve color": self.preserve_color,
            "refine": self.refine,
            "control": bool(self.control),
            "guide": self.guide is not None,
        }
        return frozenset(name for name, there in present.items() if there)
