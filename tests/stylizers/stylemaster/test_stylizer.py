"""StyleMaster as a stylizer, at toy size: frames in, frames out, whatever their number and size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.windows import Windows
from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job.shotframes import SourceShot
from impasto.perception.clipnano import PictureVectors
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.stylemaster.guidance import Scales
from impasto.stylizers.stylemaster.stylizer import STEPS, Engine, StyleMasterStylizer
from impasto.video.blank import Blank, Canvas
from impasto.video.types import Shot
from tests.diffusion.toy import TEXT, toy_autoencoder
from tests.stylizers.stylemaster.toy import EMBEDDING, awaken, some, toy_stylemaster


class Space:
    """Sees colours, and nothing of the words."""

    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        mean = rgb_BCHW.mean((2, 3)).repeat(1, 3)[:, :EMBEDDING]
        patches = mean[:, None] + some(1, 40, EMBEDDING)
        return PictureVectors(torch.nn.functional.normalize(mean, dim=1), patches, (5, 8))

    def text(self, texts: list[str]) -> Tensor:
        return torch.nn.functional.normalize(some(len(texts), EMBEDDING), dim=1)


def read(texts: list[str]) -> Tensor:
    return torch.stack([some(3, TEXT, seed=len(text)) for text in texts])


@pytest.fixture
def stylizer(monkeypatch: pytest.MonkeyPatch) -> StyleMasterStylizer:
    model = toy_stylemaster(picture=True)
    awaken(model)
    monkeypatch.setitem(STEPS, "draft", 2)
    return StyleMasterStylizer(
        "draft",
        Engine(
            model=model,
            autoencoder=Autoencoder(toy_autoencoder()),
            space=Space(),
            read=read,
            shift=3.0,
            pixels=32 * 32,
            windows=Windows(length=9, overlap=5),
            scales=Scales(2.0, 2.0),
            device=torch.device("cpu"),
        ),
    )


def clip(count: int, height: int = 40, width: int = 56) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.random((height, width, 3), np.float32) for _ in range(count)]


def painted(stylizer: StyleMasterStylizer, frames: list[np.ndarray], guidance: Guidance) -> list[np.ndarray]:
    stylizer.prepare(guidance, MemoryShot(frames), lambda share: None)
    return list(stylizer.stylize(iter(frames), {}))


@pytest.mark.parametrize("count", [1, 7, 12])
def test_as_many_frames_of_the_same_size_as_there_are(stylizer, painting: Path, count: int):
    frames = clip(count)
    result = painted(stylizer, frames, Guidance(styles=(Style(image=painting),)))
    assert [frame.shape for frame in result] == [(40, 56, 3)] * count
    assert all(frame.dtype == np.float32 and frame.min() >= 0 and frame.max() <= 1 for frame in result)
    assert not np.allclose(result[0], frames[0], atol=0.01)


def test_style_prompt_and_seed_count(stylizer, painting: Path):
    frames, style = clip(5), (Style(image=painting),)
    first = painted(stylizer, frames, Guidance(styles=style))
    np.testing.assert_array_equal(painted(stylizer, frames, Guidance(styles=style)), first)
    for other in (Guidance(prompt="a sea"), Guidance(styles=style, prompt="a sea"), Guidance(styles=style, seed=1)):
        assert not np.allclose(painted(stylizer, frames, other)[0], first[0], atol=1e-3)


def test_a_named_style_is_refused(stylizer):
    with pytest.raises(UnsupportedOption, match="picture"):
        painted(stylizer, clip(1), Guidance(styles=(Style(name="van-gogh-wheat-field"),)))


def test_strength_0_gives_the_source(stylizer, painting: Path):
    frames = clip(3)
    np.testing.assert_allclose(
        painted(stylizer, frames, Guidance(styles=(Style(image=painting),), strength=0.0)), frames, atol=1e-6
    )


def test_a_clip_of_nothing_is_made_from_the_prompt(stylizer):
    canvas = Canvas(width=48, height=32, frames=6, fps=8)  # pyright: ignore[reportArgumentType]
    source = Blank(canvas)
    shot = SourceShot(source, [Shot(0, 6, source.info.start, source.info.duration)], 0)
    stylizer.prepare(Guidance(prompt="a sea"), shot, lambda share: None)
    frames = [frame.rgb.astype(np.float32) / 255 for frame in source.frames()]
    made = list(stylizer.stylize(iter(frames), {}))
    assert [frame.shape for frame in made] == [(32, 48, 3)] * 6
    # What the source shows does not matter.
    other = list(stylizer.stylize((1 - frame for frame in frames), {}))
    np.testing.assert_array_equal(made, other)
