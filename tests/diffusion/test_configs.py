"""The sizes are the published ones, and a layer of full width runs."""

from dataclasses import replace

import pytest
import torch
from diffusers import WanTransformer3DModel

from impasto.diffusion.attachments import Context, StyleSpan, attach_attention, own_parameters
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.configs import CLIP_H14, CONFIGS, NANO, UMT5_XXL, WAN_1_3B, WAN_14B_I2V
from impasto.diffusion.velocity import Velocity


@pytest.mark.parametrize("config", CONFIGS.values(), ids=lambda config: config.name)
def test_parameters_are_those_of_the_librarys_classes(config):
    with torch.device("meta"):
        built = config.transformer.build(), config.autoencoder.build()
    counts = tuple(sum(value.numel() for value in network.parameters()) for network in built)
    assert counts == (config.parameters.transformer, config.parameters.autoencoder)


def test_parameters_are_the_published_ones():
    assert WAN_1_3B.parameters.transformer == 1_418_996_800
    assert WAN_14B_I2V.parameters.transformer == 16_394_878_784


def test_encoders_of_text_and_pictures_have_their_counts():
    transformers = pytest.importorskip("transformers")
    text = transformers.UMT5Config(
        vocab_size=256_384,
        d_model=4096,
        d_kv=64,
        d_ff=10_240,
        num_layers=24,
        num_heads=64,
        feed_forward_proj="gated-gelu",
    )
    picture = transformers.CLIPVisionConfig(
        hidden_size=1280,
        intermediate_size=5120,
        projection_dim=1024,
        num_hidden_layers=32,
        num_attention_heads=16,
        patch_size=14,
    )
    with torch.device("meta"):
        encoders = transformers.UMT5EncoderModel(text), transformers.CLIPVisionModelWithProjection(picture)
    assert tuple(sum(p.numel() for p in encoder.parameters()) for encoder in encoders) == (UMT5_XXL, CLIP_H14)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=lambda config: config.name)
def test_sizes_fit_the_autoencoder_and_each_other(config):
    transformer, latent = config.transformer, config.autoencoder.z_dim
    assert transformer.in_channels == (latent + 4 + latent if transformer.image_dim else latent)
    assert config.frames % 4 == 1
    with torch.device("meta"):
        built = transformer.build()
    assert isinstance(built, WanTransformer3DModel)
    assert built.config.out_channels == latent
    assert (built.blocks[0].attn2.add_k_proj is None) == (transformer.image_dim is None)


def test_published_shapes():
    with torch.device("meta"):
        small, large = WAN_1_3B.transformer.build(), WAN_14B_I2V.transformer.build()
    assert small.patch_embedding.weight.shape == (1536, 16, 1, 2, 2)
    assert small.blocks[29].ffn.net[0].proj.weight.shape == (8960, 1536)
    assert large.patch_embedding.weight.shape == (5120, 36, 1, 2, 2)
    assert large.blocks[39].attn2.add_k_proj.weight.shape == (5120, 5120)
    assert large.condition_embedder.image_embedder.ff.net[0].proj.weight.shape == (1280, 1280)


def test_nano_fits_its_share_of_the_budget():
    assert NANO.parameters.transformer + NANO.parameters.autoencoder < 20e6  # bytes, one for each


@pytest.mark.slow
def test_a_layer_of_full_width_goes_forward_and_back():
    context = Context()
    transformer = replace(WAN_1_3B.transformer, num_layers=1).build().bfloat16().requires_grad_(False)
    style = attach_attention(transformer, context, lambda attention: StyleSpan(attention, 4096))
    conditions = Conditions(text=torch.randn(1, 512, 4096), style=torch.randn(1, 16, 4096))
    latents = torch.randn(1, 16, 2, 4, 4)
    Velocity(transformer, context)(latents, torch.tensor([0.5]), conditions).square().mean().backward()
    (span,) = style.values()
    assert span.to_out.weight.grad.any()
    assert all(value.grad.isfinite().all() for value in own_parameters(style))
