"""How well a clip follows its painted first frame, against clips that `ruder` repainted: it sees the first of each."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Measurement, main, say
from benchmarks.paintedclip import repaint_files
from impasto.evaluation.judge import Judge
from impasto.evaluation.squeezelpips import SqueezeLpips
from impasto.evaluation.tables.painting import paint
from impasto.evaluation.tables.protocol import QUICK, Protocol, read_frames
from impasto.evaluation.tables.rows import flicker_rows
from impasto.evaluation.tables.store import RowStore
from impasto.evaluation.warp_error import warp_error
from impasto.guidance import Guidance, Style
from impasto.stylizers.registry import DEFAULT_MODEL
from impasto.video.pictures import write_picture
from impasto.video.types import Picture

PAINTER = "ruder-gram"
"""Row of the flicker table whose frames are the target; those in its cache are taken from there."""


def later(frames: Sequence[Picture]) -> Sequence[Picture]:
    """Frames that are judged; what is near the first is easy."""
    return frames[len(frames) // 3 :: 2]


def target_of(clip: str, style: str, protocol: Protocol) -> tuple[list[Picture], list[Picture]]:
    """The frames of a clip, and the same repainted by `ruder`: painted once, a few minutes a clip."""
    row = next(row for row in flicker_rows(protocol) if row.name == PAINTER)
    store, sources = RowStore(row, protocol), read_frames(clip, row.span)
    if not store.frames_file(clip, style).exists():
        say(f"{PAINTER} paints {clip} in {style} ...")
        assert row.method
        store.keep_frames(clip, style, *paint(row.method, style, sources))
    return sources, store.frames(clip, style)


def measure(quick: bool = False) -> Measurement:
    protocol, lpips, judge = QUICK if quick else Protocol(), SqueezeLpips(), Judge()
    rows: list[dict[str, Any]] = []
    for clip, style in zip(protocol.clips, protocol.styles, strict=True):
        sources, targets = target_of(clip, style, protocol)
        with tempfile.TemporaryDirectory() as folder:
            first = Path(folder) / "first.png"
            write_picture(first, targets[0])
            ways = {"": Guidance(first_frame=first), "_plain": Guidance(styles=(Style(image=first),))}
            painted = {way: repaint_files(sources, guidance, DEFAULT_MODEL) for way, guidance in ways.items()}
        row: dict[str, Any] = {"clip": clip, "style": style}
        for way, frames in painted.items():
            judged = [
                (lpips(frame, target), judge(judge.see(frame), judge.see(source), judge.see(target)).gap)
                for frame, source, target in zip(*map(later, (frames, sources, targets)), strict=True)
            ]
            row |= dict(zip((f"lpips{way}", f"gap{way}"), np.mean(judged, 0).tolist(), strict=True))
            row[f"short{way}"] = warp_error(sources, frames).output
        row["short_target"] = warp_error(sources, targets).output
        row = {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}
        say(f"{row}")
        rows.append(row)
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key not in ("clip", "style")}
    return Measurement(
        {f"{key}_ratio": mean[key] / mean[f"{key}_plain"] for key in ("lpips", "gap", "short")} | mean,
        {
            "target": f"{PAINTER} of the flicker table: {protocol.short.name}, clip n in style n",
            "ratios": "the means of the clips, --first-frame with the target's first frame over --style with that "
            "frame, both with the default model and preset; PNG in and out",
            "judged": "every second frame from a third of the clip on",
            "lpips": "distance to the target's frame; SqueezeNet with the heads of the authors, which were fitted to "
            "other weights of it: uncalibrated (impasto.evaluation.squeezelpips)",
            "gap": "share of the style distance between source and target frame (impasto.evaluation.judge)",
            "short": "warp error x1000 over one frame (impasto.evaluation.warp_error)",
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main("firstframe", measure)
