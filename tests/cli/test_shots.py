"""Shot lists: found, edited, used, and refused where they do not fit."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import impasto as package
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_bytes, to_float
from impasto.stylizers.feedforward.swift import Swift
from impasto.stylizers.memoryshot import MemoryShot
from impasto.video.shots import find_shots
from impasto.video.source import open_source
from tests.clips import make_clip
from tests.job.test_run import frames_of, two_shots

LENGTHS = (20, 14, 33, 25, 9, 18, 40, 12, 22)


def scene(seed: int, frames: int, step: int = 1) -> list[np.ndarray]:
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 12, 3), dtype=np.uint8)
    wide = blocks.repeat(8, 0).repeat(8, 1)
    return [np.roll(wide, step * n, axis=1)[:, :64] for n in range(frames)]


def shots_in(path: Path, pictures: list[np.ndarray]) -> list[tuple[int, int]]:
    source = open_source(make_clip(path, frames=len(pictures), pictures=pictures))
    return [(shot.start, shot.stop) for shot in find_shots(source)]


def lit(pictures: list[np.ndarray], light: np.ndarray) -> list[np.ndarray]:
    return [(rgb * share).astype(np.uint8) for rgb, share in zip(pictures, light, strict=True)]


def test_eight_known_cuts_are_all_found_and_none_invented(tmp_path):
    pictures = [rgb for seed, length in enumerate(LENGTHS) for rgb in scene(seed, length)]
    assert shots_in(tmp_path / "a.mp4", pictures) == list(pairwise(np.cumsum([0, *LENGTHS]).tolist()))


def test_no_ghost_of_the_shot_before_is_in_the_first_frame_after_a_cut(tmp_path):
    """It is that of the shot painted alone, to the last bit: nothing but the shot's own frames may go into it."""
    pictures = [rgb for seed, length in enumerate(LENGTHS) for rgb in scene(seed, length)]
    source = make_clip(tmp_path / "in.mkv", frames=len(pictures), pictures=pictures, codec="ffv1", pixel_format="bgr0")
    style = "monet-water-lilies"
    options: dict[str, Any] = {"style": style, "codec": "ffv1", "preset": "draft"}
    record = package.stylize(source, output=tmp_path / "out.mkv", **options)
    edges = np.cumsum([0, *LENGTHS]).tolist()
    assert [shot["start"] for shot in record.plan["shots"]] == edges[:-1]
    painted, frames = frames_of(tmp_path / "out.mkv"), [to_float(rgb) for rgb in frames_of(source)]
    for start, stop in list(pairwise(edges))[1:]:
        stylizer, shot = Swift("draft"), frames[start:stop]
        stylizer.prepare(Guidance(styles=(Style(name=style),)), MemoryShot(shot), lambda share: None)
        np.testing.assert_array_equal(painted[start], to_bytes(next(iter(stylizer.stylize(shot, {})))))
    # Without the cuts there is one.
    save(tmp_path, {"shots": [{"start": 0, "stop": len(pictures)}]})
    package.stylize(source, output=tmp_path / "one.mkv", shots=tmp_path / "shots.json", **options)
    joined = frames_of(tmp_path / "one.mkv")
    assert min(np.abs(joined[cut].astype(int) - painted[cut]).mean() for cut in edges[1:-1]) > 1


@pytest.mark.parametrize("black", [1, 4, 30])
def test_a_fade_through_black_is_one_cut_where_the_light_returns(tmp_path, black):
    out = np.linspace(1, 0, 12)
    first = lit(scene(0, 30), np.concatenate([np.ones(18), out]))
    second = lit(scene(1, 30), np.concatenate([out[::-1], np.ones(18)]))
    dark = [np.zeros_like(first[0])] * black
    cut = 30 + black + 1  # its first frame is black as well
    assert shots_in(tmp_path / "a.mp4", first + dark + second) == [(0, cut), (cut, 60 + black)]


def test_a_dip_of_light_and_a_fast_pan_are_no_cuts(tmp_path):
    dip = 1 - 0.7 * np.sin(np.linspace(0, np.pi, 40))
    assert shots_in(tmp_path / "dip.mp4", lit(scene(0, 40), dip)) == [(0, 40)]
    assert shots_in(tmp_path / "pan.mp4", scene(0, 40, step=7)) == [(0, 40)]


@pytest.fixture
def listed(tmp_path: Path, impasto) -> dict:
    """The list of a clip with a cut at frame 20, saved as shots.json."""
    two_shots(tmp_path / "in.mkv")
    assert impasto("shots", "in.mkv", "-o", "shots.json").code == 0
    return json.loads((tmp_path / "shots.json").read_text())


def test_the_command_prints_and_saves_the_same(tmp_path, listed, impasto):
    assert [(shot["start"], shot["stop"], shot["style"]) for shot in listed["shots"]] == [(0, 20, None), (20, 40, None)]
    assert (listed["frames"], listed["shots"][1]["start_time"]) == (40, 0.8)
    assert json.loads(impasto("shots", "in.mkv", "--json").out) == listed
    refused = impasto("shots", "in.mkv", "-o", "shots.json")
    assert (refused.code, "--overwrite" in refused.sentence) == (2, True)


def save(folder: Path, listed: dict) -> Path:
    path = folder / "shots.json"
    path.write_text(json.dumps(listed))
    return path


@pytest.mark.usefixtures("toy")
def test_cuts_are_as_edited(tmp_path, listed, painting):
    second = listed["shots"][1]
    listed["shots"] = [
        {"start": 0, "stop": 13},
        {"start": 13, "stop": 20, "start_time": 13 / 25},
        second,
    ]
    record = package.stylize(
        tmp_path / "in.mkv", style=painting, output=tmp_path / "out.mkv", model="toy", shots=save(tmp_path, listed)
    )
    assert [(shot["start"], shot["stop"]) for shot in record.plan["shots"]] == [(0, 13), (13, 20), (20, 40)]
    assert str(tmp_path / "shots.json") in record.pictures


def test_a_shot_of_its_own_style_is_that_shot_repainted_alone(tmp_path, listed, painting):
    """Nothing of the shot before is in it, from its first frame on."""
    listed["shots"][1]["style"] = ["painting.png=2", "monet-water-lilies"]  # paths begin at the folder of the list
    options: dict[str, Any] = {"codec": "ffv1", "preset": "draft"}
    record = package.stylize(
        tmp_path / "in.mkv",
        style="monet-water-lilies",
        output=tmp_path / "out.mkv",
        shots=save(tmp_path, listed),
        **options,
    )
    assert [[style["weight"] for style in look["styles"]] for look in record.plan["looks"]] == [[1], [2, 1]]
    assert set(record.pictures) == {str(painting), str(tmp_path / "shots.json")}
    frames = frames_of(tmp_path / "in.mkv")[20:]
    alone = make_clip(tmp_path / "alone.mkv", pictures=frames, frames=20, codec="ffv1", pixel_format="bgr0")
    styles = [
        Style(image=painting, weight=2),
        Style(name="monet-water-lilies"),
    ]
    package.stylize(alone, style=styles, output=tmp_path / "alone-out.mkv", **options)
    np.testing.assert_array_equal(frames_of(tmp_path / "out.mkv")[20:], frames_of(tmp_path / "alone-out.mkv"))


def test_a_shot_of_its_own_prompt_is_that_shot_repainted_by_it_alone(tmp_path, listed):
    listed["shots"][1]["prompt"] = "black ink drawing on white paper"
    options: dict[str, Any] = {"codec": "ffv1", "preset": "draft"}
    of_the_run = {"style": "monet-water-lilies", "prompt": "red and orange oil painting"}
    source, shots = tmp_path / "in.mkv", save(tmp_path, listed)
    record = package.stylize(source, output=tmp_path / "out.mkv", shots=shots, **of_the_run, **options)
    said = [([style["name"] for style in look["styles"]], look["prompt"]) for look in record.plan["looks"]]
    assert said == [(["monet-water-lilies"], of_the_run["prompt"]), ([], listed["shots"][1]["prompt"])]
    assert record.settings["shots 2 prompt"] == listed["shots"][1]["prompt"]
    out = frames_of(tmp_path / "out.mkv")
    package.stylize(source, output=tmp_path / "run.mkv", shots=unsaid(tmp_path), **of_the_run, **options)
    np.testing.assert_array_equal(out[:20], frames_of(tmp_path / "run.mkv")[:20])
    alone = make_clip(
        tmp_path / "alone.mkv", pictures=frames_of(source)[20:], frames=20, codec="ffv1", pixel_format="bgr0"
    )
    package.stylize(alone, prompt=listed["shots"][1]["prompt"], output=tmp_path / "alone-out.mkv", **options)
    np.testing.assert_array_equal(out[20:], frames_of(tmp_path / "alone-out.mkv"))


def unsaid(folder: Path) -> Path:
    """The list in the folder with nothing said of any shot, under another name."""
    listed = json.loads((folder / "shots.json").read_text())
    shots = [{**shot, "style": None, "prompt": None} for shot in listed["shots"]]
    path = folder / "unsaid.json"
    path.write_text(json.dumps({**listed, "shots": shots}))
    return path


def test_where_each_shot_has_a_prompt_the_command_needs_none(tmp_path, listed, impasto):
    for shot, prompt in zip(listed["shots"], ("blue watercolour", "pencil drawing"), strict=True):
        shot["prompt"] = prompt
    save(tmp_path, listed)
    plan = json.loads(impasto("plan", "in.mkv", "--shots", "shots.json", "-o", "out.mp4", "--json").out)
    assert [(look["styles"], look["prompt"]) for look in plan["looks"]] == [
        ([], "blue watercolour"),
        ([], "pencil drawing"),
    ]
    # Networks of one style are led by no words, and a prompt of one shot is not passed over.
    ran = impasto("plan", "in.mkv", "--shots", "shots.json", "--model", "gatys", "-o", "out.mp4")
    assert (ran.code, "does not take prompt" in ran.sentence) == (2, True)


@pytest.mark.usefixtures("toy")
def test_a_picture_that_no_shot_goes_by_is_recorded_all_the_same(tmp_path, listed, painting):
    for shot in listed["shots"]:
        shot["style"] = "monet-water-lilies"
    record = package.stylize(
        tmp_path / "in.mkv", style=painting, output=tmp_path / "out.mkv", model="toy", shots=save(tmp_path, listed)
    )
    assert str(painting) in record.pictures


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"stop": 39}, "end at frame 39 and the source at 40"),
        ({"start": 18}, "Shot 2"),
        ({"start": 22}, "here at 20"),
        ({"stop": 20}, "stops later"),
        ({"start_time": 1.2}, "starts at frame 20, which is at 0.800 s and not at 1.200 s"),
        ({"start": "20"}, "no whole number"),
        ({"style": "none.jpg"}, "none.jpg"),
        ({"style": "water-lillies-of-nobody"}, "neither a file nor a named style"),
        ({"style": "0:01=monet-water-lilies"}, "time of its own"),
        ({"style": 7}, "no shot list"),
        ({"prompt": 7}, "a prompt is no text"),
        ({"prompt": " "}, "The prompt is empty"),
        ({"prompt": "gouache"}, "does not take prompt"),
    ],
)
@pytest.mark.usefixtures("toy")
def test_a_list_that_does_not_fit_is_refused(tmp_path, listed, painting, impasto, change, part):
    listed["shots"][1] |= change
    save(tmp_path, listed)
    ran = impasto("stylize", "in.mkv", "--style", painting, "--model", "toy", "--shots", "shots.json", "-o", "out.mkv")
    assert ran.code == 2, ran.err
    assert part in ran.sentence
    assert not list(tmp_path.glob("out*"))


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("text", ["", '{"shots": [{"start": 0, "st', "[]", '{"shots": []}', '{"shots": [3]}'])
def test_a_torn_list_is_refused(tmp_path, listed, painting, impasto, text):
    (tmp_path / "shots.json").write_text(text)
    ran = impasto("stylize", "in.mkv", "--style", painting, "--model", "toy", "--shots", "shots.json", "-o", "out.mkv")
    assert (ran.code, "shots.json" in ran.sentence) == (2, True)
