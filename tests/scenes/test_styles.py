"""Style pictures made by code: valid for every medium, repeatable, and different each time."""

import numpy as np
import pytest

from impasto.errors import UnsupportedOption
from impasto.scenes.styles import STYLE_KINDS, style_picture
from impasto.scenes.styles.composition import composition


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", STYLE_KINDS)
def test_a_style_is_a_picture_of_its_seed(kind: str) -> None:
    size = (96, 130)
    subject = composition(rng(0), (120, 150))
    first, again, other = (style_picture(kind, rng(seed), size, subject) for seed in (1, 1, 2))
    for picture in (first, other):
        assert picture.shape == (*size, 3)
        assert picture.dtype == np.float32
        assert np.isfinite(picture).all()
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert picture.std() > 0.03, "a blank sheet teaches nothing"
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.02


@pytest.mark.parametrize("kind", STYLE_KINDS)
def test_a_style_invents_a_subject(kind: str) -> None:
    picture = style_picture(kind, rng(5), (64, 64))
    assert picture.shape == (64, 64, 3)
    assert picture.std() > 0.02


@pytest.mark.parametrize("kind", ["ink-wash", "halftone", "mosaic", "oil"])
def test_the_subject_remains_visible(kind: str) -> None:
    half = np.full((128, 128, 3), 0.1, np.float32)
    half[:, 64:] = 0.9
    gray = style_picture(kind, rng(3), (128, 128), half).mean(-1)
    assert gray[:, 72:].mean() > gray[:, :56].mean() + 0.15


def test_flat_subjects_do_not_break_a_style() -> None:
    for kind in STYLE_KINDS:
        for level in (0.0, 0.5, 1.0):
            picture = style_picture(kind, rng(0), (48, 64), np.full((40, 40, 3), level, np.float32))
            assert np.isfinite(picture).all(), kind


def test_an_unknown_style_names_the_known_ones() -> None:
    with pytest.raises(UnsupportedOption, match="woodcut"):
        style_picture("fresco", rng(0))
