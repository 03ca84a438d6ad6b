"""`impasto evaluate run` and `metrics`, as a user types them."""

import json
import os
import signal

import pytest
from PIL import Image

from impasto.evaluation.metrics import catalog
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.metrics.metric import ClipMetric
from impasto.weights import paths
from tests.clips import make_clip


@pytest.fixture
def clip(tmp_path):
    return make_clip(tmp_path / "in.mp4", frames=30)


@pytest.fixture
def painted(tmp_path):
    return make_clip(tmp_path / "out.mp4", frames=30, options={"crf": "40"})


@pytest.fixture
def refused(impasto, tmp_path):
    """Runs `impasto evaluate run` and checks all that holds for every refusal; gives the sentence."""

    def run(*arguments: object, code: int = 2) -> str:
        before = sorted(tmp_path.rglob("*"))
        ran = impasto("evaluate", "run", *arguments)
        assert ran.code == code, ran.err
        assert ran.out == ""
        assert ran.sentence.startswith("impasto: ")
        assert "Traceback" not in ran.err
        assert sorted(tmp_path.rglob("*")) == before
        return ran.sentence

    return run


def test_one_output_is_measured_beside_its_source(impasto, tmp_path, clip, painted):
    ran = impasto("evaluate", "run", painted, "--source", clip, "--metric", "psnr", "--metric", "flicker")
    assert ran.code == 0, ran.err
    folder = tmp_path / "out.evaluation"
    assert ran.out.splitlines()[-1] == str(folder / "evaluation.html")
    assert {path.name for path in folder.iterdir()} == {"evaluation.json", "evaluation.html"}
    told = json.loads((folder / "evaluation.json").read_text())
    assert told["clips"][0]["figures"]["psnr"]["value"] > 20
    assert told["clips"][0]["source"] == str(clip)


def test_json_is_the_file_and_nothing_else(impasto, tmp_path, clip):
    ran = impasto("evaluate", "run", clip, "--metric", "flicker", "-o", "report", "--json")
    assert json.loads(ran.out) == json.loads((tmp_path / "report" / "evaluation.json").read_text())


def test_by_default_all_that_fits_is_measured(impasto, monkeypatch, clip):
    pixels = tuple(metrics()[key] for key in ("psnr", "ssim", "flicker", "smoothness-nano", "colour-drift"))
    monkeypatch.setattr(catalog, "CATALOG", (pixels,))
    alone = json.loads(impasto("evaluate", "run", clip, "-o", "alone", "--json").out)
    beside = json.loads(impasto("evaluate", "run", clip, "--source", clip, "-o", "beside", "--json").out)
    assert list(alone["clips"][0]["figures"]) == ["flicker", "smoothness-nano", "colour-drift"]
    assert list(beside["clips"][0]["figures"]) == [metric.key for metric in pixels]


def test_several_outputs_of_one_source(impasto, clip, painted):
    ran = impasto(
        *("evaluate", "run", painted, clip, "--source", clip, "--metric", "ssim", "-o", "report", "--json"),
    )
    told = json.loads(ran.out)
    assert [each["source"] for each in told["clips"]] == [str(clip)] * 2
    assert told["summary"]["ssim"]["clips"] == 2


def test_a_list_of_comparisons(impasto, tmp_path, clip, painted):
    (tmp_path / "list.json").write_text(json.dumps([{"output": "out.mp4", "source": "in.mp4"}]))
    ran = impasto("evaluate", "run", "--list", "list.json", "--metric", "ssim", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["clips"][0]["aligned"] == "by number"


@pytest.mark.usefixtures("toy")
def test_a_run_record_tells_what_to_compare_with(impasto, clip, painting):
    assert impasto("stylize", clip, "--style", painting, "--model", "toy", "-o", "painted.mp4").code == 0
    ran = impasto("evaluate", "run", "painted.mp4", "--metric", "psnr", "--json")
    assert ran.code == 0, ran.err
    (told,) = json.loads(ran.out)["clips"]
    assert (told["source"], told["styles"]) == (str(clip), [str(painting)])
    assert "painted.run.json names" in ran.err


def test_external_figures_come_along(impasto, tmp_path, clip):
    protocol = {"tool": "VBench", "version": "0.1.5", "settings": "all frames"}
    (tmp_path / "more.json").write_text(json.dumps([{"metric": "imaging quality", "value": 0.7, "protocol": protocol}]))
    ran = impasto("evaluate", "run", clip, "--metric", "flicker", "--external", "more.json", "--json")
    (figure,) = json.loads(ran.out)["external"]
    assert (figure["metric"], figure["tool"]) == ("imaging quality", "VBench")


def test_missing_weights_end_with_3_after_all_else_is_written(impasto, tmp_path, clip, monkeypatch):
    monkeypatch.setattr(paths, "EMBEDDED", tmp_path)
    ran = impasto(
        *("evaluate", "run", clip, "--source", clip, "--metric", "lpips-nano", "--metric", "psnr", "--json"),
    )
    assert ran.code == 3
    figures = json.loads(ran.out)["clips"][0]["figures"]
    assert "encoder.safetensors" in figures["lpips-nano"]["reason"]
    assert figures["psnr"]["value"] == "inf"


def test_a_clip_too_short_for_a_wanted_metric_ends_with_1(impasto, tmp_path):
    short = make_clip(tmp_path / "short.mp4", frames=2)
    assert impasto("evaluate", "run", short, "--metric", "smoothness-nano").code == 1
    assert (tmp_path / "short.evaluation" / "evaluation.html").exists()


def test_ctrl_c_keeps_what_was_measured(impasto, tmp_path, clip, monkeypatch):
    def interrupt(footage, reference):
        os.kill(os.getpid(), signal.SIGINT)

    slow = ClipMetric(key="slow", protocol=metrics()["flicker"].protocol, measure=interrupt)
    monkeypatch.setattr(catalog, "CATALOG", ((metrics()["flicker"], slow),))
    ran = impasto("evaluate", "run", clip)
    assert (ran.code, "what was measured so far" in ran.sentence) == (130, True)
    told = json.loads((tmp_path / "in.evaluation" / "evaluation.json").read_text())
    figures = told["clips"][0]["figures"]
    assert told["complete"] is False
    assert figures["flicker"]["value"] > 0
    assert (figures["slow"]["value"], figures["slow"]["reason"]) == (None, "stopped before its turn")


def test_metrics_can_be_listed(impasto):
    told = json.loads(impasto("evaluate", "metrics", "--json").out)
    assert {"key", "name", "better", "unit", "needs", "definition", "by_name_only", "missing"} == set(told[0])
    assert "psnr" in impasto("evaluate", "metrics").out


def test_a_wrong_name(refused, clip):
    assert "did you mean 'psnr'" in refused(clip, "--metric", "psrn")


def test_what_a_metric_needs(refused, clip):
    assert "--source" in refused(clip, "--metric", "psnr")


def test_videos_of_other_length_or_size(refused, tmp_path, clip):
    longer = make_clip(tmp_path / "long.mp4", frames=60)
    larger = make_clip(tmp_path / "large.mp4", frames=30, size=(96, 64))
    sentence = refused(clip, "--source", longer)
    assert "30 frames" in sentence
    assert "60 frames" in sentence
    sentence = refused(clip, "--source", larger)
    assert "64x48" in sentence
    assert "96x64" in sentence


def test_counts_that_do_not_fit(refused, clip):
    assert "3 outputs and 2 sources" in refused(clip, clip, clip, "--source", clip, "--source", clip, "-o", "report")


def test_several_outputs_need_a_folder(refused, clip, painted):
    assert "-o" in refused(clip, painted)


def test_nothing_to_measure(refused, tmp_path, clip):
    assert "--list" in refused()
    (tmp_path / "empty").mkdir()
    assert "no pictures" in refused("empty")
    assert "'none.mp4'" in refused("none.mp4")
    assert "--list" in refused(clip, "--list", "list.json")


def test_a_style_that_is_no_picture(refused, tmp_path, clip):
    Image.new("RGB", (2, 2)).save(tmp_path / "dot.png")
    assert "2x2" in refused(clip, "--style", "dot.png", "--metric", "flicker")


def test_a_report_that_is_there(refused, impasto, clip):
    assert impasto("evaluate", "run", clip, "--metric", "flicker").code == 0
    assert "--overwrite" in refused(clip, "--metric", "flicker")
    assert impasto("evaluate", "run", clip, "--metric", "flicker", "--overwrite").code == 0
