"""A pair as the files of one WebDataset sample: a tar whose members share the sample's key.

KEY.raw.mp4 and KEY.stylized.mp4 are H.264 4:4:4 of equal length, KEY.style0.png and on the style pictures, KEY.json all
else.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from PIL import Image

from impasto.curation.routes.route import Pair
from impasto.errors import UnreadableInput
from impasto.video.files import writing, written_atomically
from impasto.video.types import Picture

RAW, STYLIZED, NOTES, STYLE = "raw.mp4", "stylized.mp4", "json", "style{}.png"
ENCODER = {"crf": "8", "preset": "medium", "threads": "1", "x264-params": "mbtree=0"}
"""The same frames give the same bytes: on one thread, and without the rate control that reads past small pictures."""


def write_sample(path: Path, key: str, pair: Pair, fps: Fraction, notes: dict[str, Any]) -> None:
    """Write a sample as a tar of its own; it appears whole or not at all.

    Raises:
        OutputProblem: it cannot be written.
        ResourceError: the disk is full.
    """
    members = {RAW: encoded(pair.raw, fps), STYLIZED: encoded(pair.stylized, fps)}
    members |= {STYLE.format(number): _png(picture) for number, picture in enumerate(pair.pictures)}
    members[NOTES] = json.dumps(notes, ensure_ascii=False, sort_keys=True).encode()
    with written_atomically(path) as temporary, writing(path), tarfile.open(temporary, "w") as tar:
        for name, data in members.items():
            # No time, no owner: the same pair gives the same bytes.
            info = tarfile.TarInfo(f"{key}.{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def read_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names of members without the key, and what they hold; raises `UnreadableInput`."""
    for info, data in sample_members(path):
        yield info.name.partition(".")[2], data


def sample_members(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    """The members of a sample as they are; raises `UnreadableInput`."""
    try:
        with tarfile.open(path) as tar:
            files = [(info, tar.extractfile(info)) for info in tar]
            return [(info, file.read()) for info, file in files if file is not None]
    except (OSError, tarfile.TarError) as error:
        raise UnreadableInput(
            f"The sample {str(path)!r} cannot be read: {error}; remove it to have it made anew."
        ) from error


def encoded(frames_THW3: np.ndarray, fps: Fraction) -> bytes:
    """Frames as H.264 in MP4, colours at full resolution."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options=ENCODER)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = frames_THW3.shape[1:3]
        stream.pix_fmt = "yuv444p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1
        for number, rgb in enumerate(frames_THW3):
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuv444p", dst_colorspace="ITU709")
            frame.pts, frame.time_base = number, 1 / fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def decoded(data: bytes) -> np.ndarray:
    """The frames of `encoded`, [T, H, W, 3]."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        frames = [frame.reformat(format="rgb24", src_colorspace="ITU709") for frame in container.decode(video=0)]
        return np.stack([frame.to_ndarray() for frame in frames])


def picture_of(data: bytes) -> Picture:
    """The picture in the bytes of a PNG, [H, W, 3]."""
    return np.asarray(Image.open(io.BytesIO(data), formats=["PNG"]).convert("RGB"))


def _png(rgb: Picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()
