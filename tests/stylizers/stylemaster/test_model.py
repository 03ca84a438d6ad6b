"""The parts of StyleMaster on a base: nothing until they have learnt, each by itself, kept and refused as files."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import mse_loss

from impasto.diffusion.attachments import own_state
from impasto.diffusion.conditions import Conditions, no_picture
from impasto.diffusion.configs import WAN_1_3B
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.conditions import control_of, style_of
from impasto.stylizers.stylemaster.config import ControlConfig, Part, StyleMasterConfig
from impasto.stylizers.stylemaster.guidance import Scales, decoupled
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig
from tests.diffusion.toy import LATENT, TEXT, toy_latents, toy_transformer
from tests.stylizers.stylemaster.toy import (
    CONFIG,
    EMBEDDING,
    SIGMA,
    awaken,
    conditions,
    features,
    some,
    toy_base,
    toy_stylemaster,
    velocity,
)

PARTS: tuple[Part, ...] = ("style", "motion", "control")


def plain(picture: bool = False) -> torch.Tensor:
    """What the base gives, with its own processors where its text has the length that they know."""
    none = StyleMasterConfig(tokens=None, motion=None, control=None)
    model = toy_stylemaster(none, picture)
    return velocity(model, conditions(model, picture))


@pytest.mark.parametrize("picture", [False, True])
def test_all_parts_together_change_nothing_before_they_learn(picture):
    model = toy_stylemaster(picture=picture)
    assert torch.equal(velocity(model, conditions(model, picture)), plain(picture))


@pytest.mark.parametrize("part", PARTS)
def test_every_weight_of_a_part_moves_within_ten_steps_and_no_other_does(part):
    model = toy_stylemaster()
    model.set_alpha(1)
    learnt = model.learns(part)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    optimizer, wanted = torch.optim.SGD(learnt.parameters(), lr=0.5), some(2, LATENT, 2, 4, 4, seed=9)
    for _ in range(10):
        optimizer.zero_grad()
        mse_loss(velocity(model, conditions(model)), wanted).backward()
        optimizer.step()
    moved = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    moving = {id(value) for value in learnt.parameters()}
    own = {id(value) for module in model.parts[part].values() for value in module.parameters()}
    assert moving < own if part == "style" else moving == own
    assert moved == {name for name, value in model.named_parameters() if id(value) in moving}
    assert not any("projector" in name for name in moved)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_does_something_once_it_has_learnt(part):
    model = toy_stylemaster()
    model.learns(part)
    awaken(model)
    assert (velocity(model, conditions(model)) - plain()).abs().max() > 1e-3


# Style


def test_no_style_is_no_span_and_zeros_are_no_style():
    model = toy_stylemaster(replace(CONFIG, motion=None, control=None))
    model.learns("style")
    awaken(model)
    given = conditions(model)
    assert given.style is not None
    assert torch.equal(velocity(model, replace(given, style=None)), plain())
    assert torch.equal(velocity(model, replace(given, style=torch.zeros_like(given.style))), plain())
    assert not torch.equal(velocity(model, given), plain())


def test_guidance_is_that_of_the_paper():
    model = toy_stylemaster(replace(CONFIG, control=None))
    model.learns("style")
    awaken(model)
    given, latents = conditions(model), toy_latents()
    with torch.no_grad():
        text = replace(given, style=torch.zeros_like(given.style))
        n = velocity(model, replace(text, text=torch.zeros_like(given.text)))
        t, ts = velocity(model, text), velocity(model, given)
        for batched in (False, True):
            found = decoupled(model.velocity, given, Scales(), batched)(latents, SIGMA)
            torch.testing.assert_close(found, n + 12.5 * (t - n) + 6 * (ts - t), rtol=1e-4, atol=1e-4)
        without = decoupled(model.velocity, replace(given, style=None), Scales())(latents, SIGMA)
        torch.testing.assert_close(without, n + 12.5 * (t - n), rtol=1e-4, atol=1e-4)


# Motion


def test_at_zero_there_is_no_motion_adapter_and_its_sign_counts():
    model = toy_stylemaster(replace(CONFIG, tokens=None, control=None))
    model.learns("motion")
    awaken(model)
    given = conditions(model)
    found = {}
    for alpha in (-0.3, 0.0, 1.0):
        model.set_alpha(alpha)
        found[alpha] = velocity(model, given)
    assert torch.equal(found[0.0], plain())
    assert not torch.equal(found[1.0], plain())
    assert ((found[1.0] - found[0.0]) * (found[-0.3] - found[0.0])).sum() < 0


def test_the_motion_adapter_adds_alpha_times_its_product_to_three_projections_of_each_block():
    model = toy_stylemaster(replace(CONFIG, tokens=None, control=None))
    model.learns("motion")
    awaken(model)
    state = own_state(model.parts["motion"])
    assert len(state) == 2 * 3 * len(model.transformer.blocks)
    model.set_alpha(-0.3)
    given = conditions(model)
    found = velocity(model, given)
    merged = toy_stylemaster(StyleMasterConfig(tokens=None, motion=None, control=None))
    with torch.no_grad():
        for name, down in state.items():
            if name.endswith("lora_A.weight"):
                place = name.removesuffix(".lora_A.weight")
                up = state[f"{place}.lora_B.weight"]
                merged.transformer.get_submodule(place).weight.sub_(0.3 * up @ down)
    torch.testing.assert_close(found, velocity(merged, given), rtol=1e-4, atol=1e-5)


# Control


@pytest.mark.parametrize("picture", [False, True])
def test_the_branch_begins_as_the_first_half_of_the_base(picture):
    """Its states are the base's own, as the control latent counts for nothing yet."""
    model = toy_stylemaster(replace(CONFIG, tokens=None, motion=None), picture)
    control = model.control
    assert control is not None
    assert len(control.blocks) == 2
    assert control.places == (0, 2)
    for linear in control.leave:
        torch.nn.init.eye_(linear.weight)
    states = []
    for block in model.transformer.blocks[:2]:
        block.register_forward_hook(lambda module, args, output: states.append(output))
    given = conditions(model, picture)
    velocity(model, replace(given, control=None))
    added = control(toy_latents(), SIGMA, given)
    for own, base in zip(added.values(), states, strict=True):
        torch.testing.assert_close(own, base)


def test_the_branch_hears_the_control_and_reaches_later_blocks():
    model = toy_stylemaster(replace(CONFIG, tokens=None, motion=None))
    model.learns("control")
    awaken(model)
    given = conditions(model)
    assert given.control is not None
    other = replace(given, control=-given.control)
    assert (velocity(model, given) - velocity(model, other)).abs().max() > 1e-3
    assert torch.equal(velocity(model, replace(given, control=None)), plain())


def test_gradients_are_the_same_under_checkpointing():
    model = toy_stylemaster()
    for part in PARTS:
        model.learns(part)
        awaken(model)
    found = []
    for checkpointing in (False, True):
        if checkpointing:
            model.transformer.enable_gradient_checkpointing()
        model.train()
        learnt = [*model.learns("control").parameters(), *model.learns("style").parameters()]
        for value in learnt:
            value.requires_grad_()
        loss = velocity(model, conditions(model)).square().mean()
        found.append(torch.autograd.grad(loss, learnt))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


# Attaching, files


def test_detached_the_transformer_is_as_it_came():
    base = toy_base()
    names, state = [name for name, _ in base.named_modules()], {k: v.clone() for k, v in base.state_dict().items()}
    model = StyleMaster(base, "toy", CONFIG)
    for part in PARTS:
        model.learns(part)
        awaken(model)
    model.detach()
    assert [name for name, _ in base.named_modules()] == names
    assert base.state_dict().keys() == state.keys()
    assert all(torch.equal(value, state[name]) for name, value in base.state_dict().items())


@pytest.mark.parametrize("as_bytes", [False, True])
def test_parts_are_kept_in_files_of_their_own_weights(tmp_path: Path, as_bytes):
    model = toy_stylemaster()
    for part in PARTS:
        model.learns(part)
        awaken(model)
    path = tmp_path / "deep" / "parts.safetensors"
    model.save(path, "style", "motion", as_bytes=as_bytes)
    again = toy_stylemaster()
    untouched = own_state(again.parts["control"])["control.enter.weight"].clone()
    assert again.load(path) == ("style", "motion")
    for part in ("style", "motion"):
        ours, theirs = own_state(model.parts[part]), own_state(again.parts[part])
        for name in ours:
            torch.testing.assert_close(theirs[name], ours[name], rtol=1e-2, atol=0.01 if as_bytes else 1e-3)
    assert torch.equal(own_state(again.parts["control"])["control.enter.weight"], untouched)
    kept = path.read_bytes()
    again.save(path, "style", "motion", as_bytes=as_bytes)
    assert path.read_bytes() == kept
    assert not any(name.startswith(("scale_shift", "blocks.0.ffn")) for name in own_state(model.parts["motion"]))


def test_files_are_enough_to_build_what_they_hold(tmp_path: Path):
    model = toy_stylemaster(replace(CONFIG, motion=MotionConfig(rank=3, alpha=-0.2), control=ControlConfig("canny", 2)))
    for part in PARTS:
        model.learns(part)
        awaken(model)
    model.save(tmp_path / "style.safetensors", "style")
    model.save(tmp_path / "others.safetensors", "motion", "control")
    both = [tmp_path / "style.safetensors", tmp_path / "others.safetensors"]
    again = StyleMaster.from_files(toy_base(), "toy", both)
    assert again.config == model.config
    given = conditions(model)
    torch.testing.assert_close(velocity(again, given), velocity(model, given), rtol=0.01, atol=0.01)
    assert StyleMaster.from_files(toy_base(), "toy", both[:1]).config == replace(
        model.config, motion=None, control=None
    )
    with pytest.raises(ModelError, match="base 'toy'"):
        StyleMaster.from_files(toy_base(), "other", both)


def test_files_of_another_base_are_refused_by_name_by_size_and_by_shape(tmp_path: Path):
    path = tmp_path / "parts.safetensors"
    toy_stylemaster().save(path)
    with pytest.raises(ModelError, match=r"'toy'.*not of 'other'"):
        StyleMaster(toy_base(), "other", CONFIG).load(path)
    with pytest.raises(ModelError, match="num_layers"):
        StyleMaster(toy_transformer(num_layers=2), "toy", CONFIG).load(path)
    assert CONFIG.tokens is not None
    wider = replace(CONFIG, tokens=replace(CONFIG.tokens, width=12))
    with pytest.raises(ModelError, match=r"style tokens of \{'width': 10\}"):
        toy_stylemaster(wider).load(path)
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="does not hold"):
        toy_stylemaster().load(tmp_path / "x.safetensors")
    toy_stylemaster().save(path, "motion")
    with pytest.raises(ModelError, match="motion and nothing of style"):
        toy_stylemaster(replace(CONFIG, motion=None)).load(path)
    with pytest.raises(ModelError, match="without 'motion'"):
        toy_stylemaster(replace(CONFIG, motion=None)).save(path, "motion")


# Conditions


class Eye:
    """Sees the mean colour, and hears the length of the words."""

    def picture(self, rgb_BCHW):
        from impasto.perception.clipnano import PictureVectors

        seen = features(len(rgb_BCHW))
        return PictureVectors(seen.embedding + rgb_BCHW.mean(), seen.patches, (5, 8))

    def text(self, texts):
        return some(1, EMBEDDING, seed=len(texts[0]))


@torch.no_grad()
def test_conditions_have_what_the_model_has_parts_for():
    model = toy_stylemaster(picture=True)
    model.learns("style")
    awaken(model)
    picture, text, noise = some(1, 3, 24, 32).sigmoid(), some(1, 5, TEXT), toy_latents(1)
    frames = some(5, 3, 32, 32).sigmoid()

    def encode(rgb_TCHW):
        return rgb_TCHW[:2, :1].repeat(1, LATENT, 1, 1)[None, ..., ::8, ::8].transpose(1, 2)

    style, control = style_of(model, Eye(), picture, "a cat"), control_of(model, frames, encode)
    assert style is not None
    assert style.shape == (1, 5, 10)
    assert control is not None
    assert control.shape == noise.shape
    given = Conditions(text=text, style=style, control=control, **no_picture(model.transformer, noise))
    assert model.velocity(noise, SIGMA[:1], given).shape == noise.shape
    other = style_of(model, Eye(), picture, "a longer text")
    assert other is not None
    assert not torch.equal(style, other)  # other words, other patches
    bare = toy_stylemaster(StyleMasterConfig(tokens=None, motion=None, control=None))
    assert style_of(bare, Eye(), picture, "a cat") is None
    assert control_of(bare, frames, encode) is None
    assert no_picture(bare.transformer, noise) == {}


@torch.no_grad()
def test_an_image_base_without_a_picture_is_given_zeros_of_which_one_token_is_as_good_as_many():
    model = toy_stylemaster(StyleMasterConfig(tokens=None, motion=None, control=None), picture=True)
    latents = toy_latents()
    given = replace(conditions(model, True), **no_picture(model.transformer, latents))
    assert given.image is not None
    assert given.picture is not None
    assert not given.image.any()
    many = replace(given, picture=given.picture.expand(-1, 7, -1))
    torch.testing.assert_close(velocity(model, given), velocity(model, many))


def test_the_gray_tile_is_the_control():
    assert ControlConfig().preparation == "gray tile"


def test_on_wan_the_parts_have_the_published_sizes():
    """Style keys and values are 4096 to 1536 in all 30 blocks; the control branch has 15 blocks of the base."""
    with torch.device("meta"):
        base = WAN_1_3B.transformer.build()
        block = sum(value.numel() for value in base.blocks[0].parameters())
        patches = sum(value.numel() for value in base.patch_embedding.parameters())
        model = StyleMaster(base, "wan-1.3b", replace(StyleMasterConfig(), tokens=TokenConfig(width=4096)))
    counts = {
        part: {place: sum(value.numel() for value in module.parameters()) for place, module in modules.items()}
        for part, modules in model.parts.items()
    }
    spans = [count for place, count in counts["style"].items() if place.startswith("blocks")]
    assert spans == 30 * [2 * 4096 * 1536 + 1536 + 1536 * 1536]
    assert sum(counts["motion"].values()) == 30 * 3 * 2 * 16 * 1536
    leave, control = 1536 * 1536 + 1536, 16 * 1536 * 4
    assert counts["control"] == {"control": 15 * (block + leave) + patches + control}
