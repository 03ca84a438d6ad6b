"""Memory settings that decide the speed of training on a CPU."""

import ctypes
import sys
from typing import TypeVar

import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def keep_freed_memory() -> None:
    """Let glibc keep freed blocks instead of returning them to the system.

    Training frees and takes the same hundreds of megabytes at every step; page faults then cost more than the
    arithmetic. Does nothing where the C library is not glibc.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        for parameter, value in ((-3, 1 << 30), (-1, 2**31 - 1), (-2, 1 << 28)):  # M_MMAP_, M_TRIM_THRESHOLD, M_TOP_PAD
            mallopt(parameter, value)


def channels_last(net: Net) -> Net:
    """The network with its weights in the memory layout that convolutions on a CPU are fastest with."""
    return net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
