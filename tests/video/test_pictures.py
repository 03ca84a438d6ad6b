"""Still pictures: right colours, right way up, safe."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from impasto.errors import OutputProblem, UnreadableInput
from impasto.video.encode import SegmentWriter
from impasto.video.formats import choose_format
from impasto.video.mux import mux
from impasto.video.pictures import over_white, read_picture, read_style_picture, write_picture
from impasto.video.source import open_source
from tests.clips import make_clip, picture

RGB = picture(0, 64, 48)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int):
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(undo(RGB))).save(tmp_path / "a.png", exif=exif)
    rgb, alpha = read_picture(tmp_path / "a.png")
    assert alpha is None
    assert np.array_equal(rgb, RGB)


def test_cmyk_without_a_profile(tmp_path: Path):
    Image.fromarray(RGB).convert("CMYK").save(tmp_path / "a.jpg", quality=100, subsampling=0)
    assert np.abs(read_picture(tmp_path / "a.jpg")[0][40].astype(int) - RGB[40]).max() <= 4


def test_a_profile_is_converted_to_srgb(tmp_path: Path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=srgb.tobytes())
    assert np.abs(read_picture(tmp_path / "a.png")[0].astype(int) - RGB).max() <= 1
    Image.fromarray(RGB).save(tmp_path / "b.png", icc_profile=profile.tobytes())
    assert np.array_equal(read_picture(tmp_path / "b.png")[0], RGB)
    Image.fromarray(RGB).save(tmp_path / "c.png", icc_profile=b"nonsense")
    assert np.array_equal(read_picture(tmp_path / "c.png")[0], RGB)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_profile_holds_in_every_mode(tmp_path: Path, mode: str):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"....", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"....", b"gXYZ", 1)
    image = Image.new("RGB", (16, 12), (204, 0, 0)).convert(mode)
    image.save(tmp_path / "a.png", icc_profile=swapped)
    assert np.abs(read_picture(tmp_path / "a.png")[0][0, 0].astype(int) - (0, 204, 0)).max() <= 2


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "PA", "RGBA", "I;16"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str):
    grey = Image.fromarray(np.full((12, 16), 200, np.uint8))
    if mode == "I;16":
        image = Image.fromarray(np.full((12, 16), 200 * 257, np.uint16))
    else:
        image = grey.convert("RGB").convert("RGBA").convert(mode) if mode == "PA" else grey.convert(mode)
    suffix = ".tiff" if mode == "PA" else ".png"
    image.save(tmp_path / f"a{suffix}")
    rgb, alpha = read_picture(tmp_path / f"a{suffix}")
    assert (rgb.shape, rgb.dtype, alpha) == ((12, 16, 3), np.uint8, None)
    if mode != "1":
        assert np.abs(rgb.astype(int) - 200).max() <= 1


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff", ".bmp"])
def test_written_pictures_are_read_again(tmp_path: Path, suffix: str):
    write_picture(tmp_path / f"a{suffix}", RGB)
    rgb, _ = read_picture(tmp_path / f"a{suffix}")
    assert np.abs(rgb.astype(int) - RGB).mean() < 4
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff"])
def test_holes_are_kept(tmp_path: Path, suffix: str):
    alpha = np.zeros((48, 64), np.uint8)
    alpha[10:20] = 128
    alpha[20:] = 255
    write_picture(tmp_path / f"a{suffix}", RGB, alpha)
    holes = read_picture(tmp_path / f"a{suffix}")[1]
    assert holes is not None
    assert np.array_equal(holes, alpha)


def test_over_white():
    alpha = np.full((48, 64), 128, np.uint8)
    expected = RGB * (128 / 255) + 255 * (127 / 255)
    assert np.abs(over_white(RGB, alpha) - expected).max() <= 0.5 + 1e-9


def test_a_style_may_not_be_tiny(tmp_path: Path):
    write_picture(tmp_path / "a.png", RGB[:1, :1])
    assert read_picture(tmp_path / "a.png")[0].shape == (1, 1, 3)
    with pytest.raises(UnreadableInput, match="1x1"):
        read_style_picture(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_huge_style_is_made_smaller(tmp_path: Path, suffix: str):
    Image.new("RGB", (16384, 512), (10, 200, 30)).save(tmp_path / f"a{suffix}")
    rgb = read_style_picture(tmp_path / f"a{suffix}")
    assert rgb.shape == (128, 4096, 3)
    assert np.abs(rgb.astype(int) - (10, 200, 30)).max() <= 2


def _bomb() -> bytes:
    data = io.BytesIO()
    Image.new("1", (1, 1)).save(data, "PNG")
    raw = bytearray(data.getvalue())
    raw[16:24] = (100_000).to_bytes(4, "big") * 2
    return bytes(raw)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"just some words", "text"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (_bomb(), "picture|pixels"),
        (b"\x00\x01\x02\x03" * 20, "unknown"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes, expected: str):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnreadableInput, match=expected):
        read_picture(tmp_path / "a.png")


def test_a_cut_picture_is_broken(tmp_path: Path):
    write_picture(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:4000])
    with pytest.raises(UnreadableInput, match="broken"):
        read_picture(tmp_path / "a.png")


def test_a_video_is_no_picture(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="video"):
        read_style_picture(make_clip(tmp_path / "a.mp4", frames=2))


def test_writing_into_nowhere(tmp_path: Path):
    with pytest.raises(OutputProblem, match="does not exist"):
        write_picture(tmp_path / "no" / "a.png", RGB)


def test_one_picture_is_a_source_of_one_frame_and_goes_through(tmp_path: Path):
    write_picture(tmp_path / "in.png", RGB)
    source = open_source(tmp_path / "in.png")
    assert (source.info.kind, source.info.frames, source.info.frames_exact) == ("picture", 1, True)
    fmt = choose_format(tmp_path / "out.png", source.info)
    with SegmentWriter(tmp_path / "segment", fmt, source.info) as writer:
        for frame in source.frames():
            writer.write(frame)
    assert mux([tmp_path / "segment"], source, fmt, tmp_path / "out.png", [], "") == []
    assert np.array_equal(read_picture(tmp_path / "out.png")[0], RGB)
