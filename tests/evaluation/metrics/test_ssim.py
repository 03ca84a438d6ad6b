"""PSNR and SSIM against the formulas."""

import math

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from impasto.errors import InputError
from impasto.evaluation.metrics.ssim import psnr, ssim
from tests.evaluation.metrics.toys import blurred, noisy, texture, tinted


def direct_ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Wang 2004, eqs. 13 to 17, channel by channel, with moments about the local means."""
    offsets = np.arange(-5, 6)
    window = np.exp(-(offsets**2) / (2 * 1.5**2))
    window /= window.sum()

    def local(values: np.ndarray) -> np.ndarray:
        return correlate1d(correlate1d(values, window, 0), window, 1)[5:-5, 5:-5]

    maps = []
    for x, y in zip(np.moveaxis(first, 2, 0).astype(float), np.moveaxis(second, 2, 0).astype(float), strict=True):
        mx, my = local(x), local(y)
        vx, vy, cov = (local(a * b) - ma * mb for a, b, ma, mb in ((x, x, mx, mx), (y, y, my, my), (x, y, mx, my)))
        luminance = (2 * mx * my + 1e-4) / (mx**2 + my**2 + 1e-4)
        maps.append(luminance * (2 * cov + 9e-4) / (vx + vy + 9e-4))
    return float(np.mean(maps))


CHANGES = {
    "noise": lambda picture: noisy(picture, 0.1),
    "blur": lambda picture: blurred(picture, 2),
    "tint": lambda picture: tinted(picture, 0.2),
    "other": lambda picture: texture(9),
    "negative": lambda picture: 1 - picture,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_agrees_with_the_formulas(change):
    first = texture(0)
    second = change(first)
    assert ssim(first, second) == pytest.approx(direct_ssim(first, second), abs=1e-9)
    assert psnr(first, second) == pytest.approx(
        -10 * math.log10(((first - second).astype(float) ** 2).mean()), abs=1e-4
    )


def test_flat_pictures_have_a_closed_form():
    gray, light = np.full((16, 16, 3), 0.25, np.float32), np.full((16, 16, 3), 0.75, np.float32)
    assert psnr(gray, light) == pytest.approx(10 * math.log10(4))
    assert ssim(gray, light) == pytest.approx((2 * 0.25 * 0.75 + 1e-4) / (0.25**2 + 0.75**2 + 1e-4))


def test_equal_pictures():
    assert ssim(texture(0), texture(0)) == 1
    assert psnr(texture(0), texture(0)) == math.inf


@pytest.mark.parametrize("measure", [ssim, psnr])
@pytest.mark.parametrize("change", [noisy, blurred, tinted])
def test_the_more_a_picture_changes_the_less_like_it_is(measure, change):
    picture = texture(0)
    a_little, a_lot = (measure(picture, change(picture, amount)) for amount in (0.5, 2))
    assert measure(picture, picture) > a_little > a_lot


def test_the_order_does_not_matter():
    first, second = texture(0), noisy(texture(0), 0.2)
    assert ssim(first, second) == ssim(second, first)
    assert psnr(first, second) == psnr(second, first)


def test_refuses_what_cannot_be_compared():
    picture = texture(0)
    for measure in (ssim, psnr):
        with pytest.raises(InputError, match="resize one"):
            measure(picture, picture[1:])
    with pytest.raises(InputError, match="96x10 pixels; SSIM needs sides of at least 11"):
        ssim(picture[:10], picture[:10])
