"""Many videos in one command: checked whole, done one after the other, gone on with."""

import json
import sys
import time
from pathlib import Path

import pytest

from tests.clips import make_clip
from tests.job.test_run import frames_of

pytestmark = pytest.mark.usefixtures("toy")
FRAMES = 6


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """A folder with a.mp4, b.mkv, and a list of both."""
    folder = tmp_path / "clips"
    folder.mkdir()
    make_clip(folder / "a.mp4", frames=FRAMES)
    make_clip(folder / "b.mkv", frames=FRAMES + 1)
    (folder / "list.txt").write_text("# two clips\n\na.mp4\nb.mkv\n")
    return folder


@pytest.fixture
def batch(impasto, painting, clips):
    """Runs `impasto batch` with the toy, in the folder above the clips."""

    def run(*arguments: object, code: int = 0):
        ran = impasto("batch", "--model", "toy", "--style", painting, *arguments)
        assert ran.code == code, ran.err
        assert "Traceback" not in ran.err
        return ran

    return run


def states(ran) -> list[str]:
    return [row["state"] for row in json.loads(ran.out)["runs"]]


def test_a_list_of_files_with_options_for_all(batch, impasto, tmp_path, painting):
    ran = batch("clips/list.txt", "-o", "out")
    assert "2 of 2 runs done." in ran.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.mp4", "a.run.json", "b.mkv", "b.run.json"}
    impasto("stylize", "clips/b.mkv", "--model", "toy", "--style", painting, "-o", "alone.mkv")
    assert [f.tobytes() for f in frames_of(tmp_path / "out/b.mkv")] == [
        f.tobytes() for f in frames_of(tmp_path / "alone.mkv")
    ]


def test_a_json_list_with_options_of_its_own(batch, tmp_path, clips, painting):
    (clips / "other.png").write_bytes(painting.read_bytes())
    rows = [
        {"source": "a.mp4", "output": "../red.mp4", "strength": 0.5, "preserve_color": True, "crf": 20},
        {"source": "b.mkv", "style": ["other.png=2", str(painting)], "seed": 3},
    ]
    (clips / "list.json").write_text(json.dumps(rows, indent=1))
    batch("clips/list.json", "-o", "out", "--strength", 0.25)
    red, b = (json.loads((tmp_path / name).read_text()) for name in ("red.run.json", "out/b.run.json"))
    assert (red["guidance"]["strength"], b["guidance"]["strength"]) == (0.5, 0.25)
    assert red["guidance"]["preserve_color"]
    assert red["plan"]["format"]["options"]["crf"] == "20"
    assert [style["image"] for style in red["guidance"]["styles"]] == [str(painting)]
    assert [(style["image"], style["weight"]) for style in b["guidance"]["styles"]] == [
        ("clips/other.png", 2),
        (str(painting), 1),
    ]


def test_all_errors_at_once_and_nothing_is_begun(batch, tmp_path, clips):
    (clips / "broken.mp4").write_text("no video")
    rows = """[
  {"source": "a.mp4", "strength": 2},
  {"source": "b.mkv", "outptu": "x.mp4"},
  {"source": "none.mp4"}, {"source":
    "broken.mp4"},

  {"source": "b.mkv", "output": "a.mp4"},
  {"source": "b.mkv", "output": "b.mp4"},
  {"source": "b.mkv", "output": "b.mov"},
  {"source": "b.mkv", "mask": 5, "output": "c.mov"},
  {"output": "d.mov"}, 7,
  {"source": "b.mkv", "model": "toi", "output": "e.mov"},
  {"source": "b.mkv", "output": "good.mov"}
]"""
    (clips / "list.json").write_text(rows)
    before = sorted(tmp_path.rglob("*"))
    ran = batch("clips/list.json", "-o", "out", code=2)
    found = [line.strip() for line in ran.err.splitlines()]
    assert found[0].startswith("impasto: 'clips/list.json' cannot be run as it is, and nothing was begun")
    told = [(2, "strength 2"), (3, "'outptu'"), (4, "'clips/none.mp4'"), (4, "broken.mp4")]
    told += [(7, "is a source of the list"), (9, "that of line 8"), (10, "'mask' is 5")]
    told += [(11, "no 'source'"), (11, "7 has no 'source'"), (12, "'toy'?")]
    assert len(found) == 1 + len(told)
    for line, (number, words) in zip(found[1:], told, strict=True):
        assert line.startswith(f"line {number}: ")
        assert words in line
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[{]", "line 1 column 3"),
        ('{"source": "a.mp4"}', "no list"),
        ("[]", "lists nothing"),
        ("[" * 100_000, "is no list"),
        ("\udcff", "is no list"),
    ],
)
def test_what_is_no_list(batch, clips, text, told):
    (clips / "list.json").write_text(text, errors="surrogateescape")
    assert told in batch("clips/list.json", "-o", "out", code=2).sentence


def test_no_list_and_no_output(batch, clips):
    assert "'none.txt'" in batch("none.txt", "-o", "out", code=2).sentence
    assert "a folder for all with -o" in batch("clips/list.txt", code=2).sentence
    assert "--workers 2" in batch("clips/list.txt", "-o", "out", "--workers", 2, code=2).sentence
    assert "'somewhere'" in batch("clips/list.txt", "-o", "out", "--on", "somewhere", code=2).sentence


def test_no_ray(batch, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert "pip install '.[ray]'" in batch("clips/list.txt", "-o", "out", "--on", "local", code=2).sentence


def test_what_fails_is_told_and_does_not_stop_the_others(batch, tmp_path, clips):
    """That a mask has too few frames shows when the source has been read."""
    make_clip(clips / "short.mp4", frames=2)
    rows = [{"source": "a.mp4", "mask": "short.mp4"}, {"source": "b.mkv"}]
    (clips / "list.json").write_text(json.dumps(rows))
    ran = batch("clips/list.json", "-o", "out", "--json", code=1)
    failed, done = json.loads(ran.out)["runs"]
    assert (failed["state"], done["state"]) == ("failed", "done")
    assert "2 frames and the source 6" in failed["reason"]
    assert "1 of 2; a.mp4: failed" in ran.err
    assert done["frames"] == FRAMES + 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"b.mkv", "b.run.json"}
    ran = batch("clips/list.json", "-o", "out", code=1)
    assert "clips/a.mp4: The mask" in ran.out
    assert "1 of 2 runs done, 1 of them before." in ran.out


def test_a_second_run_does_what_is_left(batch, tmp_path, clips):
    assert states(batch("clips/list.txt", "-o", "out", "--json")) == ["done", "done"]
    painted = (tmp_path / "out/a.mp4").stat().st_mtime_ns
    (tmp_path / "out/b.mkv").unlink()
    assert states(batch("clips/list.txt", "-o", "out", "--json")) == ["done before", "done"]
    assert (tmp_path / "out/a.mp4").stat().st_mtime_ns == painted
    assert states(batch("clips/list.txt", "-o", "out", "--json", "--overwrite")) == ["done", "done"]
    assert (tmp_path / "out/a.mp4").stat().st_mtime_ns != painted


def test_an_output_of_other_settings_or_of_others_is_refused(batch, tmp_path, clips):
    batch("clips/list.txt", "-o", "out")
    (tmp_path / "out/b.mkv").write_bytes(b"mine")
    ran = batch("clips/list.txt", "-o", "out", "--strength", 0.5, code=2)
    assert "line 3: The output 'out/a.mp4' is of a run that differs (strength: 1.0 -> 0.5)" in ran.err
    assert "line 4: The output 'out/b.mkv' exists; add --overwrite to replace it." in ran.err
    assert (tmp_path / "out/b.mkv").read_bytes() == b"mine"


def test_newer_packages_are_no_reason_to_paint_again(batch, tmp_path):
    batch("clips/list.txt", "-o", "out")
    record = tmp_path / "out/a.run.json"
    record.write_text(record.read_text().replace('"version of numpy": "', '"version of numpy": "0.'))
    assert states(batch("clips/list.txt", "-o", "out", "--json")) == ["done before", "done before"]


def test_stopped_and_gone_on_with(batch, start, tmp_path, clips, painting):
    """In a process of its own, stopped in the second run."""
    make_clip(clips / "b.mkv", frames=800)
    process = start("batch", "clips/list.txt", "--model", "toy", "--style", painting, "-o", "out")
    while not (tmp_path / "out" / "b.mkv.impasto").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command without --overwrite goes on from there" in err.strip().splitlines()[-1]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.mp4", "a.run.json", "b.mkv.impasto"}
    assert states(batch("clips/list.txt", "-o", "out", "--json")) == ["done before", "done"]
