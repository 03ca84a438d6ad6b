"""How much of a label a linear map can still read off descriptors.

Legend: N pictures, M pictures to be named, D numbers of a descriptor, K labels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.errors import InputError

RIDGE = 0.1
"""Penalty on the squared weights, in units of the mean squared length of a descriptor."""


def linear_probe(descriptors_ND: Tensor, labels_N: Tensor, folds_N: Tensor) -> float:
    """Share of the pictures whose label ridge regression names rightly, in 0..1.

    Each fold is named by a regression on the others, from standardised descriptors to one number for each label; the
    largest number names it. Folds that share no content show what a descriptor says of the label alone.

    Raises:
        InputError: the three do not fit, or there are fewer than two folds.
    """
    count = len(descriptors_ND)
    if not labels_N.shape == folds_N.shape == (count,):
        raise InputError(
            f"{tuple(labels_N.shape)} labels and {tuple(folds_N.shape)} folds do not fit {count} descriptors; "
            "give one of each for each."
        )
    folds = folds_N.unique()
    if len(folds) < 2:
        raise InputError(f"A probe needs pictures to learn from and others to name; there are {len(folds)} folds.")
    descriptors = descriptors_ND.double()
    right = 0
    for fold in folds:
        named = folds_N == fold
        guesses = _ridge(descriptors[~named], labels_N[~named], descriptors[named])
        right += int((guesses == labels_N[named]).sum())
    return right / count


def above_chance(accuracy: float, labels: int) -> float:
    """An accuracy over `labels` labels that are equally frequent, so that guessing gives 0 and knowing 1."""
    return (accuracy - 1 / labels) / (1 - 1 / labels)


def _ridge(known_ND: Tensor, labels_N: Tensor, asked_MD: Tensor) -> Tensor:
    """The labels [M] that a ridge regression on the known gives to those asked for."""
    mean, deviation = known_ND.mean(0), known_ND.std(0, correction=0).clamp(min=1e-9)
    known, asked = (known_ND - mean) / deviation, (asked_MD - mean) / deviation
    names, numbers = labels_N.unique(return_inverse=True)
    wanted = F.one_hot(numbers).double() - 1 / len(names)
    # By the kernel, [N, N], as there are more numbers than pictures.
    kernel = known @ known.T
    penalty = RIDGE * kernel.diagonal().mean() * torch.eye(len(kernel), dtype=torch.float64)
    return names[(asked @ known.T @ torch.linalg.solve(kernel + penalty, wanted)).argmax(1)]
