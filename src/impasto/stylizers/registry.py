"""Every model that Impasto knows, found without loading any of them."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from impasto.diffusion.configs import NANO, WAN_1_3B, WAN_14B_I2V
from impasto.diffusion.published import base_model
from impasto.guidance import Guidance
from impasto.perception.control.published import DEPTH_ANYTHING, DEPTH_NANO, DETECTOR, VITPOSE
from impasto.stylizers.base import Capabilities, Files, Model, Needs, Preset, Stylizer, unknown_model
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS, NANO_FILE, WAN_CONTROLS, base_of
from impasto.stylizers.dreamstyle.published import NANO_WEIGHTS as DREAMSTYLE_NANO_WEIGHTS
from impasto.stylizers.dreamstyle.published import WAN_FILE as DREAMSTYLE_WAN_FILE
from impasto.stylizers.feedforward.published import CLIP_B32
from impasto.stylizers.optimization.config import WORKING_PIXELS
from impasto.stylizers.stylemaster.published import CLIP_H14, NANO_WEIGHTS, RELEASED_WEIGHTS, TRAINED
from impasto.video.blank import Canvas

DEFAULT_MODEL = "swift"
PRIOR = "prior.safetensors"
"""Of the models that read prompts by the embedded text encoder: from its sentences to styles."""
STEADYING = "deflicker"
"""Of `impasto deflicker`."""
DEFAULT_MAKER = "stylemaster-nano"
"""Of clips from a description alone."""


def _swift(preset: Preset) -> Stylizer:
    from impasto.stylizers.feedforward.swift import Swift

    return Swift(preset)


def _swift_needs(size: tuple[int, int], frames: int, guidance: Guidance) -> Needs:
    from impasto.stylizers.feedforward.needs import feedforward_needs

    return feedforward_needs("swift", size)


def _gatys(preset: Preset) -> Stylizer:
    from impasto.stylizers.optimization.gatys import Gatys

    return Gatys(preset)


def _ruder(preset: Preset) -> Stylizer:
    from impasto.stylizers.optimization.ruder import Ruder

    return Ruder(preset)


def _deflicker(preset: Preset) -> Stylizer:
    from impasto.stylizers.deflicker import Deflicker

    return Deflicker()


def _stylemaster_nano(preset: Preset) -> Stylizer:
    from impasto.stylizers.stylemaster.nano import load

    return load(preset)


def _stylemaster(preset: Preset) -> Stylizer:
    from impasto.stylizers.stylemaster.wan import OURS, load

    return load(preset, OURS)


def _stylemaster_needs(size: tuple[int, int], frames: int, guidance: Guidance) -> Needs:
    from impasto.stylizers.stylemaster.wan import OURS, needs

    return needs(OURS, size, frames)


def _stylemaster_released(preset: Preset) -> Stylizer:
    from impasto.stylizers.stylemaster.wan import AUTHORS, load

    return load(preset, AUTHORS)


def _stylemaster_released_needs(size: tuple[int, int], frames: int, guidance: Guidance) -> Needs:
    from impasto.stylizers.stylemaster.wan import AUTHORS, needs

    return needs(AUTHORS, size, frames)


def _dreamstyle_nano(preset: Preset) -> Stylizer:
    from impasto.stylizers.dreamstyle.nano import load

    return load(preset)


def _dreamstyle_nano_needs(size: tuple[int, int], frames: int, guidance: Guidance) -> Needs:
    from impasto.stylizers.dreamstyle.nano import needs

    return needs(size, frames, guidance)


def _dreamstyle_remarks(guidance: Guidance) -> Iterable[str]:
    from impasto.stylizers.dreamstyle.remarks import remarks

    return remarks(guidance)


def _dreamstyle(preset: Preset) -> Stylizer:
    from impasto.stylizers.dreamstyle.wan import load

    return load(preset)


def _dreamstyle_needs(size: tuple[int, int], frames: int, guidance: Guidance) -> Needs:
    from impasto.stylizers.dreamstyle.wan import needs

    return needs(size, frames, guidance)


NANO_CANVAS = Canvas(width=256, height=144, frames=NANO.frames, fps=Fraction(8))
WAN_CANVAS = Canvas(width=832, height=480, frames=81, fps=Fraction(16))
WAN_14B_I2V_HUB = base_model(
    WAN_14B_I2V.name, "transformer", "vae", "text_encoder", "tokenizer", "image_encoder", "image_processor"
)
WAN_1_3B_HUB = base_model(WAN_1_3B.name, "transformer", "vae", "text_encoder", "tokenizer")
OPTIMIZATION = Capabilities(
    takes=frozenset({"style", "mixed styles", "structure", "preserve color"}),
    needs=frozenset({"style"}),
    working_pixels=WORKING_PIXELS,
)
POSE_HUB = (VITPOSE, DETECTOR)
DREAMSTYLE = frozenset({"prompt", "style", "mixed styles", "first frame"})
MODELS: dict[str, Model] = {
    "swift": Model(
        name="swift",
        family="feed-forward",
        summary="any style, some 19 frames a second of 640x360 on two cores",
        licence="Apache-2.0",
        source="embedded",
        weights=("swift.safetensors", "encoder.safetensors", "styles.safetensors", PRIOR, "text.safetensors"),
        capabilities=Capabilities(
            takes=frozenset(
                {"prompt", "refine", "style", "mixed styles", "first frame", "keyframes", "structure", "preserve color"}
            ),
            needs=frozenset({"prompt", "style", "first frame", "keyframes"}),
        ),
        refining=CLIP_B32,
        needs=_swift_needs,
        load=_swift,
    ),
    "gatys": Model(
        name="gatys",
        family="optimisation",
        summary="each frame by itself, minutes a frame",
        licence="Apache-2.0",
        source="embedded",
        weights=("encoder.safetensors", "styles.safetensors"),
        capabilities=OPTIMIZATION,
        load=_gatys,
    ),
    "ruder": Model(
        name="ruder",
        family="optimisation",
        summary="frames held to each other along the motion, minutes a frame",
        licence="Apache-2.0",
        source="embedded",
        weights=("encoder.safetensors", "styles.safetensors"),
        capabilities=OPTIMIZATION,
        load=_ruder,
    ),
    STEADYING: Model(
        name=STEADYING,
        family="stabiliser",
        summary="steadies what was painted frame by frame, and paints nothing itself",
        licence="Apache-2.0",
        source="embedded",
        capabilities=Capabilities(takes=frozenset({"guide"}), has_style=True, presets=("standard",)),
        load=_deflicker,
    ),
    "stylemaster-nano": Model(
        name="stylemaster-nano",
        family="diffusion",
        summary="a tiny base of ours, at about 37,000 pixels: text and a picture; offline, on a CPU",
        licence="Apache-2.0",
        source="embedded",
        experimental=True,
        weights=NANO_WEIGHTS,
        capabilities=Capabilities(
            takes=frozenset({"prompt", "style", "structure", "preserve color"}),
            needs=frozenset({"prompt", "style"}),
            multiple_of=16,
            working_pixels=NANO.pixels,
            canvas=NANO_CANVAS,
        ),
        load=_stylemaster_nano,
    ),
    "stylemaster": Model(
        name="stylemaster",
        family="diffusion",
        summary="Wan 2.1 1.3B with adapters of ours: text and a picture; for a graphics card",
        licence="Apache-2.0",
        source="hub",
        weights=TRAINED,
        hub=(WAN_1_3B_HUB, CLIP_H14),
        capabilities=Capabilities(
            takes=frozenset({"prompt", "style", "structure", "preserve color"}),
            needs=frozenset({"prompt", "style"}),
            multiple_of=16,
            working_pixels=WAN_1_3B.pixels,
            canvas=WAN_CANVAS,
        ),
        needs=_stylemaster_needs,
        load=_stylemaster,
    ),
    "stylemaster-released": Model(
        name="stylemaster-released",
        family="diffusion",
        summary="the same base with the adapters that the authors released, which make clips only",
        licence="Apache-2.0; adapters: none stated",
        source="hub",
        hub=(WAN_1_3B_HUB, CLIP_H14, RELEASED_WEIGHTS),
        capabilities=Capabilities(
            takes=frozenset({"prompt", "style"}),
            needs=frozenset({"prompt", "style"}),
            repaints=False,
            multiple_of=16,
            working_pixels=WAN_1_3B.pixels,
            canvas=WAN_CANVAS,
        ),
        needs=_stylemaster_released_needs,
        load=_stylemaster_released,
    ),
    "dreamstyle-nano": Model(
        name="dreamstyle-nano",
        family="diffusion",
        summary="a tiny base of ours, at about 37,000 pixels: text, pictures, a painted first frame; on a CPU",
        licence="Apache-2.0",
        source="embedded",
        experimental=True,
        weights=DREAMSTYLE_NANO_WEIGHTS,
        controls={
            "depth": Files(weights=(NANO_CONTROLS["depth"], DEPTH_NANO)),
            "pose": Files(weights=(NANO_CONTROLS["pose"],), hub=POSE_HUB),
        },
        capabilities=Capabilities(
            takes=DREAMSTYLE | {"structure", "preserve color", "control"},
            needs=DREAMSTYLE,
            multiple_of=16,
            working_pixels=NANO.pixels,
        ),
        needs=_dreamstyle_nano_needs,
        remarks=_dreamstyle_remarks,
        load=_dreamstyle_nano,
    ),
    "dreamstyle": Model(
        name="dreamstyle",
        family="diffusion",
        summary="Wan 2.1 I2V 14B with a LoRA of ours: text, pictures, a painted first frame; for a graphics card",
        licence="Apache-2.0",
        source="hub",
        experimental=True,
        weights=(DREAMSTYLE_WAN_FILE,),
        hub=(WAN_14B_I2V_HUB,),
        controls={
            "depth": Files(weights=(WAN_CONTROLS["depth"],), hub=(DEPTH_ANYTHING,)),
            "pose": Files(weights=(WAN_CONTROLS["pose"],), hub=POSE_HUB),
        },
        capabilities=Capabilities(
            takes=DREAMSTYLE | {"structure", "preserve color", "control"},
            needs=DREAMSTYLE,
            multiple_of=16,
            working_pixels=WAN_14B_I2V.pixels,
        ),
        needs=_dreamstyle_needs,
        remarks=_dreamstyle_remarks,
        load=_dreamstyle,
    ),
}
"""Entries by name. `Model.load` imports the method itself, so that asking costs nothing."""


def models() -> dict[str, Model]:
    """All models, by name."""
    return dict(MODELS)


def find_model(name: str) -> Model:
    """The model of that name, or in that file: of `impasto learn`, or of DreamStyle on the nano base.

    Raises:
        ModelError: there is none (the nearest name is suggested), or the file is neither.
    """
    if name.endswith(".safetensors"):
        return _adapted(name) if base_of(Path(name)) == NANO.name else _learned(name)
    if name not in MODELS:
        raise unknown_model(name, MODELS)
    return MODELS[name]


def _adapted(name: str) -> Model:
    path, model = str(Path(name).resolve()), MODELS["dreamstyle-nano"]

    def needs(size: tuple[int, int], frames: int, guidance: Guidance) -> Needs:
        from impasto.stylizers.dreamstyle.nano import needs

        return needs(size, frames, guidance, path)

    def load(preset: Preset) -> Stylizer:
        from impasto.stylizers.dreamstyle.nano import load

        return load(preset, path)

    weights = tuple(path if file == NANO_FILE else file for file in model.weights)
    return replace(model, name=name, source="file", licence="yours", weights=weights, needs=needs, load=load)


def _learned(name: str) -> Model:
    from impasto.stylizers.feedforward.needs import feedforward_needs
    from impasto.stylizers.feedforward.netfile import read_header

    header, path = read_header(Path(name)), Path(name).resolve()
    takes = {"structure", "preserve color"} | ({"first frame", "keyframes"} if header.network == "swift" else set())

    def load(preset: Preset) -> Stylizer:
        from impasto.stylizers.feedforward.learned import Learned

        return Learned(path)

    return Model(
        name=name,
        family="feed-forward",
        summary=f"{header.network}, has learned {', '.join(header.styles)}",
        licence="yours",
        source="file",
        weights=(str(path),),  # whole, so that it is looked for nowhere else
        capabilities=Capabilities(takes=frozenset(takes), has_style=True, presets=("standard",)),
        needs=lambda size, frames, guidance: feedforward_needs(header.network, size),
        load=load,
    )
