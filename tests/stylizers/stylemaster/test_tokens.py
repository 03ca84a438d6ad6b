"""Patches that tell of texture, the Q-Former, and all style tokens."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import nn

from impasto.errors import UnsupportedOption
from impasto.stylizers.stylemaster.texture import QFormer, select
from impasto.stylizers.stylemaster.tokens import StyleTokens
from tests.stylizers.stylemaster.toy import EMBEDDING, TOKENS, features, some


def awake(net: nn.Module) -> nn.Module:
    """With weights everywhere, also where training begins with zeros."""
    torch.manual_seed(1)
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.3)
    return net


def test_the_least_like_patches_are_kept_and_the_most_like_in_the_ablation():
    """Patch p lies at an angle that grows with p from the first text, and falls from the second."""
    angles = torch.linspace(0, torch.pi / 2, 256)
    patches = torch.stack([angles.cos(), angles.sin()], 1)
    patches = (patches * torch.rand(256, 1, generator=torch.Generator().manual_seed(0)).add(0.1)).expand(2, -1, -1)
    text = torch.eye(2)
    near, far = range(15), range(241, 256)
    for choice, expected in (("least", (far, near)), ("most", (near, far))):
        kept = select(patches, text, choice)
        assert [sorted(row) for row in kept.tolist()] == [list(wanted) for wanted in expected]


def test_as_many_are_kept_as_there_are_patches():
    assert [select(some(1, count, 4), some(1, 4), "least").shape[1] for count in (4, 144, 256)] == [1, 8, 15]
    assert select(some(1, 9, 4), some(1, 4), "all").tolist() == [list(range(9))]


def test_chance_comes_from_the_generator():
    first, again, other = (
        select(some(1, 144, 4), some(1, 4), "random", torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_order_of_patches_means_nothing_and_each_of_them_counts():
    net, patches = awake(QFormer(TOKENS.texture)), some(2, 5, EMBEDDING)
    tokens = net(patches)
    assert tokens.shape == (2, 2, 12)
    torch.testing.assert_close(net(patches.flip(1)), tokens, rtol=1e-4, atol=1e-4)
    changed = patches.clone()
    changed[0, 3] += 1
    assert (net(changed)[0] - tokens[0]).abs().max() > 1e-3
    assert torch.equal(net(changed)[1], tokens[1])


def test_texture_comes_first_then_the_global_tokens():
    net, seen = awake(StyleTokens(TOKENS)), features()
    tokens = net(seen)
    assert tokens.shape == (2, 2 + 3, 10)
    elsewhere = seen._replace(patches=some(2, 40, EMBEDDING, seed=5))
    changed = (net(elsewhere) - tokens).abs().amax((0, 2)) > 1e-5
    assert changed.tolist() == [True, True, False, False, False]
    changed = (net(seen._replace(embedding=some(2, EMBEDDING, seed=6))) - tokens).abs().amax((0, 2)) > 1e-5
    assert changed.tolist() == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("source", "choice"), [*product(("projector", "embedding", None), ("least", "most", "random", "all", None))]
)
def test_every_ablation_has_its_tokens(source, choice):
    config = replace(TOKENS, source=source, choice=choice)
    if not (source or choice):
        with pytest.raises(UnsupportedOption):
            StyleTokens(config)
        return
    net = StyleTokens(config)
    tokens = net(features(), torch.Generator().manual_seed(0))
    assert tokens.shape == (2, (2 if choice else 0) + (3 if source else 0), 10)
    assert hasattr(net, "projector") == (source == "projector")


def test_patches_are_chosen_in_the_joint_space_and_may_be_told_by_other_numbers():
    config = replace(TOKENS, source=None, texture=replace(TOKENS.texture, embedding=5))
    net, seen = awake(StyleTokens(config)), features()
    told = some(2, 40, 5, seed=7)
    tokens = net(seen._replace(texture=told))
    kept = select(seen.patches, seen.text, "least")
    others = torch.ones(2, 40, dtype=torch.bool).scatter(1, kept, False)
    assert torch.equal(net(seen._replace(texture=told + others[..., None])), tokens)
    assert not torch.equal(net(seen._replace(texture=told + 1)), tokens)


def test_the_projector_is_not_taught_again():
    net = StyleTokens(TOKENS)
    net(features()).sum().backward()
    assert all(parameter.grad is None for parameter in net.projector.parameters())
    assert net.global_tokens.expand.weight.grad is not None
