"""Captions: what they say is true, what wrong ones say is wrong, and in one part only."""

import re
from collections import Counter

import numpy as np
import pytest

from impasto.scenes.world.captions import caption, phrase, wrong_caption
from impasto.scenes.world.catalogue import BACKDROPS, KINDS
from impasto.scenes.world.chance import describe
from impasto.scenes.world.colours import COLOURS
from impasto.scenes.world.description import Description, Subject

PLURALS = {"buses": "bus", "cacti": "cactus", "lorries": "lorry", "butterflies": "butterfly", "men": "man",
           "women": "woman", "children": "child"}  # fmt: skip
CAMERA = {
    "still": "camera is still|camera does not move|static shot",
    "pans left": "camera pans (to the )?left|panning shot to the left",
    "pans right": "camera pans (to the )?right|panning shot to the right",
    "tilts up": "camera tilts up|upward tilt",
    "tilts down": "camera tilts down|downward tilt",
    "zooms in": "zooms in|moves closer|pushes in",
    "zooms out": "zooms out|camera moves away|pulls back",
}
LIGHT = {
    "day": "sunny|sunshine|daylight|by day",
    "sunset": "sunset|evening|sun sets",
    "night": "night|moonlight",
    "fog": "fog|mist",
    "clouds": "cloudy|overcast",
}
SEEDS = range(150)


def said(text: str) -> dict[str, set[str]]:
    """What a caption speaks of, read with words that are not the grammar's own tables."""
    text = text.lower()
    heard = {"camera": {name for name, words in CAMERA.items() if re.search(words, text)}}
    # The camera's words are no motion of a subject.
    text = re.sub("|".join(f"the {w}" if w.startswith("camera") else w for w in CAMERA.values()), "", text)
    heard["light"] = {name for name, words in LIGHT.items() if re.search(words, text)}
    heard["backdrop"] = set()
    for name, backdrop in BACKDROPS.items():
        for words in sorted(backdrop.phrases, key=len, reverse=True):
            if words in text:
                heard["backdrop"].add(name)
                text = text.replace(words, "")
    words = [PLURALS.get(word, word) for word in re.findall(r"[a-z-]+", text)]
    sentence = " ".join(words)
    heard["kind"] = {
        name for name, kind in KINDS.items() if any(re.search(rf"\b{noun}s?\b", sentence) for noun in kind.names)
    }
    heard["colour"] = set(words) & set(COLOURS)
    heard["number"] = set(words) & {"two", "three"}
    return heard


def truth(description: Description) -> dict[str, set[str]]:
    subjects = description.subjects
    return {
        "camera": {description.camera},
        "light": {description.light},
        "backdrop": {description.backdrop},
        "kind": {subject.kind for subject in subjects},
        "colour": {subject.colour for subject in subjects},
        "number": {{2: "two", 3: "three"}[s.count] for s in subjects if s.count > 1},
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_caption_tells_the_truth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    description = describe(rng)
    for _ in range(4):
        text = caption(description, rng)
        heard, true = said(text), truth(description)
        assert heard["kind"] == true["kind"], text
        assert heard["number"] == true["number"], text
        for part in ("colour", "camera", "light", "backdrop"):
            assert heard[part] <= true[part], text
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert "  " not in text, text


@pytest.mark.parametrize("seed", SEEDS)
def test_what_must_be_said_is_said(seed: int) -> None:
    rng = np.random.default_rng(seed)
    description = describe(rng)
    text = caption(description, rng, ("colour", "camera", "backdrop", "light"))
    heard, true = said(text), truth(description)
    assert heard["colour"] == true["colour"], text
    assert heard["camera"] == true["camera"], text
    assert heard["backdrop"] == true["backdrop"], text
    assert heard["light"] == (set() if description.backdrop in ("deep sea", "moon") else true["light"]), text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_caption_is_wrong_in_the_part_it_names(seed: int) -> None:
    rng = np.random.default_rng(seed)
    description = describe(rng)
    for _ in range(4):
        text, part = wrong_caption(description, rng)
        heard, true = said(text), truth(description)
        wrong = {name for name in ("kind", "backdrop", "light", "camera") if not heard[name] <= true[name]}
        if part in ("kind", "backdrop", "light", "camera"):
            assert wrong == {part}, text
        else:
            assert wrong == set(), text
            assert heard["kind"] == true["kind"], text
        if part == "colour" and len(description.subjects) == 1:
            assert heard["colour"], text
            assert not heard["colour"] & true["colour"], text
        elif part == "number" and len(description.subjects) == 1:
            assert heard["number"] != true["number"], text
        elif part not in ("kind", "colour", "number"):
            assert heard["colour"] <= true["colour"], text
            assert heard["number"] == true["number"], text


def test_wrong_captions_are_wrong_in_every_part() -> None:
    rng = np.random.default_rng(0)
    parts = Counter(wrong_caption(describe(rng), rng)[1] for _ in range(400))
    assert set(parts) == {"kind", "colour", "motion", "number", "backdrop", "light", "camera"}
    assert min(parts.values()) > 20


@pytest.mark.parametrize(("motion", "opposite"), [("left", "right"), ("right", "left")])
def test_a_wrong_motion_goes_the_other_way(motion: str, opposite: str) -> None:
    car = Subject(kind="car", colour="red", motion=motion)  # pyright: ignore[reportArgumentType]
    description = Description(subjects=(car,), backdrop="city")
    rng = np.random.default_rng(3)
    told = [text for text, part in (wrong_caption(description, rng) for _ in range(80)) if part == "motion"]
    assert told
    for text in told:
        # "from left to right": where it ends counts.
        ways = re.findall(r"\b(?:left|right)\b", re.sub("|".join(CAMERA.values()), "", text.lower()))
        assert ways[-1] == opposite, text


def test_captions_vary() -> None:
    rng = np.random.default_rng(1)
    description = describe(rng)
    assert len({caption(description, rng) for _ in range(60)}) > 40


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject(kind="boat", colour="red", size="small", motion="left"), "a small red boat sailing to the left"),
        (Subject(kind="bird", colour="orange", motion="up"), "an orange bird flying upwards"),
        (Subject(kind="sheep", colour="white", count=3, motion="bounce"), "three white sheep bouncing up and down"),
        (Subject(kind="woman", colour="green", motion="wave"), "a woman in green waving"),
        (
            Subject(kind="balloon", colour="blue", where="right", count=2),
            "two blue hot-air balloons floating on the right",
        ),
        (Subject(kind="cactus", colour="green", count=2, motion="grow"), "two green cacti growing"),
    ],
)
def test_the_phrase_of_a_subject(subject: Subject, words: str) -> None:
    assert phrase(subject) == words
