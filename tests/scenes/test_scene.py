"""The renderer's truth about its own frames: flow, occlusion, depth and objects agree with the pictures."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from impasto.scenes.noise import grid
from impasto.scenes.scene import Scene, flow, picture, render
from impasto.scenes.simple import simple_scene

SEEDS = (0, 1, 2)


def warped(image: np.ndarray, flow_HW2: np.ndarray) -> np.ndarray:
    y, x = grid(image.shape[:2])
    return cv2.remap(
        image, x + flow_HW2[..., 0], y + flow_HW2[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def inner(objects: np.ndarray, margin: int = 2) -> np.ndarray:
    """Pixels whose whole neighbourhood belongs to one object: borders mix the colours of two."""
    kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    values = objects.astype(np.float32)
    return cv2.dilate(values, kernel) == cv2.erode(values, kernel)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("step", [Fraction(1, 24), Fraction(1, 4), Fraction(-1, 4)])
def test_warping_by_the_flow_gives_the_first_frame(seed: int, step: Fraction) -> None:
    scene = simple_scene(seed=seed)
    t0, t1 = Fraction(1), 1 + step
    first, second = render(scene, t0), render(scene, t1)
    to_second, occluded = flow(scene, t0, t1)
    there = warped(inner(second.objects).astype(np.float32), to_second) > 0.99
    clear = ~occluded & inner(first.objects) & there
    assert clear.mean() > 0.6
    error = np.abs(warped(second.rgb, to_second) - first.rgb)[clear]
    still = np.abs(second.rgb - first.rgb)[clear]
    assert error.mean() < 0.01
    assert error.mean() < 0.5 * still.mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_there_and_back_again(seed: int) -> None:
    """Forward and backward flow undo each other wherever the point is seen in both frames."""
    scene = simple_scene(seed=seed)
    forward, occluded = flow(scene, 0.5, 0.8)
    backward, _ = flow(scene, 0.8, 0.5)
    there = warped(inner(render(scene, 0.8).objects).astype(np.float32), forward) > 0.99
    loop = np.hypot(*np.moveaxis(forward + warped(backward, forward), -1, 0))[~occluded & there]
    assert np.percentile(loop, 99) < 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_occlusion_is_what_the_other_frame_hides(seed: int) -> None:
    """A point marked visible lies on the same object in the other frame; one marked occluded does not."""
    scene = simple_scene(seed=seed)
    first, second = render(scene, 0.4), render(scene, 0.9)
    to_second, occluded = flow(scene, 0.4, 0.9)
    h, w = scene.size
    y, x = grid(scene.size)
    tx, ty = x + to_second[..., 0], y + to_second[..., 1]
    inside = (tx >= 0) & (tx <= w - 1) & (ty >= 0) & (ty <= h - 1)
    nearest = np.round(ty).astype(int).clip(0, h - 1), np.round(tx).astype(int).clip(0, w - 1)
    there = second.objects[nearest]
    certain = inside & inner(second.objects, 1)[nearest]
    assert (occluded & certain).any()
    np.testing.assert_array_equal((there != first.objects)[certain], occluded[certain])
    assert occluded[~inside].all()


def test_no_time_is_no_motion() -> None:
    to_itself, occluded = flow(simple_scene(), 1, 1)
    assert np.abs(to_itself).max() < 1e-6
    assert not occluded.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_nearer_objects_lie_in_front(seed: int) -> None:
    """Without what is in front, the same pixels show something deeper."""
    scene = simple_scene(seed=seed)
    whole = render(scene, 1.0)
    without = render(replace(scene, layers=scene.layers[:-1]), 1.0)
    front = whole.objects == scene.layers[-1].object_id
    assert front.any()
    assert (whole.depth[front] < without.depth[front]).all()
    np.testing.assert_array_equal(whole.depth[~front], without.depth[~front])


def test_depth_is_known_for_planes() -> None:
    scene = simple_scene()
    rendered = render(scene, 0.0)
    for layer in scene.layers:
        z = layer.pose(0.0).origin[2]
        np.testing.assert_allclose(rendered.depth[rendered.objects == layer.object_id], z, rtol=1e-6)


def test_a_near_plane_moves_by_the_ratio_of_depths() -> None:
    """The parallax of a point is focal length times the camera's step over its depth."""
    scene = simple_scene(seed=4)
    scene = replace(scene, camera=replace(scene.camera, path=lambda t: (0.3 * t, 0.0, 0.0)), layers=scene.layers[:1])
    moved, _ = flow(scene, 0, 1)
    expected = -scene.camera.focal * scene.size[1] * 0.3 / 12
    np.testing.assert_allclose(moved[..., 0], expected, rtol=1e-5)
    np.testing.assert_allclose(moved[..., 1], 0, atol=1e-5)


def test_seeds_repeat_and_differ() -> None:
    a, b, c = (picture(simple_scene(seed=seed), 0.3) for seed in (7, 7, 8))
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).mean() > 0.05


def test_a_still_world_does_not_shimmer() -> None:
    """Under a slow camera, the colour of a point stays; the mean change is far below that of a moving edge."""
    scene = simple_scene(seed=1)
    slow: Scene = replace(
        scene, camera=replace(scene.camera, path=lambda t: (0.05 * t, 0.0, 0.0)), layers=scene.layers[:1]
    )
    frames = [picture(slow, i / 24) for i in range(6)]
    motions = [flow(slow, 0, i / 24)[0] for i in range(6)]
    stack = np.stack([warped(f, m) for f, m in zip(frames, motions, strict=True)])[:, 4:-4, 4:-4]
    assert stack.std(0).mean() < 0.006


def test_times_fill_the_clip() -> None:
    scene = simple_scene(seconds=Fraction(1, 2), fps=Fraction(30000, 1001))
    assert scene.times[0] == 0
    assert len(scene.times) == 14
    assert scene.times[1] == Fraction(1001, 30000)
