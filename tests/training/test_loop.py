"""The loop of the diffusion trainings on several processes: they do what one does, and one of them writes."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.multiprocessing as mp
from safetensors.torch import load_file

from impasto.diffusion.conditions import DropRates
from impasto.diffusion.configs import AutoencoderConfig
from impasto.perception.text.weights import embedded_text_encoder
from impasto.stylizers.stylemaster.config import ControlConfig, StyleMasterConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.training.group import Group
from impasto.training.loop import Schedule, go_through
from impasto.training.nano import base as recipe
from impasto.training.nano.base import BaseRun, BaseTraining, new_base
from impasto.training.nano.vae import Stage, VaeRun, VaeTraining, new_vae
from impasto.training.stylemaster import motion
from impasto.training.stylemaster.ground import nano_ground
from impasto.training.stylemaster.lessons import control_lesson, style_lesson
from impasto.training.stylemaster.parts import PartRun, PartTraining
from impasto.training.stylemaster.style import style_aspect
from impasto.training.stylemaster.tile import control_aspect
from impasto.weights.rows import from_bytes
from tests.training.nano.toy import LATENT, toy_examples
from tests.training.stylemaster.toyworld import SIZE, TOKENS, forget, write_clips, write_weights

KINDS = ("base", "vae", "style", "control")
BY_MUON = KINDS[:2]
HALF, WHOLE = 2, 4
"""Steps."""


def training_of(kind: str, group: Group, output: Path) -> tuple[Any, Any]:
    """A training at toy size, and what saves its result."""
    device = torch.device("cpu")
    if kind == "base":
        recipe.examples = lambda part: toy_examples({"a": (2, 4, 4), "b": (2, 4, 4), "c": (1, 4, 4)})
        # Batches of 4 clips, and of 9 of one frame, which two processes cannot share evenly.
        run = BaseRun(size=SIZE, tokens=36, steps=WHOLE, rate=1e-3, warmup=1, held=1, sampled=1, sample_steps=2)
        training = BaseTraining(run, new_base(SIZE), device, output, group)
        return training, training.save
    if kind == "vae":
        size = AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=LATENT)
        run = VaeRun(
            size=size,
            rate=6e-5,
            stages=(Stage(steps=WHOLE, batch=3, frames=5, side=32),),
            warmup=1,
            held=1,
            measured=1,
            perceptual_frames=1,
        )
        training = VaeTraining(run, new_vae(size), device, output, group)
        return training, training.save
    config = StyleMasterConfig(TOKENS, MotionConfig(rank=2), ControlConfig())
    torch.manual_seed(0)
    model = StyleMaster(SIZE.build(), "nano", config)
    lesson = style_lesson if kind == "style" else control_lesson
    aspect = style_aspect(nano_ground()) if kind == "style" else control_aspect(ControlConfig(), nano_ground())
    run = PartRun(part=kind, steps=WHOLE, batch=3, rate=1e-3, warmup=1, rates=DropRates(text=0.3), held=1)
    found = aspect.seen("train")
    empty_1LD, _ = embedded_text_encoder().features([""])
    training = PartTraining(run, model, 3.0, lesson(model, empty_1LD[0], device), found, found, device, group)
    return training, lambda: training.save(output)


def go(kind: str, group: Group, place: Path, steps: int) -> list[int]:
    """Train in a cache folder, from what is there; gives the steps that were told."""
    cache = os.environ["IMPASTO_CACHE"]
    training, save = training_of(kind, group, place / "result.safetensors")
    # Rounding to half the precision would hide what is compared.
    training.trained.autocast = lambda: torch.autocast("cpu", enabled=False)
    os.environ["IMPASTO_CACHE"] = str(place)
    try:
        schedule = Schedule(steps=steps, report_every=1, save_every=HALF)
        return [report.step for report in go_through(training, schedule, kind, "key", save)]
    finally:
        os.environ["IMPASTO_CACHE"] = cache


def one_of_two(rank: int, port: int, folder: Path) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ |= {"MASTER_PORT": str(port), "ACCELERATE_USE_CPU": "true"}
    torch.set_num_threads(1)
    group = Group(cpu=True)
    for kind in KINDS:
        told = go(kind, group, folder / kind / "two", HALF)
        told += go(kind, group, folder / kind / "one then two", WHOLE)
        assert told == ([] if rank else [1, 2, 3, 4])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "weights").mkdir()
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))
    forget()
    write_weights(tmp_path / "weights")
    write_clips()
    for aspect in (style_aspect(nano_ground()), control_aspect(ControlConfig(), nano_ground())):
        list(aspect.make())
    yield tmp_path
    forget()


def losses(place: Path, kind: str) -> list[list[float]]:
    rows = [json.loads(line) for line in (place / "training" / f"{kind}.jsonl").read_text().splitlines()]
    return [[value for name, value in row.items() if name not in ("step", "seconds")] for row in rows]


def test_two_processes_do_what_one_does_and_go_on_with_each_others_checkpoints(world: Path, monkeypatch):
    monkeypatch.setattr(recipe, "examples", recipe.examples)
    alone = Group(cpu=True)
    for kind in KINDS:
        for name in ("one", "two", "one then two", "two then one"):
            (world / kind / name).mkdir(parents=True)
        assert go(kind, alone, world / kind / "one", HALF) == [1, 2]
        shutil.copytree(world / kind / "one", world / kind / "one then two", dirs_exist_ok=True)
        assert go(kind, alone, world / kind / "one", WHOLE) == [3, 4]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(one_of_two, (port, world), nprocs=2)  # pyright: ignore[reportPrivateImportUsage]
    for kind in KINDS:
        place = world / kind
        shutil.copytree(place / "two", place / "two then one", dirs_exist_ok=True)
        assert go(kind, alone, place / "two then one", WHOLE) == [3, 4]
        expected = losses(place / "one", kind)
        assert expected[0] != expected[3]
        for name in ("one then two", "two then one"):
            found = losses(place / name, kind)
            assert len(found) == WHOLE
            for number, (row, wanted) in enumerate(zip(found, expected, strict=True)):
                # The first steps of AdamW are as long for small gradients as for large, so what is rounded grows;
                # those of Muon are so in every direction.
                assert row == pytest.approx(wanted, rel=3e-3 if number else 1e-4), (kind, name, number)
            wanted = from_bytes(load_file(place / "one/result.safetensors"))
            for key, value in from_bytes(load_file(place / name / "result.safetensors")).items():
                if kind in BY_MUON and value.dim() > 1:
                    assert (value - wanted[key]).norm() < 0.01 * wanted[key].norm(), (kind, name, key)
                else:
                    torch.testing.assert_close(value, wanted[key], rtol=0.02, atol=2e-3, msg=f"{kind} {name} {key}")


def whole_recipe(rank: int, port: int) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}
    os.environ |= {"MASTER_PORT": str(port), "ACCELERATE_USE_CPU": "true"}
    torch.set_num_threads(1)
    run = PartRun(part="motion", steps=1, batch=2, rates=DropRates(), held=1)
    list(motion.train(run, MotionConfig(rank=2)))


def test_a_recipe_looks_at_its_clips_and_trains_in_two_processes(world: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(whole_recipe, (port,), nprocs=2)  # pyright: ignore[reportPrivateImportUsage]
    assert (world / "cache/stylemaster/motion.safetensors").is_file()
    assert len(list((world / "cache/training").glob("stylemaster-motion-*/*.safetensors"))) == 2
