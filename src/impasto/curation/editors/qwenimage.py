"""Qwen-Image-Edit (Wu 2025) by files of the hub; for a graphics card of 80 GB.

The pipeline of diffusers gets its text features from here: its own way takes a processor that wants torchvision, and
leaves out where in the text the picture stands.

Legend: L tokens, D their channels.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_qwenimage import AutoencoderKLQwenImage
from diffusers.models.transformers.transformer_qwenimage import QwenImageTransformer2DModel
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from PIL import Image
from torch import Tensor
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration, Qwen2VLImageProcessorPil

from impasto.curation.vlm.qwen import given_to
from impasto.diffusion.memory import best_device
from impasto.video.types import Picture
from impasto.weights.hub import HubFile, HubModel, fetched
from impasto.weights.pretrained import load_network, load_reader

_MODEL = "diffusion_pytorch_model"
QWEN_IMAGE_EDIT = HubModel(
    repository="Qwen/Qwen-Image-Edit",
    files=(
        HubFile("model_index.json", 500),
        HubFile("scheduler/scheduler_config.json", 500),
        HubFile("processor/preprocessor_config.json", 788),
        HubFile("processor/tokenizer.json", 11_400_000),
        HubFile("processor/tokenizer_config.json", 4_730),
        HubFile("text_encoder/config.json", 3_220),
        HubFile("text_encoder/model.safetensors.index.json", 57_700),
        *(HubFile(f"text_encoder/model-{number:05d}-of-00004.safetensors", 4_145_000_000) for number in range(1, 5)),
        HubFile("transformer/config.json", 339),
        HubFile(f"transformer/{_MODEL}.safetensors.index.json", 199_000),
        *(HubFile(f"transformer/{_MODEL}-{number:05d}-of-00009.safetensors", 4_540_000_000) for number in range(1, 10)),
        HubFile("vae/config.json", 730),
        HubFile(f"vae/{_MODEL}.safetensors", 254_000_000),
    ),
    licence="Apache-2.0",
)
STEPS = 50
SCALE = 4.0
"""Of the guidance by the instruction, and the steps: those of the model card."""
NOTHING = " "
"""The instruction that guidance leads away from; also of the card."""
PIXELS = 1024 * 1024
"""Of the picture as the pipeline sees it, about."""


class QwenImageEdit:
    """The model of a folder, an `Editor`; raises `ModelError` where it cannot be read."""

    def __init__(self, place: Path, dtype: torch.dtype = torch.bfloat16, steps: int = STEPS) -> None:
        self._net = load_network(Qwen2_5_VLForConditionalGeneration, place / "text_encoder", dtype).to(best_device())
        self._look = load_reader(Qwen2VLImageProcessorPil, place / "processor")
        self._tokenizer = load_reader(AutoTokenizer, place / "processor")
        nowhere: Any = None
        self._pipe = pipeline_qwenimage_edit.QwenImageEditPipeline(
            scheduler=load_reader(FlowMatchEulerDiscreteScheduler, place / "scheduler"),
            vae=load_network(AutoencoderKLQwenImage, place / "vae", dtype),
            transformer=load_network(QwenImageTransformer2DModel, place / "transformer", dtype),
            text_encoder=nowhere,
            tokenizer=nowhere,
            processor=nowhere,
        )
        self._pipe.set_progress_bar_config(disable=True)
        self._pipe.to(best_device())
        self._steps = steps

    @torch.no_grad()
    def edited(self, picture: Picture, instruction: str, seed: int) -> Picture:
        """See `impasto.curation.editors.editor.Editor`."""
        shown = Image.fromarray(picture)
        wanted, nothing = (self._read(shown, text) for text in (instruction, NOTHING))
        made: Any = self._pipe(
            image=shown,
            prompt_embeds=wanted,
            prompt_embeds_mask=_all_of(wanted),
            negative_prompt_embeds=nothing,
            negative_prompt_embeds_mask=_all_of(nothing),
            true_cfg_scale=SCALE,
            num_inference_steps=self._steps,
            generator=torch.Generator().manual_seed(seed),
        )
        return np.asarray(made.images[0].convert("RGB").resize(shown.size, Image.Resampling.LANCZOS))

    def _read(self, shown: Image.Image, instruction: str) -> Tensor:
        """Features [1, L, D] of an instruction beside the picture, as the pipeline makes them."""
        text = self._pipe.prompt_template_encode.format(instruction)
        width, height, _ = pipeline_qwenimage_edit.calculate_dimensions(PIXELS, shown.width / shown.height)
        seen = shown.resize((width, height), Image.Resampling.LANCZOS)
        given = given_to(self._net, self._look, self._tokenizer, [np.asarray(seen)], text)
        return self._net.model(**given).last_hidden_state[:, self._pipe.prompt_template_encode_start_idx :]


def _all_of(features_1LD: Tensor) -> Tensor:
    return torch.ones(features_1LD.shape[:2], dtype=torch.long, device=features_1LD.device)


@cache
def load() -> QwenImageEdit:
    """The model; raises `ModelError` where files are missing and may not or cannot be fetched."""
    return QwenImageEdit(fetched(QWEN_IMAGE_EDIT))
