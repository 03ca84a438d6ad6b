"""Painters and editors of the hub, as tiny random networks of the same classes in the hub's layout."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLQwenImage,
    ControlNetModel,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    QwenImageTransformer2DModel,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from impasto.curation import instantstyle
from impasto.curation.editors import find_editor, qwenimage
from impasto.curation.editors.qwenimage import QwenImageEdit
from impasto.curation.instantstyle import InstantStyle
from impasto.curation.routes.painting import IN_STYLE, painted
from impasto.curation.styles import Painting
from impasto.errors import ModelError
from impasto.guidance import Style
from impasto.perception.control.pictures import DepthPictures
from impasto.weights.hub import HubModel
from tests.curation.test_vlm import save_qwen
from tests.curation.toy import TOY, panning
from tests.diffusion.toy import CLIP_TEXT, VISION, clip_tokenizer

FRAMES = np.stack(panning(0, 5))
OTHER = np.stack(panning(3, 5))


def lies_as_published(place: Path, model: HubModel) -> None:
    """What is read of weights is what is fetched."""
    there = {str(path.relative_to(place)) for path in place.rglob("*.safetensors")}
    assert there == {file.name for file in model.files if file.name.endswith("safetensors")}


# InstantStyle

SIZES = {
    "block_out_channels": (8, 16),
    "layers_per_block": 2,
    "in_channels": 4,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "attention_head_dim": (2, 2),
    "norm_num_groups": 4,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 6 * 8 + 8,
    "transformer_layers_per_block": (1, 1),
    "cross_attention_dim": 2 * CLIP_TEXT["hidden_size"],
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """SDXL, a ControlNet and an IP-Adapter, as the hub has them."""
    place = tmp_path_factory.mktemp("sdxl")
    torch.manual_seed(0)
    up = ("CrossAttnUpBlock2D", "UpBlock2D")
    unet = UNet2DConditionModel(**SIZES, sample_size=32, out_channels=4, up_block_types=up)
    text = CLIPTextConfig(**CLIP_TEXT, projection_dim=8)
    vae = AutoencoderKL(
        block_out_channels=(8, 8), norm_num_groups=4, latent_channels=4, sample_size=64,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(text),
        text_encoder_2=CLIPTextModelWithProjection(text),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=unet,
        scheduler=EulerDiscreteScheduler(),
    ).save_pretrained(place / "base", variant="fp16")
    controlnet = ControlNetModel(**SIZES, conditioning_embedding_out_channels=(4, 8))
    seen = controlnet.controlnet_cond_embedding.conv_out
    for layer in [seen, controlnet.controlnet_mid_block, *controlnet.controlnet_down_blocks]:
        torch.nn.init.normal_(layer.weight)  # zero until it has learnt
    controlnet.save_pretrained(place / "control", variant="fp16")
    adapter = place / "adapter" / "sdxl_models"
    encoder = CLIPVisionModelWithProjection(CLIPVisionConfig(**VISION, projection_dim=6))
    encoder.save_pretrained(adapter / "image_encoder")
    width = SIZES["cross_attention_dim"]
    state = {"proj.weight": torch.randn(4 * width, 6), "proj.bias": torch.zeros(4 * width)}
    state |= {"norm.weight": torch.ones(width), "norm.bias": torch.zeros(width)}
    state = {f"image_proj.{name}": value for name, value in state.items()}
    crossing = [name.removesuffix(".processor") for name in unet.attn_processors if "attn2" in name]
    for number, name in enumerate(crossing):
        shape = unet.get_submodule(name).to_k.weight.shape
        for kind in ("k", "v"):
            state[f"ip_adapter.{2 * number + 1}.to_{kind}_ip.weight"] = torch.randn(shape)
    save_file(state, adapter / "ip-adapter_sdxl.safetensors")
    return place / "base", place / "control", place / "adapter"


def toy_instant_style(base: Path, control: Path, adapter: Path) -> InstantStyle:
    depth = DepthPictures(lambda frame: frame.mean(2))
    return InstantStyle(base, control, adapter, depth, dtype=torch.float32, steps=2, pixels=64 * 64)


def test_instantstyle_goes_by_depth_words_style_and_seed(folders: tuple[Path, Path, Path]):
    for place, model in zip(folders, (instantstyle.SDXL, instantstyle.CONTROLNET, instantstyle.ADAPTER), strict=True):
        lies_as_published(place, model)
    paint = toy_instant_style(*folders).painted
    given = {"picture": FRAMES[0], "caption": "a wall", "style": OTHER[0], "seed": 0}
    plain = paint(**given)
    assert (plain.shape, plain.dtype) == ((48, 64, 3), np.uint8)
    np.testing.assert_array_equal(paint(**given), plain)
    for changes in ({"picture": OTHER[1]}, {"caption": "the sea"}, {"style": 255 - OTHER[0]}, {"seed": 1}):
        assert (paint(**{**given, **changes}) != plain).any(), changes


def test_its_style_comes_in_through_one_block_alone(folders: tuple[Path, Path, Path], tmp_path: Path):
    base, control, adapter = folders
    other = shutil.copytree(adapter, tmp_path / "other")
    file = other / "sdxl_models" / "ip-adapter_sdxl.safetensors"
    unet = UNet2DConditionModel.from_pretrained(base / "unet", variant="fp16")
    crossing = [name for name in unet.attn_processors if "attn2" in name]
    state = load_file(file)
    plain = toy_instant_style(*folders).painted(FRAMES[0], "a wall", OTHER[0], 0)
    for loud in (False, True):
        for number, name in enumerate(crossing):
            if name.startswith("up_blocks.0.attentions.1.") is loud:
                for kind in ("k", "v"):
                    key = f"ip_adapter.{2 * number + 1}.to_{kind}_ip.weight"
                    state[key] = -state[key]
        save_file(state, file)
        changed = toy_instant_style(base, control, other).painted(FRAMES[0], "a wall", OTHER[0], 0)
        assert (changed != plain).any() == loud


# Qwen-Image-Edit


def save_qwen_image_edit(place: Path) -> None:
    save_qwen(place / "text_encoder")
    shutil.copytree(place / "text_encoder", place / "processor", ignore=shutil.ignore_patterns("*.safetensors"))
    torch.manual_seed(0)
    FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True).save_pretrained(place / "scheduler")
    QwenImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    ).save_pretrained(place / "transformer")
    AutoencoderKLQwenImage(
        base_dim=4, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1, latents_mean=[0.0] * 4, latents_std=[1.0] * 4
    ).save_pretrained(place / "vae")


def test_qwen_image_edit_goes_by_picture_instruction_and_seed(tmp_path: Path, monkeypatch):
    sized = pipeline_qwenimage_edit.calculate_dimensions
    # A megapixel is what it always edits; a toy has less.
    monkeypatch.setattr(pipeline_qwenimage_edit, "calculate_dimensions", lambda area, ratio: sized(area / 100, ratio))
    save_qwen_image_edit(tmp_path)
    edit = QwenImageEdit(tmp_path, torch.float32, steps=2).edited
    plain = edit(FRAMES[0], "paint it", 0)
    assert (plain.shape, plain.dtype) == ((48, 64, 3), np.uint8)
    np.testing.assert_array_equal(edit(FRAMES[0], "paint it", 0), plain)
    for changed in ((OTHER[0], "paint it", 0), (FRAMES[0], "a photo", 0), (FRAMES[0], "paint it", 1)):
        assert (edit(*changed) != plain).any()
    with pytest.raises(ModelError, match="There is no model in"):
        QwenImageEdit(tmp_path / "none")


# By name


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    with pytest.raises(ModelError, match="Qwen/Qwen-Image-Edit"):
        find_editor("qwen-image-edit")()
    with pytest.raises(ModelError, match="stabilityai/stable-diffusion-xl-base"):
        instantstyle.load()


class Telling:
    """Paints the negative, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def painted(self, picture: np.ndarray, caption: str, style: np.ndarray, seed: int) -> np.ndarray:
        self.told += [caption, style.shape]
        return 255 - picture

    def edited(self, picture: np.ndarray, instruction: str, seed: int) -> np.ndarray:
        self.told.append(instruction)
        return 255 - picture


def test_a_route_gives_them_what_they_go_by(painting: Path, monkeypatch):
    telling = Telling()
    monkeypatch.setattr(instantstyle, "load", lambda: telling)
    monkeypatch.setattr(qwenimage, "load", lambda: telling)
    style = Painting(Style(image=painting), ("cubism", "a cubist painting"), "CC0")
    for painter in ("instantstyle", "qwen-image-edit"):
        made = painted(FRAMES[0], "a wall", style, replace(TOY, painter=painter), 0)
        np.testing.assert_array_equal(made, 255 - FRAMES[0])
    assert telling.told == ["a wall", style.picture().shape, IN_STYLE.format("a cubist painting")]
