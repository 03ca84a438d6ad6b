"""A mask shows the painting where it is white and keeps the source where it is black."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import impasto
from impasto.errors import InputError, UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job import segments
from impasto.job.checks import check_unmasked
from impasto.job.hashing import sha256_of
from impasto.job.mask import Mask
from impasto.job.request import Request
from impasto.job.run import run
from impasto.video.pictures import write_picture
from impasto.video.source import open_source
from tests.clips import make_clip, picture

pytestmark = pytest.mark.usefixtures("toy")

SIZE = (64, 48)
FRAMES = 12


def white_columns(left: int, right: int, value: int = 255, size: tuple[int, int] = SIZE) -> np.ndarray:
    rgb = np.zeros((size[1], size[0], 3), np.uint8)
    rgb[:, left:right] = value
    return rgb


def frames_of(path: Path) -> list[np.ndarray]:
    return [frame.rgb for frame in open_source(path).frames()]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mkv", size=SIZE, frames=FRAMES, codec="ffv1", pixel_format="bgr0")


@pytest.fixture
def painted_with(tmp_path: Path, clip: Path, painting: Path) -> Callable[[Path | None], list[np.ndarray]]:
    """Frames of a lossless run."""

    def paint(mask: Path | None) -> list[np.ndarray]:
        guidance = Guidance(styles=(Style(image=painting),), mask=mask)
        out = tmp_path / "out.mkv"
        run(Request(source=clip, output=out, guidance=guidance, model="toy", codec="ffv1", overwrite=True))
        return frames_of(out)

    return paint


def test_black_keeps_every_pixel_and_white_paints_every_pixel(tmp_path, clip, painted_with):
    write_picture(tmp_path / "mask.png", white_columns(20, 64))
    for source, whole, seen in zip(
        frames_of(clip), painted_with(None), painted_with(tmp_path / "mask.png"), strict=True
    ):
        np.testing.assert_array_equal(seen[:, :20], source[:, :20])
        np.testing.assert_array_equal(seen[:, 20:], whole[:, 20:])


def test_gray_is_as_much_of_both(tmp_path, clip, painted_with):
    write_picture(tmp_path / "mask.png", white_columns(0, 64, value=51))
    for source, whole, seen in zip(
        frames_of(clip), painted_with(None), painted_with(tmp_path / "mask.png"), strict=True
    ):
        np.testing.assert_allclose(seen, source + 0.2 * (whole.astype(float) - source), atol=1)


@pytest.mark.parametrize("longest", [240, 5])
@pytest.mark.parametrize("folder", [False, True])
def test_a_mask_video_goes_frame_by_frame(tmp_path, clip, painted_with, monkeypatch, longest, folder):
    monkeypatch.setattr(segments, "LONGEST", longest)
    masks = [white_columns(4 * n, 4 * n + 16) for n in range(FRAMES)]
    if folder:
        mask = tmp_path / "masks"
        mask.mkdir()
        for number, rgb in enumerate(masks):
            write_picture(mask / f"{number}.png", rgb)
    else:
        mask = make_clip(
            tmp_path / "mask.mkv", size=SIZE, frames=FRAMES, pictures=masks, codec="ffv1", pixel_format="bgr0"
        )
    for source, whole, seen, white in zip(frames_of(clip), painted_with(None), painted_with(mask), masks, strict=True):
        np.testing.assert_array_equal(seen, np.where(white == 255, whole, source))


@pytest.mark.parametrize("size", [(32, 24), (128, 96), (16, 48)])
def test_a_mask_of_another_size_is_scaled(tmp_path, size):
    write_picture(tmp_path / "mask.png", white_columns(size[0] // 2, size[0], size=size))
    (weight,) = Mask(tmp_path / "mask.png", SIZE).weights(3, 4)
    assert weight.shape == (48, 64, 1)
    assert weight[:, :30].max() == 0
    assert weight[:, 34:].min() == 1


def test_what_is_transparent_stays(tmp_path):
    holes = np.full((48, 64), 255, np.uint8)
    holes[:10] = 0
    write_picture(tmp_path / "mask.png", white_columns(0, 64), holes)
    (weight,) = Mask(tmp_path / "mask.png", SIZE).weights(0, 1)
    assert (weight[:10].max(), weight[10:].min()) == (0, 1)


def test_the_record_holds_the_mask(tmp_path, clip, painting):
    mask = make_clip(tmp_path / "mask.mp4", frames=FRAMES)
    record = impasto.stylize(clip, style=painting, output=tmp_path / "out.mkv", model="toy", mask=str(mask))
    assert record.guidance["mask"] == str(mask)
    assert record.pictures[str(mask)] == sha256_of(mask)


def test_frames_of_a_program_are_masked_too(tmp_path, painting):
    frames = [picture(number, *SIZE) for number in range(4)]
    write_picture(tmp_path / "mask.png", white_columns(20, 64))
    whole, seen = (
        list(impasto.stylize_frames(frames, style=painting, model="toy", mask=mask))
        for mask in (None, tmp_path / "mask.png")
    )
    for number, source in enumerate(frames):
        np.testing.assert_array_equal(seen[number][:, :20], source[:, :20])
        np.testing.assert_array_equal(seen[number][:, 20:], whole[number][:, 20:])
    short = make_clip(tmp_path / "mask.mp4", frames=3)
    with pytest.raises(InputError, match="ends before"):
        list(impasto.stylize_frames(frames, style=painting, model="toy", mask=short))


def test_a_clip_made_from_nothing_has_nothing_to_keep(tmp_path):
    with pytest.raises(UnsupportedOption, match="nothing to keep"):
        check_unmasked(Guidance(prompt="dawn", mask=tmp_path / "mask.png"))
