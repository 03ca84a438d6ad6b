"""The options that `stylize`, `plan` and `generate` share."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from impasto.guidance import Guidance
from impasto.job.request import Request
from impasto.job.shotlist import read_shot_list
from impasto.job.values import parse_keyframe, parse_rate, parse_style
from impasto.stylizers.base import Preset
from impasto.stylizers.registry import DEFAULT_MODEL
from impasto.video.blank import Canvas

Switch = Parameter(negative=())


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """What it is to look like."""

    style: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = ()
    """A picture or the name of a style; repeat it to mix. STYLE=0.3 gives a weight, 0:07=STYLE a time to start."""
    prompt: str | None = None
    """A description of the wanted look; for `generate`, of what is to be seen."""
    model: str = DEFAULT_MODEL
    """A name that `impasto models` lists, or a file: of `impasto learn`, or a token LoRA of DreamStyle's."""
    preset: Preset = "standard"
    """How much time to take for how much quality."""
    seed: int = 0
    """The same seed gives the same result."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What every run takes that writes a video."""

    fps: str | None = None
    """Frames per second of a folder of frames, or of what is made, such as 24 or 30000/1001."""
    codec: str | None = None
    """h264, hevc, av1, prores or ffv1; by default what the extension of the output asks for."""
    crf: int | None = None
    """Quality of the encoder: smaller is better and larger in bytes."""
    overwrite: Annotated[bool, Switch] = False
    """Begin anew, and replace the output if it exists; the old one stays until the new one is complete. A run that was
    stopped goes on without it, and may then replace what it might have replaced at its beginning."""

    @property
    def of_request(self) -> dict[str, Any]:
        """Fields of `Request`; raises `UnsupportedOption` for a rate that is none."""
        return {
            "fps": parse_rate(self.fps),
            "codec": self.codec,
            "crf": self.crf,
            "overwrite": self.overwrite,
            "command": tuple(sys.argv),
        }


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CommonOptions(FileOptions, LookOptions):
    """What a run takes, whether something is repainted or made."""

    def common_request(self, source: Path | Canvas, output: Path, **guidance: Any) -> Request:
        """The run of these options, with other fields of `Guidance`; raises `InputError` for a value that is wrong."""
        return Request(
            source=source,
            output=output,
            guidance=Guidance(
                prompt=self.prompt,
                styles=tuple(parse_style(text) for text in self.style),
                seed=self.seed,
                **guidance,
            ),
            model=self.model,
            preset=self.preset,
            **self.of_request,
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Options(CommonOptions):
    """What to go by and how."""

    first_frame: Path | None = None
    """The first frame as you painted it; the rest follows."""
    keyframe: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = ()
    """TIME=PICTURE: a painted frame at its time; repeat it for more."""
    refine: Annotated[bool, Switch] = False
    """Lead the style of the prompt on by CLIP, a network of the hub that knows more words."""
    mask: Path | None = None
    """A picture, or a video as long as the source: white is repainted, black stays, gray is half of each."""
    control: str | None = None
    """What to hold on to in the source: depth, pose, or both with a comma."""
    strength: float = 1.0
    """0 is the source, 1 the full style."""
    structure: float = 0.0
    """0 leaves edges and detail to the model, 1 keeps those of the source."""
    preserve_color: Annotated[bool, Switch] = False
    """Keep the colours of the source."""
    shots: Path | None = None
    """Shot list of `impasto shots`, as you edited it: its cuts, and styles and prompts of single shots."""

    def request(self, source: Path, output: Path) -> Request:
        """The run that these options ask for; raises `InputError` for a value that cannot be understood."""
        request = self.common_request(
            source,
            output,
            first_frame=self.first_frame,
            keyframes=tuple(parse_keyframe(text) for text in self.keyframe),
            refine=self.refine,
            mask=self.mask,
            strength=self.strength,
            structure=self.structure,
            preserve_color=self.preserve_color,
            control=tuple(name.strip() for name in self.control.split(",")) if self.control else (),
        )
        return replace(request, shots=read_shot_list(self.shots)) if self.shots else request
