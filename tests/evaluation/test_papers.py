"""The tables of the papers, over folders of results at toy size."""

import json
from pathlib import Path
from statistics import fmean

import pytest

from impasto.evaluation.metrics import catalog
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.metrics.metric import FrameMetric
from impasto.evaluation.papers.columns import TABLES
from impasto.evaluation.papers.published import published
from impasto.video.pictures import write_picture
from tests.cli.conftest import impasto
from tests.clips import make_clip, picture

__all__ = ["impasto"]

PRINTED = {
    "stylemaster-image": ["CSD", "ArtFID", "FID", "LPIPS", "CFSD"],
    "stylemaster-t2v": ["CLIP-text", "UMT", "CSD", "VisualQ", "DynQ", "MotionSmooth"],
    "stylemaster-v2v": ["CSD", "CLIP-text", "UMT", "VisQ", "Dyn", "MS"],
    "dreamstyle-text": ["CLIP-T", "DINO", "Dynamic", "Aesthetic", "Imaging", "Subject", "Background"],
    "dreamstyle-style-image": ["CSD", "DINO", "Dynamic", "Aesthetic", "Imaging", "Subject", "Background"],
    "dreamstyle-first-frame": ["CSD", "DINO", "Dynamic", "Aesthetic", "Imaging", "Subject", "Background"],
}
"""The papers' own columns, in their order."""
CHEAP = ("smoothness-nano", "dynamic-degree-nano", "csd")


@pytest.fixture(autouse=True)
def few_metrics(monkeypatch, tmp_path):
    """Two that need no network, and one whose weights are missing."""
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr(catalog, "CATALOG", (tuple(metrics()[key] for key in CHEAP),))


def add(results: Path, method: str, **clips: str) -> None:
    """A method with clips by name, each with the CRF that it is encoded with, and a style picture."""
    (results / method).mkdir(parents=True)
    write_picture(results / method / "style.png", picture(0, 32, 32))
    for name, crf in clips.items():
        make_clip(results / method / f"{name}.mp4", frames=8, fps=8, options={"crf": crf})
    items = [{"output": f"{name}.mp4", "styles": ["style.png"]} for name in clips]
    (results / method / "comparisons.json").write_text(json.dumps(items))


@pytest.fixture
def results(tmp_path) -> Path:
    add(tmp_path / "results", "ours", one="10", two="45")
    add(tmp_path / "results", "other", one="20")
    return tmp_path / "results"


@pytest.mark.parametrize("name", TABLES)
def test_the_columns_begin_as_the_paper_prints_them(name):
    titles = [column.title for column in TABLES[name].columns]
    assert titles[: len(PRINTED[name])] == PRINTED[name]
    assert all(title.endswith("-nano") or title == "CLIP-T by X-CLIP" for title in titles[len(PRINTED[name]) :])


@pytest.mark.parametrize("name", TABLES)
def test_a_column_has_a_metric_of_ours_or_says_why_not(name, monkeypatch):
    monkeypatch.undo()
    for column in TABLES[name].columns:
        assert bool(column.metric) != bool(column.absent)
        assert column.metric in metrics() or not column.metric
        assert column.title.endswith("-nano") == column.metric.endswith("-nano")


@pytest.mark.parametrize("name", TABLES)
def test_published_rows_have_columns_of_the_paper(name):
    paper = published(name)
    assert paper.rows
    assert paper.source
    assert all(set(row.values) <= set(PRINTED[name]) for row in paper.rows)


def test_published_artfid_is_made_of_the_published_fid_and_lpips():
    for row in published("stylemaster-image").rows:
        product = (1 + row.values["LPIPS"]) * (1 + row.values["FID"])
        assert row.values["ArtFID"] == pytest.approx(product, rel=0.01)


def test_a_row_is_the_mean_over_the_clips_of_its_method(impasto, results):
    ran = impasto("evaluate", "table", "stylemaster-v2v", results, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert json.loads((results / "stylemaster-v2v.json").read_text()) == told
    rows = {row["method"]: row for row in told["rows"]}
    assert {method: row["clips"] for method, row in rows.items()} == {"ours": 2, "other": 1}

    clips = [results / "ours" / f"{name}.mp4" for name in ("one", "two")]
    alone = json.loads(impasto("evaluate", "run", *clips, "--metric", "smoothness-nano", "-o", "alone", "--json").out)
    values = [clip["figures"]["smoothness-nano"]["value"] for clip in alone["clips"]]
    assert values[0] != values[1]
    assert rows["ours"]["cells"]["MS-nano"]["value"] == pytest.approx(fmean(values))


def test_what_is_not_measured_says_why(impasto, results):
    impasto("evaluate", "table", "stylemaster-v2v", results)
    cells = json.loads((results / "stylemaster-v2v.json").read_text())["rows"][0]["cells"]
    assert "CSD-ViT-L" in cells["CSD"]["reason"]
    assert "no class of transformers" in cells["UMT"]["reason"]
    page = (results / "stylemaster-v2v.md").read_text()
    assert "| ours | 2 | not measured |" in page
    assert "## Published, other protocol, not comparable" in page
    assert "| DomoAI | 0.313 | 0.312 | 2.984 | 2.158 | 0.233 | 0.971 |" in page


def test_a_method_without_what_a_metric_needs_has_no_figure(impasto, results, monkeypatch):
    known = metrics()
    seen = FrameMetric(
        key="dino-structure",
        protocol=known["csd"].protocol,
        needs=frozenset({"source"}),
        begin=lambda reference: lambda look: 1.0,
    )
    monkeypatch.setattr(catalog, "CATALOG", ((seen,),))
    items = [{"output": "one.mp4", "source": "one.mp4"}, {"output": "two.mp4"}]
    (results / "ours" / "comparisons.json").write_text(json.dumps(items))
    told = json.loads(impasto("evaluate", "table", "dreamstyle-text", results, "--json").out)
    reasons = {row["method"]: row["cells"]["DINO"]["reason"] for row in told["rows"]}
    assert reasons == {
        "other": "it needs source, which 1 of 1 comparisons lack",
        "ours": "it needs source, which 1 of 2 comparisons lack",
    }


def test_the_first_frame_is_the_style_that_counts(impasto, results, monkeypatch):
    likeness = FrameMetric(
        key="csd-nano",
        protocol=metrics()["csd"].protocol,
        needs=frozenset({"style"}),
        begin=lambda reference: lambda look: float(reference.styles[0].mean()),
    )
    monkeypatch.setattr(catalog, "CATALOG", ((likeness,),))
    grey = picture(0, 32, 32) * 0 + 51
    write_picture(results / "ours" / "first.png", grey)
    items = [{"output": "one.mp4", "styles": ["style.png"], "first_frame": "first.png"}]
    (results / "ours" / "comparisons.json").write_text(json.dumps(items))
    found = {}
    for name in ("dreamstyle-first-frame", "dreamstyle-style-image"):
        told = json.loads(impasto("evaluate", "table", name, results, "-o", "tables", "--json").out)
        found[name] = {row["method"]: row["cells"]["CSD-nano"]["value"] for row in told["rows"]}["ours"]
    assert found["dreamstyle-first-frame"] == pytest.approx(0.2)
    assert found["dreamstyle-style-image"] != pytest.approx(0.2)


def figure(**changes) -> dict:
    protocol = {"tool": "FETV-EVAL", "version": "main", "settings": "12 frames"}
    return {"metric": "UMT", "value": 2.5, "clip": "ours", "protocol": protocol, **changes}


def test_figures_of_other_programs_fill_their_column_and_are_marked(impasto, tmp_path, results):
    (tmp_path / "umt.json").write_text(json.dumps([figure()]))
    ran = impasto("evaluate", "table", "stylemaster-v2v", results, "--external", "umt.json", "-o", "tables", "--json")
    cells = {row["method"]: row["cells"]["UMT"] for row in json.loads(ran.out)["rows"]}
    assert (cells["ours"]["value"], cells["ours"]["external"]["tool"]) == (2.5, "FETV-EVAL")
    assert (cells["other"]["value"], cells["other"]["external"]) == (None, None)
    page = (tmp_path / "tables" / "stylemaster-v2v.md").read_text()
    assert "2.5 (external)" in page
    assert "* ours, UMT: FETV-EVAL main; 12 frames." in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"metric": "UMTScore"}, "no column 'UMTScore'"),
        ({"clip": "theirs"}, "'theirs'"),
        ({"clip": ""}, "name a method as its 'clip'"),
    ],
)
def test_an_external_figure_that_has_no_place(impasto, tmp_path, results, changes, told):
    (tmp_path / "umt.json").write_text(json.dumps([figure(**changes)]))
    ran = impasto("evaluate", "table", "stylemaster-v2v", results, "--external", "umt.json", "-o", "tables")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.sentence
    assert not (tmp_path / "tables").exists()


def test_what_cannot_be_a_table(impasto, tmp_path, results):
    (tmp_path / "empty").mkdir()
    for arguments, told in (
        (("stylemaster",), "Unknown table 'stylemaster'"),
        (("stylemaster-v2v",), "needs results"),
        (("stylemaster-v2v", "none"), "'none' is no folder"),
        (("stylemaster-v2v", "empty"), "METHOD/comparisons.json"),
        (("stylemaster-v2v", results, "--quick", "-o", "t"), "takes no --quick"),
        (("stylemaster-v2v", results, "--only", "ours"), "takes no --only"),
        (("flicker", results), "takes no RESULTS"),
        (("sanity", "--rows"), "takes no --rows"),
    ):
        ran = impasto("evaluate", "table", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert told in ran.sentence
        assert "Traceback" not in ran.err
