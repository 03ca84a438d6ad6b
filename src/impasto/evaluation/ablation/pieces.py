"""What is trained for the rows: each piece once for all rows that use it, kept in the cache folder."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from impasto.diffusion.embedded import BASE
from impasto.evaluation.ablation.piece import Piece
from impasto.evaluation.ablation.protocol import AblationProtocol
from impasto.evaluation.ablation.rows import Row, StyleVariant
from impasto.perception.clipnano import WEIGHTS, embedded_clip_nano
from impasto.stylizers.stylemaster.config import ControlConfig
from impasto.stylizers.stylemaster.controlpictures import Preparation
from impasto.stylizers.stylemaster.tokens import TokenConfig
from impasto.training.csdpictures import asset_files
from impasto.training.nano.latents import LATENTS, latents_folder
from impasto.training.nano.shards import content_key, shard_files
from impasto.training.stylemaster import motion, projector, style, tile
from impasto.training.stylemaster.illusionpairs import IllusionPairs, IllusionRun
from impasto.training.stylemaster.projector import ProjectorRun
from impasto.training.stylemaster.style import StyleRun
from impasto.training.stylemaster.tile import TileRun
from impasto.weights.paths import weights_file

TRAINING = (
    *(f"diffusion/{name}.py" for name in ("attachments", "conditions", "controlnet", "flowmatching", "velocity")),
    *(f"stylizers/stylemaster/{name}.py" for name in ("conditions", "controlpictures", "model", "motionadapter")),
    *(f"stylizers/stylemaster/{name}.py" for name in ("pooledtexts", "projector", "texture", "tokens")),
    "stylizers/feedforward/optimizer.py",
    *(f"training/{name}.py" for name in ("adamw", "loop", "nano/batches", "nano/learner", "schedule")),
    *(f"training/stylemaster/{name}.py" for name in ("aspects", "ground", "lessons", "motion", "parts", "projector")),
    *(f"training/stylemaster/{name}.py" for name in ("style", "stylegroups", "tile", "triplets")),
)
"""The code that decides what is learned."""


def _piece(name: str, about: str, train: Callable[[Path], Iterator[Any]], needs: tuple[Piece, ...] = ()) -> Piece:
    return Piece(method="stylemaster", name=name, about=about, code=TRAINING, train=train, needs=needs)


def tokens_of(protocol: AblationProtocol, variant: StyleVariant) -> TokenConfig:
    """Style tokens of a variant, for vectors of as many numbers as `clip-nano` gives."""
    size, tokens = embedded_clip_nano().config.size, protocol.tokens
    return replace(
        tokens,
        source=variant.source,
        choice=variant.choice,
        span_bias=variant.span_bias,
        projector=replace(tokens.projector, embedding=size),
        texture=replace(tokens.texture, embedding=size),
    )


def projector_run(protocol: AblationProtocol, variant: StyleVariant, seed: int) -> ProjectorRun:
    net = tokens_of(protocol, variant).projector
    return replace(protocol.projector, net=net, artists=variant.artists, seed=seed)


def projector_piece(protocol: AblationProtocol, variant: StyleVariant, seed: int) -> Piece:
    run = projector_run(protocol, variant, seed)
    name = f"projector{'-artists' if variant.artists else ''}-{seed}"
    return _piece(name, f"{run} {_pictures(run)}", lambda output: projector.train(run, output))


def style_piece(protocol: AblationProtocol, variant: StyleVariant, seed: int) -> Piece:
    part = replace(protocol.style, seed=seed)
    run = StyleRun(part, tokens_of(protocol, variant), pooled_texts=variant.pooled_texts)
    needs = (projector_piece(protocol, variant, seed),) if variant.source == "projector" else ()

    def train(output: Path) -> Iterator[Any]:
        return style.train(replace(run, projector=needs[0].file if needs else None), output)

    return _piece(f"style-{variant.name}-{seed}", f"{run} {_material(part.shards)}", train, needs)


def control_piece(protocol: AblationProtocol, variant: StyleVariant, preparation: Preparation, seed: int) -> Piece:
    part, control = replace(protocol.control, seed=seed), ControlConfig(preparation)
    run, styled = TileRun(part, control, tokens_of(protocol, variant)), style_piece(protocol, variant, seed)

    def train(output: Path) -> Iterator[Any]:
        return tile.train(replace(run, style=styled.file), output)

    return _piece(
        f"control-{preparation.replace(' ', '-')}-{seed}", f"{run} {_material(part.shards)}", train, (styled,)
    )


def motion_piece(protocol: AblationProtocol, seed: int) -> Piece:
    run, adapter = replace(protocol.motion, seed=seed), protocol.adapter
    about = f"{run} {adapter} {_material(run.shards)}"
    return _piece(f"motion-{seed}", about, lambda file: motion.train(run, adapter, file))


def pieces_of(protocol: AblationProtocol, row: Row, seed: int) -> list[Piece]:
    """The parts of StyleMaster that a row paints with.

    Raises:
        InputError: there is nothing to learn from.
        ModelError: embedded weights are missing.
    """
    pieces = [style_piece(protocol, row.style, seed)]
    if row.control:
        pieces.append(control_piece(protocol, row.style, row.control, seed))
    if row.alpha is not None:
        pieces.append(motion_piece(protocol, seed))
    return pieces


def _material(shards: int | None) -> str:
    """The base, and the latents that were made for it, of so many shards of each part."""
    files = [file for part in ("train", "held") for file in shard_files(latents_folder(), part, LATENTS)[:shards]]
    names = [file.name for file in files]
    return _digest(weights_file(BASE)) + content_key([], latents_folder().name, names)


def _pictures(run: ProjectorRun) -> str:
    """What the projector learns from."""
    if run.artists:
        return _digest(weights_file(WEIGHTS)) + content_key([], [file.name for file in asset_files("styles", "jpg")])
    folder = IllusionPairs(run.pairs).folder
    return f"{folder.name} {_kept(folder, run.pairs)}"


@cache
def _kept(folder: Path, run: IllusionRun) -> int:
    """How many pairs there are; read once, for there are thousands."""
    return len(IllusionPairs(run, folder).kept)


@cache
def _digest(file: Path) -> str:
    return content_key([file])
