"""How fast this machine was, so that the next plan can say how long it will take."""

import json
from dataclasses import dataclass
from pathlib import Path

from impasto.errors import ImpastoError
from impasto.stylizers.base import Preset
from impasto.video.files import written_atomically
from impasto.weights.paths import cache_dir


@dataclass(frozen=True)
class Pace:
    seconds_per_shot: float
    """Preparing."""
    pixels_per_second: float
    """Decoding, stylizing and encoding together."""

    def seconds(self, shots: int, pixels: int) -> float:
        """Expected for that many shots and pixels of all frames together."""
        return shots * self.seconds_per_shot + pixels / self.pixels_per_second


def known_pace(model: str, preset: Preset) -> Pace | None:
    """The pace of the last run with this model and preset on this machine; None before the first."""
    try:
        return Pace(*map(float, _read()[f"{model} {preset}"]))
    except (KeyError, TypeError, ValueError):
        return None


def keep_pace(model: str, preset: Preset, pace: Pace) -> None:
    """Remember for the next plan; a cache folder that cannot be written to costs only the estimate."""
    try:
        with written_atomically(_file()) as partial:
            paces = {**_read(), f"{model} {preset}": (pace.seconds_per_shot, pace.pixels_per_second)}
            partial.write_text(json.dumps(paces), encoding="utf-8")
    except (OSError, ImpastoError):
        return


def _read() -> dict[str, tuple[float, float]]:
    try:
        read = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _file() -> Path:
    return cache_dir() / "pace.json"
