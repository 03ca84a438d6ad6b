"""DreamStyle on published bases: the same recipe, on Wan 2.1 I2V 14B or on T2V 1.3B made wider, for graphics cards.

    ground = wan_ground(WAN_14B_I2V, pairs)               # a folder of shards, as `write_pairs` makes them
    list(train(WAN_14B, output, ground))                  # impasto.training.dreamstyle.recipe.train: both stages
    list(train(WAN_1_3B_WIDE, output, wide_ground(pairs)))

Several processes train together where `accelerate launch` starts them. None of these has been run at full size by us.

Legend: B pictures, C channels, H height, W width.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import nn

from impasto.diffusion.configs import WAN_1_3B, WAN_14B_I2V, DiffusionConfig
from impasto.diffusion.loading import base_folder, load_picture_reader
from impasto.diffusion.memory import best_device
from impasto.diffusion.pictures import PictureReader
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.widening import WAN_1_3B_I2V, widened
from impasto.training.dreamstyle.ground import Ground
from impasto.training.dreamstyle.recipe import CT, SFT, Run
from impasto.training.nano.shards import shard_folder
from impasto.training.wannetworks import DTYPE, WanNetworks, ground_key

NETWORKS = ("transformer", "vae", "text_encoder", "tokenizer")
PICTURE_NETWORKS = ("image_encoder", "image_processor")

# Steps, batch, rate and rank are the paper's; 17 frames that are painted already are 5 latent ones.
_PAPER = {
    "batch": 16,
    "rate": 4e-5,
    "optimizer": "adamw",
    "warmup": 100,
    "ema": 0.999,
    "sight": None,
    "followed": 5,
    "save_every": 250,
}
_CT, _SFT = replace(CT, steps=6000, **_PAPER), replace(SFT, steps=3000, **_PAPER)
WAN_14B = Run(DreamStyleConfig(rank=64), (_CT, _SFT))
# A base that has to learn first what image channels are; nothing of this is published.
WAN_1_3B_WIDE = Run(
    DreamStyleConfig(rank=64, entrance=True), (replace(_CT, steps=20_000, rate=1e-4), replace(_SFT, rate=1e-4))
)


def wan_ground(config: DiffusionConfig, pairs: Path) -> Ground:
    """A published image-to-video base, and pairs of one's own for it.

    Raises:
        ModelError: files of the base are missing and may not or cannot be fetched.
    """
    root = base_folder(config.name, *NETWORKS, *PICTURE_NETWORKS)
    networks = WanNetworks(root, config)
    return _ground(config, config.name, pairs, networks, networks.transformer, root)


def wide_ground(
    pairs: Path,
    config: DiffusionConfig = WAN_1_3B,
    wide: DiffusionConfig = WAN_1_3B_I2V,
    pictures: DiffusionConfig = WAN_14B_I2V,
) -> Ground:
    """A published text-to-video base made wider, see `impasto.stylizers.dreamstyle.widening`; raises as `wan_ground`.

    Args:
        config: of the base.
        wide: what it becomes.
        pictures: the base whose picture encoder is used.
    """
    networks = WanNetworks(base_folder(config.name, *NETWORKS), config)
    seeing = base_folder(pictures.name, *PICTURE_NETWORKS)

    def transformer() -> WanTransformer3DModel:
        net = widened(networks.transformer(), wide.transformer.image_dim or 0)
        net.enable_gradient_checkpointing()
        return net

    return _ground(config, wide.name, pairs, networks, transformer, seeing)


def _ground(
    config: DiffusionConfig,
    base: str,
    pairs: Path,
    networks: WanNetworks,
    transformer: Callable[[], WanTransformer3DModel],
    seeing: Path,
) -> Ground:
    key = ground_key(config.name, pairs)

    @cache
    def looker() -> PictureReader:
        look = load_picture_reader(seeing, DTYPE)
        nn.Module.to(look.encoder, best_device())
        return look

    return Ground(
        base=base,
        key=key,
        shift=config.shift,
        pairs=pairs,
        latents=shard_folder(f"{config.name}-dreamstyle-latents-{key}"),
        transformer=transformer,
        look=lambda rgb_BCHW: looker()(rgb_BCHW).float().cpu(),
        read=networks.read,
        latent=networks.latent,
        autoencoder=lambda: networks.autoencoder,
    )
