"""A rendered scene as a video file with sound."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from impasto.scenes.sound import RATE

_CHUNK = 1024
"""Samples in one packet of AAC."""


def write_movie(path: Path, pictures: Iterable[np.ndarray], fps: Fraction, sound_N2: np.ndarray | None = None) -> int:
    """Write float32 RGB pictures [H, W, 3] of even sides as H.264, with stereo sound at 48 kHz as AAC.

    Returns the number of frames. The kind of file follows the ending of `path`.
    """
    count = 0
    with av.open(str(path), "w") as container:
        video: VideoStream | None = None
        audio: AudioStream | None = None
        for picture in pictures:
            if video is None:
                video = container.add_stream("libx264", rate=fps, options={"crf": "15", "preset": "medium"})
                video.height, video.width = picture.shape[:2]
                video.pix_fmt = "yuv420p"
                # Say which matrix the colours went through, so that players do not guess by size.
                video.codec_context.colorspace = video.codec_context.color_primaries = 1
                video.codec_context.color_trc = 1
                if sound_N2 is not None:
                    audio = container.add_stream("aac", rate=RATE, layout="stereo", options={"b": "160k"})
            frame = av.VideoFrame.from_ndarray(np.round(picture * 255).astype(np.uint8), "rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts, frame.time_base = count, 1 / fps
            container.mux(video.encode(frame))
            count += 1
        if video is not None:
            container.mux(video.encode())
        if audio is not None and sound_N2 is not None:
            for start in range(0, len(sound_N2), _CHUNK):
                samples = np.ascontiguousarray(sound_N2[start : start + _CHUNK].T, np.float32)
                block = av.AudioFrame.from_ndarray(samples, "fltp", "stereo")
                block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
                container.mux(audio.encode(block))
            container.mux(audio.encode())
    return count
