"""What every output says of itself, for whoever finds it alone."""

from importlib.metadata import version
from pathlib import Path


def tag_of(model: str | None = None) -> str:
    """A line such as `Made with Impasto 0.1.0, model swift.`; of a learned net, the name of its file."""
    made = f"Made with Impasto {version('impasto')}"
    return f"{made}, model {Path(model).name}." if model else f"{made}."
