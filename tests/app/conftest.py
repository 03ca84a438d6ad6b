"""A server for the session, visitors of it, and a clip."""

from collections.abc import Iterator

import httpx
import pytest

from tests.app.serving import LIMITS, Server
from tests.clips import make_clip


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), *LIMITS)
    yield server
    server.stop()


@pytest.fixture
def visitor(server: Server) -> Iterator[httpx.Client]:
    with server.visitor() as client:
        yield client


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of half a second with sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return make_clip(path, size=(64, 48), frames=12, sounds=["eng"]).read_bytes()
