"""`stylemaster` as a stylizer: clips in windows, from noise, along text, style and the tile of the source.

Legend: B clips, L text tokens, D channels of tokens, T frames, K known frames, H height, W width.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.conditions import Conditions, no_picture
from impasto.diffusion.memory import out_of_memory_told
from impasto.diffusion.sampling import denoise, schedule
from impasto.diffusion.shapes import SIDE_STEP, crop, latent_shape, pad
from impasto.diffusion.windows import Frames, Windows, holding, in_windows
from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray, Preset, ShotFrames, State
from impasto.stylizers.resizing import Resizing, as_clip, as_frames
from impasto.stylizers.stylemaster.conditions import control_of, style_of
from impasto.stylizers.stylemaster.guidance import Scales, decoupled
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylepicture import style_picture
from impasto.video.sizes import working_size
from impasto.weights.precision import autocast

STEPS: dict[Preset, int] = {"draft": 8, "standard": 16, "high": 40}
"""Of the solver."""
STYLE_SIDE = 256
"""Short side of the style picture when it is looked at."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """All networks that paint, at one size."""

    model: StyleMaster
    autoencoder: Autoencoder
    space: JointSpace
    read: Callable[[Sequence[str]], Tensor]
    """Features [B, L, D] of texts, zeros after the shorter ones."""
    shift: float
    """Of the noise levels."""
    pixels: int
    """Of a frame that it works at, about."""
    windows: Windows
    scales: Scales
    device: torch.device


class StyleMasterStylizer:
    """The stylizer; see `impasto.stylizers.base.Stylizer`."""

    def __init__(self, preset: Preset, engine: Engine) -> None:
        self._engine, self._steps = engine, STEPS[preset]
        self._resizing = Resizing((0, 0), Guidance())
        self._given: Conditions | None = None
        """What is the same for all windows of a shot."""

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Read prompt and style picture; raises `UnreadableInput`, and `UnsupportedOption` for the name of a style."""
        engine, prompt, style = self._engine, guidance.prompt or "", None
        self._resizing = Resizing(working_size(*shot.size, engine.pixels, SIDE_STEP), guidance, shot.blank)
        for chosen in guidance.styles:
            if chosen.image is None:
                raise UnsupportedOption(f"StyleMaster needs a picture, not the named style {chosen.name!r}.")
            picture = style_picture(chosen.image, STYLE_SIDE).to(engine.device)
            with torch.no_grad(), autocast(engine.device, engine.model.transformer.dtype):
                style = style_of(engine.model, engine.space, picture, prompt)
        progress(0.5)
        text, empty = engine.read([prompt, ""]).to(engine.device).split(1)
        self._given = Conditions(text=text, empty_text=empty, style=style)
        progress(1.0)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Paint the frames of a segment, a window at a time; `state` carries the end of the last window."""
        width, height = self._resizing.size

        def paint(sources: Frames, known: Frames) -> Frames:
            number = int(state.get("window", 0))
            state["window"] = np.array(number + 1)
            with out_of_memory_told(f"painting {len(sources)} frames of {width}x{height}"):
                return self._paint(sources, known, number)

        windows = self._engine.windows
        return self._resizing.through(frames, lambda small: in_windows(small, windows, paint, state))

    @torch.no_grad()
    def _paint(self, sources: Frames, known: Frames, number: int) -> Frames:
        engine, given = self._engine, self._given
        assert given is not None, "prepare first"
        clip_B3THW = pad(as_clip(sources, engine.device))
        frames, height, width = clip_B3THW.shape[2:]
        latents = engine.autoencoder.vae.config["z_dim"], *latent_shape(frames, height, width)
        # Drawn on the CPU, so that a seed means the same on every device.
        generator = torch.Generator().manual_seed(self._resizing.guidance.seed * 1_000_003 + number)
        noise = torch.randn(1, *latents, generator=generator).to(engine.device)
        known_latents = noise[:, :, :0]
        if len(known):
            known_latents = engine.autoencoder.encode(pad(as_clip(known, engine.device)))
        control = None
        if not self._resizing.blank:
            control = control_of(engine.model, clip_B3THW[0].transpose(0, 1), self._encode)
        given = replace(given, control=control, **no_picture(engine.model.transformer, noise))
        with autocast(engine.device, engine.model.transformer.dtype):
            velocity = decoupled(engine.model.velocity, given, engine.scales)
            *_, last = denoise(holding(velocity, known_latents, noise), noise, schedule(self._steps, engine.shift))
        return as_frames(crop(engine.autoencoder.decode(last.latents), *sources.shape[:3]))

    def _encode(self, rgb_TCHW: Tensor) -> Tensor:
        return self._engine.autoencoder.encode(rgb_TCHW.transpose(0, 1)[None])
