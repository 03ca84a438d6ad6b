"""Rules of the whole project: what is embedded, who may import what, how long a file may be."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from PIL import Image
from safetensors import safe_open

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "impasto"
EMBEDDED = PACKAGE / "weights"
BESIDE = tuple(ROOT / name for name in ("benchmarks", "examples", "tests", "tools"))
SOURCES = sorted(path for folder in (PACKAGE, *BESIDE) for path in folder.rglob("*.py"))
FORBIDDEN = {"torchvision", "lpips", "cleanfid", "pyiqa", "open_clip", "timm", "decord", "moviepy", "imageio", "pickle"}

MEGABYTE = 1e6


def tracked() -> list[Path]:
    """Files that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def imported(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports, wherever it does."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def test_weights_are_safetensors_or_previews():
    for path in EMBEDDED.rglob("*"):
        if not path.is_file() or path.suffix in {".py", ".pyc"}:
            continue
        if path.suffix == ".safetensors":
            with safe_open(path, "np") as file:
                assert list(file.keys()), path
        else:
            assert path.suffix == ".jpg", path
            assert path.parent.name == "previews", path
            with Image.open(path) as picture:
                assert picture.size == (240, 135), path
            assert path.stat().st_size <= 12_000, path


def test_weights_keep_their_budget():
    sizes = {path: path.stat().st_size for path in EMBEDDED.rglob("*") if path.suffix in {".safetensors", ".jpg"}}
    main = [sizes.get(EMBEDDED / f"{name}.safetensors", 0) for name in ("swift", "encoder", "styles")]
    assert sum(main) <= 10 * MEGABYTE
    assert sizes.get(EMBEDDED / "encoder.safetensors", 0) <= 6 * MEGABYTE
    assert sum(sizes.values()) <= 48 * MEGABYTE


def test_the_tracked_tree_stays_small():
    assert sum(path.stat().st_size for path in tracked()) <= 55 * MEGABYTE


def test_nothing_imports_what_does_not_fit():
    found = {str(path.relative_to(ROOT)): imported(path) & FORBIDDEN for path in SOURCES}
    assert not {path: names for path, names in found.items() if names}


def test_the_import_contract_holds(capsys):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_importing_the_package_is_light_and_silent():
    code = "import sys, impasto; print(sorted({'torch', 'openvino', 'av', 'cv2'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (loaded.stdout.strip(), loaded.stderr) == ("[]", "")


def test_no_file_is_too_long():
    for path in SOURCES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 500, f"{path}: split it"


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".yaml"} or path.name in {"Makefile", "run"}:
            assert not marks.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("name", ["weights", "encoder", "quality", "flicker", "speed"])
def test_benchmarks_print_one_object_or_say_what_is_missing(name, tmp_path):
    missing = {**os.environ, "IMPASTO_ASSETS": str(tmp_path / "nowhere")}
    ran = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--json"], cwd=ROOT, capture_output=True, text=True, env=missing
    )
    if ran.returncode == 0:
        (line,) = ran.stdout.splitlines()
        assert set(json.loads(line)) == {"name", "figure", "protocol"}
    else:
        assert ran.returncode == 3
        assert ran.stdout == ""
        assert "missing" in ran.stderr
        assert "Traceback" not in ran.stderr
