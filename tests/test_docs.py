"""The documentation says what the code does: pages that code writes, commands that pages show, links of the README."""

import re
import shlex
from pathlib import Path

import pytest

from impasto.cli.app import app
from tools.pages import pages

ROOT = Path(__file__).parents[1]
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture(scope="module")
def written() -> dict[Path, str]:
    return pages()


@pytest.mark.parametrize("name", ["reference/commands.md", "reference/metrics.md", "licences.md", "troubleshooting.md"])
def test_pages_written_by_code_are_up_to_date(written, name):
    path = ROOT / "docs" / name
    assert path.read_text(encoding="utf-8") == written[path], "run `python -m tools.pages`"


def test_no_written_page_is_forgotten_above(written):
    assert len(written) == 4


def shown_commands() -> list[tuple[str, str]]:
    found = []
    for path in TEXTS:
        for block in re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            found += [(path.name, line) for line in lines if line.startswith("impasto ")]
    return found


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_a_shown_command_is_understood(page, line):
    """By its options alone: no file is looked for and nothing is run."""
    tokens = shlex.split(line, comments=True)[1:]
    command, *_ = app.parse_args(tokens, exit_on_error=False, print_error=False)
    assert "--help" in tokens or command.__name__ in tokens


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert all(link.startswith("https://") or (ROOT / link).exists() for link in links)
