"""Layers of the VAE as a CPU is fastest with them: the library's results and gradients, and copies that stay apart."""

import copy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from impasto.diffusion.configs import NANO, AutoencoderConfig
from impasto.diffusion.vaelayers import PictureConvolution, compute_as_pictures

WAN_2_1 = AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=4)
WAN_2_2 = replace(NANO.autoencoder, base_dim=4, z_dim=4)


def both(frames: int, layout: AutoencoderConfig = WAN_2_1):
    torch.manual_seed(0)
    theirs = layout.build()
    ours = copy.deepcopy(theirs)
    compute_as_pictures(ours)
    return theirs, ours, torch.rand(2, 3, frames, 32, 48)


@pytest.mark.parametrize("layout", [WAN_2_1, WAN_2_2], ids=["wan 2.1", "wan 2.2"])
@pytest.mark.parametrize("frames", [1, 5, 9])
def test_coding_and_decoding_are_the_library_s(frames: int, layout: AutoencoderConfig):
    theirs, ours, clip = both(frames, layout)
    results = []
    for vae in (theirs, ours):
        latents = vae.encode(clip, return_dict=False)[0].mode()
        rebuilt = vae.decode(latents, return_dict=False)[0]
        F.mse_loss(rebuilt, clip).backward()
        results.append((latents, rebuilt, {name: p.grad for name, p in vae.named_parameters()}))
    (latents, rebuilt, gradients), (our_latents, our_rebuilt, our_gradients) = results
    torch.testing.assert_close(our_latents, latents, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(our_rebuilt, rebuilt, atol=1e-5, rtol=1e-4)
    moved = [name for name, gradient in gradients.items() if gradient is not None and gradient.abs().max() > 0]
    assert len(moved) > 50
    for name in moved:
        torch.testing.assert_close(our_gradients[name], gradients[name], atol=1e-6, rtol=1e-3)


def test_a_changed_model_keeps_names_and_is_copied_whole():
    theirs, ours, clip = both(1)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    twin = copy.deepcopy(ours)
    assert any(isinstance(module, PictureConvolution) for module in twin.modules())
    with torch.no_grad():
        for value in ours.parameters():
            value.zero_()
        assert not torch.equal(twin.encode(clip).latent_dist.mode(), ours.encode(clip).latent_dist.mode())
