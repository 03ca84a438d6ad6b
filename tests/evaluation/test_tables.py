"""The flicker table: what it computes, keeps, claims and writes."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image
from scipy.stats import wasserstein_distance

from impasto.cli import main
from impasto.color.transport import ColorStatistics
from impasto.errors import InputError, Interrupted, UnsupportedOption
from impasto.evaluation.tables import claims
from impasto.evaluation.tables.code import meaning
from impasto.evaluation.tables.columns import COLUMNS, EFFORT, Figures
from impasto.evaluation.tables.findings import Finding
from impasto.evaluation.tables.flicker import flicker_table
from impasto.evaluation.tables.freshprocess import WorkFailedError, in_fresh_process
from impasto.evaluation.tables.measuring import Meter
from impasto.evaluation.tables.methods import Unsteadied, fingerprint
from impasto.evaluation.tables.outputs import write_pictures, write_table
from impasto.evaluation.tables.pages import NOT_MEASURED, filled, table_page
from impasto.evaluation.tables.painting import paint_row
from impasto.evaluation.tables.plot import draw_plot
from impasto.evaluation.tables.protocol import QUICK, Protocol, read_frames
from impasto.evaluation.tables.results import Cell, RowResult, result, written_results
from impasto.evaluation.tables.rows import Row, flicker_rows
from impasto.evaluation.tables.store import Effort, RowStore
from impasto.evaluation.transport import clouds, exact, share_left, sliced
from impasto.guidance import Guidance
from impasto.stylizers.feedforward.johnson import JohnsonConfig, new_parameters
from impasto.stylizers.feedforward.netfile import save_net
from impasto.stylizers.feedforward.nets import JohnsonNet
from impasto.stylizers.memoryshot import MemoryShot
from impasto.weights.paths import assets_dir
from tests.clips import make_clip
from tests.evaluation.work import cores_and_threads, count, die, fail, last_for_ever

NETS = assets_dir() / "nets"
needs_nets = pytest.mark.skipif(not NETS.is_dir(), reason=f"no networks in {NETS}; see docs/data.md")
CLIP, STYLE = QUICK.pairs[0]
ROWS = {(row.name, row.span): row for row in flicker_rows(QUICK)}
FIGURES = {column.key: 0.5 for column in COLUMNS if column.key not in EFFORT}
EFFORT_OF_A_CLIP = Effort(frames=6, prepare_seconds=1.0, paint_seconds=2.0, peak_bytes=5_000_000)


def row_of(name: str) -> Row:
    return ROWS[name, QUICK.short]


def texture(seed: int, height: int, width: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one moving clip and one style, under the names that `QUICK` asks for, and real networks."""
    for folder in ("eval/videos", "eval/styles", "videos"):
        (tmp_path / "assets" / folder).mkdir(parents=True)
    picture = texture(0, 80, 160)
    frames = [picture[8:56, 4 + 2 * t : 68 + 2 * t] for t in range(7)]
    make_clip(tmp_path / f"assets/eval/videos/{CLIP}.mp4", frames=7, pictures=frames)
    Image.fromarray(texture(1, 96, 128)).save(tmp_path / f"assets/eval/styles/{STYLE}.jpg")
    (tmp_path / "assets/nets").symlink_to(NETS.resolve())
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "assets"))
    return tmp_path / "assets"


def measured(row: Row, protocol: Protocol = QUICK, **figures: float | None) -> RowStore:
    """Put figures of every clip of a row into the cache."""
    store = RowStore(row, protocol)
    for clip, style in protocol.pairs:
        store.keep_frames(clip, style, [np.zeros((4, 4, 3), np.uint8)], EFFORT_OF_A_CLIP)
        store.keep_figures(clip, style, FIGURES | figures)
    return store


class TestFreshProcess:
    def test_gives_what_is_yielded_from_another_process(self):
        numbers, processes = zip(*in_fresh_process(count, 3), strict=True)
        assert numbers == (0, 1, 2)
        assert os.getpid() not in processes

    @pytest.mark.parametrize(("work", "reason"), [(fail, "ValueError: too bad"), (die, "exit code 9")])
    def test_says_why_it_failed_after_what_it_gave(self, work, reason):
        items = in_fresh_process(work)
        assert next(items) == "begun"
        with pytest.raises(WorkFailedError, match=reason):
            next(items)

    def test_ends_with_the_one_who_listens(self):
        items = in_fresh_process(last_for_ever)
        process = psutil.Process(next(items))
        items.close()
        assert not process.is_running()

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to a core")
    def test_keeps_to_its_cores(self):
        assert list(in_fresh_process(cores_and_threads, 1)) == [(1, 1)]


class TestKeys:
    def test_comments_and_docstrings_mean_nothing_and_code_does(self):
        plain = "def f(x):\n    return x + 1\n"
        assert meaning('"""Doc."""\ndef f(x):\n    """Doc."""\n    return (x  # why\n      + 1)\n') == meaning(plain)
        assert meaning(plain.replace("1", "2")) != meaning(plain)

    def test_every_method_has_its_own(self):
        methods = {row.method for row in ROWS.values() if row.method}
        assert len({fingerprint(method) for method in methods}) == len(methods) == 14

    def test_another_budget_begins_anew_and_another_count_of_judged_frames_measures_anew(self):
        row = row_of("gatys-gram")
        (longer,) = [r for r in flicker_rows(replace(QUICK, iterations=3)) if r.name == row.name]
        assert RowStore(longer, QUICK).key != RowStore(row, QUICK).key
        measured(row)
        other = RowStore(row, replace(QUICK, judged=2))
        assert other.figures(CLIP, STYLE) is None
        assert other.painted(CLIP, STYLE)
        assert not RowStore(longer, QUICK).painted(CLIP, STYLE)

    def test_a_clip_whose_frames_are_dropped_is_painted_again_only_to_be_measured(self):
        row = row_of("swift-draft")
        store = measured(row)
        store.drop_frames(CLIP, STYLE)
        assert store.painted(CLIP, STYLE)
        assert not RowStore(row, replace(QUICK, judged=2)).painted(CLIP, STYLE)


class TestRows:
    def test_only_what_is_fast_enough_paints_whole_clips(self):
        whole = {row.family for row in ROWS.values() if row.span == QUICK.whole}
        assert whole == {"source", "feed-forward"}

    def test_a_network_alone_carries_nothing_from_frame_to_frame(self, tmp_path):
        config = JohnsonConfig(width=4, blocks=1)
        net = JohnsonNet(config, new_parameters(config, seed=0))
        colors = ColorStatistics(torch.zeros(3), torch.eye(3))
        save_net(net, ("style",), colors, {}, tmp_path / "net.safetensors")
        frames = list(np.random.default_rng(0).random((3, 32, 40, 3), np.float32))
        stylizer = Unsteadied(tmp_path / "net.safetensors")
        stylizer.prepare(Guidance(), MemoryShot(frames), lambda share: None)
        forth = list(stylizer.stylize(frames, {}))
        back = list(stylizer.stylize(frames[::-1], {}))
        np.testing.assert_array_equal(forth, back[::-1])


class TestResults:
    def test_means_over_the_clips_and_what_they_took(self):
        protocol = replace(QUICK, styles=("a", "b"))
        row = row_of("gatys-gram")
        store = measured(row, protocol, gap=0.2)
        store.keep_figures(CLIP, "b", FIGURES | {"gap": 0.6, "short": None})
        figures = result(row, protocol).figures
        assert figures["gap"] == pytest.approx(0.4)
        assert figures["short"] is None
        assert figures["fps"] == pytest.approx(12 / 6), "preparing counts where frames are optimised"
        assert (figures["prepare"], figures["memory"]) == (1.0, 5.0)
        network = row_of("swift-draft")
        measured(network, protocol)
        assert result(network, protocol).figures["fps"] == pytest.approx(12 / 4)

    def test_a_clip_that_is_missing_leaves_no_figure(self):
        protocol = replace(QUICK, styles=("a", "b"))
        row = row_of("ruder-gram")
        RowStore(row, protocol).keep_figures(CLIP, "a", {"gap": 0.2})
        found = result(row, protocol)
        assert set(found.figures.values()) == {None}
        assert (len(found.cells), found.measured) == (1, False)

    @pytest.mark.usefixtures("material")
    def test_a_written_table_stands_in_for_a_lost_cache(self, tmp_path, monkeypatch):
        measured(row_of("gatys-gram"))
        before = next(flicker_table(QUICK, (), print))
        write_table(before, tmp_path)
        monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "empty"))
        written = written_results(tmp_path / "flicker.json")
        assert next(flicker_table(QUICK, (), print, written)).rows == before.rows
        (*_, after) = flicker_table(QUICK, ("gatys-gram",), print, written)
        assert after.rows == before.rows, "nothing was painted again"
        judged_anew = replace(QUICK, judged=2)
        assert not any(row.measured for row in next(flicker_table(judged_anew, (), print, written)).rows)

    @pytest.mark.parametrize("content", ["", "[]", '{"rows": [{"name": "source"}]}', '{"rows": 3}', '{"rows": ["a"]}'])
    def test_what_is_no_table_stands_in_for_nothing(self, content, tmp_path):
        (tmp_path / "flicker.json").write_text(content)
        assert written_results(tmp_path / "flicker.json") == {}


class TestTransport:
    def test_agrees_with_scipy_on_one_channel(self):
        first, second = torch.rand(1, 1, 5, 6), 2 * torch.rand(1, 1, 5, 6)
        a, b = clouds([first], 100), clouds([second], 100)
        expected = wasserstein_distance(first.flatten(), second.flatten())
        assert exact(a, b) == [pytest.approx(expected, rel=1e-5)]
        ordered = first.flatten().sort().values - second.flatten().sort().values
        assert sliced(a, b) == [pytest.approx(ordered.square().mean().sqrt().item(), rel=1e-5)]

    def test_nothing_is_left_at_the_style_and_all_of_it_at_the_source(self):
        source, style = clouds([torch.rand(1, 4, 6, 6)], 20), clouds([torch.rand(1, 4, 6, 6) + 1], 20)
        for distance in (sliced, exact):
            assert share_left(distance(style, style), distance(source, style)) == pytest.approx(0, abs=1e-6)
            assert share_left(distance(source, style), distance(source, style)) == 1


@needs_nets
@pytest.mark.usefixtures("material")
class TestMeasuring:
    def test_the_clip_itself_and_noise_over_it(self):
        meter, frames = Meter(QUICK), read_frames(CLIP, QUICK.whole)
        itself = meter(CLIP, STYLE, QUICK.whole, frames)
        assert {key: itself[key] for key in ("gap", "gap_other", "content", "sliced", "exact")} == {
            "gap": 1,
            "gap_other": 1,
            "content": 0,
            "sliced": 1,
            "exact": 1,
        }
        rng = np.random.default_rng(0)
        noisy = [np.clip(frame + rng.normal(0, 20, frame.shape), 0, 255).astype(np.uint8) for frame in frames]
        noise = meter(CLIP, STYLE, QUICK.whole, noisy)
        for key in ("content", "short", "long"):
            assert noise[key] > itself[key]

    def test_a_clip_too_short_for_the_long_term_says_nothing_of_it(self):
        frames = read_frames(CLIP, QUICK.short)
        figures = Meter(QUICK)(CLIP, STYLE, QUICK.short, frames)
        assert figures["long"] is None
        assert figures["short"] is not None


def study_as_claimed() -> tuple[dict[str, Figures], dict[str, Figures]]:
    """Figures under which everything that the study says holds."""
    short = {
        "source": {"short": 1.0, "fps": None},
        "gatys-gram": {"short": 9.0, "gap": 0.30, "fps": 0.1, "exact": 0.50, "gap_other": 0.40},
        "gatys-unwarped": {"short": 2.5, "gap": 0.32, "fps": 0.1, "exact": 0.51, "gap_other": 0.41},
        "ruder-gram": {"short": 2.0, "gap": 0.31, "fps": 0.09, "exact": 0.52, "gap_other": 0.42},
        "johnson-gram": {"short": 7.0, "gap": 0.38, "fps": 60.0, "exact": 0.53, "gap_other": 0.43},
        "johnson-gram-temporal": {"short": 1.5, "gap": 0.40, "fps": 60.0, "exact": 0.54, "gap_other": 0.44},
        "johnson-batch-temporal": {"short": 1.6, "gap": 0.50, "fps": 50.0, "exact": 0.56, "gap_other": 0.46},
    }
    whole = {
        "johnson-gram-temporal": {"fps": 30.0, "gap": 0.40},
        "johnson-batch-temporal": {"fps": 25.0, "gap": 0.50},
    }
    return short, whole


def judged(short: dict[str, Figures], whole: dict[str, Figures], spread: float = 0.0) -> list[Finding]:
    """Verdicts on such figures, of three styles whose gaps lie apart by `spread` and more, row by row."""

    def rows(figures: dict[str, Figures]) -> dict[str, RowResult]:
        return {name: row(name, number, each) for number, (name, each) in enumerate(figures.items())}

    def row(name: str, number: int, figures: Figures) -> RowResult:
        gap, apart, cells = figures.get("gap"), spread * number, list[Cell]()
        if gap is not None:
            cells = [Cell(clip="", style=str(at), figures={"gap": gap + at * apart}) for at in (-1, 0, 1)]
        return RowResult(
            name=name, title="", family="", span="", config="", key="", figures=figures, cells=tuple(cells), failure=""
        )

    return claims.findings(rows(short), rows(whole))


class TestClaims:
    def test_all_are_reproduced_where_the_order_shows(self):
        verdicts = [finding.verdict for finding in judged(*study_as_claimed())]
        assert verdicts == ["reproduced"] * 10 + ["not measurable here"]

    @pytest.mark.parametrize(
        ("number", "row", "figures"),
        [
            (0, "gatys-gram", {"short": 2.9}),
            (1, "ruder-gram", {"short": 3.1}),
            (1, "ruder-gram", {"gap": 0.34}),
            (2, "gatys-unwarped", {"gap": 0.40}),
            (6, "johnson-gram", {"short": 4.0}),
            (7, "johnson-batch-temporal", {"short": 1.5, "gap": 0.40, "fps": 60.0}),
            (8, "ruder-gram", {"gap": 0.41}),
            (9, "gatys-gram", {"exact": 0.9}),
        ],
    )
    def test_one_is_not_where_it_does_not(self, number, row, figures):
        short, whole = study_as_claimed()
        short[row] |= figures
        assert judged(short, whole)[number].verdict == "not reproduced"

    @pytest.mark.parametrize(("number", "figures"), [(4, {"fps": 24.9}), (5, {"gap": 0.51})])
    def test_speed_and_norms_are_compared_on_whole_clips(self, number, figures):
        short, whole = study_as_claimed()
        whole["johnson-gram-temporal"] |= figures
        assert judged(short, whole)[number].verdict == "not reproduced"

    def test_a_slow_network_says_nothing_of_faster_machines(self):
        short, whole = study_as_claimed()
        whole["johnson-gram-temporal"] |= {"fps": 23.9}
        assert judged(short, whole)[3].verdict == "not measurable here"

    def test_gaps_that_hang_on_the_style_decide_nothing(self):
        found = [finding.verdict for finding in judged(*study_as_claimed(), spread=0.2)]
        assert [number for number, verdict in enumerate(found[:-1]) if verdict != "reproduced"] == [5, 8]

    def test_without_figures_there_is_no_verdict(self):
        assert {finding.verdict for finding in judged({}, {})} == {"not measured yet", "not measurable here"}
        assert not any(finding.figures for finding in judged({}, {}))


class TestPages:
    @pytest.mark.usefixtures("material")
    def test_what_is_missing_is_said(self):
        measured(row_of("gatys-gram"), gap=0.321)
        table = next(flicker_table(QUICK, (), print))
        page = table_page(table)
        lines = {line.split("|")[2].strip(" `"): line for line in page.splitlines() if line.startswith("| ")}
        assert "| 0.321 |" in lines["gatys-gram"]
        assert lines["ruder-gram"].count(NOT_MEASURED) == len(COLUMNS)
        assert "not measured yet" in page

    def test_lines_go_between_the_marks_again_and_again(self):
        page = "# A\n<!-- t: begin -->\nold\n<!-- t: end -->\nb\n"
        once = filled(page, "t", ["new"])
        assert once == "# A\n<!-- t: begin -->\nnew\n<!-- t: end -->\nb\n"
        assert filled(once, "t", ["new"]) == once
        with pytest.raises(InputError, match="begin"):
            filled("# A", "t", [])

    def test_the_page_of_claims_has_a_place_for_them(self):
        page = (Path(__file__).parents[2] / "docs" / "claims.md").read_text()
        assert "**probe**" in filled(page, "flicker", ["**probe**"])

    @pytest.mark.usefixtures("material")
    def test_the_plot_shows_the_rows_that_are_measured(self, tmp_path):
        pytest.importorskip("matplotlib")
        measured(row_of("gatys-gram"))
        draw_plot(next(flicker_table(QUICK, (), print)), tmp_path / "plot.svg")
        drawn = (tmp_path / "plot.svg").read_text()
        assert row_of("gatys-gram").title in drawn
        assert row_of("ruder-gram").title not in drawn

    @pytest.mark.usefixtures("material")
    def test_the_video_shows_what_was_painted(self, tmp_path):
        store = RowStore(row_of("gatys-gram"), QUICK)
        store.keep_frames(CLIP, STYLE, read_frames(CLIP, QUICK.short), EFFORT_OF_A_CLIP)
        write_pictures(next(flicker_table(QUICK, (), print)), tmp_path)
        assert (tmp_path / "flicker.mp4").stat().st_size > 500

    @pytest.mark.usefixtures("material")
    def test_a_video_that_would_show_fewer_methods_than_the_last_is_not_made(self, tmp_path):
        measured(row_of("gatys-gram")).drop_frames(CLIP, STYLE)
        (tmp_path / "flicker.mp4").write_bytes(b"the last")
        (*_, note) = write_pictures(next(flicker_table(QUICK, (), print)), tmp_path)
        assert "stays as it was" in note
        assert "gatys-gram" in note
        assert (tmp_path / "flicker.mp4").read_bytes() == b"the last"


@needs_nets
class TestTable:
    @pytest.mark.usefixtures("material")
    def test_rows_are_painted_once(self):
        row = row_of("swift-draft")
        store = RowStore(row, QUICK)
        assert len(list(in_fresh_process(paint_row, row, QUICK, store))) == 1
        painted = store.frames(CLIP, STYLE)
        assert [frame.shape for frame in painted] == [frame.shape for frame in read_frames(CLIP, QUICK.short)]
        assert store.effort(CLIP, STYLE).frames == QUICK.short.frames
        assert list(in_fresh_process(paint_row, row, QUICK, store)) == []

    @pytest.mark.usefixtures("material")
    def test_a_row_that_fails_is_listed_and_the_others_are_written(self, tmp_path, capsys, monkeypatch):
        measured(row_of("source"), gap=0.123)
        monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
        (tmp_path / "encoder.safetensors").write_bytes(b"broken")
        arguments = ["evaluate", "table", "flicker", "--quick", "-o", str(tmp_path / "out"), "--json"]
        assert main([*arguments, "--only", "gatys-gram"]) == 1
        printed = json.loads(capsys.readouterr().out)
        assert printed == json.loads((tmp_path / "out/flicker.json").read_text())
        rows = {(row["name"], row["span"]): row for row in printed["rows"]}
        assert rows["source", QUICK.short.name]["figures"]["gap"] == 0.123
        assert "SafetensorError" in rows["gatys-gram", QUICK.short.name]["failure"]
        assert "## Failed" in (tmp_path / "out/flicker.md").read_text()

    @pytest.mark.usefixtures("material")
    def test_an_interrupted_table_goes_on_where_it_was(self):
        for span in (QUICK.short, QUICK.whole):
            measured(ROWS["source", span], gap=0.123)

        def stop(line: str) -> None:
            if line.startswith("swift-draft"):
                raise KeyboardInterrupt

        tables = flicker_table(QUICK, ("source", "swift-draft"), stop)
        seen = [next(tables), next(tables)]
        with pytest.raises(Interrupted, match="1 of 4 rows"):
            next(tables)
        assert seen[-1].rows[0].figures["gap"] == 0.123, "what is in the cache is not measured again"


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            (["flickr"], 2, "Unknown table 'flickr'; known tables: flicker, sanity, stylemaster-ablation"),
            (["flicker", "--quick"], 2, "give a folder with -o"),
        ],
    )
    def test_one_sentence(self, capsys, arguments, code, words):
        assert main(["evaluate", "table", *arguments]) == code
        assert words in capsys.readouterr().err

    @pytest.mark.usefixtures("material")
    def test_an_unknown_row_suggests_the_nearest(self):
        with pytest.raises(UnsupportedOption, match="did you mean 'swift-draft'"):
            next(flicker_table(QUICK, ("swift-draught",), print))

    def test_without_the_data_folder_it_says_what_is_missing(self, capsys, tmp_path, monkeypatch):
        monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
        assert main(["evaluate", "table", "flicker", "-o", str(tmp_path / "out")]) == 3
        assert f"{CLIP}.mp4 is missing" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()

    @pytest.mark.usefixtures("material")
    def test_listing_rows_computes_nothing(self, capsys, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert main(["evaluate", "table", "flicker", "--quick", "-o", "out", "--rows"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1 + len(ROWS)
        assert not (tmp_path / "out").exists()
