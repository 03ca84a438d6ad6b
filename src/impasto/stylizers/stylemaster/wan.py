"""`stylemaster` on Wan 2.1 1.3B: planned from numbers, loaded to the machine's memory, placed once sizes are known."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel

from impasto.diffusion.configs import WAN_1_3B, DiffusionConfig
from impasto.diffusion.loading import base_folder, load_autoencoder, load_text_reader, load_transformer
from impasto.diffusion.memory import SHORTEST_WINDOW, MemoryPlan, Room, best_device, plan_memory, room
from impasto.diffusion.placement import place
from impasto.diffusion.windows import Windows
from impasto.guidance import Guidance
from impasto.stylizers.base import Needs, Preset, ShotFrames
from impasto.stylizers.planned import PlacedAtFirstShot, needs_of
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
    controls: int
    """ControlNets among it."""
    shift: float
    hidden: bool
    """Whether patches are told by the hidden states of CLIP."""


OURS = Edition(
    attach=lambda transformer, config: StyleMaster.from_files(
        transformer, config.name, [weights_file(name) for name in TRAINED]
    ),
    parameters=lambda: sum(FORMAT.parameter_count(weights_file(name)) for name in TRAINED),
    controls=1,
    shift=WAN_1_3B.shift,
    hidden=False,
)
AUTHORS = Edition(
    attach=lambda transformer, config: load_released(
        transformer, config.name, [folder(RELEASED_WEIGHTS) / name for name in RELEASED_FILES]
    ),
    parameters=lambda: RELEASED_PARAMETERS,
    controls=0,
    shift=5.0,
    hidden=True,
)


def needs(edition: Edition, size: tuple[int, int], frames: int, config: DiffusionConfig = WAN_1_3B) -> Needs:
    """What a run takes; raises `ResourceError` where what is free does not do. Loads nothing."""
    device = best_device()
    return needs_of(_planned(edition, size, frames, config, room(device)), device)


def _planned(edition: Edition, size: tuple[int, int], frames: int, config: DiffusionConfig, free: Room) -> MemoryPlan:
    seeing = replace(config, parameters=replace(config.parameters, picture_encoder=CLIP_H14_PARAMETERS))
    # Of a stream only the first frames are known: a window is not made shorter for them.
    longest = max(frames, SHORTEST_WINDOW)
    return plan_memory(seeing, size, longest, free, edition.parameters(), controls=edition.controls)


def load(preset: Preset, edition: Edition, config: DiffusionConfig = WAN_1_3B) -> PlacedAtFirstShot:
    """The stylizer, with its networks in memory; raises `ModelError` where one is missing or cannot be read."""
    device = best_device()
    free = room(device)
    root = base_folder(config.name, *PARTS)
    model = edition.attach(load_transformer(root, config.transformer, DTYPE), config).eval()
    model.parts_to(DTYPE)
    read = load_text_reader(root, DTYPE)
    space = load_clip_space(fetched(CLIP_H14), DTYPE, edition.hidden)
    engine = Engine(
        model=model,
        autoencoder=load_autoencoder(root),
        space=space,
        read=read,
        shift=edition.shift,
        pixels=config.pixels,
        windows=Windows(config.frames),
        scales=SCALES,
        device=device,
    )

    def placed(_: Guidance, clip: ShotFrames) -> StyleMasterStylizer:
        plan = _planned(edition, working_size(*clip.size, config.pixels, STEP), clip.count, config, free)
        blocks = [*model.transformer.blocks, *(model.control.blocks if model.control else ())]
        place(plan, device, model.velocity, blocks, engine.autoencoder, (read.encoder, space.net))
        if model.tokens:
            model.tokens.to(device)
        return StyleMasterStylizer(preset, replace(engine, windows=Windows(plan.frames)))

    return PlacedAtFirstShot(placed)
