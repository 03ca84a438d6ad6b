"""One denoising of two prompts: a canvas that shows one thing in each of its views (StyleMaster, section 3.1).

Both pictures are made of the same pixels, so they share palette and brushwork and nothing else.

Legend: B pictures, C channels, H height, W width; of latents where the model has them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from impasto.training.stylemaster.views import IDENTITY, View


class TextToImage(Protocol):
    """A text-to-image model as one of flow matching: `latents = (1 - sigma) x0 + sigma noise`."""

    latent_shape: tuple[int, int, int]
    """(C, H, W)."""

    def sigmas(self, steps: int) -> Sequence[float]:
        """Where to sample: falling, the first at most 1, all above 0."""
        ...

    def predict(self, latents_BCHW: Tensor, sigma: float, prompt: str) -> Tensor:
        """The velocity `noise - x0`, guided."""
        ...

    def encode(self, rgb_BCHW: Tensor) -> Tensor:
        """Latents of pictures in [0, 1]; of a pixel model the pictures in its own range."""
        ...

    def decode(self, latents_BCHW: Tensor) -> Tensor:
        """Pictures of latents, not clipped: `encode` is its inverse as far as can be."""
        ...


class Painted(NamedTuple):
    """A view, and what it is to show."""

    view: View
    prompt: str


@torch.no_grad()
def denoise(model: TextToImage, painted: Sequence[Painted], noise_BCHW: Tensor, steps: int) -> Iterator[Tensor]:
    """The estimate of the clean canvas after each step of Euler's method, as latents; the last is the result.

    It is the mean of the views' estimates, which is the mean of their noise predictions, as the paper has it.
    """
    # Latents are kept as what is clean and what is noise in them; a step lowers sigma and leaves both.
    clean, noise = torch.zeros_like(noise_BCHW), noise_BCHW
    for sigma in model.sigmas(steps):
        estimate = torch.stack([_estimate(model, view, clean, noise, sigma) for view in painted]).mean(0)
        noise = noise + (1 - sigma) / sigma * (clean - estimate)
        clean = estimate
        yield clean


def _estimate(model: TextToImage, painted: Painted, clean: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """What is clean as one view sees it, brought back to the canvas."""
    view = painted.view
    latents = (1 - sigma) * _moved(model, view, view.there, clean) + sigma * view.there(noise)
    velocity = model.predict(latents, sigma, painted.prompt)
    return _moved(model, view, view.back, latents - sigma * velocity)


def _moved(model: TextToImage, view: View, move: Callable[[Tensor], Tensor], clean: Tensor) -> Tensor:
    # Latents turned around are not the latents of a picture turned around, so it is pixels that are moved.
    return clean if view is IDENTITY else model.encode(move(model.decode(clean)))
