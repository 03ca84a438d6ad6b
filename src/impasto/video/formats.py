"""What an output path and a codec name mean."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from impasto.errors import OutputProblem, UnsupportedOption
from impasto.video.pictures import PICTURE_SUFFIXES
from impasto.video.types import VideoInfo


@dataclass(frozen=True, kw_only=True)
class OutputFormat:
    """How frames are stored, in a segment and in the finished output."""

    kind: Literal["video", "gif", "folder", "picture"]
    container: str
    """FFmpeg's name of the muxer; of a picture or a folder, the ending of the files."""
    codec: str
    encoder: str
    pixel_format: str
    options: dict[str, str] = field(default_factory=dict, hash=False)
    joinable: bool = True
    """Whether segments are joined by packet copy; else they are stored lossless and encoded at the end."""
    lossless: bool = False
    alpha: bool = False
    even_size: bool = False
    """Whether width and height have to be even; an odd size is filled up by repeating the last column or row."""


@dataclass(frozen=True)
class _Codec:
    encoder: str
    containers: tuple[str, ...]
    options: dict[str, str]
    pixel_format: str = "yuv420p"
    alpha_format: str | None = None
    crf: int | None = None
    even_size: bool = False
    lossless: bool = False


_MP4_FAMILY = ("mp4", "mov", "matroska")
_CODECS = {
    # Without cpu-independent x264's AVX-512 code gives other bits from run to run.
    "h264": _Codec(
        "libx264",
        _MP4_FAMILY,
        {"preset": "veryfast", "profile": "high", "x264-params": "cpu-independent=1"},
        crf=16,
        even_size=True,
    ),
    "hevc": _Codec("libx265", _MP4_FAMILY, {"preset": "fast", "x265-params": "log-level=none"}, crf=18, even_size=True),
    "av1": _Codec("libsvtav1", ("mp4", "matroska", "webm"), {"preset": "8"}, crf=24, even_size=True),
    "vp9": _Codec(
        "libvpx-vp9",
        ("mp4", "matroska", "webm"),
        {"deadline": "good", "cpu-used": "4", "row-mt": "1", "b": "0", "auto-alt-ref": "0"},
        crf=20,
    ),
    "prores": _Codec("prores_ks", ("mov", "matroska"), {"profile": "hq"}, "yuv422p10le", "yuva444p10le"),
    "ffv1": _Codec("ffv1", ("matroska",), {"level": "3", "slices": "4"}, "bgr0", "bgra", lossless=True),
}
_SUFFIXES = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
VIDEO_SUFFIXES = frozenset({*_SUFFIXES, ".gif"})
_MAX_CRF = {"h264": 51, "hevc": 51, "av1": 63, "vp9": 63}


def choose_format(output: Path, info: VideoInfo, codec: str | None = None, crf: int | None = None) -> OutputFormat:
    """The format for an output path, by its ending; a folder, or a name without an ending, takes png frames.

    Raises `OutputProblem` where ending, codec and input do not go together, `UnsupportedOption` for an unknown codec
    or a `crf` out of range.
    """
    suffix = output.suffix.lower()
    if suffix in PICTURE_SUFFIXES and not output.is_dir():
        return _picture(output, info, codec, crf)
    if info.kind == "picture":
        raise OutputProblem(
            f"The input is one picture, but {str(output)!r} is not; give an output that ends in .png, .jpg or .webp."
        )
    if suffix == ".gif":
        _refuse_codec(output, codec, crf)
        segment = _CODECS["ffv1"]
        return OutputFormat(
            kind="gif",
            container="gif",
            codec="ffv1",
            encoder=segment.encoder,
            pixel_format="bgra" if info.has_alpha else "bgr0",
            options=segment.options,
            joinable=False,
            alpha=info.has_alpha,
        )
    if output.is_dir() or not suffix:
        _refuse_codec(output, codec, crf)
        return OutputFormat(
            kind="folder", container=".png", codec="png", encoder="", pixel_format="rgb24", lossless=True, alpha=True
        )
    if suffix not in _SUFFIXES:
        known = ", ".join([*_SUFFIXES, ".gif"])
        raise OutputProblem(f"Unknown ending {suffix!r} of {str(output)!r}; use {known} or a folder.")
    return _video(output, _SUFFIXES[suffix], info, codec, crf)


def _video(output: Path, container: str, info: VideoInfo, codec: str | None, crf: int | None) -> OutputFormat:
    name = codec or ("vp9" if container == "webm" else "h264")
    if name not in _CODECS:
        raise UnsupportedOption(f"Unknown codec {name!r}; use one of {', '.join(_CODECS)}.")
    chosen = _CODECS[name]
    if container not in chosen.containers:
        fitting = [suffix for suffix, holder in _SUFFIXES.items() if holder in chosen.containers]
        raise OutputProblem(
            f"{output.suffix} cannot hold {name}; use an output that ends in {' or '.join(fitting)}, or another codec."
        )
    alpha = info.has_alpha and chosen.alpha_format is not None
    options = dict(chosen.options)
    if name == "prores" and alpha:
        options["profile"] = "4444"
    if crf is not None and name not in _MAX_CRF:
        raise UnsupportedOption(f"{name} takes no --crf (received {crf}); leave it out or choose h264.")
    if chosen.crf is not None:
        value = chosen.crf if crf is None else crf
        if not 0 <= value <= _MAX_CRF[name]:
            raise UnsupportedOption(f"A crf of {value} is out of range for {name}; give 0 to {_MAX_CRF[name]}.")
        options["crf"] = str(value)
    return OutputFormat(
        kind="video",
        container=container,
        codec=name,
        encoder=chosen.encoder,
        pixel_format=chosen.alpha_format if alpha and chosen.alpha_format else chosen.pixel_format,
        options=options,
        lossless=chosen.lossless,
        alpha=alpha,
        even_size=chosen.even_size,
    )


def _picture(output: Path, info: VideoInfo, codec: str | None, crf: int | None) -> OutputFormat:
    if info.kind != "picture":
        raise OutputProblem(
            f"{str(output)!r} is one picture, but the input is a video; "
            "give an output that ends in .mp4, or a folder for its frames."
        )
    _refuse_codec(output, codec, crf)
    suffix = output.suffix.lower()
    return OutputFormat(
        kind="picture",
        container=suffix,
        codec=suffix.lstrip("."),
        encoder="",
        pixel_format="rgb24",
        lossless=suffix not in (".jpg", ".jpeg", ".webp"),
        alpha=suffix not in (".jpg", ".jpeg", ".bmp"),
    )


def _refuse_codec(output: Path, codec: str | None, crf: int | None) -> None:
    if codec is not None or crf is not None:
        given = f"--codec {codec}" if codec is not None else f"--crf {crf}"
        raise UnsupportedOption(f"{given} does not apply to {str(output)!r}; leave it out.")
