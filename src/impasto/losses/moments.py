"""Style as the mean and standard deviation of each channel.

Legend: B pictures, C channels, H height, W width.
"""

from torch import Tensor

from impasto.perception.statistics import channel_statistics


def moments_distance(features_BCHW: Tensor, statistics_B2C: Tensor) -> Tensor:
    """Mean over channels of the squared differences in mean and in standard deviation, [B].

    The "batch normalisation statistics" of Li 2017, "Demystifying Neural Style Transfer".

    Args:
        statistics_B2C: `impasto.perception.statistics.channel_statistics` of the style.
    """
    return 2 * (channel_statistics(features_BCHW) - statistics_B2C).square().mean(1)
