"""Sample sheets: clips held back, and what the transformer makes of their first frame and caption, and of these alone.

Legend: B clips, C channels, T frames, H height, W width.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.conditions import Conditions, without
from impasto.diffusion.guidance import guidance_chain, guided
from impasto.diffusion.sampling import denoise, schedule
from impasto.diffusion.velocity import Velocity
from impasto.scenes.movie import write_movie
from impasto.training.nano.batches import Batch
from impasto.training.nano.sources import FPS
from impasto.video.files import writing, written_atomically
from impasto.video.pictures import write_picture

SCALE = 4.0
"""Of the guidance by text."""
SHOWN = 3
"""Frames of each clip in the picture."""


@torch.no_grad()
def sampled(velocity: Velocity, batch: Batch, shift: float, steps: int) -> list[Tensor]:
    """Latents of the clips themselves, of what is made from first frames and captions, and from captions alone."""
    latents, sigmas = batch.latents, schedule(steps, shift)
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(0)).to(latents.device)

    def made(conditions: Conditions) -> Tensor:
        chain = guidance_chain(conditions, ("text",))
        (*_, last) = denoise(lambda x, sigma: guided(velocity, x, sigma, chain, (SCALE,)), noise, sigmas)
        return last.latents

    return [latents, made(batch.conditions), made(without(batch.conditions, "image", "picture"))]


def write_sheet(stem: Path, columns: Sequence[Tensor]) -> None:
    """Write `STEM.mp4`, columns of clips [B, 3, T, H, W] in 0..1 side by side, and `STEM.png`, some of their frames."""
    # One clip below the other, one column beside the other.
    tall = [column.float().cpu().permute(2, 0, 3, 4, 1).flatten(1, 2) for column in columns]
    sheet_THW3 = torch.cat(tall, 2).clamp(0, 1).numpy()
    movie = stem.with_suffix(".mp4")
    with written_atomically(movie) as temporary, writing(movie):
        write_movie(temporary, sheet_THW3, Fraction(FPS))
    times = np.linspace(0, len(sheet_THW3) - 1, SHOWN).round().astype(int)
    stills = [np.concatenate([column[time].numpy() for time in times], 1).clip(0, 1) for column in tall]
    write_picture(stem.with_suffix(".png"), (255 * np.concatenate(stills, 1)).round().astype(np.uint8))
