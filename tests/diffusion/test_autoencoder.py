"""The autoencoder's latents are normalised, causal in time, and the same in tiles."""

import pytest
import torch

from impasto.diffusion.autoencoder import Autoencoder
from tests.diffusion.toy import LATENT, toy_autoencoder

CLIP = torch.rand(1, 3, 9, 32, 48, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    return Autoencoder(toy_autoencoder())


def test_shapes_go_round(autoencoder: Autoencoder):
    latents = autoencoder.encode(CLIP)
    assert latents.shape == (1, LATENT, 3, 4, 6)
    frames = autoencoder.decode(latents)
    assert frames.shape == CLIP.shape
    assert frames.min() >= 0
    assert frames.max() <= 1


def test_latents_are_normalised_modes(autoencoder: Autoencoder):
    vae = toy_autoencoder()
    with torch.no_grad():
        mode = vae.encode(2 * CLIP - 1).latent_dist.mode()
        decoded = vae.decode(mode).sample
    mean, std = (torch.tensor(vae.config[name]).view(1, -1, 1, 1, 1) for name in ("latents_mean", "latents_std"))
    latents = autoencoder.encode(CLIP)
    assert torch.equal(latents, (mode - mean) / std)
    torch.testing.assert_close(autoencoder.decode(latents), (decoded + 1) / 2)


def test_no_latent_sees_later_frames(autoencoder: Autoencoder):
    latents = autoencoder.encode(CLIP)
    torch.testing.assert_close(autoencoder.encode(CLIP[:, :, :5]), latents[:, :, :2])
    torch.testing.assert_close(autoencoder.decode(latents[:, :, :2]), autoencoder.decode(latents)[:, :, :5])


def test_the_first_frame_alone_has_its_own_latent(autoencoder: Autoencoder):
    latents = autoencoder.encode_first(CLIP[:, :, 0], 9)
    assert latents.shape == (1, LATENT, 3, 4, 6)
    torch.testing.assert_close(latents[:, :, :1], autoencoder.encode(CLIP[:, :, :1]))
    other = autoencoder.encode_first(CLIP[:, :, 1], 9)
    assert not torch.equal(other[:, :, 0], latents[:, :, 0])


def test_tiles_make_no_difference_to_speak_of(autoencoder: Autoencoder):
    tiled = Autoencoder(toy_autoencoder(), tiled=True)
    tiled.vae.enable_tiling(96, 96, 64, 64)
    smooth = torch.nn.functional.interpolate(CLIP[:, :, 0], (128, 160), mode="bicubic").clamp(0, 1)[:, :, None]
    latents = autoencoder.encode(smooth)
    difference = tiled.encode(smooth) - latents
    assert 0 < difference.abs().mean() < 0.05 * latents.std()
    frames = autoencoder.decode(latents)
    assert 0 < (tiled.decode(latents) - frames).abs().mean() < 0.05 * frames.std()


def test_half_precision_is_computed_in_full():
    autoencoder = Autoencoder(toy_autoencoder().bfloat16())
    assert autoencoder.encode(CLIP[:, :, :1].bfloat16()).dtype == torch.float32


@pytest.mark.parametrize(("frames", "height"), [(4, 32), (5, 24)])
def test_what_is_not_padded_is_refused(autoencoder: Autoencoder, frames: int, height: int):
    with pytest.raises(ValueError, match=f"{frames} frames of 48x{height}"):
        autoencoder.encode(CLIP[:, :, :frames, :height])
