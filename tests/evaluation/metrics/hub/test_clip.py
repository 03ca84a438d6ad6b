"""Metrics by CLIP, with a tiny random one, against its own score and against sums by hand."""

import numpy as np
import pytest
import torch

from impasto.evaluation.metrics.hub import clip as module
from impasto.evaluation.metrics.hub.clip import clip
from impasto.evaluation.metrics.hub.models import CLIP_B32, CLIP_L14
from impasto.evaluation.metrics.metric import Look, Reference
from tests.evaluation.metrics.hub.nets import (
    END,
    START,
    TEXT,
    VISION,
    WIDTH,
    Film,
    blocks,
    randomised,
    saved,
    seen_by_clip,
    token,
)

transformers = pytest.importorskip("transformers")

CLIP_TEXT, BACKGROUND = module.METRICS
FRAMES = [blocks(seed) for seed in range(3)]


def toy_clip():
    config = transformers.CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=WIDTH)
    return randomised(transformers.CLIPModel(config))


@torch.no_grad()
def score(net, frame: np.ndarray, ids: list[int]) -> float:
    """CLIP's own, without its temperature."""
    seen = net(input_ids=torch.tensor([ids]), pixel_values=seen_by_clip(frame))
    return (seen.logits_per_image / net.logit_scale.exp()).item()


def test_text_match_is_the_score_of_clip_itself(weights):
    net = saved(toy_clip(), weights, CLIP_L14)
    measure = CLIP_TEXT.begin(Reference(prompt="A cat"))
    ids = [START, END, token("cat"), END]  # no token is an "a" that ends a word: unknown, which is the end as well
    scores = [measure(Look(frame)) for frame in FRAMES]
    np.testing.assert_allclose(scores, [score(net, frame, ids) for frame in FRAMES], atol=1e-5)
    assert max(scores) - min(scores) > 0.05


def test_texts_are_cut_off_at_the_length_of_the_network(weights):
    net = saved(toy_clip(), weights, CLIP_L14)
    measure = CLIP_TEXT.begin(Reference(prompt="dog cat dog dog cat cat cat"))
    ids = [START, *map(token, ("dog", "cat", "dog", "dog")), END]
    assert measure(Look(FRAMES[0])) == pytest.approx(score(net, FRAMES[0], ids), abs=1e-5)


def test_metrics_share_what_the_network_sees(weights):
    saved(toy_clip(), weights, CLIP_L14)
    place = weights / "clip-vit-large-patch14"
    looks = Look(FRAMES[0])
    assert looks.in_output(clip(place).image) is looks.in_output(clip(place).image)


@torch.no_grad()
def test_background_is_the_formula_of_vbench(weights):
    net = saved(toy_clip(), weights, CLIP_B32)
    seen = [net.get_image_features(seen_by_clip(frame)).pooler_output[0].numpy() for frame in FRAMES]
    first, second, third = (features / np.linalg.norm(features) for features in seen)
    expected = [max(0, first @ second), (max(0, first @ third) + max(0, second @ third)) / 2]
    measured = BACKGROUND.measure(Film(FRAMES), Reference())
    np.testing.assert_allclose(measured.curve, expected, atol=1e-5)
    assert measured.value == pytest.approx(np.mean(expected), abs=1e-5)
