"""A gif from lossless segments, with a palette for each frame."""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from impasto.video.containers import file_url
from impasto.video.types import VideoInfo

_HUNDREDTH = Fraction(1, 100)
_SHORTEST, _LONGEST = 2, 65535
"""Hundredths of a second; browsers slow down what asks for less, and a gif has two bytes for it."""


def write_gif(segments: list[Path], path: Path, info: VideoInfo, tag: str = "") -> list[str]:
    """Encode the frames of `segments` as an endless gif with `tag` as its comment; returns warnings."""
    shown = _shown(segments)
    # Else the last frame lasts as long as the one before it.
    last_delay = round((info.start + info.duration) / _HUNDREDTH) - max(shown)
    options = {"final_delay": str(min(max(_SHORTEST, last_delay), _LONGEST))}
    dropped = 0
    with av.open(file_url(path), "w", format="gif", container_options=options) as target:
        stream = target.add_stream("gif", rate=min(info.fps, Fraction(50)).limit_denominator(1000))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = info.width, info.height, "pal8"
        stream.codec_context.time_base = _HUNDREDTH
        graph: Graph | None = None
        for frame in _frames(segments):
            time = _hundredths(frame.pts, frame.time_base)
            if time not in shown:
                dropped += 1
                continue
            shown.remove(time)
            graph = graph or _palette_graph(frame)
            graph.vpush(frame)
            painted = graph.vpull()
            painted.pts, painted.time_base = time, _HUNDREDTH
            target.mux(stream.encode(painted))
        target.mux(stream.encode(None))
    if tag:
        _comment(path, tag)
    return [f"A gif shows at most 50 frames a second: {dropped} frames were left out."] if dropped else []


def _comment(path: Path, text: str) -> None:
    """Put a comment extension (GIF89a, section 24) before the trailer, since FFmpeg writes none."""
    written = text.encode("ascii", "replace")[:255]
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        trailer = file.read()
        file.seek(-1, os.SEEK_END)
        file.write(b"\x21\xfe" + bytes([len(written)]) + written + b"\x00" + trailer)


def _shown(segments: list[Path]) -> set[int]:
    """Times of the frames that a gif can show, in hundredths of a second."""
    times = []
    for segment in segments:
        with av.open(file_url(segment)) as container:
            packets = container.demux(container.streams.video[0])
            times += [_hundredths(packet.pts, packet.time_base) for packet in packets if packet.pts is not None]
    shown: list[int] = []
    for time in sorted(times):
        if not shown or time - shown[-1] >= _SHORTEST:
            shown.append(time)
    return set(shown)


def _hundredths(ticks: int | None, time_base: Fraction | None) -> int:
    return round((ticks or 0) * Fraction(time_base or 1) / _HUNDREDTH)


def _frames(segments: list[Path]) -> Iterator[VideoFrame]:
    for segment in segments:
        with av.open(file_url(segment)) as container:
            yield from container.decode(container.streams.video[0])


def _palette_graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    buffer = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    split, palette = graph.add("split"), graph.add("palettegen", "stats_mode=single")
    # An ordered pattern stands still where the picture does; error diffusion would boil.
    paint, sink = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=3"), graph.add("buffersink")
    buffer.link_to(split)
    split.link_to(paint, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(paint, 0, 1)
    paint.link_to(sink)
    graph.configure()
    return graph
