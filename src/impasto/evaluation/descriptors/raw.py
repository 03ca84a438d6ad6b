"""Descriptors that nothing was trained for: the embedded encoder's features themselves, to compare others with.

Legend: N pictures, D numbers, C channels, H height, W width.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.metrics.nano import nano_embedding
from impasto.perception.statistics import style_statistics

GRID = 6
"""Cells across and down, as many as csd-nano's content head sees."""


def raw_descriptors(features: Sequence[Tensor]) -> dict[str, Tensor]:
    """Of relu1_1 .. relu5_1 [1, C, H, W] of a picture: for style its statistics, for content two ways to pool, [D]."""
    relu4_1 = F.adaptive_avg_pool2d(F.instance_norm(features[3]), GRID)
    return {
        "statistics": torch.cat(style_statistics(features), 1)[0],
        "relu5_1 mean": nano_embedding(list(features))[0],
        "relu4_1 normalised": relu4_1.flatten(),
    }


def standardised(descriptors_ND: Tensor) -> Tensor:
    """Each number with mean 0 and deviation 1 over the pictures."""
    return (descriptors_ND - descriptors_ND.mean(0)) / descriptors_ND.std(0, correction=0).clamp(min=1e-9)


def whitened(descriptors_ND: Tensor, share: float = 0.1) -> Tensor:
    """Standardised, then brought to principal components of one variance, [N, N] or smaller.

    Args:
        share: of the mean variance, added to each: components of almost none are noise.
    """
    left, values, _ = torch.linalg.svd(standardised(descriptors_ND).double(), full_matrices=False)
    variances = values.square()
    return left * (values / (variances + share * variances.mean()).sqrt())
