"""Tracks carried from the source into the output: copied packet by packet, or converted."""

from fractions import Fraction
from typing import Protocol

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

from impasto.video.tracks import TrackPlan

_SOUND_BIT_RATE = 256_000
_GAP_SECONDS = 0.2
_ENCODERS = {"opus": "libopus"}
_USUAL_RATE = 48_000
# Those that every encoder takes; some files state the number of channels alone.
_DEFAULT_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
# Written by muxers about a file that no longer is.
_STALE = ("DURATION", "BPS", "NUMBER_OF_", "_STATISTICS", "encoder", "vendor_id")


class Carrier(Protocol):
    """Feeds one output stream."""

    def feed(self, packet: Packet) -> list[Packet]: ...

    def finish(self) -> list[Packet]: ...


def carry(container: OutputContainer, stream: Stream, plan: TrackPlan) -> Carrier:
    """Add the output stream that `plan` asks for; raises `av.FFmpegError` or `ValueError` where that fails."""
    if plan.action == "copy":
        return _Copy(container, stream)
    if isinstance(stream, AudioStream):
        return _SoundConversion(container, stream, plan.codec)
    assert isinstance(stream, SubtitleStream)
    return _SubtitleConversion(container, stream, plan.codec)


def describe_like(target: Stream, source: Stream) -> None:
    """Language, title and other tags, and dispositions (default, forced ...)."""
    target.metadata.update({key: value for key, value in source.metadata.items() if not key.startswith(_STALE)})
    target.disposition = source.disposition


class _Copy:
    def __init__(self, container: OutputContainer, stream: Stream) -> None:
        self._target = container.add_stream_from_template(stream, opaque=True)
        describe_like(self._target, stream)
        self._last: int | None = None

    def feed(self, packet: Packet) -> list[Packet]:
        if packet.dts is not None:
            # Broken files step back in time, which muxers refuse.
            if self._last is not None and packet.dts <= self._last:
                packet.dts = self._last + 1
                packet.pts = max(packet.pts or 0, packet.dts)
            self._last = packet.dts
        packet.stream = self._target
        return [packet]

    def finish(self) -> list[Packet]:
        return []


class _SoundConversion:
    def __init__(self, container: OutputContainer, stream: AudioStream, codec: str) -> None:
        encoder = _ENCODERS.get(codec, codec)
        context = stream.codec_context
        taken = av.Codec(encoder, "w").audio_rates
        rate = context.sample_rate if not taken or context.sample_rate in taken else _USUAL_RATE
        layout = _DEFAULT_LAYOUTS.get(context.channels, "stereo")
        target = container.add_stream(encoder, rate=rate, bit_rate=_SOUND_BIT_RATE, layout=layout)
        assert isinstance(target, AudioStream)
        describe_like(target, stream)
        target.codec_context.open()
        self._target, self._decode, self._rate = target, context.decode, rate
        self._clock: int | None = None
        self._resampler = AudioResampler(
            format=target.codec_context.format, layout=layout, rate=rate, frame_size=target.codec_context.frame_size
        )

    def feed(self, packet: Packet) -> list[Packet]:
        try:
            frames = self._decode(packet)
        except FFmpegError:
            # A damaged packet is a short silence, not the end of the track.
            return []
        return [out for frame in frames for out in self._convert(frame)]

    def finish(self) -> list[Packet]:
        return self._convert(None) + list(self._target.encode(None))

    def _convert(self, frame: AudioFrame | None) -> list[Packet]:
        if frame is not None and frame.pts is not None and frame.time_base is not None:
            due = round(frame.pts * Fraction(frame.time_base) * self._rate)
            # Counting samples rides over rounded times in the file; real gaps move the clock.
            if self._clock is None or due - self._clock > self._rate * _GAP_SECONDS:
                self._clock = due
        packets: list[Packet] = []
        for ready in self._resampler.resample(frame):
            ready.pts, ready.time_base = self._clock or 0, Fraction(1, self._rate)
            self._clock = ready.pts + ready.samples
            packets += self._target.encode(ready)
        return packets


class _SubtitleConversion:
    def __init__(self, container: OutputContainer, stream: SubtitleStream, codec: str) -> None:
        self._source = stream.codec_context
        self._source.open()
        target = container.add_stream(codec)
        assert isinstance(target, SubtitleStream)
        describe_like(target, stream)
        target.codec_context.subtitle_header = self._source.subtitle_header
        target.codec_context.time_base = target.time_base = Fraction(stream.time_base or Fraction(1, 1000))
        self._target = target

    def feed(self, packet: Packet) -> list[Packet]:
        try:
            text = self._source.decode2(packet) if packet.size else None
        except FFmpegError:
            return []
        if text is None:
            return []
        out = self._target.codec_context.encode_subtitle(text)
        out.stream, out.time_base = self._target, packet.time_base
        out.pts = out.dts = packet.pts
        out.duration = packet.duration
        return [out]

    def finish(self) -> list[Packet]:
        return []
