"""The grammar of times, styles and keyframes."""

from fractions import Fraction
from pathlib import Path

import pytest

from impasto.errors import InputError
from impasto.guidance import Keyframe, Style
from impasto.job.values import parse_keyframe, parse_rate, parse_style, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("7s", 7),
        ("7.5s", Fraction(15, 2)),
        ("0:07", 7),
        ("1:02:03.5", Fraction(7447, 2)),
        ("90:00", 5400),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "-1", "1:", ":7", "0:75", "1:60:00", "0:07s", "7.", "1e3", "monet", "1:2:3:4"]
)
def test_what_is_no_time(text):
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [("24", 24), ("29.97002997", Fraction(30000, 1001)), ("23.976023976", Fraction(24000, 1001)), (None, None)],
)
def test_rates_are_those_of_codecs(text, rate):
    assert parse_rate(text) == rate


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("x.jpg", "a=0.5", "7=x.jpg", "b=c.jpg"):
        (tmp_path / name).write_bytes(b"")


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("x.jpg", Style(image=Path("x.jpg"))),
        ("monet-water-lilies", Style(name="monet-water-lilies")),
        # A file is taken whole, whatever its name looks like.
        ("a=0.5", Style(image=Path("a=0.5"))),
        ("7=x.jpg", Style(image=Path("7=x.jpg"))),
        ("x.jpg=0.3", Style(image=Path("x.jpg"), weight=0.3)),
        ("b=c.jpg=2", Style(image=Path("b=c.jpg"), weight=2.0)),
        ("ink=.5", Style(name="ink", weight=0.5)),
        ("0:07=ink", Style(name="ink", start=Fraction(7))),
        ("0:07=b=c.jpg", Style(image=Path("b=c.jpg"), start=Fraction(7))),
        ("0:07=x.jpg=0.3", Style(image=Path("x.jpg"), weight=0.3, start=Fraction(7))),
    ],
)
def test_styles(text, style):
    assert parse_style(text) == style


@pytest.mark.parametrize(
    "text", ["", "x.jpg=0", "x.jpg=-1", "ink=much", "ink=nan", "ink=inf", "missing.jpg", "no/such"]
)
def test_wrong_styles_are_told(text):
    with pytest.raises(InputError):
        parse_style(text)


def test_keyframes():
    assert parse_keyframe("1:30=x.jpg") == Keyframe(time=Fraction(90), image=Path("x.jpg"))
    for wrong in ("x.jpg", "soon=x.jpg", "7="):
        with pytest.raises(InputError, match="TIME=PICTURE"):
            parse_keyframe(wrong)
