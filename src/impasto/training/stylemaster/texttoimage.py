"""Text-to-image models for illusion pairs, by name: the nano base, Stable Diffusion, and DeepFloyd's first stage.

Legend: L text tokens, D their channels.
"""

from collections.abc import Callable
from typing import Any

import torch

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base, embedded_vae, read_texts
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError, UnsupportedOption
from impasto.training.stylemaster.illusions import TextToImage
from impasto.training.stylemaster.noisemodels import PipelineTextToImage
from impasto.training.stylemaster.wanpictures import WanTextToImage
from impasto.weights.hub import HubFile, HubModel, folder

NANO_SIDE = 24
"""Of its latents: 192 pixels, as many in all as its clips have, and a multiple of the pieces of a jigsaw."""
NANO_GUIDANCE, PIPELINE_GUIDANCE = 4.0, 10.0
"""The released generator has 10, on DeepFloyd."""

STABLE_DIFFUSION = HubModel(
    repository="stable-diffusion-v1-5/stable-diffusion-v1-5",
    files=(
        HubFile("model_index.json", 541),
        HubFile("scheduler/scheduler_config.json", 308),
        HubFile("text_encoder/config.json", 617),
        HubFile("text_encoder/model.safetensors", 492_265_879),
        HubFile("tokenizer/merges.txt", 524_619),
        HubFile("tokenizer/vocab.json", 1_059_962),
        HubFile("unet/config.json", 743),
        HubFile("unet/diffusion_pytorch_model.safetensors", 3_438_167_534),
        HubFile("vae/config.json", 547),
        HubFile("vae/diffusion_pytorch_model.safetensors", 334_643_276),
    ),
    licence="CreativeML OpenRAIL-M",
)
# 64 pixels a side: its second stage, which enlarges them, is left out.
DEEPFLOYD = HubModel(
    repository="DeepFloyd/IF-I-M-v1.0",
    files=(
        HubFile("model_index.json", 604),
        HubFile("scheduler/scheduler_config.json", 454),
        HubFile("text_encoder/config.json", 741),
        HubFile("text_encoder/model.safetensors.index.json", 20_000),
        HubFile("text_encoder/model-00001-of-00002.safetensors", 9_990_000_000),
        HubFile("text_encoder/model-00002-of-00002.safetensors", 9_060_000_000),
        HubFile("tokenizer/spiece.model", 791_656),
        HubFile("unet/config.json", 1_600),
        HubFile("unet/diffusion_pytorch_model.safetensors", 1_490_000_000),
    ),
    licence="DeepFloyd IF License, research only",
)


def text_to_image(name: str) -> TextToImage:
    """The model of a name.

    Raises:
        UnsupportedOption: there is no such model.
        ModelError: its weights are missing or broken.
    """
    if name not in _MODELS:
        raise UnsupportedOption(f"No text-to-image model is called {name!r}; choose one of {', '.join(_MODELS)}.")
    return _MODELS[name]()


def _nano() -> TextToImage:
    base, context = embedded_base(), Context()
    attach_attention(base, context)
    shape = (NANO.autoencoder.z_dim, NANO_SIDE, NANO_SIDE)
    vae = Autoencoder(embedded_vae())
    velocity = Velocity(base, context).eval()
    return WanTextToImage(velocity, vae, lambda prompt: read_texts(["", prompt]), shape, NANO.shift, NANO_GUIDANCE)


def _stable_diffusion() -> TextToImage:
    from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

    return _pipeline(StableDiffusionPipeline, STABLE_DIFFUSION)


def _deepfloyd() -> TextToImage:
    from diffusers.pipelines.deepfloyd_if.pipeline_if import IFPipeline

    return _pipeline(IFPipeline, DEEPFLOYD, watermarker=None)


def _pipeline(kind: Any, model: HubModel, **left_out: None) -> TextToImage:
    place = folder(model)
    try:
        pipeline = kind.from_pretrained(
            place,
            local_files_only=True,
            use_safetensors=True,
            safety_checker=None,
            requires_safety_checker=False,
            feature_extractor=None,
            **left_out,
        )
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(f"The weights in {str(place)!r} cannot be read ({reason}); fetch the files anew.") from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return PipelineTextToImage(pipeline.to(device), PIPELINE_GUIDANCE)


_MODELS: dict[str, Callable[[], TextToImage]] = {
    "nano": _nano,
    "stable-diffusion": _stable_diffusion,
    "deepfloyd": _deepfloyd,
}
