"""Runs of `impasto deflicker`: the guide in step with the frames, shot by shot and segment by segment."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import impasto
from impasto.errors import Interrupted
from impasto.job import segments
from impasto.job.events import Event, FrameDone
from impasto.job.hashing import sha256_of
from impasto.video.source import open_source
from tests.clips import make_clip, packets_of

SIZE = (64, 48)
FRAMES = 40
CUT = 24
LOSSLESS = {"codec": "ffv1", "pixel_format": "bgr0"}


def scenes() -> list[np.ndarray]:
    """Two scenes that move."""
    rng = np.random.default_rng(0)
    blocks = [np.kron(rng.integers(30, 225, (6, 8, 3), np.uint8), np.ones((8, 8, 1), np.uint8)) for _ in range(2)]
    return [np.roll(blocks[n >= CUT], n, 1) for n in range(FRAMES)]


def painted() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    noisy = [255 - rgb + rng.normal(0, 20, rgb.shape) for rgb in scenes()]
    return [np.clip(rgb, 0, 255).astype(np.uint8) for rgb in noisy]


def frames_of(path: Path) -> list[np.ndarray]:
    return [frame.rgb for frame in open_source(path).frames()]


def flicker(frames: list[np.ndarray]) -> float:
    """Mean change from frame to frame along the motion of the scenes."""
    still = [np.roll(rgb, -n, 1).astype(float) for n, rgb in enumerate(frames)]
    return float(np.mean([np.abs(a - b).mean() for a, b in pairwise(still)]))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mkv", size=SIZE, frames=FRAMES, pictures=painted(), sounds=["eng"], **LOSSLESS)


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "guide.mkv", size=SIZE, frames=FRAMES, pictures=scenes(), **LOSSLESS)


@pytest.mark.parametrize("guided", [False, True], ids=["alone", "guided"])
def test_frames_are_steadied_and_a_cut_begins_anew(tmp_path, clip, guide, guided):
    out = tmp_path / "out.mkv"
    record = impasto.deflicker(clip, guide=str(guide) if guided else None, output=out, codec="ffv1")
    # Without a guide the flicker hides the cut from the plan, and not from the stabiliser.
    assert [shot["start"] for shot in record.plan["shots"]] == ([0, CUT] if guided else [0])
    assert packets_of(out, "audio") == packets_of(clip, "audio")
    assert record.pictures == ({str(guide): sha256_of(guide)} if guided else {})
    before, after = painted(), frames_of(out)
    np.testing.assert_array_equal(after[0], before[0])
    np.testing.assert_array_equal(after[CUT], before[CUT])
    for shot in (slice(CUT), slice(CUT, FRAMES)):
        assert flicker(after[shot]) < 0.5 * flicker(before[shot])


def test_the_guide_tells_the_cuts_where_flashes_hide_them(tmp_path, guide):
    flashing = [np.full_like(rgb, 255) if n % 10 == 9 else rgb for n, rgb in enumerate(painted())]
    clip = make_clip(tmp_path / "flashes.mkv", size=SIZE, frames=FRAMES, pictures=flashing, **LOSSLESS)
    record = impasto.deflicker(clip, guide=guide, output=tmp_path / "out.mkv")
    assert [shot["start"] for shot in record.plan["shots"]] == [0, CUT]


def test_a_guide_of_another_size_is_scaled(tmp_path, clip):
    larger = [np.kron(rgb, np.ones((2, 2, 1), np.uint8)) for rgb in scenes()]
    guide = make_clip(tmp_path / "large.mkv", size=(128, 96), frames=FRAMES, pictures=larger, **LOSSLESS)
    impasto.deflicker(clip, guide=guide, output=tmp_path / "out.mkv", codec="ffv1")
    assert [rgb.shape for rgb in frames_of(tmp_path / "out.mkv")] == [(48, 64, 3)] * FRAMES


@pytest.mark.parametrize("guided", [False, True], ids=["alone", "guided"])
def test_a_stopped_run_goes_on_to_the_same_file(tmp_path, clip, guide, monkeypatch, guided):
    monkeypatch.setattr(segments, "LONGEST", 6)

    def stop(event: Event) -> None:
        if isinstance(event, FrameDone) and event.done == 33:
            raise KeyboardInterrupt

    ask = {"guide": guide if guided else None, "codec": "ffv1"}
    impasto.deflicker(clip, output=tmp_path / "whole.mkv", **ask)
    with pytest.raises(Interrupted):
        impasto.deflicker(clip, output=tmp_path / "out.mkv", on_event=stop, **ask)
    record = impasto.deflicker(clip, output=tmp_path / "out.mkv", **ask)
    assert record.resumed_segments == 5
    for mine, unbroken in zip(frames_of(tmp_path / "out.mkv"), frames_of(tmp_path / "whole.mkv"), strict=True):
        np.testing.assert_array_equal(mine, unbroken)


def test_one_frame_stays_as_it_is(tmp_path):
    clip = make_clip(tmp_path / "one.mkv", size=SIZE, frames=1, pictures=painted()[:1], **LOSSLESS)
    impasto.deflicker(clip, output=tmp_path / "out.mkv", codec="ffv1")
    np.testing.assert_array_equal(frames_of(tmp_path / "out.mkv"), painted()[:1])


def test_frames_of_a_program_are_steadied_too():
    frames = painted()[:CUT]
    steady = list(impasto.stylize_frames(frames, model="deflicker", preset="standard"))
    assert flicker(steady) < 0.5 * flicker(frames)
