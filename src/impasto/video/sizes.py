"""The size at which a model sees a frame."""

from math import sqrt


def working_size(width: int, height: int, pixels: int | None, step: int = 1) -> tuple[int, int]:
    """(width, height) of about `pixels` in the frame's aspect, multiples of `step`.

    A frame of no more pixels keeps its own size; with None every frame does.
    """
    if pixels is None or width * height <= pixels:
        return width, height
    scale = sqrt(pixels / (width * height)) / step
    return max(1, round(width * scale)) * step, max(1, round(height * scale)) * step
