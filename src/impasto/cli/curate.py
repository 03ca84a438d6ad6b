"""`impasto curate`: pairs to learn from."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, say
from impasto.errors import UnsupportedOption
from impasto.job.wording import clock_text, count_text

if TYPE_CHECKING:
    from impasto.curation.curate import Progress
    from impasto.curation.spreading import Spread
    from impasto.perception.control.pictures import ControlKind

SOME_FAILED = 1
SECONDS_BETWEEN_LINES = 5.0
Repeated = Parameter(negative=(), show_default=False)


def curate(
    *sources: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    preset: Literal["ct", "sft"] = "ct",
    size: Literal["nano", "480p"] = "nano",
    frames: int = 17,
    route: Annotated[tuple[str, ...], Repeated] = (),
    style: Annotated[tuple[str, ...], Repeated] = (),
    painter: str = "swift",
    animator: Literal["nano", "vace"] = "nano",
    control: str = "depth",
    editor: str = "",
    vlm: str = "",
    structure: Literal["nano", "dino"] = "nano",
    pairs: int = 1,
    limit: Annotated[tuple[str, ...], Repeated] = (),
    review: Path | None = None,
    seed: int = 0,
    on: str | None = None,
    workers: int | None = None,
    json: Annotated[bool, Switch] = False,
) -> int:
    """Make pairs of clips to learn from: raw and stylized, with captions and style pictures.

    The same command goes on where it was stopped. With other limits, or --review, it decides anew and makes nothing
    again. Exit code 1 where some failed.

    Parameters
    ----------
    sources
        Videos, with NAME.txt beside NAME.mp4 to say what it shows, folders of them, and world:40 for 40 rendered
        scenes. None: those that the folder was begun with.
    output
        The folder, made if it is missing: shards/, index.parquet, report.md, kept.jpg, review.html.
    preset
        ct keeps what passes the filters; sft has stricter ones and keeps what a person has kept.
    size
        nano is about 256x144, 480p about 832x480.
    frames
        Of each clip, 4n+1.
    route
        redrawn, swift, ruder, gatys, animated or reversed; repeat it, and clips take turns. By default redrawn and
        swift.
    style
        A picture, a folder of them or the name of a style to paint after; by default all named styles.
    painter
        What paints first frames for animated: a model, instantstyle or an editor.
    animator
        What sets first frames moving: nano offline, vace on a graphics card.
    control
        What both sides of animated and reversed are led by: depth, pose, or both with a comma.
    editor
        What turns paintings into photos, for reversed: qwen-image-edit, or http://HOST/v1#MODEL.
    vlm
        qwen or http://HOST/v1#MODEL: captions clips that have no words, and answers questions about pairs.
    structure
        dino measures structure by DINOv2 as well.
    pairs
        Made of each clip, each in another style.
    limit
        FILTER=NUMBER instead of the preset's, FILTER=off without; report.md shows the filters.
    review
        The verdicts that review.html saved.
    seed
        The same seed gives the same pairs.
    on
        ray://HOST:PORT of a Ray cluster whose machines share the files, or local for worker processes on this machine.
    workers
        How many pairs are made at once.
    json
        Print the report as one JSON object.
    """
    from impasto.curation.config import PRESETS, SIZES
    from impasto.curation.curate import curate as make
    from impasto.curation.plan import Settings, read_settings
    from impasto.curation.review import read_notes

    _check(frames, pairs, workers, on)
    config = PRESETS[preset]
    config = replace(
        config,
        pixels=SIZES[size],
        frames=frames,
        routes=route or config.routes,
        styles=style,
        painter=painter,
        animator=animator,
        controls=_controls(control),
        editor=editor,
        vlm=vlm,
        structure=structure,
        pairs=pairs,
        limits=_limits(dict(config.limits), limit),
        seed=seed,
    )
    settings = Settings(sources=sources, config=config)
    if not sources and (before := read_settings(output)):
        untold = replace(PRESETS["ct"], pixels=SIZES["nano"], controls=_controls("depth"), limits=config.limits)
        if config != untold:
            raise UnsupportedOption(
                f"Without sources the settings of {str(output)!r} hold; give --limit and --review alone, or sources."
            )
        settings = replace(before, config=replace(before.config, limits=_limits(dict(before.config.limits), limit)))
    verdicts = read_notes(review) if review else None
    with _spread(on, workers) as spread:
        report = make(output, settings, spread, _tell(), verdicts)
    if json:
        print_json(report)
    else:
        for failure in report.failed:
            print(f"{failure.name}: {failure.reason}")
        waiting = f", {report.waiting} wait for {output / 'review.html'}" if report.waiting else ""
        print(
            f"{output}: {report.kept} of {count_text(report.planned, 'pair')} kept, {report.dropped} dropped{waiting}, "
            f"{len(report.failed)} failed; see {output / 'report.md'}."
        )
    return SOME_FAILED if report.failed else 0


def _check(frames: int, pairs: int, workers: int | None, on: str | None) -> None:
    if frames < 5 or frames % 4 != 1:
        raise UnsupportedOption(f"--frames {frames} does not go; give 4n+1, such as 17 or 81.")
    if pairs < 1:
        raise UnsupportedOption(f"--pairs {pairs} does not go; give 1 or more.")
    if workers is not None and (on is None or workers < 1):
        raise UnsupportedOption(f"--workers {workers} does not go; give 1 or more, and --on for where they are.")


def _controls(text: str) -> "tuple[ControlKind, ...]":
    from impasto.perception.control.pictures import CONTROLS

    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in CONTROLS]:
        raise UnsupportedOption(f"--control {unknown[0]!r} does not go; give {', '.join(CONTROLS)}, or both.")
    return tuple(kind for kind in CONTROLS if kind in names)


def _limits(limits: dict[str, float], texts: tuple[str, ...]) -> dict[str, float]:
    from impasto.curation.filters import FILTERS

    known = [each.key for each in FILTERS]
    for text in texts:
        name, equals, number = text.partition("=")
        if name not in known or not equals:
            raise UnsupportedOption(f"--limit {text!r} names no filter; write FILTER=NUMBER with {', '.join(known)}.")
        if number == "off":
            limits.pop(name, None)
            continue
        try:
            limits[name] = float(number)
        except ValueError as error:
            raise UnsupportedOption(f"--limit {text!r} has no number; write for example {name}=0.5.") from error
    return limits


@contextmanager
def _spread(on: str | None, workers: int | None) -> "Iterator[Spread]":
    from impasto.curation.spreading import OnRay, here

    if on is None:
        yield here
        return
    # Ray tells on stdout when a worker dies.
    with redirect_stdout(sys.stderr), OnRay(on, workers) as spread:
        yield spread


def _tell():
    last = -SECONDS_BETWEEN_LINES

    def tell(progress: "Progress") -> None:
        nonlocal last
        if progress.seconds - last < SECONDS_BETWEEN_LINES and progress.done < progress.total:
            return
        last = progress.seconds if progress.done < progress.total else -SECONDS_BETWEEN_LINES
        rate = progress.done / max(progress.seconds, 1e-9)
        left = clock_text((progress.total - progress.done) / rate)
        say(f"{progress.doing}: {progress.done} of {progress.total}, {3600 * rate:.0f} an hour, {left} left")

    return tell
