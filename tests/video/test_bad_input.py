"""Broken, wrong and hostile input: one sentence each, and nothing half-written."""

import errno
import resource
import signal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from impasto.errors import InputError, OutputProblem, ResourceError, UnreadableInput, UnsupportedOption
from impasto.video.encode import SegmentWriter
from impasto.video.files import writing
from impasto.video.formats import OutputFormat, choose_format
from impasto.video.mux import mux
from impasto.video.pictures import write_picture
from impasto.video.source import open_source
from impasto.video.types import Frame, VideoInfo
from tests.clips import damage_packet, make_clip, picture, sound_only, truncate


def refusal(path: Path) -> str:
    """The sentence with which a source is refused, at opening or at the end of a pass."""
    with pytest.raises(UnreadableInput) as caught:
        list(open_source(path).frames())
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_no_such_file(tmp_path: Path):
    assert "No such file" in refusal(tmp_path / "missing.mp4")


def test_an_empty_file(tmp_path: Path):
    (tmp_path / "a.mp4").touch()
    assert "empty" in refusal(tmp_path / "a.mp4")


def test_an_empty_folder(tmp_path: Path):
    assert "holds no pictures" in refusal(tmp_path)


def test_a_pattern_that_matches_nothing(tmp_path: Path):
    assert "No file matches" in refusal(tmp_path / "%04d.png")


def test_text_by_the_name_of_a_video(tmp_path: Path):
    (tmp_path / "a.mp4").write_text("This is a diary, not a film.\n" * 100)
    assert "not a video" in refusal(tmp_path / "a.mp4")


def test_sound_without_a_picture(tmp_path: Path):
    assert "only sound" in refusal(sound_only(tmp_path / "a.mp4"))


def test_no_frame_at_all(tmp_path: Path):
    clip = make_clip(tmp_path / "a.mp4", frames=1, options={"g": "1"})
    damage_packet(clip, 0)
    assert "no frame" in refusal(clip)


def test_a_cut_file_without_its_index(tmp_path: Path):
    assert "cut short" in refusal(truncate(make_clip(tmp_path / "a.mp4"), 0.6))


def _fast_start(path: Path, share: float) -> Path:
    clip = make_clip(path, frames=60, size=(160, 120), container_options={"movflags": "+faststart"})
    return truncate(clip, share)


def test_less_than_half_of_the_promised_frames(tmp_path: Path):
    assert "of 60 frames" in refusal(_fast_start(tmp_path / "a.mp4", 0.3))


def test_more_than_half_is_salvaged_and_reported(tmp_path: Path):
    source = open_source(_fast_start(tmp_path / "a.mp4", 0.8))
    count = sum(1 for _ in source.frames())
    assert 30 <= count < 60
    assert source.record["decoded"] == count
    assert source.record["promised"] == 60
    assert any("60" in note for note in source.notes)


def test_a_corrupt_packet_is_skipped_counted_and_reported_once(tmp_path: Path):
    clip = make_clip(tmp_path / "a.mp4", frames=40, size=(160, 120), options={"g": "10", "preset": "veryfast"})
    damage_packet(clip, 15)
    source = open_source(clip)
    for _ in range(2):
        frames = list(source.frames())
    assert 30 <= len(frames) <= 40
    assert source.record["corrupt"] == 1
    assert sum("orrupt" in note for note in source.notes) == 1
    assert frames[-1].time == Fraction(39, 25)


def test_a_size_that_changes_is_scaled_to_the_first(tmp_path: Path):
    first = make_clip(tmp_path / "a.ts", frames=10, size=(64, 48)).read_bytes()
    second = make_clip(
        tmp_path / "b.ts", times=[Fraction(n + 10, 25) for n in range(10)], size=(96, 64), time_base=Fraction(1, 25)
    ).read_bytes()
    (tmp_path / "c.ts").write_bytes(first + second)
    source = open_source(tmp_path / "c.ts")
    frames = list(source.frames())
    assert len(frames) == 20
    assert {frame.rgb.shape for frame in frames} == {(48, 64, 3)}
    assert any("64x48" in note for note in source.notes)


def test_a_broken_picture_in_a_folder_is_skipped(tmp_path: Path):
    for number in range(5):
        write_picture(tmp_path / f"{number}.png", picture(number, 32, 24))
    (tmp_path / "2.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    source = open_source(tmp_path, fps=Fraction(10))
    assert [frame.time for frame in source.frames()] == [Fraction(n, 10) for n in range(4)]
    assert source.record == {"decoded": 4, "promised": 5, "corrupt": 1}


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{clip}'\n",
        '<?xml version="1.0"?><MPD><Period><BaseURL>{clip}</BaseURL></Period></MPD>',
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    ],
)
@pytest.mark.parametrize("name", ["a.mp4", "a.m3u8", "a.ffconcat", "a.mpd", "a.sdp"])
def test_playlists_that_open_other_files_are_refused(tmp_path: Path, text: str, name: str):
    clip = make_clip(tmp_path / "clip.mp4", frames=2)
    (tmp_path / name).write_text(text.format(clip=clip))
    assert "not a video" in refusal(tmp_path / name)


@pytest.mark.parametrize("address", ["http://localhost:1/a.mp4", "concat:a.mp4|b.mp4", "lavfi:testsrc", "pipe:0"])
def test_addresses_are_no_files(address: str):
    with pytest.raises(UnreadableInput, match="No such file"):
        open_source(address)


@pytest.mark.parametrize(
    "name", ["concat:a.mp4", "-x.mp4", "100%.mp4", "%04d.mp4", "a b'c;d.mp4", "é.mp4", "http:a.mp4"]
)
def test_odd_names_are_only_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    make_clip(tmp_path / "plain.mp4", frames=3).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    source = open_source(name)
    assert sum(1 for _ in source.frames()) == 3
    fmt = choose_format(Path("-out:%d.mp4"), source.info)
    with SegmentWriter(Path("-seg%d"), fmt, source.info) as writer:
        for frame in source.frames():
            writer.write(frame)
    mux([Path("-seg%d")], source, fmt, Path("-out:%d.mp4"), [], "")
    assert Path("-out:%d.mp4").exists()


@pytest.mark.parametrize(
    ("name", "codec", "error"),
    [
        ("out.xyz", None, OutputProblem),
        ("out.png", None, OutputProblem),
        ("out.webm", "h264", OutputProblem),
        ("out.mp4", "ffv1", OutputProblem),
        ("out.mp4", "mpeg9", UnsupportedOption),
        ("out.gif", "h264", UnsupportedOption),
    ],
)
def test_outputs_that_cannot_be(tmp_path: Path, name: str, codec: str | None, error: type[InputError]):
    info = open_source(make_clip(tmp_path / "a.mp4", frames=1)).info
    with pytest.raises(error):
        choose_format(tmp_path / name, info, codec)


def test_a_crf_out_of_range(tmp_path: Path):
    info = open_source(make_clip(tmp_path / "a.mp4", frames=1)).info
    for codec, crf in (("h264", 52), ("h264", -1), ("prores", 10)):
        with pytest.raises(UnsupportedOption, match=str(crf)):
            choose_format(tmp_path / "out.mov", info, codec, crf)


def test_a_picture_in_and_a_video_out(tmp_path: Path):
    write_picture(tmp_path / "a.png", picture(0, 32, 24))
    info = open_source(tmp_path / "a.png").info
    with pytest.raises(OutputProblem, match="one picture"):
        choose_format(tmp_path / "out.mp4", info)
    assert choose_format(tmp_path / "out.jpg", info).kind == "picture"


def _frame(number: int) -> Frame:
    noise = np.random.default_rng(number).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return Frame(rgb=noise, time=Fraction(number, 25), duration=Fraction(1, 25))


def _write_then_fail(path: Path, fmt: OutputFormat, info: VideoInfo) -> None:
    with SegmentWriter(path, fmt, info) as writer:
        writer.write(_frame(0))
        raise ZeroDivisionError


def _write(path: Path, frames: int, fmt: OutputFormat, info: VideoInfo) -> None:
    with SegmentWriter(path, fmt, info) as writer:
        for number in range(frames):
            writer.write(_frame(number))


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.gif", "frames"])
def test_an_error_leaves_nothing(tmp_path: Path, name: str):
    info = open_source(make_clip(tmp_path / "a.mp4", size=(320, 240), frames=2)).info
    before = set(tmp_path.iterdir())
    with pytest.raises(ZeroDivisionError):
        _write_then_fail(tmp_path / "s", choose_format(tmp_path / name, info), info)
    assert set(tmp_path.iterdir()) == before


def test_a_missing_output_folder(tmp_path: Path):
    source = open_source(make_clip(tmp_path / "a.mp4", frames=2))
    fmt = choose_format(tmp_path / "out.mp4", source.info)
    with pytest.raises(OutputProblem, match="does not exist"), SegmentWriter(tmp_path / "no" / "s", fmt, source.info):
        pass
    with SegmentWriter(tmp_path / "s", fmt, source.info) as writer:
        for frame in source.frames():
            writer.write(frame)
    with pytest.raises(OutputProblem, match="does not exist"):
        mux([tmp_path / "s"], source, fmt, tmp_path / "no" / "out.mp4", [], "")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, ResourceError),
        (errno.EDQUOT, ResourceError),
        (errno.EROFS, OutputProblem),
        (errno.EACCES, OutputProblem),
    ],
)
def test_errors_of_the_disk_become_one_sentence(tmp_path: Path, number: int, expected: type[Exception]):
    with pytest.raises(expected, match=r"\.$"), writing(tmp_path / "out.mp4"):
        raise OSError(number, "as the system says")


@pytest.fixture
def small_disk():
    """Lets no file grow over 256 KiB, as a full disk would."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov"])
def test_a_full_disk_while_writing_a_segment(tmp_path: Path, name: str, small_disk):
    codec = {"out.mkv": "ffv1", "out.mov": "prores"}.get(name)
    info = open_source(make_clip(tmp_path / "a.mp4", size=(320, 240), frames=2)).info
    before = set(tmp_path.iterdir())
    small_disk()
    with pytest.raises(ResourceError, match="disk is full"):
        _write(tmp_path / "s", 30, choose_format(tmp_path / name, info, codec), info)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_full_disk_while_joining(tmp_path: Path, name: str, small_disk):
    source = open_source(make_clip(tmp_path / "a.mp4", size=(320, 240), frames=2))
    fmt = choose_format(tmp_path / name, source.info)
    _write(tmp_path / "s", 20, fmt, source.info)
    before = set(tmp_path.iterdir())
    small_disk()
    with pytest.raises(ResourceError, match="disk is full"):
        mux([tmp_path / "s"], source, fmt, tmp_path / name, [], "")
    assert set(tmp_path.iterdir()) == before


def test_colours_that_no_standard_names(tmp_path: Path):
    """A damaged head of one ProRes frame: swscale refuses such numbers, and the frame is read all the same."""
    path = make_clip(tmp_path / "a.mov", frames=4, codec="prores_ks", pixel_format="yuv422p10le")
    data = bytearray(path.read_bytes())
    intact = [frame.rgb for frame in open_source(path).frames()]
    head = data.index(b"icpf")
    data[head + 18 : head + 21] = bytes([242, 141, 142])  # primaries, transfer, matrix
    path.write_bytes(data)
    source = open_source(path)
    frames = [frame.rgb for frame in source.frames()]
    assert source.info.color.primaries < 23
    assert np.abs(frames[0].astype(int) - intact[0]).mean() < 12
    assert np.array_equal(frames[1], intact[1]) or np.abs(frames[1].astype(int) - intact[1]).mean() < 12
