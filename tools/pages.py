"""The pages that are written by code: `python -m tools.pages`. A test sees whether they are up to date."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cyclopts import App
from cyclopts.argument import Argument

from impasto.cli.app import app
from impasto.curation.animators.vace import VACE
from impasto.curation.editors.qwenimage import QWEN_IMAGE_EDIT
from impasto.curation.instantstyle import ADAPTER, CONTROLNET, SDXL
from impasto.curation.vlm.qwen import QWEN
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.metrics.hub import models as metric_networks
from impasto.evaluation.metrics.hub.models import DINOV2_B14
from impasto.job.doctor import examine
from impasto.job.wording import size_text
from impasto.stylizers.registry import models
from impasto.weights.hub import HubModel
from impasto.weights.paths import RECIPES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOTICE = "<!-- Written by `python -m tools.pages`; changes belong into the code that it reads. -->\n"
FLAGS = ("--help", "-h", "--version")
HUB = "https://huggingface.co"


def commands() -> str:
    """Every command with its options, from the application itself."""
    lines = [
        NOTICE,
        "# Commands",
        "",
        "Every command takes `--help`; `--` ends the options. Exit codes: 0 done; 1 a check or some items of a batch"
        " failed, or an internal error (the log is named); 2 what was given is wrong; 3 a model or its weights are"
        " missing; 4 out of memory or disk; 130 stopped, and the same command goes on.",
        "",
    ]
    for path, command in walk(app, ["impasto"]):
        lines += [f"## {' '.join(path)}", "", command.help or "", ""]
        if arguments := [each for each in command.assemble_argument_collection(parse_docstring=True) if each.show]:
            lines += [*table(["", "what", "by default"], map(row_of, arguments)), ""]
        lines += [f"```sh\n{(command.help_epilogue or '').removeprefix('Example: ')}\n```", ""]
    return "\n".join(lines)


def walk(command: App, path: list[str]) -> Iterator[tuple[list[str], App]]:
    """All commands that do something, with their full names, in the order of `--help`."""
    for name in command:
        if name in FLAGS:
            continue
        if command[name].default_command is None:
            yield from walk(command[name], [*path, name])
        else:
            yield [*path, name], command[name]


def row_of(argument: Argument) -> list[str]:
    """Its names, what it is, and what holds where it is not given."""
    default = argument.field_info.default
    choices = argument.get_choices()
    what = " ".join((argument.parameter.help or "").split())
    if choices:
        what += f" One of {', '.join(choices)}."
    if argument.required:
        shown = "needed"
    elif default is None or default is False or default in ((), "", argument.field_info.empty):
        shown = ""
    else:
        shown = f"`{default}`"
    names = [name for name in argument.names if not (argument.index is not None and name.startswith("-"))]
    return [", ".join(f"`{name}`" for name in names or [argument.names[0].lstrip("-").upper()]), what, shown]


def licences() -> str:
    """Licences of all weights, of the models' and of the metrics', and of the named styles."""
    own = [[f"`{file}`", f"`impasto train {recipe}`", "Apache-2.0", used_by(file)] for file, recipe in RECIPES.items()]
    listed = [[f"`{m.name}`", m.family, m.source, m.licence, ", ".join(hub_names(m.hub))] for m in models().values()]
    with (ROOT / "src/impasto/training/namedstyles.tsv").open(encoding="utf-8") as file:
        styles = [[f"`{s['name']}`", s["title"], s["artist"], s["date"], s["licence"]] for s in tsv(file)]
    return "\n".join(
        [
            NOTICE,
            "# Licences",
            "",
            "Impasto is Apache-2.0, and so are the weights that come with it. What they were trained on is listed in"
            " [data](data.md), with the licence of each source; each [model card](models/swift.md) says which of it a"
            " model has seen. Nothing of other people's is part of the package.",
            "",
            "## Models",
            "",
            *table(["model", "family", "weights", "licence", "published networks"], listed),
            "",
            "## Weights that are trained here",
            "",
            *table(["file", "made by", "licence", "used by"], own),
            "",
            "## Published networks",
            "",
            "Fetched only where you name a model that needs them, or put into a folder by you ([weights](weights.md)).",
            "",
            *table(["network", "licence", "about", "for"], network_rows()),
            "",
            "## Named styles",
            "",
            "The package holds their codes and small previews of a rendered scene painted with them, not the"
            " paintings.",
            "",
            *table(["style", "painting", "painter", "date", "licence"], styles),
            "",
        ]
    )


def network_rows() -> Iterator[list[str]]:
    """Published networks of models, then those of metrics, each once."""
    uses: dict[str, list[str]] = {}
    networks: dict[str, HubModel] = {}
    for model in models().values():
        controls = [network for files in model.controls.values() for network in files.hub]
        for network in (*model.hub, *controls):
            networks.setdefault(network.repository, network)
            uses.setdefault(network.repository, []).append(f"`{model.name}`")
        if model.refining:
            networks.setdefault(model.refining.repository, model.refining)
            uses.setdefault(model.refining.repository, []).append(f"`{model.name}` with `--refine`")
    for network in vars(metric_networks).values():
        if isinstance(network, HubModel):
            networks.setdefault(network.repository, network)
            uses.setdefault(network.repository, []).append("metrics")
    for network in (VACE, SDXL, CONTROLNET, ADAPTER, QWEN_IMAGE_EDIT, QWEN, DINOV2_B14):
        networks.setdefault(network.repository, network)
        uses.setdefault(network.repository, []).append("`impasto curate`")
    for repository, network in networks.items():
        size = sum(file.size for file in network.files)
        used = ", ".join(dict.fromkeys(uses[repository]))
        yield [hub_names([network])[0], network.licence, size_text(size), used]


def hub_names(networks: Iterable[HubModel]) -> list[str]:
    return [f"[{network.repository}]({HUB}/{network.repository})" for network in networks]


def used_by(file: str) -> str:
    names = [
        f"`{model.name}`"
        for model in models().values()
        if file in (*model.weights, *(name for files in model.controls.values() for name in files.weights))
    ]
    return ", ".join(names) or "metrics"


def tsv(file: Iterable[str]) -> Iterator[dict[str, str]]:
    return csv.DictReader(file, delimiter="\t")


def measures() -> str:
    """Every metric, with how it is computed and how it misleads."""
    lines = [
        NOTICE,
        "# Metrics",
        "",
        "`impasto evaluate run` measures all that fit what is given. A key that ends in `-nano` looks with an embedded"
        " network: its figures are its own and do not compare with those of the metric that it stands in for."
        " [The sanity table](../tables/sanity.md) says which of them move as they should.",
        "",
    ]
    for metric in metrics().values():
        protocol = metric.protocol
        needs = ", ".join(sorted(need.replace("_", " ") for need in metric.needs)) or "nothing"
        direction = {"neither": "neither direction is better"}.get(protocol.better, f"{protocol.better} is better")
        lines += [
            f"## {metric.key}",
            "",
            f"**{protocol.name}**, {direction}. Compares with: {needs}.",
            "",
            f"* Definition: {protocol.definition}",
            f"* Looks with: {protocol.extractor}",
            f"* Size: {protocol.resize}",
            f"* Frames: {protocol.frames}",
            f"* How it misleads: {protocol.trap}",
            "",
        ]
    return "\n".join(lines)


def findings() -> str:
    """What `impasto doctor` looks at."""
    rows = [[f"`{each.name}`", "yes" if each.needed else "no", each.advice] for each in examine() if each.advice]
    return "\n".join(table(["finding", "the main job needs it", "what to do where it is not ok"], rows))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return [f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *escaped)]


def within(page: str, name: str, text: str) -> str:
    """A page with `text` between its marks `NAME: begin` and `NAME: end`."""
    begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}{text}{end}{after}"


def pages() -> dict[Path, str]:
    """What belongs into each file."""
    doctor = DOCS / "troubleshooting.md"
    return {
        DOCS / "reference" / "commands.md": commands(),
        DOCS / "reference" / "metrics.md": measures(),
        DOCS / "licences.md": licences(),
        doctor: within(doctor.read_text(encoding="utf-8"), "doctor", findings()),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
