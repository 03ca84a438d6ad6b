"""Work that overlaps: order, errors, giving up."""

import threading
import time
from itertools import count

import pytest

from impasto.job.threads import QUEUE_LENGTH, Ahead, Behind, GivenUpError


def test_ahead_keeps_the_order_and_ends():
    with Ahead(iter(range(100)), "test") as items:
        assert list(items) == list(range(100))
        assert list(items) == []


def test_ahead_stays_a_few_items_ahead():
    made = []
    with Ahead((made.append(n) or n for n in count()), "test") as items:
        assert [next(items) for _ in range(3)] == [0, 1, 2]
        time.sleep(0.05)
        assert len(made) <= 3 + QUEUE_LENGTH + 2
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]


def test_ahead_raises_the_error_of_its_thread_after_the_items_before_it():
    def items():
        yield 1
        raise OSError("no more")

    with Ahead(items(), "test") as ahead:
        assert next(ahead) == 1
        with pytest.raises(OSError, match="no more"):
            next(ahead)


def test_behind_consumes_all_and_returns_the_result():
    with Behind(lambda items: sum(items), "test") as sink:
        for number in range(50):
            sink.put(number)
        assert sink.finish() == sum(range(50))


def test_behind_raises_the_error_of_its_thread_instead_of_waiting_for_ever():
    def consume(items):
        next(items)
        raise OSError("disk full")

    def put_for_ever():
        for number in count():
            sink.put(number)

    with Behind(consume, "test") as sink, pytest.raises(OSError, match="disk full"):
        put_for_ever()


def test_behind_tells_its_thread_when_the_caller_gives_up():
    seen = []

    def consume(items):
        try:
            for item in items:
                seen.append(item)
                time.sleep(0.01)
        except GivenUpError:
            seen.append("cleaned up")
            raise

    def interrupted():
        with Behind(consume, "test") as sink:
            for number in range(QUEUE_LENGTH):
                sink.put(number)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen[-1] == "cleaned up"
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]
