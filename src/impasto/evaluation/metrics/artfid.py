"""ArtFID: content kept and style reached, in one number."""

import math
from dataclasses import replace

from impasto.errors import InputError
from impasto.evaluation.metrics.frechet import FID_NANO
from impasto.evaluation.metrics.lpips import LPIPS_NANO
from impasto.evaluation.metrics.nano import FAVOURS

ARTFID_NANO = replace(
    FID_NANO,
    name="ArtFID-nano",
    definition="(1 + LPIPS) (1 + FID): mean LPIPS-nano of outputs and sources, FID-nano of outputs and styles (Wright "
    "and Ommer 2022, plain mode: no extrapolation to endless sets)",
    extractor=f"FID: {FID_NANO.extractor}; LPIPS: {LPIPS_NANO.extractor}",
    trap=f"means little below some hundred outputs, where the bias of FID drowns the rest; {FAVOURS}",
)


def artfid(lpips: float, fid: float) -> float:
    """`(1 + LPIPS) (1 + FID)`, at least 1 (Wright and Ommer 2022, plain mode).

    Args:
        lpips: mean over outputs of the distance to their source.
        fid: of the outputs and the style pictures.

    Raises:
        InputError: one of them is negative or not finite.
    """
    for name, value in (("LPIPS", lpips), ("FID", fid)):
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"ArtFID of {name} {value} does not exist; give a finite distance of at least 0.")
    return (1 + lpips) * (1 + fid)
