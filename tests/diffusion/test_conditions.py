"""Conditions of a batch, and what stands for those that are dropped."""

from dataclasses import replace

import pytest
import torch

from impasto.diffusion.conditions import (
    CONDITIONS,
    Conditions,
    DropRates,
    dropped,
    image_channels,
    padded,
    together,
    without,
)


def conditions(clips: int = 2) -> Conditions:
    generator = torch.Generator().manual_seed(0)

    def some(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator) + 1

    return Conditions(
        text=some(clips, 5, 8),
        empty_text=some(1, 5, 8),
        picture=some(clips, 4, 6),
        image=some(clips, 8, 3, 2, 2),
        style=some(clips, 3, 8),
        control=some(clips, 4, 3, 2, 2),
    )


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_each_condition_has_its_own_nothing():
    full = replace(conditions(), null_style=torch.full((1, 3, 8), 7.0))
    empty = without(full, *CONDITIONS)
    assert torch.equal(empty.text, full.empty_text.expand(2, 5, 8))
    assert torch.equal(empty.style, torch.full((2, 3, 8), 7.0))
    for name in ("picture", "image", "control"):
        assert torch.equal(getattr(empty, name), torch.zeros_like(getattr(full, name)))
    bare = without(replace(conditions(), empty_text=None), "text", "style")
    assert not bare.text.any()
    assert not bare.style.any()
    assert bare.picture is not None
    assert bare.picture.all()


def test_what_a_model_has_no_input_for_is_not_made_up():
    bare = without(Conditions(text=torch.ones(1, 2, 3)), *CONDITIONS)
    assert (bare.picture, bare.image, bare.style, bare.control) == (None, None, None, None)


def test_dropping_follows_its_rates_clip_by_clip():
    full = conditions(4000)
    rates = DropRates(text=0.1, image=0.5, style=1.0)
    result = dropped(full, rates, generator())
    nothing = without(full, *CONDITIONS)
    for name in CONDITIONS:
        value, kept, gone = (getattr(which, name).flatten(1) for which in (result, full, nothing))
        is_kept, is_gone = (value == kept).all(1), (value == gone).all(1)
        assert (is_kept ^ is_gone).all(), name
        assert is_gone.float().mean().item() == pytest.approx(getattr(rates, name), abs=0.03), name


def test_dropping_depends_on_the_seed_alone():
    rates = DropRates(text=0.5, style=0.5)
    first = dropped(conditions(50), rates, generator(3))
    again = dropped(replace(conditions(50), picture=None, image=None), rates, generator(3))
    assert torch.equal(first.text, again.text)
    assert torch.equal(first.style, again.style)
    assert not torch.equal(first.text, dropped(conditions(50), rates, generator(4)).text)


def test_learned_tokens_of_no_style_get_gradients():
    null = torch.zeros(1, 3, 8, requires_grad=True)
    result = dropped(replace(conditions(), null_style=null), DropRates(style=1.0), generator())
    result.style.sum().backward()
    assert torch.equal(null.grad, torch.full((1, 3, 8), 2.0))


def test_several_conditions_become_one_batch():
    full = conditions()
    joined = together([without(full, "text", "style"), without(full, "style"), full])
    assert joined.text.shape == (6, 5, 8)
    assert torch.equal(joined.text[2:4], full.text)
    assert torch.equal(joined.style[4:], full.style)
    assert not joined.style[:4].any()
    assert together([Conditions(text=full.text)] * 2).image is None


def test_image_channels_begin_with_the_mask():
    latents = torch.randn(2, 16, 3, 4, 5)
    channels = image_channels(latents, [True, False, False])
    assert channels.shape == (2, 20, 3, 4, 5)
    assert torch.equal(channels[:, 4:], latents)
    assert channels[:, :4, 0].all()
    assert not channels[:, :4, 1:].any()


def test_texts_are_filled_with_zeros_and_cut():
    short, long = torch.ones(2, 3), torch.ones(6, 3)
    batch = padded([short, long], 4)
    assert batch.shape == (2, 4, 3)
    assert batch.sum((1, 2)).tolist() == [6, 12]
    assert not batch[0, 2:].any()
