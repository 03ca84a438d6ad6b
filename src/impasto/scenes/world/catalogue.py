"""All that can be in a scene: kinds of things with their words, and backdrops with theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from impasto.scenes.world import animals, buildings, people, plants, things, vehicles
from impasto.scenes.world.colours import BRIGHT
from impasto.scenes.world.description import Motion
from impasto.scenes.world.sheet import Part, Sitter

Habitat = Literal["ground", "air", "water", "deep"]
Family = Literal["animal", "vehicle", "plant", "building", "person", "thing"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    family: Family
    draw: Callable[[Sitter], list[Part]]
    names: tuple[str, ...]
    """Words that mean it, the first the usual one."""
    tall: float
    """Height as a share of the picture's."""
    wide: float
    """Width over height."""
    colours: tuple[str, ...]
    motions: tuple[Motion, ...]
    habitats: tuple[Habitat, ...] = ("ground",)
    go: tuple[str, ...] = ("move",)
    """Verbs for what it does when it moves on."""
    stay: tuple[str, ...] = ("stand",)
    """Verbs for what it does when it stays where it is."""
    rolls: float = 0.0
    """Radius, over its height, of a thing that rolls as it moves on."""
    turns_itself: bool = True
    """Else it turns a part of itself."""

    @property
    def flies(self) -> bool:
        return "air" in self.habitats or "deep" in self.habitats


@dataclass(frozen=True, kw_only=True)
class Backdrop:
    phrases: tuple[str, ...]
    habitats: tuple[Habitat, ...]
    lights: tuple[str, ...] = ("day", "sunset", "night", "fog", "clouds")
    shows: tuple[str, ...] = ()
    """Kinds that are part of it, so that no subject is one of them."""
    hides: tuple[str, ...] = ()
    """Colours that would be lost before it."""

    def home(self, kind: Kind) -> Habitat:
        """Where in it a kind is; where it usually is, if it does not belong here."""
        shared: list[Habitat] = [habitat for habitat in kind.habitats if habitat in set(self.habitats)]
        return shared[0] if shared else kind.habitats[0]


_SIDEWAYS: tuple[Motion, ...] = ("left", "right")
_ALL_WAYS: tuple[Motion, ...] = ("left", "right", "up", "down")
_FUR = ("brown", "black", "white", "grey", "orange")
_WALLS = ("red", "yellow", "white", "blue", "pink", "orange", "brown", "green")
_LIVING: tuple[Motion, ...] = ("still", "left", "right", "left", "right", "bounce")
_DRIVING: tuple[Motion, ...] = ("still", "left", "right", "left", "right")
_GROWING: tuple[Motion, ...] = ("still", "sway", "grow", "shrink")
_TOY: tuple[Motion, ...] = ("still", "left", "right", "bounce", "turn", "grow", "shrink")
_FLYING: tuple[Motion, ...] = ("still", "left", "right", "up", "down")
_UP_HIGH: tuple[Motion, ...] = ("still", "left", "right", "up", "down", "turn", "grow", "shrink", "bounce")

KINDS: dict[str, Kind] = {
    "cat": Kind(family="animal", draw=animals.cat, names=("cat",), tall=0.3, wide=1.3, colours=_FUR, motions=_LIVING,
                go=("walk", "run"), stay=("stand",)),
    "dog": Kind(family="animal", draw=animals.dog, names=("dog",), tall=0.32, wide=1.4, colours=_FUR, motions=_LIVING,
                go=("run", "walk"), stay=("stand",)),
    "horse": Kind(family="animal", draw=animals.horse, names=("horse",), tall=0.46, wide=1.2, colours=_FUR[:4],
                  motions=_LIVING, go=("trot", "walk"), stay=("stand",)),
    "elephant": Kind(family="animal", draw=animals.elephant, names=("elephant",), tall=0.46, wide=1.5,
                     colours=("grey", "pink", "blue", "brown"), motions=_LIVING[:5], go=("walk",)),
    "sheep": Kind(family="animal", draw=animals.sheep, names=("sheep",), tall=0.3, wide=1.3,
                  colours=("white", "black", "brown", "pink"), motions=_LIVING, go=("walk", "run")),
    "bird": Kind(family="animal", draw=animals.bird, names=("bird",), tall=0.22, wide=1.9, colours=(*BRIGHT, "black"),
                 motions=("left", "right", "up", "down"), habitats=("air",), go=("fly",), stay=("hover",)),
    "butterfly": Kind(family="animal", draw=animals.butterfly, names=("butterfly",), tall=0.24, wide=1.3,
                      colours=BRIGHT,
                      motions=_FLYING, habitats=("air",), go=("flutter", "fly"), stay=("flutter", "hover")),
    "duck": Kind(family="animal", draw=animals.duck, names=("duck",), tall=0.2, wide=1.6,
                 colours=("yellow", "white", "brown", "green", "black"), motions=_DRIVING, habitats=("water",),
                 go=("swim", "paddle"), stay=("float", "sit on the water")),
    "fish": Kind(family="animal", draw=animals.fish, names=("fish",), tall=0.26, wide=1.6,
                 colours=("red", "orange", "yellow", "green", "purple", "pink", "white"), motions=_FLYING,
                 habitats=("deep",), go=("swim",), stay=("float", "hover")),
    "car": Kind(family="vehicle", draw=vehicles.car, names=("car",), tall=0.25, wide=2.4, colours=(*BRIGHT, "black"),
                motions=_DRIVING, go=("drive",), stay=("stand", "wait")),
    "bus": Kind(family="vehicle", draw=vehicles.bus, names=("bus",), tall=0.34, wide=2.3, colours=BRIGHT,
                motions=_DRIVING, go=("drive",), stay=("stand", "wait")),
    "truck": Kind(family="vehicle", draw=vehicles.truck, names=("truck", "lorry"), tall=0.34, wide=2.3, colours=BRIGHT,
                  motions=_DRIVING, go=("drive",), stay=("stand", "wait")),
    "boat": Kind(family="vehicle", draw=vehicles.boat, names=("boat", "sailing boat", "sailboat"), tall=0.42, wide=1.15,
                 colours=(*BRIGHT, "brown"), motions=(*_DRIVING, "sway"), habitats=("water",), go=("sail",),
                 stay=("float",)),
    "bicycle": Kind(family="vehicle", draw=vehicles.bicycle, names=("bicycle", "bike"), tall=0.34, wide=1.75,
                    colours=(*BRIGHT, "black"), motions=_DRIVING, go=("roll",), stay=("stand",)),
    "balloon": Kind(family="vehicle", draw=vehicles.balloon, names=("hot-air balloon",), tall=0.44, wide=0.76,
                    colours=BRIGHT[:7], motions=_FLYING, habitats=("air",), go=("drift", "float"), stay=("float",
                    "hover")),
    "plane": Kind(family="vehicle", draw=vehicles.plane, names=("plane", "airplane"), tall=0.22, wide=2.75,
                  colours=BRIGHT[:7], motions=_SIDEWAYS, habitats=("air",), go=("fly",), stay=("hover",)),
    "rocket": Kind(family="vehicle", draw=vehicles.rocket, names=("rocket",), tall=0.42, wide=0.66, colours=BRIGHT[:7],
                   motions=("up", "up", "down", "sway"), habitats=("air",), go=("fly", "move"), stay=("hover",)),
    "tree": Kind(family="plant", draw=plants.tree, names=("tree",), tall=0.6, wide=0.85,
                 colours=("green", "orange", "red", "yellow", "pink"), motions=_GROWING),
    "flower": Kind(family="plant", draw=plants.flower, names=("flower",), tall=0.4, wide=0.66,
                   colours=BRIGHT, motions=_GROWING),
    "cactus": Kind(family="plant", draw=plants.cactus, names=("cactus",), tall=0.44, wide=0.8,
                   colours=("green", "purple", "blue", "pink"), motions=("still", "grow", "shrink", "bounce")),
    "mushroom": Kind(family="plant", draw=plants.mushroom, names=("mushroom", "toadstool"), tall=0.3, wide=1.2,
                     colours=("red", "brown", "white", "purple", "yellow", "blue"), motions=_GROWING),
    "house": Kind(family="building", draw=buildings.house, names=("house", "cottage"), tall=0.42, wide=1.35,
                  colours=_WALLS, motions=("still", "still", "grow", "shrink")),
    "tower": Kind(family="building", draw=buildings.tower, names=("tower",), tall=0.62, wide=0.55, colours=_WALLS,
                  motions=("still", "still", "grow", "sway")),
    "windmill": Kind(family="building", draw=buildings.windmill, names=("windmill",), tall=0.6, wide=0.9,
                     colours=_WALLS,
                     motions=("turn", "turn", "turn", "still"), turns_itself=False),
    "lighthouse": Kind(family="building", draw=buildings.lighthouse, names=("lighthouse",), tall=0.62, wide=0.58,
                       colours=("red", "blue", "green", "black", "orange"), motions=("still", "still", "grow")),
    "castle": Kind(family="building", draw=buildings.castle, names=("castle",), tall=0.5, wide=1.45,
                   colours=("grey", "white", "pink", "blue", "yellow", "brown"), motions=("still", "still", "grow",
                   "shrink")),
    "tent": Kind(family="building", draw=buildings.tent, names=("tent",), tall=0.32, wide=1.55, colours=BRIGHT[:7],
                 motions=("still", "still", "bounce", "grow")),
    "man": Kind(family="person", draw=people.man, names=("man",), tall=0.56, wide=0.5, colours=BRIGHT,
                motions=("still", "left", "right", "wave", "wave", "bounce"), go=("walk",), stay=("stand",)),
    "woman": Kind(family="person", draw=people.woman, names=("woman",), tall=0.54, wide=0.5, colours=BRIGHT,
                  motions=("still", "left", "right", "wave", "wave", "bounce"), go=("walk",), stay=("stand",)),
    "child": Kind(family="person", draw=people.child, names=("child", "kid"), tall=0.42, wide=0.5, colours=BRIGHT,
                  motions=("still", "left", "right", "wave", "wave", "bounce"), go=("walk",), stay=("stand",)),
    "ball": Kind(family="thing", draw=things.ball, names=("ball",), tall=0.2, wide=1.08, colours=BRIGHT,
                 motions=(*_TOY, "bounce", "left", "right"), go=("roll",), stay=("lie",), rolls=0.5),
    "cube": Kind(family="thing", draw=things.cube, names=("cube", "block"), tall=0.24, wide=1.15, colours=BRIGHT,
                 motions=_TOY, go=("slide", "move"), stay=("stand",)),
    "star": Kind(family="thing", draw=things.star, names=("star",), tall=0.24, wide=1.1, colours=BRIGHT,
                 motions=_UP_HIGH, habitats=("air", "deep"), go=("move", "float"), stay=("float", "hang")),
    "heart": Kind(family="thing", draw=things.heart, names=("heart",), tall=0.24, wide=1.15, colours=BRIGHT,
                  motions=_UP_HIGH, habitats=("air", "deep"), go=("move", "float"), stay=("float", "hang")),
    "umbrella": Kind(family="thing", draw=things.umbrella, names=("umbrella",), tall=0.36, wide=1.15, colours=BRIGHT,
                     motions=(*_FLYING, "turn", "sway"), habitats=("air",), go=("float", "drift"), stay=("float",
                     "hang")),
    "cup": Kind(family="thing", draw=things.cup, names=("cup", "mug"), tall=0.24, wide=1.2, colours=BRIGHT,
                motions=_TOY, go=("slide", "move"), stay=("stand",)),
    "kite": Kind(family="thing", draw=things.kite, names=("kite",), tall=0.38, wide=0.8, colours=BRIGHT,
                 motions=(*_FLYING, "sway", "sway"), habitats=("air",), go=("fly",), stay=("hover", "float")),
    "gift": Kind(family="thing", draw=things.gift, names=("gift", "present"), tall=0.26, wide=1.0, colours=BRIGHT,
                 motions=_TOY, go=("slide", "move"), stay=("stand",)),
}  # fmt: skip

BACKDROPS: dict[str, Backdrop] = {
    "seaside": Backdrop(phrases=("at the seaside", "on a beach", "by the sea"), habitats=("ground", "air", "water"),
                        hides=("blue",)),
    "lake": Backdrop(phrases=("at a lake", "by a lake", "on the shore of a lake"), habitats=("ground", "air", "water"),
                     shows=("tree",), hides=("blue", "green")),
    "mountains": Backdrop(phrases=("in the mountains", "before high mountains"), habitats=("ground", "air"),
                          hides=("green", "grey")),
    "city": Backdrop(phrases=("on a city street", "in the city", "in a street of a town"), habitats=("ground", "air"),
                     shows=("house", "tower"), hides=("grey",)),
    "forest": Backdrop(phrases=("in a forest", "in the woods"), habitats=("ground", "air"), shows=("tree",),
                       hides=("green", "brown")),
    "desert": Backdrop(phrases=("in a desert", "among sand dunes"), habitats=("ground", "air"), hides=("orange",
                       "yellow")),
    "meadow": Backdrop(phrases=("on a meadow", "on a green meadow", "among green hills"), habitats=("ground", "air"),
                       shows=("tree", "flower"), hides=("green",)),
    "field": Backdrop(phrases=("in a field of wheat", "in a wheat field"), habitats=("ground", "air"),
                      hides=("yellow", "orange", "brown")),
    "snow": Backdrop(phrases=("in the snow", "in a snowy field", "in a winter landscape"), habitats=("ground", "air"),
                     shows=("tree",), hides=("white",)),
    "room": Backdrop(phrases=("in a room", "indoors", "in a living room"), habitats=("ground",), lights=("day",
                     "night"),
                     shows=("house", "tower", "lighthouse", "castle", "windmill", "elephant", "bus", "truck", "car")),
    "deep sea": Backdrop(phrases=("under water", "at the bottom of the sea", "under the sea"), habitats=("deep",),
                         lights=("day",), hides=("blue", "green")),
    "moon": Backdrop(phrases=("on the moon", "in space, on the moon"), habitats=("ground", "air"), lights=("day",),
                     shows=("ball",), hides=("grey", "black")),
}  # fmt: skip
