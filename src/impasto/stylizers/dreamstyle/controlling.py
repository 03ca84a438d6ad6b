"""What leads a repainting by depth and pose: ControlNets, and what estimates their pictures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from impasto.diffusion.controls import Controls
from impasto.perception.control.pictures import CONTROLS, ControlKind, Estimator
from impasto.stylizers.base import ShotFrames
from impasto.stylizers.resizing import Resizing

LOOKED_AT = 8
"""Frames of a shot, at most, by which the scale of its depth is chosen."""


@dataclass(frozen=True)
class Controlling:
    """Of some kinds, in the same order."""

    nets: Controls
    estimators: tuple[Estimator, ...]


LoadControls = Callable[[tuple[ControlKind, ...]], Controlling]
"""Raises `ModelError` where something is missing or cannot be read."""


def chosen_kinds(names: Iterable[str]) -> tuple[ControlKind, ...]:
    """Those that are named, in the order in which they are always given."""
    return tuple(kind for kind in CONTROLS if kind in names)


def fit(controlling: Controlling, shot: ShotFrames, resizing: Resizing) -> None:
    """Show the estimators frames of a shot at the size that they will see."""
    numbers = np.unique(np.linspace(0, shot.count - 1, LOOKED_AT).round().astype(int)).tolist()
    frames = [resizing.shrink(frame) for frame in shot.sample(numbers)]
    for estimator in controlling.estimators:
        estimator.fit(frames)
