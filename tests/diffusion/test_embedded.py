"""The embedded nano base: what is written comes back, and other files are refused."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import (
    embedded_base,
    embedded_vae,
    first_frame_channels,
    is_of_size,
    load_base,
    load_vae,
    save_part,
)
from impasto.diffusion.velocity import Velocity
from impasto.errors import ModelError
from impasto.job.plain import plain
from tests.diffusion.toy import PICTURE_MODEL, toy_autoencoder, toy_conditions, toy_latents, toy_transformer


def test_weights_come_back_to_a_hundredth_with_their_configuration(tmp_path: Path):
    vae, base = toy_autoencoder(), toy_transformer(**PICTURE_MODEL)
    for part, load in ((vae, load_vae), (base, load_base)):
        path, again = tmp_path / "part.safetensors", tmp_path / "again.safetensors"
        save_part(part, path)
        loaded = load(path)
        own = [name for name in part.config if not name.startswith("_")]
        assert [plain(loaded.config[name]) for name in own] == [plain(part.config[name]) for name in own]
        assert not loaded.training
        for (name, value), kept in zip(part.state_dict().items(), loaded.state_dict().values(), strict=True):
            assert kept.dtype == torch.float32
            rows = value.flatten(value.dim() // 2) if value.dim() > 1 else value[None]
            near = rows.abs().amax(-1, keepdim=True) / 250 + 1e-6
            assert ((kept.reshape(rows.shape) - rows).abs() <= near).all(), name
        save_part(loaded, again)
        assert again.stat().st_size == path.stat().st_size


def test_other_files_are_refused(tmp_path: Path):
    path = tmp_path / "part.safetensors"
    with pytest.raises(ModelError, match="does not hold weights of AutoencoderKLWan"):
        load_vae(path)
    path.write_bytes(b"no weights at all")
    with pytest.raises(ModelError, match=r"part\.safetensors"):
        load_base(path)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match="reinstall"):
        load_base(path)
    save_part(toy_autoencoder(), path)
    with pytest.raises(ModelError, match="of AutoencoderKLWan, not of WanTransformer3DModel"):
        load_base(path)
    broken = toy_transformer()
    broken.proj_out.bias.data[0] = torch.nan
    save_part(broken, path)
    with pytest.raises(ModelError, match="no numbers"):
        load_base(path)


def test_says_where_missing_weights_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    embedded_vae.cache_clear()
    for load, name in ((embedded_vae, "nano-vae"), (embedded_base, "nano-base")):
        with pytest.raises(ModelError, match=f"'{name}.safetensors' are missing from .* put the file there"):
            load()


def test_sizes_are_told_apart():
    with torch.device("meta"):
        vae, base = NANO.autoencoder.build(), NANO.transformer.build()
    assert is_of_size(vae, NANO.autoencoder)
    assert is_of_size(base, NANO.transformer)
    assert not is_of_size(toy_transformer(), NANO.transformer)


def test_the_first_frame_stands_in_all_and_is_known_in_the_first():
    first = torch.randn(2, 3, 1, 4, 5)
    channels = first_frame_channels(first, 3)
    assert channels.shape == (2, 4 + 3, 3, 4, 5)
    assert torch.equal(channels[:, 4:], first.repeat(1, 1, 3, 1, 1))
    assert channels[:, :4, 0].min() == 1
    assert channels[:, :4, 1:].abs().max() == 0


def test_the_transformer_in_bfloat16_keeps_what_the_library_keeps(tmp_path: Path):
    save_part(toy_transformer(**PICTURE_MODEL), tmp_path / "base.safetensors")
    full, half = (load_base(tmp_path / "base.safetensors", dtype) for dtype in (torch.float32, torch.bfloat16))
    dtypes = {name: value.dtype for name, value in half.named_parameters()}
    assert dtypes["blocks.0.attn1.to_q.weight"] == half.dtype == torch.bfloat16
    assert dtypes["scale_shift_table"] == dtypes["blocks.0.norm2.weight"] == torch.float32
    conditions = toy_conditions(picture=True, style=False)
    velocities = []
    for base in (full, half):
        context = Context()
        attach_attention(base, context)
        with torch.no_grad():
            velocities.append(Velocity(base, context)(toy_latents(), torch.tensor([0.5]), conditions))
    torch.testing.assert_close(*velocities, atol=0.05, rtol=0.05)
