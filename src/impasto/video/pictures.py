"""Single pictures, read and written safely."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base
from PIL.PngImagePlugin import PngInfo

from impasto.errors import UnreadableInput
from impasto.video.files import writing, written_atomically
from impasto.video.types import Picture

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
_MAX_PIXELS = 400_000_000
_MIN_STYLE_SIDE = 8
_MAX_STYLE_SIDE = 4096


def is_picture(path: Path) -> bool:
    """Whether a file claims to be a still picture, by its name or by its first bytes (a gif counts as a video)."""
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")) or (
        head[:4] == b"RIFF" and head[8:] == b"WEBP"
    )


def read_picture(path: str | Path) -> tuple[Picture, Picture | None]:
    """Read a still picture as uint8 sRGB [H, W, 3], upright, and its alpha [H, W] where it has a hole.

    Raises `UnreadableInput`.
    """
    return _read(Path(path), None)


def read_style_picture(path: str | Path) -> Picture:
    """Read a picture to take a style from: uint8 RGB [H, W, 3], laid over white, no side over 4096.

    Raises `UnreadableInput` also where a side is under 8 pixels.
    """
    path = Path(path)
    rgb, alpha = _read(path, _MAX_STYLE_SIDE)
    height, width = rgb.shape[:2]
    if min(height, width) < _MIN_STYLE_SIDE:
        raise UnreadableInput(
            f"{str(path)!r} is {width}x{height} pixels, too small for a style; "
            f"give a picture of at least {_MIN_STYLE_SIDE}x{_MIN_STYLE_SIDE}."
        )
    return rgb if alpha is None else over_white(rgb, alpha)


def over_white(rgb: Picture, alpha: Picture) -> Picture:
    """The picture laid over white: uint8 [H, W, 3]."""
    cover = alpha[..., None].astype(np.uint16)
    return ((rgb * cover + 255 * (255 - cover) + 127) // 255).astype(np.uint8)


def write_picture(path: str | Path, rgb: Picture, alpha: Picture | None = None, software: str = "") -> None:
    """Write png, jpg, webp, tiff or bmp by the ending of the name, whole or not at all.

    `software` is what made it: text of a png, Exif of the others, and a bmp has no place for it. Lays over white where
    the format has no alpha. Raises `OutputProblem`, `ResourceError`.
    """
    path = Path(path)
    format = Image.registered_extensions().get(path.suffix.lower(), "PNG")
    if alpha is not None and format in ("JPEG", "BMP"):
        rgb, alpha = over_white(rgb, alpha), None
    image = Image.fromarray(rgb if alpha is None else np.dstack([rgb, alpha]))
    options = {"PNG": {"compress_level": 3}, "JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
    told = _told(format, software) if software else {}
    with written_atomically(path) as temporary, writing(path):
        image.save(temporary, format=format, **options.get(format, {}), **told)


def _told(format: str, software: str) -> dict[str, PngInfo | Image.Exif]:
    """Options of Pillow that name the software in a picture."""
    if format == "PNG":
        text = PngInfo()
        text.add_text("Software", software)
        return {"pnginfo": text}
    exif = Image.Exif()
    exif[Base.Software] = software
    return {"exif": exif}


def _read(path: Path, max_side: int | None) -> tuple[Picture, Picture | None]:
    if not path.exists():
        raise UnreadableInput(f"No such file: {str(path)!r}; check the path.")
    if path.is_dir():
        raise UnreadableInput(f"{str(path)!r} is a folder; give one picture.")
    try:
        with Image.open(path, formats=PICTURE_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise UnreadableInput(
                    f"{str(path)!r} has {image.width}x{image.height} pixels, too many to read; make it smaller."
                )
            if max_side and max(image.size) > max_side:
                # Lets a jpeg decode at a fraction of its size.
                image.draft(None, (max_side, max_side))
            return _arrays(image, max_side)
    except UnreadableInput:
        raise
    except PermissionError as error:
        raise UnreadableInput(f"{str(path)!r} may not be read; change its permissions.") from error
    except MemoryError as error:
        raise UnreadableInput(
            f"{str(path)!r} asks for more memory than there is; it is broken, or has to be made smaller."
        ) from error
    except UnidentifiedImageError as error:
        raise UnreadableInput(
            f"{str(path)!r} is not a picture ({_what(path)}); give a png, jpg, webp or tiff file."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableInput(f"{str(path)!r} is a broken picture; open it in an editor and save it anew.") from error


def _arrays(image: Image.Image, max_side: int | None) -> tuple[Picture, Picture | None]:
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        image = _to_eight_bits(image)
    see_through = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    alpha = image.convert("RGBA").getchannel("A") if see_through else None
    if max_side and max(image.size) > max_side:
        image = image.convert("RGBA" if see_through else image.mode if image.mode == "CMYK" else "RGB")
        image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
        alpha = image.getchannel("A") if see_through else None
    rgb = np.asarray(_to_srgb(image, profile))
    holes = None if alpha is None else np.asarray(alpha)
    return rgb, holes if holes is not None and (holes < 255).any() else None


def _to_eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    # Mode "I" and "F" pictures state no range: 16 bits where a value needs them, 8 or unit range else.
    brightest = values.max(initial=0)
    top = 65535 if image.mode.startswith("I;16") or brightest > 255 else 1 if brightest <= 1 else 255
    return Image.fromarray(np.clip(np.rint(values * (255 / top)), 0, 255).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        if image.mode not in ("RGB", "CMYK", "L"):
            image = image.convert("L" if image.mode == "LA" else "RGB")  # without what is seen through, or a palette
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")


def _what(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if head[4:8] == b"ftyp" or head[:4] in (b"\x1a\x45\xdf\xa3", b"RIFF"):
        return "it looks like a video"
    if not head:
        return "it is empty"
    return "it holds text" if all(byte in (9, 10, 13) or 32 <= byte < 127 for byte in head) else "its kind is unknown"
