"""What every registered model must hold to (`impasto.stylizers.base`), and the toy model of the tests too.

Those of diffusion hold to it with random weights of toy size.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.guidance import Guidance, Style
from impasto.stylizers.base import FrameArray, Model, State
from impasto.stylizers.dreamstyle.nano import STEPS as DREAMSTYLE_STEPS
from impasto.stylizers.dreamstyle.published import NANO_FILE
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.registry import models
from impasto.stylizers.stylemaster.published import NANO_PARTS
from impasto.stylizers.stylemaster.stylizer import STEPS
from tests.toy import TOY
from tests.training.dreamstyle.toypairs import toy_dreamstyle_nano
from tests.training.stylemaster.toyworld import forget, toy_parts, write_weights

MODELS = {**models(), "toy": TOY}
SIZES = [(64, 48), (51, 37), (16, 16)]
FRAMES = 4


def shot(width: int, height: int) -> list[FrameArray]:
    """A smooth picture that moves sideways."""
    y, x = np.mgrid[0:height, 0 : width + FRAMES].astype(np.float32)
    wide = np.stack([np.sin(x / 7), np.cos(y / 5), np.sin((x + y) / 9)], -1) * 0.4 + 0.5
    return [np.ascontiguousarray(wide[:, n : n + width]) for n in range(FRAMES)]


@pytest.fixture(scope="module", params=sorted(MODELS))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    chosen = MODELS[request.param]
    if chosen.source != "embedded":
        pytest.skip(f"{chosen.name} needs weights that are not embedded")
    if chosen.family != "diffusion":
        yield chosen
        return
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
        for steps in (STEPS, DREAMSTYLE_STEPS):
            changed.setitem(steps, "draft", 2)
        forget()
        write_weights(folder)
        toy_parts().save(folder / NANO_PARTS)
        toy_dreamstyle_nano().save(folder / NANO_FILE)
        yield chosen
    forget()


@pytest.fixture(scope="module")
def guidance(tmp_path_factory: pytest.TempPathFactory) -> Guidance:
    path: Path = tmp_path_factory.mktemp("styles") / "style.png"
    Image.fromarray(np.random.default_rng(5).integers(0, 255, (96, 128, 3), np.uint8)).save(path)
    return Guidance(styles=(Style(image=path),), seed=1)


def repaint(model: Model, frames: list[FrameArray], guidance: Guidance, cut_at: int | None = None) -> list[FrameArray]:
    """Repaint a shot in one segment, or in two with the state carried over."""
    stylizer = model.load(model.capabilities.presets[0])
    stylizer.prepare(guidance, MemoryShot(frames), lambda fraction: None)
    state: State = {}
    segments = [frames] if cut_at is None else [frames[:cut_at], frames[cut_at:]]
    return list(chain.from_iterable(stylizer.stylize(iter(segment), state) for segment in segments))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_as_many_frames_of_the_same_size_in_range(model, guidance, size):
    painted = repaint(model, shot(*size), guidance)
    assert [frame.shape for frame in painted] == [(size[1], size[0], 3)] * FRAMES
    for frame in painted:
        assert frame.dtype == np.float32
        assert np.isfinite(frame).all()
        assert frame.min() >= 0
        assert frame.max() <= 1


def test_the_same_seed_gives_the_same_frames(model, guidance):
    frames = shot(51, 37)
    for first, second in zip(repaint(model, frames, guidance), repaint(model, frames, guidance), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("cut_at", [1, 3])
def test_two_segments_with_the_state_carried_over_are_one(model, guidance, cut_at):
    if model.family == "diffusion":
        pytest.skip("paints in windows of frames, which begin anew where a segment does")
    frames = shot(64, 48)
    whole, parts = repaint(model, frames, guidance), repaint(model, frames, guidance, cut_at)
    for first, second in zip(whole, parts, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_shot_of_one_frame_works(model, guidance):
    assert len(repaint(model, shot(64, 48)[:1], guidance)) == 1


def test_strength_zero_gives_the_source_back(model, guidance):
    frames = shot(51, 37)
    still = Guidance(styles=guidance.styles, strength=0.0, seed=1)
    for source, painted in zip(frames, repaint(model, frames, still), strict=True):
        np.testing.assert_allclose(painted, source, atol=1 / 255)


def test_frames_are_taken_one_after_the_other(model, guidance):
    """A model that reads a whole segment before it gives the first frame needs memory for all of it."""
    frames = shot(64, 48)
    stylizer = model.load(model.capabilities.presets[0])
    stylizer.prepare(guidance, MemoryShot(frames), lambda fraction: None)
    taken = []
    painted = stylizer.stylize((taken.append(n) or frame for n, frame in enumerate(frames)), {})
    next(painted)
    assert len(taken) < FRAMES or model.capabilities.working_pixels is not None
