"""Models come back from folders as they were saved, and what is missing or strange is said in a sentence."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
import torch

from impasto.diffusion.configs import CONFIGS, NANO, TransformerConfig
from impasto.diffusion.loading import base_folder, load_autoencoder, load_transformer
from impasto.diffusion.published import HUB_MODELS
from impasto.errors import ModelError
from tests.diffusion.toy import LATENT, TEXT, toy_autoencoder, toy_transformer

TOY = TransformerConfig(
    num_attention_heads=2, attention_head_dim=12, num_layers=3, ffn_dim=32, in_channels=LATENT, text_dim=TEXT
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    toy_transformer().save_pretrained(tmp_path / "transformer")
    toy_autoencoder().save_pretrained(tmp_path / "vae")
    return tmp_path


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, a weights folder, and no network."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    return tmp_path / "weights"


def put(weights: Path, name: str, *parts: str) -> Path:
    """Empty files in the place of parts of a base."""
    model = HUB_MODELS[name]
    root = weights / model.repository.rpartition("/")[2]
    for file in model.files:
        if file.name.partition("/")[0] in (*parts, "model_index.json"):
            (root / file.name).parent.mkdir(parents=True, exist_ok=True)
            (root / file.name).touch()
    return root


def test_models_come_back_as_they_were_saved(place: Path):
    transformer = load_transformer(place, TOY, torch.float32)
    assert not transformer.training
    assert not any(value.requires_grad for value in transformer.parameters())
    for name, value in toy_transformer().state_dict().items():
        assert torch.equal(transformer.state_dict()[name], value), name
    autoencoder = load_autoencoder(place)
    assert autoencoder.latents_std.flatten().tolist() == [0.5, 2.0, 1.0, 1.5]


def test_transformers_are_halved_and_autoencoders_are_not(place: Path):
    transformer = load_transformer(place, TOY, torch.bfloat16)
    assert transformer.blocks[0].attn1.to_q.weight.dtype == torch.bfloat16
    assert transformer.blocks[0].scale_shift_table.dtype == torch.float32  # as the library keeps it
    assert transformer.dtype == torch.bfloat16
    assert load_autoencoder(place).vae.dtype == torch.float32


def test_shards_are_read(tmp_path: Path):
    toy_transformer().save_pretrained(tmp_path / "transformer", max_shard_size="40KB")
    assert len(list((tmp_path / "transformer").glob("*-of-*.safetensors"))) > 1
    transformer = load_transformer(tmp_path, TOY, torch.float32)
    assert torch.equal(transformer.proj_out.weight, toy_transformer().proj_out.weight)


def test_another_size_is_refused(place: Path):
    with pytest.raises(ModelError, match="num_attention_heads 2 where 4 is wanted"):
        load_transformer(place, NANO.transformer, torch.float32)


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no model in .*vae: put its config\.json"):
        load_autoencoder(tmp_path)


def test_pickled_weights_are_not_read(place: Path):
    (path,) = (place / "vae").glob("*.safetensors")
    torch.save(toy_autoencoder().state_dict(), path.with_suffix(".bin"))
    path.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        load_autoencoder(place)


@pytest.mark.parametrize("damage", ["cut", "lacking"])
def test_damaged_weights_are_refused(place: Path, damage: str):
    (path,) = (place / "transformer").glob("*.safetensors")
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        config = json.loads((place / "transformer/config.json").read_text())
        (place / "transformer/config.json").write_text(json.dumps({**config, "num_layers": 4}))
    with pytest.raises(ModelError, match="cannot be read" if damage == "cut" else r"blocks\.3\..*\.\.\."):
        load_transformer(place, TOY, torch.float32)


def test_bases_are_found_part_by_part(alone: Path):
    root = put(alone, "wan-1.3b", "vae", "transformer")
    assert base_folder("wan-1.3b", "vae", "transformer") == root
    (root / "transformer/diffusion_pytorch_model-00002-of-00002.safetensors").unlink()
    assert base_folder("wan-1.3b", "vae") == root
    with pytest.raises(ModelError):
        base_folder("wan-1.3b", "vae", "transformer")


@pytest.mark.parametrize("offline", ["0", "1"])
def test_what_is_missing_is_said_with_sizes_and_a_place(alone: Path, monkeypatch: pytest.MonkeyPatch, offline: str):
    monkeypatch.setenv("IMPASTO_OFFLINE", offline)
    with pytest.raises(ModelError) as raised:
        base_folder("wan-14b-i2v", "vae", "image_encoder")
    said = str(raised.value)
    assert "vae/diffusion_pytorch_model.safetensors (about 508 MB)" in said
    assert "image_encoder/model.safetensors (about 1.3 GB)" in said
    assert str(alone / "Wan2.1-I2V-14B-480P-Diffusers") in said
    assert "transformer" not in said
    assert ("The hub could not be reached" in said) == (offline == "0")


def test_sizes_of_files_are_those_of_the_parameters():
    for name, model in HUB_MODELS.items():
        config = CONFIGS[name]
        sizes: dict[str, int] = {}
        for file in model.files:
            sizes[file.name.partition("/")[0]] = sizes.get(file.name.partition("/")[0], 0) + file.size
        assert sizes["text_encoder"] == pytest.approx(4 * config.parameters.text_encoder, rel=0.01)
        assert sizes.get("image_encoder", 0) == pytest.approx(2 * config.parameters.picture_encoder, rel=0.01)


def test_a_configuration_says_all_that_sets_the_sizes_apart():
    names = {field.name for field in fields(TransformerConfig)}
    assert names < set(toy_transformer().config)
