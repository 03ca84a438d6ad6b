"""`stylemaster` on Wan 2.1 1.3B: planned from numbers, loaded to the machine's memory, placed once sizes are known."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel

from impasto.diffusion.configs import WAN_1_3B, DiffusionConfig
from impasto.diffusion.loading import base_folder, load_autoencoder, load_text_reader, load_transformer
from impasto.diffusion.memory import SHORTEST_WINDOW, MemoryPlan, Room, best_device, plan_memory, room
from impasto.diffusion.placement import place
from impasto.diffusion.windows import Windows
from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray, Needs, Preset, ShotFrames, State
from impasto.stylizers.stylemaster.adapterfile import FORMAT
from impasto.stylizers.stylemaster.clipspace import load_clip_space
from impasto.stylizers.stylemaster.guidance import Scales
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.published import (
    CLIP_H14,
    CLIP_H14_PARAMETERS,
    RELEASED_FILES,
    RELEASED_PARAMETERS,
    RELEASED_WEIGHTS,
    TRAINED,
)
from impasto.stylizers.stylemaster.released import load_released
from impasto.stylizers.stylemaster.stylizer import Engine, StyleMasterStylizer
from impasto.video.sizes import working_size
from impasto.weights.hub import fetched, folder
from impasto.weights.paths import weights_file

# Those of the released code, also for our adapters: the paper's 12.5 and 6 belong to a base that is not public.
SCALES = Scales(8.0, 4.0)
PARTS = ("transformer", "vae", "text_encoder", "tokenizer")
DTYPE = torch.bfloat16
"""Of all networks but the autoencoder."""
STEP = 16


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Whose adapters are used, and what they were made for."""

    attach: Callable[[WanTransformer3DModel, DiffusionConfig], StyleMaster]
    parameters: Callable[[], int]
    """Of what is attached, without loading it."""
    shift: float
    hidden: bool
    """Whether patches are told by the hidden states of CLIP."""


OURS = Edition(
    attach=lambda transformer, config: StyleMaster.from_files(
        transformer, config.name, [weights_file(name) for name in TRAINED]
    ),
    parameters=lambda: sum(FORMAT.parameter_count(weights_file(name)) for name in TRAINED),
    shift=WAN_1_3B.shift,
    hidden=False,
)
AUTHORS = Edition(
    attach=lambda transformer, config: load_released(
        transformer, config.name, [folder(RELEASED_WEIGHTS) / name for name in RELEASED_FILES]
    ),
    parameters=lambda: RELEASED_PARAMETERS,
    shift=5.0,
    hidden=True,
)


def needs(edition: Edition, size: tuple[int, int], frames: int, config: DiffusionConfig = WAN_1_3B) -> Needs:
    """What a run takes; raises `ResourceError` where what is free does not do. Loads nothing."""
    device = best_device()
    plan = _planned(edition, size, frames, config, room(device))
    on_cpu = device.type == "cpu"
    return Needs(
        memory_bytes=plan.device_bytes if on_cpu else plan.host_bytes,
        device_bytes=0 if on_cpu else plan.device_bytes,
        lines=tuple(plan.lines()),
    )


def _planned(edition: Edition, size: tuple[int, int], frames: int, config: DiffusionConfig, free: Room) -> MemoryPlan:
    seeing = replace(config, parameters=replace(config.parameters, picture_encoder=CLIP_H14_PARAMETERS))
    # Of a stream only the first frames are known: a window is not made shorter for them.
    return plan_memory(seeing, size, max(frames, SHORTEST_WINDOW), free, edition.parameters())


class WanStyleMaster:
    """The stylizer; see `impasto.stylizers.base.Stylizer`. Its networks find their places before the first shot."""

    def __init__(self, preset: Preset, edition: Edition, config: DiffusionConfig) -> None:
        """Load all networks to the machine's memory; raises `ModelError` where that cannot be."""
        device = best_device()
        self._preset: Preset = preset
        self._edition, self._config = edition, config
        self._free = room(device)
        root = base_folder(config.name, *PARTS)
        model = edition.attach(load_transformer(root, config.transformer, DTYPE), config).eval()
        model.parts_to(DTYPE)
        self._read = load_text_reader(root, DTYPE)
        self._space = load_clip_space(fetched(CLIP_H14), DTYPE, edition.hidden)
        self._engine = Engine(
            model=model,
            autoencoder=load_autoencoder(root),
            space=self._space,
            read=self._read,
            shift=edition.shift,
            pixels=config.pixels,
            windows=Windows(config.frames),
            scales=SCALES,
            device=device,
        )
        self._painter: StyleMasterStylizer | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Place the networks where they are not yet, then as `StyleMasterStylizer.prepare`.

        Raises:
            ResourceError: the memory that was free does not do for frames of this size.
        """
        if self._painter is None:
            self._painter = self._placed(shot.clip)
        self._painter.prepare(guidance, shot, progress)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """See `StyleMasterStylizer.stylize`; raises `ResourceError` where memory ends after all."""
        assert self._painter is not None, "prepare first"
        return self._painter.stylize(frames, state)

    def _placed(self, clip: ShotFrames) -> StyleMasterStylizer:
        engine, model = self._engine, self._engine.model
        size = working_size(*clip.size, engine.pixels, STEP)
        plan = _planned(self._edition, size, clip.count, self._config, self._free)
        blocks = [*model.transformer.blocks, *(model.control.blocks if model.control else ())]
        readers = (self._read.encoder, self._space.net)
        place(plan, engine.device, model.velocity, blocks, engine.autoencoder, readers)
        if model.tokens:
            model.tokens.to(engine.device)
        return StyleMasterStylizer(self._preset, replace(engine, windows=Windows(plan.frames)))


def load(preset: Preset, edition: Edition, config: DiffusionConfig = WAN_1_3B) -> WanStyleMaster:
    """The stylizer, with its networks in memory; raises `ModelError` where one is missing or cannot be read."""
    return WanStyleMaster(preset, edition, config)
