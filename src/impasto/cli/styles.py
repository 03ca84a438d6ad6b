"""`impasto styles`: the styles that need no picture."""

from typing import Annotated

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table


def styles(*, search: str | None = None, json: Annotated[bool, Switch] = False) -> None:
    """List the named styles.

    Parameters
    ----------
    search
        A description: list the ten styles that fit it best, the best first.
    json
        Print a JSON list, with the path of a preview picture for each.
    """
    from impasto.job.catalog import style_facts

    facts = style_facts(search)
    if json:
        print_json(facts)
        return
    print_table(["style", "title", "artist", "licence"], [[s.name, s.title, s.artist, s.licence] for s in facts])
