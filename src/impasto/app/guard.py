"""What is refused before anything is read: strangers, other sites, large bodies, parts of Gradio that we do not use.

It wraps the whole server, as ASGI knows it, and gives each visitor a cookie: whoever holds it is that visitor.
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from impasto.app.desk import visitor_of
from impasto.app.limits import Limits
from impasto.app.refusals import Refused

logger = logging.getLogger("impasto.app")
VISITOR, TOKEN = "impasto_visitor", "impasto_token"
_SECRET = re.compile(r"[\w-]{43}")
_YEAR = 365 * 86_400
_SMALL_BODY = 1_000_000
_PAINTED_BODY = 64_000_000
_UPLOADS = "/api/uploads"
_GRADIO = "/gradio_api/"
_OPEN = re.compile(
    r"/|/api(/.*)?|/app/.*|/(config|theme\.css|favicon\.ico|robots\.txt|manifest\.json)/?|/(assets|static|svelte)/.*"
    r"|/gradio_api/(queue/(join|data)|upload|upload_progress|heartbeat/\w+|startup-events|info|theme\.css|reset|cancel"
    r"|file=.*)/?"
)
"""All that our page asks for. The rest of Gradio (proxies, streams, monitoring, code editing) is not there."""
_HEADERS = {
    # Gradio's page runs scripts of its own making; nothing comes from or goes to another place.
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    def __init__(self, app: ASGIApp, limits: Limits, hosts: set[str], token: str | None, gradio_files: Path) -> None:
        """`hosts` are the names by which the server may be called; empty: any."""
        self._app, self._limits, self._hosts, self._token = app, limits, hosts, token
        self._gradio_files = gradio_files.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets here
        headers = Headers(scope=scope)
        cookies = cookies_of(headers.get("cookie", ""))
        secret = cookies.get(VISITOR, "")
        fresh = not _SECRET.fullmatch(secret)
        if fresh:
            secret = secrets.token_urlsafe(32)
            _add_cookie(scope, VISITOR, secret)
        scope["impasto.visitor"] = visitor_of(secret)
        counted = _Counted(receive, self._most(scope["path"]))
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                sent = MutableHeaders(scope=message)
                sent.update(_HEADERS)
                if fresh:
                    sent.append("set-cookie", _cookie(VISITOR, secret))
            await send(message)

        try:
            self._check(scope, headers, cookies)
            if self._token and scope["path"] == "/" and "token" in parse_qs(scope["query_string"].decode("latin-1")):
                response: ASGIApp = RedirectResponse(scope["path"], 303)
                response.headers.append("set-cookie", _cookie(TOKEN, self._token))
            elif scope["path"] == f"{_GRADIO}queue/join":
                body = await counted.all()
                self._check_files(body)
                response, counted = self._app, _Again(body)
            else:
                response = self._app
            await response(scope, counted, answer)
        except Refused as refusal:
            log_refusal(scope, refusal)
            if not begun:
                await refusal_response(refusal)(scope, receive, answer)

    def _most(self, path: str) -> int:
        if path.rstrip("/") == _UPLOADS:
            return self._limits.upload_bytes
        return _PAINTED_BODY if path.startswith(f"{_GRADIO}upload") else _SMALL_BODY

    def _check(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> None:
        host, origin = headers.get("host", ""), headers.get("origin")
        try:
            name, from_where = urlsplit(f"//{host}").hostname, urlsplit(origin or "").netloc
        except ValueError as error:
            raise Refused(400, "The request has no address that can be read.") from error
        # Another site whose name leads here is not us, whatever its pages know of the visitor.
        if self._hosts and name not in self._hosts:
            raise Refused(421, f"This server is not called {host!r}; use the address that it printed.")
        if origin and scope["method"] not in ("GET", "HEAD") and from_where != host:
            raise Refused(403, f"A page of {origin!r} may not act for you here.")
        if self._token and not self._knows(scope, headers, cookies):
            raise Refused(401, "This server asks for a token: open its address with ?token=... at the end.")
        if not _OPEN.fullmatch(scope["path"]):
            raise Refused(404, "There is nothing here.")
        _, asked, file = scope["path"].partition(f"{_GRADIO}file=")
        if asked and not _lies_in(file, self._gradio_files):
            raise Refused(403, "That is no file of this server.")  # Gradio would fetch addresses
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._most(scope["path"]):
            raise _too_large(self._most(scope["path"]))

    def _knows(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> bool:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        given = [cookies.get(TOKEN, ""), bearer, *query.get("token", [])]
        return any(secrets.compare_digest(each.encode(), (self._token or "").encode()) for each in given)

    def _check_files(self, body: bytes) -> None:
        """Refuse an event with a file that did not come through our upload: Gradio would fetch addresses."""
        try:
            paths = list(_paths_in(json.loads(body)))
        except (ValueError, RecursionError) as error:
            raise Refused(400, "The request is no JSON.") from error
        for path in paths:
            if not isinstance(path, str) or not _lies_in(path, self._gradio_files):
                raise Refused(403, f"{path!r} is no upload of this server.")


class _Counted:
    """A body that ends in a refusal where it is longer than it may be, whatever its head said."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most, self._count = receive, most, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        if self._count > self._most:
            raise _too_large(self._most)
        return message

    async def all(self) -> bytes:
        parts = []
        while True:
            message = await self()
            parts.append(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return b"".join(parts)


class _Again(_Counted):
    """A body that was read already."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body

    async def __call__(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}


def log_refusal(scope: Scope, refusal: Refused) -> None:
    who = scope.get("impasto.visitor", "")[:8]
    logger.warning("refused %s %r of %s: %s %s", scope["method"], scope["path"], who, refusal.status, refusal)


def refusal_response(refusal: Refused) -> Response:
    # Who sends too much would go on with it: the connection ends with the answer.
    ends = {"connection": "close"} if refusal.status == 413 else None
    return JSONResponse({"error": str(refusal)}, refusal.status, ends)


def cookies_of(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _cookie(name: str, value: str) -> str:
    return f"{SimpleCookie({name: value})[name].OutputString()}; HttpOnly; Max-Age={_YEAR}; Path=/; SameSite=Lax"


def _add_cookie(scope: Scope, name: str, value: str) -> None:
    """As if the browser had sent it already."""
    scope["headers"] = [*scope["headers"], (b"cookie", f"{name}={value}".encode())]


def _too_large(most: int) -> Refused:
    return Refused(413, f"Up to {most / 1e6:g} MB are taken here; give something smaller.")


def _paths_in(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if "path" in value:
            yield value["path"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _paths_in(item)


def _lies_in(path: str, folder: Path) -> bool:
    try:
        return Path(path).is_absolute() and Path(path).resolve().is_relative_to(folder)
    except (OSError, ValueError):
        return False
