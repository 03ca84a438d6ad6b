"""What a run will need, before anything is loaded, and how it is made to fit: a pure function of numbers.

Figures are counted from shapes, on the safe side; but for what the decoder of Wan 2.2 holds, none is measured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import psutil
import torch

from impasto.diffusion.configs import DiffusionConfig, Parameters
from impasto.diffusion.shapes import token_count, whole_frames, whole_side
from impasto.errors import ResourceError

Offload = Literal["none", "model", "group"]
"""All on the device; the transformer and the autoencoder in turn; the autoencoder and a block of the transformer at a
time. The encoders of text and pictures, needed once, stay on the CPU in the last two. What is not on the device waits
in the machine's memory. See `impasto.diffusion.placement`."""

HALF, FLOAT = 2, 4
"""Bytes of a number: bfloat16, but for the autoencoder."""
USABLE = 0.9
"""Of what is free: the rest is for the libraries, and for what is lost between blocks of memory."""
WIDTHS, HIDDEN_WIDTHS = 24, 4
"""Bytes of a token in a block per channel (queries, keys, values, and sums in float32), and per hidden channel."""
PLANES, RESIDUAL_PLANES = 60, 84
"""Pictures of all channels that the decoder's last block holds: four frames, what it remembers, workspace. With the
blocks of Wan 2.2 it is what the nano VAE, computed as pictures, took at the most: 221 MB for 17 frames of 256x144."""
CLIPS = 3
"""Copies of the clip in float32: read, decoded, and joined to what was decoded before."""
TILE = 256
"""Pixels of the side of a tile of the autoencoder, as the library has it."""
BLOCKS_HELD = 2
"""In group offload: the one that computes, and what is outside of all blocks."""
SHORTEST_WINDOW = 17
"""Frames; shorter windows have too little past to go on from."""


@dataclass(frozen=True)
class Room:
    """Memory that is free, in bytes."""

    device: str
    """`cuda` or `cpu`."""
    free: int
    """On the device."""
    host: int
    """In the machine; on the CPU the same."""


@dataclass(frozen=True)
class MemoryPlan:
    offload: Offload
    tiled: bool
    """Whether the autoencoder works in tiles."""
    frames: int
    """Of a window, 4n + 1: the whole clip, or as many as fit."""
    device_bytes: int
    """At the most, at a time."""
    host_bytes: int
    """Of the networks that wait in the machine's memory."""

    def lines(self) -> list[str]:
        """The plan for people."""
        how = {
            "none": "all networks stay on the device",
            "model": "the transformer and the autoencoder take turns on the device, and text and pictures are read on"
            " the CPU",
            "group": "the transformer passes through the device block by block, which is slower, and text and pictures"
            " are read on the CPU",
        }
        tiles = "; the autoencoder works in tiles" if self.tiled else ""
        return [f"Windows of {self.frames} frames, about {_size(self.device_bytes)}: {how[self.offload]}{tiles}."]


def best_device() -> torch.device:
    """The accelerator where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def room(device: torch.device) -> Room:
    """What is free now."""
    host = psutil.virtual_memory().available
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else host
    return Room(device.type, free, host)


def plan_memory(
    config: DiffusionConfig,
    size: tuple[int, int],
    frames: int,
    free: Room,
    attached_parameters: int = 0,
    links: int = 1,
    controls: int = 0,
) -> MemoryPlan:
    """The plan of a run: the longest window first, then as little offload as that allows, tiles only where needed.

    Args:
        size: (width, height) that the model works at.
        frames: of the clip.
        attached_parameters: of what a method adds to the transformer.
        links: of the guidance chain that are computed in one pass.
        controls: ControlNets (`impasto.diffusion.controlnet`); their parameters count as attached.

    Raises:
        ResourceError: nothing fits (says what the least would need and what is free).
    """
    parameters = replace(config.parameters, transformer=config.parameters.transformer + attached_parameters)
    plans = list(_plans(config, parameters, size, frames, free, links, controls))
    for plan in plans:
        if plan.device_bytes <= USABLE * free.free and plan.host_bytes <= USABLE * free.host:
            return plan
    least = min(plans, key=lambda plan: plan.device_bytes)
    short = least.device_bytes > USABLE * free.free
    where, needed, there = (
        (free.device, least.device_bytes, free.free) if short else ("machine", least.host_bytes, free.host)
    )
    raise ResourceError(
        f"{config.name} at {size[0]}x{size[1]} needs about {_size(needed)} of {where} memory and {_size(there)} are "
        "free; choose a smaller model, a smaller picture, or close other programs."
    )


@contextmanager
def out_of_memory_told(doing: str) -> Iterator[None]:
    """Turn what torch raises where memory ends into `ResourceError`.

    Nothing is tried again at a smaller size: what is painted must not hang on what other programs did meanwhile.

    Args:
        doing: such as `painting 81 frames`.
    """
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "allocate memory" not in str(error):
            raise
        raise ResourceError(
            f"Out of memory while {doing}; close other programs, or choose a smaller picture or model."
        ) from error


def _plans(
    config: DiffusionConfig,
    parameters: Parameters,
    size: tuple[int, int],
    frames: int,
    free: Room,
    links: int,
    controls: int,
) -> Iterator[MemoryPlan]:
    """All that may be done, best first."""
    longest = min(config.frames, whole_frames(frames))
    transformer, autoencoder = HALF * parameters.transformer, FLOAT * parameters.autoencoder
    text, picture = HALF * parameters.text_encoder, HALF * parameters.picture_encoder
    together = transformer + autoencoder + text + picture
    held = transformer * min(1.0, BLOCKS_HELD / config.transformer.num_layers)
    offloads: tuple[Offload, ...] = ("none", "model", "group") if free.device == "cuda" else ("none",)
    for window in range(longest, min(longest, SHORTEST_WINDOW) - 1, -4):
        transforming = links * _transformer_bytes(config, size, window, controls)
        for offload in offloads:
            for tiled in (False, True):
                coding = _autoencoder_bytes(config, size, window, tiled)
                device = {
                    "none": together + max(transforming, coding),
                    "model": max(transformer + transforming, autoencoder + coding),
                    "group": held + autoencoder + max(transforming, coding),
                }[offload]
                yield MemoryPlan(offload, tiled, window, int(device), 0 if offload == "none" else together)


def _transformer_bytes(config: DiffusionConfig, size: tuple[int, int], frames: int, controls: int) -> int:
    width, height = map(whole_side, size)
    transformer = config.transformer
    # Of what ControlNets give for half of the blocks there is the sum and, with several, what the next one gives.
    added = HALF * min(controls, 2) * max(1, transformer.num_layers // 2)
    widths = (WIDTHS + added) * transformer.dim + HIDDEN_WIDTHS * transformer.ffn_dim
    return token_count(frames, height, width) * widths


def _autoencoder_bytes(config: DiffusionConfig, size: tuple[int, int], frames: int, tiled: bool) -> int:
    width, height = map(whole_side, size)
    pixels = min(width, TILE) * min(height, TILE) if tiled else width * height
    coder = config.autoencoder
    # Wan 2.2's decoder is still as wide as the level below where it has grown to full size.
    held = RESIDUAL_PLANES * coder.dim_mult[1] if coder.is_residual else PLANES
    planes = held * coder.base_dim * pixels // (coder.patch_size or 1) ** 2
    return FLOAT * (planes + CLIPS * 3 * frames * width * height)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
