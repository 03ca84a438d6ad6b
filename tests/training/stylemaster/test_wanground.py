"""The parts' recipes on a published base at toy size, in the hub's layout on disk: the real loading code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from impasto.diffusion import published
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.loading import load_transformer
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.config import ControlConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.projector import ProjectorConfig, StyleProjector, save_projector
from impasto.stylizers.stylemaster.published import CLIP_H14
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.nano.latents import examples
from impasto.training.nano.shards import Part, write_shard
from impasto.training.stylemaster import motion, style, tile
from impasto.training.stylemaster.ground import Ground
from impasto.training.stylemaster.parts import Progress
from impasto.training.stylemaster.wanground import WAN_STYLE, WAN_TILE, make_wan_latents, wan_ground
from impasto.weights.hub import HubFile, HubModel
from tests.diffusion.toy import save_clip, save_text_reader, toy_autoencoder
from tests.stylizers.stylemaster.test_wan import TOY as WAN_TOY
from tests.stylizers.stylemaster.toy import EMBEDDING, toy_base
from tests.training.nano.toy import drifting

TOY = replace(WAN_TOY, frames=5)
TOKENS = TokenConfig(
    width=10,
    count=3,
    projector=ProjectorConfig(embedding=EMBEDDING, hidden=12, depth=1, size=6),
    texture=QFormerConfig(embedding=EMBEDDING, queries=2, width=12, depth=1, heads=2),
)
SHORT = {"steps": 2, "batch": 2, "rate": 1e-2, "warmup": 1, "held": 1}


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A base as the hub has it, a CLIP, and two clips for each part."""
    folder = tmp_path / "weights"
    base = folder / "toy-base"
    toy_base().save_pretrained(base / "transformer")
    toy_autoencoder().save_pretrained(base / "vae")
    save_text_reader(base)
    save_clip(folder / CLIP_H14.repository.rpartition("/")[2], EMBEDDING)
    (base / "model_index.json").write_text("{}")
    files = [path.relative_to(base) for path in sorted(base.rglob("*")) if path.is_file()]
    hub = HubModel(
        repository="painter/toy-base", files=tuple(HubFile(str(name), 1000) for name in files), licence="Apache-2.0"
    )
    monkeypatch.setitem(published.HUB_MODELS, "toy", hub)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    parts: tuple[Part, ...] = ("train", "held")
    for part in parts:
        frames = {f"window-{number}": drifting(number, 5, 32, 48) for number in range(2)}
        captions = {name: ["a boat", "the sea and a boat"] for name in frames}
        write_shard(tmp_path / "clips" / f"own-{part}-0000.safetensors", frames, captions)
    return wan_ground(TOY, tmp_path / "clips")


def steps(run) -> list[int]:
    return [progress.step for progress in run if isinstance(progress, Progress)]


def test_all_parts_are_trained_by_the_recipes_of_the_nano_base(ground: Ground, tmp_path: Path):
    assert [made.done for made in make_wan_latents(ground)] == [1, 2]
    assert list(make_wan_latents(ground)) == []
    torch.manual_seed(3)
    projector = tmp_path / "projector.safetensors"
    save_projector(StyleProjector(TOKENS.projector), projector)
    files = {part: tmp_path / f"{part}.safetensors" for part in ("style", "motion", "control")}
    styled = replace(WAN_STYLE, part=replace(WAN_STYLE.part, **SHORT), tokens=TOKENS, projector=projector)
    assert steps(style.train(styled, files["style"], ground)) == [2]
    adapter = MotionConfig(rank=2)
    assert steps(motion.train(replace(motion.MOTION, **SHORT), adapter, files["motion"], ground)) == [2]
    tiled = replace(WAN_TILE, part=replace(WAN_TILE.part, **SHORT), tokens=TOKENS, style=files["style"])
    assert steps(tile.train(tiled, files["control"], ground)) == [2]
    model = StyleMaster.from_files(ground.transformer(), "toy", list(files.values()))
    assert (model.config.motion, model.config.control) == (adapter, ControlConfig())
    assert model.tokens is not None
    assert model.tokens.config == TOKENS
    for part, start in (("style", "blocks.1.attn2.style"), ("control", "control")):
        outputs = [name for name in model.parts[part] if name.startswith(start)]
        assert any(v.abs().sum() > 0 for name in outputs for v in model.parts[part][name].parameters())


def test_latents_and_texts_are_what_the_networks_of_the_base_give(ground: Ground, tmp_path: Path):
    list(make_wan_latents(ground))
    clip = examples("train", ground.latents)[0]
    frames = drifting(int(clip.name[-1]), 5, 32, 48).permute(0, 3, 1, 2).float() / 255
    expected = Autoencoder(toy_autoencoder()).encode(frames.transpose(0, 1)[None])[0]
    torch.testing.assert_close(clip.latent(), expected, rtol=0.03, atol=0.05)  # as bytes
    read = ground.read(list(clip.captions)).float()
    for number, features in enumerate(read):
        text = clip.text(number)
        assert len(text) < len(features)
        torch.testing.assert_close(text, features[: len(text)], rtol=0.03, atol=0.03)
        assert not features[len(text) :].any()


def test_a_projector_of_another_space_is_refused(ground: Ground, tmp_path: Path):
    save_projector(StyleProjector(replace(TOKENS.projector, hidden=16)), tmp_path / "projector.safetensors")
    run = replace(WAN_STYLE, tokens=TOKENS, projector=tmp_path / "projector.safetensors")
    with pytest.raises(ModelError, match="hidden=16"):
        next(style.train(run, tmp_path / "style.safetensors", ground))


def test_the_base_is_loaded_as_it_is_published_and_spares_memory(ground: Ground, tmp_path: Path):
    net = ground.transformer()
    assert net.is_gradient_checkpointing
    assert net.proj_out.weight.dtype == torch.bfloat16
    whole = load_transformer(tmp_path / "weights" / "toy-base", TOY.transformer, torch.bfloat16)
    assert json.dumps(dict(net.config), default=str) == json.dumps(dict(whole.config), default=str)
    assert ground.transformer() is not net
