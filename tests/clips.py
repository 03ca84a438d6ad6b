"""Small clips made by code, for the tests: known pictures, known times, known sound.

Frame n of a clip is `picture(n, width, height)`: flat patches whose colours are known, and a bar whose place and
grey tell n.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

PATCHES = np.array([[200, 40, 40], [40, 180, 60], [50, 70, 210], [220, 210, 60]], np.uint8)
SOUND_RATE = 48_000


def picture(number: int, width: int, height: int) -> np.ndarray:
    """uint8 RGB [height, width, 3]: four patches side by side, and a grey square that moves by two pixels a frame."""
    rgb = np.repeat(PATCHES, -(-width // 4), axis=0)[:width]
    rgb = np.broadcast_to(rgb, (height, width, 3)).copy()
    side = max(4, height // 4)
    left = (2 * number) % max(1, width - side)
    rgb[:side, left : left + side] = (number * 8) % 256
    return rgb


def make_clip(
    path: Path,
    *,
    size: tuple[int, int] = (64, 48),
    frames: int = 12,
    fps: Fraction | int = 25,
    times: Sequence[Fraction] | None = None,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    container: str | None = None,
    container_options: dict[str, str] | None = None,
    pictures: Iterable[np.ndarray] | None = None,
    matrix: int = 1,
    full_range: bool = False,
    primaries: int = 1,
    transfer: int = 1,
    sample_aspect: Fraction | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    interlaced: bool = False,
    sounds: Sequence[str] = (),
    sound_codec: str = "aac",
    sound_seconds: Fraction | float | None = None,
    subtitles: Sequence[str] = (),
    subtitle_codec: str = "mov_text",
    chapters: int = 0,
    attachment: bytes | None = None,
    metadata: dict[str, str] | None = None,
    time_base: Fraction | None = None,
) -> Path:
    """Write a clip; `times` (default n / fps) are seconds, `sounds` and `subtitles` are languages of tracks."""
    rate = Fraction(fps)
    times = times if times is not None else [n / rate for n in range(frames)]
    base = time_base or (1 / rate if times == [n / rate for n in range(len(times))] else Fraction(1, 90_000))
    pictures = pictures if pictures is not None else (picture(n, *size) for n in range(len(times)))
    seconds = float(sound_seconds if sound_seconds is not None else times[-1] + 1 / rate) if times else 1.0
    with av.open(str(path), "w", format=container, container_options=container_options or {}) as target:
        target.metadata.update(metadata or {})
        if chapters:
            target.set_chapters(
                [
                    {
                        "id": n,
                        "start": n * 100,
                        "end": (n + 1) * 100,
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": f"Part {n + 1}"},
                    }
                    for n in range(chapters)
                ]
            )
        video = target.add_stream(codec, rate=rate, options=_encoder_options(codec, options, interlaced))
        assert isinstance(video, VideoStream)
        video.width, video.height = size
        video.pix_fmt = pixel_format
        context = video.codec_context
        context.time_base = video.time_base = base
        context.colorspace, context.color_primaries, context.color_trc = matrix, primaries, transfer
        context.color_range = 2 if full_range else 1
        if sample_aspect:
            context.sample_aspect_ratio = sample_aspect
        if rotation or mirrored:
            video.set_display_rotation(rotation, hflip=mirrored)
        audio = [_add_sound(target, sound_codec, language) for language in sounds]
        texts = [_add_subtitle(target, subtitle_codec, language) for language in subtitles]
        if attachment is not None:
            target.add_attachment("font.ttf", "application/x-truetype-font", attachment)
        for stream, language in zip(texts, subtitles, strict=True):
            _write_subtitle(target, stream, f"Hello in {language}")
        for rgb, time in zip(pictures, times, strict=True):
            frame = _frame(rgb, pixel_format, matrix, full_range)
            frame.pts, frame.time_base = round(time / base), base
            frame.color_primaries, frame.color_trc = primaries, transfer
            target.mux(video.encode(frame))
        target.mux(video.encode(None))
        for number, stream in enumerate(audio):
            _write_sound(target, stream, seconds, 220 * (number + 1))
    return path


def sound_only(path: Path, seconds: float = 0.5) -> Path:
    """A file with a sound track and nothing else."""
    with av.open(str(path), "w") as target:
        _write_sound(target, _add_sound(target, "aac", "eng"), seconds, 220)
    return path


def packets_of(path: Path, kind: str, number: int = 0) -> list[bytes]:
    """The payloads of one track, in order."""
    with av.open(str(path)) as container:
        stream = [stream for stream in container.streams if stream.type == kind][number]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def times_of(path: Path) -> list[Fraction]:
    """Presentation times of the picture track, sorted, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        base = Fraction(stream.time_base)
        return sorted(packet.pts * base for packet in container.demux(stream) if packet.pts is not None)


def truncate(path: Path, share: float) -> Path:
    """Cut a file to `share` of its bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def damage_packet(path: Path, number: int) -> Path:
    """Overwrite most of the payload of one packet of the picture track (decoding order) with noise."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
        place, size = packets[number].pos, packets[number].size
    assert place is not None
    data = bytearray(path.read_bytes())
    noise = np.random.default_rng(number).integers(0, 256, size, dtype=np.uint8).tobytes()
    data[place + 4 : place + size] = noise[4:]
    path.write_bytes(data)
    return path


def _encoder_options(codec: str, options: dict[str, str] | None, interlaced: bool) -> dict[str, str]:
    chosen = {"libx264": {"crf": "12", "preset": "ultrafast"}, "libx265": {"x265-params": "log-level=none"}}
    merged = {**chosen.get(codec, {}), **(options or {})}
    if interlaced:
        merged["flags"] = "+ildct+ilme"
        merged["x264-params"] = "tff=1"
    return merged


def _frame(rgb: np.ndarray, pixel_format: str, matrix: int, full_range: bool) -> av.VideoFrame:
    name = {(3, 1): "rgb24", (4, 1): "rgba", (3, 2): "rgb48le"}[rgb.shape[2], rgb.itemsize]
    frame = av.VideoFrame.from_ndarray(rgb, format=name).reformat(
        format=pixel_format,
        interpolation=2 | 0x40000 | 0x2000,
        src_color_range=2,
        dst_colorspace=matrix,
        dst_color_range=2 if full_range else 1,
    )
    frame.colorspace, frame.color_range = matrix, 2 if full_range else 1
    return frame


def _add_sound(target: OutputContainer, codec: str, language: str) -> AudioStream:
    stream = target.add_stream(codec, rate=SOUND_RATE, layout="mono", bit_rate=128_000)
    assert isinstance(stream, AudioStream)
    stream.metadata["language"] = language
    return stream


def _write_sound(target: OutputContainer, stream: AudioStream, seconds: float, pitch: int) -> None:
    if not stream.codec_context.is_open:
        stream.codec_context.open()
    samples = np.arange(int(seconds * SOUND_RATE))
    wave = (0.3 * np.sin(2 * np.pi * pitch * samples / SOUND_RATE)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
    context = stream.codec_context
    resampler = av.AudioResampler(context.format, "mono", SOUND_RATE, context.frame_size or 1024)
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        target.mux(stream.encode(piece))
    target.mux(stream.encode(None))


def _add_subtitle(target: OutputContainer, codec: str, language: str) -> Stream:
    stream = target.add_stream(codec)
    assert isinstance(stream, SubtitleStream)
    stream.codec_context.subtitle_header = _ASS_HEADER
    stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
    stream.metadata["language"] = language
    return stream


def _write_subtitle(target: OutputContainer, stream: Stream, text: str) -> None:
    payload = text.encode()
    if stream.codec_context.name == "mov_text":
        payload = len(payload).to_bytes(2, "big") + payload
    elif stream.codec_context.name in ("ass", "ssa"):
        payload = b"0,0,Default,,0,0,0,," + payload
    packet = av.Packet(payload)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = 40
    packet.duration = 200
    target.mux(packet)


_ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
