"""What the estimate of a painted clip looks like."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.perception.encoder import embedded_encoder
from impasto.training.dreamstyle.sight import Sight, SightConfig
from impasto.training.stylemaster.framelatents import frames_autoencoder, latent_of
from tests.training.nano.toy import drifting
from tests.training.stylemaster.toyworld import forget, write_weights

CONFIG = SightConfig(weight=1.0, side=4)


@pytest.fixture(autouse=True)
def sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sight]:
    (tmp_path / "weights").mkdir()
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    forget()
    write_weights(tmp_path / "weights")
    yield Sight(CONFIG, frames_autoencoder().requires_grad_(False), embedded_encoder())
    forget()


def painted(frames: int) -> torch.Tensor:
    clip = drifting(0, frames, 48, 64).permute(0, 3, 1, 2).float() / 255
    return latent_of(clip)[None]


@pytest.mark.parametrize("frames", [1, 5])
def test_nothing_is_wrong_with_the_painting_itself_and_more_with_what_is_further_away(sight: Sight, frames: int):
    latents = painted(frames)
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(0))
    near, far = (sight(latents + amount * noise, latents) for amount in (0.1, 1.0))
    assert sight(latents, latents) == 0
    assert 0 < near < far


def test_what_is_seen_moves_every_frame_of_the_estimate(sight: Sight):
    latents = painted(5)
    estimate = (latents + 0.3).requires_grad_()
    sight(estimate, latents).backward()
    assert estimate.grad is not None
    assert (estimate.grad.abs().amax((0, 1, 3, 4)) > 0).all()


def test_a_window_lies_within_the_latents_and_is_all_of_a_smaller_side(sight: Sight):
    latents, seen = torch.arange(3 * 7).view(3, 7), set()
    for seed in range(20):
        part = latents[sight.window((3, 7), np.random.default_rng(seed))]
        assert part.shape == (3, 4)
        seen.add(int(part[0, 0]))
    assert seen == {0, 1, 2, 3}
