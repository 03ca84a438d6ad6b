"""Wan 2.1 VACE 1.3B (Jiang 2025) sets a first frame moving, by files of the hub; for a graphics card.

Its control is one video, in which first and last frame stand where they belong and are kept: the others are control
pictures. So it is led by one kind at a time, and by depth where there are two.

Legend: T frames, H height, W width.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.wan.pipeline_wan_vace import WanVACEPipeline
from PIL import Image

from impasto.curation.animators.animator import Motion
from impasto.diffusion.memory import best_device
from impasto.diffusion.text import TextReader
from impasto.perception.control.pictures import ControlKind
from impasto.weights.hub import HubFile, HubModel, fetched
from impasto.weights.pretrained import load_pipeline

_MODEL = "diffusion_pytorch_model"
VACE = HubModel(
    repository="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
    files=(
        HubFile("model_index.json", 408),
        HubFile("scheduler/scheduler_config.json", 751),
        HubFile("tokenizer/tokenizer.json", 16_800_000),
        HubFile("tokenizer/tokenizer_config.json", 61_800),
        HubFile("tokenizer/special_tokens_map.json", 7_080),
        HubFile("tokenizer/spiece.model", 4_550_000),
        HubFile("vae/config.json", 724),
        HubFile(f"vae/{_MODEL}.safetensors", 508_000_000),
        HubFile("text_encoder/config.json", 850),
        HubFile("text_encoder/model.safetensors.index.json", 22_500),
        *(HubFile(f"text_encoder/model-{number:05d}-of-00003.safetensors", 3_790_000_000) for number in range(1, 4)),
        HubFile("transformer/config.json", 700),
        HubFile(f"transformer/{_MODEL}.safetensors.index.json", 93_000),
        *(HubFile(f"transformer/{_MODEL}-{number:05d}-of-00002.safetensors", 3_575_000_000) for number in (1, 2)),
    ),
    licence="Apache-2.0",
)
STEPS = 50
SCALE = 5.0
KEPT, MADE = 0, 255
"""The mask of frames that are given, and of those that are made."""


class VaceAnimator:
    """The pipeline of a folder; raises `ModelError` where it cannot be read."""

    def __init__(self, place: Path, steps: int = STEPS) -> None:
        self._pipe = load_pipeline(WanVACEPipeline, place, torch.bfloat16)
        self._pipe.to(best_device())
        self._read, self._steps = TextReader(self._pipe.text_encoder, self._pipe.tokenizer), steps

    @property
    def lineage(self) -> dict[str, Any]:
        return {"animated by": VACE.repository}

    @torch.no_grad()
    def __call__(self, motion: Motion) -> np.ndarray:
        """See `impasto.curation.animators.animator.Animator`."""
        pictures = motion.controls["depth"] if "depth" in motion.controls else next(iter(motion.controls.values()))
        video, mask = pictures.copy(), np.full(pictures.shape, MADE, np.uint8)
        for number, frame in ((0, motion.first), (-1, motion.last)):
            if frame is not None:
                video[number], mask[number] = frame, KEPT
        prompt, nothing = self._read([motion.text, ""]).split(1)
        made: Any = self._pipe(
            video=[Image.fromarray(frame) for frame in video],
            mask=[Image.fromarray(frame).convert("L") for frame in mask],
            prompt_embeds=prompt,
            negative_prompt_embeds=nothing,
            height=pictures.shape[1],
            width=pictures.shape[2],
            num_frames=len(pictures),
            num_inference_steps=self._steps,
            guidance_scale=SCALE,
            generator=torch.Generator().manual_seed(motion.seed),
            output_type="np",
        )
        (clip,) = made.frames
        return (255 * np.clip(clip, 0, 1)).round().astype(np.uint8)


@cache
def load(kinds: tuple[ControlKind, ...]) -> VaceAnimator:
    """The animator; raises `ModelError` where files are missing and may not or cannot be fetched."""
    return VaceAnimator(fetched(VACE))
