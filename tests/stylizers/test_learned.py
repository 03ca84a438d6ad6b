"""Networks that have learned one style: Johnson's network, the net file, and the stylizer that runs it."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

import impasto
from impasto.cli import main
from impasto.color.transport import ColorStatistics
from impasto.errors import InputError, ModelError, UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job.catalog import model_facts
from impasto.job.pixels import to_bytes
from impasto.stylizers.base import check_guidance
from impasto.stylizers.feedforward import johnson, learned
from impasto.stylizers.feedforward.johnson import EPSILON, REACH, JohnsonConfig, new_parameters
from impasto.stylizers.feedforward.margins import eager_engine
from impasto.stylizers.feedforward.netfile import FORMAT, load_net, read_header, save_net
from impasto.stylizers.feedforward.nets import JohnsonNet, Net, SwiftNet
from impasto.stylizers.feedforward.network import NetworkConfig, Predictor, PredictorConfig
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.registry import find_model
from impasto.video.pictures import write_picture
from impasto.weights.paths import weights_file
from tests.clips import make_clip
from tests.test_stylizer_conformance import FRAMES, SIZES, repaint, shot

COLORS = ColorStatistics(torch.tensor([0.5, 0.4, 0.3]), torch.eye(3) * 0.05)
NO_COLORS = torch.eye(3), torch.zeros(3)


def johnson_net(norm: str = "instance", seed: int = 0) -> JohnsonNet:
    config = JohnsonConfig(width=4, blocks=1, norm=norm)  # pyright: ignore[reportArgumentType]
    generator = torch.Generator().manual_seed(seed)
    parameters = new_parameters(config, seed)
    for name, value in parameters.items():
        if value.ndim == 1:  # away from rest, so that a forgotten one shows
            parameters[name] = value + 0.3 * torch.rand(value.shape, generator=generator)
    return JohnsonNet(config, parameters)


def swift_net() -> SwiftNet:
    torch.manual_seed(0)
    config = PredictorConfig(network=NetworkConfig(8, 8, 8, 2, 1), components=4, hidden=8, kernels=2)
    predicted = Predictor(config)(torch.randn(4), torch.randn(4))
    return SwiftNet(config.network, {name: value.detach() for name, value in predicted.items()})


NETS = {"swift": swift_net, "johnson": johnson_net, "johnson with batch normalisation": lambda: johnson_net("batch")}


@pytest.fixture(params=NETS)
def net(request: pytest.FixtureRequest) -> Net:
    return NETS[request.param]()


@pytest.fixture
def file(net: Net, tmp_path: Path) -> Path:
    path = tmp_path / "net.safetensors"
    save_net(net, ("the-wave",), COLORS, {"steps": 7}, path)
    return path


# Johnson's network


def test_johnson_has_the_layout_of_the_paper():
    table = johnson.layers(JohnsonConfig())
    first, down, last = table["first"], [table["down2"], table["down4"]], table["last"]
    assert (first.size, first.outs) == (9, 32)
    assert [(layer.size, layer.stride, layer.outs) for layer in down] == [(3, 2, 64), (3, 2, 128)]
    blocks = [layer for name, layer in table.items() if name.startswith("block")]
    assert [(layer.ins, layer.outs, layer.size, layer.relu) for layer in blocks] == [
        (128, 128, 3, True),
        (128, 128, 3, False),
    ] * 5
    assert [table[name].outs for name in ("up2", "up1")] == [64, 32]
    assert (last.size, last.outs, last.relu, last.norm) == (9, 3, False, False)
    assert all(one.outs == two.ins for one, two in pairwise(table.values()))


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_johnson_equals_the_same_layers_of_torch(norm: str):
    net = johnson_net(norm)
    p = net.parameters

    def conv(name: str, relu: bool = True) -> nn.Module:
        layer = johnson.layers(net.config)[name]
        module = nn.Conv2d(layer.ins, layer.outs, layer.size, layer.stride, layer.size // 2, padding_mode="reflect")
        module.weight.data, module.bias.data = p[f"{name}.weight"], torch.zeros(layer.outs)  # pyright: ignore
        kind = nn.InstanceNorm2d if norm == "instance" else nn.BatchNorm2d
        normal = kind(layer.outs, EPSILON, affine=True)
        normal.weight.data, normal.bias.data = p[f"{name}.scale"], p[f"{name}.shift"]
        if norm == "batch":
            normal.running_mean, normal.running_var = p[f"{name}.mean"], p[f"{name}.variance"]
        return nn.Sequential(module, normal, *([nn.ReLU()] if relu else [])).eval()

    frames = torch.rand(2, 3, 24, 32)
    with torch.no_grad():
        y = conv("down4")(conv("down2")(conv("first")(frames)))
        y = y + conv("block0b", relu=False)(conv("block0a")(y))
        up = nn.Upsample(scale_factor=2)
        y = conv("up1")(up(conv("up2")(up(y))))
        y = nn.functional.pad(y, (4, 4, 4, 4), mode="reflect")
        expected = 0.5 + REACH * torch.tanh(nn.functional.conv2d(y, p["last.weight"], p["last.shift"]))
        ours = johnson.wire(johnson.Eager(p, net.config), frames, net.config)
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_johnson_in_openvino_equals_torch(norm: str):
    net, frame = johnson_net(norm), shot(64, 48)[0]
    eager = johnson.Eager(net.parameters, net.config)
    reference = eager_engine(lambda x: johnson.wire(eager, x, net.config))(frame)
    compiled = net.engine(torch.from_numpy(frame).permute(2, 0, 1)[None], NO_COLORS, 48, 64)(frame)
    assert reference.std() > 0.1
    assert np.abs(compiled - reference).mean() < 0.02


def test_instance_normalisation_sees_one_frame_and_batch_normalisation_the_batch():
    frames = torch.rand(2, 3, 32, 32) * torch.tensor([1.0, 0.2]).view(2, 1, 1, 1)
    for norm, alike in (("instance", True), ("batch", False)):
        net = johnson_net(norm)
        together, alone = net.paint(frames, NO_COLORS)[:1], net.paint(frames[:1], NO_COLORS)
        assert torch.allclose(together, alone, atol=1e-3) == alike


# The file


def test_a_net_comes_back_from_its_file(net: Net, file: Path):
    loaded, colors = load_net(file)
    assert (loaded.kind, loaded.config) == (net.kind, net.config)
    for name, value in net.parameters.items():
        torch.testing.assert_close(loaded.parameters[name], value, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(colors.covariance, COLORS.covariance)
    header = read_header(file)
    assert (header.styles, header.facts) == (("the-wave",), {"steps": 7})
    assert sum(value.numel() for value in net.parameters.values()) * 2 < file.stat().st_size


def resaved(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    with safe_open(path, "pt") as old:
        meta = old.metadata()
    save_file(tensors, path, metadata=meta)


def without_a_tensor(path: Path) -> None:
    tensors = load_file(path)
    resaved(path, {name: tensors[name] for name in sorted(tensors)[1:]})


def of_another_shape(path: Path) -> None:
    tensors = load_file(path)
    resaved(path, {name: value[..., :-1].contiguous() if value.ndim == 4 else value for name, value in tensors.items()})


def not_a_number(path: Path) -> None:
    resaved(path, {name: value * float("nan") for name, value in load_file(path).items()})


def text(path: Path) -> None:
    path.write_text("no weights\n" * 100)


def nothing(path: Path) -> None:
    path.write_bytes(b"")


def something_else(path: Path) -> None:
    path.write_bytes(weights_file("styles.safetensors").read_bytes())


def of_an_unknown_network(path: Path) -> None:
    with safe_open(path, "pt") as old:
        net = json.loads(old.metadata()[FORMAT]) | {"network": "huge"}
    save_file(load_file(path), path, metadata={FORMAT: json.dumps(net)})


@pytest.mark.parametrize(
    "damage",
    [without_a_tensor, of_another_shape, not_a_number, text, nothing, something_else, of_an_unknown_network],
)
def test_a_file_that_is_no_net_is_told_in_one_sentence(damage, tmp_path: Path, capsys):
    path = tmp_path / "net.safetensors"
    save_net(swift_net(), ("the-wave",), COLORS, {}, path)
    damage(path)
    with pytest.raises(ModelError, match=r"net\.safetensors.*\.$"):
        load_net(path)
    clip = make_clip(tmp_path / "in.mp4", frames=2)
    assert main(["stylize", str(clip), "--model", str(path), "-o", str(tmp_path / "out.mp4")]) == 3
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "out.mp4").exists()


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(ModelError, match=r"No such model file: 'none\.safetensors'"):
        find_model("none.safetensors")


# The stylizer


def test_the_net_is_the_style(file: Path):
    model = find_model(str(file))
    check_guidance(model, Guidance())
    check_guidance(model, Guidance(structure=0.5, preserve_color=True))
    with pytest.raises(UnsupportedOption, match="does not take style"):
        check_guidance(model, Guidance(styles=(Style(name="the-wave"),)))
    with pytest.raises(InputError, match="Nothing to go by"):
        check_guidance(find_model("swift"), Guidance())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_as_many_frames_of_the_same_size_in_range(file: Path, size: tuple[int, int]):
    painted = repaint(find_model(str(file)), shot(*size), Guidance())
    assert [frame.shape for frame in painted] == [(size[1], size[0], 3)] * FRAMES
    for frame in painted:
        assert frame.dtype == np.float32
        assert np.isfinite(frame).all()
        assert 0 <= frame.min() <= frame.max() <= 1


def test_two_segments_with_the_state_carried_over_are_one(file: Path):
    model, frames = find_model(str(file)), shot(64, 48)
    whole, parts = repaint(model, frames, Guidance()), repaint(model, frames, Guidance(), cut_at=2)
    for first, second in zip(whole, parts, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)


def test_strength_is_the_share_of_the_painting(file: Path):
    model, frames = find_model(str(file)), shot(64, 48)[:1]
    (full,), (half,), (none,) = (repaint(model, frames, Guidance(strength=s)) for s in (1.0, 0.5, 0.0))
    np.testing.assert_array_equal(none, frames[0])
    np.testing.assert_allclose(half, (frames[0] + full) / 2, atol=1e-5)
    assert np.abs(full - frames[0]).mean() > 0.01


def test_a_net_of_swift_follows_a_painted_frame(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(learned, "CONFIG", replace(learned.CONFIG, following_steps=60))
    save_net(swift_net(), ("the-wave",), COLORS, {}, tmp_path / "net.safetensors")
    model, frames = find_model(str(tmp_path / "net.safetensors")), shot(64, 48)
    painting = 1 - frames[0][..., ::-1]
    write_picture(tmp_path / "first.png", to_bytes(painting))
    guidance = Guidance(first_frame=tmp_path / "first.png")
    check_guidance(model, guidance)

    def prepared(given: Guidance) -> learned.Learned:
        stylizer = model.load("standard")
        assert isinstance(stylizer, learned.Learned)
        stylizer.prepare(given, MemoryShot(frames), lambda share: None)
        return stylizer

    def error(stylizer: learned.Learned) -> float:
        assert stylizer._engine
        return float(np.abs(stylizer._engine(frames[-1]) - (1 - frames[-1][..., ::-1])).mean())

    following = prepared(guidance)
    np.testing.assert_allclose(next(following.stylize(frames, {})), painting, atol=0.01)
    assert error(following) < 0.4 * error(prepared(Guidance()))


def test_johnsons_network_refuses_a_painted_frame(tmp_path: Path):
    save_net(johnson_net(), ("the-wave",), COLORS, {}, tmp_path / "net.safetensors")
    model = find_model(str(tmp_path / "net.safetensors"))
    with pytest.raises(UnsupportedOption, match="does not take first frame; it takes preserve color, structure"):
        check_guidance(model, Guidance(first_frame=tmp_path / "first.png"))


def test_commands_and_python_take_a_net(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_net(swift_net(), ("the-wave",), COLORS, {}, Path("net.safetensors"))
    clip = make_clip(tmp_path / "in.mp4", frames=3)
    assert main(["plan", "in.mp4", "--model", "net.safetensors", "-o", "out.mp4"]) == 0
    assert "net.safetensors" in capsys.readouterr().out
    assert main(["stylize", "in.mp4", "--model", "net.safetensors", "-o", "out.mp4"]) == 0
    record = json.loads((tmp_path / "out.run.json").read_text())
    assert (record["model"]["name"], record["output"]["frames"]) == ("net.safetensors", 3)
    assert len(next(iter(record["model"]["weights"].values()))) == 64
    assert impasto.stylize(clip, output=tmp_path / "again.mp4", model="net.safetensors").frames == 3
    (facts,) = model_facts(["net.safetensors"])
    assert facts.source == "file"
    assert "the-wave" in facts.summary
    capsys.readouterr()
    assert main(["models", "net.safetensors"]) == 0
    assert "the-wave" in capsys.readouterr().out
    for refused in (["--style", "van-gogh-irises"], ["--preset", "high"]):
        assert main(["stylize", "in.mp4", "--model", "net.safetensors", *refused, "-o", "no.mp4"]) == 2
