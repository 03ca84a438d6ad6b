"""What each part is to paint, and by what: texts for all of them, and each part's own condition.

The base paints from the text alone: the first frame of a clip would tell its style.

Legend: B clips, L tokens, D channels.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.conditions import Conditions, no_picture, padded
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.tokens import StyleFeatures
from impasto.training.stylemaster.aspects import Seen
from impasto.training.stylemaster.parts import Batch, Lesson


def style_lesson(model: StyleMaster, empty_text_LD: Tensor, device: torch.device) -> Lesson:
    """Pictures in the style of another look at their clips, `pooled`, `patches` and a caption's `meaning`."""

    def lesson(chosen: Sequence[Seen], rng: np.random.Generator) -> Batch:
        captions, latents = _captions(chosen, rng), _latents(chosen, device)[:, :, :1]
        conditions = _texts(model, chosen, captions, latents, empty_text_LD)
        return Batch(latents, replace(conditions, style=_style(model, chosen, captions, rng, device)))

    return lesson


def control_lesson(model: StyleMaster, empty_text_LD: Tensor, device: torch.device) -> Lesson:
    """Clips by their own `control`, and by their style where the model has style attention."""

    def lesson(chosen: Sequence[Seen], rng: np.random.Generator) -> Batch:
        captions, latents = _captions(chosen, rng), _latents(chosen, device)
        conditions = _texts(model, chosen, captions, latents, empty_text_LD)
        style = _style(model, chosen, captions, rng, device) if model.tokens else None
        control = torch.stack([one.read("control") for one in chosen]).to(device)
        return Batch(latents, replace(conditions, style=style, control=control))

    return lesson


def motion_lesson(model: StyleMaster, empty_text_LD: Tensor, device: torch.device) -> Lesson:
    """Clips in which one frame stands `still`."""

    def lesson(chosen: Sequence[Seen], rng: np.random.Generator) -> Batch:
        latents = torch.stack([one.read("still") for one in chosen]).to(device)
        return Batch(latents, _texts(model, chosen, _captions(chosen, rng), latents, empty_text_LD))

    return lesson


def _captions(chosen: Sequence[Seen], rng: np.random.Generator) -> list[int]:
    return [int(rng.integers(len(one.example.captions))) for one in chosen]


def _latents(chosen: Sequence[Seen], device: torch.device) -> Tensor:
    return torch.stack([one.example.latent() for one in chosen]).to(device)


def _texts(
    model: StyleMaster, chosen: Sequence[Seen], captions: Sequence[int], latents_BCThw: Tensor, empty_text_LD: Tensor
) -> Conditions:
    """One caption of each clip as the only condition."""
    texts = [one.example.text(number) for one, number in zip(chosen, captions, strict=True)]
    length = max(len(text) for text in (*texts, empty_text_LD))
    return Conditions(
        text=padded(texts, length).to(latents_BCThw),
        empty_text=padded([empty_text_LD], length).to(latents_BCThw),
        **no_picture(model.transformer, latents_BCThw),
    )


def _style(
    model: StyleMaster, chosen: Sequence[Seen], captions: Sequence[int], rng: np.random.Generator, device: torch.device
) -> Tensor:
    texts = [one.read(f"meaning {number}") for one, number in zip(chosen, captions, strict=True)]
    looks = ([one.read(name) for one in chosen] for name in ("pooled", "patches"))
    features = StyleFeatures(*(torch.stack(values).to(device) for values in (*looks, texts)))
    return model.style_tokens(features, torch.Generator().manual_seed(int(rng.integers(2**31))))
