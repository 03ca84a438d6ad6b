"""FID: how far the features of one set of pictures are from those of another, both seen as normal distributions.

Legend: B pictures of a batch, D numbers of a feature vector.
"""

import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE
from impasto.evaluation.metrics.protocol import EVERY_PICTURE, MetricProtocol
from impasto.losses.gaussian import Gaussian, factor, gaussian_distance

FID_NANO = MetricProtocol(
    name="FID-nano",
    better="lower",
    definition="|m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2) of means and covariances (N - 1) (Heusel 2017)",
    extractor=f"{EXTRACTOR}, relu5_1, mean over positions, 512 numbers",
    resize=RESIZE,
    frames=EVERY_PICTURE,
    trap=f"too large for small sets, the more the fewer pictures; compare sets of equal size only; {FAVOURS}",
)


class FeatureMoments:
    """Mean and covariance of feature vectors that come batch by batch, in memory that does not grow with them."""

    def __init__(self) -> None:
        self.count = 0
        self._mean_D = self._scatter_DD = torch.zeros(0, dtype=torch.float64)

    def add(self, features_BD: Tensor) -> None:
        """Take a batch [B, D] in; raises `InputError` where it has values that are not finite or another D."""
        check_features(features_BD)
        batch_BD = features_BD.double()
        dimensions = batch_BD.shape[1]
        if not self.count:
            self._mean_D, self._scatter_DD = batch_BD.new_zeros(dimensions), batch_BD.new_zeros(dimensions, dimensions)
        elif dimensions != len(self._mean_D):
            raise InputError(
                f"Features have {dimensions} numbers, those before {len(self._mean_D)}; take them from one network."
            )
        # The sums of two parts are merged about the mean of both (Chan, Golub and LeVeque 1983): sums of squares about
        # zero would lose the digits of features whose mean is large.
        mean_D = batch_BD.mean(0)
        centred, shift = batch_BD - mean_D, mean_D - self._mean_D
        share = len(batch_BD) / (self.count + len(batch_BD))
        self._scatter_DD += centred.T @ centred + self.count * share * torch.outer(shift, shift)
        self._mean_D += share * shift
        self.count += len(batch_BD)

    def gaussian(self) -> Gaussian:
        """Mean [1, D] and covariance [1, D, D], divided by N - 1; raises `InputError` for fewer than two pictures."""
        if self.count < 2:
            raise InputError(f"A covariance of {self.count} pictures does not exist; give at least 2.")
        return Gaussian(self._mean_D[None], self._scatter_DD[None] / (self.count - 1))


def frechet_distance(first: FeatureMoments, second: FeatureMoments) -> float:
    """Squared Frechet distance (Dowson and Landau 1982), the FID; never imaginary, also for singular covariances.

    Raises:
        InputError: fewer than two pictures in a set, or features of different networks.
    """
    one, other = first.gaussian(), second.gaussian()
    if one.mean.shape != other.mean.shape:
        raise InputError(
            f"Features of {one.mean.shape[1]} and of {other.mean.shape[1]} numbers; take both from one network."
        )
    return gaussian_distance(one, other, factor(other.covariance)).item()


def check_features(features_BD: Tensor) -> None:
    """Raise `InputError` where features are not [B, D] or not finite."""
    if features_BD.ndim != 2:
        raise InputError(f"Features have the shape {tuple(features_BD.shape)}; give one row for each picture.")
    bad = (~features_BD.isfinite().all(1)).nonzero().flatten().tolist()
    if bad:
        raise InputError(f"Features of picture {bad[0]} are NaN or infinite; leave it out.")
