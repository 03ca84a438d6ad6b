"""Many at once: nobody fails, the queue keeps its order, pages stay quick and memory bounded while jobs run."""

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.app.serving import Server, send, wait_until

VISITORS, JOBS = 20, 5
PAGES = ("/", "/config", "/api/styles", "/api/styles/klimt-kiss.jpg", "/api/jobs", "/app/impasto.js")


@pytest.mark.slow
def test_twenty_visitors_and_two_hundred_requests(server: Server, clip: bytes, capsys: pytest.CaptureFixture[str]):
    seconds: list[float] = []
    clients = [server.visitor() for _ in range(VISITORS)]
    memory = psutil.Process(server.process.pid).memory_info

    def get(client: httpx.Client, page: str) -> None:
        begun = time.perf_counter()
        answer = client.get(page)
        seconds.append(time.perf_counter() - begun)
        assert answer.status_code == 200, answer.text

    def all_at_once(act: Callable[[httpx.Client], None]) -> None:
        barrier = threading.Barrier(VISITORS)

        def one(client: httpx.Client) -> None:
            barrier.wait()
            act(client)

        with ThreadPoolExecutor(VISITORS) as pool:
            list(pool.map(one, clients))

    all_at_once(lambda client: get(client, "/"))
    seconds.clear()
    before = memory().rss
    asked = []
    for number, client in enumerate(clients[:JOBS]):
        order = {"clip": send(client, clip).json()["id"], "styles": ["klimt-kiss"], "preset": "draft"}
        asked.append((number, client.post("/api/jobs", json=order).json()["id"]))

    def visit(client: httpx.Client) -> None:
        for page in PAGES:
            get(client, page)
            time.sleep(0.5)  # a person, not a loop
        for _ in range(4):
            get(client, "/api/jobs")
            time.sleep(1)

    all_at_once(visit)
    assert len(seconds) == VISITORS * (len(PAGES) + 4) == 200

    ended = []
    for number, id in asked:
        job = wait_until(
            lambda number=number, id=id: (
                (found := clients[number].get(f"/api/jobs/{id}").json())["state"] in ("done", "failed") and found
            ),
            400,
        )
        assert job["state"] == "done", job["reason"]
        ended.append((server.folder / "data" / "jobs" / id / "result.run.json").stat().st_mtime)
    assert ended == sorted(ended)
    grown = memory().rss - before
    p95 = statistics.quantiles(seconds, n=20)[-1]
    with capsys.disabled():
        print(
            f"\n200 requests: median {statistics.median(seconds):.3f} s, p95 {p95:.3f} s; grown by {grown / 1e6:.0f} MB"
        )
    assert grown < 200_000_000
    for client in clients:
        client.close()


@pytest.mark.slow
def test_many_uploads_at_once_leave_room_for_others(server: Server, clip: bytes):
    """Looking at what is sent takes its time: some wait, some are told to come back, and pages are there meanwhile."""
    many = 40
    with ThreadPoolExecutor(many) as pool, server.visitor() as client, server.visitor() as other:
        answers = [pool.submit(send, client, clip) for _ in range(many)]
        time.sleep(1)
        begun = time.perf_counter()
        assert other.get("/api/jobs").status_code == 200
        assert time.perf_counter() - begun < 5
        codes = [answer.result().status_code for answer in answers]
    assert set(codes) <= {201, 503}
    assert codes.count(201) >= 16
