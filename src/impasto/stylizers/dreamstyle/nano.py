"""`dreamstyle-nano`: DreamStyle on the embedded base, offline, on a CPU."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import NANO
from impasto.diffusion.controls import FORMAT as CONTROL_FORMAT
from impasto.diffusion.controls import load_controls
from impasto.diffusion.embedded import embedded_base, embedded_vae, read_texts
from impasto.diffusion.memory import SHORTEST_WINDOW, plan_memory, room
from impasto.diffusion.windows import Windows
from impasto.guidance import Guidance
from impasto.perception.clipnano import embedded_clip_nano
from impasto.perception.control.estimators import nano_estimator
from impasto.perception.control.pictures import ControlKind
from impasto.stylizers.base import Needs, Preset
from impasto.stylizers.dreamstyle.controlling import Controlling, LoadControls, chosen_kinds
from impasto.stylizers.dreamstyle.guidance import Scales
from impasto.stylizers.dreamstyle.model import FORMAT, DreamStyle
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS, NANO_FILE
from impasto.stylizers.dreamstyle.stylizer import DreamStyleStylizer, Engine
from impasto.stylizers.planned import needs_of
from impasto.weights.paths import weights_file
from impasto.weights.precision import fast_dtype

CPU = torch.device("cpu")
"""Where all else that is embedded runs."""
DTYPE = fast_dtype()
"""Of all networks but the autoencoder: what a CPU is fastest with."""
SHIFT = 5.0
"""Of the noise levels, in training and in use: with the raw video at hand, what is left is decided in noise."""
# Looked at on two training clips: above 2 the look gives garish specks, and text darkens it.
SCALES = Scales(text=1.0, look=1.7)
STEPS: Mapping[Preset, int] = {"draft": 4, "standard": 8, "high": 16}
"""Of the solver: with more of them the scene is lost, as the base leaves noise at each."""


def nano_engine(model: DreamStyle, scales: Scales = SCALES) -> Engine:
    """What paints with a DreamStyle on the nano base; raises `ModelError` where other weights are missing."""
    clip = embedded_clip_nano()
    return Engine(
        model=model.eval(),
        autoencoder=Autoencoder(embedded_vae()),
        look=lambda rgb_BCHW: clip.picture(rgb_BCHW).patches,
        read=read_texts,
        shift=SHIFT,
        pixels=NANO.pixels,
        windows=Windows(NANO.frames),
        scales=scales,
        device=CPU,
        steps=STEPS,
        control=_controls(model),
    )


def _controls(model: DreamStyle) -> LoadControls:
    @cache
    def load(kinds: tuple[ControlKind, ...]) -> Controlling:
        files: dict[ControlKind, Path] = {kind: weights_file(NANO_CONTROLS[kind]) for kind in kinds}
        nets = load_controls(model.transformer, NANO.name, files).to(model.transformer.dtype)
        return Controlling(nets, tuple(map(nano_estimator, kinds)))

    return load


def needs(size: tuple[int, int], frames: int, guidance: Guidance, file: str = NANO_FILE) -> Needs:
    """What a run takes; raises `ResourceError` where what is free does not do. Loads nothing."""
    controls = [weights_file(NANO_CONTROLS[kind]) for kind in chosen_kinds(guidance.control)]
    attached = FORMAT.parameter_count(weights_file(file)) + sum(map(CONTROL_FORMAT.parameter_count, controls))
    plan = plan_memory(NANO, size, max(frames, SHORTEST_WINDOW), room(CPU), attached, controls=len(controls))
    return needs_of(plan, CPU)


def load(preset: Preset, file: str = NANO_FILE) -> DreamStyleStylizer:
    """The stylizer; raises `ModelError` where weights are missing or not made for each other."""
    model = DreamStyle.from_file(embedded_base(DTYPE), NANO.name, weights_file(file))
    model.parts_to(DTYPE)
    return DreamStyleStylizer(preset, nano_engine(model))
