"""What a file says of itself, completed by its first frame."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from impasto.errors import UnreadableInput
from impasto.video.conversion import has_alpha, tags_of
from impasto.video.hdr import is_hdr
from impasto.video.orientation import orientation_of
from impasto.video.types import ColorTags, Track, VideoInfo

_FIELDS_OF_INTERLACED = range(2, 6)
_FALLBACK_RATE = Fraction(25)


def picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first stream of moving pictures (cover art is none); raises `UnreadableInput` where there is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            return stream
    what = "only sound" if container.streams.audio else "no picture"
    raise UnreadableInput(f"{str(path)!r} holds {what}; give a file that has a video track.")


def describe(container: InputContainer, stream: VideoStream, first: VideoFrame, path: Path) -> VideoInfo:
    """Everything that is known before decoding in full; `first` has its presentation time set."""
    orientation = orientation_of(first)
    width, height = orientation.size(first.width, first.height)
    time_base = Fraction(stream.time_base or Fraction(1, 90000))
    fps = _rate(stream)
    counted = counted_frames(container, stream)
    duration = _stated_duration(stream) or _file_duration(container) or counted / fps
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    hdr = is_hdr(tags_of(first))
    return VideoInfo(
        path=path,
        kind="video",
        width=width,
        height=height,
        fps=fps,
        frames=counted or max(1, round(duration * fps)),
        frames_exact=False,
        duration=duration,
        sample_aspect=orientation.aspect(aspect if aspect > 0 else Fraction(1)),
        has_alpha=has_alpha(first) and _uses_alpha(container, first),
        interlaced=first.interlaced_frame or stream.codec_context.field_order in _FIELDS_OF_INTERLACED,
        hdr=hdr,
        bit_depth=max(part.bits for part in first.format.components),
        color=ColorTags() if hdr else tags_of(first),
        tracks=tuple(_track(other) for other in container.streams if other.index != stream.index and _counts(other)),
        chapters=len(container.chapters()),
        codec=stream.codec_context.codec.canonical_name,
        container=container.format.name,
        start=(first.pts or 0) * time_base,
        time_base=time_base,
    )


def counted_frames(container: InputContainer, stream: VideoStream) -> int:
    """Frames that the file says it holds, after its edit list; 0 where it does not say."""
    if "mov" in container.format.name and len(stream.index_entries):
        return sum(not entry.is_discard for entry in stream.index_entries)
    return stream.frames


def stated_duration(container: InputContainer, stream: VideoStream) -> Fraction:
    """Seconds of pictures that the file says it holds; 0 where it does not say."""
    # The duration of a whole file may be that of its sound.
    alone = len(container.streams) == 1
    return _stated_duration(stream) or (_file_duration(container) if alone else Fraction(0))


def _rate(stream: VideoStream) -> Fraction:
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < rate <= 1000:
            return Fraction(rate)
    return _FALLBACK_RATE


def _stated_duration(stream: VideoStream) -> Fraction:
    if stream.duration and stream.time_base:
        return Fraction(stream.duration * stream.time_base)
    # How matroska says it: 00:01:02.345000000
    clock = re.fullmatch(r"(\d+):(\d+):(\d+\.\d+)", stream.metadata.get("DURATION", ""))
    return int(clock[1]) * 3600 + int(clock[2]) * 60 + Fraction(clock[3]) if clock else Fraction(0)


def _file_duration(container: InputContainer) -> Fraction:
    return Fraction(container.duration or 0, 1_000_000)


def _uses_alpha(container: InputContainer, first: VideoFrame) -> bool:
    # Every gif decodes with an alpha plane, most of them without a hole in it.
    if container.format.name != "gif":
        return True
    return bool((first.to_ndarray(format="rgba")[..., 3] < np.uint8(255)).any())


def _counts(stream: Stream) -> bool:
    # The stream behind the chapters of mov and mp4 was read as chapters already, and FFmpeg marks it so.
    return stream.discard != Discard.all


def _track(stream: Stream) -> Track:
    kind = stream.type if stream.type in ("audio", "subtitle", "attachment") else "data"
    if stream.disposition & Disposition.attached_pic:
        kind = "attachment"
    codec = stream.codec_context.codec.canonical_name if stream.codec_context is not None else "unknown"
    title = stream.metadata.get("title") or stream.metadata.get("filename")
    return Track(index=stream.index, kind=kind, codec=codec, language=stream.language, title=title)


def peak_nits(first: VideoFrame) -> float | None:
    """Brightest value that the mastering metadata of an HDR frame names, in cd/m2."""
    data = first.side_data.get("CONTENT_LIGHT_LEVEL")
    if data is None:
        return None
    brightest = int(np.frombuffer(data, np.uint32)[0])
    return float(brightest) or None
