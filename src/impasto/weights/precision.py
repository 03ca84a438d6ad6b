"""The numbers that networks compute fastest with."""

import torch

CPU = torch.device("cpu")


def fast_dtype(device: torch.device = CPU) -> torch.dtype:
    """bfloat16 on accelerators and on CPUs with matrix units for it (AMX); elsewhere float32, which is faster there."""
    return torch.bfloat16 if device.type != "cpu" or torch.cpu._is_amx_tile_supported() else torch.float32


def autocast(device: torch.device = CPU, weights: torch.dtype = torch.float32, enabled: bool = True) -> torch.autocast:
    """Let what follows compute in `fast_dtype`, or in bfloat16 where the weights are of that type."""
    half = torch.bfloat16 in (weights, fast_dtype(device))
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled and half)
