"""`impasto models`: what there is to repaint with."""

from typing import Annotated

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table
from impasto.job.catalog import model_facts
from impasto.job.wording import size_text


def models(*nets: str, json: Annotated[bool, Switch] = False) -> None:
    """List the models, where their weights come from, their licences.

    Parameters
    ----------
    nets
        Files that `impasto learn` made, to be shown instead.
    json
        Print a JSON list.
    """
    facts = model_facts(nets)
    if json:
        print_json(facts)
        return
    columns = ["model", "family", "source", "weights", "licence", "presets", "summary"]
    rows = []
    for each in facts:
        size = "missing" if each.weights_bytes is None else size_text(each.weights_bytes)
        summary = f"experimental: {each.summary}" if each.experimental else each.summary
        rows.append([each.name, each.family, each.source, size, each.licence, ", ".join(each.presets), summary])
    print_table(columns, rows)
