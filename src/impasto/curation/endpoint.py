"""Models behind an address that speaks OpenAI's interface: vLLM, llama.cpp, Ollama and others.

The address is that of the interface, and the name of the model: http://localhost:8000/v1#qwen2.5-vl. A key, where one
is wanted, is read from `IMPASTO_ENDPOINT_KEY`.
"""

import base64
import io
import json
import os
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import numpy as np
from PIL import Image

from impasto.errors import ModelError, UnsupportedOption
from impasto.video.types import Picture

SECONDS = 300
"""That an answer may take."""
WORDS = 200
"""Tokens of an answer, at most."""


def is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


class Endpoint:
    """A `VisionLanguage`; raises `UnsupportedOption` for an address that names no model."""

    def __init__(self, address: str) -> None:
        self._place, _, self._model = address.partition("#")
        if not self._model:
            raise UnsupportedOption(f"{address!r} names no model; write for example {address.rstrip('#')}#qwen2.5-vl.")
        self._place = self._place.rstrip("/")

    def __call__(self, pictures: Sequence[Picture], question: str) -> str:
        """Its answer; raises `ModelError` where it cannot be reached or gives none."""
        shown: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(_png(one)).decode()}"}}
            for one in pictures
        ]
        asked = {
            "model": self._model,
            "temperature": 0,
            "max_tokens": WORDS,
            "messages": [{"role": "user", "content": [*shown, {"type": "text", "text": question}]}],
        }
        told = self._post("/chat/completions", "application/json", json.dumps(asked).encode())
        return self._taken(told, lambda: str(told["choices"][0]["message"]["content"]).strip())

    def edited(self, picture: Picture, instruction: str, seed: int) -> Picture:
        """A picture as an instruction wants it, of the same size; raises `ModelError` as above."""
        limit = secrets.token_hex(16)
        fields = {"model": self._model, "prompt": instruction, "seed": str(seed), "response_format": "b64_json"}
        parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
        body = b"".join(f"--{limit}\r\n{part}\r\n".encode() for part in parts)
        about = 'Content-Disposition: form-data; name="image"; filename="picture.png"\r\nContent-Type: image/png'
        body += f"--{limit}\r\n{about}\r\n\r\n".encode() + _png(picture) + f"\r\n--{limit}--\r\n".encode()
        told = self._post("/images/edits", f"multipart/form-data; boundary={limit}", body)

        def read() -> Picture:
            data = base64.b64decode(told["data"][0]["b64_json"], validate=True)
            size = picture.shape[1], picture.shape[0]
            with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as image:
                return np.asarray(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))

        return self._taken(told, read)

    def _post(self, path: str, kind: str, body: bytes) -> dict[str, Any]:
        headers = {"Content-Type": kind}
        if key := os.environ.get("IMPASTO_ENDPOINT_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        try:
            with urlopen(Request(self._place + path, body, headers), timeout=SECONDS) as answer:
                return json.load(answer)
        except (URLError, OSError, ValueError) as error:
            raise ModelError(f"{self._place} does not answer ({error}); check the address and its server.") from error

    def _taken(self, told: dict[str, Any], read: Any) -> Any:
        try:
            return read()
        except (KeyError, IndexError, TypeError, ValueError, OSError) as error:
            raise ModelError(
                f"{self._place} answers with something else ({str(told)[:80]}); check that it knows {self._model!r}."
            ) from error


def _png(rgb: Picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()
