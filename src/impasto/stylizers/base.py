"""The interface that every method implements, and the registry of methods.

Legend: T frames, H height, W width. Frames are numpy float32 RGB [H, W, 3] in [0, 1].
A stylizer that conforms passes tests/test_stylizer_conformance.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from impasto.errors import InputError, ModelError, UnsupportedOption
from impasto.guidance import Guidance
from impasto.video.blank import Canvas
from impasto.weights.hub import HubModel

FrameArray = NDArray[np.float32]
State = dict[str, np.ndarray]
"""Arrays carried from one segment of a shot to the next; empty at the first frame of a shot. Saved with each finished
segment, so that another process goes on from there."""
Preset = Literal["draft", "standard", "high"]


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a model takes and needs, as data that a caller can ask before it runs."""

    takes: frozenset[str]
    """Kinds of guidance, named as in `Guidance.given`."""
    needs: frozenset[str] = frozenset()
    """At least one of these must be given; empty means nothing is required."""
    has_style: bool = False
    """The model has its style inside, so there need be nothing to go by."""
    multiple_of: int = 1
    """Width and height that the model works at; the model itself pads and crops back."""
    presets: tuple[Preset, ...] = ("draft", "standard", "high")
    working_pixels: int | None = None
    """Pixels of a frame that the model works at, where it is not the source's own size."""
    repaints: bool = True
    """Whether there may be something to repaint; if not, it only makes clips of its own."""
    canvas: Canvas | None = None
    """What it makes from a description alone, where nothing else is said; None: it only repaints."""


class ShotFrames(Protocol):
    """Random access to the frames of one shot, for statistics and adapting."""

    @property
    def count(self) -> int:
        """Frames in the shot, at least 1."""
        ...

    @property
    def start(self) -> int:
        """Number of the shot's first frame in its clip."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        ...

    @property
    def clip(self) -> "ShotFrames":
        """All frames of the video that the shot is a part of; the shot itself where there is no more."""
        ...

    @property
    def blank(self) -> bool:
        """There is nothing to repaint: the frames are to be made from the guidance alone."""
        ...

    def sample(self, indices: Iterable[int]) -> Iterator[FrameArray]:
        """Frames of the shot by index (0 = first), in the order asked for; decodes again, so ask once.

        Where the order is that of the shot, no more than one is in memory.
        """
        ...


class Stylizer(Protocol):
    """A method that repaints the frames of one shot.

    Call `prepare` once for each shot, then `stylize` once for each segment of it, in order.
    """

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Make ready for one shot; may read its frames (colour statistics, adapting). `progress` takes 0..1."""
        ...

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Yield one repainted frame for each frame, in order and of the same size; updates `state` in place."""
        ...


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a model takes, told before it is loaded."""

    memory_bytes: int
    """Of the machine's memory, beside what every run takes."""
    device_bytes: int
    """Of the accelerator's memory."""
    lines: tuple[str, ...]
    """How it is made to fit, for people."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """What a kind of control needs beside its model."""

    weights: tuple[str, ...] = ()
    hub: tuple[HubModel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Model:
    """A registry entry."""

    name: str
    family: str
    summary: str
    licence: str
    source: Literal["embedded", "hub", "file"]
    experimental: bool = False
    """Not yet measured to be as good as it should be."""
    weights: tuple[str, ...] = ()
    """Names of the files that it needs, as `impasto.weights.paths.weights_file` finds them."""
    hub: tuple[HubModel, ...] = ()
    """Published networks that it needs; `load` fetches what is missing of them, where that is allowed."""
    controls: Mapping[str, Files] = field(default_factory=dict)
    """What it can be led by in the source, by the name that `Guidance.control` has for it."""
    refining: HubModel | None = None
    """One that it needs as well where the prompt is to be refined."""
    capabilities: Capabilities
    needs: Callable[[tuple[int, int], int, Guidance], Needs] | None = None
    """From the (width, height) that it works at, the frames of the clip, and what it is to go by; raises
    `ResourceError` where what is free does not do. None: it needs little."""
    remarks: Callable[[Guidance], Iterable[str]] | None = None
    """What is to be told of guidance that the model takes, before it is loaded; None: nothing."""
    load: Callable[[Preset], Stylizer]

    def under(self, guidance: Guidance) -> "Model":
        """The same, with the files that it needs for what this guidance controls and refines."""
        files = [self.controls[name] for name in dict.fromkeys(guidance.control) if name in self.controls]
        weights = dict.fromkeys([*self.weights, *(name for each in files for name in each.weights)])
        hub = dict.fromkeys([*self.hub, *(model for each in files for model in each.hub)])
        if self.refining and guidance.refine:
            hub[self.refining] = None
        return replace(self, weights=tuple(weights), hub=tuple(hub))


def check_guidance(model: Model, guidance: Guidance) -> None:
    """Raise `InputError` where nothing is given to go by, `UnsupportedOption` where the model cannot take what is."""
    to_go_by = guidance.given & {"prompt", "style", "first frame", "keyframes"}
    if not to_go_by and not model.capabilities.has_style:
        raise InputError("Nothing to go by: give --style PICTURE_OR_NAME, --prompt TEXT or --first-frame PICTURE.")
    for refused in sorted(guidance.given - model.capabilities.takes):
        raise UnsupportedOption(
            f"Model {model.name!r} does not take {refused}; it takes {', '.join(sorted(model.capabilities.takes))}."
        )
    for name in guidance.control:
        if name not in model.controls:
            raise UnsupportedOption(
                f"Control {name!r} is unknown; model {model.name!r} has {', '.join(model.controls)}."
            )
    if model.capabilities.needs and not guidance.given & model.capabilities.needs:
        raise InputError(f"Model {model.name!r} needs one of: {', '.join(sorted(model.capabilities.needs))}.")


def unknown_model(name: str, known: Iterable[str]) -> ModelError:
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known models: {', '.join(names)}."
    return ModelError(f"Unknown model {name!r}; {hint}")
