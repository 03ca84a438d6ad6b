"""The same frames give the same file."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from impasto.video.encode import SegmentWriter
from impasto.video.formats import choose_format
from impasto.video.source import open_source
from impasto.video.types import Frame
from tests.clips import make_clip


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "prores", "ffv1"])
def test_a_segment_encoded_again_is_the_same(tmp_path: Path, codec: str):
    """At a size where x264's fastest code differs from run to run, unless told not to."""
    tile = np.random.default_rng(0).integers(0, 255, (22, 40, 3), np.uint8)
    scene = np.kron(tile, np.ones((8, 8, 1), np.uint8))
    info = open_source(make_clip(tmp_path / "in.mp4", size=(320, 176), frames=2)).info
    fmt = choose_format(tmp_path / ("out.mov" if codec == "prores" else "out.mkv"), info, codec)
    seen = set()
    for number in range(4):
        path = tmp_path / f"segment-{number}"
        with SegmentWriter(path, fmt, info) as writer:
            for n in range(24):
                rgb = np.roll(scene, n, 1)
                writer.write(Frame(rgb=rgb, time=Fraction(n, 25), duration=Fraction(1, 25)))
        seen.add(path.read_bytes())
    assert len(seen) == 1
