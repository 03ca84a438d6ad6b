"""What a run of `impasto stylize` tells of its output: from what source it was made, and after what."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from impasto.errors import InputError
from impasto.evaluation.running.comparison import Comparison, read_json
from impasto.job.hashing import sha256_of


def completed(comparison: Comparison) -> tuple[Comparison, list[str]]:
    """The comparison with what is missing in it from the run record beside the output, and sentences on that.

    A file that the record names counts only while its content is what was read then.
    """
    path = comparison.output.with_suffix(".run.json")
    if not path.is_file():
        return comparison, []
    try:
        return _completed(comparison, path, read_json(path))
    except (InputError, LookupError, TypeError, AttributeError):
        return comparison, [f"{path} is no run record that can be understood; nothing is taken from it."]


def _completed(comparison: Comparison, path: Path, record: dict[str, Any]) -> tuple[Comparison, list[str]]:
    if Path(record["output"]["path"]).name != comparison.output.name:
        return comparison, []
    guidance, notes = record["guidance"], []
    hashes = {**record["pictures"], record["input"]["path"]: record["input"]["sha256"]}

    def find(name: str | None) -> Path | None:
        for file in (Path(name), path.parent / name) if name else ():
            if file.exists() and sha256_of(file) == hashes[name]:
                notes.append(f"{path} names {str(file)!r}; it is compared with that.")
                return file
        if name:
            notes.append(f"{path} names {name!r}, which is not there as it was; give it, or go without.")
        return None

    source = comparison.source or find(record["input"]["path"])
    styles = comparison.styles
    if not styles:
        styles = tuple(file for style in guidance["styles"] if (file := find(style["image"])))
        named = [style["name"] for style in guidance["styles"] if style["name"]]
        notes += [f"{path} names the style {name!r}, of which there is no picture to compare with." for name in named]
    prompt = comparison.prompt
    if not prompt and guidance["prompt"]:
        prompt = guidance["prompt"]
        notes.append(f"{path} names the prompt {prompt!r}; it is compared with that.")
    first_frame = comparison.first_frame or find(guidance["first_frame"])
    return replace(comparison, source=source, styles=styles, prompt=prompt, first_frame=first_frame), notes
