"""docs/serve.md says what is: its example runs, its options and requests exist."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from impasto.app.limits import Limits
from tests.app.serving import Server
from tests.clips import packets_of

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text(encoding="utf-8")


def test_the_client_of_the_page_paints_a_clip(server: Server, clip: bytes, tmp_path: Path):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "holiday.mp4").write_bytes(clip)
    code = code.replace("http://127.0.0.1:7860", server.url)
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ)
    )
    assert ran.returncode == 0, ran.stderr
    assert "Loading swift" in ran.stdout or "Repainting" in ran.stdout
    assert packets_of(tmp_path / "painted.mp4", "audio") == packets_of(tmp_path / "holiday.mp4", "audio")


def test_every_option_is_told():
    for field in dataclasses.fields(Limits):
        assert f"`--{field.name.replace('_', '-')}`" in PAGE


def test_every_request_is_told(server: Server):
    for path in httpx.get(f"{server.url}/api/openapi.json").json()["paths"]:
        if path != "/api/styles/{name}.jpg":  # what `preview` says
            *_, last = path.split("/")
            assert (f"/{last}" if "{" not in last else "/ID") in PAGE, path
