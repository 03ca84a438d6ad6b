"""What DreamStyle is trained on: a base, what it reads with, and pairs as it takes them.

Legend: B texts or pictures, L text tokens, N picture tokens, D their channels; T frames, H height, W width; C latent
channels, t latent frames, h w their size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import BASE, embedded_base, read_texts
from impasto.perception.clipnano import embedded_clip_nano
from impasto.stylizers.dreamstyle.nano import SHIFT
from impasto.training.nano.latents import encoders_key
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.framelatents import frames_autoencoder, latent_of
from impasto.weights.paths import weights_file


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One base; its networks are loaded where they are first asked for."""

    base: str
    """Its name, which files of what is learned know."""
    key: str
    """Changes with its weights."""
    shift: float
    """Of the noise levels."""
    pairs: Path
    """Shards of frames, see `impasto.training.dreamstyle.pairs`."""
    latents: Path
    """Shards of their latents and features, named by what makes them."""
    transformer: Callable[[], WanTransformer3DModel]
    """One of its own for each that asks: what is learned is attached to it."""
    look: Callable[[Tensor], Tensor]
    """Picture tokens [B, N, D] of pictures [B, 3, H, W] in [0, 1]."""
    read: Callable[[Sequence[str]], Tensor]
    """Features [B, L, D] of texts, zeros after the shorter ones."""
    latent: Callable[[Tensor], Tensor]
    """Normalised latents [C, t, h, w] of frames [T, 3, H, W] in [0, 1]."""
    autoencoder: Callable[[], Autoencoder]
    """What made them."""


def nano_ground(pairs: Path | None = None) -> Ground:
    """The embedded base; raises `ModelError` where weights are missing.

    Args:
        pairs: folder of shards; None: where `dreamstyle-pairs` leaves them.
    """
    name = "dreamstyle-latents" if pairs is None else f"dreamstyle-latents-{content_key([], str(pairs.resolve()))}"
    return Ground(
        base=NANO.name,
        key=content_key([weights_file(BASE)]),
        shift=SHIFT,
        pairs=pairs or shard_folder("dreamstyle-pairs"),
        latents=shard_folder(f"{name}-{encoders_key()}"),
        transformer=embedded_base,
        look=lambda rgb_BCHW: embedded_clip_nano().picture(rgb_BCHW).patches,
        read=read_texts,
        latent=latent_of,
        autoencoder=frames_autoencoder,
    )
