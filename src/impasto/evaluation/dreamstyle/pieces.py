"""What is learned for the rows: a stage each, once for all rows that use it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from impasto.diffusion.embedded import BASE
from impasto.evaluation.ablation.piece import Piece
from impasto.evaluation.dreamstyle.protocol import DreamStyleProtocol
from impasto.evaluation.dreamstyle.rows import Row
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.training.dreamstyle.ground import nano_ground
from impasto.training.dreamstyle.pairs import PAIRS
from impasto.training.dreamstyle.stages import Stage, train_stage
from impasto.training.nano.shards import content_key, shard_files
from impasto.weights.paths import weights_file

MODEL = tuple(
    f"stylizers/dreamstyle/{name}.py" for name in ("fusion", "given", "model", "nano", "slots", "tokenlora", "velocity")
)
TRAINING = (
    *(f"diffusion/{name}.py" for name in ("attachments", "conditions", "flowmatching")),
    *MODEL,
    "stylizers/feedforward/optimizer.py",
    *(f"training/{name}.py" for name in ("adamw", "loop", "nano/learner", "schedule")),
    *(f"training/dreamstyle/{name}.py" for name in ("ground", "lessons", "pairs", "sight", "stages")),
)
"""The code that decides what is learned."""


def config_of(protocol: DreamStyleProtocol, row: Row) -> DreamStyleConfig:
    """How a row is built."""
    rank = row.rank or protocol.config.rank
    return replace(protocol.config, adaptation=row.adaptation, slots=row.slots, pictures=row.pictures, rank=rank)


def piece_of(protocol: DreamStyleProtocol, row: Row, seed: int) -> Piece:
    """What a row paints with, and before it what that was taught on.

    Raises:
        InputError: there is nothing to learn from.
        ModelError: embedded weights are missing.
    """
    config, piece = config_of(protocol, row), None
    for name in row.stages:
        stage = replace(protocol.ct if name == "CT" else protocol.sft, seed=seed, routes=row.routes)
        piece = _piece(stage, config, piece)
    assert piece is not None, "a row has a stage"
    return piece


def _piece(stage: Stage, config: DreamStyleConfig, before: Piece | None) -> Piece:
    def train(output: Path) -> Iterator[Any]:
        return train_stage(stage, config, nano_ground(), output, before.file if before else None)

    needs = () if before is None else (before,)
    name, about = f"{stage.name.lower()}-{stage.seed}", f"{stage} {config} {_material()}"
    return Piece(method="dreamstyle", name=name, about=about, code=TRAINING, train=train, needs=needs)


def _material() -> str:
    """The base, and the pairs."""
    ground = nano_ground()
    names = [file.name for part in ("train", "held") for file in shard_files(ground.pairs, part, PAIRS)]
    return _digest(weights_file(BASE)) + content_key([], ground.latents.name, names)


@cache
def _digest(file: Path) -> str:
    return content_key([file])
