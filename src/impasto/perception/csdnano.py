"""`csd-nano`: a vector for the style of a picture and one for its content, both from the embedded encoder's features.

After CSD (Somepalli 2024): two heads over one network, style by supervised contrast, content blind to style. What lies
between the encoder and the heads is fixed, so that training looks at each picture once (impasto.training.csd).

Legend: B pictures, C channels, K components that are kept, L layers, D numbers, G side of the grid, H height, W width.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.perception.encoder import VGG_CHANNELS
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import weights_file

WEIGHTS = "csd-nano.safetensors"
STYLE_LAYERS = slice(0, 4)
"""relu1_1 .. relu4_1; relu5_1 tells more of what is shown than of how."""
CONTENT_LAYERS = slice(3, 5)
"""relu4_1 and relu5_1."""
POSITIONS = 64
"""Of each picture, that the components are fitted to."""
DROPOUT = 0.5
"""While they are taught: of thousands of numbers and a few hundred styles, the heads would learn these by heart."""


@dataclass(frozen=True)
class CsdConfig:
    kept: int = 32
    """Principal components of each layer."""
    grid: int = 6
    """Cells, across and down, in which content is seen."""
    hidden: int = 224
    """Width of the style head."""
    channels: int = 96
    """Of the content head."""
    size: int = 128
    """Numbers of each vector."""

    @property
    def moments(self) -> int:
        """Numbers by which style is seen."""
        return len(VGG_CHANNELS[STYLE_LAYERS]) * (self.kept + self.kept * (self.kept + 1) // 2)


class Sight(NamedTuple):
    """What is seen in a picture before the heads look."""

    style: Tensor
    """[B, D]: of each layer the mean over positions, and the root of the covariance."""
    content: Tensor
    """[B, 2K, G, G]: relu4_1 and relu5_1 without their own mean and deviation, which are style (Huang 2017, AdaIN)."""


class Descriptors(NamedTuple):
    """Two vectors [B, D] of length 1 for each picture; their cosines compare."""

    style: Tensor
    content: Tensor


class Whitening(nn.Module):
    """Brings the channels of a layer to their principal components, of variance 1 over what it was fitted to."""

    def __init__(self, channels: int, kept: int) -> None:
        super().__init__()
        self.mean: Tensor
        self.basis: Tensor
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("basis", torch.eye(kept, channels))

    def fit(self, points_NC: Tensor) -> None:
        """Take the components of features at N positions of any pictures."""
        points = points_NC.double()
        mean = points.mean(0)
        values, vectors = torch.linalg.eigh((points - mean).T @ (points - mean) / len(points))
        kept = len(self.basis)
        scales = values[-kept:].clamp(min=1e-6 * values[-1].item()).rsqrt()
        self.mean.copy_(mean)
        self.basis.copy_((vectors[:, -kept:] * scales).T)

    def forward(self, features_BCHW: Tensor) -> Tensor:
        """[B, K, H, W]"""
        return torch.einsum("kc,bchw->bkhw", self.basis, features_BCHW - self.mean.view(1, -1, 1, 1))


class CsdNano(nn.Module):
    """`see` is fixed once its components are fitted; `describe` is what training teaches."""

    def __init__(self, config: CsdConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or CsdConfig()
        self.style_whitenings, self.content_whitenings = (
            nn.ModuleList(Whitening(channels, c.kept) for channels in VGG_CHANNELS[layers])
            for layers in (STYLE_LAYERS, CONTENT_LAYERS)
        )
        self.center: Tensor
        self.spread: Tensor
        self.register_buffer("center", torch.zeros(c.moments))
        self.register_buffer("spread", torch.ones(c.moments))
        self.style_head = nn.Sequential(
            nn.Dropout(DROPOUT),
            nn.Linear(c.moments, c.hidden),
            nn.GELU(),
            nn.Dropout(DROPOUT),
            nn.Linear(c.hidden, c.size),
        )
        self.content_head = nn.Sequential(
            nn.Conv2d(2 * c.kept, c.channels, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(c.channels, c.channels, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Flatten(),
            nn.Dropout(DROPOUT),
            nn.Linear(c.channels * ((c.grid + 1) // 2) ** 2, c.size),
        )

    @torch.no_grad()
    def fit(self, pictures: Iterable[Sequence[Tensor]]) -> None:
        """Take the components of the encoder's features of some pictures, one after the other."""
        chance, samples = torch.Generator().manual_seed(0), []
        for features in pictures:
            normalised = [F.instance_norm(layer) for layer in features[CONTENT_LAYERS]]
            samples.append([_sample(layer, chance) for layer in (*features[STYLE_LAYERS], *normalised)])
        whitenings = [*self.style_whitenings, *self.content_whitenings]
        for whitening, points in zip(whitenings, zip(*samples, strict=True), strict=True):
            whitening.fit(torch.cat(points))  # pyright: ignore[reportCallIssue]

    @torch.no_grad()
    def standardise(self, style_BD: Tensor) -> None:
        """Have the style head see numbers of mean 0 and deviation 1 over these sights of style."""
        self.center.copy_(style_BD.mean(0))
        self.spread.copy_(style_BD.std(0).clamp(min=1e-3))

    @torch.no_grad()
    def see(self, features: Sequence[Tensor]) -> Sight:
        """Of relu1_1 .. relu5_1 [B, C, H, W], as the encoder gives them of pictures of 32 pixels and more."""
        return Sight(self._see_style(features), self._see_content(features))

    def describe(self, sight: Sight) -> Descriptors:
        """The two vectors of each picture."""
        return Descriptors(self._describe_style(sight.style), self._describe_content(sight.content))

    def forward(self, features: Sequence[Tensor]) -> Descriptors:
        """The two vectors of each picture, of features as `see` takes them."""
        return self.describe(self.see(features))

    def style(self, features: Sequence[Tensor]) -> Tensor:
        """The vector of style alone, [B, D], of features as `see` takes them."""
        return self._describe_style(self._see_style(features))

    def content(self, features: Sequence[Tensor]) -> Tensor:
        """The vector of content alone, [B, D], of features as `see` takes them."""
        return self._describe_content(self._see_content(features))

    def _see_style(self, features: Sequence[Tensor]) -> Tensor:
        layers = zip(self.style_whitenings, features[STYLE_LAYERS], strict=True)
        return torch.cat([_moments(whiten(layer)) for whiten, layer in layers], 1)

    def _see_content(self, features: Sequence[Tensor]) -> Tensor:
        layers = zip(self.content_whitenings, features[CONTENT_LAYERS], strict=True)
        grids = [F.adaptive_avg_pool2d(whiten(F.instance_norm(layer)), self.config.grid) for whiten, layer in layers]
        return torch.cat(grids, 1)

    def _describe_style(self, seen_BD: Tensor) -> Tensor:
        return F.normalize(self.style_head((seen_BD - self.center) / self.spread), dim=1)

    def _describe_content(self, seen_BKGG: Tensor) -> Tensor:
        return F.normalize(self.content_head(seen_BKGG), dim=1)


def _sample(layer_BCHW: Tensor, chance: torch.Generator) -> Tensor:
    """The features at some positions of each picture, [N, C]."""
    points_BNC = layer_BCHW.flatten(2).transpose(1, 2)
    chosen = torch.randperm(points_BNC.shape[1], generator=chance)[:POSITIONS]
    return points_BNC[:, chosen].flatten(0, 1)


def _moments(y_BKHW: Tensor) -> Tensor:
    """Mean of each component, and upper half of the root of their covariance, [B, K + K (K + 1) / 2]."""
    y_BKN = y_BKHW.flatten(2)
    mean = y_BKN.mean(2)
    centred = y_BKN - mean[..., None]
    values, vectors = torch.linalg.eigh(centred @ centred.transpose(1, 2) / y_BKN.shape[2])
    # The root, because variances grow with the square of contrast and few strong ones would drown the rest (Li 2017,
    # "Is Second-order Information Helpful").
    root = (vectors * values.clamp(min=0).sqrt()[:, None]) @ vectors.transpose(1, 2)
    rows, columns = torch.triu_indices(*root.shape[1:])
    return torch.cat([mean, root[:, rows, columns]], 1)


def save_csd_nano(net: CsdNano, path: Path) -> None:
    """Write the weights as float16 with the config in the header; the file appears whole or not at all."""
    state = {key: value.detach().half().contiguous() for key, value in net.state_dict().items()}
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(state, {"config": json.dumps(asdict(net.config))}))


def load_csd_nano(path: Path) -> CsdNano:
    """Read weights that `save_csd_nano` wrote; frozen, in evaluation mode, float32.

    Raises:
        ModelError: the file holds something else.
    """
    try:
        with safe_open(path, "pt") as file:
            config = CsdConfig(**json.loads(file.metadata()["config"]))
        net = CsdNano(config)
        net.load_state_dict({key: value.float() for key, value in load_file(path).items()})
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{str(path)!r} does not hold the weights of csd-nano; reinstall Impasto.") from error
    return net.eval().requires_grad_(False)


@cache
def embedded_csd_nano() -> CsdNano:
    """The network that ships with the package; raises `ModelError` where its file is missing."""
    return load_csd_nano(weights_file(WEIGHTS))
