"""The numbers that networks compute fastest with."""

import torch

CPU = torch.device("cpu")


def fast_dtype(device: torch.device = CPU) -> torch.dtype:
    """bfloat16 on accelerators and on CPUs with matrix units for it (AMX); elsewhere float32, which is faster there."""
    return torch.bfloat16 if device.type != "cpu" or torch.cpu._is_amx_tile_supported() else torch.float32


def computing_in(dtype: torch.dtype, device: torch.device = CPU) -> torch.autocast:
    """Let what follows compute in a type, whatever the weights are kept in."""
    return torch.autocast(device.type, torch.bfloat16, enabled=dtype == torch.bfloat16)


def autocast(device: torch.device = CPU, enabled: bool = True) -> torch.autocast:
    """Let what follows compute in `fast_dtype`."""
    return computing_in(fast_dtype(device) if enabled else torch.float32, device)
