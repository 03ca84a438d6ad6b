"""What is attached to the transformer changes nothing until it has learnt, and comes off again without a trace."""

from collections.abc import Iterator

import pytest
import torch
from diffusers import FirstBlockCacheConfig, WanTransformer3DModel
from diffusers.hooks import MagCacheConfig, TaylorSeerCacheConfig
from torch import nn

from impasto.diffusion.attachments import (
    Context,
    StyleSpan,
    Wrap,
    attach_attention,
    attach_residuals,
    detach_attention,
    detach_residuals,
    load_own_state,
    own_parameters,
    own_state,
    unwrap,
    wrap,
)
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError
from tests.diffusion.toy import PICTURE, PICTURE_MODEL, STYLE, TEXT, toy_conditions, toy_latents, toy_transformer

SIGMA = torch.tensor([0.7, 0.2])


class Added(Wrap):
    """The layer's output and a low-rank map of its input."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__(base)
        self.lora_A, self.lora_B = nn.Linear(base.in_features, 2, False), nn.Linear(2, base.out_features, False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + self.lora_B(self.lora_A(x))


def styled(transformer: WanTransformer3DModel) -> tuple[Velocity, dict[str, StyleSpan]]:
    context = Context()
    return Velocity(transformer, context), attach_attention(transformer, context, lambda a: StyleSpan(a, STYLE))


def wake(parts: dict[str, StyleSpan]) -> None:
    """Give the zero outputs some weight."""
    torch.manual_seed(1)
    for part in parts.values():
        nn.init.normal_(part.to_out.weight)


@pytest.fixture(params=["text", "picture"])
def inputs(request: pytest.FixtureRequest) -> Iterator[tuple[WanTransformer3DModel, dict[str, torch.Tensor]]]:
    """Each kind of transformer, and what it is called with in the library's own layout: 512 text tokens at the end."""
    picture = request.param == "picture"
    transformer = toy_transformer(**(PICTURE_MODEL if picture else {}))
    called = {"hidden_states": torch.randn(2, transformer.config.in_channels, 2, 4, 4), "timestep": 1000 * SIGMA}
    called["encoder_hidden_states"] = torch.randn(2, 512, TEXT)
    if picture:
        called["encoder_hidden_states_image"] = torch.randn(2, 7, PICTURE)
    with torch.no_grad():
        yield transformer, called


def test_attention_is_the_librarys_bit_for_bit(inputs):
    transformer, called = inputs
    before = transformer(**called).sample
    context = Context()
    assert attach_attention(transformer, context) == {}
    assert torch.equal(transformer(**called).sample, before)
    detach_attention(transformer)
    attach_attention(transformer, context, lambda a: StyleSpan(a, STYLE))
    context.style = torch.randn(2, 3, STYLE)
    assert torch.equal(transformer(**called).sample, before)
    detach_attention(transformer)
    assert torch.equal(transformer(**called).sample, before)
    assert not any("style" in name for name in transformer.state_dict())


@torch.no_grad()
def test_no_span_has_a_fixed_length():
    velocity, _ = styled(toy_transformer(**PICTURE_MODEL))
    conditions = toy_conditions(picture=True, text_tokens=5)
    first = velocity(toy_latents(), SIGMA, conditions)
    assert first.shape == toy_latents().shape
    assert velocity.context.text_tokens == 5
    conditions.picture[:, 0] += 1
    assert not torch.equal(velocity(toy_latents(), SIGMA, conditions), first)


@torch.no_grad()
def test_a_clip_sees_its_own_style_and_zeros_add_nothing():
    velocity, parts = styled(toy_transformer())
    plain = velocity(toy_latents(), SIGMA, toy_conditions(style=False))
    wake(parts)
    conditions = toy_conditions()
    conditions.style[0] = 0
    result = velocity(toy_latents(), SIGMA, conditions)
    assert torch.equal(result[0], plain[0])
    assert (result[1] - plain[1]).abs().max() > 0.01


def test_all_of_the_style_span_learns():
    velocity, parts = styled(toy_transformer())
    velocity.requires_grad_(False)
    parameters = [value.requires_grad_() for value in own_parameters(parts)]
    before = [value.detach().clone() for value in parameters]
    optimizer = torch.optim.SGD(parameters, 1.0)
    for _ in range(2):
        optimizer.zero_grad()
        velocity(toy_latents(), SIGMA, toy_conditions()).square().mean().backward()
        optimizer.step()
    assert len(parameters) == 4 * 3
    assert all((new != old).any() for new, old in zip(parameters, before, strict=True))


def test_half_precision_transformers_take_full_precision_attachments():
    velocity, parts = styled(toy_transformer().bfloat16())
    wake(parts)
    velocity(toy_latents(), SIGMA, toy_conditions()).mean().backward()
    assert all(value.grad.dtype == torch.float32 for value in own_parameters(parts))


def test_wraps_go_around_layers_and_come_off_in_any_order():
    transformer = toy_transformer()
    names = set(transformer.state_dict())
    query = transformer.blocks[0].attn1.to_q
    first = wrap(transformer, ["attn1.to_q", "attn1.to_k"], Added)
    second = wrap(transformer, ["attn1.to_q"], Added)
    assert set(first) == {f"blocks.{n}.attn1.{layer}" for n in range(3) for layer in ("to_q", "to_k")}
    assert transformer.blocks[0].attn1.to_q.base.base is query
    unwrap(transformer, first.values())
    assert transformer.blocks[0].attn1.to_q is second["blocks.0.attn1.to_q"]
    assert second["blocks.0.attn1.to_q"].base is query
    unwrap(transformer, second.values())
    assert set(transformer.state_dict()) == names
    again = wrap(transformer, ["attn1.to_q"], Added) | wrap(transformer, ["blocks.2.ffn.net.2"], Added)
    outer = wrap(transformer, ["attn1.to_q"], Added)
    unwrap(transformer, [*again.values(), *outer.values()])
    assert transformer.blocks[0].attn1.to_q is query


def test_a_name_without_a_place_is_refused():
    with pytest.raises(ValueError, match="to_queries"):
        wrap(toy_transformer(), ["attn1.to_q", "attn1.to_queries"], Added)


def test_own_weights_are_saved_and_loaded_without_the_bases():
    transformer = toy_transformer()
    parts = wrap(transformer, ["attn1.to_q"], Added)
    state = {name: value.clone() for name, value in own_state(parts).items()}
    assert set(state) == {f"blocks.{n}.attn1.to_q.lora_{m}.weight" for n in range(3) for m in "AB"}
    assert len(own_parameters(parts)) == len(state)
    fresh = wrap(toy_transformer(), ["attn1.to_q"], Added)
    load_own_state(fresh, state, "adapter.safetensors")
    assert all(torch.equal(value, state[name]) for name, value in own_state(fresh).items())


def test_own_weights_of_another_base_are_refused():
    state = own_state(wrap(toy_transformer(), ["attn1.to_q"], Added))
    wide = wrap(toy_transformer(num_attention_heads=3), ["attn1.to_q"], Added)
    with pytest.raises(ModelError, match=r"'a.safetensors'.*lora_A.weight is \[2, 24\] where \[2, 36\] is wanted"):
        load_own_state(wide, state, "a.safetensors")
    before = {name: value.clone() for name, value in own_state(wide).items()}
    with pytest.raises(ModelError, match=r"blocks.0.attn1.to_k.lora_A.weight has no place.*; \.\.\."):
        load_own_state(wide, own_state(wrap(toy_transformer(num_attention_heads=3), ["attn1.to_k"], Added)), "b")
    assert all(torch.equal(value, before[name]) for name, value in own_state(wide).items())


class Branch(nn.Module):
    """A control branch that says the same whatever it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.residual = nn.Parameter(torch.randn(2, 8, 24, generator=torch.Generator().manual_seed(2)))

    def forward(self, latents, sigma, conditions):
        return {1: self.residual}


def controlled(transformer: WanTransformer3DModel) -> Velocity:
    context = Context()
    attach_attention(transformer, context)
    attach_residuals(transformer, context)
    return Velocity(transformer, context, Branch())


@torch.no_grad()
def test_residuals_are_added_to_the_outputs_of_their_blocks():
    velocity = controlled(toy_transformer())
    outputs = {}
    for number, block in enumerate(velocity.transformer.blocks):
        block.register_forward_hook(lambda _, inputs, output, number=number: outputs.update({number: output}))

    def passed() -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
        return velocity(toy_latents(), SIGMA, toy_conditions(style=False)), dict(outputs)

    result, with_residual = passed()
    residual = velocity.control.residual.clone()
    velocity.control.residual.zero_()
    plain, without = passed()
    assert torch.equal(with_residual[0], without[0])
    assert torch.equal(with_residual[1], without[1] + residual)
    assert not torch.equal(result, plain)
    detach_residuals(velocity.transformer)
    velocity.control.residual.fill_(1)
    assert torch.equal(passed()[0], plain)


@pytest.mark.parametrize("picture", [False, True])
def test_checkpointing_changes_no_gradient(picture: bool):
    def gradients(checkpointing: bool) -> dict[str, torch.Tensor]:
        transformer = toy_transformer(**(PICTURE_MODEL if picture else {}))
        velocity = controlled(transformer)
        detach_attention(transformer)
        parts = attach_attention(transformer, velocity.context, lambda a: StyleSpan(a, STYLE))
        wake(parts)
        torch.manual_seed(3)
        wrap(transformer, ["attn1.to_q", "ffn.net.2"], Added)
        if checkpointing:
            transformer.enable_gradient_checkpointing()
        conditions = toy_conditions(picture=picture)
        conditions.style.requires_grad_()
        velocity.train()(toy_latents(), SIGMA, conditions).square().mean().backward()
        found = {name: value.grad for name, value in velocity.named_parameters() if value.grad is not None}
        return {**found, "style tokens": conditions.style.grad}

    plain, checkpointed = gradients(False), gradients(True)
    assert plain.keys() == checkpointed.keys()
    assert {"control.residual", "style tokens"} <= plain.keys()
    for name, value in plain.items():
        assert value.any() or "to_k" in name, name  # two tokens of one key weigh the same
        torch.testing.assert_close(checkpointed[name], value, msg=name)


CACHES = {
    "first block": FirstBlockCacheConfig(threshold=0.0),
    "mag": MagCacheConfig(threshold=0.0, num_inference_steps=4, mag_ratios=torch.full((4,), 2.0)),
}


@pytest.mark.parametrize("cache", CACHES)
@torch.no_grad()
def test_caches_that_skip_nothing_change_nothing(cache: str):
    velocity = controlled(toy_transformer())
    steps = [
        (toy_latents(seed=n), torch.tensor([s]), toy_conditions(style=False)) for n, s in enumerate((0.9, 0.6, 0.2))
    ]
    expected = [velocity(*step) for step in steps]
    velocity.transformer.enable_cache(CACHES[cache])
    for branch in ("0", "1"):
        for step, value in zip(steps, expected, strict=True):
            torch.testing.assert_close(velocity(*step, branch), value)
    velocity.transformer.disable_cache()
    assert torch.equal(velocity(*steps[0]), expected[0])


@torch.no_grad()
def test_a_skipped_block_adds_its_residual_once():
    velocity = controlled(toy_transformer())
    step = (toy_latents(), SIGMA, toy_conditions(style=False))
    expected = velocity(*step)
    velocity.transformer.enable_cache(FirstBlockCacheConfig(threshold=0.5))
    passed = []
    velocity.transformer.blocks[1].ffn.register_forward_hook(lambda *_: passed.append(1))
    for _ in range(2):
        torch.testing.assert_close(velocity(*step), expected)
    assert len(passed) == 1


@torch.no_grad()
def test_predicting_caches_run_on_our_attention():
    velocity, _ = styled(toy_transformer())
    velocity.transformer.enable_cache(TaylorSeerCacheConfig(cache_interval=2, disable_cache_before_step=1))
    for sigma in (0.9, 0.8, 0.7, 0.6):
        assert velocity(toy_latents(), torch.tensor([sigma]), toy_conditions()).isfinite().all()


def test_residuals_and_caches_have_an_order():
    transformer = toy_transformer()
    transformer.enable_cache(FirstBlockCacheConfig(threshold=0.1))
    with pytest.raises(ValueError, match="disable_cache"):
        attach_residuals(transformer, Context())
