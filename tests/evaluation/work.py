"""Work for a process of its own; a module by itself, so that the process starts quickly."""

import os
import time
from collections.abc import Iterator


def count(last: int) -> Iterator[tuple[int, int]]:
    """Numbers, each with the process that counts."""
    for number in range(last):
        yield number, os.getpid()


def fail() -> Iterator[str]:
    yield "begun"
    raise ValueError("too\nbad")


def die() -> Iterator[str]:
    yield "begun"
    os._exit(9)


def last_for_ever() -> Iterator[int]:
    yield os.getpid()
    time.sleep(600)


def cores_and_threads(cores: int) -> Iterator[tuple[int, int]]:
    """What a process that keeps to so many cores may use, and how many threads PyTorch takes there."""
    import torch

    from impasto.evaluation.tables.painting import keep_to_cores

    keep_to_cores(cores)
    yield len(os.sched_getaffinity(0)), torch.get_num_threads()
