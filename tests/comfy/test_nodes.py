"""The nodes against the summary of ComfyUI's interface in docs/comfyui.md, and what they do with frames."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import impasto
from impasto.comfy import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from impasto.errors import InputError, ModelError, UnsupportedOption
from impasto.stylizers.dreamstyle.nano import STEPS
from impasto.video.pictures import write_picture
from impasto.weights.paths import cache_dir
from tests.clips import picture
from tests.training.dreamstyle.toypairs import toy_dreamstyle_nano
from tests.training.stylemaster.toyworld import forget, write_weights

ENTERED = {"INT": int, "FLOAT": float, "BOOLEAN": bool, "STRING": str}
PACK = Path(impasto.__file__).parent / "comfy"


def batch(count: int, width: int = 64, height: int = 48) -> torch.Tensor:
    return torch.from_numpy(np.stack([picture(number, width, height) for number in range(count)])).float() / 255


def default_of(field: tuple[Any, ...]) -> Any:
    """What the interface enters by itself; raises where the input has to be connected."""
    kind, options = field[0], field[1] if len(field) > 1 else {}
    return options.get("default", kind[0]) if isinstance(kind, list) else options["default"]


def run_graph(graph: dict[str, tuple[str, dict[str, Any]]], result: str) -> Any:
    """What a node gives: `graph` is its class and its inputs by name, of which a link is a list of node and output."""
    name, given = graph[result]
    node = NODE_CLASS_MAPPINGS[name]
    fields = node.INPUT_TYPES()
    values = {}
    for place, field in {**fields["required"], **fields.get("optional", {})}.items():
        if isinstance(given.get(place), list):
            source, output = given[place]
            assert NODE_CLASS_MAPPINGS[graph[source][0]].RETURN_TYPES[output] == field[0]
            values[place] = run_graph(graph, source)[output]
        elif place in given:
            values[place] = given[place]
        elif place in fields["required"]:
            values[place] = default_of(field)
    assert given.keys() <= values.keys()
    results = getattr(node(), node.FUNCTION)(**values)
    assert isinstance(results, tuple)
    assert len(results) == len(node.RETURN_TYPES) == len(node.RETURN_NAMES)
    return results


def stylized(**inputs: Any) -> torch.Tensor:
    return run_graph({"1": ("ImpastoStylize", {"model": "toy", **inputs})}, "1")[0]


@pytest.mark.parametrize("name", sorted(NODE_CLASS_MAPPINGS))
def test_a_node_is_as_the_interface_wants_it(name):
    node = NODE_CLASS_MAPPINGS[name]
    fields = node.INPUT_TYPES()
    assert {"required"} <= fields.keys() <= {"required", "optional"}
    assert isinstance(node.CATEGORY, str)
    assert node.DESCRIPTION.endswith(".")
    assert all(isinstance(kind, str) for kind in node.RETURN_TYPES)
    for field in {**fields["required"], **fields.get("optional", {})}.values():
        kind, options = field[0], field[1] if len(field) > 1 else {}
        if isinstance(kind, list):
            assert default_of(field) in kind
        elif kind in ENTERED:
            assert type(options["default"]) is ENTERED[kind]
            if "min" in options:
                assert options["min"] <= options["default"] <= options["max"]
        else:
            assert options == {}
    parameters = inspect.signature(getattr(node, node.FUNCTION)).parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        assert [*fields["required"], *fields.get("optional", {})] == [each for each in parameters if each != "self"]
    for place in fields.get("optional", {}):
        assert parameters[place].default is not inspect.Parameter.empty


def test_titles_and_size_of_the_pack():
    assert NODE_CLASS_MAPPINGS.keys() == NODE_DISPLAY_NAME_MAPPINGS.keys()
    assert all(title.startswith("Impasto ") for title in NODE_DISPLAY_NAME_MAPPINGS.values())
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in PACK.glob("*.py")) <= 200


@pytest.mark.usefixtures("toy")
def test_frames_are_painted_as_by_python(tmp_path):
    frames, style = batch(4), batch(1, 32, 32)
    write_picture(tmp_path / "style.png", (style[0].numpy() * 255).round().astype(np.uint8))
    expected = np.stack(list(impasto.stylize_frames(list(frames.numpy()), style=tmp_path / "style.png", model="toy")))
    painted = stylized(frames=frames, style=style)
    assert (painted.dtype, painted.shape) == (torch.float32, frames.shape)
    np.testing.assert_array_equal(painted.numpy(), expected)


@pytest.mark.usefixtures("toy")
def test_transparency_is_left_out_and_a_mask_keeps_the_source():
    frames = torch.cat([batch(3), torch.full((3, 48, 64, 1), 0.3)], 3)
    mask = torch.zeros(1, 48, 64)
    mask[:, :, 32:] = 1
    painted, everywhere = stylized(frames=frames, style=batch(1), mask=mask), stylized(frames=frames, style=batch(1))
    torch.testing.assert_close(painted[:, :, :32], frames[:, :, :32, :3])
    torch.testing.assert_close(painted[:, :, 32:], everywhere[:, :, 32:])
    moving = mask.repeat(3, 1, 1)
    moving[1] = 0
    torch.testing.assert_close(stylized(frames=frames, style=batch(1), mask=moving)[1], frames[1, ..., :3])


@pytest.mark.usefixtures("toy")
def test_styles_are_mixed_through_links():
    graph = {
        "one": ("ImpastoMixStyles", {"picture": batch(1), "weight": 0.7}),
        "two": ("ImpastoMixStyles", {"name": "monet-water-lilies", "weight": 0.3, "styles": ["one", 0]}),
        "paint": ("ImpastoStylize", {"model": "toy", "frames": batch(2), "styles": ["two", 0]}),
    }
    (first, second) = run_graph(graph, "two")[0]
    assert (first[1], second) == (0.7, ("monet-water-lilies", 0.3))
    assert run_graph(graph, "paint")[0].shape == (2, 48, 64, 3)


def test_a_style_is_a_picture_or_a_name():
    for given in ({}, {"picture": batch(1), "name": "monet-water-lilies"}):
        with pytest.raises(InputError, match="one of the two"):
            run_graph({"1": ("ImpastoMixStyles", given)}, "1")
    with pytest.raises(InputError, match="2 pictures"):
        run_graph({"1": ("ImpastoMixStyles", {"picture": batch(2)})}, "1")


@pytest.mark.usefixtures("toy")
def test_what_a_model_does_not_take_is_told():
    with pytest.raises(UnsupportedOption, match="does not take prompt"):
        stylized(frames=batch(2), style=batch(1), prompt="a woodcut")
    with pytest.raises(InputError, match="Nothing to go by"):
        stylized(frames=batch(2))


def test_only_what_repaints_can_be_chosen():
    (names,) = NODE_CLASS_MAPPINGS["ImpastoStylize"].INPUT_TYPES()["required"]["model"]
    assert names[0] == "swift"
    assert "stylemaster-released" not in names


def test_flicker_is_steadied_along_the_guide():
    guide = batch(6, 128, 96)
    noise = torch.from_numpy(np.random.default_rng(0).normal(0, 0.05, guide.shape).astype(np.float32))
    frames = (guide + noise).clamp(0, 1)
    (steady,) = run_graph({"1": ("ImpastoDeflicker", {"frames": frames, "guide": guide})}, "1")
    (alone,) = run_graph({"1": ("ImpastoDeflicker", {"frames": frames})}, "1")

    def flicker(clip: torch.Tensor) -> float:
        return float((clip[1:, 64:] - clip[:-1, 64:]).abs().mean())

    assert flicker(steady) < 0.7 * flicker(frames)
    assert flicker(alone) < 0.9 * flicker(frames)
    with pytest.raises(InputError, match="6 to steady"):
        run_graph({"1": ("ImpastoDeflicker", {"frames": frames, "guide": guide[:5]})}, "1")


def test_a_taught_net_paints():
    graph = {
        "look": ("ImpastoMixStyles", {"name": "monet-water-lilies"}),
        "net": (
            "ImpastoLearnStyle",
            {"frames": batch(3, 96, 72), "styles": ["look", 0], "name": "ponds", "steps": 1},
        ),
        "paint": ("ImpastoStylize", {"frames": batch(2, 96, 72), "net": ["net", 0], "preset": "draft"}),
    }
    assert run_graph(graph, "paint")[0].shape == (2, 72, 96, 3)
    assert (cache_dir() / "ponds.safetensors").is_file()


@pytest.fixture
def small_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Random weights in the place of the embedded ones."""
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    write_weights(tmp_path)
    forget()
    yield
    forget()


@pytest.mark.usefixtures("small_base")
def test_a_token_lora_of_ones_own_paints(monkeypatch):
    monkeypatch.setitem(STEPS, "draft", 1)
    toy_dreamstyle_nano().save(cache_dir() / "mine.safetensors", as_bytes=True)
    graph = {
        "lora": ("ImpastoTokenLora", {"name": "mine"}),
        "paint": (
            "ImpastoStylize",
            {"frames": batch(1, 96, 64), "style": batch(1), "net": ["lora", 0], "preset": "draft"},
        ),
    }
    assert run_graph(graph, "paint")[0].shape == (1, 64, 96, 3)
    with pytest.raises(ModelError, match="No such model file"):
        run_graph({"1": ("ImpastoTokenLora", {"name": "other"})}, "1")


@pytest.mark.parametrize("node", ["ImpastoLearnStyle", "ImpastoTokenLora"])
@pytest.mark.parametrize("name", ["../net", "/tmp/net", "a/b", ""])
def test_a_workflow_cannot_name_a_file_elsewhere(name, node):
    inputs = {"frames": batch(1), "styles": (("klimt-kiss", 1.0),)} if node == "ImpastoLearnStyle" else {}
    with pytest.raises(InputError, match="no name for a net"):
        run_graph({"1": (node, {**inputs, "name": name})}, "1")


@pytest.mark.usefixtures("toy")
def test_the_styles_pictures_are_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    stylized(frames=batch(2), styles=((batch(1)[0].numpy(), 1.0),))
    assert list(tmp_path.iterdir()) == []
