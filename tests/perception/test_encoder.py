from pathlib import Path

import pytest
import torch

from impasto.perception.encoder import (
    VGG_CHANNELS,
    Encoder,
    EncoderConfig,
    embedded_encoder,
    load_encoder,
    save_encoder,
)
from impasto.perception.statistics import channel_statistics, content_distance, style_distance, style_statistics

TINY = EncoderConfig((4, 4, 8, 8, 8), (1, 2, 1, 2, 1))


@pytest.mark.parametrize("config", [TINY, EncoderConfig((4, 6, 8, 8, 10), (2, 2, 2, 2, 1))])
def test_saved_encoder_loads_with_its_config(tmp_path: Path, config: EncoderConfig):
    encoder = Encoder(config).half().float()
    save_encoder(encoder, tmp_path / "e.safetensors")
    loaded = load_encoder(tmp_path / "e.safetensors")
    assert loaded.config == config
    x = torch.rand(1, 3, 40, 56)
    for a, b in zip(encoder(x), loaded(x), strict=True):
        torch.testing.assert_close(a, b)


def test_layers_have_the_shapes_of_vgg():
    maps = embedded_encoder()(torch.rand(2, 3, 64, 96))
    assert [tuple(m.shape) for m in maps] == [(2, c, 64 >> i, 96 >> i) for i, c in enumerate(VGG_CHANNELS)]
    assert all(m.min() >= 0 for m in maps)


def test_thinned_first_layer_is_a_subset():
    x = torch.rand(1, 3, 48, 48)
    torch.manual_seed(0)
    net = Encoder(TINY)
    whole, thin = net(x)[0], net(x, first_stride=2)[0]
    torch.testing.assert_close(whole[..., ::2, ::2], thin)


def test_channel_statistics_equal_composed_operations():
    x = torch.rand(2, 7, 20, 24, requires_grad=True)
    weight = torch.randn(2, 14)
    flat = x.flatten(2)
    oracle = torch.cat([flat.mean(2), (flat.var(2) + 1e-5).sqrt()], 1)
    (expected,) = torch.autograd.grad((oracle * weight).sum(), x)
    ours = channel_statistics(x)
    (gradient,) = torch.autograd.grad((ours * weight).sum(), x)
    torch.testing.assert_close(ours, oracle)
    torch.testing.assert_close(gradient, expected)


def test_distances_are_zero_for_the_same_picture_only():
    encoder, x, y = embedded_encoder(), torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64) ** 3
    fx, fy = encoder(x), encoder(y)
    assert style_distance(style_statistics(fx), style_statistics(fx)).item() == 0
    assert style_distance(style_statistics(fy), style_statistics(fx)).item() > 0.1
    assert content_distance(fx[3], fx[3]).item() == pytest.approx(0, abs=1e-6)
    assert content_distance(fy[3], fx[3]).item() > 0.1


def test_style_distance_does_not_see_where_things_are():
    encoder, x = embedded_encoder(), torch.rand(1, 3, 64, 64)
    mirrored = style_distance(style_statistics(encoder(x.flip(3))), style_statistics(encoder(x)))
    assert mirrored.item() < 0.1
