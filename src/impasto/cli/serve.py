"""`impasto serve`: the page."""

import logging
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.app.limits import Limits


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    folder: Path | None = None,
    token: str | None = None,
    limits: Annotated[Limits, Parameter(name="*")] = Limits(),  # noqa: B008 (frozen)
) -> None:
    """Open a page and an HTTP API on this machine.

    Parameters
    ----------
    host
        The address to listen at; any but that of this machine itself wants a token.
    port
        The port to listen at.
    folder
        Where uploads, results and the queue are kept; by default in the cache of Impasto.
    token
        A secret word that visitors have to know: they open the page with ?token=WORD at the end of its address.
    """
    from impasto.app.server import serve as run

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    run(host, port, folder, token, limits)
