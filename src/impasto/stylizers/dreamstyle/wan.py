"""`dreamstyle` on Wan 2.1 I2V 14B: planned from numbers, loaded to memory, placed once sizes are known."""

from dataclasses import replace
from pathlib import Path

import torch

from impasto.diffusion.configs import WAN_14B_I2V, DiffusionConfig
from impasto.diffusion.controls import FORMAT as CONTROL_FORMAT
from impasto.diffusion.controls import load_controls
from impasto.diffusion.loading import (
    base_folder,
    load_autoencoder,
    load_picture_reader,
    load_text_reader,
    load_transformer,
)
from impasto.diffusion.memory import SHORTEST_WINDOW, MemoryPlan, Room, best_device, plan_memory, room
from impasto.diffusion.placement import place
from impasto.diffusion.shapes import SIDE_STEP
from impasto.diffusion.windows import Windows
from impasto.guidance import Guidance
from impasto.perception.control.estimators import published_estimator
from impasto.perception.control.pictures import ControlKind
from impasto.stylizers.base import Needs, Preset, ShotFrames
from impasto.stylizers.dreamstyle.controlling import Controlling, chosen_kinds
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.model import FORMAT, DreamStyle
from impasto.stylizers.dreamstyle.published import WAN_CONTROLS, WAN_FILE
from impasto.stylizers.dreamstyle.stylizer import DreamStyleStylizer, Engine
from impasto.stylizers.planned import PlacedAtFirstShot, needs_of
from impasto.video.sizes import working_size
from impasto.weights.paths import weights_file

PARTS = ("transformer", "vae", "text_encoder", "tokenizer", "image_encoder", "image_processor")
DTYPE = torch.bfloat16
"""Of all networks but the autoencoder."""
OVERLAP = 17
"""Frames that a window goes on from: EchoStyle's 16, and one, so that they are whole latent frames."""
EXTRA_FRAMES = 8
"""Frames by which the memory is planned beside the video's: a first frame and a style picture are a latent one each."""


def needs(size: tuple[int, int], frames: int, guidance: Guidance, config: DiffusionConfig = WAN_14B_I2V) -> Needs:
    """What a run takes; raises `ResourceError` where what is free does not do. Loads nothing."""
    device = best_device()
    return needs_of(_planned(size, frames, config, room(device), chosen_kinds(guidance.control)), device)


def _planned(
    size: tuple[int, int], frames: int, config: DiffusionConfig, free: Room, kinds: tuple[ControlKind, ...]
) -> MemoryPlan:
    longer = replace(config, frames=config.frames + EXTRA_FRAMES)
    controls = [weights_file(WAN_CONTROLS[kind]) for kind in kinds]
    attached = FORMAT.parameter_count(weights_file(WAN_FILE)) + sum(map(CONTROL_FORMAT.parameter_count, controls))
    # Of a stream only the first frames are known: a window is not made shorter for them.
    longest = max(frames, SHORTEST_WINDOW) + EXTRA_FRAMES
    plan = plan_memory(longer, size, longest, free, attached, controls=len(controls))
    return replace(plan, frames=max(1, plan.frames - EXTRA_FRAMES))


def load(preset: Preset, config: DiffusionConfig = WAN_14B_I2V) -> PlacedAtFirstShot:
    """The stylizer, with its networks in memory; raises `ModelError` where one is missing or cannot be read."""
    device = best_device()
    free = room(device)
    root = base_folder(config.name, *PARTS)
    transformer = load_transformer(root, config.transformer, DTYPE)
    model = DreamStyle.from_file(transformer, config.name, weights_file(WAN_FILE)).eval()
    model.parts_to(DTYPE)
    read, look = load_text_reader(root, DTYPE), load_picture_reader(root, DTYPE)
    engine = Engine(
        model=model,
        autoencoder=load_autoencoder(root),
        look=look,
        read=read,
        shift=config.shift,
        pixels=config.pixels,
        windows=windows_of(config.frames),
        scales=Scales(),
        device=device,
    )

    def placed(guidance: Guidance, clip: ShotFrames) -> DreamStyleStylizer:
        kinds, blocks, chosen = chosen_kinds(guidance.control), [*transformer.blocks], engine
        if kinds:
            controlling = _controlling(model, config.name, kinds)
            model.control_by(controlling.nets)
            blocks += controlling.nets.blocks
            chosen = replace(engine, control=lambda _: controlling)
        plan = _planned(working_size(*clip.size, config.pixels, SIDE_STEP), clip.count, config, free, kinds)
        readers = (read.encoder, look.encoder)
        place(plan, device, model.velocity, blocks, engine.autoencoder, readers)
        return DreamStyleStylizer(preset, replace(chosen, windows=windows_of(plan.frames)))

    return PlacedAtFirstShot(placed)


def _controlling(model: DreamStyle, base: str, kinds: tuple[ControlKind, ...]) -> Controlling:
    files: dict[ControlKind, Path] = {kind: weights_file(WAN_CONTROLS[kind]) for kind in kinds}
    nets = load_controls(model.transformer, base, files).to(DTYPE)
    return Controlling(nets, tuple(map(published_estimator, kinds)))


def windows_of(frames: int) -> Windows:
    """Windows of so many frames; a short one has room for a short past alone."""
    return Windows(frames, min(OVERLAP, frames // 8 * 4 + 1))
