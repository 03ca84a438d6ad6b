"""What can be refused before any frame is decoded."""

import os
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

from impasto.errors import InputError, ModelError, OutputProblem, UnsupportedOption
from impasto.guidance import Guidance
from impasto.stylizers.base import Model, Preset, check_guidance
from impasto.stylizers.registry import PRIOR, models
from impasto.video.formats import OutputFormat
from impasto.video.pictures import read_style_picture
from impasto.video.source import open_source
from impasto.video.types import VideoInfo
from impasto.weights.hub import bytes_to_fetch
from impasto.weights.paths import weights_files

DIFFUSION_PACKAGES = ("accelerate", "diffusers", "huggingface_hub", "peft", "transformers")
"""Of the extra `diffusion`."""
DIFFUSION_ADVICE = "run pip install '.[diffusion]' in Impasto's folder"
NOTHING = Guidance()
SMALLEST_HEVC = 64
"""A block of x265's."""


def check_values(guidance: Guidance) -> None:
    """Raise `UnsupportedOption` for a number out of range, `InputError` for an empty prompt."""
    for name, value in (("strength", guidance.strength), ("structure", guidance.structure)):
        if not 0 <= value <= 1:
            raise UnsupportedOption(f"{name} {value:g} is out of range; give a number from 0 to 1.")
    if guidance.prompt is not None and not guidance.prompt.strip():
        raise InputError("The prompt is empty; describe the style, or leave --prompt out.")
    if guidance.refine and guidance.prompt is None:
        raise UnsupportedOption("--refine is for the style that a prompt describes; add --prompt, or leave it out.")
    if guidance.seed < 0:
        raise UnsupportedOption(f"seed {guidance.seed} is out of range; give a whole number from 0 on.")
    for style in guidance.styles:
        if not 0 < style.weight < float("inf"):
            raise UnsupportedOption(f"style weight {style.weight:g} is out of range; give a number above 0.")


def check_model_takes(model: Model, guidance: Guidance, preset: Preset) -> None:
    """Raise where the model cannot do what is asked, nothing is asked, or packages or a weights file are missing."""
    check_values(guidance)
    check_guidance(model, guidance)
    if preset not in model.capabilities.presets:
        known = ", ".join(model.capabilities.presets)
        raise UnsupportedOption(f"Model {model.name!r} has no preset {preset!r}; it has {known}.")
    if missing := missing_packages(model, guidance):
        what = "--refine" if guidance.refine else f"Model {model.name!r}"
        raise ModelError(f"{what} needs {', '.join(missing)}, not installed here; {DIFFUSION_ADVICE}.")
    needed = model.under(guidance)
    weights_files(needed.weights)
    for published in needed.hub:
        bytes_to_fetch(published)


def missing_packages(model: Model, guidance: Guidance = NOTHING) -> list[str]:
    """Those of the extra `diffusion` that a model needs, or the refining of its prompt, and that are not installed."""
    needed = DIFFUSION_PACKAGES if model.family == "diffusion" or guidance.refine else ()
    return [name for name in needed if find_spec(name) is None]


def check_makes(model: Model) -> None:
    """Raise `UnsupportedOption` for a model that only repaints."""
    if model.capabilities.canvas is None:
        able = [other.name for other in models().values() if other.capabilities.canvas]
        raise UnsupportedOption(
            f"Model {model.name!r} repaints and makes no clips of its own; {', '.join(able) or 'none'} can."
        )


def check_unmasked(guidance: Guidance) -> None:
    """Raise `UnsupportedOption` for a mask where there is no source to keep."""
    if guidance.mask is not None:
        raise UnsupportedOption(f"The mask {str(guidance.mask)!r} has nothing to keep; leave it out.")


def check_repaints(model: Model) -> None:
    """Raise `UnsupportedOption` for a model that only makes clips of its own."""
    if not model.capabilities.repaints:
        raise UnsupportedOption(
            f"Model {model.name!r} makes clips and repaints none; use it with `impasto generate`, or choose another."
        )


def check_styles(guidance: Guidance) -> None:
    """Raise `InputError` for a picture that cannot be read and a style name that does not exist."""
    for keyframe in guidance.painted_frames:
        read_style_picture(keyframe.image)
    for style in guidance.styles:
        if style.image is not None:
            read_style_picture(style.image)
        elif style.name is not None:
            # Named styles live beside a network: reading their list is too slow for those who do not ask for one.
            from impasto.stylizers.feedforward.styles import check_style_name

            check_style_name(style.name)


def check_prompt(model: Model, guidance: Guidance) -> tuple[str, ...]:
    """Notes on a prompt that is read in part only; raises `UnsupportedOption` where the model knows no word of it."""
    if not guidance.prompt or PRIOR not in model.weights:
        return ()
    from impasto.stylizers.feedforward.prior import read_prompt

    read = read_prompt(guidance.prompt)
    return () if read == guidance.prompt else (f"The prompt is too long; it is read up to '...{read[-30:]}'.",)


def check_mask(guidance: Guidance) -> None:
    """Raise `UnreadableInput` for a mask that cannot be read."""
    if guidance.mask is not None:
        open_source(guidance.mask)


def check_rate(fps: Fraction | None, info: VideoInfo) -> None:
    """Raise `UnsupportedOption` for a frame rate beside a video, which has its own."""
    if fps is not None and info.kind == "video":
        raise UnsupportedOption(
            f"{str(info.path)!r} has a frame rate of its own; leave --fps out, which is for folders of pictures."
        )


def check_codec(fmt: OutputFormat, info: VideoInfo) -> None:
    """Raise `UnsupportedOption` for frames so small that the encoder can bring down the whole program."""
    if fmt.codec == "hevc" and max(info.width, info.height) < SMALLEST_HEVC:
        raise UnsupportedOption(
            f"hevc does not encode frames as small as {info.width}x{info.height} reliably; take --codec h264."
        )


def check_output(output: Path, fmt: OutputFormat, inputs: list[tuple[Path, str]], overwrite: bool) -> None:
    """Raise `OutputProblem` where the output would destroy something, or has nowhere to go.

    `inputs` are files that must survive, each with what it is.
    """
    for path, what in inputs:
        if output.exists() and path.exists() and os.path.samefile(output, path):
            raise OutputProblem(f"The output {str(output)!r} is the {what} itself; choose another name.")
        if output.is_dir() and output.resolve() in path.resolve().parents:
            raise OutputProblem(f"The output folder {str(output)!r} holds the {what} {path.name!r}; choose another.")
    folder = output.absolute().parent
    if not folder.is_dir():
        raise OutputProblem(f"The output folder {str(folder)!r} does not exist; make it first or choose another.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputProblem(f"The output folder {str(folder)!r} cannot be written to; choose another.")
    if os.path.lexists(output):
        _check_may_replace(output, fmt, overwrite)


def _check_may_replace(output: Path, fmt: OutputFormat, overwrite: bool) -> None:
    if (fmt.kind == "folder") != output.is_dir():
        what = "a folder" if output.is_dir() else "a file"
        raise OutputProblem(f"The output {str(output)!r} exists and is {what}; choose another name.")
    if fmt.kind == "folder":
        if not any(output.iterdir()):
            return
        # --overwrite replaces the whole folder, so it must hold nothing that a run did not put there.
        foreign = [path.name for path in output.iterdir() if path.suffix.lower() != ".png"]
        if overwrite and foreign:
            raise OutputProblem(
                f"The output folder {str(output)!r} holds more than frames ({foreign[0]!r}); choose another."
            )
    if not overwrite:
        raise OutputProblem(f"The output {str(output)!r} exists; add --overwrite to replace it.")
