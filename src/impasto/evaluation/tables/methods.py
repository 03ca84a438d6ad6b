"""From a row's method to the stylizer that paints it."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from impasto.evaluation.assets import asset, style_file
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.rows import LearnedMethod, Method, SwiftMethod
from impasto.guidance import Guidance, Style
from impasto.stylizers.base import FrameArray, State, Stylizer
from impasto.stylizers.feedforward.learned import Learned
from impasto.stylizers.feedforward.swift import Swift
from impasto.stylizers.optimization.gatys import Gatys, GatysConfig
from impasto.stylizers.optimization.ruder import Ruder, RuderConfig
from impasto.training.learn import LearnRun, learn
from impasto.weights.paths import cache_dir, weights_file

MATERIAL = "videos"
"""Folder of the data folder that networks are taught on; no clip of it is measured on."""


def guidance_of(style: str) -> Guidance:
    return Guidance(styles=(Style(image=style_file(style)),))


def fingerprint(method: Method) -> str:
    """Changes with whatever decides what the method paints: its config, the code, the weights; hexadecimal."""
    places = ["color", "losses", "motion", "perception/encoder.py", "perception/statistics.py"]
    places += ["stylizers/blending.py", "stylizers/stylepicture.py"]
    weights = ["encoder.safetensors"]
    match method:
        case GatysConfig() | RuderConfig():
            places += ["stylizers/optimization"]
        case SwiftMethod() | LearnedMethod():
            places += ["stylizers/feedforward"]
            weights += ["swift.safetensors"]
    if isinstance(method, LearnedMethod):
        places += ["training/learning.py", "training/material.py", "training/stylegaps.py"]
    together = sha256(f"{method!r} {code_digest(tuple(places))}".encode())
    for name in weights:
        together.update(weights_file(name).read_bytes())
    return together.hexdigest()[:16]


def net_file(method: LearnedMethod, style: str) -> Path:
    """Where the network for a style lies once it is taught; rows that differ only behind it share it."""
    folder = cache_dir() / "tables" / "nets"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{style}-{fingerprint(LearnedMethod(method.config))}.safetensors"


def teach(method: LearnedMethod, style: str) -> Iterator[tuple[int, int]]:
    """Teach the network unless it is there, going on where that was stopped; yields (step, steps)."""
    output = net_file(method, style)
    if output.exists():
        return
    on = (asset(MATERIAL),)
    for progress in learn(LearnRun(styles=guidance_of(style).styles, on=on, output=output, config=method.config)):
        yield progress.step, progress.steps


def stylizer_of(method: Method, style: str) -> Stylizer:
    """The stylizer, not yet prepared; a network must have been taught before."""
    match method:
        case GatysConfig():
            return Gatys("standard", method)
        case RuderConfig():
            return Ruder("standard", method)
        case SwiftMethod(preset):
            return Swift(preset)
        case LearnedMethod():
            return (Learned if method.steadied else Unsteadied)(net_file(method, style))


class Unsteadied(Learned):
    """The network alone, frame by frame, without the stabiliser behind it: what training made of it shows."""

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        assert self._engine is not None
        yield from map(self._engine, frames)
