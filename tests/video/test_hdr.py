"""HDR in, SDR out."""

from pathlib import Path

import numpy as np
import pytest

from impasto.video.hdr import ToneMap
from impasto.video.source import open_source
from impasto.video.types import ColorTags
from tests.clips import make_clip

PQ, HLG, BT2020 = 16, 18, 9


def _pq(nits: float) -> float:
    """The inverse EOTF of SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = (nits / 10000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def _map(signal: np.ndarray, transfer: int, peak: float | None = None) -> np.ndarray:
    rgb48 = np.rint(np.asarray(signal, float) * 65535).astype(np.uint16).reshape(1, -1, 3)
    return ToneMap(ColorTags(matrix=9, primaries=BT2020, transfer=transfer), peak).apply(rgb48)[0].astype(int)


@pytest.mark.parametrize("transfer", [PQ, HLG, 14])
def test_greys_stay_grey_rise_and_fill_the_range(transfer: int):
    ramp = np.linspace(0, 1, 200)[:, None].repeat(3, 1)
    mapped = _map(ramp, transfer)
    assert np.ptp(mapped, axis=1).max() <= 1
    assert (np.diff(mapped[:, 1]) >= 0).all()
    assert mapped[0, 0] == 0
    assert mapped[-1, 0] >= 254


def test_dark_pq_keeps_its_light():
    nits = 0.2 * 203
    assert _map([[_pq(nits)] * 3], PQ)[0, 0] == pytest.approx(255 * 0.2 ** (1 / 2.4), abs=1)


def test_the_peak_that_the_file_names_is_white():
    assert _map([[_pq(600)] * 3], PQ, 600)[0, 0] >= 254
    assert _map([[_pq(600)] * 3], PQ, 4000)[0, 0] < 250


def test_saturated_colours_keep_their_hue():
    red, green, blue = _map([[_pq(800), _pq(100), _pq(100)]], PQ)[0]
    assert red > green
    assert red > blue


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_an_hdr_clip_is_tone_mapped_and_says_so(tmp_path: Path, transfer: int):
    grey = np.full((48, 64, 3), round(_pq(203) * 65535) if transfer == PQ else round(0.75 * 65535), np.uint16)
    clip = make_clip(
        tmp_path / "a.mkv",
        codec="libx265",
        pixel_format="yuv420p10le",
        matrix=9,
        primaries=BT2020,
        transfer=transfer,
        pictures=[grey] * 4,
        frames=4,
    )
    source = open_source(clip)
    assert source.info.hdr
    assert source.info.color == ColorTags()
    rgb = next(source.frames()).rgb
    assert np.ptp(rgb) <= 4
    assert 170 < rgb.mean() < 235
    assert any("tone-mapped" in note for note in source.notes)


def test_an_hdr_clip_with_transparency_is_tone_mapped_alike(tmp_path: Path):
    colours = np.full((4, 48, 64, 4), 255, np.uint8)
    colours[..., :3] = 150, 120, 90
    colours[:, :8, :8, 3] = 0
    seen = {}
    for name, form, shown in (("clear", "yuva444p10le", colours), ("plain", "yuv422p10le", colours[..., :3])):
        clip = make_clip(
            tmp_path / f"{name}.mov",
            codec="prores_ks",
            pixel_format=form,
            pictures=shown,
            frames=4,
            matrix=BT2020,
            primaries=BT2020,
            transfer=PQ,
        )
        seen[name] = next(open_source(clip).frames())
    alpha = seen["clear"].alpha
    assert (alpha[2, 2], alpha[24, 32]) == (0, 255)
    difference = seen["clear"].rgb[24, 32].astype(int) - seen["plain"].rgb[24, 32]
    assert np.abs(difference).max() <= 2
