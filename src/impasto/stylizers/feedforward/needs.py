"""What the feed-forward networks take of the memory, told before they are loaded.

Frames of usual size are planned without torch.
"""

from impasto.stylizers.base import Needs
from impasto.stylizers.feedforward.tiles import LARGEST, tiling

WHOLE = {"swift": 250, "johnson": 500}
"""Bytes for each pixel that is painted at once, in the frames that an engine works on; measured."""
BANDED = 140
"""Bytes for each pixel of a frame that is painted layer by layer."""


def feedforward_needs(network: str, size: tuple[int, int]) -> Needs:
    """For a network of that kind and its usual layout, on frames of (width, height); an unknown one takes nothing."""
    if network not in WHOLE:
        return _needs(0)  # it is refused when it is loaded
    width, height = size
    pixels = width * height
    if pixels <= LARGEST:
        return _needs(WHOLE[network] * pixels)
    if network == "johnson":
        return _needs(BANDED * pixels, "Frames are large and painted layer by layer, to spare memory.")
    from impasto.stylizers.feedforward.network import MULTIPLE, NetworkConfig, reach

    tiles = tiling(width, height, reach(NetworkConfig()), MULTIPLE)
    line = "Frames are large and painted in {} tiles of {}x{}, which overlap and leave no seam."
    return _needs(WHOLE[network] * tiles.pixels, line.format(tiles.count, *tiles.size))


def _needs(memory_bytes: int, *lines: str) -> Needs:
    return Needs(memory_bytes=memory_bytes, device_bytes=0, lines=lines)
