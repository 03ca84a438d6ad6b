"""One pair, from its clip to its file: what a worker does, here or on another machine.

A finished item is `KEY.json` in the folder of items, its record, and where it was made `KEY.tar`, its sample. The
record is written last: what has none was not finished, and is made anew.
"""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from impasto.curation.clips import Clip
from impasto.curation.config import CurationConfig
from impasto.curation.filters import SOURCE_FILTERS, refused
from impasto.curation.quality import fingerprint, source_scores
from impasto.curation.routes import find_route
from impasto.curation.routes.route import Order
from impasto.curation.sample import write_sample
from impasto.curation.scores import pair_scores
from impasto.curation.styles import Hand, Own, Painting, said
from impasto.curation.vlm import find_vlm
from impasto.curation.vlm.looking import answers, plain_caption, styled_caption
from impasto.errors import ImpastoError, InputError, Interrupted
from impasto.evaluation.textfiles import write_json

Record = dict[str, Any]
"""Plain data; `state` is made, refused (the clip is not fit, nothing was painted), or failed (for a `reason`)."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A pair to be made."""

    clip: Clip
    route: str
    style: Hand | Painting | Own

    @property
    def key(self) -> str:
        """No other item has it; letters, digits, - and _, as WebDataset ends a key at the first dot."""
        return f"{self.clip.name}-{self.route}-{re.sub(r'[^A-Za-z0-9_-]+', '_', self.style.name)}"


def record_file(folder: Path, key: str) -> Path:
    return folder / f"{key}.json"


def sample_file(folder: Path, key: str) -> Path:
    return folder / f"{key}.tar"


def read_record(folder: Path, key: str) -> Record | None:
    """What became of an item; None where it is not finished."""
    try:
        return json.loads(record_file(folder, key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def is_pending(item: Item, folder: Path, limits: Mapping[str, float]) -> bool:
    """Whether an item is still to be made: never tried, failed, of a clip that is another now, its sample lost, or
    refused for limits that no longer refuse it."""
    record = read_record(folder, item.key)
    if record is None or record["state"] == "failed" or record.get("mark") != _mark(item):
        return True
    if record["state"] == "made":
        return not sample_file(folder, item.key).exists()
    return not refused(record["scores"], limits, SOURCE_FILTERS)


def make_item(item: Item, config: CurationConfig, folder: Path) -> Record:
    """Make an item and write what became of it; what goes wrong is told in the record.

    Raises:
        OutputProblem, ResourceError: the record cannot be written.
        Interrupted: by a signal.
    """
    begun, busy = perf_counter(), process_time()
    known: Record = {
        "key": item.key,
        "route": item.route,
        "clip": item.clip.name,
        "licence": item.clip.licence,
        "style": item.style.name,
        "style_licence": item.style.licence,
        "lineage": {"clip": item.clip.lineage, "style": item.style.lineage, "seed": config.seed},
        "scores": {},
        "reason": "",
    }
    try:
        record = _made(item, config, folder, known)
    except Interrupted:
        raise
    except ImpastoError as error:
        record = known | {"state": "failed", "reason": str(error)}
    except Exception as error:  # of libraries: the other clips of a long night are not to suffer from it
        record = known | {"state": "failed", "reason": f"{type(error).__name__}: {error}"}
    # Not in the sample: the same pair gives the same bytes.
    record |= {"mark": _mark(item)}
    record |= {"seconds": round(perf_counter() - begun, 3), "cpu_seconds": round(process_time() - busy, 3)}
    write_json(record_file(folder, item.key), record)
    return record


def _mark(item: Item) -> str:
    """As the clip's; nothing where it cannot be read, which making it will tell."""
    try:
        return item.clip.mark
    except (ImpastoError, OSError):
        return ""


def _made(item: Item, config: CurationConfig, folder: Path, known: Record) -> Record:
    frames = item.clip.frames(config)
    scores = source_scores(frames)
    size = {"frames": len(frames), "height": frames.shape[1], "width": frames.shape[2], "fps": config.fps}
    seen = known | size | {"scores": scores, "fingerprint": f"{fingerprint(frames):048x}"}
    if refused(scores, config.limits, SOURCE_FILTERS):
        return seen | {"state": "refused"}
    # Chance hangs on the names alone, so that the order of the clips means nothing.
    rng = np.random.default_rng([config.seed, zlib.crc32(item.key.encode())])
    vlm = find_vlm(config.vlm) if config.vlm else None
    caption = item.clip.caption() or (plain_caption(vlm, frames) if vlm else "")
    if not caption:
        raise InputError("Nothing says what the clip shows: put NAME.txt beside NAME.mp4, or let --vlm look.")
    styled = said(caption, item.style.words, rng)
    order = Order(
        clip=item.clip,
        frames=frames,
        caption=caption,
        caption_styled=styled or caption,
        style=item.style,
        config=config,
        rng=rng,
    )
    pair = find_route(item.route).make(order)
    measured = pair_scores(pair, config.structure)
    scores |= measured.scores
    if vlm:
        styled = styled or styled_caption(vlm, pair.stylized)
        scores |= {"asked": answers(vlm, pair)}
    notes = seen | {
        "caption": caption,
        "caption_styled": styled,
        "pictures": len(pair.pictures),
        "scores": scores,
        "lineage": known["lineage"] | {"route": pair.lineage},
    }
    write_sample(sample_file(folder, item.key), item.key, pair, Fraction(config.fps), notes)
    vectors = {"style_vector": measured.style, "pictures_vector": measured.pictures}
    return notes | {name: [round(float(x), 5) for x in vector] for name, vector in vectors.items()} | {"state": "made"}
