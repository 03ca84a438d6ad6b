"""The published network that `--refine` asks. Imports nothing heavy, see `impasto.stylizers.registry`."""

from impasto.weights.hub import HubFile, HubModel

CLIP_B32 = HubModel(
    repository="openai/clip-vit-base-patch32",
    # The hub's own conversion: the main branch has no safetensors.
    revision="c237dc49a33fc61debc9276459120b7eac67e7ef",
    files=(
        HubFile("config.json", 4_500),
        HubFile("model.safetensors", 605_157_884),
        HubFile("vocab.json", 862_328),
        HubFile("merges.txt", 524_619),
    ),
    licence="MIT",
)
