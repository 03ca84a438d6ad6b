"""Styles that change over time: when, how smoothly, and the same whatever the segments."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.errors import InputError, UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job import segments
from impasto.job.plan import make_plan
from impasto.job.request import Request
from impasto.job.run import run
from impasto.video.source import open_source
from tests.clips import make_clip
from tests.job.test_run import two_shots

FPS = 10
FRAMES = 40


def frames_of(path: Path) -> np.ndarray:
    return np.stack([frame.rgb for frame in open_source(path).frames()]).astype(float)


@pytest.fixture
def styles(tmp_path: Path) -> list[Path]:
    """Two flat pictures, red and blue, with a little noise."""
    paths = []
    for name, color in (("red", (220, 40, 30)), ("blue", (30, 50, 210)), ("green", (30, 200, 60))):
        noise = np.random.default_rng(len(name)).integers(-30, 30, (48, 64, 3))
        paths.append(tmp_path / f"{name}.png")
        Image.fromarray(np.clip(noise + color, 0, 255).astype(np.uint8)).save(paths[-1])
    return paths


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mkv", frames=FRAMES, fps=FPS, codec="ffv1", pixel_format="bgr0")


def request_for(source: Path, *styles: Style, model: str = "swift", **options) -> Request:
    out = source.with_name("out.mkv")
    return Request(
        source=source, output=out, guidance=Guidance(styles=styles), model=model, preset="draft", codec="ffv1",
        overwrite=True, **options,
    )  # fmt: skip


def painted(request: Request) -> np.ndarray:
    run(request)
    return frames_of(request.output)


def test_before_the_change_one_style_after_the_fade_the_other(clip, styles):
    red, blue = Style(image=styles[0]), Style(image=styles[1], start=Fraction(2))
    changing = painted(request_for(clip, red, blue))
    np.testing.assert_array_equal(changing[:20], painted(request_for(clip, red))[:20])
    warmth = (changing[..., 0] - changing[..., 2]).mean((1, 2))
    assert warmth[19] > 60
    assert warmth[30] < -60
    steps = -np.diff(warmth[19:31])
    assert steps.min() > 0  # towards blue in every frame
    assert steps.max() < 2.5 * steps.mean()  # and never at once


@pytest.mark.parametrize("longest", [7, 11])
def test_segments_do_not_show_not_even_within_a_fade(clip, styles, monkeypatch, longest):
    request = request_for(clip, Style(image=styles[0]), Style(image=styles[1], start=Fraction(3, 2)))
    whole = painted(request)
    monkeypatch.setattr(segments, "LONGEST", longest)
    assert len(make_plan(request).segments) > 3
    np.testing.assert_array_equal(painted(request), whole)


def test_at_a_cut_at_once(tmp_path, styles):
    source = two_shots(tmp_path / "in.mkv")  # 25 frames a second, a cut at frame 20
    red, blue = Style(image=styles[0]), Style(image=styles[1], start=Fraction(20, 25))
    changing = painted(request_for(source, red, blue))
    np.testing.assert_array_equal(changing[:20], painted(request_for(source, red))[:20])
    np.testing.assert_array_equal(changing[20:], painted(request_for(source, Style(image=styles[1])))[20:])


def test_a_fade_ends_at_a_cut_and_before_the_next_change(tmp_path, clip, styles):
    source = two_shots(tmp_path / "two.mkv")
    a, b, c = styles
    plan = make_plan(request_for(source, Style(image=a), Style(image=b, start=Fraction(15, 25))))
    assert [(look.shot, look.start, look.whole) for look in plan.looks] == [(0, 0, 0), (0, 15, 20), (1, 20, 20)]
    quick = make_plan(
        request_for(clip, Style(image=a), Style(image=b, start=Fraction(1)), Style(image=c, start=Fraction(3, 2)))
    )
    assert [(look.start, look.whole) for look in quick.looks] == [(0, 0), (10, 15), (15, 25)]


def test_several_styles_at_the_same_time_are_still_mixed(clip, styles):
    mixed = [Style(image=styles[1], start=Fraction(1), weight=3), Style(image=styles[2], start=Fraction(1))]
    plan = make_plan(request_for(clip, Style(image=styles[0]), *mixed))
    assert [[style.weight for style in look.styles] for look in plan.looks] == [[1], [3, 1]]


def test_the_change_counts_in_times_also_at_a_variable_rate(tmp_path, styles):
    times = [Fraction(n * n + 20 * n, 600) for n in range(40)]
    source = make_clip(tmp_path / "in.mp4", times=times, time_base=Fraction(1, 600))
    plan = make_plan(request_for(source, Style(image=styles[0]), Style(image=styles[1], start=Fraction(1))))
    assert [(look.start, look.whole) for look in plan.looks] == [(0, 0), (17, 27)]


@pytest.mark.usefixtures("toy")
def test_every_model_can_change_its_style(clip, styles):
    same = painted(request_for(clip, Style(image=styles[0]), model="toy"))
    plan = request_for(clip, Style(image=styles[0]), Style(image=styles[1], start=Fraction(2)), model="toy")
    # The toy ignores the picture and darkens frame by frame: the second begins anew.
    seen = painted(plan)
    np.testing.assert_array_equal(seen[:20], same[:20])
    assert (seen[35] > same[35]).any()


def test_a_time_after_the_end_is_refused(clip, styles):
    with pytest.raises(UnsupportedOption, match="starts at 0:04 and the source ends at 0:04"):
        make_plan(request_for(clip, Style(image=styles[0]), Style(image=styles[1], start=Fraction(4))))


def test_a_beginning_without_style_is_refused(clip, styles):
    with pytest.raises(InputError, match="No style holds before 0:02"):
        make_plan(request_for(clip, Style(image=styles[0], start=Fraction(2))))
