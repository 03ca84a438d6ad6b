"""A function over many things: here, one after the other, or by Ray Data on this machine or on a cluster.

What a function makes it writes itself, under a name that hangs on the thing alone: done twice, as after the death of a
worker, it is there once.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from impasto.job.cluster import connected

Thing = TypeVar("Thing")
Result = dict[str, Any]
"""Plain data."""


class Spread(Protocol):
    def __call__(self, function: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[Result]:
        """The results as they come, in any order."""
        ...


def here(function: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[Result]:
    """One after the other, in this process."""
    return map(function, things)


class OnRay:
    """Ray Data, whose workers see the same files under the same paths."""

    def __init__(self, address: str, workers: int | None = None) -> None:
        """Connect to `ray://HOST:PORT`, or start Ray on this machine for "local".

        Args:
            workers: how many things are done at once; by default one for each core of the cluster, or one here.

        Raises:
            UnsupportedOption: Ray is missing or cannot be reached.
        """
        self._ray = connected(address, workers)
        self._workers = workers

    def __enter__(self) -> "OnRay":
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()

    def __call__(self, function: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[Result]:
        if not things:
            return
        data = self._ray.data
        context = data.DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        place = Path.cwd()

        def done(row: dict[str, Any]) -> dict[str, Any]:
            os.chdir(place)
            return {"result": function(row["item"])}

        # One thing a block: what a worker that dies had finished before is not done again.
        rows = data.from_items([{"item": thing} for thing in things], override_num_blocks=len(things))
        for row in rows.map(done, num_cpus=1, concurrency=self._workers).iter_rows():
            yield row["result"]
