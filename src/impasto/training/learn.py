"""`impasto learn`: from style pictures and material to a net file, with checkpoints on the way.

Everything lies in `OUT.impasto/` until the net is complete; a preview is written beside it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from impasto.errors import Interrupted, OutputProblem, UnsupportedOption
from impasto.guidance import Style
from impasto.losses.style import STYLE_LOSSES
from impasto.stylizers.feedforward.netfile import SUFFIX, save_net
from impasto.stylizers.feedforward.styles import check_style_name
from impasto.training.checkpoint import read_checkpoint, write_checkpoint
from impasto.training.learning import Figures, LearnConfig, Learning
from impasto.training.material import Material, read_material
from impasto.training.preview import write_preview
from impasto.video.files import remove, work_path, writing
from impasto.video.pictures import read_style_picture


@dataclass(frozen=True, kw_only=True)
class LearnRun:
    styles: tuple[Style, ...]
    on: tuple[Path, ...] = ()
    """Videos, pictures and folders of both; rendered scenes where there are none."""
    output: Path
    overwrite: bool = False
    config: LearnConfig

    @property
    def preview(self) -> Path:
        """`net.preview.jpg` for `net.safetensors`."""
        return self.output.with_suffix(".preview.jpg")

    @property
    def checkpoint(self) -> Path:
        return work_path(self.output) / "checkpoint.safetensors"


@dataclass(frozen=True)
class Progress:
    step: int
    steps: int
    figures: Figures
    note: str = ""
    """A sentence on what went wrong and was mended."""


def learn(run: LearnRun) -> Iterator[Progress]:
    """Teach a network and write `run.output`; goes on from the checkpoint that the same run left.

    Raises:
        ImpastoError: see `impasto.errors`; the output is then as it was before.
    """
    _check(run)
    material = read_material(run.on)
    key = _key(run, material)
    learning = Learning(run.styles, material, run.config)
    if run.checkpoint.exists():
        state, of = read_checkpoint(run.checkpoint)
        if of == key:
            learning.resume(state)
        elif not run.overwrite:
            raise OutputProblem(
                f"{str(run.checkpoint.parent)!r} holds what another command has learned; repeat that one, "
                "or add --overwrite to begin anew."
            )
    with writing(run.checkpoint.parent):
        run.checkpoint.parent.mkdir(exist_ok=True)
    yield from _advance(run, learning, key)
    facts = {
        "steps": learning.step,
        "seed": run.config.seed,
        "material": material.name,
        "style_loss": run.config.style_loss,
        **{name: round(value, 4) for name, value in asdict(learning.figures).items()},
    }
    save_net(learning.averaged(), _names(run.styles), learning.code.colors, facts, run.output)
    write_preview(learning, run.styles, run.preview)
    remove(run.checkpoint.parent)
    yield Progress(learning.step, run.config.steps, learning.figures)


@contextmanager
def interruption_told(run: LearnRun) -> Iterator[None]:
    """Turn `KeyboardInterrupt` into `Interrupted`, which says how to go on."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if not run.checkpoint.exists():
            remove(run.checkpoint.parent)
            raise Interrupted("Stopped before the first checkpoint; nothing is left.") from stop
        step = int(read_checkpoint(run.checkpoint)[0]["progress"][0])
        raise Interrupted(
            f"Stopped; the same command goes on from step {step}, and with --steps {step} it writes what is learned."
        ) from stop


def _advance(run: LearnRun, learning: Learning, key: str) -> Iterator[Progress]:
    config = run.config
    while learning.step < config.steps:
        note = learning.advance()
        step = learning.step
        if note or step % config.save_every == 0 or step == config.steps:
            if not note:
                learning.keep()
            write_checkpoint(learning.kept, key, run.checkpoint)
            yield Progress(step, config.steps, learning.figures, note)
        if step % config.preview_every == 0:
            write_preview(learning, run.styles, run.preview)


def _check(run: LearnRun) -> None:
    if run.output.suffix != SUFFIX:
        raise OutputProblem(f"A net is a {SUFFIX} file; {str(run.output)!r} is none.")
    if not run.output.absolute().parent.is_dir():
        raise OutputProblem(f"The output folder {str(run.output.absolute().parent)!r} does not exist; make it first.")
    if run.output.is_dir() or (run.output.exists() and not run.overwrite):
        raise OutputProblem(f"The output {str(run.output)!r} exists; add --overwrite to replace it.")
    if run.config.steps < 1:
        raise UnsupportedOption(f"steps {run.config.steps} is out of range; give a whole number from 1 on.")
    if run.config.seed < 0:
        raise UnsupportedOption(f"seed {run.config.seed} is out of range; give a whole number from 0 on.")
    if run.config.style_loss not in {"statistics", *STYLE_LOSSES}:
        raise UnsupportedOption(f"Unknown style loss {run.config.style_loss!r}; known: {', '.join(STYLE_LOSSES)}.")
    if any(style.start for style in run.styles):
        raise UnsupportedOption("A network learns one style for all times; leave out the times of the styles.")
    for style in run.styles:
        if style.name is not None:
            check_style_name(style.name)


def _names(styles: tuple[Style, ...]) -> tuple[str, ...]:
    return tuple(style.name or (style.image.stem if style.image else "") for style in styles)


def _key(run: LearnRun, material: Material) -> str:
    """Whatever decides the result, but for the number of steps: more of them go on from fewer."""
    together = hashlib.sha256(repr(replace(run.config, steps=0)).encode())
    for style in run.styles:
        together.update(f"{style.name} {style.weight}".encode())
        if style.image is not None:
            together.update(read_style_picture(style.image).tobytes())
    for sample in material.samples:
        together.update(sample.frames.tobytes())
    return together.hexdigest()
