"""The report: what it shows, that it needs nothing beside itself, and that nothing from outside becomes markup."""

import io
import json
import math
from base64 import b64decode
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from PIL import Image

from impasto.errors import OutputProblem
from impasto.evaluation.metrics.metric import Measured
from impasto.evaluation.report.contactsheet import SIDE, contact_sheet
from impasto.evaluation.report.curves import BOTTOM, HEIGHT, LEFT, POINTS, RIGHT, TOP, WIDTH, plot, ticks
from impasto.evaluation.report.writing import check_folder, write_evaluation
from impasto.evaluation.running.choice import chosen
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.comparison import Comparison
from impasto.evaluation.running.evaluate import evaluate
from impasto.evaluation.running.external import ExternalFigure
from impasto.evaluation.running.results import ClipResult, Evaluation, Figure
from tests.clips import make_clip

KEYS = ("psnr", "flicker", "colour-drift", "smoothness-nano")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def clip(tmp_path):
    return make_clip(tmp_path / "out.mp4", frames=30)


def evaluated(*comparisons: Comparison, keys=KEYS, external=()) -> Evaluation:
    *_, last = evaluate([Clip(each) for each in comparisons], chosen(keys, comparisons), external=external)
    return last


def page_of(evaluation: Evaluation, folder) -> Page:
    write_evaluation(evaluation, folder, ["impasto", "evaluate", "run", "a file"])
    return Page((folder / "evaluation.html").read_text(encoding="utf-8"))


def test_the_page_needs_nothing_beside_itself(clip, tmp_path, painting):
    page = page_of(evaluated(Comparison(output=clip, source=clip, styles=(painting,))), tmp_path / "report")
    assert not {"script", "link", "iframe", "object", "embed"} & {tag for tag, _ in page.tags}
    assert len(page.named("img")) == 6 + 6 + 1
    for attributes in page.named("img"):
        assert attributes["src"].startswith("data:image/jpeg;base64,")
        assert attributes["alt"]
        with Image.open(io.BytesIO(b64decode(attributes["src"].partition(",")[2]))) as picture:
            assert max(picture.size) <= SIDE
    assert all(attributes["href"].startswith("#") for attributes in page.named("a"))
    assert "default-src 'none'" in page.named("meta")[2]["content"]


def test_every_link_to_a_protocol_has_its_place(clip, tmp_path):
    evaluation = evaluated(Comparison(output=clip, source=clip))
    page = page_of(evaluation, tmp_path / "report")
    places = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {attributes["href"][1:] for attributes in page.named("a")} <= places
    for metric in evaluation.metrics:
        assert metric.key in places
        for text in (metric.protocol.definition, metric.protocol.extractor, metric.protocol.trap):
            assert text in page.text


def test_figures_stand_beside_the_source_and_over_time(clip, tmp_path):
    evaluation = evaluated(Comparison(output=clip, source=clip))
    page = page_of(evaluation, tmp_path / "report")
    flicker = evaluation.clips[0].figures["flicker"].measured.value
    assert page.text.count(f"{flicker:.4g}") == 2
    assert "∞" in page.text
    assert "higher is better; dashed: the source" in page.text
    assert "deltaE of each second from the first" in page.text
    assert len(page.named("svg")) == 2  # an endless PSNR cannot be drawn, smoothness has one figure
    assert "Over all clips" not in page.text
    assert "impasto evaluate run 'a file'" in page.text


def test_several_clips_have_a_summary(clip, tmp_path):
    page = page_of(evaluated(Comparison(output=clip), Comparison(output=clip), keys=["flicker"]), tmp_path / "report")
    assert "Over all clips" in page.text
    assert "Evaluation of 2 clips" in page.text


def test_names_and_prompts_do_not_become_markup(tmp_path):
    evil = '<script>alert("1")<img src=x>'
    output = make_clip(tmp_path / f"{evil}.mp4", frames=30)
    figure = ExternalFigure(metric=evil, value=1.0, clip="", tool=evil, version="1", settings=evil)
    comparison = Comparison(output=output, prompt=evil)
    page = page_of(evaluated(comparison, keys=["flicker"], external=[figure]), tmp_path / "report")
    assert page.named("script") == []
    assert all("onerror" not in attributes and attributes["src"] != "x" for attributes in page.named("img"))
    assert page.text.count(evil) >= 6


def test_what_was_not_measured_says_why(tmp_path):
    short = make_clip(tmp_path / "short.mp4", frames=2)
    page = page_of(evaluated(Comparison(output=short), keys=["smoothness-nano"]), tmp_path / "report")
    assert "not measured: The video has 2 frames; this metric needs at least 3." in page.text


def test_an_interrupted_evaluation_says_so(clip, tmp_path):
    comparison = Comparison(output=clip)
    first = next(evaluate([Clip(comparison)], chosen(["flicker"], [comparison])))
    page = page_of(first, tmp_path / "report")
    assert "Stopped before everything was measured" in page.text
    assert json.loads((tmp_path / "report" / "evaluation.json").read_text())["complete"] is False


def test_external_figures_stand_apart(clip, tmp_path):
    figure = ExternalFigure(metric="FID", value=21.5, clip="out.mp4", tool="clean-fid", version="0.1", settings="all")
    page = page_of(evaluated(Comparison(output=clip), keys=["flicker"], external=[figure]), tmp_path / "report")
    assert "external" in page.text
    assert "clean-fid 0.1; all" in page.text
    told = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert told["external"][0]["value"] == 21.5
    assert list(told["clips"][0]["figures"]) == ["flicker"]


def test_the_keys_of_the_json_are_stable(clip, tmp_path):
    told = write_evaluation(evaluated(Comparison(output=clip, source=clip)), tmp_path / "report", ["impasto"])
    assert told == json.loads((tmp_path / "report" / "evaluation.json").read_text(encoding="utf-8"))
    assert set(told) == {
        *("command", "date", "machine", "versions", "complete", "every_frame"),
        *("metrics", "clips", "together", "summary", "external"),
    }
    (shown,) = told["clips"]
    assert set(shown) == {
        *("output", "source", "styles", "prompt", "first_frame", "width", "height", "fps", "frames", "seconds"),
        *("looks", "aligned", "notes", "figures"),
    }
    assert set(shown["figures"]["flicker"]) == {
        *("value", "source", "reason", "detail", "source_detail", "times", "curve", "source_curve"),
    }
    assert set(told["metrics"]["flicker"]) == {
        *("name", "better", "definition", "extractor", "resize", "frames", "trap", "unit", "needs"),
    }


def test_a_contact_sheet_of_a_picture_has_one_moment(painting):
    clip = Clip(Comparison(output=painting))
    (strip,) = contact_sheet(clip)
    assert (strip.title, [tile.label for tile in strip.tiles]) == ("Output", ["0.0 s"])


def test_a_report_is_replaced_only_on_demand(clip, tmp_path):
    folder = tmp_path / "report"
    check_folder(folder, overwrite=False)
    write_evaluation(evaluated(Comparison(output=clip), keys=["flicker"]), folder, [])
    with pytest.raises(OutputProblem, match="--overwrite"):
        check_folder(folder, overwrite=False)
    check_folder(folder, overwrite=True)
    assert {path.name for path in folder.iterdir()} == {"evaluation.json", "evaluation.html"}
    with pytest.raises(OutputProblem, match="is a file"):
        check_folder(clip, overwrite=True)
    with pytest.raises(OutputProblem, match="does not exist"):
        check_folder(tmp_path / "no" / "where", overwrite=True)


def points(lines):
    return [tuple(map(float, point.split(","))) for line in lines for point in line.split()]


def test_a_curve_stays_on_its_sheet_and_rises_where_the_figure_does():
    drawn = plot([0.5, 1, 1.5], [1, 3, 2], [0, 0, 0], 2.0)
    (x1, y1), (x2, y2), (x3, y3) = points(drawn.lines)
    assert LEFT < x1 < x2 < x3 < WIDTH - RIGHT
    assert TOP <= y2 < y3 < y1 <= HEIGHT - BOTTOM
    assert x2 == pytest.approx((LEFT + WIDTH - RIGHT) / 2, abs=0.1)
    assert len({y for _, y in points(drawn.source_lines)}) == 1


def test_what_is_not_finite_leaves_a_gap():
    drawn = plot([0, 1, 2, 3, 4], [1, 2, math.nan, 2, 1], [], 5.0)
    assert [len(line.split()) for line in drawn.lines] == [2, 2]
    assert plot([0, 1], [math.inf, math.inf], [], 2.0) is None
    assert plot([0], [1.0], [], 1.0) is None


def test_a_long_curve_is_averaged():
    count = 5 * POINTS
    drawn = plot([n / 25 for n in range(count)], [n % 5 for n in range(count)], [], count / 25)
    assert drawn.averaged == 5
    assert len(points(drawn.lines)) == POINTS
    assert len({y for _, y in points(drawn.lines)}) == 1


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 1), (0.2, 0.23), (-3, 5), (0, 0), (1, 1), (1e-7, 3e-7), (17.6, 18.4), (0, 5000), (-2, -2), (1e-13, 1e-13)],
)
def test_ticks_enclose_with_few_round_numbers(low, high):
    found = ticks(low, high)
    assert found[0] <= low + 1e-12
    assert found[-1] >= high - 1e-12
    assert 3 <= len(found) <= 7
    steps = [b - a for a, b in pairwise(found)]
    assert min(steps) > 0
    assert max(steps) == pytest.approx(min(steps))


def test_figures_of_any_size_are_drawn(clip, tmp_path):
    comparison = Comparison(output=clip)
    (metric,) = chosen(["flicker"], [comparison])
    curve = tuple(1e-9 * n for n in range(5))
    figure = Figure(measured=Measured(value=1e-9, curve=curve), times=(0.1, 0.2, 0.3, 0.4, 0.5))
    result = ClipResult(clip=Clip(comparison), step=1, figures={"flicker": figure})
    page = page_of(Evaluation(metrics=(metric,), clips=(result,)), tmp_path / "report")
    assert len(page.named("polyline")) == 1
