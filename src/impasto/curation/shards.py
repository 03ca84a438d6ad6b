"""What is kept, as WebDataset shards, and an index of everything as Parquet.

A sample lies in the shard that its key says, so that one more or less rewrites one shard and not all.
"""

import io
import json
import tarfile
import zlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from impasto.curation.filters import FILTERS
from impasto.curation.item import Record, sample_file
from impasto.curation.sample import sample_members
from impasto.errors import UnsupportedOption
from impasto.job.plain import plain
from impasto.video.files import remove, writing, written_atomically

SAMPLES = 64
"""Of a shard, about."""
INDEX = "index.parquet"
SHARDS = "shards"
TEXTS = ("key", "state", "shard", "dropped_by", "reason", "review", "route", "clip", "licence", "style",
         "style_licence", "caption", "caption_styled", "fingerprint", "lineage")  # fmt: skip
NUMBERS = ("frames", "height", "width", "fps", "pictures")
SCORES = tuple(dict.fromkeys([*(each.key for each in FILTERS), "flicker_raw"]))


def check_parquet() -> Any:
    """The package `pyarrow`; raises `UnsupportedOption` where it is missing."""
    try:
        return import_module("pyarrow")
    except ImportError as error:
        raise UnsupportedOption(
            "The index of pairs needs pyarrow, which is missing; run pip install '.[curation]' in Impasto's folder."
        ) from error


def shard_of(key: str, planned: int) -> str:
    """The name of the shard that a sample belongs to, of so many that are planned."""
    shards = -(-planned // SAMPLES)
    return f"pairs-{zlib.crc32(key.encode()) % shards:05d}.tar"


def write_shards(folder: Path, items: Path, kept: Sequence[str], planned: int) -> dict[str, str]:
    """Write the shards of what is kept and remove others; what is as it should be is left alone.

    Returns the name of the shard by key.

    Raises:
        OutputProblem, ResourceError: they cannot be written.
        UnreadableInput: a sample is damaged.
    """
    with writing(folder / SHARDS):
        (folder / SHARDS).mkdir(exist_ok=True)
    wanted: dict[str, list[str]] = {}
    for key in sorted(kept):
        wanted.setdefault(shard_of(key, planned), []).append(key)
    for name, keys in wanted.items():
        path = folder / SHARDS / name
        if _keys_in(path) != keys:
            with written_atomically(path) as temporary, writing(path), tarfile.open(temporary, "w") as shard:
                for key in keys:
                    for member, data in sample_members(sample_file(items, key)):
                        shard.addfile(member, io.BytesIO(data))
    for old in (folder / SHARDS).glob("pairs-*.tar"):
        if old.name not in wanted:
            remove(old)
    return {key: name for name, keys in wanted.items() for key in keys}


def write_index(folder: Path, records: Sequence[Record]) -> None:
    """Write `index.parquet`, a row for each record; one column for each score, empty where it was not measured.

    Raises:
        OutputProblem, ResourceError: it cannot be written.
    """
    arrow, parquet = check_parquet(), import_module("pyarrow.parquet")
    columns: dict[str, Any] = {name: [record.get(name) for record in records] for name in (*TEXTS, *NUMBERS)}
    columns["lineage"] = [_json(value) for value in columns["lineage"]]
    columns["dropped_by"] = [" ".join(value or ()) for value in columns["dropped_by"]]
    columns |= {f"score_{name}": [record["scores"].get(name) for record in records] for name in SCORES}
    columns |= {name: [record.get(name) for record in records] for name in ("style_vector", "pictures_vector")}
    types = {name: arrow.string() for name in TEXTS} | {name: arrow.int32() for name in NUMBERS}
    types |= {f"score_{name}": arrow.float64() for name in SCORES}
    types |= {name: arrow.list_(arrow.float32()) for name in ("style_vector", "pictures_vector")}
    table = arrow.table(columns, schema=arrow.schema(list(types.items())))
    path = folder / INDEX
    with written_atomically(path) as temporary, writing(path):
        parquet.write_table(table, temporary)


def _keys_in(path: Path) -> list[str]:
    """The keys of a shard, in order; none where there is no shard that can be read."""
    try:
        with tarfile.open(path) as shard:
            return list(dict.fromkeys(name.partition(".")[0] for name in shard.getnames()))
    except (OSError, tarfile.TarError):
        return []


def _json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
