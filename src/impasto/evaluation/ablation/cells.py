"""One row with one seed: trained, painted, measured, and kept, so that a table resumes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np

from impasto.diffusion.embedded import VAE
from impasto.evaluation.ablation.measuring import measure, style_figures
from impasto.evaluation.ablation.painting import Painted, model_of, paint
from impasto.evaluation.ablation.piece import Piece, Say
from impasto.evaluation.ablation.pieces import pieces_of
from impasto.evaluation.ablation.protocol import AblationProtocol
from impasto.evaluation.ablation.rows import Row
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.columns import Figures
from impasto.evaluation.textfiles import write_json
from impasto.perception.csdnano import WEIGHTS as CSD
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.training.nano.shards import content_key
from impasto.video.pictures import write_picture
from impasto.weights.paths import cache_dir, weights_files

MEASURING = (
    "diffusion",
    *(f"evaluation/ablation/{name}.py" for name in ("measuring", "painting")),
    *(f"evaluation/metrics/{name}.py" for name in ("clipmetrics", "clipnano", "csd", "motion", "nano", "structure")),
    *(f"perception/{name}.py" for name in ("clipmatch", "clipnano", "csdnano")),
    *(f"stylizers/stylemaster/{name}.py" for name in ("guidance", "nano", "stylizer")),
)
"""The code that paints and measures with what was trained."""


@dataclass(frozen=True)
class Cell:
    protocol: AblationProtocol
    row: Row
    seed: int

    @cached_property
    def pieces(self) -> list[Piece]:
        """Raises as `pieces_of` does."""
        return pieces_of(self.protocol, self.row, self.seed)

    @cached_property
    def key(self) -> str:
        """Changes with whatever decides the figures; raises as `pieces_of` does."""
        weights = content_key(weights_files((VAE, CSD, ENCODER)))
        keys = [piece.key for piece in self.pieces]
        # Which other seeds there are changes nothing here.
        together = (
            f"{replace(self.protocol, seeds=())} {self.row} {self.seed} {keys} {weights} {code_digest(MEASURING)}"
        )
        return sha256(together.encode()).hexdigest()[:16]

    @property
    def figures(self) -> Figures | None:
        """None where they are still to be measured; raises as `pieces_of` does."""
        return json.loads(self._file("json").read_text(encoding="utf-8")) if self._file("json").exists() else None

    def compute(self, say: Say) -> None:
        """Train what is not trained yet, paint, measure, keep.

        Raises:
            ImpastoError: something is missing that is needed.
        """
        for piece in self.pieces:
            piece.make(say)
        model = model_of(self.row, [piece.file for piece in self.pieces])
        painted = []
        for one in paint(self.protocol, self.row, model, self.seed):
            painted.append(one)
            say(f"  painted {one.prompt!r} in {one.style.stem}")
        found = measure(painted)
        found |= style_figures(model)
        write_picture(self._file("png"), sheet_of(painted))
        self.keep(found)

    def keep(self, figures: Figures) -> None:
        """Into the cache folder."""
        write_json(self._file("json"), figures)

    def _file(self, kind: str) -> Path:
        folder = cache_dir() / "tables" / "stylemaster" / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self.row.name}-{self.seed}-{self.key}.{kind}"


def sheet_of(painted: Sequence[Painted]) -> np.ndarray:
    """First, middle and last frame of each clip, one clip below the other."""
    rows = [np.concatenate([one.frames[at] for at in (0, len(one.frames) // 2, -1)], 1) for one in painted]
    width = max(row.shape[1] for row in rows)
    return np.concatenate([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows])
