"""Captions by a small grammar: exact ones with paraphrases, and wrong ones that differ from the truth in one part."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from impasto.scenes.world.catalogue import BACKDROPS, KINDS
from impasto.scenes.world.description import CAMERA_MOTIONS, Description, Motion, Part, Subject

_T = TypeVar("_T")
Choose = Callable[[Sequence[str]], str]
Form = Callable[[str, int], str]
"""A verb, with what follows it, as it stands after so many things."""

_SIZES = {"small": ("small", "little", "tiny"), "": ("",), "large": ("large", "big", "huge")}
_NUMBERS = {2: "two", 3: "three"}
_PLURALS = {"bus": "buses", "fish": "fish", "sheep": "sheep", "cactus": "cacti", "lorry": "lorries", "box": "boxes",
            "butterfly": "butterflies", "man": "men", "woman": "women", "child": "children"}  # fmt: skip
_WHERE = {
    "left": ("on the left", "on the left side"),
    "middle": ("in the middle", "in the centre"),
    "right": ("on the right", "on the right side"),
}
_WAYS: dict[Motion, tuple[str, ...]] = {
    "left": ("to the left", "left", "from right to left", "towards the left"),
    "right": ("to the right", "right", "from left to right", "towards the right"),
    "up": ("upwards", "up", "higher and higher"),
    "down": ("downwards", "down", "lower and lower"),
}
_DEEDS: dict[Motion, tuple[str, ...]] = {
    "bounce": ("bounce up and down", "hop up and down", "jump up and down"),
    "turn": ("turn", "spin", "rotate"),
    "grow": ("grow", "grow bigger", "get bigger"),
    "shrink": ("shrink", "get smaller", "become smaller"),
    "sway": ("sway", "sway from side to side", "sway gently"),
    "wave": ("wave", "wave a hand"),
}
_PARTICIPLES = {"swim": "swimming", "get": "getting", "spin": "spinning", "hop": "hopping", "run": "running",
                "sit": "sitting", "lie": "lying", "trot": "trotting"}  # fmt: skip
_LIGHTS = {
    "day": ("on a sunny day", "in the sunshine", "in bright daylight"),
    "sunset": ("at sunset", "in the evening light", "while the sun sets"),
    "night": ("at night", "by night", "in the moonlight"),
    "fog": ("in the fog", "on a foggy day", "in thick mist"),
    "clouds": ("under a cloudy sky", "on a cloudy day", "on an overcast day"),
}
_UNLIT = {"room": {"day": ("by day", "in daylight"), "night": ("at night", "by night")}, "deep sea": {}, "moon": {}}
"""Backdrops that the usual words for the hour do not fit."""
_CAMERA = {
    "still": ("the camera is still", "the camera does not move", "static shot"),
    "pans left": ("the camera pans left", "the camera pans to the left", "panning shot to the left"),
    "pans right": ("the camera pans right", "the camera pans to the right", "panning shot to the right"),
    "tilts up": ("the camera tilts up", "the camera tilts upwards", "upward tilt"),
    "tilts down": ("the camera tilts down", "the camera tilts downwards", "downward tilt"),
    "zooms in": ("the camera zooms in", "the camera moves closer", "the camera pushes in"),
    "zooms out": ("the camera zooms out", "the camera moves away", "the camera pulls back"),
}
_OPPOSITES: dict[Motion, Motion] = {
    "left": "right", "right": "left", "up": "down", "down": "up", "grow": "shrink", "shrink": "grow",
}  # fmt: skip
_ALIKE = ({"seaside", "lake"}, {"mountains", "lake"}, {"mountains", "snow"}, {"meadow", "lake"}, {"meadow", "field"},
          {"tower", "lighthouse"}, {"tower", "castle"})  # fmt: skip
"""Pairs of which the one's words are not quite wrong for the other."""


def phrase(subject: Subject) -> str:
    """What a subject is and does, in plain words: "a small red boat sailing to the left"."""
    words = f"{_thing(subject, _first)} {_doing(subject, _first, _participle)}"
    return f"{words} {_WHERE[subject.where][0]}" if subject.motion == "still" else words


def caption(description: Description, rng: np.random.Generator, said: Collection[Part] = ()) -> str:
    """One of many sentences for what the description says; whatever it says is true.

    Args:
        description: the truth.
        rng: chooses the words, their order, and what is left out.
        said: parts that are not to be left out.
    """

    def choose(words: Sequence[str]) -> str:
        return words[int(rng.integers(len(words)))]

    def says(part: Part, chance: float) -> bool:
        return bool(rng.random() < chance) or part in said

    listed = rng.random() < 0.45
    things = []
    for subject in description.subjects:
        words = [_thing(subject, choose, size=rng.random() < 0.75, colour=says("colour", 0.88))]
        if says("motion", 0.9) or not listed:
            words.append(_doing(subject, choose, _participle if listed else _finite))
        if subject.motion not in _WAYS and rng.random() < 0.6:
            words.append(choose(_WHERE[subject.where]))
        things.append(" ".join(words))
    scene = []
    if says("backdrop", 0.88):
        scene.append(choose(BACKDROPS[description.backdrop].phrases))
    lights = _UNLIT.get(description.backdrop, _LIGHTS).get(description.light)
    if lights and says("light", 0.8):
        scene.append(choose(lights))
    sentence = _stated(things, " ".join(scene), listed, rng)
    if says("camera", 0.8 if description.camera != "still" else 0.5):
        sentence = _filmed(sentence, choose(_CAMERA[description.camera]), rng)
    return _capital(f"{sentence}.")


def wrong_caption(description: Description, rng: np.random.Generator) -> tuple[str, Part]:
    """A caption that is untrue in one part, which it says, and the name of that part; all else in it is true."""
    # Any scene could be elsewhere, so that one part is always found.
    ways = list(_CHANGES.items())
    rng.shuffle(ways)
    drawn: Iterator[tuple[Part, list[Description]]] = ((part, change(description)) for part, change in ways)
    part, wrong = next(way for way in drawn if way[1])
    return caption(_pick(rng, wrong), rng, (part,)), part


def _kinds(true: Description) -> list[Description]:
    backdrop, present = BACKDROPS[true.backdrop], {subject.kind for subject in true.subjects}
    return [
        _exchanged(true, i, kind=name)
        for i, subject in enumerate(true.subjects)
        for name, kind in KINDS.items()
        if name not in present.union(backdrop.shows)
        and {name, subject.kind} not in _ALIKE
        and subject.motion in kind.motions
        and set(kind.habitats) & set(KINDS[subject.kind].habitats)
    ]


def _colours(true: Description) -> list[Description]:
    return [
        _exchanged(true, i, colour=colour)
        for i, subject in enumerate(true.subjects)
        for colour in KINDS[subject.kind].colours
        if colour != subject.colour
    ]


def _motions(true: Description) -> list[Description]:
    """The opposite where there is one, else whatever else the kind can do.

    Never that it stays: what sways or turns stays too.
    """
    return [
        _exchanged(true, i, motion=motion)
        for i, subject in enumerate(true.subjects)
        for motion in sorted({_OPPOSITES.get(subject.motion, motion) for motion in KINDS[subject.kind].motions})
        if motion not in (subject.motion, "still")
    ]


def _numbers(true: Description) -> list[Description]:
    return [
        _exchanged(true, i, count=count)
        for i, subject in enumerate(true.subjects)
        for count in (1, *_NUMBERS)
        if count != subject.count
    ]


def _backdrops(true: Description) -> list[Description]:
    return [
        replace(true, backdrop=name)
        for name in BACKDROPS
        if name != true.backdrop and {name, true.backdrop} not in _ALIKE and true.light in BACKDROPS[name].lights
    ]


def _lights(true: Description) -> list[Description]:
    words = _UNLIT.get(true.backdrop, _LIGHTS)
    return [replace(true, light=light) for light in words if light != true.light]


def _cameras(true: Description) -> list[Description]:
    return [replace(true, camera=motion) for motion in CAMERA_MOTIONS if motion != true.camera]


_CHANGES: dict[Part, Callable[[Description], list[Description]]] = {
    "kind": _kinds, "colour": _colours, "motion": _motions, "number": _numbers, "backdrop": _backdrops,
    "light": _lights, "camera": _cameras,
}  # fmt: skip
"""Descriptions that are wrong in a part."""


def _exchanged(true: Description, i: int, **changes: Any) -> Description:
    """The description with something else about subject `i`."""
    subjects = list(true.subjects)
    subjects[i] = replace(subjects[i], **changes)
    return replace(true, subjects=tuple(subjects))


def _thing(subject: Subject, choose: Choose, size: bool = True, colour: bool = True) -> str:
    """ "two small red boats", "a man in blue"."""
    kind = KINDS[subject.kind]
    noun = choose(kind.names)
    if subject.count > 1:
        noun = " ".join([*noun.split()[:-1], _plural(noun.split()[-1])])
    dressed = kind.family == "person"
    tint = subject.colour if colour else ""
    words = [choose(_SIZES[subject.size]) if size else "", "" if dressed else tint, noun]
    words = " ".join(filter(None, [*words, f"in {tint}" if dressed and tint else ""]))
    number = _NUMBERS.get(subject.count, "an" if words[0] in "aeio" else "a")
    return f"{number} {words}"


def _doing(subject: Subject, choose: Choose, form: Form) -> str:
    kind = KINDS[subject.kind]
    if subject.motion in _WAYS:
        return f"{form(choose(kind.go), subject.count)} {choose(_WAYS[subject.motion])}"
    return form(choose(_DEEDS.get(subject.motion, kind.stay)), subject.count)


def _finite(words: str, count: int) -> str:
    verb, *rest = words.split()
    if count == 1:
        verb = f"{verb[:-1]}ies" if verb == "fly" else f"{verb}s"
    return " ".join([verb, *rest])


def _participle(words: str, count: int) -> str:
    verb, *rest = words.split()
    return " ".join([_PARTICIPLES.get(verb, f"{verb.removesuffix('e')}ing"), *rest])


def _plural(noun: str) -> str:
    return _PLURALS.get(noun, f"{noun}s")


def _stated(things: list[str], scene: str, listed: bool, rng: np.random.Generator) -> str:
    """The things in one sentence, the scene before or behind them."""
    sentence = " and ".join(filter(None, [", ".join(things[:-1]), things[-1]]))
    if listed and rng.random() < 0.5:
        sentence = f"a video of {sentence}"
    elif scene and rng.random() < 0.35:
        return f"{scene}, {sentence}"
    return " ".join(filter(None, (f"{sentence}," if scene and len(things) > 1 else sentence, scene)))


def _filmed(sentence: str, camera: str, rng: np.random.Generator) -> str:
    """The sentence with words on the camera."""
    if rng.random() < 0.5:
        return f"{sentence}. {_capital(camera)}"
    return f"{sentence} while {camera}" if camera.startswith("the camera") else f"{camera}: {sentence}"


def _first(words: Sequence[str]) -> str:
    return words[0]


def _pick(rng: np.random.Generator, options: list[_T]) -> _T:
    return options[rng.integers(len(options))]


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
