"""One setting of the C library's allocator that decides the speed of training on a CPU."""

import ctypes
import sys


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
