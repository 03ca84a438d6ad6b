"""Pairs of `impasto curate`, taken from its shards.

Run: `impasto train dreamstyle-curated`, after `impasto curate ... -o CACHE/curated/ct` and, for the best of them that
the second stage learns from, `--preset sft -o CACHE/curated/sft`. They count beside those of `dreamstyle-pairs`.

A shard is a tar of WebDataset: KEY.raw.mp4 and KEY.stylized.mp4 of equal length, KEY.style0.png and on, and KEY.json
with `caption`, `caption_styled`, `route` and `clip`.
"""

import io
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from PIL import Image

from impasto.errors import InputError, UnreadableInput
from impasto.training.csdpictures import Progress
from impasto.training.dreamstyle.pairs import PAIRS, Pair, write_pairs
from impasto.training.nano.clips import HELD_BACK
from impasto.training.nano.shards import Part, content_key, shard_folder
from impasto.video.files import remove
from impasto.weights.paths import cache_dir

CURATED = "curated"
"""The folder of the cache, and how shards that are made of it begin."""
SETS = {"ct": False, "sft": True}
"""Folders in it, and whether their pairs are the best ones."""


def take_curated() -> Iterator[Progress]:
    """Make shards of pairs of the shards that were not taken yet, and remove those of shards that are gone.

    Raises:
        InputError: there are none.
        UnreadableInput: one is broken.
    """
    found = [(name, tar) for name in SETS for tar in sorted((cache_dir() / CURATED / name / "shards").glob("*.tar"))]
    if not found:
        raise InputError(
            f"There are no pairs in {str(cache_dir() / CURATED)!r}; make some with `impasto curate ... -o "
            f"{cache_dir() / CURATED / 'ct'}`."
        )
    wanted = {f"{CURATED}-{name}-{tar.stem}-{content_key([tar])}": (name, tar) for name, tar in found}
    for old in shard_folder(PAIRS).glob(f"{CURATED}-*.safetensors"):
        if not old.name.startswith(tuple(f"{stem}-" for stem in wanted)):
            remove(old)
    for number, (stem, (name, tar)) in enumerate(wanted.items(), 1):
        if not any(shard_folder(PAIRS).glob(f"{stem}-train-*")):
            _take(stem, tar, best=SETS[name])
            yield Progress(number, len(wanted), stem)


def read_curated(shard: Path, best: bool) -> Iterator[tuple[Pair, str]]:
    """Pairs of a shard, each with the name of its clip; raises `UnreadableInput` where it is broken."""
    try:
        with tarfile.open(shard) as tar:
            samples: dict[str, dict[str, bytes]] = {}
            for info in tar:
                key, _, member = info.name.partition(".")
                file = tar.extractfile(info)
                if file is not None:
                    samples.setdefault(key, {})[member] = file.read()
        for key, members in samples.items():
            yield _pair(key, members, best)
    except (OSError, tarfile.TarError, FFmpegError, ValueError, KeyError) as error:
        raise UnreadableInput(f"The shard {str(shard)!r} cannot be read ({error}); curate it anew.") from error


def _take(stem: str, tar: Path, best: bool) -> None:
    # Those that are trained on come last, and say that all of the shard was taken.
    parts: dict[Part, list[Pair]] = {"held": [], "train": []}
    for pair, clip in read_curated(tar, best):
        # Pairs of one clip are trained on, or held back, together.
        parts["held" if zlib.crc32(clip.encode()) % HELD_BACK == 0 else "train"].append(pair)
    for part, pairs in parts.items():
        if pairs:
            write_pairs(shard_folder(PAIRS) / f"{stem}-{part}-0000.safetensors", pairs)


def _pair(key: str, members: Mapping[str, bytes], best: bool) -> tuple[Pair, str]:
    notes = json.loads(members["json"])
    styles = sorted(name for name in members if name.startswith("style") and name.endswith(".png"))
    pair = Pair(
        name=key,
        raw=_frames(members["raw.mp4"]),
        stylized=_frames(members["stylized.mp4"]),
        styles=[np.asarray(Image.open(io.BytesIO(members[name]), formats=["PNG"]).convert("RGB")) for name in styles],
        plain=notes["caption"],
        styled=notes["caption_styled"],
        route=notes["route"],
        best=best,
    )
    return pair, notes["clip"]


def _frames(mp4: bytes) -> np.ndarray:
    with av.open(io.BytesIO(mp4), "r", format="mp4") as container:
        decoded = [frame.reformat(format="rgb24", src_colorspace="ITU709") for frame in container.decode(video=0)]
        return np.stack([frame.to_ndarray() for frame in decoded])
