"""The table of named styles, and its recipe on a small part of it."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open

from impasto.stylizers.feedforward.styles import STYLES, NamedStyle, named_code, named_styles
from impasto.stylizers.feedforward.swift import picture_code
from impasto.training import namedstyles
from impasto.training.namedstyles import LICENCES, PREVIEW_BYTES, Painting, make_named_styles, paintings, preview_jpeg


def test_names_are_slugs_and_differ():
    names = [painting.style.name for painting in paintings()]
    assert 48 <= len(names) <= 56
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in names)


def test_every_row_is_complete_and_free():
    for painting in paintings():
        assert painting.style.licence in LICENCES
        assert all(vars(painting.style).values()), painting.style.name


def test_measuring_pictures_are_not_named_styles():
    assert not any("eval" in painting.file.parts for painting in paintings())
    missing = [painting.file for painting in paintings() if not painting.file.is_file()]
    if len(missing) == len(paintings()):
        pytest.skip(f"no paintings in {missing[0].parent}; see docs/data.md")
    assert not missing


def test_recipe_writes_codes_that_load_again(tmp_path, monkeypatch):
    rng, rows = np.random.default_rng(0), []
    for name in ("one-red", "two-blue"):
        file = tmp_path / f"{name}.png"
        Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8)).save(file)
        rows.append(Painting(NamedStyle(name, "Title", "Artist", "1900", "Movement", "public domain"), file))
    monkeypatch.setattr(namedstyles, "paintings", lambda: rows)
    steps = list(make_named_styles(tmp_path / STYLES))
    assert [step.name for step in steps] == ["one-red", "two-blue"]

    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    try:
        assert list(named_styles()) == ["one-red", "two-blue"]
        kept, exact = named_code("two-blue"), picture_code(rows[1].file)
    finally:
        named_styles.cache_clear()  # other tests want the embedded ones
    np.testing.assert_allclose(kept.statistics, exact.statistics, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(kept.colors.covariance, exact.colors.covariance)
    with safe_open(tmp_path / STYLES, "np") as file:
        assert file.get_tensor("statistics").dtype == np.float16


def test_previews_fit_their_budget():
    noise = np.random.default_rng(1).integers(0, 255, (135, 240, 3), np.uint8)
    data = preview_jpeg(noise)
    assert len(data) <= PREVIEW_BYTES
    assert Image.open(BytesIO(data)).size == (240, 135)
