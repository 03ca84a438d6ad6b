"""`python -m impasto.app.work TASK LIMITS`: the program that reads what visitors sent, apart from the server.

It works in the current folder, tells how far it is in JSON lines on stdout, and stops when its stdin is closed, which
is also what happens where the server dies. The last line says what came out: `done`, or `error` with a sentence.
"""

import _thread
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO

from impasto.app.limits import Limits
from impasto.app.order import BEFORE, FIRST_FRAME, POSTER, PREVIEW, RECORD, RESULT, STORED, moment_in, request_in
from impasto.errors import ImpastoError, Interrupted, UnsupportedOption
from impasto.job.events import Event, FrameDone, Planned
from impasto.job.looks import FrameNumbers
from impasto.job.pixels import to_bytes
from impasto.job.plain import plain
from impasto.job.plan import Plan, make_plan
from impasto.job.status import Status
from impasto.job.wording import clock_text, duration_text
from impasto.video.pictures import PICTURE_FORMATS, over_white, read_picture, write_picture
from impasto.video.types import Picture, VideoInfo

SECONDS_BETWEEN_WORDS = 0.3
SECONDS_BETWEEN_PREVIEWS = 1.0
SECONDS_TO_STOP = 20.0
PREVIEW_SIDE = 640
SMALLEST_SIDE = 16
"""Of frames of which only the time counts."""
HEADROOM = 2
"""A program maps more memory than it uses: the hard limit of the system is that many times the one that is watched."""
STOPPING = threading.Event()
"""Set once the server wants this process to end."""
_PLAYABLE = {"mp4": {"h264", "av1"}, "webm": {"vp8", "vp9", "av1"}}
"""What every browser of today plays: codecs by container."""


class Words:
    """What is told to the server."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, **message: Any) -> None:
        with self._lock:
            self._stream.write(json.dumps(message) + "\n")
            self._stream.flush()


class Telling:
    """A listener of a run that tells the server, keeps a preview picture, and ends a run that is to stop."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._status = Status("Repainting", time.monotonic)
        self._told = self._shown = -1e9
        self._task = ""

    def __call__(self, event: Event) -> None:
        # The interrupt itself may be lost: some libraries catch everything while they are imported.
        if STOPPING.is_set():
            raise KeyboardInterrupt
        if isinstance(event, Planned):
            self._words.say(plan=plan_facts(event.plan))
        now = time.monotonic()
        if isinstance(event, FrameDone) and event.painted is not None and now - self._shown > SECONDS_BETWEEN_PREVIEWS:
            self._shown = now
            write_small(to_bytes(event.painted), Path(PREVIEW))
        if shown := self._status.after(event):
            task, fraction, detail = shown
            if task != self._task or now - self._told > SECONDS_BETWEEN_WORDS or fraction >= 1:
                self._task, self._told = task, now
                self._words.say(task=task, fraction=fraction, detail=detail)


def plan_facts(plan: Plan) -> dict[str, Any]:
    """Of a plan, what a visitor wants to know."""
    # The first lines say what the other keys say; the first two of them hold paths.
    lines = plan.lines()[3 if plan.seconds is None else 4 :]
    return {
        "frames": plan.frames,
        "shots": len(plan.shots),
        "memory_bytes": plan.memory_bytes,
        "disk_bytes": plan.disk_bytes,
        "seconds": plan.seconds,
        "working_size": list(plan.working_size),
        "lines": lines,
    }


def look_at_clip(limits: Limits, words: Words) -> dict[str, Any]:
    """Facts of an uploaded clip, its shots among them; leaves its first frame and a poster beside it."""
    from impasto.video.shots import find_shots
    from impasto.video.videofile import VideoFile

    source = VideoFile(Path(STORED))
    info = source.info
    if info.width * info.height > limits.frame_pixels:
        raise UnsupportedOption(
            f"The clip has {info.width}x{info.height} pixels; up to {limits.megapixels} million are taken here, "
            "so make it smaller."
        )
    check_length(info.duration, limits)
    shots = find_shots(source, lambda frames, time: check_length(time, limits))
    first = next(iter(source.frames(0, 1)))
    write_picture(Path(FIRST_FRAME), first.rgb)
    write_small(first.rgb, Path(POSTER))
    info = source.info
    return {
        "width": info.width,
        "height": info.height,
        "frames": info.frames,
        "fps": round(float(info.fps), 3),
        "seconds": round(float(info.duration), 3),
        "sound": any(track.kind == "audio" for track in info.tracks),
        "shots": plain(shots),
        "plays": _plays(info),
        "notes": list(source.notes),
    }


def look_at_picture(limits: Limits, words: Words) -> dict[str, Any]:
    """Facts of an uploaded picture, which is replaced by a PNG of ours: what came is never opened again."""
    stored = Path(STORED)
    check_pixels(stored, limits)
    rgb, alpha = read_picture(stored)
    write_picture(Path("own.png"), rgb, alpha)  # a mask is black where it is see-through
    Path("own.png").replace(stored)
    write_small(rgb if alpha is None else over_white(rgb, alpha), Path(POSTER))
    return {"width": rgb.shape[1], "height": rgb.shape[0]}


def look_at_frame(limits: Limits, words: Words) -> dict[str, Any]:
    """Write the frame that a keyframe at the time of this folder belongs to."""
    from impasto.video.videofile import VideoFile

    moment, source = moment_in(Path()), VideoFile(Path(STORED))
    numbers = FrameNumbers([moment])
    for begins, _ in source.small_frames(SMALLEST_SIDE):
        numbers.see(begins)
        if begins >= moment:
            break
    number = numbers.nearest(moment)
    if number == numbers.count:
        raise UnsupportedOption(f"The clip ends before {clock_text(float(moment))}; give an earlier time.")
    (frame,) = source.frames(number, number + 1)
    write_picture(Path(FIRST_FRAME), frame.rgb)
    return {"frame": number}


def plan(limits: Limits, words: Words) -> dict[str, Any]:
    """The plan of the request in this folder."""
    return plan_facts(make_plan(request_in(Path()), Telling(words)))


def run(limits: Limits, words: Words) -> dict[str, Any]:
    """The run of the request in this folder, and a clip of its source where browsers do not play that itself."""
    from impasto.job.encoding import encode_as_it_is
    from impasto.job.run import run as repaint
    from impasto.video.source import open_source

    request = request_in(Path())
    if not Path(RESULT).exists():
        repaint(request, Telling(words))
    assert isinstance(request.source, Path)
    source = open_source(request.source)
    if not _plays(source.info) and not Path(BEFORE).exists():
        words.say(task="Preparing the comparison", fraction=1.0, detail="")
        encode_as_it_is(source, Path(BEFORE))
    record = json.loads(Path(RECORD).read_text(encoding="utf-8"))
    return {"frames": record["output"]["frames"], "bytes": record["output"]["bytes"], "notes": record["notes"]}


TASKS: dict[str, Callable[[Limits, Words], dict[str, Any]]] = {
    "clip": look_at_clip,
    "picture": look_at_picture,
    "frame": look_at_frame,
    "plan": plan,
    "run": run,
}


def check_length(seconds: Fraction, limits: Limits) -> None:
    """Raise `UnsupportedOption` for a clip that is too long; the file may have promised less."""
    if seconds > limits.clip_seconds:
        raise UnsupportedOption(
            f"The clip is longer than the {duration_text(limits.clip_seconds)} that are taken here; cut it shorter."
        )


def check_pixels(picture: Path, limits: Limits) -> None:
    """Raise `UnsupportedOption` for a picture that would be huge once it is unpacked; reads its head only."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # ours is the smaller limit, and says what to do
    try:
        with Image.open(picture, formats=PICTURE_FORMATS) as opened:
            pixels = opened.width * opened.height
    except Exception:
        return  # `read_style_picture` says what is wrong with it
    if pixels > limits.picture_pixels:
        raise UnsupportedOption(
            f"The picture has {pixels / 1e6:.0f} million pixels; up to {limits.picture_pixels / 1e6:.0f} million are "
            "taken here, so make it smaller."
        )


def write_small(rgb: Picture, path: Path) -> None:
    """A JPEG of it with no side over `PREVIEW_SIDE`."""
    import cv2

    scale = min(1.0, PREVIEW_SIDE / max(rgb.shape[:2]))
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    write_picture(path, cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(rgb.dtype, copy=False))


def _plays(info: VideoInfo) -> bool:
    codecs = next((codecs for container, codecs in _PLAYABLE.items() if container in info.container), set())
    return info.codec in codecs and info.bit_depth == 8 and not info.interlaced


def main() -> int:
    """Do one task; the exit code is that of the command line."""
    task, limits = sys.argv[1], Limits(**json.loads(sys.argv[2]))
    # Libraries print where they like: the words go through a copy of stdout, all else to the log.
    words = Words(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever ran the server with `&` had it ignored
    threading.Thread(target=_end_with_server, daemon=True).start()
    _bound(limits)
    try:
        words.say(done=TASKS[task](limits, words))
        return 0
    except ImpastoError as error:
        words.say(error=str(error), code=error.exit_code)
        return error.exit_code
    except KeyboardInterrupt:
        return Interrupted.exit_code


def _end_with_server() -> None:
    sys.stdin.buffer.read()
    STOPPING.set()
    _thread.interrupt_main()
    time.sleep(SECONDS_TO_STOP)
    os._exit(Interrupted.exit_code)


def _bound(limits: Limits) -> None:
    """What the system itself holds this process to; the server watches the rest."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_DATA, HEADROOM * limits.job_gigabytes * 1_000_000_000),
        (resource.RLIMIT_FSIZE, limits.disk_gigabytes * 1_000_000_000),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    sys.exit(main())
