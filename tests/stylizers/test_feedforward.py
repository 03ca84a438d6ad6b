from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.color.transport import apply, color_statistics
from impasto.guidance import Guidance, Style
from impasto.perception.encoder import Encoder, EncoderConfig
from impasto.perception.statistics import style_distance, style_statistics
from impasto.stylizers.blending import blend, luma
from impasto.stylizers.feedforward.adapt import AdaptConfig, adapt
from impasto.stylizers.feedforward.code import encode_style, mix, split_layers
from impasto.stylizers.feedforward.engine import fold, openvino_engine, torch_engine
from impasto.stylizers.feedforward.margins import MARGIN, pad_frames
from impasto.stylizers.feedforward.network import (
    MULTIPLE,
    ClipNorm,
    NetworkConfig,
    Parameters,
    Predictor,
    PredictorConfig,
    grow,
    instance_norm,
    layers,
    repaint,
)
from impasto.stylizers.feedforward.swift import SwiftConfig, mixed_code, sample_pairs
from impasto.stylizers.feedforward.weights import load_predictor, save_predictor
from impasto.stylizers.memoryshot import MemoryShot
from impasto.video.pictures import write_picture

TINY = PredictorConfig(network=NetworkConfig(8, 8, 8, 2, 1), components=6, hidden=8, kernels=2)


@pytest.fixture
def parameters() -> Parameters:
    torch.manual_seed(0)
    predictor = Predictor(TINY)
    predicted = {name: value.detach() for name, value in predictor(torch.randn(6), torch.randn(6)).items()}
    return predicted


@pytest.fixture
def colors() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.eye(3) * 1.2, torch.full((3,), -0.1)


def frame(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)


def batch(*frames: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)


def test_predictor_gives_every_parameter_of_every_layer(parameters: Parameters):
    for name, layer in layers(TINY.network).items():
        assert parameters[f"{name}.weight"].shape == (layer.outs, layer.ins, 3, 3)
        assert parameters[f"{name}.shift"].shape == (layer.outs,)
        assert (f"{name}.scale" in parameters) == layer.norm


@pytest.mark.parametrize(
    "config", [TINY, PredictorConfig(network=NetworkConfig(4, 8, 4, 4, 2), components=3, hidden=5, kernels=3)]
)
def test_saved_predictor_loads_with_its_config(tmp_path: Path, config: PredictorConfig):
    predictor = Predictor(config).half().float()
    save_predictor(predictor, tmp_path / "p.safetensors")
    loaded = load_predictor(tmp_path / "p.safetensors")
    assert loaded.config == config
    codes = torch.randn(config.components), torch.randn(config.components)
    for name, value in predictor(*codes).items():
        # Kernels are kept as 8-bit numbers: half a step of the largest of each filter, times the blend.
        torch.testing.assert_close(loaded(*codes)[name], value.detach(), rtol=0.02, atol=0.01)


def test_grown_predictor_is_the_same_function_and_can_learn_more():
    torch.manual_seed(3)
    predictor = Predictor(TINY)
    torch.nn.init.normal_(predictor.head.bias)
    big = grow(predictor, replace(TINY, hidden=3 * TINY.hidden, shared=1)).requires_grad_()
    codes = torch.randn(TINY.components), torch.randn(TINY.components)
    for name, value in predictor(*codes).items():
        torch.testing.assert_close(big(*codes)[name], value)
    sum(value.sum() for value in big(*codes).values()).backward()
    assert big.head.weight.grad[:, TINY.hidden :].abs().sum() > 0
    blend = big.split(big.head.bias.grad)["stem.blend"]
    assert len(blend.unique()) == len(blend)  # each filter goes its own way


def test_folded_network_equals_instance_normalisation(
    parameters: Parameters, colors: tuple[torch.Tensor, torch.Tensor]
):
    frames = [frame(48, 64, seed) for seed in range(3)]
    net = fold(parameters, TINY.network, batch(*frames), *colors)
    with torch.no_grad():
        direct = repaint(apply(pad_frames(batch(*frames)), *colors), parameters, TINY.network).clamp(0, 1)
    inner = direct[0, :, MARGIN : MARGIN + 48, MARGIN : MARGIN + 64].permute(1, 2, 0).numpy()
    assert np.abs(torch_engine(net)(frames[0]) - inner).mean() < 0.02  # statistics are measured in bfloat16


@pytest.mark.parametrize("size", [(48, 64), (37, 53), (24, 20)])
def test_openvino_equals_torch(
    parameters: Parameters, colors: tuple[torch.Tensor, torch.Tensor], size: tuple[int, int]
):
    source = frame(*size)
    net = fold(parameters, TINY.network, batch(source), *colors)
    ours, reference = openvino_engine(net, *size)(source), torch_engine(net)(source)
    assert ours.shape == source.shape
    assert ours.dtype == np.float32
    assert np.abs(ours - reference).mean() < 0.02


@pytest.mark.parametrize("size", [(16, 16), (1, 1), (5, 40), (48, 64), (37, 53)])
def test_padded_frames_are_multiples_and_keep_the_frame_inside(size: tuple[int, int]):
    frames = batch(frame(*size))
    padded = pad_frames(frames)
    assert all(side % MULTIPLE == 0 for side in padded.shape[2:])
    torch.testing.assert_close(padded[..., MARGIN : MARGIN + size[0], MARGIN : MARGIN + size[1]], frames)


def test_mixed_code_is_that_of_the_pictures_side_by_side():
    torch.manual_seed(0)
    encoder = Encoder(EncoderConfig((4, 4, 4, 4, 4), (1, 1, 1, 1, 1)))
    # Constant halves: at every layer the union of the pictures' features is the features of the union.
    one, two = torch.full((1, 3, 64, 64), 0.2), torch.full((1, 3, 64, 64), 0.9)
    mixed = mix([encode_style(encoder, one), encode_style(encoder, two)], [0.5, 0.5])
    maps = [torch.cat([a, b], 3) for a, b in zip(encoder(one), encoder(two), strict=True)]
    expected = torch.cat(style_statistics([m.detach() for m in maps]), 1)[0]
    torch.testing.assert_close(mixed.statistics, expected, atol=1e-2, rtol=1e-2)
    side_by_side = color_statistics(torch.cat([one, two], 3)[0].flatten(1).T)
    torch.testing.assert_close(mixed.colors.covariance, side_by_side.covariance)


def test_one_style_mixed_alone_is_itself():
    encoder = Encoder(EncoderConfig((4, 4, 4, 4, 4), (1, 1, 1, 1, 1)))
    code = encode_style(encoder, torch.rand(1, 3, 64, 64))
    torch.testing.assert_close(mix([code], [1.0]).statistics, code.statistics, atol=1e-3, rtol=1e-3)


def test_adapting_brings_the_output_nearer_to_the_style(
    parameters: Parameters, colors: tuple[torch.Tensor, torch.Tensor]
):
    torch.manual_seed(1)
    encoder = Encoder(EncoderConfig((4, 4, 4, 4, 4), (1, 1, 1, 1, 1))).requires_grad_(False)
    code = encode_style(encoder, torch.rand(1, 3, 64, 64) ** 2)
    source = frame(64, 64)
    config = AdaptConfig(steps=30, crop=64, rate=1e-3, content_weight=0.0, temporal_weight=0.0)

    def distance(p: Parameters) -> float:
        with torch.no_grad():
            painted = repaint(apply(batch(source), *colors), p, TINY.network).clamp(0, 1)
            return style_distance(style_statistics(encoder(painted)), split_layers(code.statistics[None])).item()

    done: list[float] = []
    pairs = [np.stack([source, source])]
    adapted = adapt(parameters, TINY.network, encoder, code, colors, pairs, config, 0, done.append)
    assert distance(adapted) < 0.8 * distance(parameters)
    assert done == sorted(done)
    assert done[-1] == 1
    again = adapt(parameters, TINY.network, encoder, code, colors, pairs, config, 0, done.append)
    assert all(torch.equal(adapted[name], again[name]) for name in adapted)


def test_strength_goes_from_the_source_to_the_painting():
    source, painted = frame(32, 32, 0), frame(32, 32, 1)
    np.testing.assert_array_equal(blend(source, painted, Guidance(strength=0)), source)
    np.testing.assert_array_equal(blend(source, painted, Guidance()), painted)
    np.testing.assert_allclose(blend(source, painted, Guidance(strength=0.5)), (source + painted) / 2, atol=1e-6)


def test_preserved_colour_keeps_chroma_and_takes_luminance():
    source, painted = frame(32, 32, 0), frame(32, 32, 1)
    result = blend(source, painted, Guidance(preserve_color=True))
    np.testing.assert_allclose(luma(result), luma(painted), atol=1e-5)
    np.testing.assert_allclose(result - luma(result), source - luma(source), atol=1e-5)


def test_structure_brings_back_edges():
    source = np.zeros((64, 64, 3), np.float32)
    source[:, 32:] = 1
    flat = np.full_like(source, 0.5)
    kept = blend(source, flat, Guidance(structure=1.0))
    assert np.ptp(kept[32, 28:36, 0]) > 0.5
    assert np.abs(kept[:, :16] - 0.5).max() < 0.05


def test_statistics_of_the_clip_start_as_those_of_what_is_seen_first_and_follow_slowly():
    torch.manual_seed(4)
    first, second = torch.randn(2, 5, 9, 7), 3 * torch.randn(1, 5, 8, 8) + 1
    scale, shift = torch.rand(5), torch.randn(5)
    norm = ClipNorm(keep=0.9)
    torch.testing.assert_close(norm(first, "a", scale, shift), instance_norm(first, "a", scale, shift))
    norm(second, "a", scale, shift)
    mean, square = norm.seen["a"]
    torch.testing.assert_close(mean, 0.9 * first.mean((0, 2, 3)) + 0.1 * second.mean((0, 2, 3)))
    torch.testing.assert_close(square, 0.9 * first.square().mean((0, 2, 3)) + 0.1 * second.square().mean((0, 2, 3)))


def test_statistics_of_a_clip_stay_finite_where_rounding_leaves_no_variance():
    norm, scale, shift = ClipNorm(), torch.ones(2), torch.zeros(2)
    for step in range(40):
        flat = torch.full((1, 2, 4, 4), 1000 + 0.01 * step)
        assert norm(flat, "a", scale, shift).isfinite().all()


def test_pairs_are_neighbouring_frames_spread_over_the_shot():
    frames = [frame(20, 30, number) for number in range(12)]
    pairs = sample_pairs(MemoryShot(frames), SwiftConfig(adapting_steps=0, following_steps=0, sampled_pairs=3))
    for (first, second), start in zip(pairs, (0, 5, 10), strict=True):
        np.testing.assert_array_equal(first, frames[start])
        np.testing.assert_array_equal(second, frames[start + 1])
    ((first, second),) = sample_pairs(MemoryShot(frames[:1]), SwiftConfig(adapting_steps=0, following_steps=0))
    np.testing.assert_array_equal(first, second)


def test_of_large_frames_the_pairs_show_the_same_window():
    y, x = np.mgrid[:200, :300].astype(np.float32)
    places = np.stack([y, x, np.zeros_like(x)], -1)
    pairs = sample_pairs(
        MemoryShot([places] * 12), SwiftConfig(adapting_steps=0, following_steps=0, sampled_pixels=80_000)
    )
    assert sum(pair[..., 0].size for pair in pairs) <= 80_000 * 1.02
    for first, second in pairs:
        np.testing.assert_array_equal(first, second)
        assert np.ptp(first[..., 0]) == first.shape[0] - 1
        assert np.ptp(first[..., 1]) == first.shape[1] - 1
    assert len({tuple(first[0, 0]) for first, _ in pairs}) == len(pairs)


def test_weights_of_styles_count_by_their_shares(tmp_path: Path):
    rng = np.random.default_rng(0)
    for name in "ab":
        write_picture(tmp_path / f"{name}.png", rng.integers(0, 256, (48, 48, 3), dtype=np.uint8))

    def mixed(*weights: float) -> torch.Tensor:
        pairs = zip("ab", weights, strict=True)
        return mixed_code([Style(image=tmp_path / f"{name}.png", weight=weight) for name, weight in pairs]).statistics

    torch.testing.assert_close(mixed(0.9, 0.6), mixed(0.6, 0.4))
    assert not torch.allclose(mixed(0.6, 0.4), mixed(0.4, 0.6))
