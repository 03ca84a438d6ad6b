"""How well descriptors find what belongs together: each picture in turn looks for those that share its label.

Legend: N pictures, D numbers of a descriptor. Likeness is the cosine.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.errors import InputError


def mean_average_precision(descriptors_ND: Tensor, labels_N: Tensor) -> float:
    """Mean over pictures of the average precision of the others ranked by likeness, in 0..1 (leave-one-out).

    Average precision is the mean, over those that share the label, of the precision down to their rank (Manning 2008,
    "Introduction to Information Retrieval", section 8.4).

    Raises:
        InputError: labels and descriptors do not fit, or a picture has no other of its label.
    """
    relevant = _ranked(descriptors_ND, labels_N)
    ranks = torch.arange(1, relevant.shape[1] + 1, dtype=torch.float64)
    precision = relevant.cumsum(1) / ranks
    return ((precision * relevant).sum(1) / relevant.sum(1)).mean().item()


def recall_at(descriptors_ND: Tensor, labels_N: Tensor, count: int) -> float:
    """Share of the pictures that have one of their label among the `count` likest others (leave-one-out).

    Raises:
        InputError: as `mean_average_precision`, or `count` is below 1.
    """
    if count < 1:
        raise InputError(f"Recall at {count} does not exist; give a count of at least 1.")
    return _ranked(descriptors_ND, labels_N)[:, :count].any(1).double().mean().item()


def _ranked(descriptors_ND: Tensor, labels_N: Tensor) -> Tensor:
    """Whether each of the others [N, N - 1], from the likest on, shares the label."""
    count = len(descriptors_ND)
    if labels_N.shape != (count,):
        raise InputError(f"{tuple(labels_N.shape)} labels do not fit {count} descriptors; give one for each.")
    alike = labels_N[:, None] == labels_N
    lonely = labels_N[alike.sum(1) == 1]
    if not count or len(lonely):
        raise InputError(f"There must be two pictures or more of every label; there is one of {lonely.tolist()}.")
    unit = F.normalize(descriptors_ND.double(), dim=1)
    cosines = (unit @ unit.T).fill_diagonal_(-torch.inf)
    order = cosines.argsort(dim=1, descending=True, stable=True)[:, :-1]  # the picture itself comes last
    return alike.gather(1, order)
