"""Frames from a video file."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from av.video.frame import VideoFrame

from impasto.errors import UnreadableInput
from impasto.video.containers import open_container
from impasto.video.conversion import ToRgb, tags_of
from impasto.video.decoding import LandedElsewhereError, decode
from impasto.video.deinterlace import deinterlace
from impasto.video.hdr import ToneMap
from impasto.video.keyframes import KeyFrame, KeyFrames
from impasto.video.orientation import orientation_of
from impasto.video.probe import counted_frames, describe, peak_nits, picture_stream, stated_duration
from impasto.video.salvage import Ledger
from impasto.video.types import Frame, Picture, VideoInfo

# Containers without an index land where they like, so the next try aims seconds earlier.
_LEADS = (Fraction(0), Fraction(2), Fraction(10))


class VideoFile:
    """A `FrameSource` over one file; raises `UnreadableInput` where the file has no frame that decodes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ledger = Ledger(path)
        self._keys = KeyFrames()
        with open_container(path) as container:
            stream = picture_stream(container, path)
            first = next(decode(container, stream, self._ledger, self._keys), None)
            if first is None:
                raise UnreadableInput(
                    f"{str(path)!r} holds no frame that decodes; check that it plays, or convert it to mp4."
                )
            self._info = describe(container, stream, first, path)
            self._ledger.promised = counted_frames(container, stream)
            self._stated = stated_duration(container, stream)
        self._stored_size = first.width, first.height
        self._stored_tags = tags_of(first)
        self._orientation = orientation_of(first)
        self._peak_nits = peak_nits(first)
        if self._info.interlaced:
            self._ledger.note("Interlaced frames were deinterlaced.")
        if self._info.hdr:
            self._ledger.note("HDR or BT.2020 colours were tone-mapped to BT.709.")

    @property
    def info(self) -> VideoInfo:
        return self._info

    @property
    def notes(self) -> list[str]:
        return self._ledger.notes

    @property
    def record(self) -> dict[str, Any]:
        return self._ledger.record

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """See `FrameSource.frames`."""
        convert = ToRgb(self._stored_tags)
        tone_map = ToneMap(self._stored_tags, self._peak_nits) if self._info.hdr else None
        for frame, time, duration in islice(self._timed(start), None if stop is None else max(0, stop - start)):
            alpha = None
            if self._info.has_alpha and tone_map:
                light, alpha = convert.rgba64(frame, *self._stored_size)
                rgb, alpha = tone_map.apply(light), self._orientation.apply(alpha)
            elif self._info.has_alpha:
                rgb, alpha = convert.rgb_and_alpha(frame, *self._stored_size)
                alpha = self._orientation.apply(alpha)
            elif tone_map:
                rgb = tone_map.apply(convert.rgb48(frame, *self._stored_size))
            else:
                rgb = convert.rgb(frame, *self._stored_size)
            yield Frame(rgb=self._orientation.apply(rgb), time=time, duration=duration, alpha=alpha)

    def small_frames(self, max_side: int) -> Iterator[tuple[Fraction, Picture]]:
        """See `FrameSource.small_frames`."""
        convert = ToRgb(self._stored_tags)
        width, height = self._stored_size
        scale = min(1.0, max_side / max(width, height))
        small = max(1, round(width * scale)), max(1, round(height * scale))
        for frame, time, _ in self._timed(0):
            yield time, self._orientation.apply(convert.small(frame, *small))

    def _timed(self, start: int) -> Iterator[tuple[VideoFrame, Fraction, Fraction]]:
        """Frames from number `start` on, each with its time from the first frame and its duration."""
        base, origin = self._info.time_base, self._info.start
        count, longest = start, Fraction(0)
        waiting: tuple[VideoFrame, Fraction] | None = None
        for frame in self._from(start):
            time = (frame.pts or 0) * base - origin
            if waiting:
                longest = max(longest, time - waiting[1])
                yield *waiting, time - waiting[1]
            waiting = frame, time
            count += 1
        if waiting:
            frame, time = waiting
            duration = frame.duration * base or 1 / self._info.fps
            if count == self._ledger.promised:
                # Nothing is missing, so what is left is the last frame's.
                duration = max(duration, self._stated - time)
            self._finish(count, time + duration, longest)
            yield *waiting, duration

    def _finish(self, frames: int, duration: Fraction, longest: Fraction) -> None:
        """Take note of the end.

        Args:
            longest: time from one of the frames to the next.
        """
        # Where frames are not counted the time that they last tells how many are missing. Their rate does not: many
        # containers state that of the first seconds.
        if not self._ledger.promised and self._stated > duration + 2 * longest:
            self._ledger.promised = round(frames * self._stated / duration)
        self._ledger.finish(frames)
        self._info = replace(self._info, frames=frames, frames_exact=True, duration=duration)

    def _from(self, start: int) -> Iterator[VideoFrame]:
        # A deinterlaced frame needs the one before it as well.
        key = self._keys.before(start - 1 if self._info.interlaced else start)
        if key:
            for lead in _LEADS:
                try:
                    yield from self._pass(start, key, lead)
                    return
                except LandedElsewhereError:
                    continue
        yield from self._pass(start, None)

    def _pass(self, start: int, key: KeyFrame | None, lead: Fraction = Fraction(0)) -> Iterator[VideoFrame]:
        with open_container(self._path) as container:
            stream = picture_stream(container, self._path)
            decoded = decode(container, stream, self._ledger, self._keys, key, lead)
            progressive = deinterlace(decoded, self._info.time_base)
            for frame in islice(progressive, start - (key.number if key else 0), None):
                if (frame.width, frame.height) != self._stored_size:
                    width, height = self._stored_size
                    self._ledger.note(f"The size changes mid-stream; frames were scaled to {width}x{height}.")
                yield frame
