"""What becomes of the sound, subtitles and attachments of the source."""

import io
from dataclasses import dataclass
from functools import cache
from typing import Literal

import av

from impasto.video.formats import OutputFormat
from impasto.video.types import Track, VideoInfo

TEXT_SUBTITLES = frozenset({"subrip", "srt", "text", "ass", "ssa", "webvtt", "mov_text"})
_TEXT_CODEC = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
_SOUND_CODEC = {"webm": "opus"}
_COVER_HOLDERS = ("mp4", "mov", "matroska")


@dataclass(frozen=True)
class TrackPlan:
    """What is done with one track."""

    track: Track
    action: Literal["copy", "convert", "leave out"]
    reason: str = ""
    """Why it is not copied."""
    codec: str = ""
    """Codec in the output."""

    @property
    def sentence(self) -> str:
        """For the plan and the last line, such as "subtitle track 3 (ass, ger) is converted to mov_text: ..."."""
        about = ", ".join(filter(None, [self.track.codec, self.track.language]))
        done = {"copy": "copied", "convert": f"converted to {self.codec}", "leave out": "left out"}[self.action]
        return f"{self.track.kind} track {self.track.index} ({about}) is {done}" + f": {self.reason}" * bool(
            self.reason
        )


def plan_tracks(info: VideoInfo, fmt: OutputFormat) -> list[TrackPlan]:
    """One plan for each track of the source, in its order."""
    return [_plan(track, fmt) for track in info.tracks]


def _plan(track: Track, fmt: OutputFormat) -> TrackPlan:
    holder = fmt.container
    if fmt.kind != "video":
        return TrackPlan(track, "leave out", f"a {fmt.kind} holds pictures alone")
    if track.kind == "data":
        return TrackPlan(track, "leave out", "timed data is not carried over")
    if track.kind == "attachment":
        return _plan_attachment(track, holder)
    if track.codec == "unknown":
        return TrackPlan(track, "leave out", "its codec is unknown")
    if track.codec in _codecs_of(holder):
        return TrackPlan(track, "copy", codec=track.codec)
    reason = f"{holder} cannot hold {track.codec}"
    if track.kind == "audio":
        return TrackPlan(track, "convert", reason, sound_codec(fmt))
    if track.codec in TEXT_SUBTITLES and holder in _TEXT_CODEC:
        return TrackPlan(track, "convert", reason, _TEXT_CODEC[holder])
    return TrackPlan(track, "leave out", reason)


def sound_codec(fmt: OutputFormat) -> str:
    """What sound becomes that cannot be copied."""
    return _SOUND_CODEC.get(fmt.container, "aac")


def _plan_attachment(track: Track, holder: str) -> TrackPlan:
    cover = track.codec in ("mjpeg", "png", "bmp")
    if holder == "matroska" or (cover and holder in _COVER_HOLDERS):
        return TrackPlan(track, "copy", codec=track.codec)
    return TrackPlan(track, "leave out", f"{holder} cannot hold attachments")


@cache
def _codecs_of(container: str) -> frozenset[str]:
    with av.open(io.BytesIO(), "w", format=container) as output:
        return frozenset(output.supported_codecs)
