"""An image-to-video transformer from one of text alone."""

import torch

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.configs import WAN_1_3B
from impasto.diffusion.velocity import Velocity
from impasto.stylizers.dreamstyle.widening import WAN_1_3B_I2V, entrance, widened
from tests.diffusion.toy import LATENT, PICTURE, TEXT, toy_latents, toy_transformer
from tests.stylizers.dreamstyle.toy import SIGMA, some


def test_the_wider_transformer_gives_what_the_other_gave_whatever_it_is_fed():
    narrow, contexts = toy_transformer(), (Context(), Context())
    wide = widened(narrow, PICTURE)
    text, image, picture = some(2, 5, TEXT), some(2, 4 + LATENT, 2, 4, 4, seed=1), some(2, 7, PICTURE, seed=2)
    for transformer, context in zip((narrow, wide), contexts, strict=True):
        attach_attention(transformer, context)
    expected = Velocity(narrow, contexts[0])(toy_latents(), SIGMA, Conditions(text=text))
    found = Velocity(wide, contexts[1])(toy_latents(), SIGMA, Conditions(text=text, image=image, picture=picture))
    torch.testing.assert_close(found, expected)


def test_all_that_is_new_can_learn():
    wide = widened(toy_transformer(), PICTURE)
    context = Context()
    attach_attention(wide, context)
    modules = entrance(wide)
    old = set(toy_transformer().state_dict())
    new = {name for name in wide.state_dict() if name not in old}
    assert new == {f"{place}.{n}" for place, module in modules.items() for n in module.state_dict()} - old
    for module in modules.values():
        module.requires_grad_()
    velocity = Velocity(wide, context)
    given = Conditions(text=some(2, 5, TEXT), image=some(2, 4 + LATENT, 2, 4, 4), picture=some(2, 7, PICTURE))
    optimizer = torch.optim.SGD([value for value in wide.parameters() if value.requires_grad], lr=0.1)
    for _ in range(2):  # what feeds a weight of zero gets a gradient once that has moved
        optimizer.zero_grad()
        velocity(toy_latents(), SIGMA, given).square().mean().backward()
        optimizer.step()
    for name, value in wide.named_parameters():
        if value.requires_grad and not name.endswith("add_k_proj.bias"):  # all keys alike shift nothing
            assert value.grad is not None
            assert value.grad.any(), name


def test_its_precision_is_kept_and_its_size_known():
    wide = widened(toy_transformer().to(torch.bfloat16), PICTURE)
    assert wide.patch_embedding.weight.dtype == wide.blocks[0].attn2.add_k_proj.weight.dtype == torch.bfloat16
    with torch.device("meta"):
        built = WAN_1_3B_I2V.transformer.build()
    assert sum(value.numel() for value in built.parameters()) == WAN_1_3B_I2V.parameters.transformer
    assert WAN_1_3B_I2V.parameters.transformer > WAN_1_3B.parameters.transformer
