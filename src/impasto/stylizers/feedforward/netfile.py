"""The file of a network that has learned one style: safetensors, with all that describes it in the header.

Listing models reads the header alone, without torch.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

from impasto.errors import ModelError
from impasto.video.files import writing, written_atomically

if TYPE_CHECKING:
    from impasto.color.transport import ColorStatistics
    from impasto.stylizers.feedforward.nets import Net

SUFFIX = ".safetensors"
FORMAT = "impasto learned net 1"
"""The only key of the metadata: safetensors writes several in any order, but the same training gives the same file."""
MEAN, COVARIANCE = "style.mean", "style.covariance"


@dataclass(frozen=True, kw_only=True)
class Header:
    network: str
    """`kind` of the network."""
    config: dict[str, Any]
    styles: tuple[str, ...]
    """Names of the pictures, or of named styles."""
    facts: dict[str, Any]
    """How it was taught: steps, seed, material and the last figures."""


def read_header(path: Path) -> Header:
    """What a net file says of itself.

    Raises:
        ModelError: there is no such file, or it is no learned net.
    """
    if not path.is_file():
        raise ModelError(f"No such model file: {str(path)!r}; check the path, or make one with `impasto learn`.")
    try:
        with safe_open(path, "np") as file:
            meta = file.metadata() or {}
        if FORMAT in meta:
            known = json.loads(meta[FORMAT])
            return Header(**known | {"styles": tuple(known["styles"])})
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{str(path)!r} is broken or no safetensors file; give one of `impasto learn`.") from error
    raise ModelError(f"{str(path)!r} is not a net that `impasto learn` of this version made; learn the style anew.")


def save_net(net: "Net", styles: tuple[str, ...], colors: "ColorStatistics", facts: dict[str, Any], path: Path) -> None:
    """Write the parameters as float16 and the style's colours; the file appears whole or not at all."""
    from safetensors.torch import save

    tensors = {name: value.detach().half().contiguous() for name, value in net.parameters.items()}
    tensors |= {MEAN: colors.mean, COVARIANCE: colors.covariance}
    header = Header(network=net.kind, config=asdict(net.config), styles=styles, facts=facts)
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(tensors, {FORMAT: json.dumps(asdict(header))}))


def load_net(path: Path) -> "tuple[Net, ColorStatistics]":
    """Read what `save_net` wrote; float32.

    Raises:
        ModelError: as `read_header`, and where the parameters do not fit the description.
    """
    import torch
    from safetensors.torch import load_file

    from impasto.color.transport import ColorStatistics
    from impasto.stylizers.feedforward.nets import NETS

    header = read_header(path)
    try:
        kind, config = NETS[header.network]
        tensors = {name: value.float() for name, value in load_file(path).items()}
        colors = ColorStatistics(tensors.pop(MEAN), tensors.pop(COVARIANCE))
        net = kind(config(**header.config), tensors)  # pyright: ignore[reportCallIssue]
        fits = net.shapes() == {name: tuple(value.shape) for name, value in tensors.items()}
    except (SafetensorError, KeyError, TypeError) as error:
        raise ModelError(f"{str(path)!r} does not hold what its header says; learn the style anew.") from error
    if not fits or not all(torch.isfinite(value).all() for value in tensors.values()):
        raise ModelError(f"{str(path)!r} holds weights that do not fit its network; learn the style anew.")
    return net, colors
