"""Weights that are broken, of another layout, or there in a form that is refused."""

import json
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from impasto.errors import ModelError
from impasto.evaluation.metrics.hub.loading import check, network, tensors, token_ids
from impasto.evaluation.metrics.hub.models import CLIP_B32
from tests.evaluation.metrics.hub.nets import END, START, VISION, randomised, save_vocabulary, token

transformers = pytest.importorskip("transformers")


@pytest.fixture
def place(weights: Path) -> Path:
    """A folder with a network."""
    config = transformers.ViTConfig(**VISION)
    randomised(transformers.ViTModel(config, add_pooling_layer=False)).save_pretrained(weights / "net")
    return weights / "net"


def test_loads_in_silence_and_once(place, capfd):
    net = network("ViTModel", place, add_pooling_layer=False)
    assert capfd.readouterr() == ("", "")
    assert net is network("ViTModel", place, add_pooling_layer=False)
    assert not net.training
    assert not any(value.requires_grad for value in net.parameters())


def test_names_the_first_tensors_that_are_missing(place):
    state = load_file(place / "model.safetensors")
    kept = {name: tensor for name, tensor in state.items() if "layer.1." not in name}
    save_file(kept, place / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"16 tensors are missing from \S+net: (layers\.1\.\S+, ){3}\.\.\.;"):
        network("ViTModel", place, add_pooling_layer=False)


def test_refuses_tensors_of_other_shapes(place):
    state = load_file(place / "model.safetensors")
    state["layernorm.weight"] = torch.zeros(7)
    save_file(state, place / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="cannot be read"):
        network("ViTModel", place, add_pooling_layer=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [("model.safetensors", b"\x80\x04broken"), ("config.json", b"{"), ("config.json", b'{"hidden_size": "wide"}')],
)
def test_refuses_broken_files(place, name, content):
    (place / name).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        network("ViTModel", place, add_pooling_layer=False)


def test_does_not_unpickle(place):
    (place / "model.safetensors").rename(place / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be read"):
        network("ViTModel", place, add_pooling_layer=False)


def test_runs_no_code_of_a_folder(place):
    (place / "evil.py").write_text("raise SystemExit('was run')")
    config = json.loads((place / "config.json").read_text())
    (place / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "evil.Net"}}))
    assert type(network("ViTModel", place, add_pooling_layer=False)) is transformers.ViTModel


def test_says_what_to_install_where_transformers_is_missing(weights, monkeypatch):
    (weights / "clip-vit-base-patch32").mkdir(parents=True)
    for file in CLIP_B32.files:
        (weights / "clip-vit-base-patch32" / file.name).touch()
    check(CLIP_B32)
    monkeypatch.setitem(sys.modules, "transformers", None)
    for use in (partial(check, CLIP_B32), partial(network, "CLIPModel", weights / "clip-vit-base-patch32")):
        with pytest.raises(ModelError, match="pip install transformers"):
            use()


def test_reads_words_as_clip_does(tmp_path):
    save_vocabulary(tmp_path)
    assert token_ids("Dog  CAT", tmp_path, 6).tolist() == [[START, token("dog"), token("cat"), END]]
    assert token_ids("dog cat dog", tmp_path, 4).tolist() == [[START, token("dog"), token("cat"), END]]


def test_takes_single_tensors_as_float32(tmp_path):
    save_file({"a": torch.ones(2).half(), "b": torch.zeros(2)}, tmp_path / "x.safetensors")
    (only,) = tensors(tmp_path / "x.safetensors", ["a"]).values()
    assert (only.dtype, only.tolist()) == (torch.float32, [1, 1])
    assert set(tensors(tmp_path / "x.safetensors")) == {"a", "b"}
    with pytest.raises(ModelError, match=r"1 tensors are missing from \S+: c; fetch"):
        tensors(tmp_path / "x.safetensors", ["a", "c"])
