"""Measuring: one pass over each clip for all metrics of single moments, then whatever reads the clip by itself."""

from collections.abc import Callable, Iterator, Sequence

from impasto.evaluation.metrics.metric import ClipMetric, FrameMetric, Metric, Reference, SetMetric
from impasto.evaluation.running.attempts import ClipAttempt, FrameAttempt, SetAttempt
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.external import ExternalFigure
from impasto.evaluation.running.references import References
from impasto.evaluation.running.results import ClipResult, Evaluation


def evaluate(
    clips: Sequence[Clip],
    metrics: Sequence[Metric],
    every_frame: bool = False,
    external: Sequence[ExternalFigure] = (),
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Evaluation]:
    """Measure clips; gives all that is known whenever there is more of it, so that stopping loses little.

    A metric that cannot be measured, on one clip or at all, says why in its figure, and the others go on.

    Args:
        metrics: each is measured on the clips that have what it needs.
        every_frame: look at all frames, not at about 8 a second.
        say: hears what is being measured.

    Raises:
        UnreadableInput: a style picture or a first frame cannot be read.
    """
    pictures = References()
    references = [pictures.of(clip.comparison) for clip in clips]
    work = [_ClipWork(*each, metrics, every_frame) for each in zip(clips, references, strict=True)]
    sets = []
    for metric in metrics:
        fed = [n for n, clip in enumerate(clips) if metric.needs <= clip.comparison.given]
        if isinstance(metric, SetMetric) and fed:
            sets.append(SetAttempt(metric, [clips[n] for n in fed], [references[n] for n in fed]))

    def found() -> Evaluation:
        return Evaluation(
            metrics=tuple(metrics),
            clips=tuple(each.result() for each in work),
            together={each.metric.key: each.figure for each in sets},
            every_frame=every_frame,
            external=tuple(external),
        )

    yield found()
    for each in sets:
        each.begin()
    for number, each in enumerate(work, 1):
        for stage, run in each.stages(sets):
            say(f"{number} of {len(work)}, {each.clip.comparison.output}: {stage}")
            run()
            yield found()
    for each in sets:
        each.finish()
    yield found()


class _ClipWork:
    """What is measured on one clip."""

    def __init__(self, clip: Clip, reference: Reference, metrics: Sequence[Metric], every_frame: bool) -> None:
        self.clip = clip
        self._step = clip.step(every_frame)
        self._attempts: dict[str, FrameAttempt | ClipAttempt] = {}
        for metric in metrics:
            if metric.needs <= clip.comparison.given:
                if isinstance(metric, FrameMetric):
                    self._attempts[metric.key] = FrameAttempt(metric, clip, reference)
                elif isinstance(metric, ClipMetric):
                    self._attempts[metric.key] = ClipAttempt(metric, clip, reference)

    def stages(self, sets: Sequence[SetAttempt]) -> Iterator[tuple[str, Callable[[], None]]]:
        """What is to be done, each with its name."""
        frames = [attempt for attempt in self._attempts.values() if isinstance(attempt, FrameAttempt)]
        fed = [each for each in sets if self.clip in each.clips]
        if frames or fed:
            yield "single frames", lambda: self._look(frames, fed)
        for attempt in self._attempts.values():
            if isinstance(attempt, ClipAttempt):
                yield attempt.metric.key, attempt.run

    def result(self) -> ClipResult:
        """What is known so far."""
        figures = {key: attempt.figure for key, attempt in self._attempts.items()}
        return ClipResult(clip=self.clip, step=self._step, figures=figures)

    def _look(self, frames: Sequence[FrameAttempt], sets: Sequence[SetAttempt]) -> None:
        for attempt in frames:
            attempt.begin()
        for look in self.clip.looks(self._step):
            for attempt in (*frames, *sets):
                attempt.add(look)
        for attempt in frames:
            attempt.finish(self.clip.times[:: self._step].tolist())
