"""DreamStyle's ablation at toy size: stages trained, clips painted and measured, verdicts, a page, going on."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from impasto.cli import main
from impasto.diffusion.embedded import VAE
from impasto.errors import ModelError, UnsupportedOption
from impasto.evaluation.ablation.claims import judged
from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.dreamstyle.cells import Cell
from impasto.evaluation.dreamstyle.claims import CLAIMS
from impasto.evaluation.dreamstyle.columns import COLUMNS, METRICS
from impasto.evaluation.dreamstyle.long import QUICK as LONG
from impasto.evaluation.dreamstyle.long import WAYS, long_table
from impasto.evaluation.dreamstyle.painting import first_frame
from impasto.evaluation.dreamstyle.pieces import config_of, piece_of
from impasto.evaluation.dreamstyle.protocol import QUICK, DreamStyleProtocol
from impasto.evaluation.dreamstyle.rows import ROWS
from impasto.evaluation.dreamstyle.table import dreamstyle_ablation
from impasto.evaluation.papers.published import published
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.nano import STEPS
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS, NANO_FILE
from impasto.training.dreamstyle.ground import nano_ground
from impasto.training.dreamstyle.pairs import encode_pairs
from impasto.training.nano.shards import shard_folder
from impasto.weights.paths import EMBEDDED, assets_dir, cache_dir
from tests.clips import make_clip
from tests.evaluation.evaldata import write_eval
from tests.training.dreamstyle.toypairs import toy_dreamstyle_nano, write_toy_pairs
from tests.training.stylemaster.toyworld import forget, write_controls, write_weights

ASSETS = assets_dir().resolve()
BY_NAME = {row.name: row for row in ROWS}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, data and a cache with all that rows begin with; made once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "weights").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder / "weights"))
        environment.setenv("IMPASTO_CACHE", str(folder / "cache"))
        forget()
        write_weights(folder / "weights")
        write_toy_pairs(shard_folder("dreamstyle-pairs"))
        list(encode_pairs(nano_ground()))
    write_eval(folder / "assets", QUICK.styles, QUICK.clips, QUICK.frames)
    return folder


@pytest.fixture(autouse=True)
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made / "weights"))
    monkeypatch.setenv("IMPASTO_ASSETS", str(made / "assets"))
    monkeypatch.setitem(STEPS, "draft", 1)
    shutil.copytree(made / "cache", cache_dir(), dirs_exist_ok=True)
    forget()
    yield
    forget()


def run(folder: Path, *only: str) -> int:
    options = [option for name in only for option in ("--only", name)]
    return main(["evaluate", "table", "dreamstyle-ablation", "--quick", "-o", str(folder), *options])


def test_rows_are_trained_painted_measured_and_not_again(tmp_path: Path, capsys):
    assert run(tmp_path, "method", "ct-only") == 0
    said = capsys.readouterr().err
    assert said.count("ct-0: stage CT") == 1  # both rows stand on one
    table = json.loads((tmp_path / "dreamstyle-ablation.json").read_text())
    rows = {row["name"]: row for row in table["rows"]}
    assert {row["name"] for row in table["rows"] if row["measured"]} == {"method", "ct-only"}
    for name in ("method", "ct-only"):
        assert all(isinstance(rows[name]["figures"][column.key], float) for column in COLUMNS), rows[name]["figures"]
    page = (tmp_path / "dreamstyle-ablation.md").read_text()
    assert "| token-specific LoRA, CT then SFT | `method` | 1 |" in page
    assert "not measured yet" in page
    assert run(tmp_path, "method", "ct-only") == 0
    assert "painted" not in capsys.readouterr().err
    assert main(["evaluate", "table", "dreamstyle-ablation", "--quick", "-o", str(tmp_path), "--rows"]) == 0
    assert "1 of 1 seeds" in capsys.readouterr().out


def test_a_row_that_fails_says_why_and_the_others_go_on():
    said: list[str] = []
    *_, table = dreamstyle_ablation(QUICK, ("route-swift", "rank-4"), said.append, Path("none"))
    rows = {row.name: row for row in table.rows}
    assert "No pair is of a route 'swift'" in rows["route-swift"].failure
    assert rows["rank-4"].measured


def test_rows_that_are_led_learn_nothing_of_their_own_and_hang_on_the_controlnets(made: Path, tmp_path, monkeypatch):
    weights, said = tmp_path / "weights", list[str]()
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(shutil.copytree(made / "weights", weights)))
    write_controls(weights)
    *_, table = dreamstyle_ablation(QUICK, ("control-depth", "control-pose"), said.append, Path("none"))
    rows = {row.name: row for row in table.rows}
    assert rows["control-depth"].measured
    assert "vitpose" in rows["control-pose"].failure  # people in real clips need a published network
    led = Cell(QUICK, BY_NAME["control-depth"], 0)
    key = led.key
    assert led.piece.key == Cell(QUICK, BY_NAME["method"], 0).piece.key
    (weights / NANO_CONTROLS["depth"]).unlink()
    without = Cell(QUICK, BY_NAME["control-depth"], 0)
    assert without.key != key
    with pytest.raises(ModelError, match="train control-depth"):
        without.compute(said.append)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_is_built_as_it_is_called(row):
    config, protocol = config_of(DreamStyleProtocol(), row), DreamStyleProtocol()
    differing = {name for name, value in vars(config).items() if value != getattr(protocol.config, name)}
    expected = {
        "plain": {"adaptation"}, "separate": {"adaptation"}, "full": {"adaptation"}, "no-pictures": {"pictures"},
        "slots-offset": {"slots"}, "slots-zero": {"slots"}, "rank-4": {"rank"}, "rank-8": {"rank"},
    }  # fmt: skip
    assert differing == expected.get(row.name, set())


@pytest.mark.parametrize("name", ["full", "slots-zero", "no-pictures"])
def test_ablations_that_are_no_plain_lora_are_trained_too(name: str, tmp_path: Path):
    piece = piece_of(QUICK, BY_NAME[name], 0)
    piece.make(lambda line: None)
    model = DreamStyle.from_file(nano_ground().transformer(), "nano", piece.file)
    assert model.config == config_of(QUICK, BY_NAME[name])


def test_what_decides_a_figure_is_in_the_key_and_other_seeds_are_not():
    cell = Cell(QUICK, BY_NAME["method"], 0)
    keys = {
        cell.key,
        Cell(QUICK, BY_NAME["method"], 1).key,
        Cell(QUICK, BY_NAME["plain"], 0).key,
        Cell(replace(QUICK, frames=9), BY_NAME["method"], 0).key,
        Cell(replace(QUICK, ct=replace(QUICK.ct, steps=2)), BY_NAME["method"], 0).key,
    }
    assert len(keys) == 5
    assert Cell(replace(QUICK, seeds=(0, 1)), BY_NAME["method"], 0).key == cell.key


def test_the_decoder_and_what_paints_first_frames_are_in_the_key(made: Path, tmp_path: Path, monkeypatch):
    cell = Cell(QUICK, BY_NAME["method"], 0)
    before = cell.key
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(shutil.copytree(made / "weights", tmp_path / "weights")))
    state = load_file(tmp_path / "weights" / VAE)
    with safe_open(tmp_path / "weights" / VAE, "pt") as file:
        about = file.metadata()
    name = next(name for name in state if name.startswith("decoder"))
    save_file(state | {name: state[name] + 1}, tmp_path / "weights" / VAE, about)
    after = Cell(QUICK, BY_NAME["method"], 0)
    assert after.piece.key == cell.piece.key  # pairs are encoded, not decoded
    assert after.key != before
    frame = np.zeros((32, 48, 3), np.uint8)
    first = first_frame("swift", frame, QUICK.clips[0][0], QUICK.styles[0][0])
    assert first == first_frame("swift", frame, QUICK.clips[0][0], QUICK.styles[0][0])
    assert first != first_frame("swift", frame + 1, QUICK.clips[0][0], QUICK.styles[0][0])
    shutil.copy(EMBEDDED / "swift.safetensors", tmp_path / "weights")
    with (tmp_path / "weights" / "swift.safetensors").open("ab") as file:
        file.write(b" ")
    assert Cell(QUICK, BY_NAME["method"], 0).key != after.key


def test_all_is_reproduced_where_every_seed_shows_what_is_printed():
    """By the figures of the paper itself."""
    names = {"method": 0, "plain": 1, "ct-only": 2, "sft-only": 3, "no-pictures": 4}
    printed = published("dreamstyle-ablation").rows
    rows = {
        name: [{"csd": printed[place].values["CSD"], "structure": printed[place].values.get("DINO")}] * 3
        for name, place in names.items()
    }
    verdicts = [finding.verdict for finding in judged(CLAIMS, rows)]
    assert verdicts == ["reproduced"] * 5 + ["not measurable here"]


def test_every_column_is_measured_once():
    keys = [key for metrics in METRICS.values() for key in metrics]
    assert sorted(keys) == sorted(column.key for column in COLUMNS)


def test_drift_is_measured_by_each_way_to_chain_and_not_painted_again(made: Path, tmp_path: Path, monkeypatch, capsys):
    weights = tmp_path / "weights"
    shutil.copytree(made / "weights", weights)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(weights))
    toy_dreamstyle_nano().save(weights / NANO_FILE)
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "assets"))
    shutil.copytree(made / "assets", tmp_path / "assets")
    make_clip(tmp_path / "assets" / f"eval/videos/{LONG.clip}.mp4", frames=25)
    shutil.copy(style_file(QUICK.styles[0][0]), tmp_path / "assets" / f"eval/styles/{LONG.style}.jpg")
    command = ["evaluate", "table", "dreamstyle-long", "--quick", "-o", str(tmp_path)]
    assert main(command) == 0
    assert capsys.readouterr().err.count("painting 3 windows") == 4
    rows = {row["name"]: row for row in json.loads((tmp_path / "dreamstyle-long.json").read_text())["rows"]}
    assert set(rows) == {way.name for way in WAYS}
    assert all(len(row["painted"]["delta_e"]) == len(row["source"]["delta_e"]) == 3 for row in rows.values())
    assert rows["overlap"]["painted"] != rows["overlap-anchored"]["painted"]
    assert "<svg" in (tmp_path / "dreamstyle-long.svg").read_text()
    assert "last frame as the first (DreamStyle)" in (tmp_path / "dreamstyle-long.md").read_text()
    assert main(command) == 0
    assert "painting" not in capsys.readouterr().err


def test_a_clip_that_is_too_short_for_its_windows_is_refused(made: Path, tmp_path: Path, monkeypatch):
    weights = tmp_path / "weights"
    shutil.copytree(made / "weights", weights)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(weights))
    toy_dreamstyle_nano().save(weights / NANO_FILE)
    protocol = replace(LONG, clip=QUICK.clips[0][0])
    with pytest.raises(UnsupportedOption, match="has 5 frames and 3 windows want 25"):
        next(long_table(protocol, lambda line: None))


@pytest.mark.skipif(not (ASSETS / "eval").is_dir(), reason=f"no data in {ASSETS}; see docs/data.md")
def test_the_full_protocol_asks_for_what_the_data_folder_has(monkeypatch):
    monkeypatch.setenv("IMPASTO_ASSETS", str(ASSETS))
    for style, _ in DreamStyleProtocol().styles:
        style_file(style)
    for clip, _ in DreamStyleProtocol().clips:
        clip_file(clip)
