"""What a study compares: one result for each case and method, found by the names of the files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from impasto.errors import InputError, UnreadableInput
from impasto.video.pictures import PICTURE_SUFFIXES
from impasto.video.source import open_source

_SUFFIXES = PICTURE_SUFFIXES | {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif"}
_APART = 0.25
"""Seconds by which the results of a case may differ in length."""


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    results: Mapping[str, Path]
    """By method, all pictures or all videos of one length."""
    source: Path | None
    style: Path | None

    @property
    def paths(self) -> list[Path | None]:
        """Everything that a rater is shown of it."""
        return [self.source, self.style, *self.results.values()]


def find_cases(methods: Mapping[str, Path], sources: Path | None, styles: Path | None) -> list[Case]:
    """The cases of all folders, in the order of their names; `sources` and `styles` may hold more than is needed.

    Raises:
        InputError: there are fewer than two methods, a case is missing somewhere or comes twice, or its results
            cannot be shown side by side.
        UnreadableInput: a folder or a file is missing, empty or broken.
    """
    if len(methods) < 2:
        raise InputError(f"A study needs two methods or more and has {len(methods)}; give each as METHOD=FOLDER.")
    results = {method: _media_in(folder) for method, folder in methods.items()}
    names = sorted(set().union(*results.values()))
    for method, folder in methods.items():
        _check_complete(names, results[method], folder)
    shown = {folder: _media_in(folder) for folder in (sources, styles) if folder}
    for folder, media in shown.items():
        _check_complete(names, media, folder)
    cases = [
        Case(
            name=name,
            results={method: media[name] for method, media in results.items()},
            source=shown[sources][name] if sources else None,
            style=shown[styles][name] if styles else None,
        )
        for name in names
    ]
    for case in cases:
        _check_alike(case)
    return cases


def _media_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise UnreadableInput(f"No such folder: {str(folder)!r}; check the path.")
    media: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith(".") or not path.is_file():
            continue
        if path.stem in media:
            raise InputError(
                f"{str(folder)!r} holds {media[path.stem].name!r} and {path.name!r}, two files of one case; remove one."
            )
        media[path.stem] = path
    if not media:
        raise UnreadableInput(f"The folder {str(folder)!r} holds no video and no picture; put one for each case there.")
    return media


def _check_complete(names: list[str], media: Mapping[str, Path], folder: Path) -> None:
    missing = [name for name in names if name not in media]
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise InputError(
            f"{str(folder)!r} has no file for case {', '.join(map(repr, missing[:5]))}{more}; "
            "every folder needs one of the same name for each case."
        )


def _check_alike(case: Case) -> None:
    infos = {method: open_source(path).info for method, path in case.results.items()}
    kinds = {"picture" if info.kind == "picture" else "video" for info in infos.values()}
    if len(kinds) > 1:
        raise InputError(f"Case {case.name!r} is a picture of one method, a video of another; give one kind.")
    if kinds == {"video"}:
        short = min(infos, key=lambda method: infos[method].duration)
        long = max(infos, key=lambda method: infos[method].duration)
        lengths = [float(infos[method].duration) for method in (short, long)]
        if lengths[1] - lengths[0] > _APART:
            raise InputError(
                f"Case {case.name!r} lasts {lengths[0]:.2f} s of {short!r}, {lengths[1]:.2f} s of {long!r}; "
                "cut them to one length, because raters see them side by side."
            )
