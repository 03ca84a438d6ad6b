"""The figures of what a row paints, and of its projector.

Legend: N pictures.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import torch

from impasto.errors import ModelError
from impasto.evaluation.ablation.columns import COLUMNS, METRICS
from impasto.evaluation.ablation.painting import FPS, Painted
from impasto.evaluation.fixture.madeclip import write_lossless
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.comparison import Comparison
from impasto.evaluation.running.evaluate import evaluate
from impasto.evaluation.running.results import ClipResult
from impasto.evaluation.tables.columns import Figures
from impasto.job.pixels import to_float
from impasto.perception.clipnano import embedded_clip_nano
from impasto.stylizers.blending import luma
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.training.stylemaster.stylegroups import StyleGroups, artist_groups
from impasto.training.stylemaster.triplets import retrieval, within_style_spread


def measure(painted: Sequence[Painted]) -> Figures:
    """Means over clips, by the key of their column; None where a clip has no such figure.

    Raises:
        ModelError: weights of a metric are missing.
    """
    results = evaluated(painted, METRICS.values())
    figures: Figures = {column.key: None for column in COLUMNS}
    figures |= {key: mean_of(results, metric) for key, metric in METRICS.items()}
    figures["motion"] = _mean([_value(clip, METRICS["dynamic"], "magnitude") for clip in results])
    figures["lightness"] = _mean([_lightness(one) for one in painted])
    return figures


def evaluated(painted: Sequence[Painted], asked: Iterable[str]) -> Sequence[ClipResult]:
    """What metrics say of clips; raises `ModelError` where weights of one are missing."""
    with TemporaryDirectory() as folder:
        clips = [Clip(_written(one, Path(folder), number)) for number, one in enumerate(painted)]
        *_, evaluation = evaluate(clips, [metrics()[key] for key in asked])
    results = evaluation.clips
    missing = {figure.reason for clip in results for figure in clip.figures.values() if figure.weights_missing}
    if missing:
        raise ModelError(missing.pop())
    return results


def mean_of(results: Sequence[ClipResult], metric: str) -> float | None:
    """The mean of a metric over clips; None where one has no figure."""
    return _mean([_value(clip, metric) for clip in results])


def style_figures(model: StyleMaster) -> Figures:
    """How well the style vectors of a model tell artists apart whom none of its projectors has seen; nothing where it
    has no such vectors.

    Raises:
        ModelError: `clip-nano` is missing.
        InputError: the data folder lacks paintings.
    """
    if model.tokens is None or model.tokens.config.source is None:
        return {}
    _, held = _paintings()
    with torch.no_grad():
        vectors = model.tokens.style_vector(held.embeddings)
    return {
        "spread": within_style_spread(vectors, held.styles),
        "retrieval": retrieval(vectors, held.styles),
    }


@cache
def _paintings() -> tuple[StyleGroups, StyleGroups]:
    return artist_groups(embedded_clip_nano()).split()


def _written(one: Painted, folder: Path, number: int) -> Comparison:
    output, source = folder / f"{number}.mkv", folder / f"{number}-source.mkv"
    write_lossless(output, FPS, one.frames)
    if one.source is not None:
        write_lossless(source, FPS, one.source)
    return Comparison(
        output=output, source=source if one.source is not None else None, styles=(one.style,), prompt=one.prompt
    )


def _value(clip: ClipResult, metric: str, detail: str = "") -> float | None:
    figure = clip.figures.get(metric)
    if figure is None or figure.measured is None:
        return None
    return float(figure.measured.detail[detail] if detail else figure.measured.value)


def _lightness(one: Painted) -> float | None:
    if one.source is None:
        return None
    output, source = (fmean(float(luma(to_float(frame)).mean()) for frame in clip) for clip in (one.frames, one.source))
    return output - source


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 6) + 0.0 if known and len(known) == len(values) else None
