"""What is told of guidance that is legal and perhaps not meant."""

import pytest

from impasto.scenes.styles import STYLE_KINDS
from impasto.stylizers.dreamstyle.remarks import looks_like_photo, names_style
from impasto.weights.paths import assets_dir

EVAL = assets_dir().resolve() / "eval"


@pytest.mark.parametrize("kind", STYLE_KINDS)
def test_the_styles_that_are_made_by_code_are_styles(kind: str):
    assert names_style(f"a boat, {kind.replace('-', ' ')}")


@pytest.mark.parametrize("prompt", ["a boat on the sea", "two dogs and a cat run to the left", "a red house at night"])
def test_what_only_says_what_there_is_names_no_style(prompt: str):
    assert not names_style(prompt)


@pytest.mark.skipif(not EVAL.is_dir(), reason=f"no data in {EVAL.parent}; see docs/data.md")
def test_photos_are_told_more_often_than_paintings():
    photos, styles = (sorted((EVAL / folder).glob("*.jpg"))[:12] for folder in ("photos", "styles"))
    assert sum(map(looks_like_photo, photos)) >= 4
    assert sum(map(looks_like_photo, styles)) <= 1
