"""Which styles and which prompt hold when: looks, one after the other, planned in frames."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from impasto.errors import InputError, UnsupportedOption
from impasto.guidance import Guidance, Keyframe, Style
from impasto.job.keyframes import numbered
from impasto.job.shotlist import ShotList
from impasto.job.wording import clock_text
from impasto.video.types import Shot

FADE = Fraction(1)
"""Seconds that one look takes to become the next within a shot."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What holds from frame `start` of the source on and is alone from frame `whole` on, in shot `shot`."""

    shot: int
    start: int
    whole: int
    styles: tuple[Style, ...]
    prompt: str | None
    keyframe: Keyframe | None = None
    """The painted frame that it follows, with the number of its source frame."""

    def of(self, guidance: Guidance) -> Guidance:
        """What of the guidance of a run holds in this look."""
        keyframes = () if self.keyframe is None else (self.keyframe,)
        held = guidance.going_by(self.styles, self.prompt)
        return replace(held, first_frame=None, keyframes=keyframes)

    def share(self, frame: int) -> float:
        """What a frame shows of this look, the rest being of the look before: a function of the frame alone."""
        return min(1.0, (frame - self.start + 1) / (self.whole - self.start + 1))


class FrameNumbers:
    """The numbers of the frames at or after some times, and nearest to them, learned while the source is read once."""

    def __init__(self, times: Iterable[Fraction]) -> None:
        self._waiting = sorted(set(times), reverse=True)
        self._found: dict[Fraction, tuple[int, int]] = {}
        self.count = 0
        """Frames seen."""
        self._last: Fraction | None = None
        self._gap = Fraction(0)

    def see(self, time: Fraction) -> None:
        """Take the time of the next frame."""
        while self._waiting and self._waiting[-1] <= time:
            wanted = self._waiting.pop()
            earlier = self._last is not None and wanted - self._last <= time - wanted
            self._found[wanted] = self.count, self.count - earlier
        if self._last is not None:
            self._gap = time - self._last
        self._last = time
        self.count += 1

    def at(self, time: Fraction) -> int:
        """The number of frames, where the time is beyond the last."""
        return self._found[time][0] if time in self._found else self.count

    def nearest(self, time: Fraction) -> int:
        """The number of frames, where the time is beyond the last by more than half of what is between frames."""
        if time in self._found:
            return self._found[time][1]
        near = self._last is not None and 2 * (time - self._last) <= self._gap
        return self.count - near


def times_of(guidance: Guidance) -> list[Fraction]:
    """The times at which looks begin and at which they are whole: what `FrameNumbers` has to find."""
    painted = [keyframe.time for keyframe in guidance.painted_frames]
    return [time for period in _periods(guidance.styles) for time in period] + painted


def check_times(styles: Sequence[Style]) -> None:
    """Raise `InputError` where no style holds at the beginning."""
    if styles and min(style.start for style in styles) > 0:
        first = min(styles, key=lambda style: style.start)
        raise InputError(
            f"No style holds before {clock_text(float(first.start))}; give one without a time for the beginning."
        )


def plan_looks(
    guidance: Guidance,
    shots: Sequence[Shot],
    numbers: FrameNumbers,
    listed: ShotList | None = None,
) -> tuple[Look, ...]:
    """The looks of every shot: from one to the next there is a fade within a shot and none at a cut.

    Raises `UnsupportedOption` where a style or a keyframe is after the last frame, or two keyframes are for one frame.
    """
    looks = []
    periods, keyframes = _periods(guidance.styles), numbered(guidance.painted_frames, shots, numbers.nearest)
    for start, _ in periods:
        if numbers.at(start) >= shots[-1].stop:
            raise UnsupportedOption(
                f"A style starts at {clock_text(float(start))} and the source ends at "
                f"{clock_text(float(shots[-1].stop_time))}; give an earlier time."
            )
    for number, shot in enumerate(shots):
        told = listed.shots[number] if listed is not None else None
        held = told.of(guidance) if told is not None else guidance
        painted = any(shot.start <= keyframe.frame < shot.stop for keyframe in keyframes)
        if told is not None and told.own and not painted:
            looks.append(Look(shot=number, start=shot.start, whole=shot.start, styles=held.styles, prompt=held.prompt))
            continue
        if keyframes:
            looks += _following(keyframes, number, shot, held)
            continue
        begun = [period for period in periods if numbers.at(period[0]) <= shot.start]
        within = [period for period in periods if shot.start < numbers.at(period[0]) < shot.stop]
        edges = [(shot.start, shot.start, begun[-1][0])]
        edges += [(numbers.at(start), min(numbers.at(whole), shot.stop), start) for start, whole in within]
        for start, whole, time in edges:
            styles = _holding(guidance, time)
            looks.append(Look(shot=number, start=start, whole=whole, styles=styles, prompt=guidance.prompt))
    return tuple(looks)


def _periods(styles: Sequence[Style]) -> list[tuple[Fraction, Fraction]]:
    """(start, whole) of each look, in seconds; a fade is over before the next begins."""
    starts = sorted({style.start for style in styles} | {Fraction(0)})
    ends = [min(start + FADE, after) for start, after in pairwise(starts)] + [starts[-1] + FADE]
    return list(zip(starts, ends, strict=True))


def _following(keyframes: Sequence[Keyframe], number: int, shot: Shot, held: Guidance) -> Iterator[Look]:
    """Looks from one painted frame of the shot to the next, each blended in over all the time between them.

    A shot without any follows the last one before it, or the first of all.
    """
    own = [keyframe for keyframe in keyframes if shot.start <= keyframe.frame < shot.stop]
    if not own:
        before = [keyframe for keyframe in keyframes if keyframe.frame < shot.start]
        own = [before[-1] if before else keyframes[0]]
    edges = [(shot.start, shot.start, own[0])]
    edges += [(last.frame + 1, following.frame, following) for last, following in pairwise(own)]
    for start, whole, keyframe in edges:
        yield Look(shot=number, start=start, whole=whole, styles=held.styles, prompt=held.prompt, keyframe=keyframe)


def _holding(guidance: Guidance, start: Fraction) -> tuple[Style, ...]:
    return tuple(replace(style, start=Fraction(0)) for style in guidance.styles if style.start == start)
