"""How DreamStyle is built on a base, and how that is written into the file of its weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from impasto.stylizers.dreamstyle.slots import Slots

Adaptation = Literal["token-specific", "separate", "plain", "full"]
"""One down matrix for all kinds of tokens and an up matrix for each is the method. Ablations: a down matrix for each
kind as well; one LoRA for all tokens; no LoRA, but all weights of the base."""


@dataclass(frozen=True, kw_only=True)
class DreamStyleConfig:
    adaptation: Adaptation = "token-specific"
    rank: int = 64
    slots: Slots = "contiguous"
    pictures: bool = True
    """Whether first frame and style pictures go through the picture branch as well."""
    entrance: bool = False
    """Whether image channels and picture branch learn too: of a base that was widened to have them."""

    @property
    def matrices(self) -> tuple[int, int] | None:
        """Down and up matrices of each layer; None: no LoRA."""
        counts = {"token-specific": (1, 3), "separate": (3, 3), "plain": (1, 1)}
        return counts.get(self.adaptation)


def written(config: DreamStyleConfig) -> dict[str, Any]:
    """As JSON takes it; see `read`."""
    return asdict(config)


def read(config: Mapping[str, Any]) -> DreamStyleConfig:
    """What `written` wrote; raises `TypeError` where it is of another version."""
    return DreamStyleConfig(**config)
