"""Two ways to overlap work: a thread that produces items ahead, and a thread that consumes them behind.

Both queues are short, so memory does not grow, and an error on either side reaches the caller as itself.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

QUEUE_LENGTH = 3


class _End:
    """Last thing in a queue, with the error that ended it, if one did."""

    def __init__(self, error: BaseException | None = None):
        self.error = error


class Ahead(Generic[Item]):
    """Iterates over `items` while a thread already computes the next ones."""

    def __init__(self, items: Iterable[Item], name: str, length: int = QUEUE_LENGTH):
        self._items = items
        self._queue: Queue[Item | _End] = Queue(length)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._produce, name=name, daemon=True)
        self.waited = 0.0
        """Seconds that the caller waited for an item."""
        self.busy = 0.0
        """Seconds that the thread worked."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stopped.set()
        _empty(self._queue)
        self._thread.join()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        begun = time.perf_counter()
        item = self._queue.get()
        self.waited += time.perf_counter() - begun
        if isinstance(item, _End):
            self._queue.put(item)  # so that asking again ends again
            raise item.error or StopIteration
        return item

    def _produce(self) -> None:
        end = _End()
        begun = time.perf_counter()
        try:
            for item in self._items:
                self.busy += time.perf_counter() - begun
                if self._stopped.is_set():
                    return
                self._queue.put(item)
                begun = time.perf_counter()
        except BaseException as error:
            end = _End(error)
        if not self._stopped.is_set():
            self._queue.put(end)


class GivenUpError(Exception):
    """Raised inside the consumer of `Behind` when the caller gives up, so that its own clean-up runs."""


class Behind(Generic[Item, Result]):
    """Runs `consume(items)` in a thread that is fed by `put`; `finish` waits for it and returns its result."""

    def __init__(self, consume: Callable[[Iterator[Item]], Result], name: str, length: int = QUEUE_LENGTH):
        self._consume = consume
        self._queue: Queue[Item | _End] = Queue(length)
        self._error: BaseException | None = None
        self._result: list[Result] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.waited = 0.0
        """Seconds that the caller waited for room in the queue, and for the end."""
        self.busy = 0.0
        """Seconds that the thread worked."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        while self._thread.is_alive():
            _empty(self._queue)
            with suppress(Full):
                self._queue.put_nowait(_End(GivenUpError()))
            self._thread.join(timeout=0.1)

    def put(self, item: Item) -> None:
        """Hand over one item; raises the error of the thread, if it had one."""
        self._put(item)

    def finish(self) -> Result:
        """Wait until everything that was put is consumed; raises the error of the thread, if it had one."""
        self._put(_End())
        begun = time.perf_counter()
        self._thread.join()
        self.waited += time.perf_counter() - begun
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _put(self, item: Item | _End) -> None:
        begun = time.perf_counter()
        while True:
            if self._error is not None:
                raise self._error
            with suppress(Full):
                # A consumer that failed takes nothing more, so a put without end could wait for ever.
                self._queue.put(item, timeout=0.1)
                break
        self.waited += time.perf_counter() - begun

    def _run(self) -> None:
        begun = time.perf_counter()
        idle = [0.0]
        try:
            self._result.append(self._consume(self._take(idle)))
        except BaseException as error:
            self._error = error
        self.busy = time.perf_counter() - begun - idle[0]

    def _take(self, idle: list[float]) -> Iterator[Item]:
        while True:
            begun = time.perf_counter()
            item = self._queue.get()
            idle[0] += time.perf_counter() - begun
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item


def _empty(queue: Queue) -> None:
    with suppress(Empty):
        while True:
            queue.get_nowait()
