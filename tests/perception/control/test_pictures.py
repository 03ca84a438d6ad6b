"""Control pictures: exact ones of a rendered scene, and how estimates are drawn."""

from fractions import Fraction

import numpy as np
import pytest

from impasto.perception.control.exact import figures, world_pictures
from impasto.perception.control.pictures import DepthPictures, Figure, PosePictures, pose_picture
from impasto.scenes.scene import render
from impasto.scenes.world.description import Description, Subject
from impasto.scenes.world.people import JOINTS
from impasto.scenes.world.world import World, build

SIZE = (96, 128)


@pytest.fixture(scope="module")
def world() -> World:
    """A man who walks over a city street."""
    man = Subject(kind="man", colour="red", motion="right", where="middle")
    return build(Description(subjects=(man,), backdrop="city", light="day", camera="still"), 0, SIZE, Fraction(1), 4)


def test_exact_depth_is_white_where_it_is_nearest_and_of_one_scale(world: World):
    pictures = world_pictures(world, "depth")
    assert pictures.shape == (4, *SIZE, 3)
    assert (pictures.min(), pictures.max()) == (0, 255)
    depths = np.stack([render(world, float(time)).depth for time in world.times])
    inverse, light = 1 / depths.ravel(), pictures[..., 0].ravel().astype(float)
    inside = (light > 0) & (light < 255)
    slope, offset = np.polyfit(inverse[inside], light[inside], 1)
    np.testing.assert_allclose(light[inside], slope * inverse[inside] + offset, atol=0.6)
    assert slope > 0


def test_exact_pose_lies_on_the_figure(world: World):
    pictures = world_pictures(world, "pose")
    assert pictures.any((1, 2, 3)).all()
    for number, time in enumerate(world.times):
        (figure,) = figures(world, float(time))
        bones = pictures[number].any(2)
        neck, hip = (figure.joints[JOINTS.index(name)] for name in ("neck", "right hip"))
        middle = ((neck + hip) / 2).round().astype(int)
        assert bones[middle[1], middle[0]]
        around = render(world, float(time)).objects >= 100
        assert (bones & around).sum() > 0.7 * bones.sum()


def test_a_bone_with_an_end_that_is_not_seen_is_not_drawn():
    joints, visible = np.zeros((len(JOINTS), 2)), np.zeros(len(JOINTS), bool)
    joints[[0, 1]] = [[20, 5], [20, 20]]
    visible[0] = True
    assert not pose_picture([Figure(joints, visible)], (40, 40)).any()
    visible[1] = True
    drawn = pose_picture([Figure(joints, visible)], (40, 40))
    rows, columns = np.nonzero(drawn.any(2))
    assert (rows.min(), rows.max()) in {(4, 21), (5, 20), (5, 21)}  # its ends are soft
    assert set(columns) <= {19, 20, 21}


def test_people_who_leave_the_picture_are_drawn_as_far_as_it_goes():
    joints = np.full((len(JOINTS), 2), [-30.0, 500.0])
    assert pose_picture([Figure(joints, np.ones(len(JOINTS), bool))], (40, 40)).shape == (40, 40, 3)
    assert not PosePictures(lambda frame: [])(np.zeros((8, 9, 3), np.float32)).any()


def test_the_scale_of_depth_is_that_of_the_frames_it_was_fitted_to():
    estimate = DepthPictures(lambda frame: frame[..., 0])
    ramp = np.repeat(np.linspace(0, 10, 1001, dtype=np.float32)[None, :, None], 3, 2)
    estimate.fit([ramp, ramp])
    seen = estimate(ramp)[0, :, 0]
    assert seen[0] == 0
    assert seen[-1] == 255
    assert abs(int(seen[500]) - 127) <= 1
    assert estimate(np.full((1, 1, 3), 5, np.float32))[0, 0, 0] == seen[500]
    flat = DepthPictures(lambda frame: frame[..., 0])
    flat.fit([np.ones((4, 4, 3), np.float32)])
    assert np.isfinite(flat(np.ones((4, 4, 3), np.float32))).all()
