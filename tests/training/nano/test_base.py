"""The recipe of the nano base's transformer at toy size: what it learns, its sheets, and that nothing is lost."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from impasto.diffusion.configs import NANO, AutoencoderConfig, TransformerConfig
from impasto.diffusion.embedded import load_base, save_part
from impasto.training.nano import base as recipe
from impasto.training.nano.base import BaseRun, BaseTraining, base_run, new_base, train
from impasto.weights.paths import cache_dir
from tests.perception.text.toy import toy_encoder
from tests.training.nano.toy import LATENT, PICTURE, TEXT, toy_examples

CPU = torch.device("cpu")
SIZE = TransformerConfig(
    num_attention_heads=2,
    attention_head_dim=12,
    num_layers=2,
    ffn_dim=32,
    in_channels=LATENT + 4 + LATENT,
    text_dim=TEXT,
    image_dim=PICTURE,
)
RUN = BaseRun(
    size=SIZE, tokens=36, steps=4, rate=1e-2, warmup=1, held=1, sampled=1, sample_steps=2, report_every=2, save_every=2
)


@pytest.fixture(autouse=True)
def latents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two clips and a picture, and the weights that a training needs."""
    found = toy_examples({"a": (2, 4, 4), "b": (2, 4, 4), "c": (1, 4, 4)})
    monkeypatch.setattr(recipe, "examples", lambda part: found)
    monkeypatch.setattr(recipe, "latents_folder", lambda: tmp_path)
    for part in ("train", "held"):
        (tmp_path / f"toy-{part}-0000.safetensors").touch()
    torch.manual_seed(0)
    save_part(AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=LATENT).build(), tmp_path / "vae.safetensors")
    monkeypatch.setattr(recipe, "weights_file", lambda name: tmp_path / "vae.safetensors")
    monkeypatch.setattr(recipe, "embedded_text_encoder", toy_encoder)


def training(run: BaseRun = RUN) -> BaseTraining:
    return BaseTraining(run, new_base(run.size), CPU, Path("never"))


def test_every_weight_learns_and_the_average_follows():
    one = training(replace(RUN, ema=0.5))
    start = {name: value.clone() for name, value in one.trained.state().items()}
    for _ in range(2):
        one.advance()
    state = one.trained.state()
    for name in one.trained.parameters:
        assert not torch.equal(state[name], start[name]), name
        assert not torch.equal(state[name], state[name + "/average"]), name


def test_the_loss_of_one_clip_goes_down(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recipe, "examples", lambda part: toy_examples({"a": (2, 4, 4)}))
    one = training(replace(RUN, steps=60, held=2))
    first = one.report(0.0)
    while one.trained.step < 60:
        one.advance()
    last = one.report(0.0)
    assert last.held_low < 0.8 * first.held_low
    assert last.held_middle < 0.8 * first.held_middle
    assert last.held_high < 0.8 * first.held_high
    assert one.report(0.0) == last


def test_a_resumed_training_equals_an_unbroken_one():
    whole, begun, resumed = training(), training(), training()
    for _ in range(4):
        whole.advance()
    for _ in range(2):
        begun.advance()
    resumed.trained.resume(begun.trained.state())
    for _ in range(2):
        resumed.advance()
    state = resumed.trained.state()
    for name, value in whole.trained.state().items():
        assert torch.equal(state[name], value), name


def test_the_recipe_saves_samples_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    output, unbroken = tmp_path / "base.safetensors", tmp_path / "unbroken.safetensors"
    stopped = train(RUN, output)
    assert (next(stopped).step, output.exists()) == (2, False)
    assert next(stopped).step == 4
    stopped.close()
    sheets = cache_dir() / "training" / "nano-base"
    assert sorted(path.name for path in sheets.iterdir()) == ["000002.mp4", "000002.png"]
    with Image.open(sheets / "000002.png") as sheet:
        assert sheet.size == (3 * 3 * 32, 32)  # three columns of three frames
    with av.open(str(sheets / "000002.mp4")) as movie:
        assert [(frame.width, frame.height) for frame in movie.decode(video=0)] == [(3 * 32, 32)] * 5
    output.unlink()
    assert [progress.step for progress in train(RUN, output)] == [4]
    monkeypatch.setattr(recipe, "NAME", "other")
    assert [progress.step for progress in train(RUN, unbroken)] == [2, 4]
    assert output.read_bytes() == unbroken.read_bytes()
    saved = load_base(output)
    untrained = new_base(SIZE)
    assert not torch.equal(saved.proj_out.weight, untrained.proj_out.weight)


def test_a_training_goes_on_from_what_is_embedded(tmp_path: Path):
    output = tmp_path / "base.safetensors"
    torch.manual_seed(5)
    shipped = SIZE.build()
    save_part(shipped, output)
    list(train(replace(RUN, steps=1, rate=0.0), output))
    torch.testing.assert_close(load_base(output).proj_out.weight, shipped.proj_out.weight, atol=1e-3, rtol=0.02)
    other = replace(SIZE, num_layers=1)
    list(train(replace(RUN, size=other, steps=1), output))  # of another size: begun anew
    assert len(load_base(output).blocks) == 1


def test_the_size_is_that_of_the_base_and_an_accelerator_takes_more():
    small, large = base_run(CPU), base_run(torch.device("cuda"))
    assert (small.size, small.shift) == (large.size, large.shift) == (NANO.transformer, NANO.shift)
    assert large.tokens == 16 * small.tokens
    assert np.isclose(small.tokens, 4 * 5 * 9 * 16)
