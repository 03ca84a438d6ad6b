"""Frames that were painted before, and how they look from the frame to be painted.

Legend: N frames, the newest first, H height, W width.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.losses.temporal import long_term_weights
from impasto.motion.flow import DisFlow, FlowEstimator, gray
from impasto.motion.occlusion import reliability
from impasto.motion.warp import warp_tensor
from impasto.stylizers.base import State
from impasto.stylizers.optimization.energy import Carried


def gray_of(source_13HW: Tensor) -> NDArray[np.uint8]:
    """[H, W], for the flow."""
    return gray((source_13HW[0].permute(1, 2, 0) * 255).byte().numpy())


def carry(now: NDArray[np.uint8], then: NDArray[np.uint8], painted_13HW: Tensor, estimate: FlowEstimator) -> Carried:
    """A painted frame seen from another, along the flow between their sources `now` and `then`, both [H, W]."""
    there, back = estimate(now, then), estimate(then, now)
    weight = torch.from_numpy(reliability(there, back))
    return Carried(warp_tensor(painted_13HW, torch.from_numpy(there)[None]), weight[None])


def lay_over(ground_13HW: Tensor, carried: Sequence[Carried]) -> Tensor:
    """The carried frames where they count, the ground elsewhere. Their weights add up to 1 at most."""
    return ground_13HW + sum((frame.weight[:, None] * (frame.picture - ground_13HW) for frame in carried), start=0)


class Past:
    """The last frames of a shot, kept in a stylizer's `state`.

    Args:
        reach: how many frames back one looks, the nearest first (Ruder 2016: the set J).
    """

    def __init__(self, state: State, reach: Sequence[int] = (1,)) -> None:
        self._state, self._reach = state, reach
        self._estimate = DisFlow()

    @property
    def last(self) -> Tensor | None:
        """What was painted for the frame before, [1, 3, H, W]; None at the first."""
        return torch.from_numpy(self._state["painted"][:1]) if self._state else None

    def seen_from(self, source_13HW: Tensor) -> list[Carried]:
        """The frames within reach; where a near one counts, a farther one does not (Ruder 2016, section 4.3)."""
        there = [back for back in self._reach if back <= len(self._state.get("gray", ()))]
        if not there:
            return []
        now, state = gray_of(source_13HW), self._state
        seen = [
            carry(now, state["gray"][back - 1], torch.from_numpy(state["painted"][back - 1 : back]), self._estimate)
            for back in there
        ]
        weights = long_term_weights([frame.weight for frame in seen])
        return [Carried(frame.picture, weight) for frame, weight in zip(seen, weights, strict=True)]

    def add(self, source_13HW: Tensor, painted_13HW: Tensor) -> None:
        """Remember a frame and forget the one that falls out of reach."""
        for name, newest in (("gray", gray_of(source_13HW)[None]), ("painted", painted_13HW.numpy())):
            kept = [self._state[name]] if name in self._state else []
            self._state[name] = np.concatenate([newest, *kept])[: max(self._reach)]
