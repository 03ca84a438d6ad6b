"""ControlNets of several kinds on a base: nothing at first, then each by what it is shown; files."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.controls import ControlledBase, joined, load_controls
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError
from tests.diffusion.toy import LATENT, PICTURE_MODEL, toy_conditions, toy_latents, toy_transformer

SIGMA = torch.tensor([0.7, 0.2])


def toy_controlled(*kinds, awake: bool = True) -> ControlledBase:
    model = ControlledBase(toy_transformer(num_layers=4, **PICTURE_MODEL), "toy", kinds).eval()
    if awake:
        torch.manual_seed(4)
        for parameter in model.learns().parameters():
            nn.init.normal_(parameter, std=0.2)
    return model


def some(seed: int) -> torch.Tensor:
    return torch.randn(2, LATENT, 2, 4, 4, generator=torch.Generator().manual_seed(seed))


def given(*controls: torch.Tensor) -> Conditions:
    plain = toy_conditions(picture=True, style=False)
    return replace(plain, control=joined(controls)) if controls else plain


def velocity(model: ControlledBase, conditions: Conditions) -> torch.Tensor:
    return model.velocity(toy_latents(), SIGMA, conditions)


def plain() -> torch.Tensor:
    base, context = toy_transformer(num_layers=4, **PICTURE_MODEL), Context()
    attach_attention(base, context)
    return Velocity(base, context)(toy_latents(), SIGMA, given())


def test_before_anything_is_learned_and_without_a_control_the_base_paints_as_it_does():
    assert torch.equal(velocity(toy_controlled("depth", "pose", awake=False), given(some(1), some(2))), plain())
    assert torch.equal(velocity(toy_controlled("depth"), given()), plain())


def test_both_together_are_the_sum_of_each_by_itself():
    both = toy_controlled("depth", "pose")
    alone = [net(toy_latents(), SIGMA, given(some(n))) for n, net in enumerate(both.control.nets.values(), 1)]
    together = both.control(toy_latents(), SIGMA, given(some(1), some(2)))
    assert together.keys() == {0, 2}
    for place, added in together.items():
        torch.testing.assert_close(added, alone[0][place] + alone[1][place])
    changed = velocity(both, given(some(1), some(3)))
    assert not torch.allclose(velocity(both, given(some(1), some(2))), changed)


def test_only_the_controlnets_want_gradients_and_all_of_them_get_some():
    model = toy_controlled("depth")
    learning = model.learns()
    assert {v for v in model.parameters() if v.requires_grad} == set(learning.parameters())
    velocity(model, given(some(1))).square().mean().backward()
    silent = [name for name, value in learning.named_parameters() if value.grad is None or not value.grad.any()]
    assert silent == []


def test_a_file_leads_another_copy_of_the_base_also_one_with_attachments(tmp_path: Path):
    model, path = toy_controlled("pose"), tmp_path / "pose.safetensors"
    model.format.write(path, model.adapters(), as_bytes=False)
    again = toy_controlled("pose", awake=False)
    again.load({"pose": path})
    expected = velocity(model, given(some(1)))
    assert (velocity(again, given(some(1))) - expected).norm() < 0.01 * expected.norm()
    base = toy_transformer(num_layers=4, **PICTURE_MODEL)
    attach_attention(base, Context())
    beside = load_controls(base, "toy", {"pose": path})
    one = beside(toy_latents(), SIGMA, given(some(1)))
    for place, added in model.control(toy_latents(), SIGMA, given(some(1))).items():
        assert (one[place] - added).norm() < 0.01 * added.norm()


def test_files_of_another_kind_or_base_are_refused(tmp_path: Path):
    model, path = toy_controlled("pose"), tmp_path / "pose.safetensors"
    model.format.write(path, model.adapters(), as_bytes=True)
    with pytest.raises(ModelError, match="a ControlNet for pose, not for depth"):
        load_controls(model.transformer, "toy", {"depth": path})
    with pytest.raises(ModelError, match="of the base 'toy'"):
        load_controls(model.transformer, "other", {"pose": path})
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="does not hold adapters of ControlNet"):
        load_controls(model.transformer, "toy", {"pose": path})
