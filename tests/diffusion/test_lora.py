"""LoRA files: both styles of names, read by us and by the library, and refused where they do not fit."""

from pathlib import Path

import pytest
import torch
from diffusers.loaders.lora_conversion_utils import _convert_non_diffusers_wan_lora_to_diffusers
from safetensors.torch import load_file, save_file

from impasto.diffusion.lora import Lora, LoraLayer, attach_lora, lora_of, read_lora, write_lora
from impasto.errors import ModelError, UnreadableInput
from tests.diffusion.toy import PICTURE_MODEL, TEXT, toy_transformer

STYLES = ["diffusers", "comfyui"]


def toy_lora(transformer, alpha: float = 3.0, only: tuple[str, ...] = ("",)) -> Lora:
    """For the linear layers with one of some names in their place, of two ranks."""
    generator = torch.Generator().manual_seed(0)
    layers = {}
    for place, module in transformer.named_modules():
        if isinstance(module, torch.nn.Linear) and any(name in place for name in only):
            rank = 4 if "ffn" in place else 2
            down = torch.randn(rank, module.in_features, generator=generator)
            layers[place] = LoraLayer(down, torch.randn(module.out_features, rank, generator=generator), alpha)
    return Lora(layers, "toy")


def same(one: Lora, other: Lora) -> bool:
    return one.layers.keys() == other.layers.keys() and all(
        torch.equal(layer.down, other.layers[place].down)
        and torch.equal(layer.up, other.layers[place].up)
        and layer.alpha == other.layers[place].alpha
        for place, layer in one.layers.items()
    )


@pytest.mark.parametrize("names", STYLES)
@pytest.mark.parametrize("model", [{}, PICTURE_MODEL], ids=["text", "picture"])
def test_both_styles_of_names_say_the_same(tmp_path: Path, names, model):
    transformer = toy_transformer(**model)
    lora = toy_lora(transformer)
    path = tmp_path / "lora.safetensors"
    write_lora(lora, path, names)
    found = read_lora(path, transformer, "toy")
    assert same(found, lora)
    assert (found.base, found.unused) == ("toy", ())
    prefix = {"diffusers": "transformer.blocks.0.attn1.to_q", "comfyui": "diffusion_model.blocks.0.self_attn.q"}
    assert f"{prefix[names]}.lora_A.weight" in load_file(path)


def test_the_library_converts_our_comfyui_names_to_our_diffusers_names(tmp_path: Path):
    lora = toy_lora(toy_transformer(**PICTURE_MODEL), alpha=2.0, only=("attn", "proj_out", "ffn", "image_embedder"))
    for names in STYLES:
        write_lora(lora, tmp_path / names, names)
    left_alone = ("head.head.alpha", "img_emb.proj.1.alpha", "img_emb.proj.3.alpha")  # by the library
    written = load_file(tmp_path / "comfyui")
    theirs = _convert_non_diffusers_wan_lora_to_diffusers(
        {key: value for key, value in written.items() if not key.endswith(left_alone)}
    )
    ours = load_file(tmp_path / "diffusers")
    assert theirs.keys() == ours.keys()
    products = {key: value for key, value in ours.items() if "lora_A" in key}
    for key in products:
        up = key.replace("lora_A", "lora_B")
        scale = 2.0 / len(ours[key]) if "block" in key else 1.0
        torch.testing.assert_close(theirs[up] @ theirs[key], scale * ours[up] @ ours[key])


def test_attached_it_adds_its_product(tmp_path: Path):
    transformer = toy_transformer()
    x = torch.randn(5, 24)
    layers = {place: transformer.get_submodule(place) for place in ("blocks.1.attn1.to_q", "blocks.0.attn1.to_k")}
    before = {place: layer(x) for place, layer in layers.items()}
    lora = toy_lora(transformer, only=tuple(layers))
    attach_lora(transformer, lora, "mine")
    for place, layer in lora.layers.items():
        expected = before[place] + layer.alpha / layer.rank * x @ layer.down.T @ layer.up.T
        torch.testing.assert_close(transformer.get_submodule(place)(x), expected)
    transformer.delete_adapters("mine")
    assert torch.equal(transformer.get_submodule("blocks.1.attn1.to_q")(x), before["blocks.1.attn1.to_q"])


def test_the_library_reads_our_file_as_we_do(tmp_path: Path):
    ours, theirs = toy_transformer(), toy_transformer()
    lora = toy_lora(ours, only=("attn1.to_q", "ffn"))
    write_lora(lora, tmp_path / "lora.safetensors", "diffusers")
    attach_lora(ours, read_lora(tmp_path / "lora.safetensors", ours, "toy"), "mine")
    theirs.load_lora_adapter(str(tmp_path), weight_name="lora.safetensors", local_files_only=True)
    called = {"hidden_states": torch.randn(1, 4, 2, 4, 4), "timestep": torch.tensor([500.0])}
    called["encoder_hidden_states"] = torch.randn(1, 6, TEXT)
    with torch.no_grad():
        plain = toy_transformer()(**called).sample
        result = ours(**called).sample
        assert torch.equal(result, theirs(**called).sample)
    assert not torch.allclose(result, plain)


@pytest.mark.parametrize(
    "key", ["base_model.model.blocks.0.attn1.to_q.lora_{}.default.weight", "blocks.0.attn1.to_q.lora_{}.weight"]
)
def test_names_of_peft_are_understood(tmp_path: Path, key: str):
    tensors = {key.format("A"): torch.ones(2, 24), key.format("B"): torch.ones(24, 2)}
    save_file(tensors, tmp_path / "lora.safetensors")
    lora = read_lora(tmp_path / "lora.safetensors", toy_transformer(), "toy")
    assert lora.base is None
    assert {place: (layer.rank, layer.alpha) for place, layer in lora.layers.items()} == {"blocks.0.attn1.to_q": (2, 2)}


def test_weights_of_a_training_become_a_lora(tmp_path: Path):
    state = {
        "blocks.0.attn1.to_q.lora_A.weight": torch.ones(2, 24),
        "blocks.0.attn1.to_q.lora_B.weight": torch.ones(24, 2),
    }
    lora = lora_of(state, "toy", alpha=8.0)
    assert lora.layers["blocks.0.attn1.to_q"].alpha == 8
    assert lora.base == "toy"


def test_a_file_of_which_nothing_fits_is_refused(tmp_path: Path):
    names = [f"lora_unet_block_{n}.lora_down.weight" for n in range(5)]
    save_file({name: torch.ones(2, 2) for name in names}, tmp_path / "lora.safetensors")
    with pytest.raises(ModelError, match=r"No key.*fits toy \(lora_unet_block_0\S*, \S+1\S*, \S+2\S*, \.\.\.\)"):
        read_lora(tmp_path / "lora.safetensors", toy_transformer(), "toy")


def test_what_does_not_fit_is_told(tmp_path: Path):
    lora = toy_lora(toy_transformer(**PICTURE_MODEL), only=("attn2",))
    write_lora(lora, tmp_path / "lora.safetensors", "comfyui")
    found = read_lora(tmp_path / "lora.safetensors", toy_transformer(), "toy")
    assert found.unused == tuple(place for place in lora.layers if "add_" in place)
    assert len(found.layers) == len(lora.layers) - len(found.unused)


def test_another_base_is_refused_by_name_and_by_shape(tmp_path: Path):
    wide = toy_transformer(num_attention_heads=3)
    write_lora(toy_lora(wide), tmp_path / "lora.safetensors", "comfyui")
    with pytest.raises(ModelError, match=r"is for toy, not for wan-1\.3b"):
        read_lora(tmp_path / "lora.safetensors", toy_transformer(), "wan-1.3b")
    with pytest.raises(ModelError, match=r"is \d+x36 where \d+x24 is wanted"):
        read_lora(tmp_path / "lora.safetensors", toy_transformer(), "toy")


def test_other_files_are_refused(tmp_path: Path):
    (tmp_path / "lora.bin").write_bytes(b"\x80\x04pickled")
    save_file({"a": torch.ones(1)}, tmp_path / "odd", {"lora_adapter_metadata": "{"})
    save_file({"a.lora_A.weight": torch.ones(2), "a.lora_B.weight": torch.ones(2)}, tmp_path / "flat")
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_lora(tmp_path / "lora.bin", toy_transformer(), "toy")
    with pytest.raises(UnreadableInput, match="odd"):
        read_lora(tmp_path / "odd", toy_transformer(), "toy")
    with pytest.raises(ModelError, match=r"No key .* fits toy \(a\.lora_A"):
        read_lora(tmp_path / "flat", toy_transformer(), "toy")
    with pytest.raises(UnreadableInput, match="nowhere"):
        read_lora(tmp_path / "nowhere.safetensors", toy_transformer(), "toy")
