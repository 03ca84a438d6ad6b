"""The joint space of a CLIP: what the library gives for wholes and texts, and patches in the same space."""

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

from impasto.diffusion.pictures import processed
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.clipspace import load_clip_space
from impasto.stylizers.stylemaster.published import CLIP_H14, CLIP_H14_PARAMETERS
from tests.diffusion.toy import save_clip
from tests.stylizers.stylemaster.toy import EMBEDDING, some

TEXTS = ["a cat on the sea", "", "a long long text " * 30]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    save_clip(tmp_path, EMBEDDING)
    return tmp_path


@torch.no_grad()
def test_pictures_and_texts_are_compared_as_clip_does(place: Path):
    space, rgb = load_clip_space(place, torch.float32), some(2, 3, 40, 72).sigmoid()
    net = CLIPModel.from_pretrained(place).eval()
    pixels = processed(CLIPImageProcessorPil.from_pretrained(place), rgb)
    tokens = AutoTokenizer.from_pretrained(place)(
        TEXTS, padding=True, truncation=True, max_length=77, return_tensors="pt"
    )
    out = net(pixel_values=pixels, **tokens)
    seen = space.picture(rgb)
    torch.testing.assert_close(seen.pooled, out.image_embeds, rtol=0, atol=1e-6)
    torch.testing.assert_close(space.text(TEXTS), out.text_embeds, rtol=0, atol=1e-6)
    assert seen.patches.shape == (2, 16, EMBEDDING)
    assert seen.grid == (4, 4)
    assert seen.hidden is None


@torch.no_grad()
def test_a_patch_goes_the_way_of_the_whole(place: Path):
    """What the first token holds, told of a patch, would be the picture's vector."""
    space, rgb = load_clip_space(place, torch.float32, hidden=True), some(1, 3, 30, 30).sigmoid()
    seen, net = space.picture(rgb), space.net
    assert seen.hidden is not None
    assert seen.hidden.shape == (1, 16, 12)
    way = net.visual_projection(net.vision_model.post_layernorm(seen.hidden))
    torch.testing.assert_close(way, seen.patches)


def test_another_network_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match="no model"):
        load_clip_space(tmp_path, torch.float32)


def test_the_sizes_are_the_published_ones():
    from transformers import CLIPConfig

    vision = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 16}
    text = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16}
    with torch.device("meta"):
        net = CLIPModel(
            CLIPConfig(
                text_config={**text, "hidden_act": "gelu"},
                vision_config={**vision, "hidden_act": "gelu", "patch_size": 14},
                projection_dim=1024,
            )
        )
    assert sum(value.numel() for value in net.parameters()) == CLIP_H14_PARAMETERS
    (weights,) = (file.size for file in CLIP_H14.files if file.name == "model.safetensors")
    assert weights == pytest.approx(4 * CLIP_H14_PARAMETERS, rel=0.001)
