"""The recipes of style attention, motion adapter and tile control at toy size, on toy clips, through every file."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from impasto.diffusion.attachments import own_state
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base
from impasto.errors import InputError, ModelError
from impasto.stylizers.stylemaster.config import ControlConfig, StyleMasterConfig
from impasto.stylizers.stylemaster.controlpictures import prepared
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.projector import load_projector
from impasto.stylizers.stylemaster.published import NANO_PARTS
from impasto.training.nano.latents import examples
from impasto.training.stylemaster import embedding, illusionpairs, motion, style, tile
from impasto.training.stylemaster.aspects import Aspect, Seen, alike
from impasto.training.stylemaster.embedding import embedded_parts
from impasto.training.stylemaster.framelatents import as_frames, latent_of
from impasto.training.stylemaster.ground import nano_ground
from impasto.training.stylemaster.illusionpairs import IllusionPairs, IllusionRun
from impasto.training.stylemaster.lessons import control_lesson, motion_lesson, style_lesson
from impasto.training.stylemaster.parts import PartTraining, Progress
from impasto.training.stylemaster.style import StyleRun, another_crop, style_model
from impasto.training.stylemaster.stylegroups import illusion_groups
from impasto.training.stylemaster.texttoimage import text_to_image
from impasto.training.stylemaster.tile import TileRun
from impasto.weights.paths import cache_dir
from tests.training.nano.toy import LATENT, drifting
from tests.training.stylemaster.toyworld import TOKENS, forget, write_clips, write_projector, write_weights

CPU = torch.device("cpu")
SHORT = {"steps": 2, "batch": 2, "rate": 1e-2, "warmup": 1, "held": 1}
STYLE = StyleRun(part=replace(style.STYLE, **SHORT), tokens=TOKENS)
MOTION = replace(motion.MOTION, **SHORT)
TILE = TileRun(part=replace(tile.CONTROL, **SHORT), tokens=TOKENS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, and a cache folder with all that the recipes begin with; made once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "weights").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder / "weights"))
        environment.setenv("IMPASTO_CACHE", str(folder / "cache"))
        forget()
        write_weights(folder / "weights")
        write_clips()
        write_projector()
        ground = nano_ground()
        controlled = tile.control_aspect(ControlConfig(), ground)
        for aspect in (style.style_aspect(ground), motion.motion_aspect(ground), controlled):
            list(aspect.make())
    return folder


@pytest.fixture(autouse=True)
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made / "weights"))
    shutil.copytree(made / "cache", cache_dir(), dirs_exist_ok=True)
    forget()
    yield
    forget()


def done(run) -> list[Progress]:
    return [progress for progress in run if isinstance(progress, Progress)]


def test_the_parts_are_trained_one_after_the_other_and_put_together():
    folder = cache_dir() / "stylemaster"
    assert [progress.step for progress in done(style.train(STYLE))] == [2]
    assert [progress.step for progress in done(motion.train(MOTION, MotionConfig(rank=2)))] == [2]
    assert [progress.step for progress in done(tile.train(TILE))] == [2]
    model = StyleMaster(embedded_base(), "nano", StyleMasterConfig(TOKENS, MotionConfig(rank=2), ControlConfig()))
    fresh = own_state({name: part for of in model.parts.values() for name, part in of.items()})
    fresh = {name: value.clone() for name, value in fresh.items()}
    for part in ("style", "motion", "control"):
        assert model.load(folder / f"{part}.safetensors") == (part,)
    state = own_state({name: part for of in model.parts.values() for name, part in of.items()})
    for start in ("blocks.1.attn2.style.to_out", "blocks.0.attn1.to_q.lora_B", "control.leave.0", "tokens.texture"):
        assert any(not torch.equal(state[name], fresh[name]) for name in state if name.startswith(start)), start
    projector = load_projector(folder / "stylemaster-projector.safetensors").state_dict()
    assert all(torch.equal(state[f"tokens.projector.{name}"], value) for name, value in projector.items())


def test_each_part_goes_on_from_what_there_is():
    """Without a rate nothing moves: what is written is what it began with."""
    folder, still = cache_dir() / "stylemaster", {"steps": 1, "rate": 0.0}
    adapter = MotionConfig(rank=2)
    list(style.train(STYLE))
    list(motion.train(MOTION, adapter))
    list(tile.train(TILE))
    again = {name: folder / f"{name}-again.safetensors" for name in ("style", "motion", "control")}
    before = {name: folder / f"{name}.safetensors" for name in again}
    list(style.train(replace(STYLE, part=replace(STYLE.part, **still)), again["style"], start=before["style"]))
    list(motion.train(replace(MOTION, **still), adapter, again["motion"], start=before["motion"]))
    list(tile.train(replace(TILE, part=replace(TILE.part, **still)), again["control"], start=before["control"]))
    for name, file in again.items():
        wanted = load_file(before[name])
        for key, value in load_file(file).items():
            torch.testing.assert_close(value, wanted[key], rtol=2e-3, atol=1e-4, msg=f"{name} {key}")


def test_the_recipes_go_on_from_what_is_embedded_where_it_fits_the_base(tmp_path: Path, monkeypatch):
    assert embedded_parts() is None  # the base is a toy here
    list(style.train(STYLE))
    list(motion.train(MOTION))
    list(tile.train(TILE))
    monkeypatch.setattr(embedding, "EMBEDDED", tmp_path)
    list(embedding.embed(tmp_path / NANO_PARTS))
    assert embedded_parts() == tmp_path / NANO_PARTS


def test_what_was_seen_is_not_seen_again_and_a_finished_training_is_done():
    (shard, _) = sorted(style.style_aspect(nano_ground()).folder.iterdir())
    shard.unlink()
    assert [type(progress).__name__ for progress in style.train(STYLE)] == ["Progress", "Progress"]
    assert shard.exists()
    assert list(style.train(STYLE)) == []


def prepared_training(name: str) -> PartTraining:
    """A training of each kind; all begin alike."""
    ground = nano_ground()
    if name == "motion":
        model, aspect = motion.motion_model(MotionConfig(2), ground), motion.motion_aspect(ground)
        lesson, run = motion_lesson, MOTION
    elif name == "style":
        model, aspect = style_model(TOKENS, None, ground), style.style_aspect(ground)
        lesson, run = style_lesson, STYLE.part
    else:
        torch.manual_seed(0)
        model = StyleMaster(embedded_base(), "nano", StyleMasterConfig(TOKENS, None, ControlConfig()))
        aspect, lesson, run = tile.control_aspect(ControlConfig(), ground), control_lesson, TILE.part
    seen = aspect.seen("train")
    return PartTraining(replace(run, rate=2e-2), model, 3.0, lesson(model, torch.zeros(2, 16), CPU), seen, seen, CPU)


@pytest.mark.parametrize("name", ["style", "motion", "control"])
def test_a_resumed_training_equals_an_unbroken_one_and_learns(name):
    whole, begun, resumed = (prepared_training(name) for _ in range(3))
    before = whole.report(0.0)
    for _ in range(2):
        whole.advance()
    begun.advance()
    resumed.trained.resume(begun.trained.state())
    resumed.advance()
    state = resumed.trained.state()
    assert state.keys() == whole.trained.state().keys()
    for key, value in whole.trained.state().items():
        assert torch.equal(state[key], value), key
    for _ in range(10):
        whole.advance()
    assert whole.report(0.0).held < before.held


# What they see


def test_still_clips_are_one_real_frame_for_as_long_as_the_base_is():
    seen = motion.motion_aspect(nano_ground()).seen("train")
    assert sorted(one.example.name for one in seen) == ["still-photo-0", "window-0", "window-1"]
    (photo,) = [one for one in seen if one.example.name == "still-photo-0"]
    latent = photo.read("still")
    assert latent.shape == (LATENT, (NANO.frames - 1) // 4 + 1, 4, 6)
    still = as_frames(drifting(7, 1, 32, 48)).repeat(NANO.frames, 1, 1, 1)
    torch.testing.assert_close(latent, latent_of(still), rtol=0.05, atol=0.05)


def test_control_latents_are_those_of_the_prepared_clip():
    aspect = tile.control_aspect(ControlConfig(), nano_ground())
    (scene,) = [one for one in aspect.seen("held") if one.example.name == "scene-0"]
    expected = latent_of(prepared(as_frames(drifting(8, 5, 32, 48)), "gray tile"))
    torch.testing.assert_close(scene.read("control"), expected, rtol=0.05, atol=0.05)
    assert scene.read("control").shape == scene.example.latent().shape
    assert tile.control_aspect(ControlConfig("canny"), nano_ground()).folder != aspect.folder


def test_style_is_read_from_another_crop_of_the_same_frame():
    frame = drifting(0, 1, 32, 48)[0]
    for seed in range(6):
        crop = another_crop(frame, np.random.default_rng(seed))
        assert 0.45 < crop.shape[0] / 32 < 0.85
        assert crop.shape[1] / crop.shape[0] == pytest.approx(1.5, abs=0.1)
        windows = frame.unfold(0, crop.shape[0], 1).unfold(1, crop.shape[1], 1).permute(0, 1, 3, 4, 2)
        found = [(windows == one).flatten(2).all(2).any() for one in (crop, crop.flip(1))]
        assert any(found)


def test_batches_are_of_one_size_and_their_captions_differ():
    one, other = examples("train")[0], examples("train")[-1]
    found = [Seen(replace(one, shape=(2, 4, 6)), {}), Seen(replace(other, shape=(1, 4, 6)), {})]
    shapes = {tuple(x.example.shape for x in alike(found, np.random.default_rng(seed), 3)) for seed in range(20)}
    assert shapes == {((2, 4, 6),) * 3, ((1, 4, 6),) * 3}


def test_no_more_shards_are_looked_at_than_count(tmp_path: Path):
    ground = nano_ground()
    shutil.copy(ground.clips / "toy-train-0000.safetensors", ground.clips / "toy-train-0001.safetensors")
    aspect = Aspect(
        tmp_path / "few", "toy", lambda name, frames, captions: {"mean": frames.float().mean()[None]}, ground
    )
    assert [made.name for made in aspect.make(1)] == ["toy-train-0000", "toy-held-0000"]
    assert [made.name for made in aspect.make()] == ["toy-train-0001"]


def test_a_seed_decides_weights_and_what_is_learned_from():
    def first_step(seed: int) -> float:
        ground, run = nano_ground(), replace(STYLE.part, seed=seed)
        model, seen = style_model(TOKENS, None, ground, seed), style.style_aspect(ground).seen("train")
        training = PartTraining(run, model, 3.0, style_lesson(model, torch.zeros(2, 16), CPU), seen, seen, CPU)
        return training.advance()[0]

    assert first_step(1) == first_step(1) != first_step(0)


def test_missing_material_is_named(tmp_path: Path):
    aspect = Aspect(tmp_path / "none", "stylemaster-style", lambda name, frames, captions: {}, nano_ground())
    with pytest.raises(InputError, match="stylemaster-style"):
        aspect.seen("train")
    list(aspect.make())
    with pytest.raises(InputError, match="serves"):
        aspect.seen("train")
    with pytest.raises(ModelError, match="stylemaster-projector"):
        style_model(TOKENS, tmp_path / "none.safetensors", nano_ground())
    with pytest.raises(ModelError, match="does not hold"):
        list(tile.train(replace(TILE, style=tmp_path / "none.safetensors")))


# The nano base as a text-to-image model


def test_the_nano_base_paints_one_frame_from_text_and_hears_it(monkeypatch):
    monkeypatch.setattr("impasto.training.stylemaster.texttoimage.NANO_SIDE", 4)
    model = text_to_image("nano")
    latents = torch.randn(1, *model.latent_shape, generator=torch.Generator().manual_seed(0))
    assert model.latent_shape == (LATENT, 4, 4)
    found = model.predict(latents, 0.8, "a red boat")
    assert found.shape == latents.shape
    assert not torch.equal(found, model.predict(latents, 0.8, "the cat sleeps"))
    pictures = model.decode(latents)
    assert pictures.shape == (1, 3, 32, 32)
    assert model.encode(pictures.clamp(0, 1)).shape == latents.shape
    assert len(model.sigmas(5)) == 5
    assert model.sigmas(5)[0] == 1


def test_the_recipe_of_illusions_paints_with_what_is_embedded(monkeypatch):
    monkeypatch.setattr("impasto.training.stylemaster.texttoimage.NANO_SIDE", 4)
    run = IllusionRun(pairs=2, steps=1, least_cosine=-1)
    assert [progress.done for progress in illusionpairs.train(run)] == [1, 2]
    assert list(illusionpairs.train(run)) == []
    groups = illusion_groups(IllusionPairs(run))
    assert groups.groups.tolist() == [0, 0, 1, 1]
    torch.testing.assert_close(groups.embeddings.norm(dim=1), torch.ones(4))
    assert IllusionPairs(run).folder != IllusionPairs(replace(run, steps=2)).folder
