"""All that the recipes of the parts need, as files at toy size: weights, clips, latents, a projector."""

from pathlib import Path

import torch

from impasto.diffusion.configs import AutoencoderConfig, TransformerConfig
from impasto.diffusion.controls import ControlledBase
from impasto.diffusion.embedded import BASE, VAE, embedded_base, embedded_vae, save_part
from impasto.perception.clipmatch import MatchConfig
from impasto.perception.clipnano import WEIGHTS, ClipConfig, ClipNano, embedded_clip_nano, save_clip_nano
from impasto.perception.control.depthnano import DepthConfig, DepthNano, embedded_depth_nano, save_depth_nano
from impasto.perception.control.pictures import CONTROLS
from impasto.perception.control.published import DEPTH_NANO
from impasto.perception.text.weights import TEXT, embedded_text_encoder, save_text_encoder
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS
from impasto.stylizers.stylemaster.config import ControlConfig, StyleMasterConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.projector import ProjectorConfig, StyleProjector, save_projector
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.latents import make_latents
from impasto.training.nano.shards import Part, shard_folder, write_shard
from impasto.training.stylemaster import framelatents
from impasto.weights.paths import cache_dir
from tests.perception.text.toy import CONFIG, toy_encoder
from tests.training.nano.toy import LATENT, drifting

EMBEDDING = 8
CLIP = ClipConfig(
    kept=2,
    width=16,
    depth=1,
    heads=2,
    hidden=24,
    text_hidden=16,
    size=EMBEDDING,
    text=CONFIG,
    match=MatchConfig(width=8, depth=1, heads=2, hidden=8, compared=4),
)
SIZE = TransformerConfig(
    num_attention_heads=2,
    attention_head_dim=12,
    num_layers=2,
    ffn_dim=32,
    in_channels=LATENT + 4 + LATENT,
    text_dim=CONFIG.width,
    image_dim=EMBEDDING,
)
TOKENS = TokenConfig(
    width=10,
    count=3,
    projector=ProjectorConfig(embedding=EMBEDDING, hidden=12, depth=1, size=6),
    texture=QFormerConfig(embedding=EMBEDDING, queries=2, width=12, depth=1, heads=2),
)


def write_weights(folder: Path) -> None:
    """The nano models, random; `IMPASTO_WEIGHTS_DIR` is to be this folder."""
    torch.manual_seed(0)
    save_part(AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=LATENT).build(), folder / VAE)
    save_part(SIZE.build(), folder / BASE)
    save_text_encoder(toy_encoder(), folder / TEXT)
    save_clip_nano(ClipNano(CLIP), folder / WEIGHTS)


def write_controls(folder: Path) -> None:
    """ControlNets on the base of `write_weights` and a depth network, random, with weights everywhere."""
    for kind in CONTROLS:
        model = ControlledBase(embedded_base(), "nano", [kind])
        torch.manual_seed(1)
        for parameter in model.learns().parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        model.format.write(folder / NANO_CONTROLS[kind], model.adapters(), as_bytes=True)
    save_depth_nano(DepthNano(DepthConfig(width=4)), folder / DEPTH_NANO)


def forget() -> None:
    """What was loaded once."""
    loaded = (
        embedded_clip_nano,
        embedded_text_encoder,
        embedded_vae,
        embedded_depth_nano,
        framelatents.frames_autoencoder,
    )
    for cached in loaded:
        cached.cache_clear()


def toy_parts() -> StyleMaster:
    """All parts on the base of `write_weights`, with weights everywhere, also where training begins with zeros."""
    torch.manual_seed(1)
    model = StyleMaster(embedded_base(), "nano", StyleMasterConfig(TOKENS, MotionConfig(rank=2), ControlConfig()))
    for modules in model.parts.values():
        for module in modules.values():
            for parameter in module.parameters():
                torch.nn.init.normal_(parameter, std=0.1)
    return model


def write_clips() -> None:
    """Two real clips, a photo and a scene for each part, and their latents."""
    parts: tuple[Part, ...] = ("train", "held")
    for part in parts:
        frames = {f"window-{number}": drifting(number, 5, 32, 48) for number in range(2)}
        frames |= {"still-photo-0": drifting(7, 1, 32, 48), "scene-0": drifting(8, 5, 32, 48)}
        notes = {name: [f"{name} drifts", f"a {name}"] for name in frames}
        write_shard(shard_folder(CLIPS) / f"toy-{part}-0000.safetensors", frames, notes)
    list(make_latents())


def write_projector() -> None:
    torch.manual_seed(3)
    save_projector(StyleProjector(TOKENS.projector), cache_dir() / "stylemaster" / "stylemaster-projector.safetensors")
