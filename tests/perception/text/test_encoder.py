"""The text encoder: what must not change an embedding, what must, and what its file keeps."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from impasto.errors import ModelError
from impasto.perception.text.encoder import Block
from impasto.perception.text.weights import FORMAT, load_text_encoder, save_text_encoder
from impasto.weights.rows import from_bytes, to_bytes
from tests.perception.text.toy import CONFIG, TEXTS, toy_encoder

LONG = "a red boat and a blue house by the sea " * 4


def test_a_block_is_a_transformer_layer():
    torch.manual_seed(0)
    block = Block(CONFIG)
    for parameter in block.parameters():
        nn.init.normal_(parameter, std=0.3)
    layer = nn.TransformerEncoderLayer(
        CONFIG.width, CONFIG.heads, CONFIG.hidden, 0.0, "gelu", batch_first=True, norm_first=True
    )
    names = {
        "attention_norm": "norm1.",
        "mlp_norm": "norm2.",
        "query_key_value": "self_attn.in_proj_",
        "attended": "self_attn.out_proj.",
        "up": "linear1.",
        "down": "linear2.",
    }
    split = ((*key.split("."), value) for key, value in block.state_dict().items())
    layer.load_state_dict({names[part] + kind: value for part, kind, value in split})
    x, padding = torch.randn(3, 5, CONFIG.width), torch.arange(5) >= torch.tensor([[5], [3], [1]])
    kept = ~padding
    ours, theirs = block(x, kept[:, None, None]), layer(x, src_key_padding_mask=padding)
    torch.testing.assert_close(ours[kept], theirs[kept], rtol=1e-4, atol=1e-5)


def test_padding_does_not_change_an_embedding():
    encoder = toy_encoder()
    together = encoder.embed([*TEXTS, LONG])
    for text, vector in zip(TEXTS, together, strict=False):
        torch.testing.assert_close(encoder.embed([text])[0], vector, rtol=0, atol=1e-5)


def test_the_order_of_words_matters():
    red_boat, blue_boat = toy_encoder().embed(TEXTS[:2])
    assert (red_boat - blue_boat).abs().max() > 1e-3


def test_every_text_has_a_unit_vector():
    encoder = toy_encoder()
    vectors = encoder.embed(["", " ", "😀", "梵高", "a red boat"])
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(5))
    torch.testing.assert_close(vectors[0], vectors[1])
    assert encoder.embed([]).shape == (0, CONFIG.sentence)


def test_features_come_with_their_padding():
    features, padding = toy_encoder().features(["a red boat", ""])
    assert features.shape == (2, 5, CONFIG.width)
    assert padding.tolist() == [[False] * 5, [False] * 2 + [True] * 3]


def test_many_texts_are_embedded_in_parts(monkeypatch: pytest.MonkeyPatch):
    encoder = toy_encoder()
    together = encoder.embed(TEXTS)
    monkeypatch.setattr("impasto.perception.text.encoder.AT_ONCE", 4)
    torch.testing.assert_close(encoder.embed(TEXTS), together, rtol=0, atol=1e-5)


def test_a_text_that_is_cut_is_told():
    encoder = toy_encoder()
    with pytest.warns(UserWarning, match="1 of 2 texts are longer than 64 tokens.*'red red"):
        cut = encoder.embed(["boat", "red " * 100])[1]
    torch.testing.assert_close(cut, encoder.embed(["red " * 62])[0], rtol=0, atol=1e-5)


def test_a_row_loses_half_a_step_at_most():
    torch.manual_seed(0)
    matrix = torch.randn(8, 32) * torch.logspace(-3, 3, 8)[:, None]
    kept = from_bytes(to_bytes({"matrix": matrix}))["matrix"]
    step = matrix.abs().amax(1, keepdim=True) / 127
    assert ((kept - matrix).abs() <= 0.6 * step + 1e-6).all()


def test_a_saved_encoder_embeds_the_same(tmp_path: Path):
    encoder, file = toy_encoder(), tmp_path / "text.safetensors"
    save_text_encoder(encoder, file)
    loaded = load_text_encoder(file)
    assert (loaded.pieces, loaded.config) == (encoder.pieces, encoder.config)
    assert ((loaded.embed(TEXTS) * encoder.embed(TEXTS)).sum(1) > 0.999).all()
    assert load_file(file)["embedding.weight"].dtype == torch.int8
    save_text_encoder(encoder, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("header", "change"),
    [
        ({}, {}),
        ({FORMAT: "{"}, {}),
        ({FORMAT: '{"config": {"width": 8}, "pieces": ["[PAD]"]}'}, {}),
        (None, {"norm.bias": torch.full([CONFIG.width], torch.nan)}),
        (None, {"norm.bias": torch.zeros(3)}),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, header: dict[str, str] | None, change: dict[str, torch.Tensor]):
    file = tmp_path / "text.safetensors"
    save_text_encoder(toy_encoder(), file)
    state = load_file(file)
    if header is None:
        with safe_open(file, "pt") as opened:
            header = opened.metadata()
    save_file(state | change, file, header)
    with pytest.raises(ModelError, match=r"text\.safetensors"):
        load_text_encoder(file)


def test_what_is_no_safetensors_file_is_refused(tmp_path: Path):
    (tmp_path / "text.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError):
        load_text_encoder(tmp_path / "text.safetensors")
