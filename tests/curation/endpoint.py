"""A local server that speaks OpenAI's interface: says what a test wants, and inverts pictures that it is to edit."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
from PIL import Image, ImageOps


@dataclass
class Heard:
    address: str = ""
    """With the name of a model."""
    chats: list[dict[str, Any]] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    """Instructions."""
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def serving(say: Callable[[str, list[np.ndarray]], str] = lambda question, pictures: "yes") -> Iterator[Heard]:
    """Serve; `say` gets the question and the pictures."""
    heard = Heard()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.keys.append(self.headers["Authorization"])
            if self.path == "/v1/chat/completions":
                asked = json.loads(body)
                heard.chats.append(asked)
                parts = asked["messages"][0]["content"]
                pictures = [_opened(p["image_url"]["url"].partition(",")[2]) for p in parts if p["type"] == "image_url"]
                words = say(parts[-1]["text"], pictures)
                answer: Any = {"choices": [{"message": {"role": "assistant", "content": words}}]}
            elif self.path == "/v1/images/edits":
                limit = re.search("boundary=(.+)", self.headers["Content-Type"])
                assert limit
                parts = {}
                for part in body.split(b"--" + limit[1].encode())[1:-1]:
                    head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
                    name = re.search(rb'name="(\w+)"', head)
                    assert name
                    parts[name[1].decode()] = value
                heard.edits.append(parts["prompt"].decode())
                file = io.BytesIO()
                ImageOps.invert(Image.open(io.BytesIO(parts["image"])).convert("RGB")).save(file, "PNG")
                answer = {"data": [{"b64_json": base64.b64encode(file.getvalue()).decode()}]}
            else:
                self.send_error(404)
                return
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    heard.address = f"http://127.0.0.1:{server.server_port}/v1#toy-vl"
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()


def _opened(data: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
