"""The recipe of csd-nano at toy size: its losses, its pictures, and that a stopped run loses nothing."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto.errors import InputError
from impasto.perception.csdnano import CsdConfig, CsdNano, Sight, load_csd_nano
from impasto.perception.encoder import embedded_encoder
from impasto.training import csd, csdpictures, csdviews
from impasto.training.csd import CsdRun, CsdTraining, Progress, train
from impasto.training.csdhands import Drawn, Graded, Swift
from impasto.training.csdlosses import blindness, contrastive_targets, reverse_gradient, supervised_contrastive
from impasto.training.csdpictures import HELD_OUT, SIDE, Collection, CollectionConfig
from impasto.training.csdviews import Sights, Views
from impasto.training.pictures import batch
from tests.clips import make_clip

NET = CsdConfig(kept=4, grid=4, hidden=16, channels=8, size=8)
RUN = CsdRun(net=NET, steps=30, pictures=24, rate=3e-3, warmup=5, critic=8, report_every=10, save_every=10)


def unit(count: int, size: int = 5, seed: int = 0) -> torch.Tensor:
    vectors = torch.randn(count, size, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(vectors, dim=1)


# The losses


def test_contrast_of_one_level_is_supcon_as_the_paper_writes_it():
    vectors, labels, temperature = unit(7), torch.tensor([0, 1, 0, 2, 1, 0, -1]), 0.1
    terms = []
    for i in range(7):
        positives = [p for p in range(7) if p != i and labels[p] == labels[i] and labels[i] >= 0]
        whole = sum(np.exp(float(vectors[i] @ vectors[a]) / temperature) for a in range(7) if a != i)
        shares = [np.exp(float(vectors[i] @ vectors[p]) / temperature) / whole for p in positives]
        if shares:
            terms.append(-np.mean(np.log(shares)))
    assert len(terms) == 5
    assert supervised_contrastive(vectors, [(labels, 1.0)], temperature).item() == pytest.approx(np.mean(terms), 1e-5)


def test_likeness_falls_from_level_to_level():
    """0 and 1 are one picture, 2 is of its style, 3 of its artist alone, 4 is a stranger."""
    levels = [
        (torch.tensor([0, 0, 1, 2, 3]), 0.2),
        (torch.tensor([0, 0, 0, 1, 2]), 0.6),
        (torch.tensor([0, 0, 0, 0, -1]), 0.2),
    ]
    wanted = contrastive_targets(levels)
    torch.testing.assert_close(wanted[0], torch.tensor([0, 0.2 + 0.3 + 0.2 / 3, 0.3 + 0.2 / 3, 0.2 / 3, 0]))
    torch.testing.assert_close(wanted.sum(1), torch.tensor([1.0, 1, 1, 1, 0]))


def test_contrast_without_any_positive_is_zero():
    vectors = unit(4).requires_grad_()
    loss = supervised_contrastive(vectors, [(torch.arange(4), 1.0)])
    loss.backward()
    assert loss.item() == 0
    assert vectors.grad is not None
    assert vectors.grad.abs().max() == 0


def test_reversal_keeps_the_values_and_turns_the_gradient():
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    y = reverse_gradient(x, 0.25)
    assert y.tolist() == x.tolist()
    (y * torch.tensor([3.0, 4.0])).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [-0.75, -1.0]


def test_the_critic_learns_what_the_vectors_unlearn():
    """A step along each gradient: the critic names better, the vectors make it name worse."""
    vectors, styles = unit(6).requires_grad_(), torch.tensor([0, 1, 0, 1, 0, 1])
    torch.manual_seed(0)
    critic = torch.nn.Linear(5, 2)
    before = blindness(vectors, critic, styles, 1.0)
    before.backward()
    assert vectors.grad is not None
    with torch.no_grad():
        assert blindness(vectors - 0.1 * vectors.grad, critic, styles, 1.0) > before
        for parameter in critic.parameters():
            parameter -= 0.1 * parameter.grad
        assert blindness(vectors, critic, styles, 1.0) < before


# The pictures


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three photos, a clip and three paintings, small."""
    rng = np.random.default_rng(0)
    for name in ("photos", "styles"):
        (tmp_path / name).mkdir()
        for number in range(3):
            coarse = rng.integers(0, 255, (5, 6, 3), np.uint8)
            Image.fromarray(coarse).resize((48, 40)).save(tmp_path / name / f"{name}{number}.jpg")
    rows = [
        {"file": "styles/styles0.jpg", "artist": "Claude Monet (French, 1840-1926)", "movement": "Impressionism"},
        {"file": "styles/styles1.jpg", "artist": "", "movement": None},
    ]
    (tmp_path / "styles" / "captions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "videos").mkdir()
    make_clip(tmp_path / "videos" / "clip.mp4", frames=2)
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    return tmp_path


SMALL = CollectionConfig(photos=2, frames=1, paintings=1, swift=1, drawn=1, copied=1, graded=1, each=2)


@pytest.mark.usefixtures("data_folder")
def test_every_kind_of_group_is_planned_and_labelled():
    collection = Collection(SMALL)
    groups = {group.name: group for group in collection.groups}
    assert len(groups) == len(collection.groups)
    assert groups["photos-0000"].labels[0] == ("photo", "", "", "photos0")
    assert groups["styles-0000"].labels[0] == ("styles0", "Claude Monet", "Impressionism", "styles0")
    assert groups["styles-0000"].labels[1] == ("styles1", "", "", "styles1")
    assert {label[:3] for label in groups["swift-styles0"].labels} == {("styles0", "Claude Monet", "Impressionism")}
    assert {label.style for label in groups["graded-styles1"].labels} == {"graded-styles1"}
    assert groups["drawn-oil-0"].labels[0].style == groups["swift-oil-0"].labels[0].style == "oil-0"
    assert groups["drawn-oil-0"].labels[0].movement == "oil"
    for group in collection.groups:
        assert [label.content for label in group.labels] == [path.stem for path in group.subjects]
        assert not any(kind in group.name for kind in HELD_OUT)


@pytest.mark.usefixtures("data_folder")
def test_pictures_are_made_once_and_do_not_depend_on_the_order():
    config = replace(SMALL, swift=0, graded=1, drawn=0)
    collection = Collection(config)
    assert [progress.name for progress in islice(collection.make(), 1)] == ["photos-0000"]
    last = collection.groups[-1]
    alone = last.make()
    rest = [progress.name for progress in Collection(config).make()]
    assert rest == [group.name for group in collection.groups[1:]]
    assert list(collection.make()) == []
    np.testing.assert_array_equal(np.load(collection.file(last)), alone)
    assert alone.shape == (2, SIDE, SIDE, 3)
    assert alone.dtype == np.uint8


def test_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_folder: Path):
    (data_folder / "styles" / "captions.jsonl").unlink()
    with pytest.raises(InputError, match=r"captions.jsonl; set IMPASTO_ASSETS"):
        next(train(RUN))
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="nowhere"):
        next(train(RUN))


def picture(seed: int, side: int = 64) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (side // 8, side // 8, 3), np.uint8)
    return np.array(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))


def test_swift_paints_the_colours_of_the_style():
    style, subject = np.zeros((64, 64, 3), np.uint8), picture(0)
    style[:, ::2] = (200, 40, 40)
    (painted,) = Swift(lambda: style)([subject], np.random.default_rng(0))
    assert painted.shape == subject.shape
    assert painted.dtype == np.uint8
    assert painted[..., 0].mean() > painted[..., 2].mean() + 10


def test_a_drawn_style_is_one_style_whatever_it_shows():
    hand, other = Drawn("duotone", 0), Drawn("duotone", 1)
    pictures = [hand([picture(seed)], np.random.default_rng(seed))[0] for seed in range(2)]
    np.testing.assert_array_equal(pictures[0], hand.over(picture(0)))
    palettes = [np.median(rgb, (0, 1)) for rgb in (*pictures, other.over(picture(0)))]
    assert np.abs(palettes[0] - palettes[1]).max() < np.abs(palettes[0] - palettes[2]).max()


def test_grading_moves_the_colours_and_leaves_the_rest():
    red = np.full((64, 64, 3), (180, 60, 60), np.uint8)
    red[::2] //= 2
    subject = picture(0)
    (graded,) = Graded(lambda: red)([subject], np.random.default_rng(0))
    assert graded[..., 0].mean() - graded[..., 2].mean() > subject[..., 0].mean() - subject[..., 2].mean() + 10
    edges = [np.diff(rgb.mean(2), axis=1).ravel() for rgb in (subject, graded)]
    assert np.corrcoef(*edges)[0, 1] > 0.7


# The views


@pytest.mark.usefixtures("data_folder")
def test_views_are_seen_once_and_belong_to_their_pictures(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csdpictures, "SIDE", 96)
    monkeypatch.setattr(csdviews, "CROP", 64)
    monkeypatch.setattr(csdviews, "CROPPED_FROM", (72, 80))
    monkeypatch.setattr(csdviews, "FITTED_TO", 2)
    collection = Collection(replace(SMALL, swift=0, graded=0, drawn=0, frames=0))
    list(collection.make())
    sights = Sights(collection, NET, crops=1)
    assert [progress.name for progress in islice(sights.make(), 1)] == ["photos-0000"]
    assert [progress.name for progress in Sights(collection, NET, crops=1).make()] == ["styles-0000", "styles-0002"]
    views = sights.views()
    assert views.sight.style.shape == (5, 2, NET.moments)
    assert views.sight.content.shape == (5, 2, 2 * NET.kept, NET.grid, NET.grid)
    assert views.labels["style"].tolist() == [0, 0, 1, 2, 3]
    assert views.labels["artist"].tolist() == [-1, -1, 0, -1, -1]
    whole = np.load(collection.file(collection.groups[-1]))[:1]
    with torch.no_grad():
        features = embedded_encoder()(torch.from_numpy(batch(whole)), first_stride=2)
    expected = sights.network().see(features)
    # The views were seen in bfloat16 and are kept as float16.
    torch.testing.assert_close(views.sight.content[4, 0].float(), expected.content[0], atol=0.2, rtol=0)
    assert (views.sight.content[:, 0] - expected.content).abs().mean((1, 2, 3)).argmin() == 4
    assert (views.sight.style[:, 0] - expected.style).abs().mean(1).argmin() == 4
    # Two groups of two and one of one: all of them are few enough to be spoiled as well.
    assert views.spoiled.style.shape == (5, NET.moments)
    assert torch.equal(views.spoiled_content, views.labels["content"])
    assert (views.spoiled.style - views.sight.style[:, 0]).abs().mean() > 0.05


# The training


def toy_views(pictures: int = 48, styles: int = 12, contents: int = 8) -> Views:
    """Sights in which style and content can be seen through noise, content with some of the style in it."""
    generator = torch.Generator().manual_seed(0)

    def noise(*size: int) -> torch.Tensor:
        return torch.randn(*size, generator=generator)

    number = torch.arange(pictures)
    labels = {"style": number % styles, "content": number // 2 % contents, "artist": number % styles // 2}
    cells = (2 * NET.kept, NET.grid, NET.grid)
    of_style, of_content = noise(styles, NET.moments), noise(contents, *cells)
    tint = noise(styles, *cells)
    style = of_style[labels["style"], None] + noise(pictures, 2, NET.moments)
    content = (of_content[labels["content"]] + tint[labels["style"]])[:, None] + noise(pictures, 2, *cells)
    everything = {"picture": number, "movement": torch.full_like(number, -1), **labels}
    spoiled = Sight(noise(6, NET.moments).half(), content[:6, 0].half())
    return Views(Sight(style.half(), content.half()), everything, spoiled, labels["content"][:6])


def toy_network() -> CsdNano:
    torch.manual_seed(1)
    return CsdNano(NET)


def toy_training(run: CsdRun = RUN) -> CsdTraining:
    return CsdTraining(run, toy_network(), toy_views())


def test_two_views_are_drawn_of_every_picture_and_spoiled_ones_of_no_style():
    sight, labels = toy_views().draw(np.random.default_rng(0), 10)
    assert labels["picture"][:10].tolist() == labels["picture"][10:20].tolist()
    assert len(set(labels["picture"][:10].tolist())) == 10
    assert not torch.equal(sight.style[:10], sight.style[10:20])
    assert [labels[name][20:].tolist() for name in ("picture", "style", "artist")] == [[-1, -1]] * 3
    assert min(labels["content"].tolist()) >= 0
    assert len(toy_views().draw(np.random.default_rng(0), 1000)[1]["style"]) == 96 + 6


def test_one_step_lowers_the_losses_of_its_batch():
    training = toy_training(replace(RUN, warmup=1, blind_weight=0))
    training.held = training.views
    before = training.held_losses()
    training.advance()
    after = training.held_losses()
    assert after[0] < before[0]
    assert after[1] < before[1]


def test_training_tells_styles_and_contents_apart_and_keeps_some_styles_back():
    training = toy_training()
    held = set(training.held.labels["style"].tolist())
    assert held
    assert not held & set(training.views.labels["style"].tolist())
    first = training.advance()
    while training.trained.step < RUN.steps:
        last = training.advance()
    assert last[0] < first[0] - 0.3
    assert last[1] < first[1] - 0.3


def test_a_resumed_training_equals_an_unbroken_one():
    whole, begun, resumed = toy_training(), toy_training(), toy_training()
    for training, steps in ((whole, 6), (begun, 3)):
        for _ in range(steps):
            training.advance()
    resumed.trained.resume(begun.trained.state())
    while resumed.trained.step < 6:
        resumed.advance()
    for name, value in whole.trained.parameters.items():
        torch.testing.assert_close(resumed.trained.parameters[name], value)
    assert resumed.held_losses() == pytest.approx(whole.held_losses(), abs=1e-5)


@pytest.mark.usefixtures("data_folder")
def test_the_recipe_reports_saves_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run, output = replace(RUN, steps=20), tmp_path / "csd.safetensors"
    monkeypatch.setattr(csd.Collection, "make", lambda self: iter(()))
    monkeypatch.setattr(csd.Sights, "make", lambda self: iter(()))
    monkeypatch.setattr(csd.Sights, "network", lambda self: toy_network())
    monkeypatch.setattr(csd.Sights, "views", lambda self: toy_views())
    stopped = train(run, output)
    assert next(stopped).step == 10
    assert not output.exists()
    assert next(stopped).step == 20
    stopped.close()
    first = load_csd_nano(output)
    again = list(train(run, output))
    assert [progress.step for progress in again if isinstance(progress, Progress)] == [20]
    longer = list(train(replace(run, steps=30), output))
    assert [progress.step for progress in longer if isinstance(progress, Progress)] == [10, 20, 30]
    heads = [net.style_head.state_dict() for net in (first, load_csd_nano(output))]
    assert not all(torch.equal(value, heads[1][name]) for name, value in heads[0].items())
