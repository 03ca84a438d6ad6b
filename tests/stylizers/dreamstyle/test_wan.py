"""`dreamstyle` from files of a published base, at toy size: the real loading code, planning and placing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from impasto.diffusion import published
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import AutoencoderConfig, DiffusionConfig, Parameters, TransformerConfig
from impasto.diffusion.controls import FORMAT, ControlledBase
from impasto.diffusion.memory import MemoryPlan
from impasto.diffusion.placement import place
from impasto.errors import ModelError
from impasto.guidance import Guidance, Style
from impasto.job.plan import make_plan
from impasto.job.request import Request
from impasto.job.run import run
from impasto.perception.control.pictures import CONTROLS
from impasto.stylizers import registry
from impasto.stylizers.dreamstyle import wan
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.published import WAN_CONTROLS, WAN_FILE
from impasto.stylizers.dreamstyle.stylizer import STEPS
from impasto.video.source import open_source
from impasto.weights.hub import HubFile, HubModel
from tests.clips import make_clip
from tests.diffusion.toy import (
    LATENT,
    TEXT,
    VISION,
    save_picture_reader,
    save_text_reader,
    toy_autoencoder,
    toy_transformer,
)
from tests.perception.control.test_published import save_depth
from tests.stylizers.dreamstyle.toy import CONFIG, given, toy_dreamstyle, velocity, wake

TOY = DiffusionConfig(
    name="toy-i2v",
    transformer=TransformerConfig(
        num_attention_heads=2,
        attention_head_dim=12,
        num_layers=3,
        ffn_dim=32,
        in_channels=LATENT + 4 + LATENT,
        text_dim=TEXT,
        image_dim=VISION["hidden_size"],
    ),
    autoencoder=AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=LATENT),
    parameters=Parameters(transformer=10_000, autoencoder=10_000, text_encoder=10_000, picture_encoder=10_000),
    shift=3.0,
    frames=17,
    pixels=32 * 48,
)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with everything, and the model of the registry that is made of it."""
    folder = tmp_path / "weights"
    base = folder / "toy-base"
    sizes = {"in_channels": TOY.transformer.in_channels, "image_dim": TOY.transformer.image_dim}
    transformer = toy_transformer(**sizes, added_kv_proj_dim=24)
    transformer.save_pretrained(base / "transformer")
    toy_autoencoder().save_pretrained(base / "vae")
    save_text_reader(base)
    save_picture_reader(base)
    (base / "model_index.json").write_text("{}")
    model = DreamStyle(transformer, TOY.name, CONFIG)
    wake(model)
    model.save(folder / WAN_FILE)
    for kind in CONTROLS:
        led = ControlledBase(toy_transformer(**sizes, added_kv_proj_dim=24), TOY.name, [kind])
        torch.nn.init.normal_(led.learns()[0].get_parameter("leave.0.weight"), std=0.3)
        led.format.write(folder / WAN_CONTROLS[kind], led.adapters(), as_bytes=False)
    files = [path.relative_to(base) for path in sorted(base.rglob("*")) if path.is_file()]
    hub = HubModel(
        repository="painter/toy-base",
        files=(HubFile("model_index.json", 2), *(HubFile(str(name), 1000) for name in files)),
        licence="Apache-2.0",
    )
    monkeypatch.setitem(published.HUB_MODELS, TOY.name, hub)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setitem(STEPS, "draft", 2)
    entry = registry.MODELS["dreamstyle"]
    made = replace(
        entry,
        hub=(hub,),
        capabilities=replace(entry.capabilities, working_pixels=TOY.pixels),
        needs=lambda size, frames, guidance: wan.needs(size, frames, guidance, TOY),
        load=lambda preset: wan.load(preset, TOY),
    )
    monkeypatch.setitem(registry.MODELS, "dreamstyle", made)
    return folder


def request_for(source: Path, output: Path, painting: Path) -> Request:
    guidance = Guidance(prompt="a sea", styles=(Style(image=painting),))
    return Request(source=source, output=output, guidance=guidance, model="dreamstyle", preset="draft", codec="ffv1")


def test_a_clip_longer_than_a_window_is_repainted_by_what_lies_in_the_folder(weights: Path, tmp_path, painting: Path):
    clip = make_clip(tmp_path / "in.mkv", frames=24)
    run(request_for(clip, tmp_path / "out.mkv", painting))
    record = json.loads((tmp_path / "out.run.json").read_text())
    assert record["model"]["name"] == "dreamstyle"


def test_it_is_led_by_published_estimates_whose_networks_must_be_there(weights: Path, tmp_path, painting: Path):
    clip = make_clip(tmp_path / "in.mkv", frames=5)
    asked = request_for(clip, tmp_path / "out.mkv", painting)
    led = replace(asked, guidance=replace(asked.guidance, control=("depth",)))
    with pytest.raises(ModelError, match="depth-anything/Depth-Anything-V2-Small-hf"):
        run(led)
    save_depth(weights / "Depth-Anything-V2-Small-hf")
    run(led)
    record = json.loads((tmp_path / "out.run.json").read_text())
    assert {WAN_CONTROLS["depth"], "depth-anything/Depth-Anything-V2-Small-hf"} <= set(record["model"]["weights"])
    run(replace(asked, output=tmp_path / "free.mkv"))
    frames = [[one.rgb for one in open_source(tmp_path / f"{name}.mkv").frames()] for name in ("out", "free")]
    assert not np.array_equal(frames[0][0], frames[1][0])


def test_the_plan_says_how_the_windows_are_before_anything_is_loaded(weights: Path, tmp_path, painting: Path):
    (weights / "toy-base" / "transformer" / "config.json").write_text("broken")
    plan = make_plan(request_for(make_clip(tmp_path / "in.mkv", frames=24), tmp_path / "out.mkv", painting))
    assert any("Windows of 17 frames" in line for line in plan.needs.lines)


def test_the_plan_counts_the_controlnets_that_are_asked_for(weights: Path, tmp_path, painting: Path):
    asked = request_for(make_clip(tmp_path / "in.mkv", frames=24), tmp_path / "out.mkv", painting)
    save_depth(weights / "Depth-Anything-V2-Small-hf")
    led = replace(asked, guidance=replace(asked.guidance, control=("depth",)))
    plain, controlled = (make_plan(request).memory_bytes for request in (asked, led))
    assert controlled - plain >= 2 * FORMAT.parameter_count(weights / WAN_CONTROLS["depth"]) > 0


def test_without_the_adapters_it_says_what_is_missing(weights: Path, tmp_path, painting: Path):
    (weights / WAN_FILE).unlink()
    with pytest.raises(ModelError, match=WAN_FILE):
        make_plan(request_for(make_clip(tmp_path / "in.mkv", frames=5), tmp_path / "out.mkv", painting))


@pytest.mark.parametrize("offload", ["none", "model", "group"])
def test_it_paints_the_same_wherever_its_networks_are_placed(offload):
    model, vae = toy_dreamstyle().requires_grad_(False), Autoencoder(toy_autoencoder())
    everything = given(first=True, styles=2, weights=(1.0, 2.0))
    expected = velocity(model, everything)
    cpu = torch.device("cpu")
    place(MemoryPlan(offload, False, 9, 0, 0), cpu, model.velocity, model.transformer.blocks, vae, [])
    for _ in range(2):
        assert torch.equal(velocity(model, everything), expected)
