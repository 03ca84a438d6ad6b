"""The options that `stylize` and `plan` share."""

import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance
from impasto.job.request import Request
from impasto.job.shotlist import read_shot_list
from impasto.job.values import parse_keyframe, parse_style
from impasto.stylizers.base import Preset
from impasto.stylizers.registry import DEFAULT_MODEL

Switch = Parameter(negative=())


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Options:
    """What to go by and how."""

    style: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = ()
    """A picture or the name of a style; repeat it to mix. STYLE=0.3 gives a weight, 0:07=STYLE a time to start."""
    prompt: str | None = None
    """A description of the wanted look."""
    first_frame: Path | None = None
    """The first frame as you painted it; the rest follows."""
    keyframe: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = ()
    """TIME=PICTURE: a painted frame at its time; repeat it for more."""
    mask: Path | None = None
    """A picture, or a video as long as the source: white is repainted, black stays, gray is half of each."""
    control: str | None = None
    """What to hold on to in the source: depth, pose, or both with a comma."""
    model: str = DEFAULT_MODEL
    """A name that `impasto models` lists, or a file that `impasto learn` made."""
    preset: Preset = "standard"
    """How much time to take for how much quality."""
    strength: float = 1.0
    """0 is the source, 1 the full style."""
    structure: float = 0.0
    """0 leaves edges and detail to the model, 1 keeps those of the source."""
    preserve_color: Annotated[bool, Switch] = False
    """Keep the colours of the source."""
    seed: int = 0
    """The same seed gives the same result."""
    shots: Path | None = None
    """Shot list of `impasto shots`, as you edited it: its cuts, and its styles for shots that have one."""
    fps: str | None = None
    """Frames per second of a folder of frames, such as 24 or 30000/1001."""
    codec: str | None = None
    """h264, hevc, av1, prores or ffv1; by default what the extension of the output asks for."""
    crf: int | None = None
    """Quality of the encoder: smaller is better and larger in bytes."""
    overwrite: Annotated[bool, Switch] = False
    """Replace the output if it exists; the old one stays until the new one is complete."""

    def request(self, source: Path, output: Path) -> Request:
        """The run that these options ask for; raises `InputError` for a value that cannot be understood."""
        guidance = Guidance(
            prompt=self.prompt,
            styles=tuple(parse_style(text) for text in self.style),
            first_frame=self.first_frame,
            keyframes=tuple(parse_keyframe(text) for text in self.keyframe),
            mask=self.mask,
            strength=self.strength,
            structure=self.structure,
            preserve_color=self.preserve_color,
            control=tuple(self.control.split(",")) if self.control else (),
            seed=self.seed,
        )
        return Request(
            source=source,
            output=output,
            guidance=guidance,
            model=self.model,
            preset=self.preset,
            fps=_parse_rate(self.fps),
            codec=self.codec,
            crf=self.crf,
            overwrite=self.overwrite,
            shots=read_shot_list(self.shots) if self.shots else None,
            command=tuple(sys.argv),
        )


def _parse_rate(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise UnsupportedOption(f"--fps {text!r} is not a frame rate; give a number such as 24 or 30000/1001.")
    return rate
