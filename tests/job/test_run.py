"""A whole run with the toy model, whose every pixel is known."""

import json
from pathlib import Path

import numpy as np
import pytest

from impasto.errors import Interrupted, OutputProblem
from impasto.guidance import Guidance, Style
from impasto.job import segments
from impasto.job.events import FrameDone, Joining, LoadingModel, Planned, PreparingShot
from impasto.job.pixels import to_bytes, to_float
from impasto.job.request import Request
from impasto.job.run import run
from impasto.stylizers.memoryshot import MemoryShot
from impasto.video.pictures import read_picture, write_picture
from impasto.video.source import open_source
from tests.clips import damage_packet, make_clip, packets_of, picture, times_of, truncate
from tests.toy import Toy

pytestmark = pytest.mark.usefixtures("toy")


def request_for(source: Path, output: Path, painting: Path, **options) -> Request:
    return Request(
        source=source, output=output, guidance=Guidance(styles=(Style(image=painting),)), model="toy", **options
    )


def frames_of(path: Path) -> list[np.ndarray]:
    return [frame.rgb for frame in open_source(path).frames()]


def painted_by_hand(shots: list[list[np.ndarray]]) -> list[np.ndarray]:
    painted = []
    for shot in shots:
        toy = Toy("standard")
        floats = [to_float(frame) for frame in shot]
        toy.prepare(Guidance(), MemoryShot(floats), lambda fraction: None)
        painted += [to_bytes(frame) for frame in toy.stylize(floats, {})]
    return painted


def two_shots(path: Path) -> Path:
    rng = np.random.default_rng(0)
    scenes = [np.kron(rng.integers(0, 255, (6, 8, 3), np.uint8), np.ones((8, 8, 1), np.uint8)) for _ in range(2)]
    return make_clip(path, frames=40, pictures=(scenes[n // 20] for n in range(40)), codec="ffv1", pixel_format="bgr0")


def test_every_pixel_is_the_models(tmp_path, painting):
    source = make_clip(tmp_path / "in.mp4", frames=12)
    run(request_for(source, tmp_path / "out.mkv", painting, codec="ffv1"))
    for seen, expected in zip(frames_of(tmp_path / "out.mkv"), painted_by_hand([frames_of(source)]), strict=True):
        np.testing.assert_array_equal(seen, expected)


def test_state_passes_through_segments_and_is_reset_at_a_cut(tmp_path, painting, monkeypatch):
    monkeypatch.setattr(segments, "LONGEST", 7)
    source = two_shots(tmp_path / "in.mkv")
    record = run(request_for(source, tmp_path / "out.mkv", painting, codec="ffv1"))
    assert [(shot["start"], shot["stop"]) for shot in record.plan["shots"]] == [(0, 20), (20, 40)]
    assert len(record.plan["segments"]) == 6
    frames = frames_of(source)
    for seen, expected in zip(
        frames_of(tmp_path / "out.mkv"), painted_by_hand([frames[:20], frames[20:]]), strict=True
    ):
        np.testing.assert_array_equal(seen, expected)


def test_timing_sound_and_size_are_kept(tmp_path, painting, monkeypatch):
    monkeypatch.setattr(segments, "LONGEST", 5)
    source = make_clip(tmp_path / "in.mp4", size=(66, 50), frames=14, sounds=["eng"], sound_seconds=2)
    run(request_for(source, tmp_path / "out.mp4", painting))
    assert times_of(tmp_path / "out.mp4") == times_of(source)
    assert packets_of(tmp_path / "out.mp4", "audio") == packets_of(source, "audio")
    assert frames_of(tmp_path / "out.mp4")[0].shape == (50, 66, 3)


def test_a_picture_gives_a_picture(tmp_path, painting):
    write_picture(tmp_path / "in.png", picture(0, 31, 17))
    record = run(request_for(tmp_path / "in.png", tmp_path / "out.png", painting))
    painted, _ = read_picture(tmp_path / "out.png")
    np.testing.assert_array_equal(painted, painted_by_hand([[picture(0, 31, 17)]])[0])
    assert record.frames == 1


def test_transparency_survives_in_frames(tmp_path, painting):
    frames = tmp_path / "frames"
    frames.mkdir()
    alpha = np.zeros((16, 16), np.uint8)
    alpha[4:, :] = 200
    for number in range(3):
        write_picture(frames / f"{number}.png", picture(number, 16, 16), alpha)
    run(request_for(frames, tmp_path / "out", painting))
    painted = sorted((tmp_path / "out").iterdir())
    assert len(painted) == 3
    np.testing.assert_array_equal(read_picture(painted[1])[1], alpha)
    assert json.loads((tmp_path / "out.run.json").read_text())["output"]["frames"] == 3


@pytest.mark.parametrize("size", [(16, 16), (33, 17)])
def test_small_and_odd_clips_work(tmp_path, painting, size):
    source = make_clip(tmp_path / "in.mkv", size=size, frames=3, codec="ffv1", pixel_format="bgr0")
    run(request_for(source, tmp_path / "out.mkv", painting, codec="ffv1"))
    assert frames_of(tmp_path / "out.mkv")[0].shape == (size[1], size[0], 3)


def test_events_come_in_order(tmp_path, painting):
    events = []
    run(request_for(make_clip(tmp_path / "in.mp4", frames=6), tmp_path / "out.mp4", painting), events.append)
    kinds = [type(event) for event in events]
    order = [kinds.index(kind) for kind in (Planned, LoadingModel, PreparingShot, FrameDone, Joining)]
    assert order == sorted(order)
    assert [event.done for event in events if isinstance(event, FrameDone)] == [1, 2, 3, 4, 5, 6]


def test_only_the_output_and_the_record_remain(tmp_path, painting):
    source = make_clip(tmp_path / "in.mp4")
    leftover = tmp_path / "out.mp4.impasto"
    leftover.mkdir()
    (leftover / "old").write_text("from a run that was killed")
    run(request_for(source, tmp_path / "out.mp4", painting))
    assert {path.name for path in tmp_path.iterdir()} == {"in.mp4", "painting.png", "out.mp4", "out.run.json"}


def test_the_old_output_stays_until_the_new_one_is_complete(tmp_path, painting):
    output = tmp_path / "out.mp4"
    output.write_bytes(b"old")
    source = make_clip(tmp_path / "in.mp4")
    with pytest.raises(OutputProblem, match="--overwrite"):
        run(request_for(source, output, painting))

    def look(event):
        assert output.read_bytes() == b"old"

    run(request_for(source, output, painting, overwrite=True), look)
    assert len(frames_of(output)) == 12


def test_overwrite_replaces_a_folder_of_frames(tmp_path, painting):
    output = tmp_path / "out"
    source = make_clip(tmp_path / "in.mp4", frames=5)
    run(request_for(source, output, painting))
    run(request_for(make_clip(tmp_path / "short.mp4", frames=2), output, painting, overwrite=True))
    assert len(list(output.iterdir())) == 2


def cancel_at(kind: type, error: BaseException):
    def listen(event):
        if isinstance(event, kind) and getattr(event, "done", 3) >= 3:
            raise error

    return listen


@pytest.mark.parametrize("kind", [Planned, LoadingModel, PreparingShot, FrameDone, Joining])
def test_cancelling_leaves_the_old_output_and_at_most_the_work_folder(tmp_path, painting, kind):
    output = tmp_path / "out.mp4"
    output.write_bytes(b"old")
    source = make_clip(tmp_path / "in.mp4")
    with pytest.raises(Interrupted, match=r"out\.mp4"):
        run(request_for(source, output, painting, overwrite=True), cancel_at(kind, KeyboardInterrupt()))
    assert output.read_bytes() == b"old"
    remaining = {path.name for path in tmp_path.iterdir()} - {"out.mp4.impasto"}
    assert remaining == {"in.mp4", "painting.png", "out.mp4"}
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]


@pytest.mark.parametrize("kind", [PreparingShot, FrameDone])
def test_an_error_before_anything_is_finished_leaves_nothing(tmp_path, painting, kind):
    source = make_clip(tmp_path / "in.mp4")
    with pytest.raises(ZeroDivisionError):
        run(request_for(source, tmp_path / "out.mp4", painting), cancel_at(kind, ZeroDivisionError()))
    assert {path.name for path in tmp_path.iterdir()} == {"in.mp4", "painting.png"}


def test_the_record_says_how_to_repeat_the_run(tmp_path, painting):
    source = make_clip(tmp_path / "in.mkv", sounds=["eng"], attachment=b"a font")
    record = run(request_for(source, tmp_path / "out.mp4", painting, command=("impasto", "stylize")))
    written = json.loads((tmp_path / "out.run.json").read_text())
    assert written["command"] == ["impasto", "stylize"]
    assert written["model"]["name"] == "toy"
    assert len(written["input"]["sha256"]) == 64
    assert set(written["pictures"]) == {str(painting)}
    assert written["output"]["bytes"] == (tmp_path / "out.mp4").stat().st_size
    assert {"shots", "startup", "prepare", "stylize", "encode", "mux", "total"} <= set(written["timings"])
    assert written["frames_per_second"] > 0
    assert written["peak_memory_bytes"] > 10_000_000
    assert any("attachment" in note for note in record.notes)


def test_what_was_salvaged_is_told_and_recorded(tmp_path, painting):
    source = make_clip(tmp_path / "in.mp4", frames=100, container_options={"movflags": "+faststart"})
    truncate(source, 0.8)
    record = run(request_for(source, tmp_path / "out.mp4", painting))
    assert 50 <= record.frames < 100
    assert record.input["decoded"] == record.frames
    assert any("of 100 promised frames" in note for note in record.notes)


def test_a_corrupt_packet_is_counted_not_fatal(tmp_path, painting):
    source = make_clip(tmp_path / "in.mp4", frames=30, options={"g": "5"})
    damage_packet(source, 12)
    record = run(request_for(source, tmp_path / "out.mp4", painting))
    assert record.input["corrupt"] >= 1
    assert any("corrupt" in note.lower() for note in record.notes)
    assert len(frames_of(tmp_path / "out.mp4")) == record.frames
