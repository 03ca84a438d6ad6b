"""What this machine can do and what is missing."""

import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from impasto.job.catalog import model_facts
from impasto.job.checks import DIFFUSION_ADVICE, missing_packages
from impasto.job.wording import size_text
from impasto.stylizers.registry import find_model
from impasto.weights.paths import assets_dir, cache_dir

NEEDED_PACKAGES = ("av", "numpy", "torch", "openvino", "opencv-python-headless", "scenedetect-headless", "safetensors")
ENCODERS = {
    "libx264": "h264 (mp4)",
    "libx265": "hevc",
    "libsvtav1": "av1",
    "prores_ks": "prores",
    "ffv1": "ffv1 and gif",
    "aac": "sound that cannot be copied",
}
CPU_FLAGS = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_bf16": "bf16", "amx_bf16": "AMX bf16"}
ENOUGH_MEMORY = 1_500_000_000
ENOUGH_DISK = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    name: str
    ok: bool
    value: str
    needed: bool = True
    """Whether the main job cannot do without."""
    advice: str = ""
    """What to do where it is not ok."""


def examine() -> list[Finding]:
    """Look at everything; loads no model."""
    return [*_machine(), *_packages(), *_encoders(), *_models(), *_folders()]


def _machine() -> list[Finding]:
    python_ok = sys.version_info >= (3, 11)
    available = psutil.virtual_memory().available
    free = shutil.disk_usage(Path.cwd()).free
    flags = _cpu_flags()
    return [
        Finding("python", python_ok, platform.python_version(), advice="install Python 3.11 or newer"),
        Finding("platform", True, platform.platform()),
        Finding("cores", True, str(os.cpu_count())),
        Finding("cpu", bool(flags), ", ".join(flags) or "no AVX2 seen", needed=False, advice="expect a slow run"),
        Finding(
            "memory",
            available >= ENOUGH_MEMORY,
            f"{size_text(available)} free of {size_text(psutil.virtual_memory().total)}",
            needed=False,
            advice="close other programs",
        ),
        Finding("disk", free >= ENOUGH_DISK, f"{size_text(free)} free here", needed=False, advice="free some space"),
    ]


def _cpu_flags() -> list[str]:
    cpuinfo = Path("/proc/cpuinfo")
    known = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    return [name for flag, name in CPU_FLAGS.items() if flag in known]


def _packages() -> list[Finding]:
    findings = []
    for name in NEEDED_PACKAGES:
        try:
            findings.append(Finding(name, True, version(name)))
        except PackageNotFoundError:
            findings.append(Finding(name, False, "missing", advice="pip install . in Impasto's folder"))
    return findings


def _encoders() -> list[Finding]:
    if importlib.util.find_spec("av") is None:
        return []
    import av

    findings = []
    for name, use in ENCODERS.items():
        there = name in av.codecs_available
        advice = "install the av wheel from PyPI, which has it"
        findings.append(Finding(f"encoder {name}", there, use, needed=name in ("libx264", "aac"), advice=advice))
    return findings


def _models() -> list[Finding]:
    findings = []
    for model in model_facts():
        missing = missing_packages(find_model(model.name))
        weights = "weights missing" if model.weights_bytes is None else f"weights of {size_text(model.weights_bytes)}"
        advice = "docs/weights.md says where they come from; swift needs none of them"
        if model.source == "embedded":
            advice = "reinstall Impasto, or put the weights into the folder that IMPASTO_WEIGHTS_DIR names"
        findings.append(
            Finding(
                f"model {model.name}",
                model.weights_bytes is not None and not missing,
                f"{', '.join(missing)} not installed" if missing else weights,
                needed=model.source == "embedded" and not model.experimental,
                advice=DIFFUSION_ADVICE if missing else advice,
            )
        )
    return findings


def _folders() -> list[Finding]:
    assets = assets_dir()
    try:
        cache, cache_ok = cache_dir(), True
    except OSError as error:
        cache, cache_ok = error.filename, False
    return [
        Finding(
            "cache folder",
            cache_ok and os.access(cache, os.W_OK),
            str(cache),
            needed=False,
            advice="set IMPASTO_CACHE to a folder that can be written to",
        ),
        Finding(
            "assets folder",
            assets.is_dir(),
            str(assets),
            needed=False,
            advice="only training and measuring need it; set IMPASTO_ASSETS to it",
        ),
    ]
