"""`dreamstyle` on Wan 2.1 I2V 14B: planned from numbers, loaded to memory, placed once sizes are known."""

from collections.abc import Callable, Iterable, Iterator
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
from impasto.stylizers.base import FrameArray, Needs, Preset, ShotFrames, State
from impasto.stylizers.dreamstyle.controlling import Controlling, chosen_kinds
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.model import FORMAT, DreamStyle
from impasto.stylizers.dreamstyle.published import WAN_CONTROLS, WAN_FILE
from impasto.stylizers.dreamstyle.stylizer import DreamStyleStylizer, Engine
from impasto.video.sizes import working_size
from impasto.weights.paths import weights_file

PARTS = ("transformer", "vae", "text_encoder", "tokenizer", "image_encoder", "image_processor")
DTYPE = torch.bfloat16
"""Of all networks but the autoencoder."""
OVERLAP = 17
"""Frames that a window goes on from: EchoStyle's 16, and one, so that they are whole latent frames."""
EXTRA_FRAMES = 8
"""Frames by which the memory is planned beside the video's: a first frame and a style picture are a latent one each."""


def needs(size: tuple[int, int], frames: int, config: DiffusionConfig = WAN_14B_I2V) -> Needs:
    """What a run takes; raises `ResourceError` where what is free does not do. Loads nothing."""
    device = best_device()
    plan = _planned(size, frames, config, room(device))
    on_cpu = device.type == "cpu"
    return Needs(
        memory_bytes=plan.device_bytes if on_cpu else plan.host_bytes,
        device_bytes=0 if on_cpu else plan.device_bytes,
        lines=tuple(plan.lines()),
    )


def _planned(
    size: tuple[int, int], frames: int, config: DiffusionConfig, free: Room, kinds: tuple[ControlKind, ...] = ()
) -> MemoryPlan:
    longer = replace(config, frames=config.frames + EXTRA_FRAMES)
    attached = FORMAT.parameter_count(weights_file(WAN_FILE))
    attached += sum(CONTROL_FORMAT.parameter_count(weights_file(WAN_CONTROLS[kind])) for kind in kinds)
    # Of a stream only the first frames are known: a window is not made shorter for them.
    plan = plan_memory(longer, size, max(frames, SHORTEST_WINDOW) + EXTRA_FRAMES, free, attached)
    return replace(plan, frames=max(1, plan.frames - EXTRA_FRAMES))


class WanDreamStyle:
    """The stylizer; see `impasto.stylizers.base.Stylizer`. Its networks find their places before the first shot."""

    def __init__(self, preset: Preset, config: DiffusionConfig) -> None:
        """Load all networks to the machine's memory; raises `ModelError` where that cannot be."""
        device = best_device()
        self._preset: Preset = preset
        self._config, self._free = config, room(device)
        root = base_folder(config.name, *PARTS)
        transformer = load_transformer(root, config.transformer, DTYPE)
        model = DreamStyle.from_file(transformer, config.name, weights_file(WAN_FILE)).eval()
        model.parts_to(DTYPE)
        self._read, self._look = load_text_reader(root, DTYPE), load_picture_reader(root, DTYPE)
        self._engine = Engine(
            model=model,
            autoencoder=load_autoencoder(root),
            look=self._look,
            read=self._read,
            shift=config.shift,
            pixels=config.pixels,
            windows=Windows(config.frames, OVERLAP),
            scales=Scales(),
            device=device,
        )
        self._painter: DreamStyleStylizer | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Place the networks where they are not yet, then as `DreamStyleStylizer.prepare`.

        Raises:
            ResourceError: the memory that was free does not do for frames of this size.
        """
        if self._painter is None:
            self._painter = self._placed(shot.clip, chosen_kinds(guidance.control))
        self._painter.prepare(guidance, shot, progress)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """See `DreamStyleStylizer.stylize`; raises `ResourceError` where memory ends after all."""
        assert self._painter is not None, "prepare first"
        return self._painter.stylize(frames, state)

    def _placed(self, clip: ShotFrames, kinds: tuple[ControlKind, ...]) -> DreamStyleStylizer:
        engine, model = self._engine, self._engine.model
        blocks = [*model.transformer.blocks]
        if kinds:
            controlling = self._controlling(kinds)
            model.control_by(controlling.nets)
            blocks += controlling.nets.blocks
            engine = replace(engine, control=lambda _: controlling)
        size = working_size(*clip.size, engine.pixels, SIDE_STEP)
        plan = _planned(size, clip.count, self._config, self._free, kinds)
        readers = (self._read.encoder, self._look.encoder)
        place(plan, engine.device, model.velocity, blocks, engine.autoencoder, readers)
        # A short window has room for a short past alone.
        windows = Windows(plan.frames, min(OVERLAP, plan.frames // 8 * 4 + 1))
        return DreamStyleStylizer(self._preset, replace(engine, windows=windows))

    def _controlling(self, kinds: tuple[ControlKind, ...]) -> Controlling:
        files: dict[ControlKind, Path] = {kind: weights_file(WAN_CONTROLS[kind]) for kind in kinds}
        nets = load_controls(self._engine.model.transformer, self._config.name, files).to(DTYPE)
        return Controlling(nets, tuple(map(published_estimator, kinds)))


def load(preset: Preset, config: DiffusionConfig = WAN_14B_I2V) -> WanDreamStyle:
    """The stylizer, with its networks in memory; raises `ModelError` where one is missing or cannot be read."""
    return WanDreamStyle(preset, config)
