"""The ways from a clip to a pair, by name."""

from difflib import get_close_matches

from impasto.curation.routes.animated import Animated
from impasto.curation.routes.redrawn import Redrawn
from impasto.curation.routes.repainted import Repainted
from impasto.curation.routes.reversed import Reversed
from impasto.curation.routes.route import Route
from impasto.errors import UnsupportedOption

ROUTES: dict[str, Route] = {
    "redrawn": Redrawn(),
    "swift": Repainted("swift"),
    "ruder": Repainted("ruder"),
    "gatys": Repainted("gatys"),
    "animated": Animated(),
    "reversed": Reversed(),
}


def find_route(name: str) -> Route:
    """The route of that name; raises `UnsupportedOption` where there is none."""
    if name not in ROUTES:
        near = get_close_matches(name, ROUTES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose of {', '.join(ROUTES)}."
        raise UnsupportedOption(f"No route is called {name!r}; {hint}")
    return ROUTES[name]
