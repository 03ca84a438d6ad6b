"""Texts and pictures are read as the library's own pipelines read them."""

from pathlib import Path

import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, WanImageToVideoPipeline, WanPipeline
from PIL import Image
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPVisionModel, UMT5EncoderModel

from impasto.diffusion.loading import load_picture_reader, load_text_reader
from impasto.errors import ModelError
from tests.diffusion.toy import TEXT, save_picture_reader, save_text_reader

TEXTS = ["  a cat &amp;amp; a dog,\n on   the sea ", "", "a" * 600]
"""To be cleaned, of nothing, and too long."""


def test_texts_as_the_pipeline_reads_them(tmp_path: Path):
    save_text_reader(tmp_path)
    read = load_text_reader(tmp_path, torch.float32)
    pipeline = WanPipeline(
        tokenizer=AutoTokenizer.from_pretrained(tmp_path / "tokenizer"),
        text_encoder=UMT5EncoderModel.from_pretrained(tmp_path / "text_encoder"),
        vae=None,  # pyright: ignore[reportArgumentType]
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )
    with torch.no_grad():
        expected, _ = pipeline.encode_prompt(TEXTS, do_classifier_free_guidance=False, max_sequence_length=512)
    found = read(TEXTS)
    assert found.shape == (3, 512, TEXT)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    assert found[0].any(1).sum() > 10
    assert found[1].any(1).sum() == 1  # the end of the text alone
    assert found[2].any(1).all()
    torch.testing.assert_close(read(TEXTS[:1]), found[:1], rtol=0, atol=1e-6)


def test_pictures_as_the_pipeline_reads_them(tmp_path: Path):
    save_picture_reader(tmp_path)
    read = load_picture_reader(tmp_path, torch.float32)
    rgb = torch.randint(0, 256, (40, 72, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    pipeline = WanImageToVideoPipeline(
        tokenizer=None,  # pyright: ignore[reportArgumentType]
        text_encoder=None,  # pyright: ignore[reportArgumentType]
        vae=None,  # pyright: ignore[reportArgumentType]
        scheduler=FlowMatchEulerDiscreteScheduler(),
        image_processor=CLIPImageProcessorPil.from_pretrained(tmp_path / "image_processor"),
        image_encoder=CLIPVisionModel.from_pretrained(tmp_path / "image_encoder"),
    )
    with torch.no_grad():
        expected = pipeline.encode_image(Image.fromarray(rgb.numpy()), torch.device("cpu"))
    found = read(rgb.permute(2, 0, 1)[None] / 255)
    assert found.shape == (1, 17, 12)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("load", [load_text_reader, load_picture_reader])
def test_missing_and_broken_readers_are_refused(tmp_path: Path, load):
    with pytest.raises(ModelError, match=r"no model in .*_encoder"):
        load(tmp_path, torch.float32)
    save_text_reader(tmp_path)
    save_picture_reader(tmp_path)
    for path in tmp_path.rglob("*/*.json"):
        if path.parent.name in ("tokenizer", "image_processor"):
            path.write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path, torch.float32)
