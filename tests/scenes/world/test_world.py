"""Random scenes: what the description says is what is rendered, exactly."""

from dataclasses import replace
from fractions import Fraction
from typing import get_args

import cv2
import numpy as np
import pytest

from impasto.errors import UnsupportedOption
from impasto.scenes.camera import Camera
from impasto.scenes.layer import Layer, upright
from impasto.scenes.noise import grid
from impasto.scenes.scene import flow, picture, render
from impasto.scenes.texture import Texture
from impasto.scenes.world.catalogue import BACKDROPS, KINDS
from impasto.scenes.world.chance import describe, random_scene
from impasto.scenes.world.description import CameraMotion, Description, Motion, Subject
from impasto.scenes.world.people import JOINTS
from impasto.scenes.world.scenery import GROUND, SKY
from impasto.scenes.world.world import FIRST_SUBJECT, World, build

SIZE = (72, 128)


def home(kind: str) -> str:
    """A backdrop where a kind can be."""
    return next(n for n, b in BACKDROPS.items() if set(b.habitats) & set(KINDS[kind].habitats) and kind not in b.shows)


def scene_of(subject: Subject, size: tuple[int, int] = SIZE, seed: int = 0) -> World:
    """The subject alone, before a camera that does not move."""
    return build(Description(subjects=(subject,), backdrop=home(subject.kind)), seed, size)


def mask(world: World, t: float, subject: int = 0) -> np.ndarray:
    return render(world, t).objects == FIRST_SUBJECT + subject


def centre(mask_HW: np.ndarray) -> np.ndarray:
    """(x, y) of the centroid."""
    y, x = mask_HW.nonzero()
    return np.array([x.mean(), y.mean()])


def test_the_same_seed_gives_the_same_scene() -> None:
    one, same, other = (random_scene(seed, SIZE) for seed in (5, 5, 6))
    assert one.description == same.description
    assert one.description != other.description
    np.testing.assert_array_equal(picture(one, 0.7), picture(same, 0.7))
    assert np.abs(picture(one, 0.7) - picture(other, 0.7)).mean() > 0.03


@pytest.mark.parametrize("seed", range(16))
def test_all_that_is_described_is_seen_in_the_first_frame(seed: int) -> None:
    world = random_scene(seed, SIZE)
    objects = render(world, 0).objects
    assert set(np.unique(objects)) <= set(world.phrases)
    for i, subject in enumerate(world.description.subjects):
        assert (objects == FIRST_SUBJECT + i).sum() > 20, subject
    assert world.objects.keys() == world.phrases.keys()


def test_descriptions_use_everything() -> None:
    rng = np.random.default_rng(0)
    many = [describe(rng) for _ in range(1500)]
    subjects = [subject for description in many for subject in description.subjects]
    assert {subject.kind for subject in subjects} == set(KINDS)
    assert {subject.motion for subject in subjects} == set(get_args(Motion))
    assert {subject.count for subject in subjects} == {1, 2, 3}
    assert {description.backdrop for description in many} == set(BACKDROPS)
    assert {description.camera for description in many} == set(get_args(CameraMotion))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_drawn_in_its_colour(kind: str) -> None:
    """Another colour changes the thing, and nothing about its outline."""
    one, other = (scene_of(Subject(kind=kind, colour=colour)) for colour in KINDS[kind].colours[:2])
    first, second = render(one, 0.5), render(other, 0.5)
    seen = first.objects == FIRST_SUBJECT
    assert 0.008 < seen.mean() < 0.4
    np.testing.assert_array_equal(seen, second.objects == FIRST_SUBJECT)
    assert np.abs(first.rgb - second.rgb)[seen].mean() > 0.02


@pytest.mark.parametrize("backdrop", BACKDROPS)
def test_a_backdrop_fills_the_frame_wherever_the_camera_goes(backdrop: str) -> None:
    pictures = []
    motions: tuple[CameraMotion, ...] = ("pans left", "tilts up", "zooms in")  # the others are these, backwards
    for motion in motions:
        world = build(Description(subjects=(), backdrop=backdrop, camera=motion), 1, (48, 64))
        backed = replace(world, layers=(_white(), *world.layers))
        for t in (0, 2):
            pictures.append(picture(world, t))
            # Where no layer covers the frame, the white one would be seen.
            np.testing.assert_allclose(picture(backed, t), pictures[-1], atol=0.02)
    assert np.std(pictures) > 0.05


def _white() -> Layer:
    return Layer("nothing", 99, Texture(np.ones((64, 64, 4), np.float32)), lambda _: upright(-160, -160, 50, 5.0))


@pytest.mark.parametrize("kind", ["car", "bird", "fish", "ball", "man"])
@pytest.mark.parametrize(("motion", "sign"), [("left", -1), ("right", 1)])
def test_what_moves_sideways_does(kind: str, motion: Motion, sign: int) -> None:
    world = scene_of(Subject(kind=kind, colour="red", size="small", motion=motion))
    across, down = centre(mask(world, 1.8)) - centre(mask(world, 0.2))
    assert sign * across > 0.15 * SIZE[1]
    assert abs(down) < 0.06 * SIZE[0]


@pytest.mark.parametrize("kind", ["balloon", "fish", "rocket", "kite"])
@pytest.mark.parametrize(("motion", "sign"), [("up", -1), ("down", 1)])
def test_what_rises_and_sinks_does(kind: str, motion: Motion, sign: int) -> None:
    world = scene_of(Subject(kind=kind, colour="red", size="small", motion=motion))
    across, down = centre(mask(world, 1.6)) - centre(mask(world, 0.4))
    assert sign * down > 0.08 * SIZE[0]
    assert abs(across) < 0.04 * SIZE[1]


@pytest.mark.parametrize(("motion", "larger"), [("grow", True), ("shrink", False)])
@pytest.mark.parametrize("kind", ["flower", "heart"])
def test_what_grows_and_shrinks_does(kind: str, motion: Motion, larger: bool) -> None:
    world = scene_of(Subject(kind=kind, colour="red", motion=motion))
    ratio = mask(world, 1.9).sum() / mask(world, 0.1).sum()
    assert (ratio > 1.8) if larger else (ratio < 1 / 1.8)


@pytest.mark.parametrize("kind", ["ball", "child", "star"])
def test_what_bounces_comes_down_again(kind: str) -> None:
    world = scene_of(Subject(kind=kind, colour="red", motion="bounce"))
    centres = np.stack([centre(mask(world, t)) for t in np.arange(0, 1.01, 0.125)])
    assert np.ptp(centres[:, 1]) > 0.05 * SIZE[0]
    assert np.ptp(centres[:, 0]) < 2
    np.testing.assert_allclose(centres[0], centres[-1], atol=0.7)


def test_what_turns_turns_about_its_middle() -> None:
    world = scene_of(Subject(kind="cup", colour="red", motion="turn"), (96, 128))
    before, after = mask(world, 0.0), mask(world, 1.0)
    assert np.hypot(*(centre(after) - centre(before))) < 0.06 * 96
    assert (before ^ after).sum() > 0.25 * before.sum()


def test_what_sways_keeps_its_foot() -> None:
    world = scene_of(Subject(kind="flower", colour="red", motion="sway"))
    moved, _ = flow(world, 0.0, 0.35)
    rows, _ = mask(world, 0.0).nonzero()
    inside = np.where(mask(world, 0.0), np.abs(moved[..., 0]), np.nan)
    assert np.nanmax(inside[rows.min() : rows.min() + 4]) > 1
    assert np.nanmax(inside[rows.max() - 2 :]) < 0.5


def test_what_stays_stays() -> None:
    world = scene_of(Subject(kind="house", colour="red"))
    np.testing.assert_array_equal(picture(world, 0), picture(world, 1.7))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_as_many_are_seen_as_are_said(count: int) -> None:
    world = scene_of(Subject(kind="mushroom", colour="red", count=count), (96, 170))
    columns = np.concatenate([[False], mask(world, 0).any(0), [False]])
    assert (np.diff(columns.astype(int)) == 1).sum() == count


@pytest.mark.parametrize(("where", "low", "high"), [("left", 0.1, 0.4), ("middle", 0.42, 0.58), ("right", 0.6, 0.9)])
def test_things_are_where_they_are_said_to_be(where: str, low: float, high: float) -> None:
    world = scene_of(Subject(kind="cup", colour="red", where=where))  # pyright: ignore[reportArgumentType]
    assert low < centre(mask(world, 1.0))[0] / SIZE[1] < high


@pytest.mark.parametrize(
    ("motion", "axis", "sign"),
    [("pans left", 0, 1), ("pans right", 0, -1), ("tilts up", 1, 1), ("tilts down", 1, -1)],
)
def test_the_world_moves_against_the_camera(motion: CameraMotion, axis: int, sign: int) -> None:
    world = build(Description(subjects=(), backdrop="snow", camera=motion), 0, SIZE)
    moved, _ = flow(world, 0.4, 1.6)
    sky = moved[render(world, 0.4).objects == SKY]
    assert (sign * sky[:, axis] > 2).all()
    assert np.abs(np.median(sky[:, 1 - axis])) < 0.3 * np.abs(np.median(sky[:, axis]))


@pytest.mark.parametrize(("motion", "sign"), [("zooms in", 1), ("zooms out", -1)])
def test_zooming_spreads_the_world_or_draws_it_together(motion: CameraMotion, sign: int) -> None:
    world = build(Description(subjects=(), backdrop="snow", camera=motion), 0, SIZE)
    moved, _ = flow(world, 0.2, 1.8)
    objects = render(world, 0.2).objects
    for part in (SKY, GROUND):
        y, x = (objects == part).nonzero()
        assert sign * np.polyfit(x, moved[y, x, 0], 1)[0] > 0.02


@pytest.mark.parametrize("motion", ["pans right", "zooms in"])
def test_the_flow_explains_the_motion(motion: CameraMotion) -> None:
    walker = Subject(kind="man", colour="red", motion="left")
    world = build(Description(subjects=(walker,), backdrop="lake", camera=motion), 2, (96, 128))
    first, second = picture(world, 1.0), picture(world, 1.1)
    moved, occluded = flow(world, 1.0, 1.1)
    y, x = grid(world.size)
    back = cv2.remap(second, x + moved[..., 0], y + moved[..., 1], cv2.INTER_CUBIC)
    explained = np.abs(back - first)[~occluded].mean()
    assert explained < 0.015
    assert explained < 0.5 * np.abs(second - first)[~occluded].mean()


def test_a_still_camera_is_still() -> None:
    world = build(Description(subjects=(), backdrop="meadow"), 0, SIZE)
    assert isinstance(world.camera, Camera)
    assert np.abs(flow(world, 0, 1.9)[0]).max() < 1e-4


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("kind", "motion"), [("man", "left"), ("woman", "right"), ("child", "wave"), ("man", "bounce")]
)
def test_joints_lie_on_their_figure(kind: str, motion: Motion, seed: int) -> None:
    world = scene_of(Subject(kind=kind, colour="red", motion=motion), (128, 160), seed)
    for t in (0.3, 1.1):
        (pose,) = world.pose(t)
        assert pose.joints.shape == (len(JOINTS), 2)
        assert pose.visible.all()
        x, y = np.round(pose.joints).astype(int).T
        assert mask(world, t)[y, x].all()


def test_joints_keep_their_distances() -> None:
    """Limbs are rigid: how long a thigh is does not depend on the step."""
    world = scene_of(Subject(kind="man", colour="red", motion="right"))
    hip, knee = JOINTS.index("right hip"), JOINTS.index("right knee")
    lengths = [np.hypot(*(world.pose(t)[0].joints[hip] - world.pose(t)[0].joints[knee])) for t in np.linspace(0, 2, 9)]
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-6)


def test_a_mirrored_figure_waves_its_other_hand() -> None:
    sides = set()
    for seed in range(12):
        (pose,) = scene_of(Subject(kind="man", colour="red", motion="wave"), seed=seed).pose(0.5)
        right, left = (pose.joints[JOINTS.index(f"{side} wrist")] for side in ("right", "left"))
        # It faces us: its right hand is on our left.
        assert right[0] < left[0]
        sides.add(right[1] < left[1])
    assert sides == {True, False}


def test_hidden_joints_are_not_visible() -> None:
    world = scene_of(Subject(kind="man", colour="red"))
    board = Layer("board", 98, Texture(np.ones((8, 8, 4), np.float32)), lambda _: upright(-4, -4, 3, 1.0))
    assert not replace(world, layers=(*world.layers, board)).pose(0.5)[0].visible.any()
    behind = replace(world, layers=(board, *world.layers))
    assert behind.pose(0.5)[0].visible.all()


def test_only_people_have_poses() -> None:
    assert scene_of(Subject(kind="horse", colour="brown", motion="left")).pose(0.5) == ()
    group = Subject(kind="child", colour="blue", count=3, motion="wave")
    assert len(scene_of(group).pose(0.5)) == 3


def test_a_clip_has_its_frames() -> None:
    assert len(random_scene(0, SIZE, Fraction(17, 8), 8).times) == 17


@pytest.mark.parametrize(
    ("description", "word"),
    [
        (Description(subjects=(), backdrop="attic"), "attic"),
        (Description(subjects=(), backdrop="city", light="noon"), "noon"),
        (Description(subjects=(Subject(kind="dragon", colour="red"),), backdrop="city"), "dragon"),
        (Description(subjects=(Subject(kind="cat", colour="beige"),), backdrop="city"), "beige"),
    ],
)
def test_what_does_not_exist_is_refused(description: Description, word: str) -> None:
    with pytest.raises(UnsupportedOption, match=word):
        build(description, 0, SIZE)


@pytest.mark.parametrize(("size", "seconds"), [((16, 64), 2), ((64, 64), 0)])
def test_too_small_a_clip_is_refused(size: tuple[int, int], seconds: int) -> None:
    with pytest.raises(UnsupportedOption, match=f"{size[1]}x{size[0]}"):
        random_scene(0, size, seconds)
