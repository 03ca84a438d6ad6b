"""Steadiness: how a painted frame differs from its neighbour, along the motion of the source or not.

Legend: B pictures, C channels, H height, W width.

"Carried" is what was painted for a neighbouring frame, seen from this one: `impasto.motion.warp.warp_tensor` along the
flow from this frame to the neighbour. Weights are 1 where that can be trusted and 0 where not
(`impasto.motion.occlusion.reliability`). "Painted" and "carried" may be features as well as pictures.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.motion.warp import warp_tensor

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Shares of red, green and blue in ReCoNet's relative luminance (BT.709)."""


def _weighted(difference_BCHW: Tensor, weight_BHW: Tensor) -> Tensor:
    return (difference_BCHW.square() * weight_BHW[:, None]).mean((1, 2, 3))


def temporal_loss(painted_BCHW: Tensor, carried_BCHW: Tensor, weight_BHW: Tensor) -> Tensor:
    """Weighted squared difference, mean over all elements, [B] (Ruder 2016, eq. 7; the short-term loss of a frame).

    Divided by all elements as in the paper, also those of weight 0; divide by `weight.mean((1, 2))` for the mean over
    trusted pixels.
    """
    return _weighted(painted_BCHW - carried_BCHW, weight_BHW)


def long_term_weights(weights_BHW: Sequence[Tensor]) -> list[Tensor]:
    """`max(c_j - sum of closer c, 0)`: each pixel is held to the closest frame that shows it (Ruder 2016, section 4.3).

    Args:
        weights_BHW: weights of the earlier frames, the closest first.
    """
    closer = torch.stack([torch.zeros_like(weights_BHW[0]), *weights_BHW[:-1]]).cumsum(0)
    return [(weight - sum_).clamp(min=0) for weight, sum_ in zip(weights_BHW, closer, strict=True)]


def long_term_loss(painted_BCHW: Tensor, carried_BCHW: Sequence[Tensor], weights_BHW: Sequence[Tensor]) -> Tensor:
    """Sum of `temporal_loss` to several earlier frames, the closest first, [B] (Ruder 2016, section 4.3).

    Args:
        weights_BHW: as for `long_term_weights`.
    """
    terms = zip(carried_BCHW, long_term_weights(weights_BHW), strict=True)
    return torch.stack([temporal_loss(painted_BCHW, carried, weight) for carried, weight in terms]).sum(0)


def luminance_aware_loss(
    painted_B3HW: Tensor, carried_B3HW: Tensor, source_B3HW: Tensor, carried_source_B3HW: Tensor, weight_BHW: Tensor
) -> Tensor:
    """`temporal_loss` that lets the painting change as the luminance of the source does, [B] (ReCoNet 2018)."""
    luminance = source_B3HW.new_tensor(LUMINANCE).view(1, 3, 1, 1)
    change = ((source_B3HW - carried_source_B3HW) * luminance).sum(1, keepdim=True)
    return _weighted(painted_B3HW - carried_B3HW - change, weight_BHW)


def feature_loss(features_BCHW: Tensor, neighbour_BCHW: Tensor, flow_BHW2: Tensor, weight_BHW: Tensor) -> Tensor:
    """`temporal_loss` of the network's own features, [B] (ReCoNet 2018).

    Args:
        neighbour_BCHW: features of the neighbouring frame, not yet carried.
        flow_BHW2: from this frame to the neighbour, in pixels of the frames; brought to the size of the features.
        weight_BHW: likewise.
    """
    size = features_BCHW.shape[2:]
    ratio = torch.tensor(size[::-1]) / torch.tensor(flow_BHW2.shape[2:0:-1])
    flow = F.interpolate(flow_BHW2.permute(0, 3, 1, 2), size, mode="area").permute(0, 2, 3, 1) * ratio.to(flow_BHW2)
    weight = F.interpolate(weight_BHW[:, None], size, mode="area")[:, 0]
    return temporal_loss(features_BCHW, warp_tensor(neighbour_BCHW, flow), weight)


def frame_difference_loss(
    painted_BCHW: Tensor, before_BCHW: Tensor, source_BCHW: Tensor, source_before_BCHW: Tensor
) -> Tensor:
    """Mean squared difference between the change of the painting and the change of the source, [B] (FDB, 2102.05822).

    Needs no flow: what moves may change as much as it does in the source. For pictures, or for features of both.
    """
    change = (painted_BCHW - before_BCHW) - (source_BCHW - source_before_BCHW)
    return change.square().mean((1, 2, 3))


def unwarped_loss(painted_BCHW: Tensor, before_BCHW: Tensor) -> Tensor:
    """Mean squared difference of two frames in place, [B]: punishes motion itself, kept to show that it does.

    The temporal term as printed in the study that this family of experiments follows.
    """
    return (painted_BCHW - before_BCHW).square().mean((1, 2, 3))
