"""Repaint a clip with DreamStyle from diffusers: a folder of Wan or its name on the hub, and a token LoRA.

python examples/pipeline.py Wan-AI/Wan2.1-I2V-14B-480P-Diffusers dreamstyle-wan-14b.safetensors \
    holiday.mp4 painting.jpg "a painting in oil" frames/
"""

import sys
from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image

from impasto.stylizers.dreamstyle.pipeline import DreamStylePipeline


def main(base: str, adapters: str, clip: str, style: str, prompt: str, folder: str) -> None:
    with av.open(clip) as container:
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
    on_card = torch.cuda.is_available()
    pipe = DreamStylePipeline.from_pretrained(base, torch_dtype=torch.bfloat16 if on_card else torch.float32)
    pipe.to("cuda" if on_card else "cpu")
    pipe.load_adapters(adapters)
    (painted,) = pipe(frames, prompt, style_images=[Image.open(style).convert("RGB")], preset="draft").frames
    Path(folder).mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(painted):
        Image.fromarray((frame * 255).round().astype(np.uint8)).save(Path(folder) / f"{number:06d}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
