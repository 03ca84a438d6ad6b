"""The recipe of the ControlNets at toy size, through every file; scenes by name, with their exact depth and pose."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.diffusion.conditions import Conditions, no_picture
from impasto.diffusion.configs import NANO
from impasto.diffusion.controls import ControlledBase, load_controls
from impasto.diffusion.embedded import embedded_base
from impasto.errors import InputError
from impasto.perception.control.exact import world_pictures
from impasto.scenes.scene import picture
from impasto.training.control.recipe import CONTROL, Embedded, animation_lesson, control_aspect, control_look, train
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.latents import make_latents
from impasto.training.nano.shards import Part, shard_folder, write_shard
from impasto.training.nano.sources import FPS, Rendered, scene_world
from impasto.training.stylemaster.framelatents import as_frames, latent_of
from impasto.training.stylemaster.ground import nano_ground
from impasto.training.stylemaster.parts import PartTraining, Progress
from impasto.weights.paths import cache_dir
from tests.training.nano.toy import LATENT, drifting
from tests.training.stylemaster.toyworld import forget, write_weights

CPU = torch.device("cpu")
SHORT = replace(CONTROL, steps=2, batch=2, rate=1e-2, warmup=1, held=1)
SIZE = (32, 48)
PEOPLE = next(seed for seed in range(100) if scene_world(seed, SIZE, 5).pose(0.0))
EMPTY = next(seed for seed in range(100) if not scene_world(seed, SIZE, 5).pose(0.0))


def rendered(seed: int) -> torch.Tensor:
    world = scene_world(seed, SIZE, 5)
    return torch.from_numpy(np.stack([(255 * picture(world, t)).round().astype(np.uint8) for t in world.times]))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, and latents of two scenes, one of them drawn by a hand as well, and of a real clip; made once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "weights").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder / "weights"))
        environment.setenv("IMPASTO_CACHE", str(folder / "cache"))
        forget()
        write_weights(folder / "weights")
        people, empty = rendered(PEOPLE), rendered(EMPTY)
        clips = {f"scene-{PEOPLE:05d}": people, f"scene-{EMPTY:05d}": empty, "window-a-00": drifting(1, 5, *SIZE)}
        clips |= {f"mosaic-3-scene-{PEOPLE:05d}": 255 - people}
        parts: tuple[Part, ...] = ("train", "held")
        for part in parts:
            write_shard(shard_folder(CLIPS) / f"toy-{part}-0000.safetensors", clips, {n: [f"{n} moves"] for n in clips})
        list(make_latents())
    return folder


@pytest.fixture(autouse=True)
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made / "weights"))
    shutil.copytree(made / "cache", cache_dir(), dirs_exist_ok=True)
    forget()
    yield
    forget()


def test_a_scene_by_its_name_is_the_one_that_was_rendered():
    source = Rendered(PEOPLE, 5)
    frames = source.make(np.random.default_rng(0)).frames
    again = scene_world(PEOPLE, frames.shape[1:3], 5)
    assert again.fps == Fraction(FPS)
    np.testing.assert_array_equal((255 * picture(again, again.times[2])).round().astype(np.uint8), frames[2])


@pytest.mark.parametrize(("kind", "names"), [("depth", 3), ("pose", 2)])
def test_rendered_clips_that_show_something_serve(kind, names: int):
    aspect = control_aspect(kind, nano_ground())
    list(aspect.make())
    seen = {one.example.name: one for one in aspect.seen("train")}
    assert len(seen) == names
    assert f"mosaic-3-scene-{PEOPLE:05d}" in seen
    exact = world_pictures(scene_world(PEOPLE, SIZE, 5), kind)
    expected = latent_of(as_frames(torch.from_numpy(exact)))
    for name in (f"scene-{PEOPLE:05d}", f"mosaic-3-scene-{PEOPLE:05d}"):
        torch.testing.assert_close(seen[name].read("control"), expected, rtol=0.05, atol=0.05)


def test_real_clips_do_not_serve():
    assert control_look("depth", nano_ground())("window-scene-a-00", drifting(1, 5, *SIZE), ["a"]) == {}


def prepared(kind="depth") -> PartTraining:
    """All begin alike."""
    ground = nano_ground()
    torch.manual_seed(0)
    model = ControlledBase(ground.transformer(), ground.base, [kind])
    aspect = control_aspect(kind, ground)
    list(aspect.make())
    seen = aspect.seen("train")
    return PartTraining(
        replace(SHORT, rate=2e-2), model, 3.0, animation_lesson(model, torch.zeros(2, 16), CPU), seen, seen, CPU
    )


def test_a_resumed_training_equals_an_unbroken_one_everything_moves_and_it_learns():
    whole, begun, resumed = prepared(), prepared(), prepared()
    before, start = whole.report(0.0), {name: v.detach().clone() for name, v in whole.trained.parameters.items()}
    for _ in range(3):
        whole.advance()
    # The keys of what is dropped may see no gradient that counts: all the others have moved.
    still = [name for name, value in whole.trained.parameters.items() if torch.equal(value, start[name])]
    assert still == []
    begun.advance()
    resumed.trained.resume(begun.trained.state())
    for _ in range(2):
        resumed.advance()
    state = resumed.trained.state()
    for key, value in whole.trained.state().items():
        assert torch.equal(state[key], value), key
    for _ in range(12):
        whole.advance()
    assert whole.report(0.0).held < before.held


def test_the_base_stays_as_it_is():
    training, fresh = prepared(), embedded_base()
    training.advance()
    own = {name: value for name, value in training.model.transformer.state_dict().items() if "processor" not in name}
    assert all(torch.equal(value, own[name]) for name, value in fresh.state_dict().items())


@pytest.mark.parametrize("kind", ["depth", "pose"])
def test_the_recipe_makes_a_file_that_leads_the_base(kind, tmp_path: Path):
    output = tmp_path / f"control-{kind}-nano.safetensors"
    told = list(train(kind, SHORT, output))
    assert [one.step for one in told if isinstance(one, Progress)] == [2]
    assert told[-1] == Embedded(str(output), output.stat().st_size)
    controls = load_controls(embedded_base(), NANO.name, {kind: output})
    assert controls.kinds == (kind,)
    latents = torch.randn(1, LATENT, 2, 4, 6)
    base = embedded_base()
    text = torch.zeros(1, 3, base.config["text_dim"])
    given = Conditions(text=text, control=latents, **no_picture(base, latents))
    assert all(added.any() for added in controls(latents, torch.tensor([0.5]), given).values())
    before = output.read_bytes()
    assert [type(one) for one in train(kind, SHORT, output)] == [Embedded]
    assert output.read_bytes() == before


def test_without_clips_it_says_which_recipe_makes_them(tmp_path: Path):
    shutil.rmtree(shard_folder(CLIPS))
    with pytest.raises(InputError, match="`impasto train nano-clips`"):
        list(train("depth", SHORT, tmp_path / "out.safetensors"))
