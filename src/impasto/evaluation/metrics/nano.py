"""What the embedded encoder sees in a frame: the features behind every metric named `-nano`.

Legend: B pictures, C channels, H height, W width.

They stand in, offline, for the networks of the published metrics; the two must not be compared. `swift` and the nets of
`impasto learn` are trained by the same encoder, so that these numbers favour them over other methods.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.metrics.frames import Frame, check_frame
from impasto.perception.encoder import embedded_encoder

SIDE = 256
EXTRACTOR = "Impasto's embedded encoder (encoder.safetensors)"
RESIZE = f"the whole frame, short side {SIDE}, bicubic with antialiasing"
FAVOURS = "trained with these features, Impasto's own feed-forward models look better than by another network"


@torch.no_grad()
def nano_features(frame: Frame) -> list[Tensor]:
    """relu1_1 .. relu5_1 [1, C, H, W] of a frame; look once, and give them to every metric.

    Raises:
        InputError: the frame is no picture.
    """
    check_frame(frame)
    rgb_BCHW = torch.from_numpy(frame.astype(np.float32)).permute(2, 0, 1)[None]
    height, width = frame.shape[:2]
    size = [max(SIDE, round(side * SIDE / min(height, width))) for side in (height, width)]
    # Bicubic weights overshoot at edges, out of the range that the encoder knows.
    return embedded_encoder()(F.interpolate(rgb_BCHW, size, mode="bicubic", antialias=True).clamp(0, 1))


def nano_embedding(features: list[Tensor]) -> Tensor:
    """One vector for a picture, [B, 512]: the mean of relu5_1 over positions."""
    return features[4].mean((2, 3))
