"""What `stylemaster` needs beside its base: files by name. Imports nothing heavy, see `impasto.stylizers.registry`."""

from impasto.weights.hub import HubFile, HubModel

TRAINED = tuple(f"stylemaster-wan-1.3b-{part}.safetensors" for part in ("style", "motion", "control"))
"""Adapters by the recipes of this project, each with how it is built in its header."""
NANO_PARTS = "stylemaster-nano.safetensors"
"""The same parts for the nano base, in one file."""
NANO_WEIGHTS = (
    "nano-vae.safetensors",
    "nano-base.safetensors",
    NANO_PARTS,
    "clip-nano.safetensors",
    "encoder.safetensors",
    "text.safetensors",
)
CLIP_H14 = HubModel(
    repository="laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
    files=(
        HubFile("config.json", 4_800),
        HubFile("model.safetensors", 3_944_500_000),
        HubFile("preprocessor_config.json", 320),
        HubFile("tokenizer.json", 2_220_000),
        HubFile("tokenizer_config.json", 900),
    ),
    licence="MIT",
)
CLIP_H14_PARAMETERS = 986_109_441
RELEASED_FILES = ("stylemaster.safetensors", "image_proj_model.safetensors")
RELEASED_WEIGHTS = HubModel(
    repository="KwaiVGI/StyleMaster",
    # In float32, without the base, which may be in the file as well.
    files=(HubFile(RELEASED_FILES[0], 1_770_000_000), HubFile(RELEASED_FILES[1], 235_000_000)),
    licence="none stated",
    conversion="made from its stylemaster.ckpt and image_proj_model.ckpt as docs/weights.md says",
)
RELEASED_PARAMETERS = 573_116_928
"""Of `impasto.stylizers.stylemaster.released.RELEASED` on Wan 2.1 1.3B."""
