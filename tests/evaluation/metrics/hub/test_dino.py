"""Metrics by DINO and DINOv2, with tiny random ones, against sums by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from impasto.evaluation.metrics.hub import dino as module
from impasto.evaluation.metrics.hub.models import DINO_B8, DINO_B16, DINOV2_B14
from impasto.evaluation.metrics.metric import Look, Reference
from tests.evaluation.metrics.hub.nets import IMAGENET_SCALE, VISION, Film, blocks, prepared, randomised, saved, shrunk
from tests.evaluation.metrics.toys import noisy

transformers = pytest.importorskip("transformers")

DINO_STRUCTURE, SPLICE_STRUCTURE, SUBJECT = module.METRICS
SOURCE = blocks(0, (60, 92))
OUTPUT = noisy(SOURCE, 0.3)


def toy_dino():
    return randomised(transformers.ViTModel(transformers.ViTConfig(**VISION), add_pooling_layer=False))


def whole(frame: np.ndarray) -> torch.Tensor:
    """224 x 343, of which patches cover 336."""
    return prepared(shrunk(frame, (224, 343), Image.Resampling.BILINEAR), IMAGENET_SCALE)


@torch.no_grad()
def test_dino_structure_is_the_mean_cosine_of_patch_tokens(weights):
    net = randomised(transformers.Dinov2Model(transformers.Dinov2Config(**VISION, mlp_ratio=2)))
    saved(net, weights, DINOV2_B14)
    pictures = [
        prepared(shrunk(frame, (224, 336), Image.Resampling.BICUBIC), IMAGENET_SCALE) for frame in (SOURCE, OUTPUT)
    ]
    first, second = (net(picture).last_hidden_state[0, 1:].numpy() for picture in pictures)
    assert len(first) == 4 * 6
    cosines = (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)
    measure = DINO_STRUCTURE.begin(Reference())
    assert measure(Look(OUTPUT, SOURCE)) == pytest.approx(cosines.mean(), abs=1e-5)
    assert measure(Look(SOURCE, SOURCE)) == pytest.approx(1, abs=1e-5)


@torch.no_grad()
def keys(net, picture: torch.Tensor) -> np.ndarray:
    """Of the last layer, from the states before it."""
    before = net(picture, interpolate_pos_encoding=True, output_hidden_states=True).hidden_states[-2]
    layer = net.layers[-1]
    return F.linear(layer.layernorm_before(before), layer.attention.k_proj.weight, layer.attention.k_proj.bias)[
        0
    ].numpy()


def test_splice_compares_the_keys_of_the_last_layer(weights):
    net = saved(toy_dino(), weights, DINO_B8)
    likeness = []
    for frame in (SOURCE, OUTPUT):
        found = keys(net, whole(frame))
        assert len(found) == 1 + 4 * 6
        unit = found / np.linalg.norm(found, axis=1, keepdims=True)
        likeness.append(unit @ unit.T)
    expected = np.square(likeness[0] - likeness[1]).mean()
    measure = SPLICE_STRUCTURE.begin(Reference())
    assert measure(Look(OUTPUT, SOURCE)) == pytest.approx(expected, rel=1e-3)
    assert measure(Look(SOURCE, SOURCE)) == 0


@torch.no_grad()
def test_subject_is_the_formula_of_vbench_on_class_tokens(weights):
    net = saved(toy_dino(), weights, DINO_B16)
    frames = [blocks(seed, (60, 92)) for seed in range(3)]
    tokens = [net(whole(frame), interpolate_pos_encoding=True).last_hidden_state[0, 0].numpy() for frame in frames]
    first, second, third = (token / np.linalg.norm(token) for token in tokens)
    expected = [max(0, first @ second), (max(0, first @ third) + max(0, second @ third)) / 2]
    np.testing.assert_allclose(SUBJECT.measure(Film(frames), Reference()).curve, expected, atol=1e-5)
