"""StyleMaster's ablations at toy size: pieces trained, clips painted and measured, verdicts, pages, going on."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from impasto.cli import main
from impasto.diffusion.embedded import read_texts
from impasto.errors import Interrupted
from impasto.evaluation.ablation import cells, measuring
from impasto.evaluation.ablation.cells import Cell
from impasto.evaluation.ablation.claims import CLAIMS, findings
from impasto.evaluation.ablation.columns import COLUMNS, METRICS, UNTRUSTED
from impasto.evaluation.ablation.painting import model_of, paint
from impasto.evaluation.ablation.pieces import motion_piece, projector_piece, style_piece, tokens_of
from impasto.evaluation.ablation.protocol import QUICK, AblationProtocol
from impasto.evaluation.ablation.rows import ALPHA_ROWS, BOTH, CONTROL_ROWS, ROWS, STYLE_ROWS, Row
from impasto.evaluation.ablation.table import ablation_table
from impasto.evaluation.assets import clip_file, style_file
from impasto.stylizers.stylemaster.config import StyleMasterConfig
from impasto.stylizers.stylemaster.pooledtexts import PooledTexts
from impasto.stylizers.stylemaster.projector import load_projector
from impasto.training.stylemaster.ground import nano_ground
from impasto.training.stylemaster.illusionpairs import IllusionPairs, IllusionRun, pair_of
from impasto.training.stylemaster.style import style_space
from impasto.weights import paths
from impasto.weights.paths import assets_dir, cache_dir
from tests.clips import make_clip
from tests.training.stylemaster.toyworld import EMBEDDING, forget, toy_parts, write_clips, write_weights

ASSETS = assets_dir().resolve()
BY_NAME = {row.name: row for rows in ROWS.values() for row in rows}


def write_pictures(assets: Path) -> None:
    """The styles and the clip that `QUICK` asks for, and two paintings of each of eleven artists."""
    rng = np.random.default_rng(0)
    for folder in ("styles", "eval/styles", "eval/videos"):
        (assets / folder).mkdir(parents=True)
    names = [f"styles/{number}.jpg" for number in range(22)] + [f"eval/styles/{name}.jpg" for name in QUICK.styles]
    for name in names:
        Image.fromarray(rng.integers(0, 255, (6, 8, 3), np.uint8)).resize((64, 48)).save(assets / name)
    rows = [{"file": f"styles/{number}.jpg", "artist": f"Painter {number // 2}"} for number in range(22)]
    (assets / "styles/captions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    for clip, _ in QUICK.clips:
        make_clip(assets / f"eval/videos/{clip}.mp4", frames=QUICK.frames)


def write_pairs() -> None:
    """Records of illusion pairs that were never painted."""
    run = IllusionRun()
    folder = IllusionPairs(run).folder
    folder.mkdir(parents=True)
    generator = torch.Generator().manual_seed(0)
    for number in range(40):
        vectors = torch.nn.functional.normalize(torch.randn(2, EMBEDDING, generator=generator), dim=1)
        pair = {**vars(pair_of(run, number)), "cosines": [1.0, 1.0]}
        save_file({"vectors": vectors}, folder / f"{number:05d}.safetensors", {"pair": json.dumps(pair)})


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
        write_clips()
        write_pairs()
    write_pictures(folder / "assets")
    return folder


@pytest.fixture(autouse=True)
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made / "weights"))
    monkeypatch.setenv("IMPASTO_ASSETS", str(made / "assets"))
    shutil.copytree(made / "cache", cache_dir(), dirs_exist_ok=True)
    forget()
    yield
    forget()


def run(name: str, folder: Path, *only: str) -> int:
    return main(["evaluate", "table", name, "--quick", "-o", str(folder), *(f"--only={row}" for row in only)])


def test_rows_are_trained_painted_measured_and_not_again(tmp_path: Path, capsys, monkeypatch):
    rows = "released", "gray-tile"
    assert run("stylemaster-ablation", tmp_path, *rows) == 0
    table = json.loads((tmp_path / "stylemaster-ablation.json").read_text())
    found = {row["name"]: row for row in table["rows"]}
    assert {name for name, row in found.items() if row["measured"]} == set(rows)
    asked = {column.key for column in COLUMNS}
    told = {name: {key for key, value in row["figures"].items() if value is not None} for name, row in found.items()}
    assert told["released"] == asked - {"structure", "lightness"}
    assert told["gray-tile"] == asked
    assert "UMT-nano" in (tmp_path / "stylemaster-ablation.md").read_text()
    assert {c["verdict"] for c in table["claims"]} == {"not measured yet", "not measurable here"}
    pieces = sorted(path.name.rsplit("-", 1)[0] for path in (cache_dir() / "tables/stylemaster").glob("*.safetensors"))
    assert pieces == ["control-gray-tile-0", "projector-0", "style-both-0", "style-released-0"]
    assert not list((cache_dir() / "training").glob("*unfinished.safetensors"))
    capsys.readouterr()
    monkeypatch.setattr(cells, "paint", None)  # whoever painted again would fall over it
    assert run("stylemaster-ablation", tmp_path, *rows) == 0
    assert json.loads((tmp_path / "stylemaster-ablation.json").read_text())["rows"] == table["rows"]
    shutil.rmtree(cache_dir() / "tables/stylemaster")  # what is written counts where the cache is gone
    assert run("stylemaster-ablation", tmp_path, *rows) == 0
    assert json.loads((tmp_path / "stylemaster-ablation.json").read_text())["rows"] == table["rows"]
    assert main(["evaluate", "table", "stylemaster-ablation", "--quick", "-o", str(tmp_path), "--rows"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["released", "1", "of", "1", "seeds"] in lines
    assert ["both", "0", "of", "1", "seeds"] in lines


def test_alpha_0_paints_as_no_adapter_does_and_others_do_not():
    """The adapter has weights here; its training would leave it all but empty at this size."""
    files = {}
    parts = toy_parts()
    for name in ("style", "motion"):
        files[name] = cache_dir() / f"{name}.safetensors"
        parts.save(files[name], name)  # pyright: ignore[reportArgumentType]
    rows = {row.alpha: row for row in ALPHA_ROWS}

    def painted(row: Row, *given: str) -> np.ndarray:
        (one,) = paint(QUICK, row, model_of(row, [files[name] for name in given]), 0)
        return np.stack(one.frames)

    plain = painted(BY_NAME["both"], "style")
    np.testing.assert_array_equal(painted(rows[0.0], "style", "motion"), plain)
    assert not np.array_equal(painted(rows[-1.0], "style", "motion"), plain)
    assert plain.shape == (QUICK.frames, QUICK.size[1], QUICK.size[0], 3)


def test_an_interrupted_table_goes_on_and_a_row_that_fails_says_why(monkeypatch):
    few = {key: METRICS[key] for key in ("dynamic", "smooth")}  # for the time that others take
    monkeypatch.setattr(measuring, "METRICS", few)

    def stop(line: str) -> None:
        if line.startswith("alpha-0.5"):
            raise KeyboardInterrupt

    states = ablation_table("motion-alpha", QUICK, ("alpha-1", "alpha-0.5"), stop, Path("none"))
    seen = [next(states), next(states)]
    assert [sum(row.measured for row in table.rows) for table in seen] == [0, 1]
    with pytest.raises(Interrupted, match="1 of 2 cells"):
        next(states)
    for file in (cache_dir() / "tables/stylemaster").glob("motion-*.safetensors"):
        file.write_bytes(b"nothing")
    (*_, last) = ablation_table("motion-alpha", QUICK, ("alpha-1", "alpha-0.5"), lambda line: None, Path("none"))
    assert [row.name for row in last.failures] == ["alpha-0.5"]
    assert "does not hold adapters" in last.failures[0].failure


def test_a_projector_of_artists_learns_from_the_paintings():
    piece = projector_piece(QUICK, BY_NAME["artists"].style, 0)
    said = []
    piece.make(said.append)
    assert load_projector(piece.file).config.embedding == EMBEDDING
    assert said[-1].startswith("  projector-artists-0: epoch 1 ")
    assert piece.key != projector_piece(QUICK, BOTH, 0).key


def test_what_decides_a_figure_is_in_the_key_and_other_seeds_are_not():
    cell = Cell(QUICK, BY_NAME["both"], 0)
    assert Cell(replace(QUICK, seeds=(0, 1)), cell.row, 0).key == cell.key
    others = [
        replace(cell, seed=1),
        replace(cell, row=BY_NAME["projector"]),
        replace(cell, protocol=replace(QUICK, preset="standard")),
        replace(cell, protocol=replace(QUICK, style=replace(QUICK.style, steps=2))),
        replace(cell, protocol=replace(QUICK, projector=replace(QUICK.projector, epochs=2))),
    ]
    assert len({cell.key, *(other.key for other in others)}) == 6


def test_each_row_begins_alike_and_learns_its_own_part_alone():
    names = {piece.name for row in BY_NAME.values() for piece in Cell(QUICK, row, 0).pieces}
    styles = {f"style-{row.style.name}-0" for row in STYLE_ROWS}
    assert names == styles | {f"{row.name}-0".replace(row.name, f"control-{row.name}") for row in CONTROL_ROWS} | {
        "motion-0"
    }
    assert motion_piece(QUICK, 0).needs == ()
    assert [piece.name for piece in style_piece(QUICK, BOTH, 2).needs] == ["projector-2"]
    assert style_piece(QUICK, BY_NAME["all-patches"].style, 0).needs == ()


def test_the_rows_are_built_as_they_are_called():
    built = {row.name: StyleMasterConfig(tokens_of(AblationProtocol(), row.style)).tokens for row in STYLE_ROWS}
    assert {name: (tokens.source, tokens.choice) for name, tokens in built.items() if tokens} == {
        "embedding": ("embedding", None),
        "projector": ("projector", None),
        "all-patches": (None, "all"),
        "random-patches": (None, "random"),
        "selected-patches": (None, "least"),
        "both": ("projector", "least"),
        "artists": ("projector", None),
        "released": ("embedding", "most"),
    }
    assert [row.control for row in CONTROL_ROWS] == ["gray tile", "rgb tile", "canny"]
    assert [row.alpha for row in ALPHA_ROWS] == [-1, -0.5, -0.3, -0.1, 0]


def test_pooled_texts_are_means_of_tokens_whatever_stands_after_them():
    space = style_space(nano_ground(), pooled_texts=True)
    assert isinstance(space, PooledTexts)
    alone, longer = space.text(["a cat"]), space.text(["a cat", "the cat sleeps by the red boat"])
    assert alone.shape == (1, EMBEDDING)
    torch.testing.assert_close(longer[:1], alone)
    mean = read_texts(["a cat"])[0].mean(0)
    pooled = mean.unflatten(0, (EMBEDDING, -1)).mean(1)
    torch.testing.assert_close(alone[0], pooled / pooled.norm())


# Verdicts


def as_claimed(table) -> dict[str, list[dict]]:
    """Three seeds under which all that can be measured holds: every difference is 1 or so."""
    order = {
        "csd": ["projector", "selected-patches", "both", "embedding", "all-patches", "rgb-tile", "gray-tile"],
        "match": ["embedding", "all-patches", "random-patches", "artists", "released"],
    }
    order["csd"] += ["alpha+0", "alpha-0.3"]
    order["match"] += ["selected-patches", "projector", "both", "alpha-1", "alpha+0", "alpha-0.3"]
    order["leakage"], order["spread"] = ["both", "released"], ["projector", "embedding"]
    order["retrieval"], order["lightness"] = ["embedding", "artists", "projector"], ["rgb-tile", "gray-tile"]
    order["structure"], order["smooth"] = ["canny", "gray-tile"], ["alpha-1", "alpha-0.3"]
    order["motion"] = ["alpha+0", "alpha-0.3", "alpha-1"]
    rng = np.random.default_rng(0)
    rows = {row.name: [{} for _ in range(3)] for row in ROWS[table]}
    for key, names in order.items():
        for place, name in enumerate(names):
            for figures in rows.get(name, []):
                figures[key] = place + float(rng.uniform(0, 0.05))
    return rows


@pytest.mark.parametrize("table", list(ROWS))
def test_all_is_reproduced_where_every_seed_shows_it_by_a_metric_that_can_tell(table):
    *found, last = findings(table, as_claimed(table))
    for finding in found:
        doubted = "not to be trusted" in finding.figures
        assert doubted == ("UMT-nano" in finding.holds_where)
        assert finding.verdict == ("not measurable here" if doubted else "reproduced")
    assert last.verdict == "not measurable here"


def test_what_decides_no_claim_is_what_takes_any_text_for_that_of_a_clip():
    sanity = json.loads(Path("docs/tables/sanity.json").read_text())
    failing = {
        row["metric"]
        for row in sanity["rows"]
        for verdict in row["verdicts"]
        if (verdict["case"], verdict["word"]) == ("prompt", "wrong")
    }
    assert {METRICS[key] for key in UNTRUSTED} == failing


def test_a_single_seed_decides_nothing():
    rows = {name: figures[:1] for name, figures in as_claimed("stylemaster-ablation").items()}
    assert {finding.verdict for finding in findings("stylemaster-ablation", rows)} == {"not measurable here"}


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((-3, -3, -3.1), "not reproduced"),
        ((-3, 6, 2), "not measurable here"),
        ((1, 2, 3), "not measurable here"),  # 3.5 standard errors, of which three seeds want 4.3
        ((1, 1.5, 2), "reproduced"),
    ],
)
def test_a_difference_that_seeds_do_not_agree_on_says_nothing(values, verdict):
    rows = as_claimed("stylemaster-ablation")
    base = [figures["structure"] for figures in rows["canny"]]
    for figures, low, value in zip(rows["gray-tile"], base, values, strict=True):
        figures["structure"] = low + value
    (found,) = [finding for finding in findings("stylemaster-ablation", rows) if "Canny" in finding.claim]
    assert found.verdict == verdict


def test_without_figures_there_is_no_verdict():
    for table in CLAIMS:
        assert {finding.verdict for finding in findings(table, {})} == {"not measured yet", "not measurable here"}


def test_what_is_missing_is_said_first(tmp_path: Path, monkeypatch, capsys, made: Path):
    shutil.rmtree(IllusionPairs(IllusionRun()).folder)
    assert run("stylemaster-ablation", tmp_path / "out") == 2
    assert "`impasto train stylemaster-illusions`" in capsys.readouterr().err
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr(paths, "EMBEDDED", tmp_path / "nowhere")
    assert run("motion-alpha", tmp_path / "out") == 3
    assert "`impasto train nano-base`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not (ASSETS / "eval").is_dir(), reason=f"no data in {ASSETS}; see docs/data.md")
def test_the_full_protocol_asks_for_what_the_data_folder_has(monkeypatch):
    monkeypatch.setenv("IMPASTO_ASSETS", str(ASSETS))
    protocol = AblationProtocol()
    files = [*map(style_file, protocol.styles), *(clip_file(name) for name, _ in protocol.clips)]
    assert all(file.is_file() for file in files)
