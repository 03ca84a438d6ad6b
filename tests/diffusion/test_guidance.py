"""Guidance against its formula, link by link and in one pass."""

import pytest
import torch

from impasto.diffusion.attachments import Context, StyleSpan, attach_attention
from impasto.diffusion.conditions import Conditions, together
from impasto.diffusion.guidance import guidance_chain, guided
from impasto.diffusion.velocity import Velocity
from tests.diffusion.test_attachments import wake
from tests.diffusion.toy import PICTURE_MODEL, STYLE, toy_conditions, toy_latents, toy_transformer

SIGMA = torch.tensor([0.7])
CHAIN = guidance_chain(toy_conditions(picture=True), ("text", "style"))


class Counted:
    """A velocity that counts its passes."""

    def __init__(self) -> None:
        context = Context()
        transformer = toy_transformer(**PICTURE_MODEL).requires_grad_(False)
        wake(attach_attention(transformer, context, lambda a: StyleSpan(a, STYLE)))
        self.velocity = Velocity(transformer, context)
        self.branches = []

    @torch.no_grad()
    def __call__(self, latents, sigma_B, conditions, branch):
        self.branches.append(branch)
        return self.velocity(latents, sigma_B, conditions, branch)


@pytest.fixture
def predict() -> Counted:
    return Counted()


def test_a_chain_adds_one_condition_after_the_other():
    none, text, both = CHAIN
    assert not none.text.any()
    assert not none.style.any()
    assert text.text is both.text
    assert not text.style.any()
    assert both.style.any()
    assert all(link.picture is both.picture and link.image is both.image for link in CHAIN)


@pytest.mark.parametrize("batched", [False, True])
def test_text_and_style_are_guided_apart(predict: Counted, batched: bool):
    none, text, both = (predict(toy_latents(), SIGMA, link, "x") for link in CHAIN)
    expected = none + 12.5 * (text - none) + 6 * (both - text)
    predict.branches.clear()
    result = guided(predict, toy_latents(), SIGMA, CHAIN, (12.5, 6.0), together if batched else None)
    torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-5)
    assert predict.branches == (["all"] if batched else ["0", "1", "2"])


@pytest.mark.parametrize(
    ("scales", "branches"), [((1.0, 1.0), ["2"]), ((3.0, 3.0), ["0", "2"]), ((0.0, 0.0), ["0"]), ((1.0, 0.0), ["1"])]
)
@pytest.mark.parametrize("batched", [False, True])
def test_passes_that_cancel_out_are_not_made(predict: Counted, scales, branches, batched: bool):
    result = guided(predict, toy_latents(), SIGMA, CHAIN, scales, together if batched else None)
    assert predict.branches == (["all"] if batched and len(branches) > 1 else branches)
    if len(branches) == 1:
        assert torch.equal(result, predict(toy_latents(), SIGMA, CHAIN[int(branches[0])], "x"))


def test_clips_of_a_batch_keep_their_own_levels(predict: Counted):
    sigma = torch.tensor([0.9, 0.1])
    result = guided(predict, toy_latents(), sigma, CHAIN, (2.0, 3.0), together)
    torch.testing.assert_close(result, guided(predict, toy_latents(), sigma, CHAIN, (2.0, 3.0)), rtol=1e-4, atol=1e-5)


def test_a_chain_without_scales_is_the_plain_prediction(predict: Counted):
    (link,) = guidance_chain(toy_conditions(picture=True), ())
    assert isinstance(link, Conditions)
    guided(predict, toy_latents(), SIGMA, [link], ())
    assert predict.branches == ["0"]
