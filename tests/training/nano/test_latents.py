"""Clips as latents and features: what is kept is what the encoders give, and the same file each time."""

from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.embedded import first_frame_channels, save_part
from impasto.errors import InputError, ModelError
from impasto.perception.clipnano import ClipConfig, ClipNano
from impasto.training.nano import latents as recipe
from impasto.training.nano.batches import batch_of, draw
from impasto.training.nano.latents import Encoders, Example, encoders_key, examples, make_latents, write_latents
from impasto.training.nano.shards import content_key, read_notes, shard_files, write_shard
from tests.diffusion.toy import toy_autoencoder
from tests.perception.text.toy import CONFIG, toy_encoder
from tests.training.nano.toy import LATENT, drifting, toy_examples, write_toy_clips


@pytest.fixture
def encoders() -> Encoders:
    torch.manual_seed(0)
    clip = ClipNano(ClipConfig(kept=2, width=16, depth=1, heads=2, hidden=24, text_hidden=16, size=8, text=CONFIG))
    return Encoders(Autoencoder(toy_autoencoder()), toy_encoder(), clip.eval(), torch.device("cpu"))


@pytest.fixture
def folder(tmp_path: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(recipe, "latents_folder", lambda: tmp_path / "latents")
    monkeypatch.setattr(recipe, "embedded_encoders", lambda: encoders)
    return tmp_path / "latents"


def test_what_is_kept_is_what_the_encoders_give(folder: Path, encoders: Encoders):
    write_toy_clips("train", 2, size=(32, 48))
    write_toy_clips("held", 1, size=(32, 48))
    assert [progress.done for progress in make_latents()] == [1, 2]
    assert list(make_latents()) == []
    first, _, picture = examples("train")
    rgb = drifting(0, 5, 32, 48).permute(3, 0, 1, 2)[None].float() / 255
    whole = encoders.autoencoder.encode(rgb)[0]
    assert first.shape == (2, 4, 6) == tuple(whole.shape[1:])
    torch.testing.assert_close(first.latent(), whole, atol=0.03, rtol=0.03)  # bfloat16, then bytes
    vectors = encoders.clip.picture(rgb[:, :, 0])
    torch.testing.assert_close(first.pooled(), vectors.pooled[0], atol=1e-3, rtol=1e-2)
    torch.testing.assert_close(first.patches(), vectors.patches[0], atol=0.01, rtol=0.01)
    assert first.captions == ("clip-0 drifts", "a clip-0")
    for number, caption in enumerate(first.captions):
        alone, padding = encoders.text.features([caption])
        assert not padding.any()
        torch.testing.assert_close(first.text(number), alone[0], atol=0.02, rtol=0.02)
    assert picture.shape == (1, 4, 6)
    assert "patches" not in picture.stored


def test_a_shard_written_twice_is_the_same(folder: Path, encoders: Encoders):
    write_toy_clips("train", 2)
    write_toy_clips("held", 1)
    list(make_latents())
    (written,) = shard_files(folder, "train", "nano-latents")
    again = folder / "again.safetensors"
    (clips,) = recipe.clip_files("train")
    write_latents(again, clips, encoders)
    assert again.read_bytes() == written.read_bytes()
    assert list(read_notes(written)) == ["clip-0", "clip-1", "picture"]


def test_the_key_changes_with_content_and_settings(tmp_path: Path):
    file = tmp_path / "file"
    file.write_bytes(b"one")
    keys = [content_key([file]), content_key([file], 1)]
    file.write_bytes(b"two")
    assert len({*keys, content_key([file]), content_key([file], 1)}) == 4
    assert len(keys[0]) == 8


def test_says_which_weights_are_missing_and_what_makes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    with pytest.raises(ModelError, match=r"'nano-vae.safetensors'.*`impasto train nano-vae`"):
        next(make_latents())
    for name in ("nano-vae", "text"):
        (tmp_path / f"{name}.safetensors").touch()
    with pytest.raises(ModelError, match="impasto train clip-nano"):
        examples("train")
    (tmp_path / "clip-nano.safetensors").touch()
    with pytest.raises(ModelError, match=r"nano-vae.safetensors' is broken"):
        examples("train")
    save_part(toy_autoencoder(), tmp_path / "nano-vae.safetensors")
    with pytest.raises(InputError, match="impasto train nano-latents"):
        examples("train")


def test_latents_hang_on_the_encoder_and_not_on_the_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    for name in ("text", "clip-nano"):
        (tmp_path / f"{name}.safetensors").touch()
    vae, keys = toy_autoencoder(), []
    for part in (None, vae.decoder, vae.post_quant_conv, vae.quant_conv, vae.encoder):
        for value in part.parameters() if part else ():
            value.data += 0.1
        save_part(vae, tmp_path / "nano-vae.safetensors")
        keys.append(encoders_key())
    assert keys[0] == keys[1] == keys[2]
    assert len({*keys}) == 3


def found(*shapes: tuple[int, int, int]) -> list[Example]:
    return toy_examples({f"{number}": shape for number, shape in enumerate(shapes)})


def test_a_batch_has_one_size_and_about_so_many_tokens():
    pool = found((3, 4, 6), (3, 4, 6), (1, 4, 6), (2, 6, 4))
    empty, lengths = pool[0].text(0)[:2], set()
    for seed in range(40):
        batch = draw(pool, np.random.default_rng(seed), 40, empty)
        count, channels, frames, height, width = batch.latents.shape
        lengths.add((frames, height, width))
        assert channels == LATENT
        assert count == max(1, 40 // (frames * height * width // 4))
        assert torch.equal(batch.latents, draw(pool, np.random.default_rng(seed), 40, empty).latents)
        assert batch.conditions.image is not None
        assert batch.conditions.image.shape == (count, 4 + LATENT, frames, height, width)
    assert lengths == {(1, 4, 6), (2, 4, 6), (3, 4, 6), (1, 6, 4), (2, 6, 4)}


def test_conditions_are_those_of_the_clips():
    one, other = pool = found((3, 4, 6), (3, 4, 6))
    batch = batch_of(pool, [0, 1], 2, one.text(0)[:2])
    conditions, image = batch.conditions, batch.conditions.image
    assert image is not None
    assert torch.equal(batch.latents[1], other.latent()[:, :2])
    assert torch.equal(image, first_frame_channels(batch.latents[:, :, :1], 2))
    assert torch.equal(image[0, 4:, 0], one.latent()[:, 0])
    assert image[:, :4, 0].min() == 1
    assert conditions.picture is not None
    assert torch.equal(conditions.picture[1], other.patches())
    text = other.text(1)
    assert torch.equal(conditions.text[1, : len(text)], text)
    assert conditions.text[1, len(text) :].abs().sum() == 0
    assert conditions.empty_text is not None
    assert conditions.empty_text.shape[1] == conditions.text.shape[1]


def test_single_frames_are_made_from_text_alone():
    pool = found((3, 4, 6), (1, 4, 6))
    batch = batch_of(pool, [0, 0], 1, pool[0].text(0)[:2])
    assert batch.latents.shape == (2, LATENT, 1, 4, 6)
    assert batch.conditions.image is not None
    assert batch.conditions.picture is not None
    assert batch.conditions.image.abs().sum() == batch.conditions.picture.abs().sum() == 0


def test_a_shard_appears_whole_or_not_at_all(tmp_path: Path):
    with pytest.raises(TypeError):
        write_shard(tmp_path / "a-train-0.safetensors", {"x": torch.zeros(1)}, {"x": object()})
    assert list(tmp_path.iterdir()) == []
