"""InstantStyle (Wang 2024) on SDXL under a ControlNet of depth, by files of the hub; for a graphics card.

The style picture comes in through an IP-Adapter that is silent but in the one block that carries style, so that what
the picture shows stays outside.
"""

from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.pipelines.controlnet.pipeline_controlnet_sd_xl import StableDiffusionXLControlNetPipeline
from PIL import Image
from transformers import CLIPImageProcessorPil

from impasto.diffusion.memory import best_device
from impasto.perception.control.estimators import published_estimator
from impasto.perception.control.pictures import Estimator
from impasto.video.types import Picture
from impasto.weights.hub import HubFile, HubModel, fetched
from impasto.weights.pretrained import load_network, load_pipeline, reading

_MODEL, _HALF = "diffusion_pytorch_model", "fp16"
SDXL = HubModel(
    repository="stabilityai/stable-diffusion-xl-base-1.0",
    files=(
        HubFile("model_index.json", 609),
        HubFile("scheduler/scheduler_config.json", 480),
        HubFile("text_encoder/config.json", 560),
        HubFile(f"text_encoder/model.{_HALF}.safetensors", 246_000_000),
        HubFile("text_encoder_2/config.json", 575),
        HubFile(f"text_encoder_2/model.{_HALF}.safetensors", 1_390_000_000),
        *(
            HubFile(f"{place}/{name}", size)
            for place in ("tokenizer", "tokenizer_2")
            for name, size in (
                ("merges.txt", 525_000),
                ("special_tokens_map.json", 472),
                ("tokenizer_config.json", 737),
                ("vocab.json", 1_060_000),
            )
        ),
        HubFile("unet/config.json", 1_680),
        HubFile(f"unet/{_MODEL}.{_HALF}.safetensors", 5_140_000_000),
        HubFile("vae/config.json", 642),
        HubFile(f"vae/{_MODEL}.{_HALF}.safetensors", 167_000_000),
    ),
    licence="CreativeML Open RAIL++-M",
)
CONTROLNET = HubModel(
    repository="diffusers/controlnet-depth-sdxl-1.0",
    files=(HubFile("config.json", 1_270), HubFile(f"{_MODEL}.{_HALF}.safetensors", 2_500_000_000)),
    licence="CreativeML Open RAIL++-M",
)
ADAPTER = HubModel(
    repository="h94/IP-Adapter",
    files=(
        HubFile("sdxl_models/ip-adapter_sdxl.safetensors", 703_000_000),
        HubFile("sdxl_models/image_encoder/config.json", 1_990),
        HubFile("sdxl_models/image_encoder/model.safetensors", 3_690_000_000),
    ),
    licence="Apache-2.0",
)
STYLE_ALONE = {"up": {"block_0": [0.0, 1.0, 0.0]}}
"""How loud the adapter is in each block."""
# Of the authors' script for ControlNets: all that follows.
STEPS = 30
SCALE = 5.0
"""Of the guidance by text."""
LED = 0.6
"""How much the ControlNet counts."""
UNWANTED = (
    "text, watermark, lowres, low quality, worst quality, deformed, glitch, low contrast, noisy, saturation, blurry"
)
PIXELS, STEP = 1024 * 1024, 64
"""Of a picture as SDXL wants it: how many, about, and of what its sides are multiples."""


class InstantStyle:
    """The models of three folders, and what estimates depth; raises `ModelError` where they cannot be read."""

    def __init__(
        self,
        base: Path,
        controlnet: Path,
        adapter: Path,
        estimate: Estimator,
        dtype: torch.dtype = torch.bfloat16,
        steps: int = STEPS,
        pixels: int = PIXELS,
    ) -> None:
        net = load_network(ControlNetModel, controlnet, dtype, _HALF)
        self._pipe = load_pipeline(
            StableDiffusionXLControlNetPipeline, base, dtype, controlnet=net, variant=_HALF, add_watermarker=False
        )
        # The pipeline's own processor of pictures wants torchvision.
        self._pipe.register_modules(feature_extractor=CLIPImageProcessorPil())
        with reading(adapter):
            self._pipe.load_ip_adapter(
                str(adapter),
                subfolder="sdxl_models",
                weight_name="ip-adapter_sdxl.safetensors",
                local_files_only=True,
            )
        self._pipe.set_ip_adapter_scale(STYLE_ALONE)
        self._pipe.to(best_device())
        self._estimate, self._steps, self._pixels = estimate, steps, pixels

    @torch.no_grad()
    def painted(self, picture: Picture, caption: str, style: Picture, seed: int) -> Picture:
        """A picture in the style of another, of its own size.

        Args:
            caption: what it shows.
        """
        shown = Image.fromarray(picture)
        scale = sqrt(self._pixels / (shown.width * shown.height)) / STEP
        width, height = (max(1, round(side * scale)) * STEP for side in shown.size)
        large = np.asarray(shown.resize((width, height), Image.Resampling.LANCZOS), np.float32) / 255
        self._estimate.fit([large])
        made: Any = self._pipe(
            caption,
            image=Image.fromarray(self._estimate(large)),
            ip_adapter_image=Image.fromarray(style),
            negative_prompt=UNWANTED,
            controlnet_conditioning_scale=LED,
            guidance_scale=SCALE,
            num_inference_steps=self._steps,
            generator=torch.Generator().manual_seed(seed),
        )
        return np.asarray(made.images[0].convert("RGB").resize(shown.size, Image.Resampling.LANCZOS))


@cache
def load() -> InstantStyle:
    """The models; raises `ModelError` where files are missing and may not or cannot be fetched."""
    return InstantStyle(fetched(SDXL), fetched(CONTROLNET), fetched(ADAPTER), published_estimator("depth"))
