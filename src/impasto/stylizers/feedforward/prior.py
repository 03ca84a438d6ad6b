"""From words to a style code: the style that pictures so described have.

A memory of described styles that is asked by attention: what is said is compared with every description it knows, and
the answer lies half way between the style that is described most alike and the mean of all, each by how alike its
description is. The one alone misses what others have in common; the mean alone is dull. `impasto train prior` fills it.

Legend: B texts, M descriptions, N styles, D numbers of a sentence vector, S of those that are kept, K principal
components of styles, C numbers of a style.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from impasto.color.transport import ColorStatistics, power
from impasto.errors import ModelError, UnsupportedOption
from impasto.perception.text.weights import embedded_text_encoder
from impasto.stylizers.feedforward.code import StyleCode
from impasto.stylizers.registry import PRIOR
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import weights_file
from impasto.weights.rows import from_bytes, to_bytes

FORMAT = "impasto prior 1"
STATISTICS = 2944
NUMBERS = STATISTICS + 3 + 9
"""Of a style: statistics of features, mean colour, root of the covariance of colours."""
SMALLEST = 1e-4
"""Least deviation of a feature."""


@dataclass(frozen=True)
class PriorConfig:
    kept: int = 96
    """Principal components of styles."""
    sentence_kept: int = 96
    """And of sentence vectors."""
    sharpness: float = 12.0
    """How fast the share of a style in the mean falls as its description is less alike."""
    nearest: float = 0.5
    """Share of the style that is described most alike."""


class Prior(nn.Module):
    """The memory; its numbers are filled in by `impasto.training.prior`."""

    def __init__(self, config: PriorConfig, sentence: int, descriptions: int, styles: int) -> None:
        super().__init__()
        self.config = c = config
        self.sentence_mean: Tensor
        self.sentence_basis: Tensor
        self.known: Tensor
        self.owners: Tensor
        self.places: Tensor
        self.components: Tensor
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("sentence_mean", torch.zeros(sentence))
        self.register_buffer("sentence_basis", torch.zeros(c.sentence_kept, sentence))
        self.register_buffer("known", torch.zeros(descriptions, c.sentence_kept))
        self.register_buffer("owners", torch.zeros(descriptions, dtype=torch.int64))
        self.register_buffer("places", torch.zeros(styles, c.kept))
        self.register_buffer("components", torch.zeros(c.kept, NUMBERS))
        self.register_buffer("mean", torch.zeros(NUMBERS))
        self.register_buffer("scale", torch.ones(NUMBERS))

    def meaning(self, sentences_BD: Tensor) -> Tensor:
        """Unit vectors [B, S] of descriptions, seen from the mean of all."""
        seen_BD = F.normalize(sentences_BD - self.sentence_mean, dim=1)
        return F.normalize(seen_BD @ self.sentence_basis.T, dim=1)

    def answer(self, sentences_BD: Tensor) -> Tensor:
        """[B, K]: where the described styles lie, in principal components from the mean style."""
        likeness_BM = self.meaning(sentences_BD) @ self.known.T
        likeness_BN = likeness_BM.new_full((len(likeness_BM), len(self.places)), -1)
        # A style is as alike as the one of its descriptions that is most alike.
        likeness_BN = likeness_BN.scatter_reduce(1, self.owners.expand_as(likeness_BM), likeness_BM, "amax")
        mean_BK = torch.softmax(self.config.sharpness * likeness_BN, 1) @ self.places
        return mean_BK.lerp(self.places[likeness_BN.argmax(1)], self.config.nearest)

    def place(self, code: StyleCode) -> Tensor:
        """[K]: where a style lies."""
        return (style_numbers(code) - self.mean) / self.scale @ self.components.T

    def code(self, sentence_D: Tensor) -> StyleCode:
        """The style of a description."""
        return self.code_at(self.answer(sentence_D[None])[0])

    def code_at(self, place_K: Tensor) -> StyleCode:
        """The style that lies there; differentiable."""
        return style_code_of(self.mean + self.scale * (place_K @ self.components))


def style_numbers(code: StyleCode) -> Tensor:
    """A style code as one row of numbers [C] that may be averaged."""
    root = power(code.colors.covariance.double(), 0.5).float()
    return torch.cat([code.statistics, code.colors.mean, root.flatten()])


def style_code_of(numbers_C: Tensor) -> StyleCode:
    """What `style_numbers` took; any row of numbers gives a legal code."""
    statistics, mean, root = numbers_C.split([STATISTICS, 3, 9])
    # Features come after a rectifier: neither their means nor their deviations are negative.
    root = root.view(3, 3)
    return StyleCode(statistics.clamp(min=SMALLEST), ColorStatistics(mean.clamp(0, 1), root @ root.T))


def prompt_code(prompt: str) -> StyleCode:
    """The style that a description asks for, by the embedded prior.

    Raises:
        ModelError: the text encoder or the prior is missing.
        UnsupportedOption: the text encoder knows none of its words.
    """
    return embedded_prior().code(embedded_text_encoder().embed([read_prompt(prompt)])[0])


def read_prompt(prompt: str) -> str:
    """The part of a prompt that is read; raises `UnsupportedOption` where no word of it is known."""
    encoder = embedded_text_encoder()
    if not encoder.knows(prompt):
        raise UnsupportedOption(f"No word of the prompt {prompt[:40]!r} is known; describe the style in English.")
    return encoder.fitting(prompt)


def save_prior(prior: Prior, path: Path) -> None:
    """Write the numbers, matrices as bytes; the file appears whole or not at all."""
    with written_atomically(path) as partial, writing(path):
        state = prior.state_dict()
        owners = {"owners": state.pop("owners").to(torch.int16)}
        partial.write_bytes(save(to_bytes(state) | owners, {FORMAT: json.dumps(asdict(prior.config))}))


def load_prior(path: Path) -> Prior:
    """Read what `save_prior` wrote; raises `ModelError` where the file holds something else."""
    try:
        with safe_open(path, "pt") as file:
            config = PriorConfig(**json.loads((file.metadata() or {})[FORMAT]))
        state = from_bytes(load_file(path))
        prior = Prior(config, len(state["sentence_mean"]), len(state["known"]), len(state["places"]))
        prior.load_state_dict(state)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{str(path)!r} does not hold the prior of this version; reinstall Impasto.") from error
    return prior.eval()


@cache
def embedded_prior() -> Prior:
    """The prior that ships with the package; raises `ModelError` where its file is missing."""
    return load_prior(weights_file(PRIOR))
