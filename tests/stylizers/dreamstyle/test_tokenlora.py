"""The LoRA of three kinds of tokens, against a plain one and against the parts it is made of."""

from pathlib import Path

import pytest
import torch

from impasto.diffusion.configs import WAN_14B_I2V
from impasto.diffusion.lora import PREFIXES, attach_lora, read_lora
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.tokenlora import KINDS, TARGETS, Spans, TokenLora, parameter_count
from tests.diffusion.toy import PICTURE_MODEL, toy_transformer
from tests.stylizers.dreamstyle.toy import given, some, toy_dreamstyle, velocity, wake

EVERYTHING = given(first=True, styles=2)
TASKS = {"video": given(), "style": given(styles=1), "first frame": given(first=True)}


@pytest.mark.parametrize("spans", [Spans(), Spans(3, 0), Spans(0, 4), Spans(3, 4)], ids=str)
@pytest.mark.parametrize("downs", [1, 3])
def test_each_span_is_changed_by_its_own_matrices(spans: Spans, downs: int):
    torch.manual_seed(0)
    layer = TokenLora(torch.nn.Linear(5, 6), spans, rank=2, downs=downs, ups=3)
    torch.nn.init.normal_(layer.lora.up)
    x = some(2, 12, 5)
    order = [2] * spans.first + [0] * (12 - spans.first - spans.style) + [1] * spans.style
    expected = layer.base(x)
    for place, kind in enumerate(order):
        down, up = layer.lora.of(kind)
        expected[:, place] += x[:, place] @ down.T @ up.T
    torch.testing.assert_close(layer(x), expected)


def test_equal_up_matrices_are_a_plain_lora():
    token, plain = toy_dreamstyle(), toy_dreamstyle(adaptation="plain")
    with torch.no_grad():
        for wrapped, simple in zip(token.parts["lora"].values(), plain.parts["lora"].values(), strict=True):
            assert isinstance(wrapped, TokenLora)
            assert isinstance(simple, TokenLora)
            wrapped.lora.down.copy_(simple.lora.down)
            wrapped.lora.up.copy_(simple.lora.up.repeat(3, 1))
        torch.testing.assert_close(velocity(token, EVERYTHING), velocity(plain, EVERYTHING))


@pytest.mark.parametrize("adaptation", ["token-specific", "separate"])
@pytest.mark.parametrize("task", TASKS)
def test_gradients_of_one_task_never_touch_the_matrices_of_another(task: str, adaptation):
    model = toy_dreamstyle(adaptation=adaptation)
    model.learns()
    velocity(model, TASKS[task]).square().mean().backward()
    touched = set()
    for layer in model.parts["lora"].values():
        assert isinstance(layer, TokenLora)
        for matrices in (layer.lora.up, layer.lora.down) if adaptation == "separate" else (layer.lora.up,):
            assert matrices.grad is not None
            touched |= {kind for kind, part in zip(KINDS, matrices.grad.chunk(3), strict=True) if part.any()}
    assert touched == {"video", task}


@pytest.mark.parametrize("adaptation", ["token-specific", "separate", "plain"])
def test_it_changes_nothing_before_it_has_learned(adaptation):
    fresh = toy_dreamstyle(awake=False, adaptation=adaptation)
    before = velocity(fresh, EVERYTHING)
    wake(fresh)
    assert not torch.equal(velocity(fresh, EVERYTHING), before)
    with torch.no_grad():
        for layer in fresh.parts["lora"].values():
            assert isinstance(layer, TokenLora)
            layer.lora.up.zero_()
    assert torch.equal(velocity(fresh, EVERYTHING), before)


@pytest.mark.parametrize("names", PREFIXES)
def test_what_is_exported_of_the_video_repaints_by_text_in_other_tools(names, tmp_path: Path):
    model = toy_dreamstyle()
    expected = velocity(model, TASKS["video"])
    model.export("video", tmp_path / "lora.safetensors", names)
    base = toy_transformer(**PICTURE_MODEL)
    lora = read_lora(tmp_path / "lora.safetensors", base, "toy")
    assert not lora.unused
    attach_lora(base, lora, "dreamstyle")
    other = DreamStyle(base, "toy", DreamStyleConfig(adaptation="full"))
    torch.testing.assert_close(velocity(other, TASKS["video"]), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_merged_weights_do_without_a_lora(kind):
    model = toy_dreamstyle()
    weights = model.merged(kind)
    assert len(weights) == 3 * len(TARGETS)
    with torch.no_grad():
        for layer in model.parts["lora"].values():  # of that kind for all
            assert isinstance(layer, TokenLora)
            layer.lora.up.copy_(layer.lora.of(KINDS.index(kind))[1].repeat(3, 1))
        expected = velocity(model, EVERYTHING)
    base = toy_transformer(**PICTURE_MODEL)
    base.load_state_dict(weights, strict=False)
    torch.testing.assert_close(
        velocity(DreamStyle(base, "toy", DreamStyleConfig(adaptation="full")), EVERYTHING), expected
    )


def test_its_size_is_that_of_the_paper_on_wan_14b():
    config = WAN_14B_I2V.transformer
    assert parameter_count(config.num_layers, config.dim, config.ffn_dim, rank=64) == 403_701_760
    with torch.device("meta"):
        model = DreamStyle(config.build(), WAN_14B_I2V.name, DreamStyleConfig(rank=64))
        assert sum(value.numel() for value in model.learns().parameters()) == 403_701_760
        assert sum(value.numel() for value in model.transformer.parameters()) == 16_394_878_784 + 403_701_760
