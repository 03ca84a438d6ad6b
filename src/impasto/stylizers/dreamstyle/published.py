"""What the models need: files by name. Imports nothing heavy, see `impasto.stylizers.registry`."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

NANO_FILE = "dreamstyle-nano.safetensors"
NANO_WEIGHTS = (
    "nano-vae.safetensors",
    "nano-base.safetensors",
    NANO_FILE,
    "clip-nano.safetensors",
    "encoder.safetensors",
    "text.safetensors",
)
WAN_FILE = "dreamstyle-wan-14b.safetensors"
"""By the recipe of this project, with how it is built in its header."""
NANO_CONTROLS = {kind: f"control-{kind}-nano.safetensors" for kind in ("depth", "pose")}
WAN_CONTROLS = {kind: f"control-{kind}-wan-14b.safetensors" for kind in ("depth", "pose")}
"""ControlNets, by what they go by."""
FORMAT_KEY = "impasto dreamstyle 1"
"""Of the metadata of such files."""


def base_of(path: Path) -> str | None:
    """The base that a file of DreamStyle was made for, from its header alone; None where it is something else."""
    try:
        with safe_open(path, "np") as file:
            return json.loads((file.metadata() or {})[FORMAT_KEY])["base"]
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        return None
