"""Frames into segments: pieces of the output that stand alone and can be joined."""

import os
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from impasto.video.containers import file_url
from impasto.video.conversion import FromRgb
from impasto.video.files import writing, written_atomically
from impasto.video.formats import OutputFormat
from impasto.video.pictures import over_white, write_picture
from impasto.video.types import ColorTags, Frame, Picture, VideoInfo

# Keeps times exactly and can be written as a stream; ProRes alone does not fit.
_SEGMENT = ("nut", {"avoid_negative_ts": "disabled"})
# Else SVT-AV1 writes to the terminal.
os.environ.setdefault("SVT_LOG", "1")


class SegmentWriter:
    """Writes the frames of one segment to `path`: a file, or a folder of numbered png files for a folder output.

    `tag` is what png files say of the software that made them; a joined video gets its own. `path` appears when the
    block ends cleanly; an exception leaves nothing. Raises `OutputProblem`, `ResourceError`.
    """

    def __init__(self, path: Path, fmt: OutputFormat, info: VideoInfo, tag: str = "") -> None:
        self._path, self._format, self._info, self._tag = Path(path), fmt, info, tag
        self._stack = ExitStack()
        self._sink: _PictureSink | _VideoSink | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            temporary = stack.enter_context(written_atomically(self._path))
            with writing(self._path):
                if self._format.kind in ("folder", "picture"):
                    self._sink = _PictureSink(temporary, self._tag)
                else:
                    self._sink = stack.enter_context(_VideoSink(temporary, self._format, self._info))
            self._stack = stack.pop_all()
        return self

    def write(self, frame: Frame) -> None:
        """Append one frame; times have to rise."""
        if self._sink is None:
            raise ValueError("write() belongs inside the with block")
        rgb, alpha = frame.rgb, frame.alpha
        if alpha is not None and not self._format.alpha:
            rgb, alpha = over_white(rgb, alpha), None
        with writing(self._path):
            self._sink.write(rgb, alpha, frame)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._sink = None
        return self._stack.__exit__(kind, error, trace)


class _PictureSink:
    def __init__(self, folder: Path, tag: str) -> None:
        self._folder, self._tag = folder, tag
        self._count = 0
        folder.mkdir()

    def write(self, rgb: Picture, alpha: Picture | None, frame: Frame) -> None:
        self._count += 1
        write_picture(self._folder / f"{self._count:06d}.png", rgb, alpha, self._tag)


class _VideoSink:
    def __init__(self, path: Path, fmt: OutputFormat, info: VideoInfo) -> None:
        self._path, self._format, self._start = path, fmt, info.start
        self._base = fine_time_base(info)
        self._convert = FromRgb(encoded_tags(fmt, info), fmt.pixel_format)
        self._durations: dict[int, int] = {}
        container, options = _SEGMENT
        if fmt.codec == "prores":
            container, options = "mov", {"movie_timescale": str(self._base.denominator)}
        self._container: OutputContainer = av.open(file_url(path), "w", format=container, container_options=options)
        self._stream = _add_stream(self._container, fmt, info, self._base)

    def __enter__(self) -> Self:
        return self

    def write(self, rgb: Picture, alpha: Picture | None, frame: Frame) -> None:
        if self._format.even_size:
            rgb = _even(rgb)
        if self._format.alpha and alpha is None:
            alpha = np.full(rgb.shape[:2], 255, np.uint8)
        encoded = self._convert.frame(rgb, alpha)
        encoded.time_base = self._base
        encoded.pts = round((frame.time + self._start) / self._base)
        encoded.duration = self._durations[encoded.pts] = max(1, round(frame.duration / self._base))
        self._mux(self._stream.encode(encoded))

    def _mux(self, packets: list[Packet]) -> None:
        for packet in packets:
            # Some encoders forget the duration, and the last frame has no other record of it.
            packet.duration = self._durations.pop(packet.pts or 0, packet.duration or 0)
            self._container.mux(packet)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # What went wrong already matters more than what closing an unfinished file adds to it.
            with suppress(FFmpegError, OSError):
                self._container.close()
            return
        with writing(self._path), self._container:
            self._mux(self._stream.encode(None))


def fine_time_base(info: VideoInfo) -> Fraction:
    """A unit that every time of the source is a whole multiple of, with 1 as numerator."""
    return Fraction(1, info.time_base.denominator)


def encoded_tags(fmt: OutputFormat, info: VideoInfo) -> ColorTags:
    """Colour tags of the encoded frames: those of the source, in the range that the pixel format has."""
    source = info.color
    full = source.full_range if fmt.pixel_format.startswith("yuv") and fmt.codec in ("h264", "hevc") else False
    if not fmt.pixel_format.startswith("yuv"):
        full = True
    return ColorTags(matrix=source.matrix, primaries=source.primaries, transfer=source.transfer, full_range=full)


def _even(rgb: Picture) -> Picture:
    height, width = rgb.shape[:2]
    if height % 2 or width % 2:
        return np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return rgb


def _add_stream(container: OutputContainer, fmt: OutputFormat, info: VideoInfo, base: Fraction) -> VideoStream:
    rate = info.fps.limit_denominator(100_000)
    stream = container.add_stream(fmt.encoder, rate=rate, options=dict(fmt.options))
    assert isinstance(stream, VideoStream)
    tags = encoded_tags(fmt, info)
    stream.width = info.width + (info.width % 2 if fmt.even_size else 0)
    stream.height = info.height + (info.height % 2 if fmt.even_size else 0)
    stream.pix_fmt = fmt.pixel_format
    context = stream.codec_context
    context.time_base = stream.time_base = base
    context.sample_aspect_ratio = info.sample_aspect
    context.colorspace, context.color_primaries, context.color_trc = tags.matrix, tags.primaries, tags.transfer
    context.color_range = 2 if tags.full_range else 1
    context.thread_count = 0
    return stream
