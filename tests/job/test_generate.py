"""Clips and pictures made from the guidance alone: a job whose source is empty."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import impasto
from impasto.cli import main
from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job.plan import make_plan
from impasto.job.request import Request
from impasto.job.run import run
from impasto.stylizers import registry
from impasto.stylizers.base import Capabilities, FrameArray, Model, Preset, ShotFrames, State
from impasto.video.blank import Blank, Canvas
from impasto.video.pictures import read_picture
from impasto.video.source import open_source

CANVAS = Canvas(width=64, height=48, frames=9, fps=Fraction(8))


class Maker:
    """Makes frames of one gray that grows lighter; refuses to be given a clip."""

    def __init__(self, preset: Preset) -> None:
        pass

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        assert shot.blank
        assert shot.clip.blank

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        for number, frame in enumerate(frames):
            yield np.full_like(frame, number / 255)


@pytest.fixture(autouse=True)
def maker(monkeypatch: pytest.MonkeyPatch, toy: Model) -> None:
    able = Capabilities(takes=frozenset({"prompt"}), needs=frozenset({"prompt"}), canvas=CANVAS)
    model = Model(
        name="maker", family="test", summary="", licence="Apache-2.0", source="embedded", capabilities=able, load=Maker
    )
    monkeypatch.setitem(registry.MODELS, "maker", model)


def request_for(output: Path, canvas: Canvas = CANVAS, **options) -> Request:
    given = {"source": canvas, "output": output, "guidance": Guidance(prompt="dawn"), "model": "maker"}
    return Request(**given | options)


def test_a_clip_of_the_size_length_and_rate_of_the_canvas(tmp_path: Path):
    record = run(request_for(tmp_path / "out.mkv", codec="ffv1"))
    source = open_source(tmp_path / "out.mkv")
    frames = list(source.frames())
    assert [int(frame.rgb.mean()) for frame in frames] == list(range(9))
    assert frames[0].rgb.shape == (48, 64, 3)
    assert [frame.time for frame in frames] == [Fraction(n, 8) for n in range(9)]
    told = json.loads((tmp_path / "out.run.json").read_text())
    canvas = {"width": 64, "height": 48, "frames": 9, "fps": 8.0}
    assert told["input"] == canvas | {"decoded": 0, "promised": 9, "corrupt": 0}
    assert record.guidance["prompt"] == "dawn"


def test_one_frame_is_a_picture(tmp_path: Path):
    run(request_for(tmp_path / "out.png", replace(CANVAS, frames=1)))
    rgb, _ = read_picture(tmp_path / "out.png")
    assert rgb.shape == (48, 64, 3)


def test_the_plan_knows_what_is_to_be_made(tmp_path: Path):
    assert "generated: 64x48, 9 frames at 8 fps" in make_plan(request_for(tmp_path / "out.mp4")).lines()[0]


def test_a_model_that_only_repaints_is_refused(tmp_path: Path, painting: Path):
    wanted = request_for(tmp_path / "out.mp4", guidance=Guidance(styles=(Style(image=painting),)), model="toy")
    with pytest.raises(UnsupportedOption, match="'toy' repaints"):
        run(wanted)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("wrong", [{"width": 0}, {"frames": 0}, {"fps": Fraction(-1)}])
def test_a_canvas_of_nothing_is_refused(wrong: dict):
    with pytest.raises(UnsupportedOption, match="positive"):
        replace(CANVAS, **wrong)


def test_frames_are_read_from_any_on(tmp_path: Path):
    blank = Blank(CANVAS)
    assert [frame.time for frame in blank.frames(7)] == [Fraction(7, 8), Fraction(1)]
    assert len(list(blank.small_frames(16))) == 9


def test_from_python(tmp_path: Path):
    record = impasto.generate("dawn", output=tmp_path / "out.mkv", model="maker", size=(32, 16), seconds=0.5, seed=3)
    assert (record.frames, record.output["width"], record.output["height"]) == (4, 32, 16)
    assert (record.guidance["prompt"], record.guidance["seed"]) == ("dawn", 3)
    picture = impasto.generate("dawn", output=tmp_path / "out.png", model="maker")
    assert picture.frames == 1


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    given = ["generate", "--prompt", "dawn", "--model", "maker", "--size", "40x24", "--fps", "4"]
    assert main([*given, "--seconds", "0:02", "-o", str(tmp_path / "out.mkv"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["output"]["frames"], record["output"]["width"], record["output"]["seconds"]) == (8, 40, 2.0)
    assert main([*given, "--frames", "3", "-o", str(tmp_path / "three.mkv")]) == 0
    assert "3 frames" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--size", "40"], "WIDTHxHEIGHT"),
        (["--size", "0x40"], "positive"),
        (["--seconds", "soon"], "'soon' is not a length"),
        (["--seconds", "1", "--frames", "2"], "two lengths"),
        (["--frames", "0"], "positive"),
        (["--model", "toy"], "no clips of its own; .*maker"),
        (["--output", "out.png", "--frames", "2"], "one frame"),
        (["--model", "nothing"], "Unknown model"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], said: str
):
    monkeypatch.chdir(tmp_path)
    given = {"--model": "maker", "--output": "out.mp4", "--prompt": "dawn"}
    given |= dict(zip(options[::2], options[1::2], strict=True))
    code = main(["generate", *(text for pair in given.items() for text in pair)])
    assert code == (3 if "Unknown" in said else 2)
    assert re.search(said, capsys.readouterr().err)
    assert not list(tmp_path.glob("out*"))
