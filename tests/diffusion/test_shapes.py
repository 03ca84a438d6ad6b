"""Clips are padded to what Wan takes, and cropped back exactly."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.diffusion.shapes import crop, latent_shape, pad, token_count, whole_frames


@given(st.integers(1, 14), st.integers(1, 40), st.integers(1, 40))
def test_padding_is_taken_back_exactly(frames, height, width):
    clip = torch.arange(2 * frames * height * width).view(2, frames, height, width)
    padded = pad(clip)
    assert padded.shape[1] % 4 == 1
    assert padded.shape[2] % 16 == padded.shape[3] % 16 == 0
    assert padded.shape[1] - frames < 4
    assert max(padded.shape[2] - height, padded.shape[3] - width) < 16
    assert torch.equal(crop(padded, frames, height, width), clip)


def test_the_last_frame_is_repeated_and_the_sides_are_mirrored():
    clip = torch.rand(3, 3, 12, 15)
    padded = pad(clip)
    assert torch.equal(padded[:, 3:], padded[:, 2:3].expand(-1, 2, -1, -1))
    expected = np.pad(clip, ((0, 0), (0, 0), (0, 4), (0, 1)), mode="reflect")
    assert np.array_equal(padded[:, :3], expected)


def test_what_fits_is_not_copied():
    clip = torch.rand(1, 3, 5, 16, 32)
    assert pad(clip) is clip


@pytest.mark.parametrize(("count", "whole"), [(1, 1), (2, 5), (5, 5), (16, 17), (17, 17), (80, 81), (81, 81)])
def test_lengths(count, whole):
    assert whole_frames(count) == whole


def test_sizes_of_latents_and_tokens_are_wans():
    assert latent_shape(81, 480, 832) == (21, 60, 104)
    assert token_count(81, 480, 832) == 32_760
    assert token_count(17, 144, 256) == 720
