"""What `clip-nano` strives for.

Legend: N pictures, M texts, B pictures, P patches, K phrases, E numbers of a vector.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def sigmoid_contrastive(cosines_NM: Tensor, true_NM: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    """Sigmoid loss of pictures with texts (Zhai 2023, SigLIP, section 3.2), mean over pictures.

    Departure: several texts may be true of a picture, and pictures may share one, as paintings share a movement.
    """
    signs_NM = 2 * true_NM.float() - 1
    return -F.logsigmoid(signs_NM * (scale * cosines_NM + bias)).sum(1).mean()


def phrase_loss(patches_BPE: Tensor, phrases_KE: Tensor, wanted_BP: Tensor, scale: Tensor) -> Tensor:
    """Cross-entropy of naming the patches, by cosine with all phrases; every object of a picture counts alike.

    Args:
        patches_BPE: vectors of any length.
        phrases_KE: unit vectors.
        wanted_BP: the phrase of each patch; negative for a patch without one.
    """
    logits_BPK = scale * F.normalize(patches_BPE.float(), dim=-1) @ phrases_KE.T
    surprise_BP = F.cross_entropy(logits_BPK.movedim(-1, 1), wanted_BP.clamp(min=0), reduction="none")
    named_BPK = F.one_hot(wanted_BP.clamp(min=0), len(phrases_KE)) * (wanted_BP >= 0)[..., None]
    sizes_BP = named_BPK.sum(1).gather(1, wanted_BP.clamp(min=0))
    weights_BP = (wanted_BP >= 0) / sizes_BP.clamp(min=1)
    return (surprise_BP * weights_BP).sum() / weights_BP.sum().clamp(min=1)


def match_loss(right: Tensor, wrong: Tensor) -> Tensor:
    """Binary cross-entropy of logits; right and wrong texts count alike, however many there are of each."""
    return -(F.logsigmoid(right).mean() + F.logsigmoid(-wrong).mean()) / 2


def phrase_accuracy(patches_BPE: Tensor, phrases_KE: Tensor, wanted_BP: Tensor) -> Tensor:
    """Whether each patch that has a phrase is likest to it among all, [number of such patches]."""
    named = (F.normalize(patches_BPE.float(), dim=-1) @ phrases_KE.T).argmax(-1)
    has = wanted_BP >= 0
    return named[has] == torch.as_tensor(wanted_BP)[has]
