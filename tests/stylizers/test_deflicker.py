"""The stabiliser alone: steadier where the motion is known, true where there is nothing to steady.

Legend: H height, W width.
"""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from impasto.errors import InputError
from impasto.guidance import Guidance
from impasto.motion.warp import warp
from impasto.stylizers.base import FrameArray
from impasto.stylizers.deflicker import Deflicker, DeflickerConfig
from impasto.stylizers.memoryshot import MemoryShot
from impasto.video.pictures import write_picture

HEIGHT, WIDTH, FRAMES, STEP = 96, 128, 8, 2
GUIDED = pytest.mark.parametrize("guided", [False, True], ids=["alone", "guided"])


def texture(width: int = WIDTH, seed: int = 0, sigma: float = 4) -> FrameArray:
    noise = np.random.default_rng(seed).random((HEIGHT, width, 3)).astype(np.float32)
    return np.asarray(
        cv2.normalize(cv2.GaussianBlur(noise, (0, 0), sigma), None, 0.1, 0.9, cv2.NORM_MINMAX), np.float32
    )


def pan() -> list[FrameArray]:
    """Moves by whole pixels, so that its flow is known and no sampling blurs it."""
    wide = texture(WIDTH + STEP * FRAMES)
    return [np.ascontiguousarray(wide[:, STEP * n : STEP * n + WIDTH]) for n in range(FRAMES)]


def flicker(frames: list[FrameArray]) -> float:
    """Squared change along the exact flow of `pan`."""
    flow = np.full((HEIGHT, WIDTH, 2), (-STEP, 0), np.float32)
    inner = np.s_[8:-8, 8:-8]
    return float(np.mean([np.square(a - warp(b, flow))[inner].mean() for a, b in itertools.pairwise(frames)]))


def detail(frame: FrameArray) -> float:
    return float(cv2.Laplacian(frame, cv2.CV_32F).var())


@pytest.fixture
def steadied(tmp_path: Path):
    """Steadies frames as one shot, along the motion of `source` where one is given."""

    def run(
        frames: list[FrameArray], source: list[FrameArray] | None = None, config: DeflickerConfig | None = None
    ) -> list[FrameArray]:
        guide = None
        if source is not None:
            guide = tmp_path / "guide"
            guide.mkdir()
            for number, frame in enumerate(source):
                write_picture(guide / f"{number}.png", (frame * 255 + 0.5).astype(np.uint8))
        stylizer = Deflicker(config)
        stylizer.prepare(Guidance(guide=guide), MemoryShot(frames), lambda share: None)
        return list(stylizer.stylize(frames, {}))

    return run


@GUIDED
def test_noise_and_flickering_light_are_steadied_along_the_motion(steadied, guided):
    rng, clean = np.random.default_rng(0), pan()
    light = 1 + rng.normal(0, 0.04, FRAMES)
    painted = [
        np.clip(frame * share + rng.normal(0, 0.06, frame.shape), 0, 1).astype(np.float32)
        for frame, share in zip(clean, light, strict=True)
    ]
    steady = steadied(painted, clean if guided else None)
    assert flicker(steady) < 0.4 * flicker(painted)
    np.testing.assert_allclose(steady[0], painted[0], atol=1e-6)


@GUIDED
def test_a_still_clip_stays_as_it_is(steadied, guided):
    still = [texture()] * 4
    for steady in steadied(still, still if guided else None):
        np.testing.assert_allclose(steady, still[0], atol=1 / 255)


@GUIDED
def test_a_clip_that_follows_its_motion_stays_as_it_is(steadied, guided):
    moving = pan()
    for steady, frame in zip(steadied(moving, moving if guided else None), moving, strict=True):
        assert np.abs(steady - frame).mean() < 1 / 255


def test_steadiness_is_not_bought_by_blur(steadied, tmp_path):
    """Other strokes in every frame of a scene that stands still: their mean would be gray."""
    strokes = [texture(seed=n, sigma=1.5) for n in range(FRAMES)]
    still = [texture(seed=99)] * FRAMES
    steady = steadied(strokes, still)
    change = [np.square(b - a).mean() for frames in (steady, strokes) for a, b in itertools.pairwise(frames)]
    assert np.mean(change[: FRAMES - 1]) < 0.1 * np.mean(change[FRAMES - 1 :])
    assert detail(steady[-1]) > 0.6 * detail(strokes[-1])
    (tmp_path / "guide").rename(tmp_path / "before")
    blurred = steadied(strokes, still, DeflickerConfig(gain=1.0))
    assert detail(blurred[-1]) < 0.4 * detail(strokes[-1])


def test_nothing_of_another_scene_shows(steadied):
    """Of the same colours, and with noise that makes neighbours differ as much as scenes do."""
    rng = np.random.default_rng(0)
    scenes = [texture(seed=1)] * 3 + [texture(seed=2)] * 2
    painted = [np.clip(rgb + rng.normal(0, 0.15, rgb.shape), 0, 1).astype(np.float32) for rgb in scenes]
    steady = steadied(painted)
    np.testing.assert_allclose(steady[3], painted[3], atol=1e-6)
    assert np.abs(steady[2] - painted[2]).mean() > 0.05


def test_a_fade_is_followed(steadied):
    fade = [texture() * np.float32(1 - n / FRAMES) for n in range(FRAMES)]
    late = [steady.mean() - frame.mean() for steady, frame in zip(steadied(fade), fade, strict=True)]
    assert max(late) < 0.12


def test_a_guide_that_is_too_short_is_told(steadied):
    with pytest.raises(InputError, match="ends before the frames do"):
        steadied([texture()] * 3, [texture()] * 2)
