"""The rows of the flicker table, as data."""

from dataclasses import dataclass, replace
from typing import Literal

from impasto.evaluation.tables.protocol import Protocol, Span
from impasto.stylizers.base import Preset
from impasto.stylizers.feedforward.johnson import JohnsonConfig
from impasto.stylizers.optimization.config import PaintingConfig
from impasto.stylizers.optimization.gatys import GatysConfig
from impasto.stylizers.optimization.ruder import RuderConfig
from impasto.training.learning import LearnConfig

WASSERSTEIN = "gaussian"
"""The style loss of the Wasserstein rows: between Gaussians, the cheapest of its kind to optimise."""


@dataclass(frozen=True)
class SwiftMethod:
    preset: Preset


@dataclass(frozen=True)
class LearnedMethod:
    """A network that is taught each style first."""

    config: LearnConfig
    steadied: bool = False
    """Behind the stabiliser, as `impasto stylize` runs it; else as in the papers, the network alone."""


Method = GatysConfig | RuderConfig | SwiftMethod | LearnedMethod
Family = Literal["source", "optimisation", "feed-forward"]


@dataclass(frozen=True)
class Row:
    name: str
    """Of a method; a row of the table is one method on one span."""
    title: str
    method: Method | None
    """None: nothing is painted."""
    span: Span

    @property
    def family(self) -> Family:
        match self.method:
            case None:
                return "source"
            case GatysConfig() | RuderConfig():
                return "optimisation"
        return "feed-forward"


def flicker_rows(protocol: Protocol) -> list[Row]:
    """Every method on the first frames of the clips; those that are fast enough on whole clips too."""
    rows = [Row(name, title, method, protocol.short) for name, title, method in _methods(protocol)]
    return rows + [replace(row, span=protocol.whole) for row in rows if row.family != "optimisation"]


def _methods(protocol: Protocol) -> list[tuple[str, str, Method | None]]:
    gram = PaintingConfig(style_loss="gram", iterations=protocol.iterations)
    wasserstein = replace(gram, style_loss=WASSERSTEIN)
    ruder = RuderConfig(gram)
    johnson = LearnConfig(network="johnson", style_loss="gram", steps=protocol.steps)
    batch = replace(johnson, johnson=JohnsonConfig(norm="batch"))
    by_wasserstein = replace(johnson, style_loss=WASSERSTEIN)
    return [
        ("source", "the clip itself", None),
        ("gatys-gram", "Gatys, Gram", GatysConfig(gram)),
        ("gatys-wasserstein", "Gatys, Wasserstein", GatysConfig(wasserstein)),
        # The same weight as the warped term has in `ruder`, so that the flow is the one difference.
        ("gatys-unwarped", "Gatys, Gram, unwarped term", GatysConfig(gram, unwarped_weight=ruder.temporal_weight)),
        ("ruder-gram", "Ruder, Gram", ruder),
        ("ruder-wasserstein", "Ruder, Wasserstein", RuderConfig(wasserstein)),
        ("ruder-passes", f"Ruder, Gram, {protocol.passes} passes", RuderConfig(gram, passes=protocol.passes)),
        ("johnson-gram", "Johnson, Gram, no temporal loss", LearnedMethod(replace(johnson, temporal_weight=0.0))),
        ("johnson-gram-temporal", "Johnson, Gram, temporal loss", LearnedMethod(johnson)),
        (
            "johnson-wasserstein",
            "Johnson, Wasserstein, no temporal loss",
            LearnedMethod(replace(by_wasserstein, temporal_weight=0.0)),
        ),
        ("johnson-wasserstein-temporal", "Johnson, Wasserstein, temporal loss", LearnedMethod(by_wasserstein)),
        ("johnson-batch-temporal", "Johnson, batch norm, Gram, temporal loss", LearnedMethod(batch)),
        ("johnson-steadied", "Johnson, Gram, temporal loss, stabiliser", LearnedMethod(johnson, steadied=True)),
        ("swift-draft", "swift, draft", SwiftMethod("draft")),
        ("swift-standard", "swift, standard", SwiftMethod("standard")),
    ]
