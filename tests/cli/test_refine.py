"""`--refine`: a prompt's style follows CLIP, here one of random weights and toy size."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.errors import ModelError, UnsupportedOption
from impasto.guidance import Guidance
from impasto.job.checks import check_model_takes
from impasto.stylizers.feedforward.prior import prompt_code
from impasto.stylizers.feedforward.published import CLIP_B32
from impasto.stylizers.feedforward.refine import Likeness, RefineConfig, middle_square, refine
from impasto.stylizers.registry import find_model
from impasto.video.pictures import write_picture
from impasto.weights.hub import folder
from tests.evaluation.metrics.hub.nets import TEXT, VISION, randomised, save_vocabulary

transformers = pytest.importorskip("transformers")
constants = pytest.importorskip("transformers.utils.constants")

PROMPT = "dog cat"
"""Words of the toy's vocabulary."""
SIDE = VISION["image_size"]
SHORT = RefineConfig(steps=3)


@pytest.fixture
def no_clip(tmp_path: Path, monkeypatch) -> Path:
    """Where CLIP would lie."""
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "weights" / "clip-vit-base-patch32"


@pytest.fixture
def clip(no_clip: Path) -> Path:
    no_clip.mkdir(parents=True)
    save_vocabulary(no_clip)
    config = transformers.CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=12)
    randomised(transformers.CLIPModel(config)).save_pretrained(no_clip)
    return no_clip


@pytest.fixture
def frame() -> np.ndarray:
    y, x = np.mgrid[:48, :80].astype(np.float32)
    return np.stack([x / 80, y / 48, 0.5 + 0.5 * np.sin(x / 5) * np.cos(y / 7)], 2)


def test_likeness_rises_and_is_the_same_each_time(clip, frame):
    shares: list[float] = []
    first, second = (refine(PROMPT, frame, clip, SHORT, shares.append) for _ in range(2))
    assert first.after > first.before + 1e-4
    assert (first.before, first.after) == (second.before, second.after)
    torch.testing.assert_close(first.code.statistics, second.code.statistics, atol=0, rtol=0)
    assert shares[: len(shares) // 2] == sorted(shares)[::2]
    assert shares[-1] == 1
    found = prompt_code(PROMPT)
    assert not torch.equal(first.code.statistics, found.statistics)
    torch.testing.assert_close(first.code.colors.mean, found.colors.mean)


def test_likeness_is_the_cosine_of_two_directions_of_the_library(clip, frame):
    square = middle_square(frame)
    painted = square.flip(3) * 0.7
    net = transformers.CLIPModel.from_pretrained(clip).eval()
    tokenizer = transformers.CLIPTokenizer.from_pretrained(clip)
    texts = tokenizer([PROMPT, "a photo"], padding=True, truncation=True, max_length=6, return_tensors="pt")
    mean, deviation = (
        torch.tensor(row).view(3, 1, 1) for row in (constants.OPENAI_CLIP_MEAN, constants.OPENAI_CLIP_STD)
    )
    pixels = [
        (torch.nn.functional.interpolate(each, [SIDE, SIDE], mode="bicubic", antialias=True) - mean) / deviation
        for each in (painted, square)
    ]
    with torch.no_grad():
        seen = net(**texts, pixel_values=torch.cat(pixels))
        wanted, plain = seen.text_embeds
        after, before = seen.image_embeds
        cosine = torch.cosine_similarity(wanted - plain, after - before, dim=0)
        assert Likeness(clip, PROMPT, square)(painted).item() == pytest.approx(cosine.item(), abs=1e-4)


def test_a_run_uses_it_and_its_record_says_so(tmp_path, clip, frame, impasto):
    write_picture(tmp_path / "in.png", (frame * 255).astype(np.uint8))
    painted = []
    for name, options in (("plain", []), ("refined", ["--refine"])):
        ran = impasto("stylize", "in.png", "--prompt", PROMPT, "--preset", "draft", *options, "-o", f"{name}.png")
        assert ran.code == 0, ran.err
        painted.append((tmp_path / f"{name}.png").read_bytes())
    assert painted[0] != painted[1]
    record = json.loads((tmp_path / "refined.run.json").read_text())
    assert record["guidance"]["refine"] is True
    assert record["settings"]["refine"] == "True"
    assert record["model"]["weights"][CLIP_B32.repository] == CLIP_B32.revision


def test_a_clip_that_is_missing_is_told_in_a_sentence(tmp_path, no_clip, frame, impasto):
    write_picture(tmp_path / "in.png", (frame * 255).astype(np.uint8))
    ran = impasto("stylize", "in.png", "--prompt", PROMPT, "--refine", "-o", "out.png")
    assert ran.code == 3
    for part in ("config.json", "model.safetensors", "vocab.json", "merges.txt", str(no_clip)):
        assert part in ran.sentence
    assert not list(tmp_path.glob("out*"))
    with pytest.raises(ModelError, match="hf download"):
        folder(CLIP_B32)


def test_it_is_for_prompts_on_swift_alone(clip):
    with pytest.raises(UnsupportedOption, match="add --prompt"):
        check_model_takes(find_model("swift"), Guidance(refine=True), "draft")
    with pytest.raises(UnsupportedOption, match="does not take"):
        check_model_takes(find_model("dreamstyle-nano"), Guidance(prompt=PROMPT, refine=True), "draft")
