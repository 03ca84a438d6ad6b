"""Which transitions between shots are found, and how many are found where there are none: clips of one shot, joined."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Measurement, main, say
from impasto.evaluation.assets import asset
from impasto.video.shots import find_shots
from impasto.video.source import open_source

WIDTH, HEIGHT = 256, 144
ORDERS = 2
"""In which the clips are joined, for each kind of transition."""
LONGEST_CLIP = 90
Frames = NDArray[np.uint8]
Joint = Callable[[Frames, Frames], tuple[Frames, int, int]]
"""Takes two shots; gives them joined, and where the second may be said to begin: first and last frame."""


def cut(first: Frames, second: Frames) -> tuple[Frames, int, int]:
    return np.concatenate([first, second]), len(first), len(first)


def dissolve(frames: int) -> Joint:
    def joint(first: Frames, second: Frames) -> tuple[Frames, int, int]:
        share = ((np.arange(frames) + 1) / (frames + 1))[:, None, None, None]
        mixed = np.round(first[-frames:] * (1 - share) + second[:frames] * share).astype(np.uint8)
        start = len(first) - frames
        return np.concatenate([first[:start], mixed, second[frames:]]), start, len(first)

    return joint


def fade(color: int, frames: int = 12, held: int = 4) -> Joint:
    def joint(first: Frames, second: Frames) -> tuple[Frames, int, int]:
        blank = np.full((held, HEIGHT, WIDTH, 3), color, np.uint8)
        (out, start, _), away = dissolve(frames)(first, np.repeat(blank[:1], frames, 0)), dissolve(frames)
        whole, _, _ = away(np.concatenate([out, blank, np.repeat(blank[:1], frames, 0)]), second)
        return whole, start, start + 2 * frames + held

    return joint


KINDS: dict[str, Joint] = {
    "cut": cut,
    **{f"dissolve{frames}": dissolve(frames) for frames in (6, 12, 24)},
    "black": fade(0),
    "white": fade(255),
}


def read_small(path: Path) -> Frames:
    frames = [
        cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        for _, rgb in open_source(path).small_frames(WIDTH)
    ]
    return np.stack(frames[:LONGEST_CLIP])


def write_clip(path: Path, frames: Frames) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for rgb in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())


def judge(joint: Joint, shots: list[Frames], path: Path) -> tuple[int, int]:
    """How many transitions of the joined shots are found, and how many are found elsewhere."""
    whole, places = shots[0], []
    for shot in shots[1:]:
        whole, first, last = joint(whole, shot)
        places.append((first, last))
    write_clip(path, whole)
    starts = [shot.start for shot in find_shots(open_source(path))][1:]
    found = sum(any(first <= start <= last for start in starts) for first, last in places)
    invented = sum(not any(first <= start <= last for first, last in places) for start in starts)
    return found, invented


def measure(quick: bool = False) -> Measurement:
    # The one with a cut of its own is left out.
    files = [path for path in sorted(asset("eval/videos").glob("*.mp4")) if "bbb" not in path.name]
    clips = [read_small(path) for path in files[: 3 if quick else None]]
    rng, rows = np.random.default_rng(0), {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, joint in KINDS.items():
            counts = [
                judge(joint, [clips[i] for i in rng.permutation(len(clips))], Path(folder) / f"{kind}.mp4")
                for _ in range(1 if quick else ORDERS)
            ]
            found, invented = np.sum(counts, 0).tolist()
            there = len(counts) * (len(clips) - 1)
            rows[kind] = {"found": found / there, "invented": invented}
            say(f"{kind}: {found} of {there} found, {invented} invented")
    return Measurement(
        {
            "found": float(np.mean([row["found"] for row in rows.values()])),
            "invented": sum(row["invented"] for row in rows.values()),
        },
        {
            "clips": f"{len(clips)} of eval/videos, at most {LONGEST_CLIP} frames of each, {WIDTH}x{HEIGHT}, joined "
            f"in {ORDERS} random orders by each kind of transition, H.264",
            "found": "a shot begins within the transition; the mean of the kinds",
            "invented": "shots that begin elsewhere",
            "kinds": rows,
        },
    )


if __name__ == "__main__":
    main("shots", measure)
