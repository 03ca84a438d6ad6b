"""The recipe of the depth network at toy size, on rendered scenes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.errors import ModelError
from impasto.perception.control.depthnano import DepthByNano, DepthConfig, load_depth_nano
from impasto.training.depthnano import (
    DepthRun,
    DepthTraining,
    Progress,
    depth_loss,
    make_pictures,
    read_pictures,
    train,
)

RUN = DepthRun(
    scenes=3, held=1, moments=1, size=(32, 48), shard=2, steps=2, batch=2, rate=5e-3, warmup=1, net=DepthConfig(width=8)
)


def test_from_scenes_to_a_file_that_estimates(tmp_path: Path):
    told = list(train(RUN, tmp_path / "depth-nano.safetensors"))
    assert [one.step for one in told if isinstance(one, Progress)] == [2]
    assert list(make_pictures(RUN)) == []
    estimate = DepthByNano(tmp_path / "depth-nano.safetensors")
    for size in ((45, 80, 3), (90, 60, 3)):
        frame = np.random.default_rng(0).random(size, np.float32)
        assert estimate(frame).shape == size[:2]
    assert load_depth_nano(tmp_path / "depth-nano.safetensors").config == RUN.net
    with pytest.raises(ModelError, match="impasto train depth-nano"):
        DepthByNano(tmp_path / "none.safetensors")


def training() -> DepthTraining:
    list(make_pictures(RUN))
    return DepthTraining(replace(RUN, steps=100), read_pictures(RUN, "train"), read_pictures(RUN, "train"))


def test_everything_moves_it_learns_and_a_resumed_training_equals_an_unbroken_one():
    whole, begun, resumed = training(), training(), training()
    before, start = whole.report(0.0), {name: v.clone() for name, v in whole.net.state_dict().items()}
    for _ in range(3):
        whole.advance()
    assert [name for name, value in whole.net.state_dict().items() if torch.equal(value, start[name])] == []
    begun.advance()
    resumed.trained.resume(begun.trained.state())
    for _ in range(2):
        resumed.advance()
    for key, value in whole.trained.state().items():
        assert torch.equal(resumed.trained.state()[key], value), key
    for _ in range(30):
        whole.advance()
    assert whole.report(0.0).held > before.held


def test_scale_and_offset_of_inverse_depth_cost_nothing_and_its_sign_does():
    truth = torch.rand(2, 16, 24, generator=torch.Generator().manual_seed(0))
    assert depth_loss(3 * truth - 7, truth, 0.5) < 1e-3
    assert depth_loss(-truth, truth, 0.5) > 1
