"""`stylemaster` from files of a published base, at toy size: the real loading code, planning and placing."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import psutil
import pytest
import torch

from impasto.diffusion import published
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import WAN_1_3B, AutoencoderConfig, DiffusionConfig, Parameters, TransformerConfig
from impasto.diffusion.memory import MemoryPlan, out_of_memory_told
from impasto.diffusion.placement import place
from impasto.errors import ModelError, ResourceError, UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job.plan import make_plan
from impasto.job.request import Request
from impasto.job.run import run
from impasto.stylizers import registry
from impasto.stylizers.stylemaster import wan
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.published import CLIP_H14, RELEASED_PARAMETERS, TRAINED
from impasto.stylizers.stylemaster.released import RELEASED
from impasto.stylizers.stylemaster.stylizer import STEPS
from impasto.video.blank import Canvas
from impasto.weights.hub import HubFile, HubModel
from tests.clips import make_clip
from tests.diffusion.toy import LATENT, TEXT, save_clip, save_text_reader, toy_autoencoder
from tests.stylizers.stylemaster.toy import EMBEDDING, awaken, conditions, toy_base, toy_stylemaster, velocity

TOY = DiffusionConfig(
    name="toy",
    transformer=TransformerConfig(
        num_attention_heads=2, attention_head_dim=12, num_layers=4, ffn_dim=32, in_channels=LATENT, text_dim=TEXT
    ),
    autoencoder=AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=LATENT),
    parameters=Parameters(transformer=10_000, autoencoder=10_000, text_encoder=10_000),
    shift=3.0,
    frames=9,
    pixels=32 * 48,
)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with everything, and models of the registry that are made of it."""
    folder = tmp_path / "weights"
    base, clip = folder / "toy-base", folder / CLIP_H14.repository.rpartition("/")[2]
    toy_base().save_pretrained(base / "transformer")
    toy_autoencoder().save_pretrained(base / "vae")
    save_text_reader(base)
    save_clip(clip, EMBEDDING)
    (base / "model_index.json").write_text("{}")
    model = toy_stylemaster()
    awaken(torch.nn.ModuleList(module for modules in model.parts.values() for module in modules.values()))
    for name, part in zip(TRAINED, ("style", "motion", "control"), strict=True):
        model.save(folder / name, part)
    files = [path.relative_to(base) for path in sorted(base.rglob("*")) if path.is_file()]
    hub = HubModel(
        repository="painter/toy-base",
        files=(HubFile("model_index.json", 2), *(HubFile(str(name), 1000) for name in files)),
        licence="Apache-2.0",
    )
    monkeypatch.setitem(published.HUB_MODELS, "toy", hub)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setitem(STEPS, "draft", 2)
    entry = registry.MODELS["stylemaster"]
    toy = replace(
        entry,
        hub=(hub, CLIP_H14),
        capabilities=replace(
            entry.capabilities, working_pixels=TOY.pixels, canvas=Canvas(width=48, height=32, frames=5, fps=Fraction(8))
        ),
        needs=lambda size, frames, guidance: wan.needs(wan.OURS, size, frames, TOY),
        load=lambda preset: wan.load(preset, wan.OURS, TOY),
    )
    monkeypatch.setitem(registry.MODELS, "stylemaster", toy)
    return folder


def request_for(source: Path | Canvas, output: Path, painting: Path, model: str = "stylemaster") -> Request:
    guidance = Guidance(prompt="a sea", styles=(Style(image=painting),))
    return Request(source=source, output=output, guidance=guidance, model=model, preset="draft", codec="ffv1")


@pytest.fixture(autouse=True)
def little_is_free_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of parameters that no toy has would need gigabytes."""
    monkeypatch.setattr(wan, "CLIP_H14_PARAMETERS", 10_000)


def test_a_clip_is_repainted_and_another_made_by_what_lies_in_the_folder(weights: Path, tmp_path: Path, painting: Path):
    source = make_clip(tmp_path / "in.mkv")
    plan = make_plan(request_for(source, tmp_path / "out.mkv", painting))
    assert plan.needs is not None
    assert "Windows of 9 frames" in "\n".join(plan.lines())
    record = run(request_for(source, tmp_path / "out.mkv", painting))
    assert set(record.model["weights"]) == {*TRAINED, "painter/toy-base", CLIP_H14.repository}
    made = run(request_for(Canvas(width=48, height=32, frames=5, fps=Fraction(8)), tmp_path / "made.mkv", painting))
    assert made.frames == 5
    assert json.loads((tmp_path / "made.run.json").read_text())["plan"]["needs"]["lines"]


def test_what_is_missing_is_said_before_anything_else(weights: Path, tmp_path: Path, painting: Path):
    wanted = request_for(make_clip(tmp_path / "in.mkv"), tmp_path / "out.mkv", painting)
    (weights / TRAINED[1]).rename(weights / "elsewhere")
    with pytest.raises(ModelError, match=TRAINED[1]):
        make_plan(wanted)
    (weights / "elsewhere").rename(weights / TRAINED[1])
    (weights / "toy-base/vae/config.json").unlink()
    with pytest.raises(ModelError, match=r"painter/toy-base .*vae/config\.json"):
        make_plan(wanted)


def test_too_little_memory_is_refused_before_loading(
    weights: Path, tmp_path: Path, painting: Path, monkeypatch: pytest.MonkeyPatch
):
    available = psutil.virtual_memory()._replace(available=1_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)
    with pytest.raises(ResourceError, match=r"toy at 48x32 needs about .* cpu memory"):
        make_plan(request_for(make_clip(tmp_path / "in.mkv", size=(96, 64)), tmp_path / "out.mkv", painting))


def test_adapters_of_another_base_are_refused(weights: Path):
    broken = replace(TOY, name="other")
    published.HUB_MODELS["other"] = published.HUB_MODELS["toy"]
    try:
        with pytest.raises(ModelError, match=r"base 'toy'.*not of 'other'"):
            wan.load("draft", wan.OURS, broken)
    finally:
        del published.HUB_MODELS["other"]


def test_the_released_model_only_makes_clips(tmp_path: Path, painting: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"Wan2\.1-T2V-1\.3B-Diffusers.*model_index\.json"):
        make_plan(request_for(WAN, tmp_path / "out.mkv", painting, "stylemaster-released"))
    bare = replace(registry.MODELS["stylemaster-released"], hub=())
    monkeypatch.setitem(registry.MODELS, "stylemaster-released", bare)
    with pytest.raises(UnsupportedOption, match="repaints none"):
        make_plan(request_for(make_clip(tmp_path / "in.mkv"), tmp_path / "out.mkv", painting, "stylemaster-released"))


WAN = Canvas(width=832, height=480, frames=81, fps=Fraction(16))


def test_released_parameters_are_counted_right():
    with torch.device("meta"):
        model = StyleMaster(WAN_1_3B.transformer.build(), WAN_1_3B.name, RELEASED)
    (modules,) = model.parts.values()
    assert sum(v.numel() for module in modules.values() for v in module.parameters()) == RELEASED_PARAMETERS


@pytest.mark.parametrize("offload", ["none", "model", "group"])
def test_networks_paint_the_same_wherever_they_are_placed(offload):
    model, vae = toy_stylemaster(), Autoencoder(toy_autoencoder())
    for part in ("style", "motion", "control"):
        model.learns(part)
        awaken(model)
    model.requires_grad_(False)
    given, clip = conditions(model), torch.rand(1, 3, 5, 32, 32, generator=torch.Generator().manual_seed(0))
    expected, coded = velocity(model, given), vae.encode(clip)
    assert model.control is not None
    blocks = [*model.transformer.blocks, *model.control.blocks]
    place(MemoryPlan(offload, False, 9, 0, 0), torch.device("cpu"), model.velocity, blocks, vae, [])
    for _ in range(2):
        assert torch.equal(vae.encode(clip), coded)
        assert torch.equal(velocity(model, given), expected)
    assert vae.decode(coded).shape == clip.shape


def test_turns_are_taken():
    """Where a network is when another computes shows on a device that holds no numbers."""
    model, vae = toy_stylemaster(), Autoencoder(toy_autoencoder())
    meta = torch.device("meta")
    place(MemoryPlan("model", False, 9, 0, 0), meta, model.velocity, [], vae, [])
    vae.vae.encode(torch.zeros(1, 3, 1, 16, 16, device=meta))
    assert (vae.vae.device.type, model.transformer.device.type) == ("meta", "cpu")


def test_the_end_of_memory_is_told_and_other_errors_are_not():
    with (
        pytest.raises(ResourceError, match="Out of memory while painting 9 frames"),
        out_of_memory_told("painting 9 frames"),
    ):
        torch.empty(2**60, dtype=torch.uint8)
    with pytest.raises(RuntimeError, match="shape"), out_of_memory_told("x"):
        torch.zeros(2) @ torch.zeros(3, 3)
