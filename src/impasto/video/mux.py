"""Finished segments and the source's other tracks into one output."""

import heapq
import os
import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.error import ArgumentError, FFmpegError, InvalidDataError
from av.packet import Packet
from av.stream import Discard
from av.video.stream import VideoStream

from impasto.errors import OutputProblem
from impasto.video.carry import Carrier, carry, describe_like
from impasto.video.containers import file_url, open_container
from impasto.video.encode import encoded_tags, fine_time_base
from impasto.video.files import writing, written_atomically
from impasto.video.formats import OutputFormat
from impasto.video.gif import write_gif
from impasto.video.join import joined_packets
from impasto.video.pictures import read_picture, write_picture
from impasto.video.probe import picture_stream
from impasto.video.tracks import TrackPlan, plan_tracks, sound_codec
from impasto.video.types import FrameSource, VideoInfo

__all__ = ["TrackPlan", "mux", "plan_tracks"]

# Written by muxers about the source file itself.
_STALE = ("major_brand", "minor_version", "compatible_brands", "encoder")
# Their clocks start anywhere; other containers start at 0 and mean it where they do not.
_FREE_CLOCKS = ("mpegts", "mpeg", "flv", "asf")
_REORDERED = 64
"""More frames than any codec puts before one that is shown earlier."""


def mux(
    segments: list[Path],
    source: FrameSource,
    fmt: OutputFormat,
    output: Path,
    tracks: list[TrackPlan],
    tag: str,
    overwrite: bool = False,
) -> list[str]:
    """Join `segments` into `output` with the source's sound, subtitles, chapters and tags; returns warnings.

    `tag` is added to the comment that the source may have; empty adds nothing. The files of a folder have theirs since
    they were written (`SegmentWriter`), and a bmp has no place for it.
    Raises `OutputProblem` where `output` exists (unless `overwrite`) or cannot be written, `ResourceError` where the
    disk is full. Nothing half-written stays.
    """
    if not overwrite and output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise OutputProblem(f"{str(output)!r} exists; give another output, or --overwrite to replace it.")
    if fmt.kind == "folder":
        return _join_folders(segments, output)
    if fmt.kind == "picture":
        [picture] = [file for segment in segments for file in segment.iterdir()]
        write_picture(output, *read_picture(picture), tag)
        return []
    if fmt.kind == "gif":
        with written_atomically(output) as temporary, writing(output):
            return write_gif(segments, temporary, source.info, tag)
    return _join_video(segments, source.info, fmt, output, tracks, tag)


def _join_folders(segments: list[Path], output: Path) -> list[str]:
    with written_atomically(output) as temporary, writing(output):
        temporary.mkdir()
        pictures = (picture for segment in segments for picture in sorted(segment.iterdir()))
        for number, picture in enumerate(pictures, start=1):
            target = temporary / f"{number:06d}{picture.suffix}"
            try:
                os.link(picture, target)
            except OSError:
                shutil.copyfile(picture, target)
    return []


def _join_video(
    segments: list[Path],
    info: VideoInfo,
    fmt: OutputFormat,
    output: Path,
    tracks: list[TrackPlan],
    tag: str,
) -> list[str]:
    warnings = []
    if fmt.even_size and (info.width % 2 or info.height % 2):
        even = f"{info.width + info.width % 2}x{info.height + info.height % 2}"
        warnings.append(
            f"{fmt.codec} needs an even size: {info.width}x{info.height} became {even} by repeating the last pixels."
        )
    wanted = [plan for plan in tracks if plan.action != "leave out"]
    with written_atomically(output) as temporary, writing(output):
        try:
            _write(temporary, segments, info, fmt, wanted, tag)
        except (InvalidDataError, ArgumentError, ValueError):
            broken = {plan: trouble for plan in wanted if (trouble := _trouble(info, fmt, plan))}
            if not broken:
                raise
            mended = {plan: _mended(info, fmt, plan) for plan in broken}
            for plan, trouble in broken.items():
                instead = mended[plan]
                done = f"could not be copied and was converted to {instead.codec}" if instead else "was left out"
                warnings.append(f"{plan.track.kind} track {plan.track.index} {done} ({trouble}).")
            _write(temporary, segments, info, fmt, [each for plan in wanted if (each := mended.get(plan, plan))], tag)
    return warnings


def _mended(info: VideoInfo, fmt: OutputFormat, plan: TrackPlan) -> TrackPlan | None:
    """Another plan for a track that a container holds by name and then refuses; None where there is none."""
    if plan.track.kind != "audio" or plan.action != "copy":
        return None
    converted = replace(plan, action="convert", codec=sound_codec(fmt))
    return None if _trouble(info, fmt, converted) else converted


def _trouble(info: VideoInfo, fmt: OutputFormat, plan: TrackPlan) -> str | None:
    """Why a track alone cannot be written, None where it can."""
    try:
        with open_container(info.path) as source, av.open(os.devnull, "w", format=fmt.container) as target:
            carriers = {plan.track.index: carry(target, source.streams[plan.track.index], plan)}
            carried = False
            for packet in _carried_packets(source, carriers, Fraction(0)):
                target.mux(packet)
                carried = True
            if not carried and plan.action == "convert":
                return "nothing of it can be decoded"
    except (FFmpegError, ValueError) as error:
        return error.strerror or str(error) if isinstance(error, FFmpegError) else str(error)
    return None


def _write(
    path: Path,
    segments: list[Path],
    info: VideoInfo,
    fmt: OutputFormat,
    tracks: list[TrackPlan],
    tag: str,
) -> None:
    options = {"movflags": "+faststart"} if fmt.container in ("mp4", "mov") else {}
    base = fine_time_base(info)
    with av.open(file_url(path), "w", format=fmt.container, container_options=options) as target:
        stream = _video_stream(target, segments[0], info, fmt, base)
        if info.kind != "video":
            _add_comment(target, tag)
            for packet in _into(joined_packets(segments, base, Fraction(0)), stream, fmt, _end(info)):
                target.mux(packet)
            return
        with open_container(info.path) as source:
            shift = _shift(source)
            describe_like(stream, picture_stream(source, info.path))
            if not fmt.alpha:
                stream.metadata.pop("alpha_mode", None)
            target.metadata.update({key: value for key, value in source.metadata.items() if key not in _STALE})
            _add_comment(target, tag)
            target.set_chapters(source.chapters())
            carriers = {plan.track.index: carry(target, source.streams[plan.track.index], plan) for plan in tracks}
            pictures = _into(joined_packets(segments, base, shift), stream, fmt, _end(info, shift))
            for packet in heapq.merge(pictures, _carried_packets(source, carriers, shift), key=_decoding_time):
                target.mux(packet)


def _video_stream(
    target: OutputContainer, segment: Path, info: VideoInfo, fmt: OutputFormat, base: Fraction
) -> VideoStream:
    with av.open(file_url(segment)) as container:
        stream = target.add_stream_from_template(container.streams.video[0], opaque=True)
    tags = encoded_tags(fmt, info)
    context = stream.codec_context
    context.framerate = info.fps.limit_denominator(100_000)
    context.sample_aspect_ratio = info.sample_aspect
    context.colorspace, context.color_primaries, context.color_trc = tags.matrix, tags.primaries, tags.transfer
    context.color_range = 2 if tags.full_range else 1
    if fmt.codec == "hevc" and fmt.container in ("mp4", "mov"):
        # Apple's players take no other tag.
        context.codec_tag = "hvc1"
    stream.time_base = base
    return stream


def _add_comment(target: OutputContainer, tag: str) -> None:
    # The keys of a file are of any case.
    key = next((key for key in target.metadata if key.lower() == "comment"), "comment")
    comment = target.metadata.get(key, "")
    if tag not in comment:
        target.metadata[key] = f"{comment} {tag}".strip()


def _shift(source: InputContainer) -> Fraction:
    if source.format.name in _FREE_CLOCKS and source.start_time:
        return Fraction(-source.start_time, 1_000_000)
    return Fraction(0)


def _end(info: VideoInfo, shift: Fraction = Fraction(0)) -> Fraction | None:
    """Seconds at which the last frame ends, which its segment has not kept; None where that is not known."""
    return info.start + info.duration + shift if info.frames_exact else None


def _into(packets: Iterator[Packet], stream: VideoStream, fmt: OutputFormat, end: Fraction | None) -> Iterator[Packet]:
    """The packets as those of a stream, the last frame lasting until `end`."""
    waiting: deque[Packet] = deque()
    delay = 0
    for number, packet in enumerate(packets):
        if number == 0:
            delay = (packet.dts or 0) - (packet.pts or 0)
        packet.stream = stream
        waiting.append(packet)
        if len(waiting) > _REORDERED:
            yield waiting.popleft()
    if waiting and end is not None:
        shown, decoded = max(waiting, key=lambda packet: packet.pts or 0), waiting[-1]
        ticks = round(end / Fraction(shown.time_base))
        shown.duration = max(1, ticks - (shown.pts or 0))
        if fmt.container in ("mp4", "mov"):
            # What lasts there is the time from one decoding to the next.
            decoded.duration = max(1, ticks + delay - (decoded.dts or 0))
    yield from waiting


def _carried_packets(source: InputContainer, carriers: dict[int, Carrier], shift: Fraction) -> Iterator[Packet]:
    if not carriers:
        return
    for stream in source.streams:
        if stream.index not in carriers:
            stream.discard = Discard.all
    try:
        for packet in source.demux([source.streams[index] for index in carriers]):
            if packet.dts is None and packet.size == 0:
                continue
            _move(packet, shift)
            yield from carriers[packet.stream_index].feed(packet)
    except (FFmpegError, EOFError):
        # The source is cut short: what was read so far is kept.
        pass
    for carrier in carriers.values():
        yield from carrier.finish()


def _move(packet: Packet, shift: Fraction) -> None:
    if shift and packet.time_base:
        ticks = round(shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks


def _decoding_time(packet: Packet) -> float:
    ticks = packet.dts if packet.dts is not None else packet.pts
    return float((ticks or 0) * packet.time_base)
