"""What parts are trained on: a base, what it reads with, and clips as it takes them.

Legend: B texts, L tokens, D their channels; T frames, H height, W width; C latent channels, t latent frames, h w their
size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor

from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import BASE, embedded_base, read_texts
from impasto.perception.clipnano import embedded_clip_nano
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.latents import latents_folder
from impasto.training.nano.shards import content_key, shard_folder
from impasto.training.stylemaster.framelatents import latent_of
from impasto.weights.paths import weights_file


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One base; its networks are loaded where they are first asked for."""

    base: str
    """Its name, which adapters know."""
    key: str
    """Changes with its weights."""
    shift: float
    """Of the noise levels."""
    frames: int
    """Of its longest clip, 4n + 1."""
    clips: Path
    """Shards of clips."""
    latents: Path
    """Shards of their latents and texts, named by what made them."""
    transformer: Callable[[], WanTransformer3DModel]
    """One of its own for each that asks: parts are attached to it."""
    space: Callable[[], JointSpace]
    read: Callable[[Sequence[str]], Tensor]
    """Features [B, L, D] of texts, zeros after the shorter ones."""
    latent: Callable[[Tensor], Tensor]
    """Normalised latents [C, t, h, w] of frames [T, 3, H, W] in [0, 1]."""


def nano_ground() -> Ground:
    """The embedded base, and the clips of `nano-clips`; raises `ModelError` where weights are missing."""
    return Ground(
        base=NANO.name,
        key=content_key([weights_file(BASE)]),
        shift=NANO.shift,
        frames=NANO.frames,
        clips=shard_folder(CLIPS),
        latents=latents_folder(),
        transformer=embedded_base,
        space=embedded_clip_nano,
        read=read_texts,
        latent=latent_of,
    )
