"""What the models need: files by name. Imports nothing heavy, see `impasto.stylizers.registry`."""

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
DEPTH_NANO = "depth-nano.safetensors"
