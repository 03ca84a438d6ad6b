"""Measuring whole clips: known cases, baselines, and what happens to a metric that cannot be measured."""

import json
import math
from statistics import fmean

import numpy as np
import pytest
from PIL import Image

from impasto.errors import InputError, UnsupportedOption
from impasto.evaluation.metrics.catalog import CATALOG, metrics
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.setmetrics import distinct_styles
from impasto.evaluation.running.choice import chosen, metric_facts
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.comparison import Comparison
from impasto.evaluation.running.evaluate import evaluate
from impasto.evaluation.running.references import SIDE, References
from impasto.evaluation.running.results import NOT_YET, Evaluation, as_json
from impasto.evaluation.warp_error import warp_error
from impasto.video.source import open_source
from impasto.weights import paths
from tests.clips import make_clip
from tests.evaluation.metrics.toys import sliding, texture

pytestmark = pytest.mark.usefixtures("small_view")
IDEAL = {
    "psnr": math.inf,
    "ssim": 1,
    "lpips-nano": 0,
    "structure-nano": 1,
    "self-similarity-nano": 0,
    "cfsd-nano": 0,
}
OWN = ("warp-error", "warp-error-long", "flicker", "smoothness-nano", "dynamic-degree-nano", "consistency-nano")
"""What a source has figures of its own in."""


def to_bytes(pictures):
    return [np.round(picture * 255).astype(np.uint8) for picture in pictures]


@pytest.fixture
def moving(tmp_path):
    """A second of a window that slides over a texture, without loss."""
    pictures = to_bytes(sliding(list(range(0, 24, 2))))
    return make_clip(
        tmp_path / "moving.mkv", size=(96, 64), fps=12, pictures=pictures, frames=12, codec="ffv1", pixel_format="bgr0"
    )


@pytest.fixture
def unsteady(tmp_path):
    """The same, every third frame darker."""
    pictures = to_bytes([frame * (1 if n % 3 else 0.6) for n, frame in enumerate(sliding(list(range(0, 24, 2))))])
    return make_clip(
        tmp_path / "unsteady.mkv",
        size=(96, 64),
        fps=12,
        pictures=pictures,
        frames=12,
        codec="ffv1",
        pixel_format="bgr0",
    )


def style(path, seed):
    Image.fromarray(to_bytes([texture(seed)])[0]).save(path)
    return path


def measured(comparisons, keys=(), **options) -> Evaluation:
    clips = [Clip(comparison) for comparison in comparisons]
    *_, last = evaluate(clips, chosen(keys, comparisons), **options)
    return last


def test_a_clip_that_is_its_source_has_the_ideal_figures(moving):
    figures = measured([Comparison(output=moving, source=moving)], (*IDEAL, *OWN)).clips[0].figures
    for key, ideal in IDEAL.items():
        assert figures[key].measured.value == pytest.approx(ideal, abs=1e-5), key
    for key in OWN:
        assert figures[key].measured.value == figures[key].measured.source.value, key


def test_unsteadiness_shows_beside_the_steady_source(moving, unsteady):
    keys = ("warp-error", "flicker", "smoothness-nano")
    figures = measured([Comparison(output=unsteady, source=moving)], keys).clips[0].figures
    assert figures["warp-error"].measured.value > 10 * figures["warp-error"].measured.source.value
    assert figures["flicker"].measured.value < figures["flicker"].measured.source.value
    assert figures["smoothness-nano"].measured.value < figures["smoothness-nano"].measured.source.value


@pytest.mark.parametrize(("key", "step"), [("warp-error", 1), ("warp-error-long", 5)])
def test_the_curve_of_the_warp_error_is_made_of_its_pairs(moving, unsteady, key, step):
    figure = measured([Comparison(output=unsteady, source=moving)], [key]).clips[0].figures[key]
    read = [[frame.rgb for frame in open_source(path).frames()] for path in (moving, unsteady)]
    whole = warp_error(*read, step=step)
    assert figure.measured.value == pytest.approx(whole.output)
    assert figure.measured.source.value == pytest.approx(whole.source)
    assert len(figure.measured.curve) == len(figure.times) == 12 - step
    assert fmean(figure.measured.curve) == pytest.approx(whole.output)


def test_times_lie_within_the_clip(moving):
    figures = measured([Comparison(output=moving, source=moving)], ("psnr", "flicker")).clips[0].figures
    assert figures["psnr"].times == pytest.approx([n / 12 for n in range(0, 12, 2)], abs=1e-3)
    assert min(figures["flicker"].times) > 0
    assert max(figures["flicker"].times) < 1


def test_every_frame_is_looked_at_where_that_is_wanted(moving):
    some = measured([Comparison(output=moving, source=moving)], ["ssim"])
    all_of_them = measured([Comparison(output=moving, source=moving)], ["ssim"], every_frame=True)
    counts = [len(each.clips[0].figures["ssim"].measured.curve) for each in (some, all_of_them)]
    assert counts == [some.clips[0].looks, all_of_them.clips[0].looks] == [6, 12]
    frames = [as_json(each)["metrics"]["ssim"]["frames"] for each in (some, all_of_them)]
    assert frames[0] == f"of about 8 frames a second: {frames[1]}"


def test_sets_are_of_all_clips_with_the_sources_as_baseline(moving, unsteady, tmp_path):
    styles = [style(tmp_path / f"{seed}.png", seed) for seed in (1, 2)]
    pairs = [Comparison(output=each, source=moving, styles=tuple(styles)) for each in (moving, unsteady)]
    keys = ("fid-nano", "kid-nano", "artfid-nano", "lpips-nano")
    found = measured(pairs, keys)
    fid, kid, artfid = (found.together[key].measured for key in keys[:3])
    assert fid.detail == {"outputs": 12, "styles": 2}
    assert fid.value != fid.source.value
    assert kid.value != kid.source.value
    protocol = as_json(found)["metrics"]["fid-nano"]
    assert protocol["frames"].endswith("each style picture once")
    assert "no side over 1024" in protocol["resize"]
    assert artfid.source is None  # it compares with the source already
    lpips = fmean(each.figures["lpips-nano"].measured.value for each in found.clips)
    assert artfid.value == pytest.approx((1 + lpips) * (1 + fid.value), rel=1e-6)


def test_one_style_is_no_set(moving, tmp_path):
    comparison = Comparison(output=moving, styles=(style(tmp_path / "1.png", 1),))
    assert "at least 2 styles" in measured([comparison], ["fid-nano"]).together["fid-nano"].reason


def test_a_style_that_many_outputs_share_counts_once():
    shared, other = texture(1), texture(2)
    references = [Reference(styles=(shared, other)), Reference(styles=(shared.copy(),))]
    assert len(distinct_styles(references)) == 2


def test_large_references_are_made_smaller(tmp_path):
    Image.new("RGB", (3000, 1500)).save(tmp_path / "wide.png")
    (picture,) = References().of(Comparison(output=tmp_path, styles=(tmp_path / "wide.png",))).styles
    assert picture.shape == (SIDE // 2, SIDE, 3)


def test_a_clip_too_short_for_a_metric_says_so_and_the_rest_goes_on(moving, tmp_path):
    short = make_clip(tmp_path / "short.mp4", size=(96, 64), frames=2, fps=12)
    pairs = [Comparison(output=each, source=each) for each in (short, moving)]
    first, second = measured(pairs, ("psnr", "warp-error-long", "smoothness-nano")).clips
    assert first.figures["psnr"].measured
    assert "5 apart" in first.figures["warp-error-long"].reason
    assert "at least 3" in first.figures["smoothness-nano"].reason
    assert not any(figure.reason for figure in second.figures.values())


def test_missing_weights_are_a_reason(moving, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "EMBEDDED", tmp_path)
    found = measured([Comparison(output=moving, source=moving)], ("psnr", "lpips-nano"))
    figure = found.clips[0].figures["lpips-nano"]
    assert "encoder.safetensors" in figure.reason
    assert figure.weights_missing
    assert found.failures == [figure]
    facts = {each.key: each for each in metric_facts()}
    assert "encoder.safetensors" in facts["lpips-nano"].missing
    assert not facts["psnr"].missing


def test_what_is_known_grows_and_the_rest_waits(moving):
    comparison = Comparison(output=moving, source=moving)
    states = list(evaluate([Clip(comparison)], chosen(("psnr", "flicker"), [comparison])))
    waiting = [sum(figure == NOT_YET for figure in each.clips[0].figures.values()) for each in states]
    assert waiting == [2, 1, 0, 0]
    assert [each.complete for each in states] == [False, False, True, True]


def test_the_summary_is_of_the_clips(moving, unsteady):
    pairs = [Comparison(output=each, source=moving) for each in (moving, unsteady)]
    found = measured(pairs, ("ssim", "flicker"))
    values = [each.figures["flicker"].measured.value for each in found.clips]
    summary = found.summary()["flicker"]
    assert (summary.clips, summary.least, summary.most) == (2, min(values), max(values))
    assert summary.mean == pytest.approx(fmean(values))
    assert summary.deviation == pytest.approx(np.std(values, ddof=1))
    assert summary.source == pytest.approx(found.clips[0].figures["flicker"].measured.source.value)
    assert found.summary()["ssim"].source is None


def test_json_has_no_numbers_that_are_none(moving):
    told = as_json(measured([Comparison(output=moving, source=moving)], ["psnr"]))
    json.dumps(told, allow_nan=False)
    assert told["clips"][0]["figures"]["psnr"]["value"] == "inf"


@pytest.mark.parametrize(
    ("key", "part"),
    [("psrn", "did you mean 'psnr'"), ("beauty", "evaluate metrics"), ("psnr", "--source"), ("fid-nano", "--style")],
)
def test_what_cannot_be_chosen(key, part, tmp_path):
    with pytest.raises(UnsupportedOption, match=part):
        chosen([key], [Comparison(output=tmp_path / "out.mp4")])


def test_by_default_all_is_chosen_that_fits_what_is_given(tmp_path):
    given = Comparison(output=tmp_path, source=tmp_path)
    keys = {metric.key for metric in chosen((), [given])}
    assert {"psnr", "flicker"} <= keys
    assert not {"fid-nano", "artfid-nano"} & keys  # they need a style
    assert not {"cfsd", "cfsd-caffe"} & keys  # they take half a minute a frame
    assert [metric.key for metric in chosen(("cfsd-caffe",), [given])] == ["cfsd-caffe"]


def test_keys_are_unique_and_every_metric_can_be_listed():
    assert len(metric_facts()) == len(metrics()) == sum(map(len, CATALOG))


def test_a_moment_is_looked_at_once_for_output_and_baseline():
    seen = []
    look = Look(texture(1), texture(2))
    for each in (look, look.unpainted(), look):
        each.in_output(seen.append)
    look.in_source(seen.append)
    assert len(seen) == 2
    with pytest.raises(InputError, match="source"):
        look.unpainted().in_source(seen.append)


def test_a_metric_without_need_of_the_source_is_measured_on_it(moving, unsteady):
    metric = FrameMetric(
        key="light", protocol=metrics()["psnr"].protocol, begin=lambda _: lambda look: float(look.output.mean())
    )
    *_, last = evaluate([Clip(Comparison(output=unsteady, source=moving))], [metric])
    figure = last.clips[0].figures["light"].measured
    source = [frame.rgb.mean() / 255 for frame in open_source(moving).frames()][::2]
    assert figure.source.value == pytest.approx(fmean(source), abs=1e-5)
    assert len(figure.source.curve) == len(figure.curve)
