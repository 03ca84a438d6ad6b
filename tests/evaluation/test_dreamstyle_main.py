"""DreamStyle's main comparison at toy size: what is here paints, others are taken in, published rows stand apart."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from impasto.cli import main
from impasto.evaluation.dreamstyle.mainpainting import in_colours_of, paint_all
from impasto.evaluation.dreamstyle.mainprotocol import METHODS, QUICK, TASKS, MainProtocol
from impasto.evaluation.metrics import catalog
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.running.comparison import read_list
from impasto.stylizers.dreamstyle.nano import STEPS
from impasto.stylizers.dreamstyle.published import NANO_FILE
from impasto.stylizers.stylemaster.published import NANO_PARTS
from impasto.video.source import open_source
from impasto.weights import paths
from impasto.weights.paths import assets_dir
from tests.clips import make_clip
from tests.evaluation.evaldata import write_eval
from tests.training.dreamstyle.toypairs import toy_dreamstyle_nano
from tests.training.stylemaster.toyworld import forget, write_weights

ASSETS = assets_dir().resolve()
CHEAP = ("smoothness-nano", "dynamic-degree-nano", "csd")
BY_NAME = {method.name: method for method in METHODS}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of `dreamstyle-nano`, all that is embedded but `stylemaster-nano`, and data; made once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "weights").mkdir()
    (folder / "embedded").mkdir()
    for file in paths.EMBEDDED.glob("*.safetensors"):
        if file.name != NANO_PARTS:
            (folder / "embedded" / file.name).symlink_to(file)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder / "weights"))
        forget()
        write_weights(folder / "weights")
        toy_dreamstyle_nano().save(folder / "weights" / NANO_FILE, as_bytes=True)
    write_eval(folder / "assets", QUICK.styles, QUICK.clips, QUICK.frames)
    return folder


@pytest.fixture(autouse=True)
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two metrics that need no network, and one whose weights are missing; few methods."""
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made / "weights"))
    monkeypatch.setattr(paths, "EMBEDDED", made / "embedded")
    monkeypatch.setenv("IMPASTO_ASSETS", str(made / "assets"))
    monkeypatch.setitem(STEPS, "draft", 1)
    monkeypatch.setattr(catalog, "CATALOG", (tuple(metrics()[key] for key in CHEAP),))
    few = tuple(BY_NAME[name] for name in ("source", "transport", "stylemaster-nano", "dreamstyle-nano"))
    monkeypatch.setattr("impasto.evaluation.dreamstyle.mainpainting.METHODS", few)
    forget()
    yield
    forget()


def run(*arguments: str | Path) -> int:
    return main(["evaluate", "table", "dreamstyle-main", "--quick", *map(str, arguments)])


def test_all_that_can_paint_is_measured_in_its_tasks_and_painted_once(tmp_path: Path, capsys):
    assert run("-o", tmp_path) == 1  # there is no stylemaster-nano
    assert "stylemaster-nano did not paint" in capsys.readouterr().out
    table = json.loads((tmp_path / "dreamstyle-main.json").read_text())
    rows = {task: [row["method"] for row in each["rows"]] for task, each in table["tables"].items()}
    assert rows == {
        "text": ["dreamstyle-nano", "source"],
        "style-image": ["dreamstyle-nano", "source", "transport"],
        "first-frame": ["dreamstyle-nano", "source", "transport"],
    }
    for each in table["tables"].values():
        for row in each["rows"]:
            assert isinstance(row["cells"]["Dynamic-nano"]["value"], float)
    page = (tmp_path / "dreamstyle-main.md").read_text()
    assert page.count("### Published, other protocol, not comparable") == 3
    assert "| DreamStyle, video to video | 0.515 | 0.526 | 0.867 | 0.635 |" in page
    assert "`stylemaster-nano` did not paint" in page
    capsys.readouterr()
    assert run("-o", tmp_path) == 1
    assert "davis_dance-twirl in" not in capsys.readouterr().err


def test_results_of_others_stand_beside_ours(tmp_path: Path):
    place = tmp_path / "others" / "text" / "rival"
    place.mkdir(parents=True)
    make_clip(place / "one.mp4", frames=5)
    (place / "comparisons.json").write_text(json.dumps([{"output": "one.mp4", "prompt": "a mosaic"}]))
    run(tmp_path / "others", "-o", tmp_path / "tables")
    table = json.loads((tmp_path / "tables" / "dreamstyle-main.json").read_text())
    assert [row["method"] for row in table["tables"]["text"]["rows"]] == ["dreamstyle-nano", "source", "rival"]
    assert len(table["tables"]["style-image"]["rows"]) == 3


def test_a_folder_that_holds_no_task_is_refused(tmp_path: Path, capsys):
    assert run(tmp_path, "-o", tmp_path) == 2
    assert "has no folder text or style-image or first-frame" in capsys.readouterr().err


def test_each_task_is_guided_by_its_own_and_compared_with_it(made: Path):
    lists = paint_all(QUICK, {}, lambda line: None)
    (text,), (style,), (first,) = (read_list(lists / task / "dreamstyle-nano" / "comparisons.json") for task in TASKS)
    words, caption = QUICK.styles[0][1], QUICK.clips[0][1]
    assert (text.prompt, style.prompt, first.prompt) == (words, caption, caption)
    assert (text.first_frame, style.first_frame) == (None, None)
    assert first.first_frame is not None
    assert first.first_frame.is_file()
    frames = {}
    for task, one in (("text", text), ("style", style), ("first", first)):
        frames[task] = [frame.rgb for frame in open_source(one.output).frames()]
        assert len(frames[task]) == QUICK.frames
        assert one.source is not None
        assert open_source(one.source).info.width == QUICK.width
    assert not np.array_equal(frames["text"], frames["style"])
    assert not np.array_equal(frames["first"], frames["style"])


def test_a_painting_that_was_stopped_is_made_anew(made: Path):
    lists = paint_all(QUICK, {}, lambda line: None)
    (one,) = read_list(lists / "text" / "dreamstyle-nano" / "comparisons.json")
    before = sorted(path.read_bytes() for path in one.output.resolve().iterdir())
    one.output.resolve().rename(one.output.resolve().with_name(f"{one.output.name}.part"))
    said: list[str] = []
    paint_all(QUICK, {}, said.append)
    assert len(said) == 1
    assert sorted(path.read_bytes() for path in one.output.resolve().iterdir()) == before


def test_colours_are_those_of_the_picture():
    rng = np.random.default_rng(0)
    clip = [rng.integers(60, 180, (20, 30, 3), np.uint8) for _ in range(3)]
    picture = np.clip(rng.normal((200, 120, 60), (10, 20, 15), (40, 50, 3)), 0, 255).astype(np.uint8)
    moved = np.stack(in_colours_of(clip, picture)).reshape(-1, 3).astype(float)
    np.testing.assert_allclose(moved.mean(0), picture.reshape(-1, 3).mean(0), atol=1.5)
    np.testing.assert_allclose(moved.std(0), picture.reshape(-1, 3).std(0), atol=2)


@pytest.mark.skipif(not (ASSETS / "eval").is_dir(), reason=f"needs the data folder, {ASSETS}")
def test_what_is_compared_on_exists(monkeypatch):
    for clip, caption in MainProtocol().clips:
        assert (ASSETS / "eval/videos" / f"{clip}.mp4").is_file()
        assert caption
    for style, words in MainProtocol().styles:
        assert (ASSETS / "eval/styles" / f"{style}.jpg").is_file()
        assert words


def test_lists_are_made_anew_of_what_is_painted(made: Path):
    one = paint_all(QUICK, {}, lambda line: None)
    shutil.rmtree(one)
    again = paint_all(QUICK, {}, lambda line: pytest.fail(line))
    assert again == one
    assert (one / "text" / "source" / "comparisons.json").is_file()
