"""What a machine is, as far as it decides speed."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores, what arithmetic it has, and the versions that decide speed."""
    import openvino

    core = openvino.Core()
    cpuinfo = Path("/proc/cpuinfo")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": core.get_property("CPU", "FULL_DEVICE_NAME"),
        "cores": cores,
        "bf16": "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"),
        "amx": cpuinfo.exists() and "amx_bf16" in cpuinfo.read_text(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("impasto", "torch", "openvino", "av")},
    }
