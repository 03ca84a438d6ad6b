"""Work in a process of its own, so that its memory and its speed are its alone, and its end harms nothing else."""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from impasto.errors import ImpastoError

Item = TypeVar("Item")


class WorkFailedError(Exception):
    """What a process was doing failed; the message says why."""


def in_fresh_process(work: Callable[..., Iterator[Item]], *arguments: Any) -> Iterator[Item]:
    """What the generator function `work` yields, from a new process that ends where the caller stops listening.

    Raises:
        WorkFailedError: it raised an exception, or was killed.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, work, arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        while (answer := ours.recv()) is not None:
            reason, item = answer
            if reason is not None:
                process.join()
                raise WorkFailedError(reason)
            yield item
        process.join()
    except EOFError:
        process.join()
        raise WorkFailedError(
            f"its process ended with exit code {process.exitcode}; was there enough memory?"
        ) from None
    finally:
        process.terminate()
        process.join()
        ours.close()


def _run(answers: Connection, work: Callable[..., Iterator[Any]], arguments: tuple[Any, ...]) -> None:
    # CTRL-C reaches this process too; the one that started it decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    try:
        for item in work(*arguments):
            answers.send((None, item))
    except ImpastoError as error:
        answers.send((str(error), None))
    except Exception as error:
        answers.send((" ".join(f"{type(error).__name__}: {error}".split()), None))
    else:
        answers.send(None)
