"""Networks and readers of diffusers and transformers from folders; only safetensors and configurations are read."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from impasto.errors import ModelError

SHOWN = 3
"""Names that a message gives of those that do not fit."""
_LOGGING = ("diffusers.utils.logging", "transformers.utils.logging")


def load_network(kind: type[Any], place: Path, dtype: torch.dtype, variant: str | None = None) -> Any:
    """A network of a class of diffusers or transformers, in evaluation mode without gradients.

    Args:
        variant: what the names of its files have before `.safetensors`, such as `fp16`.

    Raises:
        ModelError: it is not there, cannot be read, or its weights are of another layout (names the first few).
    """
    if not (place / "config.json").is_file():
        raise ModelError(f"There is no model in {place}: put its config.json and its safetensors files there.")
    # diffusers and transformers call it differently.
    precision: dict[str, Any] = {"torch_dtype" if kind.__module__.startswith("diffusers") else "dtype": dtype}
    with reading(place):
        model, report = kind.from_pretrained(
            place, local_files_only=True, use_safetensors=True, output_loading_info=True, variant=variant, **precision
        )
    wrong = sorted([*report["missing_keys"], *report["unexpected_keys"]])
    if wrong:
        some = ", ".join(wrong[:SHOWN]) + (", ..." if len(wrong) > SHOWN else "")
        raise ModelError(f"{len(wrong)} tensors in {place} are missing or not known: {some}; fetch the model anew.")
    return model.eval().requires_grad_(False)


def load_reader(kind: type[Any], place: Path) -> Any:
    """A tokenizer or processor of transformers; raises `ModelError` where it cannot be read."""
    with reading(place):
        return kind.from_pretrained(place, local_files_only=True)


def load_pipeline(kind: type[Any], place: Path, dtype: torch.dtype, **more: Any) -> Any:
    """A pipeline of diffusers without its progress bars; raises `ModelError` where it cannot be read.

    Args:
        more: what else its `from_pretrained` takes, such as a part that lies elsewhere.
    """
    with reading(place):
        pipeline = kind.from_pretrained(place, local_files_only=True, use_safetensors=True, torch_dtype=dtype, **more)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


@contextmanager
def reading(place: Path) -> Iterator[None]:
    """Without the progress bars and warnings that the libraries print, and with errors as a `ModelError`."""
    libraries = [sys.modules[name] for name in _LOGGING if name in sys.modules]
    before = [(library.get_verbosity(), library.is_progress_bar_enabled()) for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        yield
    except Exception as error:  # of the libraries, safetensors and huggingface_hub, each with a tree of its own
        raise ModelError(f"The model in {place} cannot be read ({_reason(error)}); fetch it anew.") from error
    finally:
        for library, (verbosity, bars) in zip(libraries, before, strict=True):
            library.set_verbosity(verbosity)
            if bars:
                library.enable_progress_bar()
