"""DreamStyle as diffusers runs it: from a folder in the layout of Wan's, at toy size, with the stylizer as oracle."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from diffusers.utils import dynamic_modules_utils
from PIL import Image
from torch import nn

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.loading import load_picture_reader, load_text_reader
from impasto.diffusion.windows import Windows
from impasto.errors import ModelError, UnreadableInput
from impasto.guidance import Guidance, Style
from impasto.stylizers.dreamstyle import pipeline
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.pipeline import DreamStylePipeline
from impasto.stylizers.dreamstyle.stylizer import STEPS, DreamStyleStylizer, Engine
from impasto.stylizers.memoryshot import MemoryShot
from tests.clips import picture
from tests.diffusion.toy import toy_autoencoder
from tests.stylizers.dreamstyle.hubfolder import SIZE, save_adapters, save_folder, transformer
from tests.stylizers.dreamstyle.toy import CONFIG

FOLDER = Path(pipeline.__file__).parent
VIDEO = np.stack([picture(number, 96, 64) for number in range(20)])
STYLE = Image.fromarray(picture(3, 64, 64))


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, with adapters beside it."""
    monkeypatch.setitem(STEPS, "draft", 2)
    monkeypatch.setattr(dynamic_modules_utils, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", sys.path[:])
    place = tmp_path / "base"
    save_folder(place)
    save_adapters(tmp_path / "adapters.safetensors")
    return place


def painted_by_the_stylizer(base: Path, guidance: Guidance) -> np.ndarray:
    model = DreamStyle.from_file(transformer(), "toy", base.parent / "adapters.safetensors").eval()
    engine = Engine(
        model=model,
        autoencoder=Autoencoder(toy_autoencoder()),
        look=load_picture_reader(base, torch.float32),
        read=load_text_reader(base, torch.float32),
        shift=3.0,
        pixels=SIZE["pixels"],
        windows=Windows(17, 9),
        scales=Scales(),
        device=torch.device("cpu"),
    )
    stylizer, frames = DreamStyleStylizer("draft", engine), list(VIDEO.astype(np.float32) / 255)
    stylizer.prepare(guidance, MemoryShot(frames), lambda share: None)
    return np.stack(list(stylizer.stylize(frames, {})))


def moved(pipe: DiffusionPipeline) -> None:
    """Put the weights into memory of their own: where they are mapped from a file, products of them round otherwise."""
    for part in pipe.components.values():
        for held in (*part.parameters(), *part.buffers()) if isinstance(part, nn.Module) else ():
            held.data = held.data.clone()


def test_it_runs_as_a_custom_pipeline_and_paints_as_the_stylizer(base: Path, tmp_path: Path):
    pipe = DiffusionPipeline.from_pretrained(base, custom_pipeline=str(FOLDER), trust_remote_code=True, **SIZE)
    assert type(pipe).__name__ == "DreamStylePipeline"
    moved(pipe)
    pipe.load_adapters(tmp_path / "adapters.safetensors")
    (painted,) = pipe(VIDEO, "a sea", style_images=[STYLE], preset="draft", seed=1).frames
    STYLE.save(tmp_path / "style.png")
    guidance = Guidance(prompt="a sea", styles=(Style(image=tmp_path / "style.png"),), seed=1)
    np.testing.assert_allclose(painted, painted_by_the_stylizer(base, guidance), atol=1e-5)


def test_pictures_are_as_good_as_an_array_and_a_first_frame_shows(base: Path):
    pipe = DreamStylePipeline.from_pretrained(base, **SIZE)
    pipe.load_adapters(base.parent / "adapters.safetensors")
    clip = VIDEO[:5]
    (one,) = pipe(clip, "a sea", preset="draft").frames
    (same,) = pipe([Image.fromarray(frame) for frame in clip], "a sea", preset="draft").frames
    np.testing.assert_array_equal(one, same)
    assert (one.shape, one.dtype) == ((5, 64, 96, 3), np.float32)
    (led,) = pipe(clip, "a sea", first_frame=Image.fromarray(clip[0]), preset="draft").frames
    assert np.abs(led - one).max() > 1e-3


def test_adapters_are_wanted_and_can_be_changed(base: Path, tmp_path: Path):
    pipe = DreamStylePipeline.from_pretrained(base, **SIZE)
    with pytest.raises(ModelError, match="load_adapters"):
        pipe(VIDEO[:5], "a sea", preset="draft")
    other = DreamStyle(transformer(), "toy", CONFIG)
    other.save(tmp_path / "asleep.safetensors")
    results = []
    for name in ("adapters", "asleep", "adapters"):
        pipe.load_adapters(tmp_path / f"{name}.safetensors")
        results.append(pipe(VIDEO[:5], "a sea", preset="draft").frames)
    assert np.abs(results[0] - results[1]).max() > 1e-3
    np.testing.assert_array_equal(results[0], results[2])


def test_a_style_too_small_is_told(base: Path):
    pipe = DreamStylePipeline.from_pretrained(base, **SIZE)
    pipe.load_adapters(base.parent / "adapters.safetensors")
    with pytest.raises(UnreadableInput, match="too small"):
        pipe(VIDEO[:5], style_images=[STYLE.resize((4, 4))], preset="draft")
