"""What strangers, hostile files and hostile requests come to: refused in a sentence, logged, and the server lives."""

import io
import itertools
import json
import socket
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.serving import Server, send, wait_until

PATHS = ["../../etc/passwd", "/etc/passwd", "..%2f..%2fetc%2fpasswd", "queue.sqlite", "file:///etc/passwd", "a" * 32]


@pytest.fixture(autouse=True)
def lives(server: Server) -> Iterator[None]:
    yield
    assert httpx.get(f"{server.url}/api/limits", timeout=30).status_code == 200
    assert "Traceback" not in server.log


def refused(answer: httpx.Response, server: Server, *codes: int) -> str:
    """The sentence of a refusal, which is in the log as well and names no path of the server."""
    assert answer.status_code in codes, answer.text
    sentence = answer.json()["error"]
    assert sentence.endswith(".")
    assert sentence in server.log
    assert str(server.folder) not in sentence
    return sentence


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("field", ["clip", "styles", "pictures", "first_frame", "keyframes", "mask", "model", "shots"])
def test_no_path_in_an_order_is_opened(field: str, path: str, visitor: httpx.Client, server: Server, clip: bytes):
    order = {"clip": send(visitor, clip).json()["id"], "styles": ["van-gogh-irises"]}
    lists = {"styles": [path], "pictures": [path], "shots": [{"start": 0, "stop": 12, "style": path}]}
    lists["keyframes"] = [{"time": path[:20], "picture": "0" * 32}]
    for address in ("/api/plan", "/api/jobs"):
        refused(visitor.post(address, json={**order, field: lists.get(field, path)}), server, 404, 422)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_in_an_address_is_opened(path: str, visitor: httpx.Client, server: Server):
    for address in (f"/api/jobs/{path}/result", f"/api/uploads/{path}/poster", f"/api/styles/{path}.jpg"):
        assert visitor.get(address).status_code in (404, 422)
    for address in (f"/gradio_api/file={path}", f"/app/{path}", f"/static/{path}", f"/assets/{path}", f"/{path}"):
        answer = visitor.get(address)
        assert answer.status_code >= 400
        assert b"root:" not in answer.content


@pytest.mark.parametrize(
    "route", ["proxy=http://127.0.0.1/", "monitoring", "run/predict", "call/x", "vibe-code/", "runs"]
)
def test_the_rest_of_gradio_is_not_there(route: str, visitor: httpx.Client, server: Server):
    refused(visitor.post(f"/gradio_api/{route}", json={}), server, 404)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "http://169.254.169.254/latest", "file:///etc/passwd", "../x", 7, None]
)
def test_the_page_takes_no_file_but_its_uploads(path: object, visitor: httpx.Client, server: Server):
    event = {
        "fn_index": 0,
        "session_hash": "abc",
        "data": [{"composite": {"path": path, "meta": {"_type": "gradio.FileData"}}}],
    }
    refused(visitor.post("/gradio_api/queue/join", json=event), server, 403)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/cron.d/x",
        "a\0b.mp4",
        "<script>alert(1)</script>.mp4",
        "con",
        "x" * 5000,
        "\u202egpj.exe",
        "",
        "-rf",
    ],
)
def test_names_of_uploads_are_only_shown(name: str, visitor: httpx.Client, server: Server, clip: bytes):
    before = {path.name for path in server.folder.rglob("*")}
    told = send(visitor, clip, name=name).json()
    assert len(told["title"]) <= 80
    assert "/" not in told["title"]
    assert all(sign.isprintable() for sign in told["title"])
    new = {path.name for path in server.folder.rglob("*")} - before
    assert new <= {told["id"], "file", "poster.jpg", "first.png", "log.txt"}


def test_ten_gigabytes_are_refused_by_what_they_say(server: Server):
    head = (
        f"POST /api/uploads?kind=clip HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 10000000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(1000)


def test_ten_gigabytes_are_refused_by_what_they_are(visitor: httpx.Client, server: Server):
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1_000_000
            yield bytes(1_000_000)

    kept = sum(1 for _ in (server.folder / "data" / "uploads").iterdir())
    try:
        refused(visitor.post("/api/uploads?kind=clip", content=endless()), server, 413)
    except httpx.TransportError:
        assert "413" in server.log  # the server had said so and hung up before all was sent
    assert sent < 200_000_000
    assert sum(1 for _ in (server.folder / "data" / "uploads").iterdir()) == kept


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(200_000_000))
    return file.getvalue()


def _bomb() -> bytes:
    """A PNG of 8000x8000 pixels, 200 MB once unpacked, in less than a thousandth of that."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    side = 8_000
    head = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    packer, rows = zlib.compressobj(), b""
    for _ in range(side // 100):
        rows += packer.compress(bytes((1 + 3 * side) * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")


HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"


@pytest.mark.parametrize("kind", ["clip", "picture"])
@pytest.mark.parametrize(
    "data",
    [HLS, SVG, CONCAT, _zip(), b"", b"hello", b"\0" * 1000],
    ids=["hls", "svg", "concat", "zip", "empty", "text", "zeros"],
)
def test_what_is_no_video_and_no_picture(data: bytes, kind: str, visitor: httpx.Client, server: Server):
    refused(send(visitor, data, kind), server, 422)


def test_a_picture_that_would_be_huge(visitor: httpx.Client, server: Server):
    bomb = _bomb()
    assert "million pixels" in refused(send(visitor, bomb, "picture"), server, 422)
    refused(send(visitor, bomb, "clip"), server, 422)


def test_a_clip_that_is_long_or_large(visitor: httpx.Client, server: Server, tmp_path: Path):
    from tests.clips import make_clip

    long = make_clip(tmp_path / "long.mp4", size=(16, 16), frames=30, fps=1).read_bytes()
    large = make_clip(tmp_path / "large.mp4", size=(2048, 1024), frames=1).read_bytes()
    assert "longer" in refused(send(visitor, long), server, 422)
    assert "pixels" in refused(send(visitor, large), server, 422)


def test_visitors_see_nothing_of_each_other(server: Server, clip: bytes):
    with server.visitor() as owner, server.visitor() as other:
        upload = send(owner, clip).json()["id"]
        order = {"clip": upload, "styles": ["van-gogh-irises"], "preset": "draft"}
        job = owner.post("/api/jobs", json=order).json()["id"]
        for address in (f"uploads/{upload}", f"uploads/{upload}/poster", f"uploads/{upload}/first", f"jobs/{job}"):
            assert owner.get(f"/api/{address}").status_code == 200
            refused(other.get(f"/api/{address}"), server, 404)
        for name in ("before", "preview", "result", "record"):
            refused(other.get(f"/api/jobs/{job}/{name}"), server, 404)
        refused(other.post(f"/api/jobs/{job}/cancel"), server, 404)
        refused(other.delete(f"/api/jobs/{job}"), server, 404)
        refused(other.delete(f"/api/uploads/{upload}"), server, 404)
        refused(other.post("/api/jobs", json=order), server, 404)
        assert other.get("/api/jobs").json() == []
        # What never was is answered in the same words.
        never = other.get(f"/api/jobs/{'0' * 32}").json()
        assert never == other.get(f"/api/jobs/{job}").json()
        assert owner.post(f"/api/jobs/{job}/cancel").status_code == 200


def test_a_preview_that_is_replaced_while_it_is_sent(visitor: httpx.Client, server: Server, clip: bytes):
    order = {"clip": send(visitor, clip).json()["id"], "styles": ["van-gogh-irises"], "preset": "draft"}
    job = visitor.post("/api/jobs", json=order).json()["id"]
    preview, ended = server.folder / "data" / "jobs" / job / "preview.jpg", threading.Event()

    def paint() -> None:
        for number in itertools.count():
            new = preview.with_name("next.jpg")
            new.write_bytes(bytes(1_000 + 50_000 * (number % 2)))
            new.replace(preview)
            if ended.is_set():
                return

    painter = threading.Thread(target=paint)
    visitor.post(f"/api/jobs/{job}/cancel")
    wait_until(lambda: visitor.get(f"/api/jobs/{job}").json()["state"] == "cancelled", 60)
    painter.start()
    wait_until(preview.exists, 10)
    sizes = {len(visitor.get(f"/api/jobs/{job}/preview").content) for _ in range(100)}
    ended.set()
    painter.join()
    assert sizes == {1_000, 51_000}
    assert "Exception" not in server.log


def test_other_sites_may_not_act_for_a_visitor(visitor: httpx.Client, server: Server, clip: bytes):
    headers = {"origin": "https://evil.example"}
    refused(visitor.post("/api/uploads?kind=clip", content=clip, headers=headers), server, 403)
    refused(visitor.get("/api/jobs", headers={"host": "evil.example"}), server, 421)
    assert "access-control-allow-origin" not in visitor.get("/api/jobs", headers=headers).headers


def test_gradio_fetches_no_address(visitor: httpx.Client, server: Server):
    for file in ("https://tracker.example/x.png", "http%3A//tracker.example/x.png", "//tracker.example/x.png"):
        refused(visitor.get(f"/gradio_api/file={file}"), server, 403)


def test_heads_that_are_no_addresses(visitor: httpx.Client, server: Server):
    refused(visitor.get("/api/jobs", headers={"host": "["}), server, 400)
    refused(visitor.post("/api/jobs", headers={"origin": "http://["}), server, 400)


def test_requests_that_are_nonsense(visitor: httpx.Client, server: Server):
    for body in (b"", b"{", b"[]", b"null", b"[" * 100_000, json.dumps({"clip": {"a": 1}}).encode()):
        answer = visitor.post("/api/jobs", content=body, headers={"content-type": "application/json"})
        refused(answer, server, 400, 422)
    refused(visitor.post("/api/jobs", content=bytes(3_000_000)), server, 413)


def test_a_door_with_a_token_opens_to_it_alone(tmp_path: Path):
    server = Server(tmp_path, *("--token", "sesame"))
    try:
        with server.visitor() as stranger, server.visitor() as friend, server.visitor() as program:
            for address in ("/", "/api/jobs", "/?token=wrong"):
                refused(stranger.get(address), server, 401)
            assert friend.get("/?token=sesame", follow_redirects=True).status_code == 200
            assert friend.get("/api/jobs").json() == []
            assert program.get("/api/jobs", headers={"authorization": "Bearer sesame"}).status_code == 200
        assert "sesame" not in server.log
    finally:
        server.stop()
