"""Flow, occlusion and the flow-warped loss, against the exact motion of rendered clips.

Legend: H height, W width.
"""

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.losses.temporal import long_term_loss, temporal_loss, unwarped_loss
from impasto.motion.flow import DisFlow, gray
from impasto.motion.occlusion import consistent, motion_boundary, reliability
from impasto.motion.warp import warp_tensor
from impasto.scenes.scene import Scene, flow, picture, render
from impasto.scenes.simple import simple_scene

SEEDS = range(5)


class Motion(NamedTuple):
    """Of a scene between two times."""

    first: np.ndarray
    second: np.ndarray
    forward: np.ndarray
    backward: np.ndarray
    hidden: np.ndarray
    """bool [H, W]: the point of the first frame is hidden, or out of the frame, in the second."""


def motion(seed: int, step: Fraction) -> Motion:
    scene, t0, t1 = simple_scene(seed=seed), 1, 1 + step
    forward, hidden = flow(scene, t0, t1)
    return Motion(picture(scene, t0), picture(scene, t1), forward, flow(scene, t1, t0)[0], hidden)


def estimated(seen: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Forward and backward flow as DIS sees it."""
    first, second = (gray((frame * 255).astype(np.uint8)) for frame in (seen.first, seen.second))
    estimate = DisFlow("medium")
    return estimate(first, second), estimate(second, first)


def frame_tensor(frame_HW3: np.ndarray) -> Tensor:
    return torch.from_numpy(frame_HW3).permute(2, 0, 1)[None]


def flow_tensor(flow_HW2: np.ndarray) -> Tensor:
    return torch.from_numpy(flow_HW2)[None]


def noise(seed: int) -> Tensor:
    return torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_painting_that_follows_the_motion_costs_nothing(seed: int):
    """Any picture, and the same seen along the exact flow; what comes into view is painted anew."""
    seen = motion(seed, Fraction(1, 4))
    second, visible = noise(0), torch.from_numpy(~seen.hidden)[None].float()
    carried = warp_tensor(second, flow_tensor(seen.forward))
    first = torch.where(visible[:, None] > 0, carried, noise(1))
    assert temporal_loss(first, carried, visible).item() == 0
    assert temporal_loss(first, carried, torch.ones_like(visible)).item() > 0.003, "the occlusion mask matters"
    assert unwarped_loss(first, second).item() > 0.05, "the flow matters"
    assert long_term_loss(first, [carried, noise(2)], [visible, visible]).item() == 0


def whole_pixels() -> Scene:
    """A wall that moves by 3 pixels to the left and one down in a second, and a board that moves to the right by 4."""
    still = simple_scene(seed=3)
    unit = 1 / (still.camera.focal * still.size[1])  # metres in a pixel at a depth of one metre
    wall, board = still.layers[0], still.layers[3]
    wall_pose, board_pose = wall.pose(0), board.pose(0)
    left_and_down = wall_pose.origin[2] * unit * np.array([-3, 1, 0])
    right = board_pose.origin[2] * unit * np.array([4, 0, 0])
    layers = (
        replace(wall, pose=lambda t: wall_pose._replace(origin=wall_pose.origin + t * left_and_down)),
        replace(board, pose=lambda t: board_pose._replace(origin=board_pose.origin + t * right)),
    )
    return replace(still, camera=replace(still.camera, path=lambda t: (0.0, 0.0, 0.0)), layers=layers)


def test_the_rendered_clip_itself_costs_nothing_along_its_flow():
    """Where motion is by whole pixels no sampling blurs, so that the clip is its own exact painting."""
    scene = whole_pixels()
    first, second = render(scene, 0), render(scene, 1)
    forward, hidden = flow(scene, 0, 1)
    np.testing.assert_allclose(forward, np.round(forward), atol=1e-3)
    assert {tuple(vector) for vector in np.round(forward).reshape(-1, 2)} == {(-3, 1), (4, 0)}
    edges = np.ones((3, 3), np.uint8)  # pixels at the rim of an object mix its colour with what is behind
    rims = [cv2.morphologyEx(r.objects.astype(np.float32), cv2.MORPH_GRADIENT, edges) for r in (first, second)]
    before, after = (frame_tensor(rim[..., None]) for rim in rims)
    rim = (before + warp_tensor(after, flow_tensor(forward)))[:, 0] > 0
    visible = torch.from_numpy(~hidden)[None] & ~rim
    assert visible.float().mean() > 0.7
    carried = warp_tensor(frame_tensor(second.rgb), flow_tensor(forward))
    assert temporal_loss(frame_tensor(first.rgb), carried, visible.float()).item() < 1e-8
    assert unwarped_loss(frame_tensor(first.rgb), frame_tensor(second.rgb)).item() > 1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_estimated_flow_is_the_exact_one_where_visible(seed: int):
    """Half of the pixels within 0.15, nine tenths within 1.5 pixels, of motions of up to 11."""
    seen = motion(seed, Fraction(1, 4))
    found, _ = estimated(seen)
    error = np.hypot(*np.moveaxis(found - seen.forward, -1, 0))[~seen.hidden]
    size = np.hypot(*np.moveaxis(seen.forward, -1, 0))[~seen.hidden]
    assert np.median(error) < 0.15 < 0.25 * size.mean()
    assert np.percentile(error, 90) < 1.5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("step", [Fraction(1, 24), Fraction(1, 8), Fraction(1, 4)])
def test_masks_of_exact_flow_find_what_is_hidden(seed: int, step: Fraction):
    """98 % of it, at the cost of less than 6 % of what is visible: the motion boundaries."""
    seen = motion(seed, step)
    agrees, edge = consistent(seen.forward, seen.backward), motion_boundary(seen.forward)
    assert (~agrees | edge)[seen.hidden].mean() > 0.98
    assert agrees[~seen.hidden].mean() > 0.98
    assert (agrees & ~edge)[~seen.hidden].mean() > 0.94


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_of_estimated_flow_find_most_of_what_is_hidden(seed: int):
    """DIS smooths over the edges of objects: 60 % of it are found, with 80 % of what is visible kept."""
    seen = motion(seed, Fraction(1, 4))
    found = estimated(seen)
    trusted = consistent(*found) & ~motion_boundary(found[0])
    assert (~trusted)[seen.hidden].mean() > 0.6
    assert trusted[~seen.hidden].mean() > 0.8


def test_reliability_is_the_masks_with_soft_edges():
    seen = motion(0, Fraction(1, 4))
    trusted = consistent(seen.forward, seen.backward) & ~motion_boundary(seen.forward)
    weight = reliability(seen.forward, seen.backward)
    assert weight.dtype == np.float32
    assert 0 <= weight.min() <= weight.max() <= 1 + 1e-6
    inner, outer = (
        extend(trusted.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0 for extend in (cv2.erode, cv2.dilate)
    )
    np.testing.assert_allclose(weight[inner], 1, atol=1e-6)
    assert (weight[~outer] == 0).all()
    assert ((weight > 0.1) & (weight < 0.9)).any()
    assert weight[trusted].min() > weight[~trusted].min()
