"""The recipes that `impasto train` offers."""

from collections.abc import Iterator

import pytest

from impasto.errors import ImpastoError
from impasto.training.recipes import RECIPES
from impasto.weights import paths

SELF_SUFFICIENT = {"depth-nano"}
"""They render all that they learn from."""


@pytest.mark.parametrize("name", [name for name in RECIPES if name not in SELF_SUFFICIENT])
def test_every_recipe_can_be_made_and_says_what_it_lacks(name, tmp_path, monkeypatch):
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "nowhere"))
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    monkeypatch.setattr(paths, "EMBEDDED", tmp_path / "nowhere")
    progress = RECIPES[name]()
    assert isinstance(progress, Iterator)
    with pytest.raises(ImpastoError, match=r"nowhere|are missing|`impasto (train|curate)"):
        next(progress)
