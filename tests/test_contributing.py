"""The worked example of CONTRIBUTING.md, run as it stands there."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from impasto.guidance import Guidance, Style
from impasto.job.request import Request
from impasto.job.run import run
from impasto.stylizers import registry
from impasto.stylizers.base import Model

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"


@pytest.fixture
def posterize(monkeypatch: pytest.MonkeyPatch) -> Model:
    """The two blocks of code as the modules that they are said to be."""
    stylizer_code, registry_code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    package = "impasto.stylizers.posterize"
    stylizer = ModuleType(f"{package}.stylizer")
    exec(stylizer_code, vars(stylizer))
    monkeypatch.setitem(sys.modules, package, ModuleType(package))
    monkeypatch.setitem(sys.modules, stylizer.__name__, stylizer)
    entry: dict[str, Model] = {}
    exec(registry_code, entry)
    model = entry["POSTERIZE"]
    assert model.capabilities == stylizer.CAPABILITIES
    monkeypatch.setitem(registry.MODELS, model.name, model)
    return model


@pytest.mark.parametrize(("preset", "colors"), [("draft", 4), ("high", 9)])
def test_the_example_paints_with_the_colours_it_promises(posterize, painting, tmp_path, preset, colors):
    source, output = tmp_path / "photo.png", tmp_path / "painted.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8)).save(source)
    guidance = Guidance(styles=(Style(image=painting),))
    run(Request(source=source, output=output, guidance=guidance, model=posterize.name, preset=preset))
    painted = np.asarray(Image.open(output))
    assert painted.shape == (40, 50, 3)
    assert len(np.unique(painted.reshape(-1, 3), axis=0)) == colors
