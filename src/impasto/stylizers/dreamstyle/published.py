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
