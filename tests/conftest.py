"""Fixtures for all tests."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto.stylizers import registry
from tests.toy import TOY

if "PYTEST_XDIST_WORKER" in os.environ:  # workers with several threads each would hold each other up many times over
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"  # of the commands that tests start


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or fills the cache of the user."""
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch):
    """Registers the toy model under its name."""
    monkeypatch.setitem(registry.MODELS, "toy", TOY)
    return TOY


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    """A style picture."""
    path = tmp_path / "painting.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)).save(path)
    return path
