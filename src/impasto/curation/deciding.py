"""What is kept of what was made: by limits, by the nearest clip that was kept before it, by people."""

from collections.abc import Mapping, Sequence

from impasto.curation.config import CurationConfig
from impasto.curation.filters import FILTERS, refused
from impasto.curation.item import Record
from impasto.curation.review import Verdict

BITS = 192
"""Of a fingerprint."""


def decided(records: Sequence[Record], config: CurationConfig, verdicts: Mapping[str, Verdict]) -> list[Record]:
    """The records with `state` kept, dropped (`dropped_by` says by which filters), waiting (for a person) or failed.

    The same records and settings give the same, in any order; `review` is what a person noted.
    """
    by_clip: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record["key"]):
        by_clip.setdefault(record["clip"], []).append(record)
    found: list[Record] = []
    before: list[int] = []
    for clip in sorted(by_clip):
        prints = {int(record["fingerprint"], 16) for record in by_clip[clip] if "fingerprint" in record}
        distances = [(bits ^ other).bit_count() / BITS for bits in prints for other in before]
        told = [_decided(one, config, min(distances, default=None), verdicts.get(one["key"])) for one in by_clip[clip]]
        # A clip of which nothing is kept takes no other's place.
        if any(one["state"] in ("kept", "waiting") for one in told):
            before += prints
        found += told
    return sorted(found, key=lambda record: record["key"])


def _decided(record: Record, config: CurationConfig, distance: float | None, verdict: Verdict | None) -> Record:
    scores = record["scores"] | ({} if distance is None else {"duplicate": distance})
    told = record | {"scores": scores, "dropped_by": (), "review": verdict.note if verdict else ""}
    if record["state"] == "failed":
        return told
    by = refused(scores, config.limits, FILTERS)
    if verdict is not None and not verdict.keep:
        by = (*by, "review")
    if by:
        return told | {"state": "dropped", "dropped_by": by}
    waits = config.reviewed and verdict is None
    return told | {"state": "waiting" if waits else "kept"}
