"""The folder of results: what each method painted, and what it is to be compared with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from impasto.errors import UnreadableInput
from impasto.evaluation.papers.columns import PaperTable
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.comparison import Comparison, read_list

LIST = "comparisons.json"


@dataclass(frozen=True)
class Method:
    folder: Path
    clips: tuple[Clip, ...]

    @property
    def name(self) -> str:
        return self.folder.name


def read_methods(results: Sequence[Path], table: PaperTable) -> list[Method]:
    """Every folder in those of `results` that has a list of comparisons, sorted by name in each.

    Raises:
        UnreadableInput: there is none, or a list or a file in it cannot be read.
        InputError: an output and its source do not belong together.
    """
    folders = [folder for place in results for folder in _folders(place)]
    return [Method(folder, _clips(read_list(folder / LIST), table)) for folder in folders]


def _folders(results: Path) -> list[Path]:
    if not results.is_dir():
        raise UnreadableInput(f"{str(results)!r} is no folder; give the one that holds a folder for each method.")
    folders = sorted(path.parent for path in results.glob(f"*/{LIST}"))
    if not folders:
        raise UnreadableInput(
            f"{str(results)!r} holds no METHOD/{LIST}; put one beside the results of each method (docs/json.md)."
        )
    return folders


def _clips(comparisons: Sequence[Comparison], table: PaperTable) -> tuple[Clip, ...]:
    if table.first_frame_as_style:
        comparisons = [replace(each, styles=(each.first_frame,)) if each.first_frame else each for each in comparisons]
    return tuple(Clip(comparison) for comparison in comparisons)
