"""What sets a first frame moving, by name; `animator`: the interface."""

from difflib import get_close_matches

from impasto.curation.animators.animator import Animator, Load
from impasto.errors import UnsupportedOption


def _nano(kinds: tuple[str, ...]) -> Animator:
    from impasto.curation.animators.nano import load

    return load(kinds)


def _vace(kinds: tuple[str, ...]) -> Animator:
    from impasto.curation.animators.vace import load

    return load(kinds)


ANIMATORS: dict[str, Load] = {"nano": _nano, "vace": _vace}


def find_animator(name: str) -> Load:
    """What loads the animator of that name; raises `UnsupportedOption` where there is none."""
    if name not in ANIMATORS:
        near = get_close_matches(name, ANIMATORS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose of {', '.join(ANIMATORS)}."
        raise UnsupportedOption(f"No animator is called {name!r}; {hint}")
    return ANIMATORS[name]
