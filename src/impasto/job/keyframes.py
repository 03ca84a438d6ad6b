"""Painted frames: which source frames they belong to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Keyframe
from impasto.job.pixels import to_bytes
from impasto.job.shotframes import SourceShot
from impasto.job.wording import clock_text
from impasto.video.types import FrameSource, Shot


def check_keyframes(guidance: Guidance) -> None:
    """Raise `UnsupportedOption` where two painted frames have one time, or styles change over time beside them."""
    keyframes = guidance.painted_frames
    for first, second in pairwise(keyframes):
        if first.time == second.time:
            raise UnsupportedOption(
                f"Both {str(first.image)!r} and {str(second.image)!r} are painted frames for "
                f"{clock_text(float(first.time))}; give one of them, or another time."
            )
    if keyframes and any(style.start for style in guidance.styles):
        raise UnsupportedOption(
            "Painted frames say what holds when; give the styles beside them without times, or leave them out."
        )


def numbered(
    keyframes: Sequence[Keyframe], shots: Sequence[Shot], nearest: Callable[[Fraction], int]
) -> tuple[Keyframe, ...]:
    """The keyframes with the numbers of their source frames, those nearest to their times.

    Raises `UnsupportedOption` where one is after the last frame, or two are for the same frame.
    """
    found = tuple(replace(each, frame=nearest(each.time)) for each in keyframes)
    for keyframe in found:
        if keyframe.frame >= shots[-1].stop:
            raise UnsupportedOption(
                f"The keyframe {str(keyframe.image)!r} is for {clock_text(float(keyframe.time))} and the source ends "
                f"at {clock_text(float(shots[-1].stop_time))}; give an earlier time."
            )
    for first, second in pairwise(found):
        if first.frame == second.frame:
            raise UnsupportedOption(
                f"Both {str(first.image)!r} and {str(second.image)!r} are for frame {first.frame} of the source; "
                "give one of them, or another time."
            )
    return found


def check_paintings(keyframes: Sequence[Keyframe], source: FrameSource, shots: Sequence[Shot]) -> list[str]:
    """Notes on where paintings were laid, and on those that look like another scene than their frame.

    Raises `InputError` as `read_painted_frame` does.
    """
    if not keyframes:
        return []
    # It loads a network: too slow for those who paint nothing.
    from impasto.stylizers.painted.frame import USUAL, read_painted_frame

    clip, notes = SourceShot(source, shots, 0).clip, []
    for keyframe in keyframes:
        (frame,) = clip.sample([keyframe.frame])
        painted = read_painted_frame(keyframe.image, to_bytes(frame))
        if painted.note:
            notes.append(painted.note)
        if painted.mismatch > USUAL:
            notes.append(
                f"The painted frame {str(keyframe.image)!r} looks like another scene than frame {keyframe.frame} of "
                f"the source (mismatch {painted.mismatch:.2f}, up to {USUAL:g} is usual); check that it belongs there."
            )
    return notes
