"""What is measured, against cases whose answer is known."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import Dinov2Config, Dinov2Model

from impasto.curation.clips import fitted
from impasto.curation.config import CT_LIMITS
from impasto.curation.filters import FILTERS, PAIR_FILTERS, SOURCE_FILTERS, refused
from impasto.curation.quality import fingerprint, moments, source_scores
from impasto.curation.routes.route import Pair
from impasto.curation.scores import mismatched, motion_agreement, pair_scores
from impasto.errors import ModelError
from tests.curation.toy import panning


def clip(seed: int = 0, frames: int = 5) -> np.ndarray:
    return np.stack(panning(seed, frames))


def test_source_scores_tell_what_is_wrong():
    good, dark = source_scores(clip()), source_scores(clip() // 50)
    assert good.keys() == {each.key for each in SOURCE_FILTERS}
    assert dark["brightness"] < 0.02 < good["brightness"]
    still = source_scores(clip()[:1].repeat(5, 0))
    assert still["motion"] < 0.001
    assert good["motion"] == pytest.approx(1 / 48, rel=0.3)  # a pixel of 48 a frame
    noise = np.random.default_rng(0).integers(0, 256, (5, 48, 64, 3), np.uint8)
    assert source_scores(noise)["tracked"] < 0.5 < good["tracked"]


def test_agreement_is_one_for_the_same_motion_and_low_for_the_opposite():
    frames = clip(frames=9)
    assert motion_agreement(frames, frames) == 1
    assert motion_agreement(frames, 255 - frames) > 0.9  # other colours, the same motion
    assert motion_agreement(frames, frames[::-1]) < 0.3
    assert motion_agreement(frames, frames[:1].repeat(9, 0)) < 0.3


def test_a_pair_whose_sides_move_otherwise_is_dropped_for_that_alone():
    frames = clip(frames=9)
    wanted = {"agreement": CT_LIMITS["agreement"]}

    def drops(stylized: np.ndarray) -> tuple[str, ...]:
        return refused(pair_scores(Pair(frames, stylized, [frames[0]], {})).scores, wanted, FILTERS)

    assert drops(255 - frames) == ()
    for other in (frames[::-1].copy(), frames[:1].repeat(9, 0), np.stack(panning(1, 9))[:, ::-1, ::-1].copy()):
        assert drops(other) == ("agreement",)


def test_pair_scores_of_a_pair_that_was_not_painted():
    frames = clip(frames=6)
    measured = pair_scores(Pair(frames, frames, [frames[0]], {}))
    assert {each.key for each in PAIR_FILTERS} - {"dino", "asked"} <= measured.scores.keys()
    assert measured.scores["structure"] == pytest.approx(1, abs=1e-5)
    assert measured.scores["flicker"] == measured.scores["flicker_raw"]
    assert measured.scores["csd"] > 0.9  # of itself
    assert measured.scores["leak"] > 0.9
    assert measured.scores["csd"] == pytest.approx(float(measured.style @ measured.pictures), abs=1e-5)


def test_dino_measures_structure_where_it_is_asked_for_and_there(tmp_path: Path, monkeypatch):
    frames = clip(frames=6)
    pair = Pair(frames, 255 - frames, [frames[0]], {})
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(ModelError, match="facebook/dinov2-base"):
        pair_scores(pair, "dino")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 28, "mlp_ratio": 2}
    Dinov2Model(Dinov2Config(**sizes)).save_pretrained(tmp_path / "dinov2-base")
    assert pair_scores(Pair(frames, frames, [frames[0]], {}), "dino").scores["dino"] == pytest.approx(1, abs=1e-5)
    assert pair_scores(pair, "dino").scores["dino"] < 0.99
    assert "dino" not in pair_scores(pair).scores


def test_what_is_mismatched_is_of_another_style():
    one, other = np.eye(2)
    assert mismatched([one, other], [one, other], ["a", "b"]).tolist() == [0, 0]
    assert mismatched([one, other], [other, one], ["a", "b"]).tolist() == [1, 1]
    assert mismatched([one, one], [one, one], ["a", "a"]).size == 0


def test_fingerprints_survive_small_changes_and_tell_clips_apart():
    frames = np.stack(panning(0, 5, (128, 96)))
    small = np.stack([fitted(frame, 64 * 48) for frame in frames])
    noisy = np.clip(frames + np.random.default_rng(0).normal(0, 4, frames.shape), 0, 255).astype(np.uint8)

    def apart(other: np.ndarray) -> int:
        return (fingerprint(frames) ^ fingerprint(other)).bit_count()

    assert max(apart(small), apart(noisy)) < 0.06 * 192
    assert apart(np.stack(panning(1, 5, (128, 96)))) > 0.25 * 192


def test_a_filter_without_limit_or_score_drops_nothing():
    assert refused({"csd": 0.1, "flicker": 99.0}, {}, FILTERS) == ()
    assert refused({}, {"csd": 0.5}, FILTERS) == ()
    assert refused({"csd": 0.4, "flicker": 9.0}, {"csd": 0.5, "flicker": 8.0}, FILTERS) == ("csd", "flicker")
    assert refused({"csd": 0.5, "flicker": 8.0}, {"csd": 0.5, "flicker": 8.0}, FILTERS) == ()


def test_moments_are_the_ends_and_between():
    assert moments(17) == [0, 8, 16]
    assert moments(1) == [0]
