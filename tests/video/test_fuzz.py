"""Videos and pictures with damage of every kind: the reader gives frames or says in a sentence what is wrong.

`pytest -m fuzz` reads 2,000 of each, in pieces of 100; `pytest -m fuzz -k "clip and 7"` repeats a piece.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import numpy as np
import pytest
from PIL import Image

from tests.clips import make_clip, picture

PIECES, PIECE = 20, 100
SECONDS = 10.0
GIGABYTES = 4
PROGRAM = f"""
import resource, sys, traceback
resource.setrlimit(resource.RLIMIT_DATA, ({GIGABYTES}_000_000_000,) * 2)
from impasto.errors import ImpastoError
from impasto.video.pictures import read_picture
from impasto.video.source import open_source

for line in sys.stdin:
    kind, path = line.split()
    try:
        if kind == "clip":
            for frame in open_source(path).frames():
                assert frame.rgb.ndim == 3
        else:
            read_picture(path)
        print("read", flush=True)
    except ImpastoError as error:
        sentence = str(error)
        print("refused" if sentence.endswith(".") else f"no sentence: {{sentence}}", flush=True)
    except BaseException:
        print(repr(traceback.format_exc()), flush=True)
"""


class Reader:
    """A process that reads files, and says of each what became of it."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def read(self, kind: str, path: Path, seconds: float = SECONDS) -> str:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{kind} {path}\n")
            self._process.stdin.flush()
            return self._lines.get(timeout=seconds)
        except (Empty, BrokenPipeError):
            return f"no answer (exit code {self._process.poll()})"

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())
        self._lines.put("died")


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The same bytes after one to four of the things that happen to files, or that are done to them."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        # Half of all damage is where the heads are.
        span = len(data) if rng.random() < 0.5 else min(len(data), 400)
        place, length = int(rng.integers(0, max(1, span))), int(rng.integers(1, 64))
        noise = rng.integers(0, 256, length, np.uint8).tobytes()
        match rng.integers(0, 7):
            case 0:
                data[place : place + 1] = bytes([data[place] ^ 1 << int(rng.integers(0, 8))])
            case 1:
                data[place : place + length] = noise
            case 2:
                del data[place : place + length]
            case 3:
                data[place:place] = noise
            case 4:
                data[place:place] = data[place : place + length]
            case 5:
                extreme = rng.choice(np.array([0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFF], np.uint32))
                data[place : place + 4] = int(extreme).to_bytes(4, "big" if rng.random() < 0.5 else "little")
            case _:
                del data[max(place, 16) :]
        data = data or bytearray(b"\0")
    return bytes(data)


def make_clips(folder: Path) -> list[Path]:
    size = (48, 32)
    return [
        make_clip(folder / "a.mp4", size=size, frames=6, sounds=["eng"], subtitles=["eng"], chapters=2),
        make_clip(folder / "b.mov", size=size, frames=4, codec="prores_ks", pixel_format="yuv422p10le"),
        make_clip(folder / "c.webm", size=size, frames=6, codec="libvpx-vp9"),
        make_clip(folder / "d.mkv", size=size, frames=6, codec="ffv1", attachment=b"font"),
        make_clip(folder / "e.avi", size=size, frames=6, codec="mpeg4"),
        make_clip(folder / "f.ts", size=size, frames=6, container="mpegts", codec="mpeg2video"),
        make_clip(folder / "g.gif", size=size, frames=4, codec="gif", pixel_format="rgb8"),
        make_clip(folder / "h.mp4", size=(64, 64), frames=6, codec="libx265"),
    ]


def make_pictures(folder: Path) -> list[Path]:
    image = Image.fromarray(picture(3, 40, 30))
    paths = [folder / f"a.{ending}" for ending in ("png", "jpg", "webp", "tiff", "bmp", "gif")]
    for path in paths:
        image.save(path)
    image.convert("RGBA").save(folder / "alpha.png")
    image.convert("CMYK").save(folder / "cmyk.tiff", compression="tiff_lzw")
    image.save(folder / "progressive.jpg", progressive=True, exif=Image.Exif())
    return [*paths, folder / "alpha.png", folder / "cmyk.tiff", folder / "progressive.jpg"]


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """What is damaged, by kind."""
    folder = tmp_path_factory.mktemp("intact")
    return {"clip": make_clips(folder), "picture": make_pictures(folder)}


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.mark.fuzz
@pytest.mark.parametrize("piece", range(PIECES))
@pytest.mark.parametrize("kind", ["clip", "picture"])
def test_damage_is_survived(kind: str, piece: int, intact: dict[str, list[Path]], reader: Reader, tmp_path: Path):
    sources = intact[kind]
    assert reader.read(kind, sources[0], 120) == "read"  # the first also waits for the imports
    rng = np.random.default_rng([piece, kind == "clip"])
    outcomes, strange = {"read": 0, "refused": 0}, []
    for number in range(PIECE):
        source = sources[number % len(sources)]
        # By its own name, and without one, as uploads are kept.
        mutant = tmp_path / f"mutant-{number}{source.suffix if number % 2 else ''}"
        mutant.write_bytes(damaged(source.read_bytes(), rng))
        said = reader.read(kind, mutant)
        if said in outcomes:
            outcomes[said] += 1
            mutant.unlink()
        else:
            strange.append((mutant.name, source.name, said))
            reader.close()
            reader.start()
            assert reader.read(kind, sources[0], 120) == "read"
    assert not strange, tmp_path
    assert min(outcomes.values()) > 0, "the damage is too large or too small to try anything"
