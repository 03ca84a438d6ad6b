"""Frames from the middle of equal parts, and X-CLIP, with a tiny random one, against its own score."""

import numpy as np
import pytest
import torch
from PIL import Image

from impasto.errors import InputError
from impasto.evaluation.metrics.hub import videotext as module
from impasto.evaluation.metrics.hub.models import XCLIP_B32
from impasto.evaluation.metrics.hub.videotext import measured_by, middle_frames, video_text
from impasto.evaluation.metrics.metric import Reference
from tests.evaluation.metrics.hub.nets import (
    END,
    IMAGENET_SCALE,
    START,
    TEXT,
    VISION,
    WIDTH,
    Film,
    blocks,
    prepared,
    randomised,
    saved,
    shrunk,
    token,
)

transformers = pytest.importorskip("transformers")

(CLIP_T,) = module.METRICS


class Brightness:
    """A network of 12 frames that gives their mean values, times the length of the text."""

    frames = 12

    def match(self, frames, text):
        self.seen = [float(frame.mean()) for frame in frames]
        return len(text) * sum(self.seen)


def film(count: int) -> Film:
    """Frame n is as bright as n / 100."""
    return Film([np.full((8, 8, 3), number / 100, np.float32) for number in range(count)])


@pytest.mark.parametrize(
    ("count", "wanted", "expected"),
    [
        (16, 8, [0, 2, 4, 6, 8, 10, 12, 14]),
        (24, 8, [1, 4, 7, 10, 13, 16, 19, 22]),
        (8, 8, list(range(8))),
        (3, 8, [0, 1, 2, 2, 2, 2, 2, 2]),
        (1, 2, [0, 0]),
        (20, 8, [0, 3, 5, 8, 10, 13, 15, 18]),
    ],
)
def test_frames_are_those_in_the_middle_of_equal_parts(count, wanted, expected):
    """The last two by hand from VBench's program: parts [0, 2, 5, 7, 10, ...) of 20 frames."""
    chosen = middle_frames(count, wanted)
    edges = [count * part // wanted for part in range(wanted + 1)]
    if count >= wanted:
        assert all(low <= number < high for number, low, high in zip(chosen, edges, edges[1:], strict=False))
    assert chosen == expected


def test_any_network_fits_behind_the_interface():
    net = Brightness()
    assert video_text(film(36), "match", net) == pytest.approx(5 * sum(net.seen))
    np.testing.assert_allclose(net.seen, [(1 + 3 * part) / 100 for part in range(12)], rtol=1e-5)
    assert measured_by(lambda: net)(film(36), Reference(prompt="match")).value == pytest.approx(5 * sum(net.seen))


def test_repeats_the_last_frame_of_a_short_clip():
    net = Brightness()
    video_text(film(2), "", net)
    assert net.seen == pytest.approx([0] + [0.01] * 11)


def test_refuses_a_clip_without_frames():
    with pytest.raises(InputError, match="0 frames"):
        video_text(film(0), "", Brightness())


@torch.no_grad()
def test_xclip_is_its_own_score_without_temperature(weights):
    vision = VISION | {
        "num_frames": 4,
        "mit_hidden_size": WIDTH,
        "mit_intermediate_size": 48,
        "mit_num_attention_heads": 2,
    }
    config = transformers.XCLIPConfig(
        text_config=TEXT, vision_config=vision, projection_dim=WIDTH, prompt_num_attention_heads=2
    )
    net = saved(randomised(transformers.XCLIPModel(config)), weights, XCLIP_B32)
    frames = [blocks(seed) for seed in range(8)]
    clip = torch.cat(
        [
            prepared(shrunk(frames[n], (224, 298), Image.Resampling.BILINEAR)[:, 37:261], IMAGENET_SCALE)
            for n in (0, 2, 4, 6)
        ]
    )
    seen = net(input_ids=torch.tensor([[START, token("cat"), END]]), pixel_values=clip[None])
    expected = (seen.logits_per_video / net.logit_scale.exp()).item()
    assert CLIP_T.measure(Film(frames), Reference(prompt="cat")).value == pytest.approx(expected, abs=1e-5)
    assert CLIP_T.measure(Film(frames[::-1]), Reference(prompt="cat")).value != pytest.approx(expected, abs=1e-3)
