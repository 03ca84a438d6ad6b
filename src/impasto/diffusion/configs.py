"""The sizes at which the diffusion methods exist, by name.

Wan 2.1's are published (Wan 2025, table 2, and the folders on the hub); nano is ours, of the same classes.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
    from diffusers.models.transformers.transformer_wan import WanTransformer3DModel


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Arguments of `WanTransformer3DModel`; all others are the library's defaults, which are Wan's."""

    num_attention_heads: int
    attention_head_dim: int
    num_layers: int
    ffn_dim: int
    in_channels: int
    """Noise, and for image-to-video 4 of mask and the image latent."""
    text_dim: int
    image_dim: int | None = None
    """Of the picture tokens; None: from text alone."""

    @property
    def dim(self) -> int:
        return self.num_attention_heads * self.attention_head_dim

    def build(self) -> "WanTransformer3DModel":
        """With random weights, on the device of the context (`with torch.device("meta"): ...`)."""
        from diffusers.models.transformers.transformer_wan import WanTransformer3DModel

        return WanTransformer3DModel(**asdict(self), added_kv_proj_dim=self.dim if self.image_dim else None)


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """Arguments of `AutoencoderKLWan`; the statistics of its latents come with its weights."""

    base_dim: int = 96
    num_res_blocks: int = 2
    z_dim: int = 16
    dim_mult: tuple[int, ...] = (1, 2, 4, 4)
    temperal_downsample: tuple[bool, ...] = (False, True, True)
    is_residual: bool = False
    """Wan 2.2's blocks, with shortcuts past each change of size."""
    patch_size: int | None = None
    """Of the squares of pixels that Wan 2.2 lays side by side as channels."""

    def build(self) -> "AutoencoderKLWan":
        """With random weights, on the device of the context."""
        from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan

        channels = 3 * (self.patch_size or 1) ** 2
        lists: dict[str, Any] = {name: list(getattr(self, name)) for name in ("dim_mult", "temperal_downsample")}
        return AutoencoderKLWan(**asdict(self) | lists, in_channels=channels, out_channels=channels)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """How many each network has, as data, so that a run is planned without building any."""

    transformer: int
    autoencoder: int
    text_encoder: int
    picture_encoder: int = 0


@dataclass(frozen=True, kw_only=True)
class DiffusionConfig:
    """One base: what a method is attached to."""

    name: str
    transformer: TransformerConfig
    autoencoder: AutoencoderConfig
    parameters: Parameters
    shift: float
    """Of the noise levels; for Wan, that of 480p."""
    frames: int
    """The longest clip, 4n + 1."""
    pixels: int
    """Of a frame, about."""


WAN_AUTOENCODER = AutoencoderConfig()
WAN_AUTOENCODER_PARAMETERS = 126_892_531
UMT5_XXL = 5_680_910_336
CLIP_H14 = 632_076_800
"""The vision half of laion's ViT-H/14, of which Wan takes the last hidden state but one."""

NANO = DiffusionConfig(
    name="nano",
    transformer=TransformerConfig(
        num_attention_heads=4,
        attention_head_dim=64,
        num_layers=8,
        ffn_dim=1024,
        in_channels=16 + 4 + 16,
        text_dim=256,
        image_dim=256,
    ),
    autoencoder=AutoencoderConfig(
        base_dim=32,
        num_res_blocks=1,
        dim_mult=(1, 2, 2),
        temperal_downsample=(True, True),
        is_residual=True,
        patch_size=2,
    ),
    parameters=Parameters(
        transformer=10_339_136,
        autoencoder=2_680_764,
        text_encoder=5_000_000,  # these two about
        picture_encoder=6_000_000,
    ),
    shift=1.5,
    frames=17,
    pixels=37_000,
)
WAN_1_3B = DiffusionConfig(
    name="wan-1.3b",
    transformer=TransformerConfig(
        num_attention_heads=12,
        attention_head_dim=128,
        num_layers=30,
        ffn_dim=8960,
        in_channels=16,
        text_dim=4096,
    ),
    autoencoder=WAN_AUTOENCODER,
    parameters=Parameters(transformer=1_418_996_800, autoencoder=WAN_AUTOENCODER_PARAMETERS, text_encoder=UMT5_XXL),
    shift=3.0,
    frames=81,
    pixels=480 * 832,
)
WAN_14B_I2V = DiffusionConfig(
    name="wan-14b-i2v",
    transformer=TransformerConfig(
        num_attention_heads=40,
        attention_head_dim=128,
        num_layers=40,
        ffn_dim=13824,
        in_channels=16 + 4 + 16,
        text_dim=4096,
        image_dim=1280,
    ),
    autoencoder=WAN_AUTOENCODER,
    parameters=Parameters(
        transformer=16_394_878_784,
        autoencoder=WAN_AUTOENCODER_PARAMETERS,
        text_encoder=UMT5_XXL,
        picture_encoder=CLIP_H14,
    ),
    shift=3.0,
    frames=81,
    pixels=480 * 832,
)
CONFIGS = {config.name: config for config in (NANO, WAN_1_3B, WAN_14B_I2V)}
