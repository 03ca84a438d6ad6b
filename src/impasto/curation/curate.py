"""All pairs of some sources, in one folder: plan, make what is missing, decide, write what is kept.

The folder holds `curation.json` (settings), `clips/` (what clips each video has), `items/` (a record for each pair, and
its sample), `shards/` and `index.parquet` (what is kept, and the scores of all), the report and the review page.
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from impasto.curation.clips import Clip, Excerpt, Scene, excerpts, sources_in
from impasto.curation.config import CurationConfig
from impasto.curation.deciding import decided
from impasto.curation.item import Item, is_pending, make_item, read_record
from impasto.curation.plan import Settings, begin, items_of
from impasto.curation.report import Failure, Report, report_of, write_report
from impasto.curation.review import Verdict, add_verdicts, verdicts_in, write_page
from impasto.curation.shards import check_parquet, write_index, write_shards
from impasto.curation.sidecars import licence_beside
from impasto.curation.spreading import Spread, here
from impasto.errors import ImpastoError, InputError, Interrupted
from impasto.evaluation.textfiles import write_json
from impasto.video.files import writing

CLIPS, ITEMS = "clips", "items"


@dataclass(frozen=True, kw_only=True)
class Progress:
    doing: str
    done: int
    total: int
    seconds: float
    """Since this part was begun."""


Listener = Callable[[Progress], None]


def curate(
    folder: Path,
    settings: Settings,
    spread: Spread = here,
    on_progress: Listener = lambda progress: None,
    verdicts: Mapping[str, Verdict] | None = None,
) -> Report:
    """Make the pairs that are missing, and write what is kept; the same call goes on where it was stopped.

    Args:
        spread: where the work is done.
        verdicts: of people, beside those that the folder has.

    Raises:
        InputError: a source, route or style does not exist; the folder is of other settings.
        Interrupted: by a signal or by Ctrl-C; what was finished is not lost.
    """
    check_parquet()
    config, begun = settings.config, monotonic()
    given = list(sources_in(settings.sources))
    items_of([Scene(0)], config)  # says what is wrong before anything is begun
    begin(folder, settings)
    places = folder / CLIPS, folder / ITEMS
    for place in places:
        with writing(place):
            place.mkdir(exist_ok=True)
    if verdicts:
        add_verdicts(folder, verdicts)
    try:
        videos = list(dict.fromkeys(source for source in given if isinstance(source, Path)))
        found = _clips(videos, config, places[0], spread, on_progress)
        scenes = [Scene(seed) for source in given if isinstance(source, range) for seed in source]
        items = items_of([*scenes, *found.clips], config)
        now = _make(items, config, places[1], spread, on_progress)
    except KeyboardInterrupt as stop:
        raise Interrupted(f"Stopped; the same command goes on with the pairs in {str(folder)!r}.") from stop
    records = [record for item in items if (record := read_record(places[1], item.key))]
    records = decided(records, config, verdicts_in(folder))
    kept = [record["key"] for record in records if record["state"] == "kept"]
    shards = write_shards(folder, places[1], kept, len(items))
    write_index(folder, [record | {"shard": shards.get(record["key"])} for record in records])
    write_page(folder, places[1], [each for each in records if each["state"] in ("kept", "waiting") or each["review"]])
    report = report_of(records, found.unread, len(items), config, (monotonic() - begun) / 60, now)
    write_report(folder, places[1], report, records, config)
    return report


@dataclass(frozen=True)
class _Found:
    clips: list[Clip]
    unread: list[Failure]


def _clips(videos: Sequence[Path], config: CurationConfig, folder: Path, spread: Spread, tell: Listener) -> _Found:
    files = {video: folder / f"{video.stem}-{zlib.crc32(str(video).encode()):08x}.json" for video in videos}
    known = {video: _listed(file, video) for video, file in files.items()}
    missing = [(video, files[video]) for video in videos if known[video] is None]
    told = _Told("finding shots", len(missing), tell)
    for result in spread(partial(_find, config=config), missing):
        known[Path(result["path"])] = result
        told.one()
    clips: list[Clip] = []
    unread = []
    for video in videos:
        result = known[video]
        assert result is not None  # everything missing was found
        if result["reason"]:
            unread.append(Failure(name=str(video), reason=result["reason"]))
        clips += [Excerpt(video, result["licence"], start, result["step"]) for start in result["starts"]]
    return _Found(clips, unread)


def _find(job: tuple[Path, Path], config: CurationConfig) -> dict[str, Any]:
    """The clips of a video as plain data, also written; what goes wrong is told, and not written."""
    path, file = job
    told: dict[str, Any] = {"path": str(path), "starts": [], "step": 1, "licence": "", "reason": ""}
    try:
        licence = licence_beside(path)
        found = excerpts(path, licence, config)
        if not found:
            raise InputError(f"No shot of it has {config.frames} frames at about {config.fps} a second.")
        told |= {"starts": [each.start for each in found], "step": found[0].step, "licence": licence}
        write_json(file, told | {"bytes": path.stat().st_size})
    except Interrupted:
        raise
    except ImpastoError as error:
        told["reason"] = str(error)
    except Exception as error:  # of libraries: the other videos are not to suffer from it
        told["reason"] = f"{type(error).__name__}: {error}"
    return told


def _listed(file: Path, video: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        same = (told["bytes"], told["licence"]) == (video.stat().st_size, licence_beside(video))
        return told if same else None
    except (ImpastoError, OSError, ValueError, KeyError, TypeError):
        return None


def _make(items: Sequence[Item], config: CurationConfig, folder: Path, spread: Spread, tell: Listener) -> int:
    pending = [item for item in items if is_pending(item, folder, config.limits)]
    told = _Told("making pairs", len(pending), tell)
    for _ in spread(partial(make_item, config=config, folder=folder), pending):
        told.one()
    return len(pending)


class _Told:
    def __init__(self, doing: str, total: int, tell: Listener) -> None:
        self._doing, self._total, self._tell = doing, total, tell
        self._done, self._begun = 0, monotonic()

    def one(self) -> None:
        self._done += 1
        self._tell(Progress(doing=self._doing, done=self._done, total=self._total, seconds=monotonic() - self._begun))
