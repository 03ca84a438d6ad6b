"""DreamStyle as a stylizer, at toy size: any conditions, any length, shots, chaining, colours."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.windows import Windows
from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Keyframe, Style
from impasto.stylizers.dreamstyle.anchor import anchored
from impasto.stylizers.dreamstyle.given import Given
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.looks import filled
from impasto.stylizers.dreamstyle.stylizer import STEPS, DreamStyleStylizer, Engine
from impasto.stylizers.memoryshot import MemoryShot
from tests.diffusion.toy import PICTURE, TEXT, toy_autoencoder
from tests.stylizers.dreamstyle.toy import some, toy_dreamstyle


def read(texts: list[str]) -> Tensor:
    return torch.stack([some(3, TEXT, seed=len(text)) for text in texts])


def look(rgb_BCHW: Tensor) -> Tensor:
    """Six tokens of the mean colours of thirds."""
    thirds = torch.nn.functional.adaptive_avg_pool2d(rgb_BCHW, (1, 6)).flatten(2).transpose(1, 2)
    return thirds.repeat(1, 1, 2)[..., :PICTURE]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setitem(STEPS, "draft", 2)
    return Engine(
        model=toy_dreamstyle().requires_grad_(False),
        autoencoder=Autoencoder(toy_autoencoder()),
        look=look,
        read=read,
        shift=3.0,
        pixels=32 * 32,
        windows=Windows(length=9, overlap=5),
        scales=Scales(2.0, 2.0),
        device=torch.device("cpu"),
    )


@pytest.fixture
def seen(engine: Engine) -> list[Given]:
    """What the model was given, pass by pass."""
    passes: list[Given] = []
    engine.model.velocity.register_forward_pre_hook(lambda module, inputs: passes.append(inputs[2]))
    return passes


def clip(count: int, height: int = 40, width: int = 56) -> list[np.ndarray]:
    """Smooth colours that drift."""
    y, x = np.mgrid[0:height, 0 : width + count].astype(np.float32)
    wide = np.stack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 11)], -1) * 0.4 + 0.5
    return [np.ascontiguousarray(wide[:, number : number + width]) for number in range(count)]


def written(path: Path, seed: int, size: tuple[int, int] = (56, 40)) -> Path:
    """A smooth picture."""
    small = np.random.default_rng(seed).integers(0, 255, (4, 5, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(small, size, interpolation=cv2.INTER_CUBIC))
    return path


def painted(engine: Engine, guidance: Guidance, count: int = 5, state: Any = None) -> list[np.ndarray]:
    stylizer, frames = DreamStyleStylizer("draft", engine), clip(count)
    stylizer.prepare(guidance, MemoryShot(frames), lambda share: None)
    return list(stylizer.stylize(iter(frames), {} if state is None else state))


@pytest.mark.parametrize("count", [1, 5, 9, 20])
def test_as_many_frames_of_the_same_size_as_there_are(engine: Engine, count: int):
    out = painted(engine, Guidance(prompt="an oil painting"), count)
    assert [frame.shape for frame in out] == [(40, 56, 3)] * count
    assert all(frame.dtype == np.float32 and frame.min() >= 0 and frame.max() <= 1 for frame in out)


def test_each_kind_of_guidance_is_given_as_its_own_condition(engine: Engine, seen: list[Given], tmp_path: Path):
    first, one, two = (written(tmp_path / f"{seed}.png", seed) for seed in (1, 2, 3))
    outs = []
    for guidance, counts, weights in (
        (Guidance(prompt="a mosaic"), (0, 0), ()),
        (Guidance(styles=(Style(image=one),)), (0, 1), (1.0,)),
        (Guidance(styles=(Style(image=one), Style(image=two, weight=3.0))), (0, 2), (1.0, 3.0)),
        (Guidance(first_frame=first), (1, 0), ()),
        (Guidance(prompt="a mosaic", first_frame=first, styles=(Style(image=one),)), (1, 1), (1.0,)),
    ):
        seen.clear()
        outs.append(painted(engine, guidance))
        full = seen[-1]
        assert (full.first_frames, full.style_frames) == counts
        assert full.weights == weights
        assert (full.picture is None) == (counts == (0, 0))
        if full.picture is not None:
            assert full.picture.shape[1] == 6 * sum(counts)
    for number, out in enumerate(outs):
        assert all(not np.allclose(out[0], other[0]) for other in outs[:number])


def test_what_leads_nowhere_is_not_computed(engine: Engine, seen: list[Given], tmp_path: Path):
    passes = {}
    style = (Style(image=written(tmp_path / "style.png", 1)),)
    for name, guidance in (
        ("text", Guidance(prompt="a mosaic")),
        ("style", Guidance(styles=style)),
        ("both", Guidance(prompt="a mosaic", styles=style)),
    ):
        seen.clear()
        painted(engine, guidance)
        passes[name] = len(seen) / 2  # of two steps
    assert passes == {"text": 2, "style": 2, "both": 2}  # of both: equal scales, so the text by itself cancels out
    seen.clear()
    painted(replace(engine, scales=Scales(3.0, 2.0)), Guidance(prompt="a mosaic", styles=style))
    assert len(seen) / 2 == 3


def test_the_noise_of_a_seed_is_the_same_and_of_another_is_not(engine: Engine):
    one, same, other = (painted(engine, Guidance(prompt="a mosaic", seed=seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(*pair) for pair in zip(one, same, strict=True))
    assert not np.allclose(one[0], other[0])


def test_a_window_goes_on_from_painted_frames_in_the_place_of_raw_ones(engine: Engine, seen: list[Given]):
    out = painted(replace(engine, anchored=False), Guidance(prompt="a mosaic"), count=13)
    known = [given.known for given in seen]
    assert (known[0], known[-1]) == (0, 2)
    assert len(out) == 13


def test_what_a_painted_first_frame_began_goes_on_with_the_first_frame_of_each_window(engine, seen, tmp_path: Path):
    first, style = (written(tmp_path / f"{seed}.png", seed) for seed in (1, 2))
    guidance = Guidance(first_frame=first, styles=(Style(image=style),))
    painted(replace(engine, anchored=False), guidance, count=12)
    begun, last = next(given for given in seen if given.first is not None), seen[-1]
    assert (last.first_frames, last.style_frames, last.known) == (1, 1, 2)
    assert not torch.equal(last.first.latents, begun.first.latents)
    assert torch.equal(last.first.latents, last.raw[:, :, :1])
    assert torch.equal(last.style.latents, begun.style.latents)
    assert torch.equal(last.picture[:, 6:], begun.picture[:, 6:])


def test_a_window_goes_on_from_its_last_frame_as_published(engine: Engine, seen: list[Given], tmp_path: Path):
    first = written(tmp_path / "first.png", 1)
    chained = replace(engine, chaining="last frame", anchored=False)
    state: dict[str, np.ndarray] = {}
    painted(chained, Guidance(first_frame=first, styles=(Style(image=first),)), count=12, state=state)
    firsts = [given.first for given in seen if given.first is not None]
    assert len(state["painted"]) == 1
    assert firsts[0].latents.shape == firsts[-1].latents.shape
    assert not torch.equal(firsts[0].latents, firsts[-1].latents)
    assert {given.known for given in seen} == {0}
    assert seen[-1].picture.shape[1] == 12  # of the last frame and of the style picture


def test_two_segments_with_the_state_between_them_go_on(engine: Engine, seen: list[Given]):
    stylizer, frames, state = DreamStyleStylizer("draft", engine), clip(12), {}
    stylizer.prepare(Guidance(prompt="a mosaic"), MemoryShot(frames), lambda share: None)
    out = list(stylizer.stylize(iter(frames[:9]), state))
    assert seen[-1].known == 0
    out += list(stylizer.stylize(iter(frames[9:]), state))
    assert seen[-1].known == 2
    assert len(out) == 12


def test_a_painting_of_another_shot_is_a_style_picture_in_this_one(engine: Engine, seen: list[Given], tmp_path: Path):
    keyframe = Keyframe(time=0, image=written(tmp_path / "first.png", 1), frame=7)  # type: ignore[arg-type]
    painted(engine, Guidance(keyframes=(keyframe,)))
    assert (seen[-1].first_frames, seen[-1].style_frames) == (0, 1)


def test_the_name_of_a_style_is_refused(engine: Engine):
    with pytest.raises(UnsupportedOption, match="not the named style 'ukiyo'"):
        painted(engine, Guidance(styles=(Style(name="ukiyo"),)))


def test_strength_zero_gives_the_source_back(engine: Engine):
    out = painted(engine, Guidance(prompt="a mosaic", strength=0.0))
    for frame, source in zip(out, clip(5), strict=True):
        np.testing.assert_allclose(frame, source, atol=1e-6)


# Colours and pictures


def test_colours_are_held_to_what_the_first_window_made_of_them():
    rng = np.random.default_rng(0)
    sources = rng.random((3, 5, 8, 8, 3), np.float32)
    state: dict[str, np.ndarray] = {}
    first = anchored(sources[0], 0.5 * sources[0] + 0.2, state)
    np.testing.assert_array_equal(first, 0.5 * sources[0] + 0.2)
    for window in sources[1:]:
        drifted = 0.5 * window + 0.2 + np.float32([0.1, -0.05, 0.02])
        np.testing.assert_allclose(anchored(window, drifted, state), 0.5 * window + 0.2, atol=0.01)


def test_a_style_picture_fills_the_clip_with_its_middle():
    picture = np.zeros((40, 100, 3), np.uint8)
    picture[:, 30:70] = 255
    assert filled(picture, (32, 32)).min() == 255
    assert filled(picture, (100, 40)).shape == (40, 100, 3)
    np.testing.assert_array_equal(filled(picture, (100, 40)), picture)
