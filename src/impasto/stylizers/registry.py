"""Every model that Impasto knows, found without loading any of them."""

from pathlib import Path

from impasto.stylizers.base import Capabilities, Model, Preset, Stylizer, unknown_model
from impasto.stylizers.optimization.config import WORKING_PIXELS

DEFAULT_MODEL = "swift"
PRIOR = "prior.safetensors"
"""Of the models that read prompts by the embedded text encoder: from its sentences to styles."""


def _swift(preset: Preset) -> Stylizer:
    from impasto.stylizers.feedforward.swift import Swift

    return Swift(preset)


def _gatys(preset: Preset) -> Stylizer:
    from impasto.stylizers.optimization.gatys import Gatys

    return Gatys(preset)


def _ruder(preset: Preset) -> Stylizer:
    from impasto.stylizers.optimization.ruder import Ruder

    return Ruder(preset)


OPTIMIZATION = Capabilities(
    takes=frozenset({"style", "mixed styles", "structure", "preserve color"}),
    needs=frozenset({"style"}),
    working_pixels=WORKING_PIXELS,
)
MODELS: dict[str, Model] = {
    "swift": Model(
        name="swift",
        family="feed-forward",
        summary="any style, real time on a CPU",
        licence="Apache-2.0",
        source="embedded",
        weights=("swift.safetensors", "encoder.safetensors", "styles.safetensors", PRIOR, "text.safetensors"),
        capabilities=Capabilities(
            takes=frozenset({"prompt", "style", "mixed styles", "structure", "preserve color"}),
            needs=frozenset({"prompt", "style"}),
        ),
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
}
"""Entries by name. `Model.load` imports the method itself, so that asking costs nothing."""


def models() -> dict[str, Model]:
    """All models, by name."""
    return dict(MODELS)


def find_model(name: str) -> Model:
    """The model of that name, or in that file of `impasto learn`.

    Raises:
        ModelError: there is none (the nearest name is suggested), or the file is no learned net.
    """
    if name.endswith(".safetensors"):
        return _learned(name)
    if name not in MODELS:
        raise unknown_model(name, MODELS)
    return MODELS[name]


def _learned(name: str) -> Model:
    from impasto.stylizers.feedforward.netfile import read_header

    header, path = read_header(Path(name)), Path(name).resolve()

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
        capabilities=Capabilities(
            takes=frozenset({"structure", "preserve color"}), has_style=True, presets=("standard",)
        ),
        load=load,
    )
