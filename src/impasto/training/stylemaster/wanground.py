"""StyleMaster's parts on a published base: the same recipes, on Wan 2.1 1.3B or 14B, for graphics cards.

    ground = wan_ground(WAN_1_3B, clips)                  # a folder of shards of clips, as `write_shard` makes them
    list(make_wan_latents(ground))
    list(motion.train(WAN_MOTION, output=..., ground=ground))
    list(style.train(replace(WAN_STYLE, projector=...), output=..., ground=ground))
    list(tile.train(replace(WAN_TILE, style=...), output=..., ground=ground))

Several processes train together where `accelerate launch` starts them. None of these has been run at full size by us.

Legend: T frames, H height, W width, C channels, L tokens, D their channels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from impasto.diffusion.configs import DiffusionConfig
from impasto.diffusion.loading import base_folder
from impasto.diffusion.memory import best_device
from impasto.stylizers.stylemaster.clipspace import ClipSpace, load_clip_space
from impasto.stylizers.stylemaster.projector import ProjectorConfig
from impasto.stylizers.stylemaster.published import CLIP_H14
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.csdpictures import Progress
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.latents import make_shards
from impasto.training.nano.shards import shard_files, shard_folder
from impasto.training.stylemaster.ground import Ground
from impasto.training.stylemaster.motion import MOTION
from impasto.training.stylemaster.parts import PartRun
from impasto.training.stylemaster.style import STYLE, StyleRun
from impasto.training.stylemaster.tile import CONTROL, TileRun
from impasto.training.wannetworks import WanNetworks, ground_key
from impasto.weights.hub import fetched
from impasto.weights.rows import to_bytes

NETWORKS = ("transformer", "vae", "text_encoder", "tokenizer")

WAN_TOKENS = TokenConfig(
    width=1024,
    projector=ProjectorConfig(embedding=1024, hidden=1024, size=1024),
    texture=QFormerConfig(embedding=1024, width=1024),
)


def as_published(run: PartRun, steps: int, batch: int) -> PartRun:
    """A part's training as long as the paper's, at its rate and at the noise of the base."""
    rates = replace(run.rates, text=0.1)
    return replace(run, steps=steps, batch=batch, rate=1e-4, optimizer="adamw", shift=None, rates=rates)


WAN_MOTION = as_published(MOTION, steps=300, batch=64)
WAN_STYLE = StyleRun(part=as_published(STYLE, steps=40_000, batch=160), tokens=WAN_TOKENS)
WAN_TILE = TileRun(part=as_published(CONTROL, steps=20_000, batch=160), tokens=WAN_TOKENS)


def wan_ground(config: DiffusionConfig, clips: Path) -> Ground:
    """A published base, and clips of one's own for it.

    Args:
        clips: folder of shards, see `impasto.training.nano.shards`: frames uint8 [T, H, W, 3], of 4n + 1 frames and
            sides that are multiples of 16; names of real footage and photos begin with `window-` and `still-photo-`.

    Raises:
        ModelError: files of the base or of CLIP are missing and may not or cannot be fetched.
    """
    networks, clip = WanNetworks(base_folder(config.name, *NETWORKS), config), fetched(CLIP_H14)
    key = ground_key(config.name, clips)

    @cache
    def space() -> ClipSpace:
        found = load_clip_space(clip, torch.float32)
        nn.Module.to(found.net, best_device())
        return found

    return Ground(
        base=config.name,
        key=key,
        shift=config.shift,
        frames=config.frames,
        clips=clips,
        latents=shard_folder(f"{config.name}-latents-{key}"),
        transformer=networks.transformer,
        space=space,
        read=networks.read,
        latent=networks.latent,
    )


class GroundEncoders:
    """What makes shards of latents for a ground, see `impasto.training.nano.latents.write_latents`."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def encode(self, frames_THWC: Tensor, captions: Sequence[str]) -> dict[str, Tensor]:
        """Latents and texts of a clip of bytes, as they are stored."""
        rgb_TCHW = frames_THWC.permute(0, 3, 1, 2).float() / 255
        encoded = {"latent": self._ground.latent(rgb_TCHW)}
        for number, text_LD in enumerate(self._ground.read(captions).float().cpu()):
            encoded[f"text {number}"] = text_LD[text_LD.any(1)]  # after the text there are zeros
        return to_bytes(encoded)


def make_wan_latents(ground: Ground) -> Iterator[Progress]:
    """Make the shards of latents that are not there yet; yields after each.

    Raises:
        InputError: there are no clips.
        ModelError: a network cannot be read.
    """
    train, held = shard_files(ground.clips, "train", CLIPS), shard_files(ground.clips, "held", CLIPS)
    yield from make_shards(ground.latents, [*train, *held], GroundEncoders(ground))
