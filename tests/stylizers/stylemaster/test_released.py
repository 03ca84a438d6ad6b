"""The authors' weights under our names, from a synthetic file of their layout."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from impasto.diffusion.attachments import load_own_state, own_state
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.released import RELEASED, converted
from tests.diffusion.toy import TEXT
from tests.stylizers.stylemaster.toy import some, toy_base

WIDTH, EMBEDDING, TOKENS, INNER = 12, 6, 14, 24
"""Of the Q-Former, of the embedding, global tokens, of the toy base."""


def toy_released() -> StyleMaster:
    """Their layout at toy size: style tokens as wide as the text."""
    tokens = RELEASED.tokens
    assert tokens is not None
    small = replace(
        tokens,
        width=TEXT,
        projector=replace(tokens.projector, embedding=EMBEDDING),
        texture=replace(tokens.texture, embedding=WIDTH, width=WIDTH, heads=2),
    )
    return StyleMaster(toy_base(), "toy", replace(RELEASED, tokens=small))


def layout() -> dict[str, Tensor]:
    """Names and shapes of the released files, with random numbers."""
    shapes: dict[str, tuple[int, ...]] = {}
    for block in range(4):
        place = f"blocks.{block}.cross_attn"
        shapes |= {f"{place}.{name}_img.weight": (INNER, TEXT) for name in "kv"}
        shapes |= {f"{place}.{name}_img.bias": (INNER,) for name in "kv"} | {f"{place}.norm_k_img.weight": (INNER,)}
    shapes |= {
        "image_proj_model.proj.weight": (TOKENS * TEXT, EMBEDDING),
        "image_proj_model.proj.bias": (TOKENS * TEXT,),
    }
    shapes |= {f"image_proj_model.norm.{kind}": (TEXT,) for kind in ("weight", "bias")}
    shapes |= {"style_model.query": (1, 2, WIDTH), "style_model.proj": (WIDTH, TEXT)}
    shapes |= {f"style_model.ln_{end}.{kind}": (WIDTH,) for end in ("pre", "post") for kind in ("weight", "bias")}
    for layer in range(3):
        place = f"style_model.layers.{layer}"
        shapes |= {f"{place}.ln_{i}.{kind}": (WIDTH,) for i in (1, 2) for kind in ("weight", "bias")}
        sizes = {"attn.in_proj_": (3, 1), "attn.out_proj.": (1, 1), "mlp.0.": (4, 1), "mlp.2.": (1, 4)}
        for name, (out, into) in sizes.items():
            shapes |= {f"{place}.{name}weight": (out * WIDTH, into * WIDTH), f"{place}.{name}bias": (out * WIDTH,)}
    return {name: some(*shape, seed=number) for number, (name, shape) in enumerate(shapes.items())}


def test_every_weight_of_theirs_has_a_place_and_every_place_a_weight():
    model, released = toy_released(), layout()
    base = model.transformer.state_dict()
    state = converted(released | {"blocks.0.self_attn.q.weight": some(2)}, base)
    load_own_state(model.parts["style"], state, "released")
    mine = own_state(model.parts["style"])
    assert torch.equal(mine["blocks.3.attn2.style.to_k.bias"], released["blocks.3.cross_attn.k_img.bias"])
    assert torch.equal(mine["blocks.2.attn2.style.norm_k.weight"], released["blocks.2.cross_attn.norm_k_img.weight"])
    assert len(state) == len(released) + 4 + 3  # outputs of the blocks, and what a plain matrix stands for


def test_style_leaves_through_the_output_of_the_text():
    """Their sum before one output is our sum of two."""
    model = toy_released()
    load_own_state(model.parts["style"], converted(layout(), model.transformer.state_dict()), "released")
    attention = model.transformer.blocks[1].attn2
    text, style = some(1, 5, INNER), some(1, 5, INNER, seed=1)
    ours = attention.to_out[0](text) + attention.processor.style.to_out(style)
    torch.testing.assert_close(ours, attention.to_out[0](text + style))


def test_their_projection_is_a_matrix_to_the_right():
    model, released = toy_released(), layout()
    load_own_state(model.parts["style"], converted(released, model.transformer.state_dict()), "released")
    assert model.tokens is not None
    tokens, patches = some(1, 2, WIDTH), some(1, 5, WIDTH, seed=1)
    torch.testing.assert_close(model.tokens.leave(tokens), tokens @ released["style_model.proj"])
    assert torch.equal(model.tokens.texture.enter(patches), patches)


def test_names_that_are_not_known_are_refused():
    with pytest.raises(ModelError, match=r"style_model\.other"):
        converted(layout() | {"style_model.other.weight": some(2)}, toy_base().state_dict())
    with pytest.raises(ModelError, match=r"blocks\.0\.attn1"):
        converted(dict(toy_base().state_dict()), {})


def test_the_sizes_are_the_published_ones():
    tokens = RELEASED.tokens
    assert tokens is not None
    assert (tokens.count + tokens.texture.queries, tokens.width) == (16, 4096)
