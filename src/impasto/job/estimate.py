"""What a run will need, guessed before it starts: on the safe side, from sizes alone."""

from impasto.job.pixels import BYTES_PER_PIXEL, FLOAT_BYTES_PER_PIXEL
from impasto.job.threads import QUEUE_LENGTH
from impasto.video.types import VideoInfo

QUEUE_BYTES = 100_000_000
"""Of the frames that wait in a queue."""
FRAMES_IN_HAND = 14
"""In the hands of the three that work, with the copies of the stabiliser and of the codecs: as measured at 4K."""
PROGRAM_BYTES = 1_000_000_000
"""Python, torch, OpenVINO and the codecs, and adapting to a shot; no frame of the video."""
BITS_PER_PIXEL = {"h264": 0.7, "hevc": 0.5, "av1": 0.5, "prores": 4.0, "vp9": 0.6, "ffv1": 14.0, "png": 16.0}
"""Of repainted frames, whose strokes cost more than those of a plain video; at the default quality."""


def frames_waiting(info: VideoInfo) -> int:
    """How long the queues between decoding, stylizing and encoding are: shorter where frames are large."""
    return max(1, min(QUEUE_LENGTH, QUEUE_BYTES // _frame_bytes(info)))


def memory_needed(info: VideoInfo) -> int:
    """Bytes while the run works; they do not depend on the length of the video."""
    return PROGRAM_BYTES + (2 * frames_waiting(info) + FRAMES_IN_HAND) * _frame_bytes(info)


def _frame_bytes(info: VideoInfo) -> int:
    return info.width * info.height * (BYTES_PER_PIXEL + FLOAT_BYTES_PER_PIXEL)


def output_size(info: VideoInfo, frames: int, codec: str) -> int:
    """Bytes of the picture track of the output."""
    return int(info.width * info.height * frames * BITS_PER_PIXEL.get(codec, 1.0) / 8)
