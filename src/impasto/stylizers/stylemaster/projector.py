"""The global projector: from what a picture shows to how it is painted (StyleMaster, section 3.2).

Legend: B pictures, E numbers of an embedding, V of a style vector, G global tokens, D width of a token.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.video.files import writing, written_atomically
from impasto.weights.rows import from_bytes, to_bytes

FORMAT = "impasto stylemaster projector 1"
"""The only key of the metadata, so that the same weights give the same file."""


@dataclass(frozen=True)
class ProjectorConfig:
    embedding: int = 256
    """Numbers of a picture's embedding (E): `clip-nano`'s."""
    hidden: int = 512
    depth: int = 2
    """Hidden layers; the paper names neither depth nor width."""
    size: int = 256
    """Numbers of a style vector (V)."""


class StyleProjector(nn.Module):
    """An MLP over a frozen embedding, taught by triplets."""

    def __init__(self, config: ProjectorConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.embedding, *[config.hidden] * config.depth]
        hidden = [layer for i in range(config.depth) for layer in (nn.Linear(widths[i], widths[i + 1]), nn.GELU())]
        self.layers = nn.Sequential(*hidden, nn.Linear(widths[-1], config.size))

    def forward(self, embedding_BE: Tensor) -> Tensor:
        """Unit style vectors [B, V]: their product is how alike two styles are."""
        # A unit vector's numbers are small; layers expect them of size 1.
        return F.normalize(self.layers(F.normalize(embedding_BE, dim=1) * embedding_BE.shape[1] ** 0.5), dim=1)


class GlobalTokens(nn.Module):
    """A style vector, or any unit vector, as tokens."""

    def __init__(self, size: int, tokens: int, width: int) -> None:
        super().__init__()
        self.expand = nn.Linear(size, tokens * width)
        self.norm = nn.LayerNorm(width)

    def forward(self, vector_BV: Tensor) -> Tensor:
        """[B, G, D]"""
        expanded_BGD = self.expand(vector_BV * vector_BV.shape[1] ** 0.5).unflatten(1, (-1, len(self.norm.weight)))
        return self.norm(expanded_BGD)


def save_projector(net: StyleProjector, path: Path) -> None:
    """Write a projector, with its config in the header; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(to_bytes(net.state_dict(), ()), {FORMAT: json.dumps(asdict(net.config))}))


def load_projector(path: Path) -> StyleProjector:
    """Read what `save_projector` wrote; frozen, float32.

    Raises:
        ModelError: the file is missing, or holds something else.
    """
    try:
        with safe_open(path, "pt") as file:
            net = StyleProjector(ProjectorConfig(**json.loads((file.metadata() or {})[FORMAT])))
        net.load_state_dict(from_bytes(load_file(path)))
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{str(path)!r} does not hold a projector; make one with `impasto train stylemaster-projector`."
        ) from error
    return net.eval().requires_grad_(False)
