"""The server: guard, API and page together."""

import ipaddress
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from impasto.app.limits import Limits
from impasto.errors import ModelError, UnsupportedOption
from impasto.weights.paths import cache_dir

STATIC = Path(__file__).parent / "static"
STOP_SECONDS = 5


def serve(host: str, port: int, folder: Path | None, token: str | None, limits: Limits) -> None:
    """Serve until interrupted; raises `ModelError` without the extra `app`, `UnsupportedOption` for an open door."""
    if find_spec("gradio") is None:
        raise ModelError("The page needs Gradio, which is not installed; run pip install '.[app]' in Impasto's folder.")
    if token is not None and not (token and token.isascii()):
        raise UnsupportedOption("The --token is empty or not of plain letters; give a secret word, or leave it out.")
    if token is None and not is_loopback(host):
        raise UnsupportedOption(
            f"--host {host} lets others in; add --token with a secret word of yours, or leave --host out."
        )
    _check_free(host, port)
    import uvicorn

    app = build(folder or cache_dir() / "serve", limits, host, token)
    shown = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    print(f"Impasto is at {shown} (CTRL-C stops it; what waits goes on at the next start).", flush=True)
    settings = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=STOP_SECONDS
    )
    uvicorn.Server(settings).run()


def _check_free(host: str, port: int) -> None:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        raise UnsupportedOption(f"{host} cannot be served at port {port} ({error}); choose another --port.") from error


def build(folder: Path, limits: Limits, host: str, token: str | None):
    """The ASGI app that keeps everything in `folder`."""
    files = (folder / "page").absolute()
    files.mkdir(parents=True, exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(files)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    from impasto.app.api import add_routes
    from impasto.app.desk import Desk
    from impasto.app.guard import Guard
    from impasto.app.page import add_page

    desk = Desk(folder.absolute(), limits)

    @asynccontextmanager
    async def alive(app: FastAPI) -> AsyncIterator[None]:
        desk.open()
        yield
        desk.close()

    app = FastAPI(title="Impasto", lifespan=alive, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    add_routes(app, desk)
    app.mount("/app", StaticFiles(directory=STATIC))
    app = add_page(app, desk)
    hosts = {"localhost", "127.0.0.1", "::1", host} if is_loopback(host) else set[str]()
    return Guard(app, limits, hosts, token, files)


def is_loopback(host: str) -> bool:
    """Whether only this machine is heard."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
