"""Clips in the lengths and sizes that Wan takes: 4n + 1 frames, sides that are multiples of 16.

Legend: T frames, H height, W width.
"""

from math import ceil

import torch
from torch import Tensor

FRAMES_STEP = 4
"""Frames in a latent one; the first frame has one of its own."""
SIDE_STEP = 16
"""Pixels in a token: 8 in a latent one, 2 of these in a token."""
LATENT_STEP = 8


def whole_frames(count: int) -> int:
    """The least number of 4n + 1 frames that holds `count`."""
    return FRAMES_STEP * ceil((count - 1) / FRAMES_STEP) + 1


def whole_side(side: int) -> int:
    """The least multiple of 16 that holds `side`."""
    return SIDE_STEP * ceil(side / SIDE_STEP)


def pad(clip: Tensor) -> Tensor:
    """A clip [..., T, H, W] with its last frame repeated, and mirrored at right and bottom, until Wan takes it.

    Frames and sides that fit already stay; the clip is at the front of the result, see `crop`.
    """
    frames, height, width = clip.shape[-3:]
    clip = _taken(clip, -3, torch.arange(whole_frames(frames)).clamp(max=frames - 1))
    clip = _taken(clip, -2, _mirrored(height, whole_side(height)))
    return _taken(clip, -1, _mirrored(width, whole_side(width)))


def crop(clip: Tensor, frames: int, height: int, width: int) -> Tensor:
    """The clip that `pad` took, of these sizes."""
    return clip[..., :frames, :height, :width]


def latent_shape(frames: int, height: int, width: int) -> tuple[int, int, int]:
    """(frames, height, width) of the latents of a padded clip."""
    return (frames - 1) // FRAMES_STEP + 1, height // LATENT_STEP, width // LATENT_STEP


def token_count(frames: int, height: int, width: int) -> int:
    """Tokens of a padded clip in the transformer."""
    return latent_shape(frames, height, width)[0] * (height // SIDE_STEP) * (width // SIDE_STEP)


def _mirrored(size: int, wanted: int) -> Tensor:
    """Positions of a side that goes on as its mirror image, without its last row twice."""
    period = max(1, 2 * (size - 1))
    position = torch.arange(wanted) % period
    return torch.minimum(position, period - position) if size > 1 else torch.zeros_like(position)


def _taken(clip: Tensor, dim: int, positions: Tensor) -> Tensor:
    return clip if len(positions) == clip.shape[dim] else clip.index_select(dim, positions.to(clip.device))
