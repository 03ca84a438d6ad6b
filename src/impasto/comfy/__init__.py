"""Nodes for ComfyUI. A file in its `custom_nodes` that imports these two names is all it wants (docs/comfyui.md)."""

from impasto.comfy.nodes import NODE_CLASS_MAPPINGS as NODE_CLASS_MAPPINGS
from impasto.comfy.nodes import NODE_DISPLAY_NAME_MAPPINGS as NODE_DISPLAY_NAME_MAPPINGS
