"""HDR (PQ, HLG) and BT.2020 brought to the SDR BT.709 that the rest of the program works in.

The operator, on frames uint16 RGB [H, W, 3]: signal to light (SMPTE ST 2084, or BT.2100 HLG with its OOTF for a
1000 cd/m2 display); BT.2020 to BT.709 primaries; 203 cd/m2 (graphics white of BT.2408) is 1.0; the brightest channel
of a pixel is kept up to a knee and rolls off to 1.0 at the peak above it, the others keep their ratio to it, so that
hue stays; then gamma 2.4, which displays undo.
"""

import cv2
import numpy as np

from impasto.video.types import ColorTags, Picture

_PQ, _HLG, _BT2020 = 16, 18, 9
_WHITE_NITS = 203.0
_DEFAULT_PEAK_NITS = 1000.0
_KNEE = 0.5
_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_LUMINANCE_2020 = np.array([[0.2627, 0.6780, 0.0593]], np.float32)


def is_hdr(tags: ColorTags) -> bool:
    """Whether frames with these tags need tone mapping: PQ, HLG, or the wide gamut of BT.2020."""
    return tags.transfer in (_PQ, _HLG) or tags.primaries == _BT2020


class ToneMap:
    """From HDR to SDR for one stream; `peak_nits` is the brightest value in it, None where unknown."""

    def __init__(self, tags: ColorTags, peak_nits: float | None) -> None:
        self._hlg = tags.transfer == _HLG
        signal = np.linspace(0.0, 1.0, 65536, dtype=np.float64)
        if tags.transfer == _PQ:
            nits = _pq_to_nits(signal)
        elif self._hlg:
            nits = _hlg_to_scene(signal) * _DEFAULT_PEAK_NITS
        else:
            nits = signal**2.4 * _WHITE_NITS
        self._light = (nits / _WHITE_NITS).astype(np.float32)
        bright = max(peak_nits or _DEFAULT_PEAK_NITS, _WHITE_NITS) / _WHITE_NITS
        self._peak = bright if tags.transfer in (_PQ, _HLG) else 1.0
        self._gamma = np.rint(255 * np.linspace(0, 1, 4096) ** (1 / 2.4)).astype(np.uint8)

    def apply(self, rgb48: np.ndarray) -> Picture:
        """uint8 RGB of the same size."""
        light = self._light[rgb48]
        if self._hlg:
            luminance = cv2.transform(light, _LUMINANCE_2020) * np.float32(_WHITE_NITS / _DEFAULT_PEAK_NITS)
            light *= np.maximum(luminance, 1e-6)[..., None] ** np.float32(0.2)
        light = np.maximum(cv2.transform(light, _BT2020_TO_BT709), 0)
        brightest = light.max(axis=-1)
        light *= (self._roll_off(brightest) / np.maximum(brightest, 1e-6))[..., None]
        return self._gamma[(np.minimum(light, 1) * 4095 + 0.5).astype(np.uint16)]

    def _roll_off(self, light: np.ndarray) -> np.ndarray:
        if self._peak <= 1:
            return np.minimum(light, 1)
        # A hyperbola with slope 1 at the knee that reaches 1 at the peak: the Moebius operator.
        room, reach = 1 - _KNEE, self._peak - _KNEE
        above = np.clip(light - _KNEE, 0, reach)
        curved = above / (1 + above * (reach - room) / (reach * room))
        return np.where(light <= _KNEE, light, _KNEE + curved)


def _pq_to_nits(signal: np.ndarray) -> np.ndarray:
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = signal ** (1 / m2)
    return 10000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)


def _hlg_to_scene(signal: np.ndarray) -> np.ndarray:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
