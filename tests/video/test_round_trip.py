"""What goes in comes out: sizes, times, sound, subtitles, chapters, tags."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from impasto.errors import OutputProblem
from impasto.video.encode import SegmentWriter
from impasto.video.formats import choose_format
from impasto.video.mux import mux, plan_tracks
from impasto.video.shots import find_shots
from impasto.video.source import FrameSource, open_source
from tests.clips import make_clip, packets_of, picture, sound_only, times_of, truncate

RATE = Fraction(25)


def copy_through(
    source: FrameSource, output: Path, codec: str | None = None, crf: int | None = None, segment: int = 7
) -> list[str]:
    """Decode, write in segments, join: the job without a stylizer."""
    shots = find_shots(source)
    fmt = choose_format(output, source.info, codec, crf)
    segments = []
    for start in range(0, shots[-1].stop, segment):
        segments.append(output.with_name(f"{output.name}.segment{start}"))
        with SegmentWriter(segments[-1], fmt, source.info) as writer:
            for frame in source.frames(start, start + segment):
                writer.write(frame)
    return mux(segments, source, fmt, output, plan_tracks(source.info, fmt), "Repainted.", overwrite=True)


def shown(path: Path) -> list[np.ndarray]:
    return [frame.rgb for frame in open_source(path).frames()]


OUTPUTS = [
    ("out.mp4", None, 6),
    ("out.mov", "prores", 4),
    ("out.mkv", "ffv1", 3),
    ("out.mkv", "hevc", 6),
    ("out.mp4", "av1", 8),
    ("out.webm", None, 6),
    ("frames", None, 3),
    ("out.gif", None, 30),
]


@pytest.mark.parametrize(("name", "codec", "tolerance"), OUTPUTS)
def test_pictures_and_times_survive(tmp_path: Path, name: str, codec: str | None, tolerance: int):
    source = open_source(make_clip(tmp_path / "in.mp4", size=(96, 64), frames=17, sounds=["eng"]))
    assert copy_through(source, tmp_path / name, codec) == []
    result = open_source(tmp_path / name, fps=RATE if name == "frames" else None)
    assert (result.info.width, result.info.height) == (96, 64)
    before, after = list(source.frames()), list(result.frames())
    assert len(before) == len(after)
    grid = Fraction(1, 1000) if name.endswith(("mkv", "webm")) else Fraction(0)
    for one, other in zip(before, after, strict=True):
        assert abs(one.time - other.time) <= grid
        assert np.abs(one.rgb.astype(int) - other.rgb).mean() < tolerance


def test_h264_is_what_browsers_play(tmp_path: Path):
    copy_through(open_source(make_clip(tmp_path / "in.mkv")), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.codec.canonical_name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_sound_is_copied_bit_for_bit_with_its_languages(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", sounds=["eng", "ger"], sound_seconds=2)
    for name in ("out.mp4", "out.mkv", "out.mov"):
        source = open_source(clip)
        assert copy_through(source, tmp_path / name) == []
        for number in range(2):
            assert packets_of(tmp_path / name, "audio", number) == packets_of(clip, "audio", number)
        result = open_source(tmp_path / name)
        assert [track.language for track in result.info.tracks] == ["eng", "ger"]


def test_sound_longer_than_the_picture_is_kept_whole(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", frames=10, sounds=["eng"], sound_seconds=3)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.duration == pytest.approx(3_000_000, abs=50_000)
    assert len(times_of(tmp_path / "out.mp4")) == 10


def test_picture_and_sound_stay_together(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", times=[Fraction(1, 2) + Fraction(n, 25) for n in range(10)], sounds=["eng"])
    assert open_source(clip).info.start == Fraction(1, 2)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == times_of(clip)
    with av.open(str(clip)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        assert before.streams.audio[0].start_time == after.streams.audio[0].start_time


def test_a_transport_stream_starts_at_zero_and_stays_in_step(tmp_path: Path):
    clip = make_clip(tmp_path / "in.ts", frames=20, sounds=["eng"])
    copy_through(open_source(clip), tmp_path / "out.mp4")
    with av.open(str(clip)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        lag = [
            container.streams.video[0].start_time * container.streams.video[0].time_base
            - container.streams.audio[0].start_time * container.streams.audio[0].time_base
            for container in (before, after)
        ]
        assert float(lag[0]) == pytest.approx(float(lag[1]), abs=0.001)
        assert after.start_time < 100_000


def test_variable_frame_times_are_kept_exactly(tmp_path: Path):
    times = [Fraction(n * n + 20 * n, 600) for n in range(24)]
    clip = make_clip(tmp_path / "in.mp4", times=times, time_base=Fraction(1, 600))
    copy_through(open_source(clip), tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == times


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60), Fraction(15, 2)])
def test_frame_rates_are_kept_exactly(tmp_path: Path, rate: Fraction):
    clip = make_clip(tmp_path / "in.mp4", fps=rate)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == [n / rate for n in range(12)]
    assert open_source(tmp_path / "out.mp4").info.fps == rate


def test_the_last_frame_keeps_its_duration(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", frames=10)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == Fraction(10, 25)


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.gif"])
def test_a_last_frame_that_is_held_is_held(tmp_path: Path, name: str):
    pictures = [Image.fromarray(picture(number, 64, 48)) for number in range(4)]
    held = [100, 100, 100, 3000]
    pictures[0].save(tmp_path / "in.gif", save_all=True, append_images=pictures[1:], duration=held, loop=0)
    copy_through(open_source(tmp_path / "in.gif"), tmp_path / name)
    durations = [float(frame.duration) for frame in open_source(tmp_path / name).frames()]
    assert durations == pytest.approx([0.1, 0.1, 0.1, 3.0], abs=2e-3)


def test_subtitles_chapters_and_tags_are_kept(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", subtitles=["eng", "fre"], chapters=3, metadata={"title": "A day"})
    assert copy_through(open_source(clip), tmp_path / "out.mp4") == []
    assert packets_of(tmp_path / "out.mp4", "subtitle", 0)[0] == packets_of(clip, "subtitle", 0)[0]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.language for stream in container.streams.subtitles] == ["eng", "fre"]
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["Part 1", "Part 2", "Part 3"]
        assert (container.metadata["title"], container.metadata["comment"]) == ("A day", "Repainted.")


def test_attachments_stay_in_matroska_and_are_left_out_of_mp4(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mkv", attachment=b"letters", subtitles=["eng"], subtitle_codec="ass")
    copy_through(open_source(clip), tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert container.streams.attachments[0].data == b"letters"
    info = open_source(clip).info
    plans = plan_tracks(info, choose_format(tmp_path / "out.mp4", info))
    assert [plan.action for plan in plans] == ["convert", "leave out"]
    assert all(plan.reason for plan in plans)


@pytest.mark.parametrize(
    ("subtitle_codec", "name", "expected"),
    [("ass", "out.mp4", "mov_text"), ("subrip", "out.mp4", "mov_text"), ("mov_text", "out.mkv", "subrip")],
)
def test_subtitles_are_converted_where_they_must(tmp_path: Path, subtitle_codec: str, name: str, expected: str):
    suffix = ".mp4" if subtitle_codec == "mov_text" else ".mkv"
    clip = make_clip(tmp_path / f"in{suffix}", subtitles=["eng"], subtitle_codec=subtitle_codec)
    copy_through(open_source(clip), tmp_path / name)
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.subtitles[0]
        assert stream.codec_context.codec.canonical_name == expected
        [packet] = [packet for packet in container.demux(stream) if b"Hello" in bytes(packet)]
        assert b"Hello in eng" in bytes(packet)
        assert float(packet.pts * packet.time_base) == pytest.approx(0.04, abs=0.001)
        assert float(packet.duration * packet.time_base) == pytest.approx(0.2, abs=0.001)


def test_sound_that_the_container_cannot_hold_is_converted(tmp_path: Path):
    clip = make_clip(tmp_path / "in.avi", sounds=["eng"], sound_codec="wmav2", sound_seconds=1)
    source = open_source(clip)
    [plan] = plan_tracks(source.info, choose_format(tmp_path / "out.mp4", source.info))
    assert (plan.action, plan.codec) == ("convert", "aac")
    assert "wmav2" in plan.sentence
    copy_through(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        frames = list(container.decode(container.streams.audio[0]))
        assert sum(frame.samples for frame in frames) / 48_000 == pytest.approx(1, abs=0.1)
        loudness = np.sqrt(np.mean(np.concatenate([frame.to_ndarray().ravel() for frame in frames]) ** 2))
        assert loudness == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


def test_sound_that_the_container_refuses_after_all_is_converted(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mkv", sounds=["eng"], sound_codec="flac", sound_seconds=1)
    [warning] = copy_through(open_source(clip), tmp_path / "out.mov")
    assert "was converted to aac" in warning
    with av.open(str(tmp_path / "out.mov")) as container:
        frames = list(container.decode(container.streams.audio[0]))
        assert sum(frame.samples for frame in frames) / 48_000 == pytest.approx(1, abs=0.1)


def test_a_broken_sound_track_is_dropped_with_a_warning(tmp_path: Path):
    clip = make_clip(tmp_path / "in.ts", frames=20, sounds=["eng"])
    data = bytearray(clip.read_bytes())
    sound = packets_of(clip, "audio")[0][:2]
    while (place := data.find(sound)) >= 0:
        data[place : place + 2] = b"\0\0"
    clip.write_bytes(data)
    [warning] = copy_through(open_source(clip), tmp_path / "out.mp4")
    assert "left out" in warning
    assert len(times_of(tmp_path / "out.mp4")) == 20


def test_the_sound_of_a_cut_file_is_kept_as_far_as_it_goes(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mkv", frames=60, size=(160, 120), sounds=["eng"])
    truncate(clip, 0.8)
    copy_through(open_source(clip), tmp_path / "out.mp4", segment=30)
    assert packets_of(tmp_path / "out.mp4", "video")


@pytest.mark.parametrize("codec", ["ffv1", "vp9"])
def test_odd_sizes_are_kept_where_the_codec_can(tmp_path: Path, codec: str):
    clip = make_clip(tmp_path / "in.mkv", size=(53, 31), codec="ffv1", pixel_format="bgr0")
    assert copy_through(open_source(clip), tmp_path / "out.mkv", codec) == []
    info = open_source(tmp_path / "out.mkv").info
    assert (info.width, info.height) == (53, 31)


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_odd_sizes_grow_by_repeating_the_edge_where_it_cannot(tmp_path: Path, codec: str):
    clip = make_clip(tmp_path / "in.mkv", size=(133, 75), codec="ffv1", pixel_format="bgr0")
    [warning] = copy_through(open_source(clip), tmp_path / "out.mp4", codec)
    assert "133x75" in warning
    assert "134x76" in warning
    rgb = shown(tmp_path / "out.mp4")[0]
    assert rgb.shape == (76, 134, 3)
    assert np.abs(rgb[40, -1].astype(int) - rgb[40, -3]).max() < 12


def test_a_tiny_clip_goes_through(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", size=(16, 16))
    copy_through(open_source(clip), tmp_path / "out.mp4")
    assert len(shown(tmp_path / "out.mp4")) == 12


def test_sample_aspect_is_kept_and_turned_with_the_picture(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mp4", sample_aspect=Fraction(4, 3), rotation=90)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    info = open_source(tmp_path / "out.mp4").info
    assert (info.width, info.height, info.sample_aspect) == (48, 64, Fraction(3, 4))


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
@pytest.mark.parametrize("mirrored", [False, True])
def test_rotated_clips_come_out_upright(tmp_path: Path, rotation: int, mirrored: bool):
    clip = make_clip(tmp_path / "in.mov", rotation=rotation, mirrored=mirrored, options={"crf": "5"})
    expected = np.rot90(picture(0, 64, 48), rotation // 90)
    expected = expected[:, ::-1] if mirrored else expected
    assert np.abs(shown(clip)[0].astype(int) - expected).mean() < 6


@pytest.mark.parametrize("matrix", [1, 6])
@pytest.mark.parametrize("full_range", [False, True])
def test_colours_are_read_and_written_by_their_tags(tmp_path: Path, matrix: int, full_range: bool):
    clip = make_clip(tmp_path / "in.mp4", matrix=matrix, primaries=matrix, transfer=matrix, full_range=full_range)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    assert open_source(tmp_path / "out.mp4").info.color == open_source(clip).info.color
    for path in (clip, tmp_path / "out.mp4"):
        rgb = shown(path)[0]
        for patch in range(4):
            expected = picture(0, 64, 48)[40, 16 * patch + 8]
            assert np.abs(rgb[40, 16 * patch + 8].astype(int) - expected).max() <= 4, (path.name, patch)


def test_ten_bits_become_eight(tmp_path: Path):
    clip = make_clip(tmp_path / "in.mkv", codec="ffv1", pixel_format="yuv420p10le")
    source = open_source(clip)
    assert source.info.bit_depth == 10
    assert np.abs(next(source.frames()).rgb[40, 8].astype(int) - picture(0, 64, 48)[40, 8]).max() <= 2


@pytest.mark.parametrize(("name", "codec"), [("out.mov", "prores"), ("frames", None), ("out.mkv", "ffv1")])
def test_transparency_is_kept_where_the_output_can(tmp_path: Path, name: str, codec: str | None):
    hole = np.dstack([picture(0, 64, 48), np.full((48, 64), 255, np.uint8)])
    hole[:, :32, 3] = 0
    clip = make_clip(tmp_path / "in.mkv", codec="ffv1", pixel_format="bgra", pictures=[hole] * 4, frames=4)
    source = open_source(clip)
    assert source.info.has_alpha
    copy_through(source, tmp_path / name, codec)
    result = next(open_source(tmp_path / name).frames())
    assert result.alpha is not None
    assert result.alpha[:, :30].max() <= 4
    assert result.alpha[:, 34:].min() >= 250


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_the_alpha_layer_of_webm_is_read_and_said_of_no_output_without_it(tmp_path: Path, codec: str):
    hole = np.dstack([picture(0, 64, 48), np.zeros((48, 64), np.uint8)])
    clip = make_clip(
        tmp_path / "in.webm",
        codec=codec,
        pixel_format="yuva420p",
        options={"auto-alt-ref": "0", "cpu-used": "8"},
        pictures=[hole] * 4,
        frames=4,
    )
    source = open_source(clip)
    frame = next(source.frames())
    assert frame.alpha is not None
    assert frame.alpha.max() <= 4
    copy_through(source, tmp_path / "out.webm")
    with av.open(str(tmp_path / "out.webm")) as container:
        assert "alpha_mode" not in {key.lower() for key in container.streams.video[0].metadata}


def test_transparency_is_laid_over_white_elsewhere(tmp_path: Path):
    hole = np.dstack([picture(0, 64, 48), np.zeros((48, 64), np.uint8)])
    clip = make_clip(tmp_path / "in.mkv", codec="ffv1", pixel_format="bgra", pictures=[hole] * 4, frames=4)
    copy_through(open_source(clip), tmp_path / "out.mp4")
    assert shown(tmp_path / "out.mp4")[0].min() > 250


def test_a_finished_output_is_not_replaced_unasked(tmp_path: Path):
    source = open_source(make_clip(tmp_path / "in.mp4"))
    fmt = choose_format(tmp_path / "out.mp4", source.info)
    (tmp_path / "out.mp4").write_bytes(b"precious")
    with pytest.raises(OutputProblem, match="--overwrite"):
        mux([], source, fmt, tmp_path / "out.mp4", [], "")
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"


def test_sound_alone_has_no_picture(tmp_path: Path):
    with pytest.raises(Exception, match="only sound"):
        open_source(sound_only(tmp_path / "in.mp4"))
