"""Networks where a memory plan wants them: on the device, taking turns there, or passing through block by block."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from diffusers.hooks.group_offloading import apply_group_offloading
from torch import nn

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.memory import MemoryPlan

CPU = torch.device("cpu")


class _TakeTurns(ModelHook):
    """The network that is called comes to the device, after the others have left it."""

    def __init__(self, others: Sequence[nn.Module], device: torch.device) -> None:
        super().__init__()
        self._others, self._device = others, device

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        for other in self._others:
            other.to(CPU)
        module.to(self._device)
        return args, kwargs


def place(
    plan: MemoryPlan,
    device: torch.device,
    velocity: nn.Module,
    blocks: Iterable[nn.Module],
    autoencoder: Autoencoder,
    readers: Iterable[nn.Module],
) -> None:
    """Do what a plan says; all networks are on the CPU before.

    Args:
        velocity: the transformer with all that is attached to it.
        blocks: of it, each of which computes at a time.
        readers: of texts and pictures; they stay on the CPU where not all fit.
    """
    if plan.tiled:
        autoencoder.vae.enable_tiling()
    if plan.offload == "none":
        for network in (velocity, autoencoder, *readers):
            network.to(device)
        return
    autoencoder.latents_mean, autoencoder.latents_std = (
        statistic.to(device) for statistic in (autoencoder.latents_mean, autoencoder.latents_std)
    )
    if plan.offload == "model":
        # The library calls the hook of an autoencoder before it encodes and decodes as well.
        add_hook_to_module(velocity, _TakeTurns([autoencoder.vae], device))
        add_hook_to_module(autoencoder.vae, _TakeTurns([velocity], device))
        return
    autoencoder.to(device)
    # What is outside of the blocks is small, and the control branch uses it before the transformer does.
    blocks = list(blocks)
    inside = {parameter for block in blocks for parameter in block.parameters()}
    for parameter in velocity.parameters():
        if parameter not in inside:
            parameter.data = parameter.data.to(device)
    for buffer in velocity.buffers():
        buffer.data = buffer.data.to(device)
    for block in blocks:
        apply_group_offloading(block, onload_device=device, offload_device=CPU, num_blocks_per_group=1)
