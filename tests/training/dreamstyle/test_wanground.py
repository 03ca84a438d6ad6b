"""DreamStyle's recipe on published bases at toy size, in the hub's layout on disk: the real loading code."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from impasto.diffusion import published
from impasto.diffusion.configs import WAN_14B_I2V, DiffusionConfig
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.given import Extra, Given
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.training.dreamstyle import recipe
from impasto.training.dreamstyle.pairs import samples
from impasto.training.dreamstyle.stages import Progress
from impasto.training.dreamstyle.wanground import WAN_1_3B_WIDE, WAN_14B, wan_ground, wide_ground
from impasto.weights.hub import HubFile, HubModel
from tests.diffusion.toy import LATENT, save_picture_reader, save_text_reader, toy_autoencoder, toy_transformer
from tests.stylizers.dreamstyle.test_wan import TOY
from tests.stylizers.dreamstyle.toy import some
from tests.training.dreamstyle.toypairs import write_toy_pairs

NARROW = replace(
    TOY, name="toy-t2v", transformer=replace(TOY.transformer, in_channels=LATENT, image_dim=None)
)  # fmt: skip
WIDE = replace(TOY, name="toy-t2v-widened")


def published_base(folder: Path, config: DiffusionConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    base = folder / config.name
    sizes = {"in_channels": config.transformer.in_channels, "image_dim": config.transformer.image_dim}
    added = 24 if config.transformer.image_dim else None
    toy_transformer(**sizes, added_kv_proj_dim=added).save_pretrained(base / "transformer")
    toy_autoencoder().save_pretrained(base / "vae")
    save_text_reader(base)
    if config.transformer.image_dim:
        save_picture_reader(base)
    (base / "model_index.json").write_text("{}")
    files = tuple(HubFile(str(path.relative_to(base)), 1000) for path in sorted(base.rglob("*")) if path.is_file())
    hub = HubModel(repository=f"painter/{config.name}", files=files, licence="Apache-2.0")
    monkeypatch.setitem(published.HUB_MODELS, config.name, hub)


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pairs, and two bases as the hub has them."""
    for config in (TOY, NARROW):
        published_base(tmp_path / "weights", config, monkeypatch)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    write_toy_pairs(tmp_path / "pairs")
    return tmp_path / "pairs"


def short(run: recipe.Run) -> recipe.Run:
    """The same at toy size."""
    stages = [
        replace(stage, steps=2, batch=2, rate=1e-2, warmup=1, held=1, followed=1, save_every=2) for stage in run.stages
    ]
    return replace(run, config=replace(run.config, rank=2), stages=stages)


def steps(told: list) -> list[tuple[str, int]]:
    return [(one.stage, one.step) for one in told if isinstance(one, Progress)]


def test_an_image_to_video_base_is_taught_by_both_stages(pairs: Path, tmp_path: Path):
    ground, output = wan_ground(TOY, pairs), tmp_path / "dreamstyle.safetensors"
    assert steps(list(recipe.train(short(WAN_14B), output, ground))) == [("CT", 2), ("SFT", 2)]
    assert samples(ground, "train")[0].read("tokens first").shape == (17, 12)
    model = DreamStyle.from_file(ground.transformer(), TOY.name, output)
    assert (model.config.rank, list(model.parts)) == (2, ["lora"])
    assert ground.transformer().is_gradient_checkpointing


def test_a_base_of_text_alone_is_made_wider_and_its_entrance_learns_too(pairs: Path, tmp_path: Path):
    ground, output = wide_ground(pairs, NARROW, WIDE, TOY), tmp_path / "wide.safetensors"
    fresh = ground.transformer()
    assert fresh.config["in_channels"] == 2 * LATENT + 4
    assert steps(list(recipe.train(short(WAN_1_3B_WIDE), output, ground))) == [("CT", 2), ("SFT", 2)]
    model = DreamStyle.from_file(ground.transformer(), WIDE.name, output)
    entrance = model.parts["base"]["patch_embedding"]
    assert entrance.weight[:, LATENT:].any()
    assert model.parts["base"]["blocks.0.attn2.add_v_proj"].weight.any()
    assert not fresh.patch_embedding.weight[:, LATENT:].any()


def test_the_recipes_of_the_paper_are_its_numbers():
    ct, sft = WAN_14B.stages
    assert [(stage.steps, stage.batch, stage.rate) for stage in (ct, sft)] == [(6000, 16, 4e-5), (3000, 16, 4e-5)]
    assert WAN_14B.config == DreamStyleConfig(rank=64)


@pytest.mark.slow
def test_two_layers_of_the_full_width_learn():
    """Ten steps on one batch; the loss falls."""
    torch.manual_seed(0)
    base = replace(WAN_14B_I2V.transformer, num_layers=2).build().to(torch.bfloat16)
    model = DreamStyle(base, "two layers", WAN_14B.config)
    learning = list(model.learns().parameters())
    latents = some(1, 16, 2, 8, 8)
    look = Extra(some(1, 16, 1, 8, 8, seed=1), some(1, 16, 1, 8, 8, seed=2))
    given = Given(
        text=some(1, 4, 4096, seed=3), raw=some(1, 16, 2, 8, 8, seed=4), style=look, picture=some(1, 5, 1280, seed=5)
    )
    optimizer, losses = torch.optim.AdamW(learning, lr=1e-3), []
    for _ in range(10):
        with torch.autocast("cpu", torch.bfloat16):
            loss = (model.velocity(latents, torch.tensor([0.5]), given) - latents).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
