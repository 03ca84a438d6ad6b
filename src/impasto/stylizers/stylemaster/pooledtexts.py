"""Texts as the released code compares patches with them: an ablation, of what the paper does not do.

Legend: B pictures or texts, L tokens, D their channels, C channels, H height, W width, E numbers of a vector.
"""

from collections.abc import Callable, Sequence

import torch.nn.functional as F
from torch import Tensor

from impasto.perception.clipnano import PictureVectors
from impasto.stylizers.stylemaster.jointspace import JointSpace


class PooledTexts:
    """A `JointSpace` whose texts have nothing in common with its pictures.

    The features of a text encoder, the mean over tokens, pooled to as many numbers as the patches have.

    Args:
        space: of the pictures.
        read: features [B, L, D] of texts, zeros after the shorter ones.
    """

    def __init__(self, space: JointSpace, read: Callable[[Sequence[str]], Tensor]) -> None:
        self._space, self._read = space, read

    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        return self._space.picture(rgb_BCHW)

    def text(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [B, E]."""
        width = self._space.text([""]).shape[1]
        # The length of the mean, and with it the zeros, is lost in what is compared.
        return F.normalize(F.adaptive_avg_pool1d(self._read(texts).mean(1), width), dim=1)
