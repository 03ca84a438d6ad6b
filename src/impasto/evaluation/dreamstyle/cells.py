"""One row with one seed: trained, painted, measured, and kept, so that the table resumes."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from impasto.diffusion.embedded import VAE
from impasto.errors import ModelError
from impasto.evaluation.ablation.cells import sheet_of
from impasto.evaluation.ablation.measuring import evaluated, mean_of
from impasto.evaluation.ablation.painting import Painted
from impasto.evaluation.ablation.piece import Piece, Say
from impasto.evaluation.dreamstyle.columns import METRICS, Mode
from impasto.evaluation.dreamstyle.painting import paint, painter_key
from impasto.evaluation.dreamstyle.pieces import piece_of
from impasto.evaluation.dreamstyle.protocol import DreamStyleProtocol
from impasto.evaluation.dreamstyle.rows import Row
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.columns import Figures
from impasto.evaluation.textfiles import write_json
from impasto.perception.control.published import DEPTH_NANO
from impasto.perception.csdnano import WEIGHTS as CSD
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS
from impasto.training.nano.shards import content_key
from impasto.video.pictures import write_picture
from impasto.weights.paths import cache_dir, weights_files

MEASURING = (
    "diffusion",
    "evaluation/ablation/measuring.py",
    *(f"evaluation/dreamstyle/{name}.py" for name in ("columns", "painting")),
    *(f"evaluation/metrics/{name}.py" for name in ("clipmetrics", "clipnano", "csd", "motion", "nano", "structure")),
    *(f"perception/{name}.py" for name in ("clipmatch", "clipnano", "csdnano")),
    *(f"stylizers/dreamstyle/{name}.py" for name in ("anchor", "controlling", "guidance", "looks", "nano", "stylizer")),
)
"""The code that paints and measures with what was learned."""


@dataclass(frozen=True)
class Cell:
    protocol: DreamStyleProtocol
    row: Row
    seed: int

    @cached_property
    def piece(self) -> Piece:
        """Raises as `piece_of` does."""
        return piece_of(self.protocol, self.row, self.seed)

    @cached_property
    def key(self) -> str:
        """Changes with whatever decides the figures; raises as `piece_of` does."""
        weights = content_key([*weights_files((VAE, CSD, ENCODER)), *self._controls])
        # Which other seeds there are changes nothing here.
        about = (
            f"{replace(self.protocol, seeds=())} {self.row} {self.seed} {self.piece.key} {painter_key(self.row.first)}"
        )
        return sha256(f"{about} {weights} {code_digest(self._code)}".encode()).hexdigest()[:16]

    @property
    def figures(self) -> Figures | None:
        """None where they are still to be measured; raises as `piece_of` does."""
        return json.loads(self._file("json").read_text(encoding="utf-8")) if self._file("json").exists() else None

    def compute(self, say: Say) -> None:
        """Train what is not trained yet, paint, measure, keep.

        Raises:
            ImpastoError: something is missing that is needed.
        """
        self.piece.make(say)
        painted: dict[Mode, list[Painted]] = {}
        for mode, one in paint(self.protocol, self.row, self.piece.file, self.seed):
            painted.setdefault(mode, []).append(one)
            say(f"  painted {one.prompt!r} by {mode}")
        figures: Figures = {}
        for mode, clips in painted.items():
            results = evaluated(clips, METRICS[mode].values())
            figures |= {column: mean_of(results, metric) for column, metric in METRICS[mode].items()}
        write_picture(self._file("png"), sheet_of([one for clips in painted.values() for one in clips]))
        self.keep(figures)

    def keep(self, figures: Figures) -> None:
        """Into the cache folder."""
        write_json(self._file("json"), figures)

    @property
    def _code(self) -> tuple[str, ...]:
        return (*MEASURING, "perception/control") if self.row.control else MEASURING

    @property
    def _controls(self) -> list[Path]:
        """What the row is led by; nothing where a file is missing, since then it cannot be computed."""
        names = [NANO_CONTROLS[kind] for kind in self.row.control]
        try:
            return weights_files([*names, *([DEPTH_NANO] if "depth" in self.row.control else [])])
        except ModelError:
            return []

    def _file(self, kind: str) -> Path:
        folder = cache_dir() / "tables" / "dreamstyle" / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self.row.name}-{self.seed}-{self.key}.{kind}"
