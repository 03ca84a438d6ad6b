"""Retrieval and probes against what one counts by hand, raw descriptors, and the set that `gatys` paints."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto.errors import InputError, ModelError
from impasto.evaluation.descriptors import paintedset
from impasto.evaluation.descriptors.paintedset import PaintedSet, SetConfig
from impasto.evaluation.descriptors.probe import RIDGE, above_chance, linear_probe
from impasto.evaluation.descriptors.raw import raw_descriptors, standardised, whitened
from impasto.evaluation.descriptors.retrieval import mean_average_precision, recall_at
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.optimization.config import PaintingConfig
from impasto.stylizers.optimization.gatys import GatysConfig
from impasto.training.csdpictures import HELD_OUT


def directions(*degrees: float) -> torch.Tensor:
    angles = torch.tensor(degrees).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], 1)


def random_set(seed: int, count: int = 12, size: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, size, generator=generator), torch.arange(count) % 3


# Retrieval


def test_average_precision_as_counted_by_hand():
    descriptors, labels = directions(0, 10, 25, 70), torch.tensor([0, 1, 0, 1])
    # Ranks of the only other of its label: 0 finds 25 second, 10 finds 70 third, 25 finds 0 and 70 finds 10 second.
    assert mean_average_precision(descriptors, labels) == pytest.approx((1 / 2 + 1 / 3 + 1 / 2 + 1 / 2) / 4)
    assert [recall_at(descriptors, labels, k) for k in (1, 2, 3)] == [0, 3 / 4, 1]


def test_average_precision_with_several_of_a_label():
    """The first finds its own at the ranks 1 and 3: (1/1 + 2/3) / 2."""
    descriptors, labels = directions(0, 5, 20, 60, 61), torch.tensor([0, 0, 1, 0, 1])
    precisions = [(1 + 2 / 3) / 2, (1 + 2 / 3) / 2, 1 / 4, (1 / 3 + 2 / 4) / 2, 1 / 2]
    assert mean_average_precision(descriptors, labels) == pytest.approx(np.mean(precisions))


def test_agrees_with_a_loop():
    descriptors, labels = random_set(0)
    unit = (descriptors / descriptors.norm(dim=1, keepdim=True)).numpy()
    scores = []
    for i in range(len(unit)):
        ranked = sorted((j for j in range(len(unit)) if j != i), key=lambda j: -float(unit[i] @ unit[j]))
        hits = [rank for rank, j in enumerate(ranked, 1) if labels[j] == labels[i]]
        scores.append(np.mean([found / rank for found, rank in enumerate(hits, 1)]))
    assert mean_average_precision(descriptors, labels) == pytest.approx(np.mean(scores))


def test_perfect_descriptors_have_no_error_and_lengths_do_not_count():
    labels = torch.arange(9) % 3
    descriptors = torch.eye(3)[labels] * torch.arange(1, 10)[:, None]
    assert mean_average_precision(descriptors, labels) == recall_at(descriptors, labels, 1) == 1
    descriptors, labels = random_set(1)
    scaled = descriptors * torch.arange(1, 13)[:, None]
    assert mean_average_precision(scaled, labels) == pytest.approx(mean_average_precision(descriptors, labels))


def test_retrieval_refuses_what_does_not_fit():
    descriptors, labels = random_set(0)
    with pytest.raises(InputError, match=r"\(11,\) labels do not fit 12 descriptors"):
        mean_average_precision(descriptors, labels[:-1])
    with pytest.raises(InputError, match=r"there is one of \[2\]"):
        mean_average_precision(descriptors[:3], torch.tensor([1, 1, 2]))
    with pytest.raises(InputError, match="a count of at least 1"):
        recall_at(descriptors, labels, 0)


# The probe


def test_probe_agrees_with_ridge_regression_by_the_normal_equations():
    descriptors, labels = random_set(2, count=24)
    descriptors = descriptors + 1.5 * torch.eye(4)[labels]
    folds = (torch.arange(24) // 3) % 2
    right = 0
    for fold in range(2):
        known, asked = (descriptors[folds == f].double().numpy() for f in (1 - fold, fold))
        names = labels[folds == 1 - fold].numpy()
        mean, deviation = known.mean(0), known.std(0)
        x, y = (known - mean) / deviation, np.eye(3)[names] - 1 / 3
        penalty = RIDGE * np.mean((x**2).sum(1))
        weights = np.linalg.inv(x.T @ x + penalty * np.eye(4)) @ x.T @ y
        guesses = ((asked - mean) / deviation @ weights).argmax(1)
        right += (guesses == labels[folds == fold].numpy()).sum()
    assert 8 < right < 24
    assert linear_probe(descriptors, labels, folds) == right / 24


def test_probe_reads_what_is_there_and_only_that():
    labels, folds = torch.arange(60) % 3, (torch.arange(60) // 3) % 2
    noise = torch.randn(60, 50, generator=torch.Generator().manual_seed(0))
    hidden = noise.clone()
    hidden[:, 7] += 30 * labels
    assert linear_probe(torch.eye(3)[labels], labels, folds) == 1
    assert linear_probe(noise, labels, folds) < 0.6
    assert linear_probe(hidden, labels, folds) > linear_probe(noise, labels, folds)


def test_probe_does_not_see_what_it_names():
    """A number tells the label, and turns its meaning from fold to fold: what one teaches is wrong in the other."""
    labels, folds = torch.arange(40) % 2, torch.arange(40) // 20
    assert linear_probe(((labels ^ folds) * 2.0 - 1)[:, None], labels, folds) == 0


def test_above_chance():
    assert [above_chance(accuracy, 4) for accuracy in (0.25, 0.625, 1)] == [0, 0.5, 1]


def test_probe_refuses_what_does_not_fit():
    descriptors, labels = random_set(0)
    with pytest.raises(InputError, match="do not fit 12 descriptors"):
        linear_probe(descriptors, labels, labels[:-1])
    with pytest.raises(InputError, match="there are 1 folds"):
        linear_probe(descriptors, labels, torch.zeros(12))


# Raw descriptors


def test_raw_descriptors_are_the_encoders_own():
    features = embedded_encoder()(torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0)))
    raw = raw_descriptors(features)
    assert {name: len(table) for name, table in raw.items()} == {
        "statistics": 2944,
        "relu5_1 mean": 512,
        "relu4_1 normalised": 512 * 36,
    }
    torch.testing.assert_close(raw["relu5_1 mean"], raw["statistics"][-1024:-512])


def test_standardised_and_whitened():
    table = random_set(3, count=30)[0] @ torch.diag(torch.tensor([1.0, 5, 9, 0.1])) + 2
    standard = standardised(table)
    torch.testing.assert_close(standard.mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(standard.square().mean(0), torch.ones(4))
    white = whitened(table, share=0)
    torch.testing.assert_close(white.T @ white, torch.eye(4, dtype=torch.float64))


# The set


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three photos and two styles of 40 x 48 pixels to measure on."""
    rng = np.random.default_rng(0)
    for name, count in (("photos", 3), ("styles", 2)):
        folder = tmp_path / "eval" / name
        folder.mkdir(parents=True)
        for number in range(count):
            coarse = rng.integers(0, 255, (5, 6, 3), np.uint8)
            Image.fromarray(coarse).resize((48, 40)).save(folder / f"{name}{number}.jpg")
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    return tmp_path


QUICK = GatysConfig(PaintingConfig(iterations=1, levels=1))
SMALL = SetConfig(photos=2, paintings=1, kinds=HELD_OUT[:1], side=32, gatys=QUICK)


@pytest.mark.usefixtures("data_folder")
def test_the_set_is_painted_once_and_resumes(monkeypatch: pytest.MonkeyPatch):
    painted = PaintedSet(SMALL)
    first = next(painted.paint())
    assert first == "styles0+photos0"
    rest = list(PaintedSet(SMALL).paint())
    assert rest == ["styles0+photos1", f"{HELD_OUT[0]}+photos0", f"{HELD_OUT[0]}+photos1"]
    monkeypatch.setattr(paintedset, "Gatys", None)  # nothing may be painted any more
    assert list(painted.paint()) == []
    frames, (styles, photos) = list(painted.frames()), painted.labels()
    assert {frame.shape for frame in frames} == {(32, 38, 3)}
    assert (styles.tolist(), photos.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])
    assert np.abs(frames[0] - frames[2]).mean() > 0.02
    photos, halves = list(painted.frames(0)), list(painted.frames(0.5))
    assert np.array_equal(photos[0], photos[2])
    for photo, half, frame in zip(photos, halves, frames, strict=True):
        np.testing.assert_allclose(half, (photo + frame) / 2, atol=1e-6)


@pytest.mark.usefixtures("data_folder")
def test_another_config_is_another_set():
    assert PaintedSet(SMALL)._folder != PaintedSet(SetConfig(photos=2, side=33, gatys=QUICK))._folder


def test_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    with pytest.raises(ModelError, match="eval/photos is missing"):
        PaintedSet(SMALL)
