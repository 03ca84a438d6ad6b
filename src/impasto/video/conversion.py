"""Between the YUV of a file and the uint8 RGB of the program."""

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from impasto.video.types import ColorTags, Picture

# Without ACCURATE_RND swscale darkens by one level at every conversion.
_EXACT = int(Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT)
_CHEAP = int(Interpolation.FAST_BILINEAR)
_UNSPECIFIED = (0, 2, 3)
_BT601, _BT709, _BT2020 = 6, 1, 9
_HD_LINES = 720
_UNKNOWN = 2
_MATRICES = frozenset({*range(3), *range(4, 15)})
_PRIMARIES = frozenset({1, 2, *range(4, 13), 22})
_TRANSFERS = frozenset({1, 2, *range(4, 19)})
"""Numbers that H.273 gives a meaning; damaged heads hold others, and swscale refuses those."""


def tags_of(frame: VideoFrame) -> ColorTags:
    """Colour tags of a decoded frame, with what players assume where the file does not say."""
    guess = _BT709 if min(frame.width, frame.height) >= _HD_LINES else _BT601
    if frame.color_primaries == _BT2020:
        guess = _BT2020
    name = frame.format.name
    full = frame.color_range == ColorRange.JPEG or name.startswith(("yuvj", "rgb", "bgr", "gbr", "pal8"))
    matrix = frame.colorspace if frame.colorspace not in _UNSPECIFIED else guess
    return ColorTags(
        matrix=matrix if matrix in (1, 4, 5, 6, 7, 9) else guess,
        primaries=frame.color_primaries if frame.color_primaries not in _UNSPECIFIED else matrix,
        transfer=frame.color_trc if frame.color_trc not in _UNSPECIFIED else (1 if matrix == _BT709 else 6),
        full_range=full,
    )


def drop_unknown_tags(frame: VideoFrame) -> None:
    """Make what no standard names unspecified in a decoded frame."""
    if frame.colorspace not in _MATRICES:
        frame.colorspace = _UNKNOWN
    if frame.color_primaries not in _PRIMARIES:
        frame.color_primaries = _UNKNOWN
    if frame.color_trc not in _TRANSFERS:
        frame.color_trc = _UNKNOWN


def has_alpha(frame: VideoFrame) -> bool:
    return any(part.is_alpha for part in frame.format.components) or frame.format.name == "pal8"


def _plane(frame: VideoFrame, index: int, dtype: type = np.uint8) -> np.ndarray:
    plane = frame.planes[index]
    values = np.frombuffer(plane, dtype).reshape(plane.height, -1)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return values[:, : plane.width]


class ToRgb:
    """Turns decoded frames into arrays; one object for one pass over one stream."""

    def __init__(self, tags: ColorTags) -> None:
        self._tags = tags
        self._scaler = VideoReformatter()

    def _reformat(self, frame: VideoFrame, format: str, width: int, height: int, flags: int) -> VideoFrame:
        return self._scaler.reformat(
            frame,
            width=width,
            height=height,
            format=format,
            interpolation=flags,
            src_colorspace=self._tags.matrix,
            src_color_range=ColorRange.JPEG if self._tags.full_range else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )

    def rgb(self, frame: VideoFrame, width: int, height: int) -> Picture:
        """uint8 RGB [height, width, 3]."""
        # Planar first: swscale has vector code for it, which halves the time.
        planar = self._reformat(frame, "gbrp", width, height, _EXACT)
        green, blue, red = (_plane(planar, index) for index in range(3))
        return cv2.merge([red, green, blue]).astype(np.uint8, copy=False)

    def rgb_and_alpha(self, frame: VideoFrame, width: int, height: int) -> tuple[Picture, Picture]:
        """uint8 RGB [height, width, 3], not premultiplied, and alpha [height, width]."""
        rgba = self._reformat(frame, "rgba", width, height, _EXACT).to_ndarray().astype(np.uint8, copy=False)
        return np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])

    def rgba64(self, frame: VideoFrame, width: int, height: int) -> tuple[np.ndarray, Picture]:
        """uint16 RGB [height, width, 3], not premultiplied, and uint8 alpha [height, width]."""
        rgba = self._reformat(frame, "rgba64le", width, height, _EXACT).to_ndarray().astype(np.uint16, copy=False)
        return np.ascontiguousarray(rgba[..., :3]), (rgba[..., 3] >> 8).astype(np.uint8)

    def rgb48(self, frame: VideoFrame, width: int, height: int) -> np.ndarray:
        """uint16 RGB [height, width, 3], for what has more than 8 bits."""
        return self._reformat(frame, "rgb48le", width, height, _EXACT).to_ndarray()

    def small(self, frame: VideoFrame, width: int, height: int) -> Picture:
        """uint8 RGB, quickly and roughly."""
        return self._reformat(frame, "rgb24", width, height, _CHEAP).to_ndarray().astype(np.uint8, copy=False)


class FromRgb:
    """Turns arrays into frames for an encoder."""

    def __init__(self, tags: ColorTags, pixel_format: str) -> None:
        self._tags = tags
        self._format = pixel_format
        self._scaler = VideoReformatter()

    def frame(self, rgb: Picture, alpha: Picture | None = None) -> VideoFrame:
        """`rgb` uint8 [H, W, 3], `alpha` uint8 [H, W] where the pixel format has one."""
        if alpha is not None:
            source = VideoFrame.from_numpy_buffer(np.dstack([rgb, alpha]), format="rgba")
        else:
            source = VideoFrame.from_numpy_buffer(np.ascontiguousarray(rgb))
        frame = self._scaler.reformat(
            source,
            format=self._format,
            interpolation=_EXACT,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=self._tags.matrix,
            dst_color_range=ColorRange.JPEG if self._tags.full_range else ColorRange.MPEG,
            threads=1,
        )
        frame.colorspace = self._tags.matrix
        frame.color_range = ColorRange.JPEG if self._tags.full_range else ColorRange.MPEG
        frame.color_primaries = self._tags.primaries
        frame.color_trc = self._tags.transfer
        return frame
