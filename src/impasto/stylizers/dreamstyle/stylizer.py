"""`dreamstyle` as a stylizer: clips in windows, from noise, along the raw video, text, style pictures and first frame.

Legend: B clips, C latent channels, L text tokens, N picture tokens, D channels of tokens, T frames, K known frames, t
latent frames of h x w, H height, W width.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.controls import joined
from impasto.diffusion.memory import out_of_memory_told
from impasto.diffusion.sampling import denoise, schedule
from impasto.diffusion.shapes import SIDE_STEP, crop, pad, whole_side
from impasto.diffusion.windows import Frames, Windows, holding, in_windows
from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray, Preset, ShotFrames, State
from impasto.stylizers.dreamstyle.anchor import anchored
from impasto.stylizers.dreamstyle.controlling import Controlling, LoadControls, chosen_kinds, fit
from impasto.stylizers.dreamstyle.given import Extra, Given
from impasto.stylizers.dreamstyle.guidance import Scales, steered
from impasto.stylizers.dreamstyle.looks import painted_frame, read_first, read_style, style_pictures
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.resizing import Resizing, as_clip, as_frames
from impasto.video.sizes import working_size
from impasto.weights.precision import autocast

STEPS: Mapping[Preset, int] = {"draft": 8, "standard": 16, "high": 40}
"""Of the solver, for Wan."""
Chaining = Literal["overlap", "last frame"]
"""How a window goes on from the one before: from some of its last frames, painted, in the place of the raw ones
(EchoStyle); or from its very last as the first frame (DreamStyle)."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """All networks that paint, at one size."""

    model: DreamStyle
    autoencoder: Autoencoder
    look: Callable[[Tensor], Tensor]
    """Picture tokens [B, N, D] of pictures [B, 3, H, W] in [0, 1]."""
    read: Callable[[Sequence[str]], Tensor]
    """Features [B, L, D] of texts, zeros after the shorter ones."""
    shift: float
    """Of the noise levels."""
    pixels: int
    """Of a frame that it works at, about."""
    windows: Windows
    """Those of the chaining `overlap`."""
    scales: Scales
    device: torch.device
    chaining: Chaining = "overlap"
    anchored: bool = True
    """Whether colours are held to those of the first window."""
    steps: Mapping[Preset, int] = field(default_factory=lambda: STEPS)
    """Of the solver."""
    control: LoadControls | None = None
    """Loads what leads by depth and pose; None: nothing does."""


@dataclass(frozen=True)
class _Shot:
    """What is the same for all windows of a shot."""

    given: Given
    """Without the raw video, and with noise that is yet to be drawn."""
    scales: Scales


class DreamStyleStylizer:
    """The stylizer; see `impasto.stylizers.base.Stylizer`."""

    def __init__(self, preset: Preset, engine: Engine) -> None:
        self._engine, self._steps = engine, engine.steps[preset]
        self._resizing = Resizing((0, 0), Guidance())
        self._shot: _Shot | None = None
        self._controlling: Controlling | None = None

    @torch.no_grad()
    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Read prompt, style pictures and painted frame.

        A painting of a frame of another shot is a style picture in this one.

        Raises:
            ModelError: a ControlNet, or what estimates its pictures, is missing or cannot be read.
            UnreadableInput: a picture cannot be read.
            UnsupportedOption: a style has a name and no picture, or the painting is of another scene.
        """
        engine = self._engine
        self._resizing = Resizing(working_size(*shot.size, engine.pixels, SIDE_STEP), guidance)
        size = whole_side(self._resizing.size[0]), whole_side(self._resizing.size[1])
        styles = [(read_style(path, size), weight) for path, weight in style_pictures(guidance)]
        first = None
        if keyframe := painted_frame(guidance):
            if keyframe.frame == shot.start:
                first = _padded(read_first(keyframe, shot, self._resizing.size))
            else:
                styles.append((read_style(keyframe.image, size), 1.0))
        progress(0.3)
        self._control(guidance, shot)
        progress(0.5)
        text, empty = engine.read([guidance.prompt or "", ""]).to(engine.device).split(1)
        pictures = ([] if first is None else [first]) + [picture for picture, _ in styles]
        given = Given(
            text=text,
            empty_text=empty,
            raw=text.new_zeros(1, 0, 0, 0, 0),
            first=None if first is None else self._extra([first]),
            style=self._extra([picture for picture, _ in styles]) if styles else None,
            weights=tuple(weight for _, weight in styles),
            picture=self._tokens(pictures),
        )
        # Without a prompt there is no text to lead to.
        scales = engine.scales if guidance.prompt else engine.scales._replace(text=1.0)
        self._shot = _Shot(given, scales)
        progress(1.0)

    def _control(self, guidance: Guidance, shot: ShotFrames) -> None:
        engine, kinds = self._engine, chosen_kinds(guidance.control)
        self._controlling = engine.control(kinds) if engine.control and kinds else None
        engine.model.control_by(self._controlling and self._controlling.nets)
        if self._controlling:
            fit(self._controlling, shot, self._resizing)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Paint the frames of a segment, a window at a time; `state` carries what the next goes on from."""
        windows = self._engine.windows
        if self._engine.chaining == "last frame":
            windows = replace(windows, overlap=1)
        width, height = self._resizing.size

        def paint(sources: Frames, known: Frames) -> Frames:
            number = int(state.get("window", 0))
            state["window"] = np.array(number + 1)
            with out_of_memory_told(f"painting {len(sources)} frames of {width}x{height}"):
                painted = self._paint(sources, known, number)
            return anchored(sources, painted, state) if self._engine.anchored else painted

        return self._resizing.through(frames, lambda small: in_windows(small, windows, paint, state))

    @torch.no_grad()
    def _paint(self, sources: Frames, known: Frames, number: int) -> Frames:
        engine = self._engine
        assert self._shot is not None, "prepare first"
        raw = engine.autoencoder.encode(pad(as_clip(sources, engine.device)))
        # Drawn on the CPU, so that a seed means the same on every device.
        generator = torch.Generator().manual_seed(self._resizing.guidance.seed * 1_000_003 + number)
        noise = torch.randn(raw.shape, generator=generator).to(raw)
        given, held = replace(self._shot.given, raw=raw, control=self._control_latents(sources)), raw[:, :, :0]
        if len(known):
            painted = engine.autoencoder.encode(pad(as_clip(known, engine.device)))
            if engine.chaining == "overlap":
                held = painted
                raw = torch.cat([painted, raw[:, :, painted.shape[2] :]], 2)
                given = replace(given, raw=raw, known=painted.shape[2])
            if engine.chaining == "last frame" or given.first is not None:
                given = self._begun(given, known[:1], painted[:, :, :1])
        given = replace(given, first=_noised(given.first, generator), style=_noised(given.style, generator))
        with autocast(engine.device, engine.model.transformer.dtype):
            velocity = steered(engine.model.velocity, given, self._shot.scales, generator)
            *_, last = denoise(holding(velocity, held, noise), noise, schedule(self._steps, engine.shift))
        return as_frames(crop(engine.autoencoder.decode(last.latents), *sources.shape[:3]))

    def _control_latents(self, sources: Frames) -> Tensor | None:
        if self._controlling is None:
            return None
        clips = (
            [np.divide(one, 255, dtype=np.float32) for one in map(e, sources)] for e in self._controlling.estimators
        )
        encode, device = self._engine.autoencoder.encode, self._engine.device
        return joined(encode(pad(as_clip(np.stack(pictures), device))) for pictures in clips)

    def _extra(self, pictures: Sequence[Tensor]) -> Extra:
        """Pictures as frames, each encoded by itself; the noise is drawn for each window."""
        encode = self._engine.autoencoder.encode
        latents = torch.cat([encode(picture.unsqueeze(2).to(self._engine.device)) for picture in pictures], 2)
        return Extra(latents, latents)

    def _tokens(self, pictures: Sequence[Tensor]) -> Tensor | None:
        """[1, N, D] of all pictures, one after the other; None where there are none, or the model takes none."""
        if not pictures or not self._engine.model.config.pictures:
            return None
        return torch.cat([self._engine.look(picture).to(self._engine.device) for picture in pictures], 1)

    def _begun(self, given: Given, frame: Frames, latents: Tensor) -> Given:
        """The same with the first frame of this window as it is painted, in place of that of the first window."""
        tokens = self._tokens([pad(as_clip(frame, self._engine.device))[:, :, 0]])
        if tokens is not None and given.style is not None and given.picture is not None:
            tokens = torch.cat([tokens, given.picture[:, -tokens.shape[1] * given.style_frames :]], 1)
        return replace(given, first=Extra(latents, latents), picture=tokens)


def _padded(picture_13HW: Tensor) -> Tensor:
    return pad(picture_13HW.unsqueeze(2)).squeeze(2)


def _noised(extra: Extra | None, generator: torch.Generator) -> Extra | None:
    if extra is None:
        return None
    return Extra(extra.latents, torch.randn(extra.latents.shape, generator=generator).to(extra.latents))
