"""clip-text-nano and match-nano, by a network that was never trained: what they compare, and which frames they see."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.errors import InputError, ModelError
from impasto.evaluation.metrics import clipnano
from impasto.evaluation.metrics.clipnano import METRICS, clip_vector
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.metric import Look, Reference
from impasto.perception.clipnano import WEIGHTS, embedded_clip_nano, save_clip_nano
from impasto.perception.text.weights import TEXT, embedded_text_encoder, save_text_encoder
from tests.evaluation.metrics.toys import texture, tinted
from tests.perception.test_clipnano import random_net
from tests.perception.text.toy import TEXTS, toy_encoder

TEXT_METRIC, MATCH_METRIC = METRICS


class Clip:
    """Frames that can be read again and again."""

    fps = Fraction(8)

    def __init__(self, frames: list[Frame]) -> None:
        self.frames, self.read = frames, 0

    def outputs(self) -> Iterator[Frame]:
        for frame in self.frames:
            self.read += 1
            yield frame

    sources = outputs


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    save_text_encoder(toy_encoder(), tmp_path / TEXT)
    save_clip_nano(random_net(), tmp_path / WEIGHTS)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    for embedded in (embedded_text_encoder, embedded_clip_nano):
        embedded.cache_clear()
    yield
    for embedded in (embedded_text_encoder, embedded_clip_nano):
        embedded.cache_clear()


@pytest.mark.usefixtures("weights")
def test_text_match_is_the_cosine_of_frame_and_prompt():
    net, frame = embedded_clip_nano(), texture(0)
    rgb = torch.from_numpy(frame).permute(2, 0, 1)[None]
    for prompt in TEXTS[:2]:
        expected = torch.cosine_similarity(net.picture(rgb).pooled, net.text([prompt]), dim=1).item()
        assert TEXT_METRIC.begin(Reference(prompt=prompt))(Look(frame)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.usefixtures("weights")
def test_a_frame_is_looked_at_once_for_all_prompts(monkeypatch: pytest.MonkeyPatch):
    looked = []
    monkeypatch.setattr(clipnano, "clip_vector", lambda frame: looked.append(frame) or clip_vector(frame))
    look, measures = Look(texture(0)), [TEXT_METRIC.begin(Reference(prompt=prompt)) for prompt in TEXTS[:2]]
    assert measures[0](look) != measures[1](look)
    assert len(looked) == 1


@pytest.mark.usefixtures("weights")
def test_a_clip_is_seen_in_the_middles_of_eight_equal_parts():
    frames = [tinted(texture(0), number / 40) for number in range(20)]
    clip = Clip(frames)
    measured = MATCH_METRIC.measure(clip, Reference(prompt=TEXTS[0]))
    middles = [1, 3, 6, 8, 11, 13, 16, 18]  # 20 / 8 = 2.5 frames a part
    rgb = torch.from_numpy(np.stack([frames[i] for i in middles])).permute(0, 3, 1, 2)
    assert measured.value == pytest.approx(embedded_clip_nano().match(rgb, TEXTS[:1]).item(), abs=1e-4)
    assert clip.read == 40
    other = MATCH_METRIC.measure(Clip(frames), Reference(prompt=TEXTS[2])).value
    assert other != pytest.approx(measured.value, abs=1e-5)


@pytest.mark.usefixtures("weights")
def test_refuses_what_it_cannot_judge():
    with pytest.raises(InputError, match="has 7 frames; this metric needs at least 8"):
        MATCH_METRIC.measure(Clip([texture(0)] * 7), Reference(prompt="a boat"))
    with pytest.raises(InputError, match="NaN"):
        TEXT_METRIC.begin(Reference(prompt="a boat"))(Look(np.full((40, 40, 3), np.nan, np.float32)))


def test_missing_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    for missing in ("encoder", "text", "clip-nano"):
        for metric in METRICS:
            with pytest.raises(ModelError, match=rf"'{missing}.safetensors' are missing"):
                metric.check_weights()
        (tmp_path / f"{missing}.safetensors").touch()
