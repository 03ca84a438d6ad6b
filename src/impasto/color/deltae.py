"""The difference of two colours as people see it: CIEDE2000.

Legend: a colour is CIE Lab (D65), [..., 3], L in 0..100.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ciede2000(first_Lab: ArrayLike, second_Lab: ArrayLike) -> NDArray[np.float64]:
    """CIEDE2000 colour difference [...], about 1 where it can just be seen (Sharma 2005, eqs. 2 to 22).

    Unlike deltaE76, the Euclidean distance, it does not overrate differences of saturated colours.
    """
    one, two = (np.moveaxis(np.asarray(lab, np.float64), -1, 0) for lab in (first_Lab, second_Lab))
    stretch = 1.5 - 0.5 * _saturation((np.hypot(*one[1:]) + np.hypot(*two[1:])) / 2)
    (a1, b1), (a2, b2) = (one[1] * stretch, one[2]), (two[1] * stretch, two[2])
    chroma1, chroma2 = np.hypot(a1, b1), np.hypot(a2, b2)
    hue1, hue2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    coloured = chroma1 * chroma2 > 0

    turn = hue2 - hue1
    turn = np.where(coloured, turn - 360 * np.sign(turn) * (np.abs(turn) > 180), 0)
    lightness, chroma = (one[0] + two[0]) / 2, (chroma1 + chroma2) / 2
    # Midway on the shorter arc; a grey has no hue, and then that of the other counts, as the grey's is 0.
    hue = np.where(coloured, (hue1 + turn / 2) % 360, hue1 + hue2)

    cosines = (np.cos(np.radians(factor * hue + shift)) for factor, shift in ((1, -30), (2, 0), (3, 6), (4, -63)))
    tones = 1 + np.einsum("i,i...->...", (-0.17, 0.24, 0.32, -0.20), np.stack(list(cosines)))
    offset = np.square(lightness - 50)
    of_lightness = (two[0] - one[0]) / (1 + 0.015 * offset / np.sqrt(20 + offset))
    of_chroma = (chroma2 - chroma1) / (1 + 0.045 * chroma)
    of_hue = 2 * np.sqrt(chroma1 * chroma2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * tones)
    rotation = np.sin(np.radians(60 * np.exp(-np.square((hue - 275) / 25)))) * -2 * _saturation(chroma)
    return np.sqrt(of_lightness**2 + of_chroma**2 + of_hue**2 + rotation * of_chroma * of_hue)


def _saturation(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
