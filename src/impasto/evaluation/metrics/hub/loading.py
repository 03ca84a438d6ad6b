"""Published networks from their files, by classes of transformers; nothing is downloaded, unpickled or executed.

Legend: L tokens.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from impasto.errors import ModelError
from impasto.weights.hub import HubModel, folder

SHOWN = 3
"""Names that a message gives of those that are missing."""


def check(*models: HubModel) -> None:
    """Raise `ModelError` where files of a model, or transformers, are missing; loads nothing."""
    for model in models:
        folder(model)
    if find_spec("transformers") is None:
        raise ModelError("Metrics with published networks need the package 'transformers'; pip install transformers.")


def transformers() -> ModuleType:
    """The package of that name; raises `ModelError` where it is not installed."""
    check()
    import transformers

    return transformers


@cache
def network(kind: str, path: Path, **options: Any) -> Any:
    """The network of the class `kind` of transformers in a folder, float32, in evaluation mode; loaded once.

    Raises:
        ModelError: transformers is missing, or the weights are of another layout (names what they lack).
    """
    loader = getattr(transformers(), kind)
    with _reading(path), _silent():
        net, report = loader.from_pretrained(
            path,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            **options,
        )
    refuse_missing(report["missing_keys"], path)
    return net.eval().requires_grad_(False)


def token_ids(text: str, path: Path, longest: int) -> Tensor:
    """Tokens of a text [1, L] by CLIP's `vocab.json` and `merges.txt`, cut off after `longest`.

    Raises:
        ModelError: transformers is missing, or the files cannot be read.
    """
    with _reading(path), _silent():
        tokenizer = transformers().CLIPTokenizer.from_pretrained(path, local_files_only=True)
    return tokenizer(text, truncation=True, max_length=longest, return_tensors="pt").input_ids


def tensors(path: Path, names: Collection[str] | None = None) -> Mapping[str, Tensor]:
    """Tensors of a safetensors file as float32, those of the given names or all.

    Raises:
        ModelError: the file cannot be read, or some are not in it (names them).
    """
    with _reading(path), safe_open(path, "pt") as file:
        there = set(file.keys())
        refuse_missing(set(names or ()) - there, path)
        return {name: file.get_tensor(name).float() for name in names or there}


def refuse_missing(names: Collection[str], path: Path) -> None:
    """Raise `ModelError` where `names` were not found in the weights, with the first few of them."""
    if names:
        some = ", ".join(sorted(names)[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
        raise ModelError(f"{len(names)} tensors are missing from {path}: {some}; fetch the files anew.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # of transformers, safetensors and huggingface_hub, each with a tree of its own
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(f"The weights in {path} cannot be read ({reason}); fetch the files anew.") from error


@contextmanager
def _silent() -> Iterator[None]:
    """Without the progress bars and the report that transformers prints."""
    logging = transformers().logging
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
