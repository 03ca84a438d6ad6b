"""A real server as a process of its own, for the tests, and what visitors send to it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

LIMITS = ("--upload-megabytes", "5", "--clip-seconds", "20", "--megapixels", "2", "--job-gigabytes", "6")


class Server:
    """`impasto serve` over a folder, to be stopped, killed and started again at the same address."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self._options = folder, options
        self.start()

    def start(self) -> None:
        arguments = ["serve", "--folder", str(self.folder / "data"), "--port", str(self.port), *self._options]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "impasto", *arguments],
                env={**os.environ, "IMPASTO_CACHE": str(self.folder / "cache"), "OMP_NUM_THREADS": "1"},
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, 180)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def visitor(self) -> httpx.Client:
        """Someone new: a client with a cookie of its own."""
        return httpx.Client(base_url=self.url, timeout=120)

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log
        try:
            return httpx.get(f"{self.url}/api/limits", timeout=5).status_code in (200, 401)
        except httpx.TransportError:
            return False


def wait_until(there: Callable[[], Any], seconds: float) -> Any:
    """What `there` gives as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := there():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def send(client: httpx.Client, data: bytes, kind: str = "clip", name: str = "clip.mp4") -> httpx.Response:
    return client.post("/api/uploads", params={"kind": kind, "name": name}, content=data)
