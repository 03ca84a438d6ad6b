"""Triplets, what they are drawn from, and the recipe of the projector."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import normalize

from impasto.errors import InputError, ModelError
from impasto.perception.clipnano import PictureVectors
from impasto.stylizers.stylemaster.projector import ProjectorConfig, StyleProjector, load_projector
from impasto.training.stylemaster import projector
from impasto.training.stylemaster.projector import ProjectorRun, ProjectorTraining, train
from impasto.training.stylemaster.stylegroups import HELD_BACK, StyleGroups, artist_groups
from impasto.training.stylemaster.triplets import pull_loss, retrieval, triplet_loss, within_style_spread

NET = ProjectorConfig(embedding=8, hidden=16, depth=1, size=6)
RUN = ProjectorRun(net=NET, epochs=3, batch=4, rate=3e-3)


def unit(count: int, size: int = 5, seed: int = 0) -> Tensor:
    return normalize(torch.randn(count, size, generator=torch.Generator().manual_seed(seed)), dim=1)


# The losses


def test_triplets_are_as_the_paper_prints_them():
    anchor, positive, negative = unit(3), unit(3, seed=1), unit(3, seed=2)
    expected = sum(
        np.linalg.norm(a - p) - np.linalg.norm(a - n) + 0.3
        for a, p, n in zip(anchor.numpy(), positive.numpy(), negative.numpy(), strict=True)
    )
    assert triplet_loss(anchor, positive, negative, 0.3, hinge=False).item() == pytest.approx(expected, abs=1e-5)


def test_without_a_hinge_the_margin_moves_nothing_and_with_it_only_bad_triplets_cost():
    positive = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    negative = torch.tensor([[0.0, 1.0], [1.0, 0.0]])

    def gradient(margin: float, hinge: bool) -> Tensor:
        anchor = torch.tensor([[0.6, 0.8], [0.0, 1.0]], requires_grad=True)
        (found,) = torch.autograd.grad(triplet_loss(anchor, positive, negative, margin, hinge), anchor)
        return found

    assert torch.equal(gradient(0.1, False), gradient(5.0, False))
    assert gradient(0.1, True)[0].abs().max() > 0
    assert torch.equal(gradient(0.1, True)[1], torch.zeros(2))
    assert gradient(0.1, False).isfinite().all()  # also where anchor and positive are one


def test_the_pull_is_the_mean_squared_difference():
    assert pull_loss(torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 1.0]])).item() == 2.5


def test_spread_and_retrieval_of_vectors_that_are_known():
    vectors = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-1.0, 0.0]])
    styles = torch.tensor([0, 0, 0, 1])
    assert within_style_spread(vectors, styles) == pytest.approx(np.var([0.6, 0.0, 0.8]), abs=1e-6)
    assert retrieval(vectors, styles) == 0.75
    assert within_style_spread(vectors, torch.arange(4)) == 0


# What they are drawn from


def groups(styles: int = 2 * HELD_BACK, size: int = NET.embedding) -> StyleGroups:
    """Two pairs of each style; style is in the first half of the numbers, content in the second."""
    rng = np.random.default_rng(0)
    look = rng.normal(size=(styles, size // 2)).repeat(4, 0)
    content = 2 * rng.normal(size=(4 * styles, size // 2))
    embeddings = normalize(torch.tensor(np.hstack([look, content])).float(), dim=1)
    return StyleGroups(embeddings, torch.arange(4 * styles) // 2, torch.arange(4 * styles) // 4)


def test_triplets_take_every_group_once_and_no_negative_from_it():
    of = groups()
    drawn = of.triplets(np.random.default_rng(1))
    group = of.groups[drawn]
    assert sorted(group[:, 0].tolist()) == of.groups.unique().tolist()
    assert torch.equal(group[:, 0], group[:, 1])
    assert (group[:, 0] != group[:, 2]).all()
    assert (drawn[:, 0] != drawn[:, 1]).all()
    assert torch.equal(drawn, of.triplets(np.random.default_rng(1)))
    assert not torch.equal(drawn, of.triplets(np.random.default_rng(2)))


def test_styles_are_held_back_whole():
    trained, held = groups().split()
    assert set(held.styles.tolist()) == {0, HELD_BACK}
    assert not set(held.styles.tolist()) & set(trained.styles.tolist())
    assert len(held.styles) + len(trained.styles) == len(groups().styles)


def test_groups_of_one_picture_are_refused():
    with pytest.raises(InputError, match="two pictures"):
        StyleGroups(unit(3), torch.tensor([0, 0, 1]), torch.tensor([0, 0, 1]))


# The recipe


def test_training_finds_style_and_forgets_content():
    training = ProjectorTraining(replace(RUN, batch=36, rate=2e-2), groups(60))
    first = training.report(0, 0)
    for _ in range(20 * training.epoch_steps):
        training.advance()
    last = training.report(0, 0)
    assert last.epoch == 20
    assert last.retrieval_held > first.retrieval_held
    assert last.retrieval_held > last.retrieval_raw
    cosines = training.net(training.held.embeddings)
    same = training.held.styles[:, None] == training.held.styles
    likeness = cosines @ cosines.T
    assert likeness[same].mean() > likeness[~same].mean() + 0.3


def test_a_stopped_training_goes_on_as_if_it_had_not(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(projector, "projector_groups", lambda run: groups())
    whole = list(train(replace(RUN, epochs=12, batch=12), tmp_path / "whole.safetensors"))
    assert [progress.epoch for progress in whole] == list(range(1, 13))
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "other"))
    list(islice(train(replace(RUN, epochs=12, batch=12), tmp_path / "parts.safetensors"), 11))
    rest = list(train(replace(RUN, epochs=12, batch=12), tmp_path / "parts.safetensors"))
    assert rest == whole[10:]
    assert (tmp_path / "parts.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    net = load_projector(tmp_path / "whole.safetensors")
    assert net.config == NET
    torch.testing.assert_close(net(unit(4, 8)).norm(dim=1), torch.ones(4))


def test_a_file_of_something_else_is_refused(tmp_path: Path):
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="stylemaster-projector"):
        load_projector(tmp_path / "x.safetensors")


def test_the_length_of_an_embedding_says_nothing_of_its_style():
    torch.manual_seed(0)
    net = StyleProjector(NET)
    torch.testing.assert_close(net(unit(2, 8)), net(7 * unit(2, 8)))


class Eye:
    """Sees the mean colour."""

    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        return PictureVectors(rgb_BCHW.mean((2, 3)), rgb_BCHW.flatten(2).transpose(1, 2), (16, 24))

    def text(self, texts) -> Tensor:
        raise AssertionError("artists are told by name alone")


def test_artists_of_one_painting_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Museums write the artist with nation and years; who is unknown is nobody's twin."""
    artists = ["Claude Monet (French, 1840-1926)", "Claude Monet", "Edgar Degas", "Edgar Degas", "Jan Steen", "", ""]
    (tmp_path / "styles").mkdir()
    rows = [{"file": f"styles/{number}.jpg", "artist": artist} for number, artist in enumerate(artists)]
    (tmp_path / "styles" / "captions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    for number in range(len(artists)):
        rgb = np.full((16, 24, 3), 30 * number, np.uint8)
        Image.fromarray(rgb).save(tmp_path / "styles" / f"{number}.jpg")
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    found = artist_groups(Eye())
    assert found.groups.tolist() == found.styles.tolist() == [0, 0, 1, 1]
    assert (found.embeddings[:, 0] * 255 / 30).round().tolist() == [0, 1, 2, 3]
