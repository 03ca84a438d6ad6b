"""Every model that Impasto knows, found without loading any of them."""

from impasto.stylizers.base import Capabilities, Model, Preset, Stylizer, unknown_model

DEFAULT_MODEL = "swift"


def _swift(preset: Preset) -> Stylizer:
    from impasto.stylizers.feedforward.swift import Swift

    return Swift(preset)


MODELS: dict[str, Model] = {
    "swift": Model(
        name="swift",
        family="feed-forward",
        summary="any style, real time on a CPU",
        licence="Apache-2.0",
        source="embedded",
        weights=("swift.safetensors", "encoder.safetensors", "styles.safetensors"),
        capabilities=Capabilities(
            takes=frozenset({"style", "mixed styles", "structure", "preserve color"}), needs=frozenset({"style"})
        ),
        load=_swift,
    )
}
"""Entries by name. `Model.load` imports the method itself, so that asking costs nothing."""


def models() -> dict[str, Model]:
    """All models, by name."""
    return dict(MODELS)


def find_model(name: str) -> Model:
    """The model of that name; raises `ModelError` where there is none, suggesting the nearest."""
    if name not in MODELS:
        raise unknown_model(name, MODELS)
    return MODELS[name]
