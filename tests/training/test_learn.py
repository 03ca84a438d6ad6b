"""`impasto learn`: the material, the steps, and that a stopped run loses nothing."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load

from impasto.cli import main
from impasto.color.transport import color_statistics, transport
from impasto.errors import ImpastoError, InputError, Interrupted, OutputProblem, UnreadableInput, UnsupportedOption
from impasto.guidance import Style
from impasto.losses.style import STYLE_LOSSES
from impasto.motion.flow import DisFlow, gray
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.feedforward.johnson import JohnsonConfig
from impasto.stylizers.feedforward.netfile import load_net, read_header
from impasto.training.learn import LearnRun, interruption_told, learn
from impasto.training.learning import LearnConfig, Learning
from impasto.training.material import WINDOW_PIXELS, Material, Sample, read_material, spread_pairs
from impasto.training.stylegaps import picture_gap
from tests.clips import make_clip

TINY = LearnConfig(steps=4, crop=32, save_every=2, pair_every=2, imitation=2, johnson=JohnsonConfig(width=4, blocks=1))
NETWORKS = {
    "swift": TINY,
    "johnson": replace(TINY, network="johnson"),
    "johnson with batch normalisation": replace(TINY, network="johnson", johnson=JohnsonConfig(4, 1, "batch")),
}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mp4", frames=5)


@pytest.fixture
def run(tmp_path: Path, painting: Path, clip: Path) -> LearnRun:
    output = tmp_path / "net.safetensors"
    return LearnRun(styles=(Style(image=painting),), on=(clip,), output=output, config=TINY)


def material(frames: np.ndarray) -> Material:
    """Bytes [N, H, W, 3] as material of one sample."""
    pixels = torch.from_numpy(frames.reshape(-1, 3)) / 255
    return Material([Sample(frames, color_statistics(pixels))], "a test")


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


# The material


@settings(deadline=None)
@given(count=st.integers(2, 80), most=st.integers(1, 12))
def test_pairs_are_neighbours_spread_evenly_over_the_stream(count: int, most: int):
    pairs = spread_pairs((np.full((64, 64, 3), number, np.uint8) for number in range(count)), most)
    firsts = [int(pair[0, 0, 0, 0]) for pair in pairs]
    assert [int(pair[1, 0, 0, 0]) for pair in pairs] == [first + 1 for first in firsts]
    assert firsts[0] == 0
    assert len({b - a for a, b in pairwise(firsts)}) <= 1
    assert min(most, count - 1) / 2 <= len(pairs) <= most
    assert count - 2 - firsts[-1] <= (count - 1) * 2 / (most + 1)


def test_large_frames_are_seen_through_windows_and_small_ones_brought_to_size():
    (large,) = spread_pairs([np.zeros((1080, 1920, 3), np.uint8)] * 2, 1)
    assert large.shape[0] == 2
    assert large.shape[1] * large.shape[2] <= 1.01 * WINDOW_PIXELS
    (small,) = spread_pairs([np.zeros((16, 20, 3), np.uint8)], 1)
    assert small.shape == (1, 64, 64, 3)


def test_a_still_picture_gets_a_neighbour_that_moved_a_little():
    still = material(noise(128, 128)[None])
    first, second = (still.draw(np.random.default_rng(3), 96, 2)[0] * 255).astype(np.uint8)
    flow = DisFlow()(gray(first), gray(second))
    length = np.linalg.norm(flow, axis=-1)
    assert 0.1 < np.median(length) < 12
    there = material(np.stack([noise(64, 64), noise(64, 64, 1)])).draw(np.random.default_rng(3), 64, 2)[0]
    np.testing.assert_allclose(there * 255, [noise(64, 64), noise(64, 64, 1)], atol=1e-4)


def test_folders_give_their_pictures_and_videos_and_nothing_else(tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    Image.fromarray(noise(64, 96)).save(folder / "photo.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no more")
    (folder / "labels.jsonl").write_text("{}")
    make_clip(folder / "clip.mp4", size=(80, 64), frames=3)
    shapes = sorted(sample.frames.shape for sample in read_material([folder]).samples)
    assert shapes == [(1, 64, 96, 3), (2, 64, 80, 3), (2, 64, 80, 3)]


@pytest.mark.slow
def test_without_material_there_are_rendered_scenes():
    samples = read_material([]).samples
    assert {len(sample.frames) for sample in samples} == {1, 2}
    assert all(sample.frames.std() > 5 for sample in samples)


# The steps


def test_learning_brings_what_is_painted_nearer_to_the_style(painting: Path):
    config = replace(TINY, crop=64, rate=3e-3, warmup=3, content_weight=0.0, temporal_weight=0.0)
    learning = Learning((Style(image=painting),), material(noise(64, 64)[None]), config)

    def gap() -> float:
        frames, palette = learning.material.draw(np.random.default_rng(0), 64, 1)
        colors = transport(palette, learning.code.colors)
        with torch.no_grad():
            paint = learning.averaged().paint
            return learning.objective(frames, lambda x: paint(x, colors), np.random.default_rng(0)).gap.item()

    before = gap()
    for _ in range(12):
        assert learning.advance() == ""
    assert gap() < 0.9 * before


def test_imitation_leads_johnson_to_what_swift_paints(painting: Path):
    config = replace(NETWORKS["johnson"], rate=3e-3, warmup=1, imitation=10_000, style_weight=0.0, content_weight=0.0)
    learning = Learning((Style(image=painting),), material(noise(32, 32)[None]), replace(config, temporal_weight=0.0))
    frames = torch.from_numpy(learning.material.samples[0].frames).permute(0, 3, 1, 2) / 255
    colors = transport(learning.material.samples[0].colors, learning.code.colors)

    def away() -> float:
        with torch.no_grad():
            return (learning.net.paint(frames, colors) - learning.swift.paint(frames, colors)).abs().mean().item()

    before = away()
    for _ in range(25):
        learning.advance()
    assert away() < 0.8 * before


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_a_style_gap_is_1_for_the_untouched_material_and_0_for_the_style(name: str):
    encoder = embedded_encoder()
    style, frames = (encoder(torch.from_numpy(noise(48, 48, seed)).permute(2, 0, 1)[None] / 255) for seed in (1, 2))
    gap = picture_gap(STYLE_LOSSES[name], [(style, 1.0)], [frames])
    assert gap(frames, frames).item() == pytest.approx(1, abs=1e-4)
    assert gap(style, frames).item() == pytest.approx(0, abs=0.02)


def test_divergence_goes_back_and_slows_down(run: LearnRun):
    wild = replace(run, config=replace(TINY, rate=1e4, warmup=1))
    notes = [progress.note for progress in learn(wild) if progress.note]
    assert notes
    assert all("a quarter of the rate" in note for note in notes)
    net, _ = load_net(run.output)
    assert all(value.isfinite().all() for value in net.parameters.values())


def test_what_never_is_a_number_is_told(run: LearnRun):
    with pytest.raises(ImpastoError, match="diverges at step 0"):
        list(learn(replace(run, config=replace(TINY, style_weight=float("nan")))))
    assert not run.output.exists()


# Stopping and going on


def result(run: LearnRun) -> bytes:
    for _ in learn(run):
        pass
    return run.output.read_bytes()


def assert_same_net(first: bytes, second: bytes) -> None:
    ours, theirs = load(first), load(second)
    assert ours.keys() == theirs.keys()
    assert [name for name, value in ours.items() if not torch.equal(value, theirs[name])] == []


@pytest.mark.parametrize("name", NETWORKS)
def test_a_stopped_run_goes_on_to_the_same_net(name: str, run: LearnRun, tmp_path: Path):
    unbroken = replace(run, config=NETWORKS[name])
    stopped = replace(unbroken, output=tmp_path / "stopped.safetensors")
    assert [progress.step for progress in islice(learn(stopped), 1)] == [2]
    assert not stopped.output.exists()
    assert stopped.checkpoint.exists()
    assert_same_net(result(stopped), result(unbroken))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("in.mp4", "net.preview.jpg", "net.safetensors", "painting.png", "stopped.preview.jpg", "stopped.safetensors")
    ]


def test_the_number_of_steps_may_change_on_the_way(run: LearnRun, tmp_path: Path):
    unbroken = replace(run, config=replace(TINY, steps=6), output=tmp_path / "unbroken.safetensors")
    next(learn(run))
    assert_same_net(result(replace(run, config=replace(TINY, steps=6))), result(unbroken))
    fewer = replace(run, output=tmp_path / "fewer.safetensors")
    next(learn(fewer))
    result(replace(fewer, config=replace(TINY, steps=1)))
    assert read_header(fewer.output).facts["steps"] == 2


def test_what_another_command_left_is_not_lost(run: LearnRun):
    next(learn(run))
    other = replace(run, config=replace(TINY, seed=1))
    with pytest.raises(OutputProblem, match="another command"):
        next(learn(other))
    assert result(replace(other, overwrite=True))
    assert read_header(run.output).facts["seed"] == 1


def test_an_interruption_says_how_to_go_on(run: LearnRun):
    next(learn(run))
    with pytest.raises(Interrupted, match="goes on from step 2, and with --steps 2"), interruption_told(run):
        raise KeyboardInterrupt
    run.checkpoint.unlink()
    with pytest.raises(Interrupted, match="nothing is left"), interruption_told(run):
        raise KeyboardInterrupt
    assert not run.checkpoint.parent.exists()


def test_a_signal_leaves_the_checkpoint(run: LearnRun, tmp_path: Path):
    command = ["learn", "painting.png", "--on", "in.mp4", "-o", "net.safetensors", "--steps", "100000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "impasto", *command], cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    while process.poll() is None and not run.checkpoint.exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "goes on from step 25" in err.strip().splitlines()[-1]
    assert "Traceback" not in err
    assert not run.output.exists()


# What users get wrong, and what is odd but right


@pytest.mark.parametrize("size", [(8, 8), (300, 9)])
def test_a_style_smaller_than_what_the_network_sees(run: LearnRun, size: tuple[int, int], tmp_path: Path):
    Image.fromarray(noise(304, 304)[: size[1], : size[0]]).save(tmp_path / "small.png")
    assert result(replace(run, styles=(Style(image=tmp_path / "small.png"),)))


def test_a_constant_picture_as_style_and_as_material(run: LearnRun, tmp_path: Path):
    grey = tmp_path / "grey.png"
    Image.fromarray(np.full((64, 64, 3), 128, np.uint8)).save(grey)
    assert result(replace(run, styles=(Style(image=grey),)))
    assert result(replace(run, on=(grey,), overwrite=True))
    assert result(replace(run, on=(grey,), overwrite=True, config=NETWORKS["johnson"]))


def test_a_clip_of_one_small_frame(run: LearnRun, tmp_path: Path):
    one = make_clip(tmp_path / "one.mp4", size=(16, 16), frames=1)
    assert result(replace(run, on=(one,)))


def test_a_mix_of_styles_and_a_named_one(run: LearnRun):
    styles = (*run.styles, Style(name="van-gogh-irises", weight=2.0))
    result(replace(run, styles=styles))
    assert read_header(run.output).styles == ("painting", "van-gogh-irises")
    with pytest.raises(UnsupportedOption, match="'gram' needs a picture"):
        result(replace(run, styles=styles, overwrite=True, config=replace(TINY, style_loss="gram")))


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"output": Path("net.onnx")}, OutputProblem, "'net.onnx' is none"),
        ({"output": Path("nowhere/net.safetensors")}, OutputProblem, "does not exist"),
        ({"on": (Path("none.mp4"),)}, UnreadableInput, "No such file"),
        ({"styles": (Style(image=Path("none.jpg")),)}, UnreadableInput, "No such file"),
        ({"styles": (Style(name="van-gogh-iris"),)}, InputError, "van-gogh-irises"),
        ({"styles": (Style(name="van-gogh-irises", start=7),)}, UnsupportedOption, "leave out the times"),
        ({"config": replace(TINY, steps=0)}, UnsupportedOption, "steps 0"),
        ({"config": replace(TINY, seed=-1)}, UnsupportedOption, "seed -1"),
        ({"config": replace(TINY, style_loss="vibes")}, UnsupportedOption, "'vibes'"),
    ],
)
def test_what_cannot_be_is_refused(run: LearnRun, changes, error, sentence, tmp_path: Path):
    before = sorted(tmp_path.iterdir())
    with pytest.raises(error, match=sentence):
        next(learn(replace(run, **changes)))
    assert sorted(tmp_path.iterdir()) == before


def test_an_output_that_exists_is_kept(run: LearnRun):
    run.output.write_bytes(b"old")
    with pytest.raises(OutputProblem, match="--overwrite"):
        next(learn(run))
    assert run.output.read_bytes() == b"old"


def test_the_command_tells_what_it_does(run: LearnRun, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = ["painting.png", "--on", "in.mp4", "-o", "net.safetensors", "--network", "swift"]
    assert main(["learn", *arguments, "--steps", "2"]) == 0
    assert capsys.readouterr().out.startswith("net.safetensors: 2 steps, style gap left 0.")
    assert main(["learn", *arguments]) == 2
    assert main(["learn", "-o", "other.safetensors"]) == 2
    assert "Nothing to learn" in capsys.readouterr().err
