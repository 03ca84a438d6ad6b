"""What grounds on published bases share: networks that are loaded where they are first asked for, and a key.

Legend: T frames, H height, W width; B texts, L text tokens, D their channels; C latent channels, t latent frames, h w
their size.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import DiffusionConfig
from impasto.diffusion.loading import load_autoencoder, load_text_reader, load_transformer
from impasto.diffusion.memory import best_device
from impasto.diffusion.published import base_model
from impasto.diffusion.text import TextReader
from impasto.training.nano.shards import content_key

DTYPE = torch.bfloat16
"""Of all networks but the autoencoder; what learns is float32."""


class WanNetworks:
    """The networks of a published base in the folder `root`; raises `ModelError` where one cannot be read."""

    def __init__(self, root: Path, config: DiffusionConfig) -> None:
        self._root, self._config = root, config
        self._device = best_device()

    def transformer(self) -> WanTransformer3DModel:
        """A new one each time, on the CPU."""
        net = load_transformer(self._root, self._config.transformer, DTYPE)
        net.enable_gradient_checkpointing()
        return net

    def read(self, texts: Sequence[str]) -> Tensor:
        """Features [B, L, D] of texts, zeros after the shorter ones."""
        return self._reader(texts)

    def latent(self, frames_TCHW: Tensor) -> Tensor:
        """Normalised latents [C, t, h, w] of frames in [0, 1]."""
        return self.autoencoder.encode(frames_TCHW.transpose(0, 1)[None].to(self._device))[0].cpu()

    @cached_property
    def autoencoder(self) -> Autoencoder:
        return load_autoencoder(self._root).to(self._device)

    @cached_property
    def _reader(self) -> TextReader:
        read = load_text_reader(self._root, DTYPE)
        nn.Module.to(read.encoder, self._device)
        return read


def ground_key(base: str, data: Path) -> str:
    """Changes with the weights of a published base and with the folder that holds its training data."""
    hub = base_model(base)
    return content_key([], hub.repository, hub.revision, str(data.resolve()))
