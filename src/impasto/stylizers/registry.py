"""Every model that Impasto knows, found without loading any of them."""

from impasto.stylizers.base import Model, unknown_model

DEFAULT_MODEL = "swift"

MODELS: dict[str, Model] = {}
"""Entries by name. `Model.load` imports the method itself, so that asking costs nothing."""

WEIGHTS: dict[str, tuple[str, ...]] = {}
"""Names of the files of each model's weights, as `impasto.weights.paths.weights_file` finds them."""


def models() -> dict[str, Model]:
    """All models, by name."""
    return dict(MODELS)


def find_model(name: str) -> Model:
    """The model of that name; raises `ModelError` where there is none, suggesting the nearest."""
    if name not in MODELS:
        raise unknown_model(name, MODELS)
    return MODELS[name]
