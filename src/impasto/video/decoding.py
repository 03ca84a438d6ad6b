"""Packets into frames: in order, timed, and going on after damage."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from impasto.video.conversion import drop_unknown_tags
from impasto.video.keyframes import KeyFrame, KeyFrames
from impasto.video.salvage import Ledger


class LandedElsewhereError(Exception):
    """A seek did not reach the key frame that it was meant for."""


def decode(
    container: InputContainer,
    stream: VideoStream,
    ledger: Ledger,
    keys: KeyFrames,
    start: KeyFrame | None = None,
    lead: Fraction = Fraction(0),
) -> Iterator[VideoFrame]:
    """Yield frames in presentation order with strictly rising `pts`, from `start` or the first frame on.

    `lead` is how many seconds before `start` to seek to. Adds the key frames met to `keys`, and what cannot be decoded
    to `ledger`. Raises `LandedElsewhereError`.
    """
    index, last = (start.number, start.pts - 1) if start else (0, None)
    if start:
        try:
            container.seek(start.pts - round(lead / (stream.time_base or 1)), stream=stream)
        except FFmpegError as error:  # a raw stream has nothing to seek by
            raise LandedElsewhereError from error
    for frame in _frames(container, stream, ledger):
        pts = frame.pts if frame.pts is not None else frame.dts
        if start and index == start.number:
            if pts is not None and pts < start.pts:
                continue
            if pts != start.pts:
                raise LandedElsewhereError
        if pts is None:
            pts = 0 if last is None else last + _ticks(stream)
        frame.pts = last = pts if last is None or pts > last else last + 1
        drop_unknown_tags(frame)
        if frame.key_frame:
            keys.add(index, frame.pts)
        if frame.is_corrupt:
            ledger.lost(frame.pts)
        index += 1
        yield frame
    if start and index == start.number:
        raise LandedElsewhereError


def _frames(container: InputContainer, stream: VideoStream, ledger: Ledger) -> Iterator[VideoFrame]:
    stream.thread_type = ThreadType.AUTO
    decoder = _alpha_decoder(stream) or stream.codec_context
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except FFmpegError as error:
            ledger.lost(None)
            ledger.note(f"Reading stopped early: {error.strerror}.")
            return
        # PyAV ends every stream with an empty packet, which drains the decoder.
        last = packet.size == 0
        try:
            yield from decoder.decode(None if last else packet)
        except FFmpegError:
            ledger.lost(packet.pts)
        if last:
            return


def _ticks(stream: VideoStream) -> int:
    rate = stream.average_rate or 25
    return max(1, round(1 / (rate * stream.time_base))) if stream.time_base else 1


def _alpha_decoder(stream: VideoStream) -> VideoCodecContext | None:
    # FFmpeg's own decoders of VP8 and VP9 ignore the alpha layer of webm.
    decoder = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.codec.canonical_name)
    if decoder and stream.metadata.get("alpha_mode") == "1":
        context = av.CodecContext.create(decoder, "r")
        assert isinstance(context, VideoCodecContext)
        return context
    return None
