"""LAION's head on a tiny random CLIP, against a sum by hand."""

import pytest
import torch
from safetensors.torch import save_file

from impasto.errors import ModelError
from impasto.evaluation.metrics.hub import aesthetic
from impasto.evaluation.metrics.hub.models import CLIP_L14
from impasto.evaluation.metrics.metric import Look, Reference
from tests.evaluation.metrics.hub.nets import WIDTH, blocks, saved, seen_by_clip
from tests.evaluation.metrics.hub.test_clip import toy_clip

(AESTHETIC,) = aesthetic.METRICS
FRAME = blocks(0)


@torch.no_grad()
def test_is_a_tenth_of_the_head_on_the_unit_embedding(weights):
    net = saved(toy_clip(), weights, CLIP_L14)
    head = {"weight": torch.linspace(-1, 2, WIDTH)[None], "bias": torch.tensor([5.0])}
    (weights / "aesthetic-predictor").mkdir()
    save_file(head, weights / "aesthetic-predictor" / "sa_0_4_vit_l_14_linear.safetensors")
    features = net.get_image_features(seen_by_clip(FRAME)).pooler_output[0]
    expected = (head["weight"][0] @ features / features.norm() + 5).item() / 10
    assert AESTHETIC.begin(Reference())(Look(FRAME)) == pytest.approx(expected, abs=1e-5)


def test_says_how_the_head_is_made(weights):
    saved(toy_clip(), weights, CLIP_L14)
    with pytest.raises(ModelError, match=r"sa_0_4_vit_l_14_linear.safetensors \(about 3 kB\) .* made from"):
        AESTHETIC.check_weights()
