"""Conditions as spans of one sequence, places of extra frames, fusion, files."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.flowmatching import noised
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.given import Extra, image_of, permuted, share_of, without_look, without_text
from impasto.stylizers.dreamstyle.guidance import Scales, steered
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.slots import OFFSET, SlottedRope, positions
from impasto.stylizers.dreamstyle.tokenlora import TokenLora
from tests.diffusion.toy import LATENT, PICTURE_MODEL, toy_latents, toy_transformer
from tests.stylizers.dreamstyle.toy import EACH, FRAMES, SIGMA, given, some, toy_dreamstyle, velocity

SUBSETS = [(False, 0), (False, 1), (False, 3), (True, 0), (True, 2)]


# What is given


def test_the_mask_is_zero_on_what_is_to_be_repainted_and_one_on_all_that_is_painted():
    everything = given(first=True, styles=2, known=1)
    image = image_of(everything)
    assert image.shape == (2, 4 + LATENT, 1 + FRAMES + 2, 4, 4)
    mask_T = torch.tensor([1.0, 1, 0, 1, 1])
    assert torch.equal(image[:, :4], mask_T.view(1, 1, 5, 1, 1).expand(2, 4, 5, 4, 4))
    parts = [everything.first.latents, everything.raw, everything.style.latents]
    assert torch.equal(image[:, 4:], torch.cat(parts, 2))


def test_without_a_look_the_frames_are_not_there():
    bare = without_look(given(first=True, styles=2, weights=(1.0, 2.0)))
    assert image_of(bare).shape[2] == FRAMES
    assert (bare.picture, bare.weights) == (None, ())


def test_a_raw_video_in_disorder_has_the_same_columns_of_numbers():
    still = given(styles=1, known=1)
    mixed = permuted(still, torch.Generator().manual_seed(0))
    assert mixed.known == 0
    assert not torch.equal(mixed.raw, still.raw)
    columns = [value.movedim(1, -1).reshape(-1, LATENT) for value in (mixed.raw[0:1], still.raw[0:1])]
    ordered = [rows[rows[:, 0].argsort()] for rows in columns]
    assert torch.equal(*ordered)


def test_a_share_of_a_batch_has_the_share_of_everything():
    everything = given(first=True, styles=2, empty_text=some(1, 5, 8))
    part = share_of(everything, slice(1, 2))
    assert torch.equal(part.raw, everything.raw[1:])
    assert torch.equal(part.style.noise, everything.style.noise[1:])
    assert torch.equal(part.empty_text, everything.empty_text)
    assert torch.equal(part.picture, everything.picture[1:])


# One pass


@pytest.mark.parametrize(("first", "styles"), SUBSETS)
def test_any_subset_is_one_pass_and_each_condition_one_span_of_tokens(first: bool, styles: int):
    model = toy_dreamstyle()
    lengths = []
    model.transformer.blocks[0].register_forward_hook(lambda block, inputs, out: lengths.append(out.shape[1]))
    out = velocity(model, given(first, styles))
    assert out.shape == (2, LATENT, FRAMES, 4, 4)
    assert out.isfinite().all()
    assert lengths == [EACH * (int(first) + FRAMES + styles)]  # extra frames cost exactly their tokens
    (layer, *_) = model.parts["lora"].values()
    assert isinstance(layer, TokenLora)
    spans = {kind: (place.start, place.stop) for kind, place in layer._spans.kinds(lengths[0])}
    start, stop = EACH * int(first), EACH * (int(first) + FRAMES)
    expected = {0: (start, stop)}
    expected |= {2: (0, start)} if first else {}
    expected |= {1: (stop, lengths[0])} if styles else {}
    assert spans == expected


def test_before_anything_is_learned_the_base_paints_as_it_does():
    """A raw video, and a first frame before it, in the base's own words: frames of one longer clip."""
    conditions = given(first=True)
    assert conditions.first is not None
    base = toy_transformer(**PICTURE_MODEL)
    context = Context()
    attach_attention(base, context)
    latents = torch.cat([noised(conditions.first.latents, conditions.first.noise, SIGMA), toy_latents()], 2)
    plain = Conditions(text=conditions.text, picture=conditions.picture, image=image_of(conditions))
    expected = Velocity(base, context)(latents, SIGMA, plain)[:, :, 1:]
    torch.testing.assert_close(velocity(toy_dreamstyle(awake=False), conditions), expected)


@pytest.mark.parametrize("field", ["text", "raw", "first", "style", "picture"])
def test_everything_that_is_given_counts(field: str):
    model, everything = toy_dreamstyle(), given(first=True, styles=1)
    value = getattr(everything, field)
    changed = Extra(value.latents + 1, value.noise) if isinstance(value, Extra) else value + some(*value.shape, seed=9)
    assert not torch.allclose(velocity(model, everything), velocity(model, replace(everything, **{field: changed})))


def test_a_base_without_a_picture_branch_does_without_it():
    base = toy_transformer(**{**PICTURE_MODEL, "image_dim": None, "added_kv_proj_dim": None})
    model = DreamStyle(base, "toy", DreamStyleConfig(rank=2))
    assert velocity(model, given(styles=1, picture=None)).isfinite().all()


def test_detaching_leaves_the_base_as_it_came():
    plain, model = toy_transformer(**PICTURE_MODEL), toy_dreamstyle()
    model.detach()
    assert {name for name, _ in plain.named_modules()} == {name for name, _ in model.transformer.named_modules()}
    assert str(plain) == str(model.transformer)


# Places


def test_extra_frames_stand_where_the_published_answers_put_them():
    assert positions("contiguous", 1, 3, 2) == [0, 1, 2, 3, 4, 5]
    assert positions("offset", 1, 3, 2) == [0, 0, 1, 2, 3 + OFFSET, 4 + OFFSET]
    assert positions("zero", 1, 3, 2) == [0, 1, 2, 3, 0, 0]


def test_the_embedding_at_a_place_is_the_librarys():
    rope = toy_transformer().rope
    hidden = some(1, 4, 9, 4, 4)
    whole = rope(hidden)
    slotted = SlottedRope(rope)
    assert all(torch.equal(*pair) for pair in zip(slotted(hidden), whole, strict=True))
    slotted.positions = [8, 0, 0, 3]
    for mine, librarys in zip(slotted(some(1, 4, 4, 4, 4)), whole, strict=True):
        frames = librarys.unflatten(1, (9, -1))
        assert torch.equal(mine, torch.cat([frames[:, place] for place in (8, 0, 0, 3)], 1))


def test_with_the_timestep_zero_extra_frames_are_clean_and_their_noise_is_not_looked_at():
    model, everything = toy_dreamstyle(slots="zero"), given(first=True, styles=1)
    assert everything.style is not None
    noisier = replace(everything, style=Extra(everything.style.latents, everything.style.noise + 1))
    assert torch.equal(velocity(model, everything), velocity(model, noisier))
    assert not torch.equal(velocity(model, everything), velocity(toy_dreamstyle(), everything))
    times = []
    hook = model.transformer.condition_embedder.register_forward_pre_hook(
        lambda module, inputs: times.append(inputs[0])
    )
    velocity(model, everything)
    hook.remove()
    flat = times[0].view(2, -1)
    assert not flat[:, :EACH].any()
    assert not flat[:, -EACH:].any()
    assert torch.equal(flat[:, EACH:-EACH], (1000 * SIGMA)[:, None].expand(-1, EACH * FRAMES))


# Fusion


def test_equal_weights_are_the_plain_pass_and_only_ratios_count():
    model = toy_dreamstyle()
    plain = velocity(model, given(first=True, styles=2))
    assert torch.equal(velocity(model, given(first=True, styles=2, weights=(3.0, 3.0))), plain)
    weighed = velocity(model, given(first=True, styles=2, weights=(1.0, 4.0)))
    assert not torch.allclose(weighed, plain)
    torch.testing.assert_close(velocity(model, given(first=True, styles=2, weights=(2.0, 8.0))), weighed)


def test_what_counts_is_the_weight_of_all_copies_of_a_picture_together():
    model = toy_dreamstyle(slots="zero")  # at one place in time copies cannot be told apart
    thrice = given(styles=3)
    assert thrice.style is not None
    assert thrice.picture is not None
    copied = Extra(*(value[:, :, [0, 0, 1]] for value in (thrice.style.latents, thrice.style.noise)))
    tokens = thrice.picture.unflatten(1, (3, 7))[:, [0, 0, 1]].flatten(1, 2)
    plain = replace(thrice, style=copied, picture=tokens)
    weighed = replace(plain, weights=(1.0, 3.0, 2.0))
    torch.testing.assert_close(velocity(model, weighed), velocity(model, plain), rtol=1e-4, atol=1e-5)


# Guidance


def test_guidance_is_its_formula():
    model = toy_dreamstyle()
    everything = given(first=True, styles=1, empty_text=some(1, 5, 8, seed=7))
    generator = torch.Generator().manual_seed(4)
    mixed = permuted(without_text(without_look(everything)), torch.Generator().manual_seed(4))
    none, plain, text, full = (
        velocity(model, each)
        for each in (mixed, without_text(without_look(everything)), without_look(everything), everything)
    )
    found = steered(model.velocity, everything, Scales(5.0, 2.0, 3.0), generator)(toy_latents(), SIGMA)
    torch.testing.assert_close(
        found, none + 3 * (plain - none) + 5 * (text - plain) + 2 * (full - text), rtol=1e-4, atol=1e-5
    )


# Files


@pytest.mark.parametrize("config", [{}, {"adaptation": "plain"}, {"adaptation": "full"}, {"entrance": True}], ids=str)
@pytest.mark.parametrize("as_bytes", [False, True])
def test_what_is_learned_is_kept_in_a_file(config, as_bytes: bool, tmp_path: Path):
    model = toy_dreamstyle(**config)
    model.save(tmp_path / "dream.safetensors", as_bytes)
    again = DreamStyle.from_file(toy_transformer(**PICTURE_MODEL), "toy", tmp_path / "dream.safetensors")
    assert again.config == model.config
    expected = velocity(model, given(first=True, styles=1))
    found = velocity(again, given(first=True, styles=1))
    assert (found - expected).norm() < (0.05 if as_bytes else 0.01) * expected.norm()


def test_a_file_of_another_base_or_kind_is_refused(tmp_path: Path):
    path = tmp_path / "dream.safetensors"
    toy_dreamstyle().save(path)
    with pytest.raises(ModelError, match="num_layers"):
        DreamStyle.from_file(toy_transformer(num_layers=2, **PICTURE_MODEL), "toy", path)
    with pytest.raises(ModelError, match="of the base 'toy'"):
        DreamStyle.from_file(toy_transformer(**PICTURE_MODEL), "other", path)
    with pytest.raises(ModelError, match="token-specific"):
        toy_dreamstyle(adaptation="plain").load(path)
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="does not hold adapters of DreamStyle"):
        DreamStyle.from_file(toy_transformer(**PICTURE_MODEL), "toy", path)


def test_only_what_is_learned_wants_gradients():
    model = toy_dreamstyle()
    learning = set(model.learns().parameters())
    assert {value for value in model.parameters() if value.requires_grad} == learning
    full = toy_dreamstyle(adaptation="full")
    assert set(full.learns().parameters()) == set(full.transformer.parameters())
