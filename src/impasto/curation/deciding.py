"""What is kept of what was made: by limits, by the nearest clip before it, by people."""

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
    ordered = sorted(records, key=lambda record: record["key"])
    distances = _distances(ordered)
    return [_decided(record, config, distances.get(record["clip"]), verdicts.get(record["key"])) for record in ordered]


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


def _distances(records: Sequence[Record]) -> dict[str, float]:
    """By clip, how far it is from the nearest clip before it in the order of names: share of bits that differ."""
    prints = {record["clip"]: int(record["fingerprint"], 16) for record in records if "fingerprint" in record}
    before: list[int] = []
    distances = {}
    for clip, bits in sorted(prints.items()):
        if before:
            distances[clip] = min((bits ^ other).bit_count() for other in before) / BITS
        before.append(bits)
    return distances
