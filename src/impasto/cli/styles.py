"""`impasto styles`: the styles that need no picture."""

from typing import Annotated

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table


def styles(*, json: Annotated[bool, Switch] = False) -> None:
    """List the named styles.

    Parameters
    ----------
    json
        Print a JSON list, with the path of a preview picture for each.
    """
    from impasto.job.catalog import style_facts

    facts = style_facts()
    if json:
        print_json(facts)
        return
    print_table(["style", "title", "artist", "licence"], [[s.name, s.title, s.artist, s.licence] for s in facts])
