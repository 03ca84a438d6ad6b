"""Whole runs at toy size: what a user does."""

import json
import shutil
from pathlib import Path

import pytest

from impasto.cli import main
from impasto.curation.config import CT_LIMITS
from impasto.curation.curate import curate
from impasto.curation.deciding import decided
from impasto.curation.item import read_record
from impasto.curation.sample import RAW, STYLIZED, decoded, picture_of
from impasto.curation.sheet import GAP, LABEL, TILE
from impasto.errors import InputError, Interrupted, OutputProblem, UnreadableInput
from impasto.video.pictures import read_picture
from tests.clips import make_clip
from tests.curation.toy import LIMITS, panning, settings, video

parquet = pytest.importorskip("pyarrow.parquet", reason="the extra curation is not installed")
webdataset = pytest.importorskip("webdataset", reason="the test tools are not installed")


def index(folder: Path) -> dict[str, dict]:
    return {row["key"]: row for row in parquet.read_table(folder / "index.parquet").to_pylist()}


def samples(folder: Path) -> dict[str, dict]:
    shards = sorted(str(path) for path in (folder / "shards").glob("*.tar"))
    found = webdataset.WebDataset(shards, shardshuffle=False, empty_check=False) if shards else ()
    return {sample["__key__"]: sample for sample in found}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "shards").iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four clips of two scenes and a video, a broken video and one without a caption; made once for all tests."""
    place = tmp_path_factory.mktemp("sources")
    video(place / "tiles.mp4")
    video(place / "nameless.mp4", seed=1, frames=6, caption=None)
    (place / "broken.mp4").write_bytes(b"\0" * 5000)
    (place / "clips.jsonl").write_text(json.dumps({"file": "moved/tiles.mp4", "license": "CC0"}) + "\n")
    report = curate(place / "pairs", settings("world:2", place))
    assert (report.planned, report.kept, report.dropped, len(report.failed)) == (5, 4, 0, 2)
    return place


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(made / "pairs", tmp_path / "pairs")
    return tmp_path / "pairs"


def test_samples_are_what_the_index_says(made: Path):
    rows, found = index(made / "pairs"), samples(made / "pairs")
    kept = {key: row for key, row in rows.items() if row["state"] == "kept"}
    assert found.keys() == kept.keys()
    for key, sample in found.items():
        row, notes = kept[key], json.loads(sample["json"])
        raw, stylized = decoded(sample[RAW]), decoded(sample[STYLIZED])
        assert raw.shape == stylized.shape == (row["frames"], row["height"], row["width"], 3)
        assert (raw != stylized).any()
        pictures = [name for name in sample if name.startswith("style")]
        assert len(pictures) == row["pictures"] == notes["pictures"]
        assert all(picture_of(sample[name]).ndim == 3 for name in pictures)
        assert notes["caption"].rstrip(".") in notes["caption_styled"] != notes["caption"]
        assert notes["route"] == row["route"] == "redrawn"
        assert row["score_flicker"] == pytest.approx(notes["scores"]["flicker"])
        assert json.loads(row["lineage"])["route"] == {"painted by": "a hand made by code"}


def test_licence_comes_from_beside_the_clip(made: Path):
    licences = {row["clip"].partition("-")[0]: row["licence"] for row in index(made / "pairs").values()}
    assert licences == {"world": "Apache-2.0", "tiles": "CC0", "nameless": "unknown"}


def test_what_fails_is_listed_and_stops_nothing(made: Path):
    failed = json.loads((made / "pairs" / "report.json").read_text())["failed"]
    reasons = {Path(each["name"]).name.partition("-")[0]: each["reason"] for each in failed}
    assert reasons.keys() == {"broken.mp4", "nameless"}
    assert "put NAME.txt beside" in reasons["nameless"]
    assert "broken.mp4" in (made / "pairs" / "report.md").read_text()


def test_the_sheet_has_a_row_for_each_pair_below_its_heading(made: Path):
    sheet, _ = read_picture(made / "pairs" / "kept.jpg")
    assert sheet.shape == (LABEL + 4 * (LABEL + TILE[1]), 8 * TILE[0] + 2 * GAP, 3)
    for groups in (1, 2):
        gap = sheet[-TILE[1] :, groups * (3 * TILE[0] + GAP) - GAP // 2]
        assert gap.mean() < 40  # as nothing is drawn there


def test_made_again_it_is_the_same_and_nothing_is_done(made: Path, folder: Path):
    before = bytes_of(folder)
    times = {path: path.stat().st_mtime_ns for path in (folder / "items").glob("world-*")}
    report = curate(folder, settings("world:2", made))
    assert report.made_now == 1  # what failed is tried again
    assert bytes_of(folder) == before
    assert {path: path.stat().st_mtime_ns for path in (folder / "items").glob("world-*")} == times


def test_stopped_and_gone_on_with_it_is_as_if_unbroken(made: Path, tmp_path: Path):
    def stop(progress):
        if progress.doing == "making pairs" and progress.done == 2:
            raise KeyboardInterrupt

    folder = tmp_path / "pairs"
    with pytest.raises(Interrupted, match="goes on"):
        curate(folder, settings("world:2", made), on_progress=stop)
    # Killed while a sample was written, a record is missing and may be torn.
    (folder / "items" / "torn.tar").write_bytes(b"half")
    assert curate(folder, settings("world:2", made)).made_now == 3
    assert bytes_of(folder) == bytes_of(made / "pairs")


def test_other_limits_decide_anew_and_make_nothing(made: Path, folder: Path):
    rows = index(folder)
    # One of the scores as the index has it: what is at the limit stays.
    middle = sorted(row["score_flicker"] for row in rows.values() if row["state"] == "kept")[2]
    report = curate(folder, settings("world:2", made, limits=LIMITS | {"flicker": middle}))
    assert report.made_now == 1
    assert report.dropped_by == {"flicker": 1}
    assert {key for key, row in index(folder).items() if row["dropped_by"] == "flicker"} == {
        key for key, row in rows.items() if row["state"] == "kept" and row["score_flicker"] > middle
    }
    assert len(samples(folder)) == 3
    assert (folder / "dropped.jpg").exists()
    assert curate(folder, settings("world:2", made)).kept == 4
    assert not (folder / "dropped.jpg").exists()
    assert bytes_of(folder) == bytes_of(made / "pairs")


def test_clip_that_is_not_fit_costs_no_paint(tmp_path: Path):
    strict = settings("world:1", limits=LIMITS | {"brightness": 2.0})
    assert curate(tmp_path / "pairs", strict).dropped_by == {"brightness": 1}
    assert not list((tmp_path / "pairs" / "items").glob("*.tar"))
    assert curate(tmp_path / "pairs", settings("world:1")).kept == 1


def test_the_limit_of_csd_that_the_report_names_lets_as_few_pass_as_it_says(made: Path, folder: Path):
    named = curate(folder, settings("world:2", made)).csd_limit
    assert f"{named:.3f} would let 5%" in (folder / "report.md").read_text()
    # Four pairs in four styles: the likest of twelve that do not belong together, as less than one is none.
    assert len({row["style"] for row in index(folder).values() if row["state"] == "kept"}) == 4
    again = curate(folder, settings("world:2", made, limits=LIMITS | {"csd": named}))
    assert again.false_accepts == pytest.approx(1 / 12)


def test_the_same_video_again_is_dropped_however_it_is_encoded(tmp_path: Path):
    video(tmp_path / "one.mp4", frames=6)
    video(tmp_path / "same.mp4", frames=6)
    larger = [frame.repeat(2, 0).repeat(2, 1) for frame in panning(0, 6)]
    make_clip(tmp_path / "smaller-file.mkv", frames=6, fps=8, pictures=larger, options={"crf": "30"})
    (tmp_path / "smaller-file.txt").write_text("a wall of tiles")
    video(tmp_path / "zebra.mp4", seed=5, frames=6)
    report = curate(tmp_path / "pairs", settings(tmp_path, limits=LIMITS | {"duplicate": CT_LIMITS["duplicate"]}))
    assert (report.kept, report.dropped_by) == (2, {"duplicate": 2})
    kept = {row["clip"].partition("-")[0] for row in index(tmp_path / "pairs").values() if row["state"] == "kept"}
    assert kept == {"one", "zebra"}


def test_what_is_dropped_itself_takes_no_other_for_its_duplicate():
    alike = {"state": "made", "fingerprint": "0f", "reason": ""}
    records = [
        alike | {"key": "a", "clip": "a", "scores": {"csd": 0.1}},
        alike | {"key": "b", "clip": "b", "scores": {"csd": 0.9}},
        alike | {"key": "c", "clip": "c", "scores": {"csd": 0.9}},
    ]
    config = settings("world:1", limits={"csd": 0.5, "duplicate": 0.1}).config
    found = [(one["key"], one["state"], one["dropped_by"]) for one in decided(records, config, {})]
    assert found == [("a", "dropped", ("csd",)), ("b", "kept", ()), ("c", "dropped", ("duplicate",))]


def test_a_clip_that_is_another_now_is_made_anew_and_no_other(tmp_path: Path):
    for number, name in enumerate(("one", "two")):
        video(tmp_path / f"{name}.mp4", seed=5 * number, frames=6)
    curate(tmp_path / "pairs", settings(tmp_path))
    video(tmp_path / "two.mp4", seed=9, frames=6)
    report = curate(tmp_path / "pairs", settings(tmp_path))
    assert report.made_now == 1
    (tmp_path / "one.txt").write_text("other words")
    report = curate(tmp_path / "pairs", settings(tmp_path))
    assert report.made_now == 1
    captions = {row["clip"].partition("-")[0]: row["caption"] for row in index(tmp_path / "pairs").values()}
    assert captions["one"] == "other words"
    assert curate(tmp_path / "pairs", settings(tmp_path)).made_now == 0


def test_a_damaged_sample_is_told_and_made_anew_once_it_is_removed(made: Path, folder: Path):
    sample = next((folder / "items").glob("world*.tar"))
    whole = sample.read_bytes()
    sample.write_bytes(whole[:700])
    shutil.rmtree(folder / "shards")
    with pytest.raises(UnreadableInput, match="remove it to have it made anew"):
        curate(folder, settings("world:2", made))
    sample.unlink()
    assert curate(folder, settings("world:2", made)).made_now >= 1
    assert sample.read_bytes() == whole


def test_more_sources_change_nothing_that_was_made(made: Path, folder: Path):
    before = {path.name: path.read_bytes() for path in (folder / "items").glob("world*.tar")}
    curate(folder, settings("world:3", made))
    after = {path.name: path.read_bytes() for path in (folder / "items").glob("world*.tar")}
    assert len(after) == len(before) + 1
    assert after.items() >= before.items()


def test_folder_of_other_settings_is_refused(made: Path, folder: Path, tmp_path: Path):
    with pytest.raises(OutputProblem, match="seed: 0 -> 1"):
        curate(folder, settings("world:2", made, seed=1))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(OutputProblem, match="no folder of pairs"):
        curate(tmp_path / "full", settings("world:2"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"routes": ("redrwn",)}, "did you mean 'redrawn'"),
        ({"routes": ("swift",), "styles": ("no-such-style",)}, "neither a file nor a named style"),
    ],
)
def test_what_does_not_exist_is_told_before_anything_is_begun(tmp_path: Path, wrong: dict, told: str):
    with pytest.raises(InputError, match=told):
        curate(tmp_path / "pairs", settings("world:1", **wrong))
    assert not (tmp_path / "pairs").exists()


def test_without_sources_the_settings_of_the_folder_hold_and_no_other(made: Path, folder: Path, capsys):
    assert main(["curate", "-o", str(folder), "--seed", "7"]) == 2
    assert "give --limit and --review alone" in capsys.readouterr().err
    main(["curate", "-o", str(folder), "--limit", "csd=0.99"])
    assert {row["state"] for row in index(folder).values()} == {"dropped", "failed"}


@pytest.mark.parametrize("source", ["world:0", "world:many", "missing.mp4"])
def test_sources_that_are_none(tmp_path: Path, source: str):
    with pytest.raises(InputError, match=source):
        curate(tmp_path / "pairs", settings(source))


def test_every_pair_hangs_on_its_names_alone(made: Path, tmp_path: Path):
    curate(tmp_path / "pairs", settings("world:1"))
    (alone,) = (tmp_path / "pairs" / "items").glob("*.tar")
    assert alone.read_bytes() == (made / "pairs" / "items" / alone.name).read_bytes()
    record = read_record(tmp_path / "pairs" / "items", alone.stem)
    assert record is not None
    assert record["state"] == "made"
