"""What control pictures are estimated with: published networks, and the file of ours. Imports nothing heavy."""

from impasto.weights.hub import HubFile, HubModel

DEPTH_NANO = "depth-nano.safetensors"
_SMALL = (HubFile("config.json", 5_000), HubFile("preprocessor_config.json", 800))

DEPTH_ANYTHING = HubModel(
    repository="depth-anything/Depth-Anything-V2-Small-hf",
    files=(*_SMALL, HubFile("model.safetensors", 99_200_000)),
    licence="Apache-2.0",
)
VITPOSE = HubModel(
    repository="usyd-community/vitpose-base-simple",
    files=(*_SMALL, HubFile("model.safetensors", 344_000_000)),
    licence="Apache-2.0",
)
DETECTOR = HubModel(
    repository="PekingU/rtdetr_r50vd_coco_o365",
    files=(*_SMALL, HubFile("model.safetensors", 172_000_000)),
    licence="Apache-2.0",
)
