"""The demo clip: its file, its sound, and its truth on a small version of it."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from impasto.scenes.demo import demo_scene
from impasto.scenes.demo.soundtrack import soundtrack
from impasto.scenes.movie import write_movie
from impasto.scenes.noise import grid
from impasto.scenes.scene import Scene, flow, picture, render
from impasto.scenes.simple import simple_scene
from impasto.scenes.sound import RATE


@pytest.fixture(scope="module")
def scene() -> Scene:
    return demo_scene(width=192)


def test_everything_in_the_story_is_seen(scene: Scene) -> None:
    seen = {scene.objects[i] for t in (0.2, 2.5) for i in np.unique(render(scene, t).objects)}
    assert {"sky", "village", "water", "lighthouse", "sailing boat", "cyclist", "fence", "tree", "grass"} <= seen


def test_its_flow_explains_its_motion(scene: Scene) -> None:
    t0, t1 = 2.5, 2.5 + 1 / 24
    first, second = render(scene, t0), render(scene, t1)
    to_second, occluded = flow(scene, t0, t1)
    y, x = grid(scene.size)
    back = cv2.remap(second.rgb, x + to_second[..., 0], y + to_second[..., 1], cv2.INTER_CUBIC)
    assert 0.001 < occluded.mean() < 0.1
    explained = np.abs(back - first.rgb)[~occluded].mean()
    assert explained < 0.02
    assert explained < 0.6 * np.abs(second.rgb - first.rgb)[~occluded].mean()
    rider = (first.objects == next(i for i, name in scene.objects.items() if name == "cyclist")) & ~occluded
    assert np.median(to_second[rider, 0]) > 1.5, "the cyclist rides to the right"


def test_nearer_things_cover_deeper_ones(scene: Scene) -> None:
    rendered = render(scene, 2.5)
    names = scene.objects
    depths = [
        (n, np.median(rendered.depth[rendered.objects == i])) for i, n in names.items() if (rendered.objects == i).any()
    ]
    order = dict(depths)
    assert order["grass"] < order["fence"] < order["cyclist"] < order["sailing boat"] < order["village"] < order["sky"]


def test_the_same_seed_gives_the_same_frame() -> None:
    one, same = (picture(demo_scene(width=32), 1.0) for _ in range(2))
    np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize("seconds", [0.5, 6.0])
def test_sound_is_as_long_as_asked_and_not_clipped(seconds: float) -> None:
    sound = soundtrack(seconds)
    assert sound.shape == (round(seconds * RATE), 2)
    assert 0.3 < np.abs(sound).max() <= 0.95
    assert np.abs(sound[:, 0] - sound[:, 1]).mean() > 1e-3, "stereo"
    assert np.abs(sound[-48:]).max() < 0.01, "it ends in silence"
    np.testing.assert_array_equal(sound, soundtrack(seconds))


def test_a_written_clip_has_its_frames_timing_and_sound(tmp_path: Path) -> None:
    world = simple_scene(seconds=Fraction(1))
    path = tmp_path / "clip.mp4"
    pictures = [picture(world, t) for t in world.times]
    assert write_movie(path, pictures, world.fps, soundtrack(1.0)) == 24
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height, video.average_rate) == (128, 96, 24)
        frames = list(container.decode(video))
        assert [frame.pts * frame.time_base for frame in frames] == world.times
        decoded = frames[12].to_ndarray(format="rgb24", src_colorspace="ITU709") / 255
        assert np.abs(decoded - pictures[12]).mean() < 0.03
        assert audio.rate == RATE
        assert audio.channels == 2
        assert audio.duration is not None
        assert abs(float(audio.duration * audio.time_base) - 1) < 0.05
