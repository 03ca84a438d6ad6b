"""The nano base under its ControlNets sets a first frame moving, offline and on a CPU.

Legend: T frames, H height, W width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from impasto.curation.animators.animator import Motion
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.configs import NANO
from impasto.diffusion.controls import ControlledBase, joined
from impasto.diffusion.embedded import BASE, embedded_base, embedded_vae, first_frame_channels, read_texts
from impasto.diffusion.guidance import guidance_chain, guided
from impasto.diffusion.sampling import denoise, schedule
from impasto.diffusion.shapes import crop, pad
from impasto.errors import UnsupportedOption
from impasto.job.hashing import sha256_of
from impasto.perception.clipnano import embedded_clip_nano
from impasto.perception.control.pictures import ControlKind
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS
from impasto.stylizers.resizing import as_clip, as_frames
from impasto.weights.paths import weights_file
from impasto.weights.precision import autocast

CPU = torch.device("cpu")
STEPS = 20
SCALE = 3.0
"""Of the guidance by text."""


@dataclass(frozen=True, kw_only=True)
class NanoAnimator:
    """See `impasto.curation.animators.animator.Animator`; the base knows no last frame."""

    model: ControlledBase
    autoencoder: Autoencoder
    look: Callable[[Tensor], Tensor]
    """Picture tokens [B, N, D] of pictures [B, 3, H, W] in [0, 1]."""
    read: Callable[[Sequence[str]], Tensor]
    """Features [B, L, D] of texts."""
    lineage: Mapping[str, Any]
    frames: int = NANO.frames
    """The longest clip."""
    steps: int = STEPS

    @torch.no_grad()
    def __call__(self, motion: Motion) -> np.ndarray:
        """Raises `UnsupportedOption` for a clip that is longer than the base can make."""
        count = len(next(iter(motion.controls.values())))
        if count > self.frames:
            raise UnsupportedOption(
                f"The nano base makes clips of {self.frames} frames, not of {count}; ask for fewer."
            )
        controls = [self._latents(motion.controls[kind]) for kind in self.model.control.kinds]
        text, empty = self.read([motion.text, ""]).split(1)
        conditions = Conditions(
            text=text,
            empty_text=empty,
            picture=self.look(as_clip(_unit(motion.first[None]), CPU)[:, :, 0]),
            image=first_frame_channels(self._latents(motion.first[None]), controls[0].shape[2]),
            control=joined(controls),
        )
        chain = guidance_chain(conditions, ("text",))
        noise = torch.randn(controls[0].shape, generator=torch.Generator().manual_seed(motion.seed))
        with autocast():
            *_, made = denoise(
                lambda latents, sigma_B: guided(self.model.velocity, latents, sigma_B, chain, (SCALE,)),
                noise,
                schedule(self.steps, NANO.shift),
            )
        clip = as_frames(crop(self.autoencoder.decode(made.latents), count, *motion.first.shape[:2]))
        return (255 * clip).round().astype(np.uint8)

    def _latents(self, frames_THW3: np.ndarray) -> Tensor:
        return self.autoencoder.encode(pad(as_clip(_unit(frames_THW3), CPU)))


@cache
def load(kinds: tuple[ControlKind, ...]) -> NanoAnimator:
    """The animator; raises `ModelError` where weights are missing or not made for each other."""
    files: dict[ControlKind, Path] = {kind: weights_file(NANO_CONTROLS[kind]) for kind in kinds}
    model, clip = ControlledBase(embedded_base(), NANO.name, kinds).eval(), embedded_clip_nano()
    model.load(files)
    return NanoAnimator(
        model=model,
        autoencoder=Autoencoder(embedded_vae()),
        look=lambda rgb_BCHW: clip.picture(rgb_BCHW).patches,
        read=read_texts,
        lineage={"animated by": NANO.name, "weights": _hashes([weights_file(BASE), *files.values()])},
    )


def _hashes(files: Sequence[Path]) -> dict[str, str]:
    return {file.name: sha256_of(file) for file in files}


def _unit(frames: np.ndarray) -> np.ndarray:
    return np.divide(frames, 255, dtype=np.float32)
