"""The recipe of `dreamstyle-nano` at toy size, through every file: pairs, latents, two stages, the embedded file."""

import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.multiprocessing as mp
from safetensors.torch import load_file, save_file

from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base
from impasto.errors import InputError, ModelError
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.training.dreamstyle import recipe
from impasto.training.dreamstyle.ground import nano_ground
from impasto.training.dreamstyle.lessons import TASKS, Batch, Lesson, Rates, Task, alike
from impasto.training.dreamstyle.pairs import Sample, encode_pairs, read_pairs, samples, write_pairs
from impasto.training.dreamstyle.recipe import Embedded, Run
from impasto.training.dreamstyle.sight import Sight, SightConfig
from impasto.training.dreamstyle.stages import Progress, StageTraining, train_stage
from impasto.training.group import Group
from impasto.training.nano.learner import OptimizerName
from impasto.training.nano.shards import shard_folder
from impasto.training.stylemaster.framelatents import latent_of
from impasto.weights.paths import cache_dir
from tests.training.dreamstyle.toypairs import toy_pair, write_toy_pairs
from tests.training.nano.toy import LATENT
from tests.training.stylemaster.toyworld import EMBEDDING, forget, write_weights

SHORT = {"steps": 2, "batch": 2, "rate": 1e-2, "warmup": 1, "held": 1, "sight": None}
CT, SFT = replace(recipe.CT, **SHORT, followed=1), replace(recipe.SFT, **SHORT, followed=1)
CONFIG = DreamStyleConfig(rank=2)
RUN = Run(CONFIG, (CT, SFT))
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, and a cache folder with encoded pairs; made once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "weights").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder / "weights"))
        environment.setenv("IMPASTO_CACHE", str(folder / "cache"))
        forget()
        write_weights(folder / "weights")
        write_toy_pairs(shard_folder("dreamstyle-pairs"))
        assert [made.done for made in encode_pairs(nano_ground())] == [1, 2]
        assert list(encode_pairs(nano_ground())) == []
    return folder


@pytest.fixture(autouse=True)
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made / "weights"))
    shutil.copytree(made / "cache", cache_dir(), dirs_exist_ok=True)
    forget()
    yield
    forget()


def lesson(**rates: float) -> Lesson:
    return Lesson(torch.zeros(1, 16), True, Rates(**{"text": 0.0, "look": 0.0, "follow": 0.0, **rates}), followed=1)


def training(
    group: Group | None = None,
    optimizer: OptimizerName = "muon",
    seeing: SightConfig | None = None,
    **rates: float,
) -> StageTraining:
    """All trainings begin alike."""
    ground = nano_ground()
    sight = Sight(seeing, ground.autoencoder(), embedded_encoder()) if seeing else None
    torch.manual_seed(0)
    model = DreamStyle(ground.transformer(), ground.base, CONFIG)
    found = samples(ground, "train")
    stage = replace(CT, optimizer=optimizer, sight=seeing)
    return StageTraining(stage, model, NANO.shift, lesson(**rates), found, found, CPU, group, sight)


# Pairs


def test_pairs_are_read_as_they_were_written(tmp_path: Path):
    write_toy_pairs(tmp_path)
    first, second, _ = read_pairs(tmp_path / "toy-train-0000.safetensors")
    for pair, wanted in ((first, toy_pair(0)), (second, toy_pair(1, best=True))):
        for name, value in vars(wanted).items():
            np.testing.assert_array_equal(getattr(pair, name), value)


def test_latents_are_those_of_both_sides_and_of_the_style_pictures_at_the_clips_size():
    one = samples(nano_ground(), "train")[1]
    pair = toy_pair(1)
    assert (one.shape, one.styles, one.route, one.best) == ((2, 4, 6), 2, "turned", True)
    for what, frames in (("raw", pair.raw), ("stylized", pair.stylized)):
        clip = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
        torch.testing.assert_close(one.read(what), latent_of(clip), rtol=0.05, atol=0.05)
    first = latent_of(torch.from_numpy(pair.stylized[:1]).permute(0, 3, 1, 2).float() / 255)
    torch.testing.assert_close(one.read("stylized")[:, :1], first, rtol=0.05, atol=0.05)
    assert one.read("style 1").shape == (LATENT, 1, 4, 6)
    assert one.read("tokens 0").shape == one.read("tokens first").shape
    assert one.read("tokens 0").shape[1] == EMBEDDING
    assert len(one.read("text styled")) > len(one.read("text plain"))


def test_latents_of_pairs_that_are_gone_do_not_count():
    write_pairs(shard_folder("dreamstyle-pairs") / "old-train-0000.safetensors", [replace(toy_pair(5), name="old")])
    list(encode_pairs(nano_ground()))
    assert "old" in {one.name for one in samples(nano_ground(), "train")}
    (shard_folder("dreamstyle-pairs") / "old-train-0000.safetensors").unlink()
    assert "old" not in {one.name for one in samples(nano_ground(), "train")}


def test_a_picture_that_several_pairs_of_a_shard_show_is_encoded_once():
    ground, encoded = nano_ground(), []

    def latent(frames: torch.Tensor) -> torch.Tensor:
        encoded.append(len(frames))
        return latent_of(frames)

    shared = toy_pair(1).styles[0]
    pairs = [replace(toy_pair(n), name=f"sharing-{n}", styles=[shared, shared]) for n in (20, 21)]
    write_pairs(ground.pairs / "sharing-train-0000.safetensors", pairs)
    list(encode_pairs(replace(ground, latent=latent)))
    assert sorted(encoded) == [1, 5, 5, 5, 5]
    one, other = (one for one in samples(ground, "train") if one.name.startswith("sharing"))
    assert torch.equal(one.read("style 0"), other.read("style 1"))


# What they learn


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_its_own_conditions_and_no_others(task: Task):
    chosen = samples(nano_ground(), "train")[:2]
    painted, given = lesson()(task, chosen, np.random.default_rng(0))
    assert torch.equal(painted[1], chosen[1].read("stylized"))
    assert torch.equal(given.raw[1], chosen[1].read("raw"))
    kind = "text styled" if task == "text" else "text plain"
    assert torch.equal(given.text[1, : len(chosen[1].read(kind))], chosen[1].read(kind))
    assert (given.first is not None, given.style is not None) == (task == "first frame", task == "style")
    if given.first is not None:
        assert torch.equal(given.first.latents, painted[:, :, :1])
        assert torch.equal(given.picture[0], chosen[0].read("tokens first"))
    if given.style is not None:
        number = next(n for n in range(2) if torch.equal(given.style.latents[0], chosen[0].read(f"style {n}")))
        assert torch.equal(given.picture[0], chosen[0].read(f"tokens {number}"))


def test_conditions_are_dropped_as_often_as_said():
    chosen = samples(nano_ground(), "train")[:2]
    _, bare = lesson(text=1.0, look=1.0)("style", chosen, np.random.default_rng(0))
    assert not bare.text.any()
    assert bare.style is None
    _, following = lesson(follow=1.0)("text", chosen, np.random.default_rng(0))
    assert following.known == 1
    assert torch.equal(following.raw[0, :, 0], chosen[0].read("stylized")[:, 0])
    assert torch.equal(following.raw[0, :, 1:], chosen[0].read("raw")[:, 1:])
    _, mixed = lesson(context=1.0)("text", chosen, np.random.default_rng(0))
    assert not torch.equal(mixed.raw[0], chosen[0].read("raw"))


def test_texts_are_as_long_as_the_base_is_used_to():
    chosen = samples(nano_ground(), "train")[:2]
    _, given = replace(lesson(), empty_text=torch.zeros(40, 16))("text", chosen, np.random.default_rng(0))
    assert given.text.shape[1] == 40


def test_batches_are_of_one_size():
    found = samples(nano_ground(), "train")
    odd = replace(found[0], shape=(1, 4, 6))
    for number in range(10):
        assert len({one.shape for one in alike([*found, odd], np.random.default_rng(number), 3)}) == 1


def test_a_resumed_training_equals_an_unbroken_one_and_learns():
    whole, begun, resumed = training(), training(), training()
    before = whole.report(0.0, 0.0)
    for _ in range(3):
        whole.advance()
    begun.advance()
    resumed.trained.resume(begun.trained.state())
    for _ in range(2):
        resumed.advance()
    state = resumed.trained.state()
    assert state.keys() == whole.trained.state().keys()
    for key, value in whole.trained.state().items():
        assert torch.equal(state[key], value), key
    for _ in range(17):
        whole.advance()
    after = whole.report(0.0, 0.0)
    assert after.text + after.style + after.first_frame < before.text + before.style + before.first_frame


def test_estimates_are_looked_at_where_a_stage_says_so(tmp_path: Path):
    stage = replace(CT, sight=SightConfig(weight=1.0))
    *_, blind = train_stage(CT, CONFIG, nano_ground(), tmp_path / "blind.safetensors")
    *_, seeing = train_stage(stage, CONFIG, nano_ground(), tmp_path / "seeing.safetensors")
    assert isinstance(blind, Progress)
    assert isinstance(seeing, Progress)
    assert blind.sight == 0 < seeing.sight
    one, other = (load_file(tmp_path / f"{name}.safetensors") for name in ("blind", "seeing"))
    assert any(not torch.equal(value, other[name]) for name, value in one.items())


def some_steps(optimizer: OptimizerName, group: Group, output: Path) -> None:
    # Of two clips one is looked at, so that one of two processes has none to look at.
    learner = training(group, optimizer, SightConfig(weight=1.0, every=2), text=0.3, follow=0.5)
    losses = [learner.advance() for _ in range(3)]
    state = learner.trained.state() | {"losses": torch.tensor(losses)}
    if group.first:
        save_file({name: value.contiguous() for name, value in state.items()}, output)


def one_of_two(rank: int, port: int, weights: str, cache: str, optimizer: OptimizerName, output: Path) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ |= {"MASTER_PORT": str(port), "ACCELERATE_USE_CPU": "true"}
    os.environ |= {"IMPASTO_WEIGHTS_DIR": weights, "IMPASTO_CACHE": cache}
    torch.set_num_threads(1)
    some_steps(optimizer, Group(cpu=True), output)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_two_processes_do_what_one_does(made: Path, tmp_path: Path, optimizer: OptimizerName):
    some_steps(optimizer, Group(cpu=True), tmp_path / "one")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = port, str(made / "weights"), str(made / "cache"), optimizer, tmp_path / "two"
    mp.spawn(one_of_two, given, nprocs=2)  # pyright: ignore[reportPrivateImportUsage]
    one, two = load_file(tmp_path / "one"), load_file(tmp_path / "two")
    assert one.keys() == two.keys()
    torch.testing.assert_close(two["losses"], one["losses"], rtol=0.02, atol=1e-3)
    # Both take steps of one size also where a gradient is all rounding: as wholes they go the same way.
    ups = [torch.cat([value.flatten() for name, value in each.items() if name.endswith(".up")]) for each in (one, two)]
    assert (ups[1] - ups[0]).norm() < 0.1 * ups[0].norm()


# The recipe


def test_both_stages_one_after_the_other_make_the_embedded_file(tmp_path: Path):
    told = list(recipe.train(RUN, tmp_path / "dreamstyle-nano.safetensors"))
    assert [(one.stage, one.step) for one in told if isinstance(one, Progress)] == [("CT", 2), ("SFT", 2)]
    (embedded,) = [one for one in told if isinstance(one, Embedded)]
    assert embedded.bytes == (tmp_path / "dreamstyle-nano.safetensors").stat().st_size
    model = DreamStyle.from_file(embedded_base(), NANO.name, tmp_path / "dreamstyle-nano.safetensors")
    assert model.config == CONFIG
    folder = cache_dir() / "dreamstyle"
    ct, sft = (load_file(folder / f"dreamstyle-nano-{stage}.safetensors") for stage in ("ct", "sft"))
    assert any(not torch.equal(value, sft[name]) for name, value in ct.items())
    before = (tmp_path / "dreamstyle-nano.safetensors").read_bytes()
    further = list(recipe.train(RUN, tmp_path / "dreamstyle-nano.safetensors"))
    assert [(one.stage, one.step) for one in further if isinstance(one, Progress)] == [("CT", 2), ("SFT", 2)]
    assert (tmp_path / "dreamstyle-nano.safetensors").read_bytes() != before


def test_the_second_stage_learns_from_the_best_alone_and_says_where_there_are_none(tmp_path: Path):
    ground = nano_ground()
    for path in ground.latents.glob("*-train-*"):
        path.unlink()
    for path in ground.pairs.glob("*-train-*"):
        path.unlink()
    write_pairs(ground.pairs / "other-train-0000.safetensors", [toy_pair(0), toy_pair(2)])
    with pytest.raises(InputError, match="No pair is marked"):
        list(train_stage(SFT, CONFIG, ground, tmp_path / "sft.safetensors"))


def test_stills_and_clips_teach_in_stages_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ground, stills = nano_ground(), replace(recipe.STILLS, **SHORT)
    with pytest.raises(InputError, match="`impasto train dreamstyle-stills`"):
        list(train_stage(stills, CONFIG, ground, tmp_path / "stills.safetensors"))
    for part, number in (("train", 30), ("held", 31)):
        pair = toy_pair(number)
        still = replace(pair, raw=pair.raw[:1], stylized=pair.stylized[:1])
        write_pairs(ground.pairs / f"still-{part}-0000.safetensors", [still])
    taught: set[tuple[str, int]] = set()

    def seen(self: Lesson, task: Task, chosen: Sequence[Sample], rng: np.random.Generator) -> Batch:
        taught.update((task, one.shape[0]) for one in chosen)
        return call(self, task, chosen, rng)

    call = Lesson.__call__
    monkeypatch.setattr(Lesson, "__call__", seen)
    list(train_stage(replace(stills, steps=8), CONFIG, ground, tmp_path / "stills.safetensors"))
    assert {frames for _, frames in taught} == {1}
    taught.clear()
    list(train_stage(CT, CONFIG, ground, tmp_path / "ct.safetensors", tmp_path / "stills.safetensors"))
    assert {frames for _, frames in taught} == {2}


def test_pairs_without_words_on_their_style_teach_no_painting_after_a_text(monkeypatch: pytest.MonkeyPatch):
    path = shard_folder("dreamstyle-pairs") / "new-train-0000.safetensors"
    write_pairs(path, [replace(toy_pair(n), name=f"wordless-{n}", styled="") for n in range(4, 8)])
    list(encode_pairs(nano_ground()))
    learner, taught = training(), set()

    class Seen(Lesson):
        def __call__(self, task: Task, chosen: Sequence[Sample], rng: np.random.Generator) -> Batch:
            taught.update((task, one.name.startswith("wordless")) for one in chosen)
            return super().__call__(task, chosen, rng)

    monkeypatch.setattr(learner, "_lesson", Seen(*vars(learner._lesson).values()))
    for _ in range(12):
        learner.advance()
    assert taught == {(task, without) for task in TASKS for without in (False, True)} - {("text", True)}
    for pairs in shard_folder("dreamstyle-pairs").glob("*-held-*"):
        pairs.unlink()
    write_pairs(path.with_name("new-held-0000.safetensors"), [replace(toy_pair(9), styled="")])
    with pytest.raises(InputError, match="has words on its style"):
        list(train_stage(CT, CONFIG, nano_ground(), path))


def test_without_pairs_it_says_which_recipe_makes_them():
    shutil.rmtree(shard_folder("dreamstyle-pairs"))
    with pytest.raises(InputError, match="`impasto train dreamstyle-pairs`"):
        next(recipe.train(RUN))


def test_what_was_learned_for_another_base_is_refused(tmp_path: Path):
    list(train_stage(CT, CONFIG, nano_ground(), tmp_path / "ct.safetensors"))
    other = replace(nano_ground(), base="other")
    with pytest.raises(ModelError, match="of the base 'nano'"):
        list(train_stage(SFT, CONFIG, other, tmp_path / "sft.safetensors", tmp_path / "ct.safetensors"))
