import itertools

import cv2
import numpy as np
import pytest
import torch

from impasto.motion.flow import DisFlow, gray, pixel_grid, resize_flow
from impasto.motion.occlusion import consistent, motion_boundary
from impasto.motion.stabilize import Stabilizer
from impasto.motion.warp import warp, warp_tensor


def texture(height: int = 96, width: int = 128, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 1, cv2.NORM_MINMAX)


def test_warp_samples_where_the_flow_points():
    second = texture()
    flow = np.full((96, 128, 2), (3, -2), np.float32)
    np.testing.assert_allclose(warp(second, flow)[10:80, 10:110], second[8:78, 13:113], atol=1e-5)


def test_warp_by_a_known_flow_inverts():
    first = texture()
    flow = np.stack(
        [2 + np.sin(pixel_grid(96, 128)[..., 1] / 15), np.cos(pixel_grid(96, 128)[..., 0] / 15)], -1
    ).astype(np.float32)
    back = -flow
    for _ in range(20):  # the inverse flow is the fixed point of b(x) = -f(x + b(x))
        back = -warp(flow, back)
    returned = warp(warp(first, back), flow)
    assert np.abs(returned - first)[12:-12, 12:-12].mean() < 0.01


def test_tensor_warp_equals_array_warp_and_has_gradients():
    frame, flow = texture(), np.random.default_rng(1).normal(0, 3, (96, 128, 2)).astype(np.float32)
    tensor = torch.from_numpy(frame).permute(2, 0, 1)[None].requires_grad_()
    warped = warp_tensor(tensor, torch.from_numpy(flow)[None])
    np.testing.assert_allclose(warped[0].permute(1, 2, 0).detach().numpy(), warp(frame, flow), atol=0.02)
    warped.sum().backward()
    assert tensor.grad is not None
    assert tensor.grad.abs().sum() > 0


def test_estimated_flow_finds_a_shift():
    big = (texture(140, 180) * 255).astype(np.uint8)
    first, second = gray(big[20:116, 20:148]), gray(big[22:118, 25:153])
    flow = DisFlow("medium")(first, second)
    assert np.abs(np.median(flow[20:-20, 20:-20], (0, 1)) - (-5, -2)).max() < 0.3


def test_resized_flow_keeps_the_motion():
    flow = np.full((10, 20, 2), (2.0, 3.0), np.float32)
    assert np.allclose(resize_flow(flow, (40, 10)), (4.0, 3.0))


def test_consistent_flow_is_trusted_only_inside():
    flow = np.full((40, 60, 2), (5.0, 0.0), np.float32)
    trusted = consistent(flow, -flow)
    assert trusted[:, :54].all()
    assert not trusted[:, 56:].any()


def test_disagreeing_flow_is_not_trusted():
    flow = np.full((40, 60, 2), (2.0, 0.0), np.float32)
    assert not consistent(flow, flow).any()


def test_motion_boundary_is_where_the_flow_breaks():
    flow = np.zeros((40, 60, 2), np.float32)
    flow[:, 30:] = (4, 0)
    edge = motion_boundary(flow)
    assert edge[:, 29:31].all()
    assert not edge[:, :28].any()
    assert not edge[:, 33:].any()


@pytest.fixture
def panning() -> list[np.ndarray]:
    big = texture(120, 220, seed=3)
    return [np.ascontiguousarray(big[10:106, 2 * t : 2 * t + 128]) for t in range(6)]


def flicker(frames: list[np.ndarray]) -> float:
    flow = np.full((96, 128, 2), (-2.0, 0.0), np.float32)
    pairs = itertools.pairwise(frames)
    return float(np.mean([np.square(a - warp(b, flow))[8:-8, 8:-8].mean() for a, b in pairs]))


def test_stabilizer_calms_noise_along_the_motion(panning: list[np.ndarray]):
    rng, stabilizer = np.random.default_rng(0), Stabilizer()
    noisy = [np.clip(f + rng.normal(0, 0.1, f.shape), 0, 1).astype(np.float32) for f in panning]
    steady = [stabilizer(f, n) for f, n in zip(panning, noisy, strict=True)]
    np.testing.assert_array_equal(steady[0], noisy[0])
    assert flicker(steady) < 0.4 * flicker(noisy)


def test_stabilizer_does_not_smear_over_a_change(panning: list[np.ndarray]):
    stabilizer = Stabilizer()
    stabilizer(panning[0], np.zeros_like(panning[0]))
    other = 0.2 * texture(seed=9)  # a cut to a dark picture
    painted = np.ones_like(other)
    assert np.abs(stabilizer(other, painted) - painted).mean() < 0.1


def test_stabilizer_continues_from_carried_state(panning: list[np.ndarray]):
    whole, first, second = Stabilizer(), Stabilizer(), Stabilizer()
    unbroken = [whole(f, f**2) for f in panning]
    parts = [first(f, f**2) for f in panning[:3]]
    second.carry = dict(first.carry)
    parts += [second(f, f**2) for f in panning[3:]]
    np.testing.assert_array_equal(np.stack(unbroken), np.stack(parts))
