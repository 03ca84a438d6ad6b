"""Structure by patches against double loops, and by the embedded encoder on changed pictures."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impasto.errors import InputError
from impasto.evaluation.metrics.nano import nano_features
from impasto.evaluation.metrics.structure import (
    patch_similarity,
    self_similarity_distance,
    self_similarity_nano,
    structure_nano,
)
from tests.evaluation.metrics.toys import blurred, noisy, texture, tinted


def patches(seed: int) -> torch.Tensor:
    return torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(seed))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_agree_with_double_loops():
    source, output = patches(0), patches(1)
    for n in range(2):
        s, o = source[n].numpy().astype(float), output[n].numpy().astype(float)
        same = np.mean([cosine(s[i], o[i]) for i in range(6)])
        own = np.mean([(cosine(s[i], s[j]) - cosine(o[i], o[j])) ** 2 for i in range(6) for j in range(6)])
        assert patch_similarity(source, output)[n].item() == pytest.approx(same, abs=1e-6)
        assert self_similarity_distance(source, output)[n].item() == pytest.approx(own, abs=1e-6)


def test_the_two_differ_in_what_they_forgive():
    """Turning all features by one rotation changes each patch, and no patch's likeness to the others."""
    source = patches(0)
    turn = torch.linalg.qr(torch.randn(5, 5, generator=torch.Generator().manual_seed(3)))[0]
    assert patch_similarity(source, source @ turn).max() < 0.9
    torch.testing.assert_close(self_similarity_distance(source, source @ turn), torch.zeros(2))
    shuffled = source.flip(1)
    assert patch_similarity(source, shuffled).max() < 0.9
    assert self_similarity_distance(source, shuffled).min() > 0.05
    torch.testing.assert_close(patch_similarity(source, 3 * source), torch.ones(2))


@pytest.mark.usefixtures("small_view")
def test_refuse_pictures_of_two_sizes():
    for measure in (patch_similarity, self_similarity_distance):
        with pytest.raises(InputError, match=r"\(2, 6, 5\) and \(2, 4, 5\); give pictures of one size"):
            measure(patches(0), patches(0)[:, :4])
    features = [nano_features(texture(0, size)) for size in ((32, 32), (32, 48))]
    for measure in (structure_nano, self_similarity_nano):
        with pytest.raises(InputError, match="give pictures of one size"):
            measure(*features)


@pytest.mark.usefixtures("small_view")
def test_nano_is_the_similarity_of_normalised_patches():
    features = [nano_features(picture) for picture in (texture(0), noisy(texture(0), 0.2))]
    tokens = [F.instance_norm(layers[3]).flatten(2).transpose(1, 2) for layers in features]
    assert structure_nano(*features) == pytest.approx(patch_similarity(*tokens).item(), abs=1e-5)
    plain = [layers[3].flatten(2).transpose(1, 2) for layers in features]
    assert self_similarity_nano(*features) == pytest.approx(self_similarity_distance(*plain).item(), abs=1e-6)


@pytest.mark.usefixtures("small_view")
@pytest.mark.parametrize("change", [noisy, blurred, tinted])
def test_nano_sees_how_much_of_the_layout_is_left(change):
    picture = texture(0, grain=6)
    seen, a_little, a_lot, other = (
        nano_features(image) for image in (picture, change(picture, 0.1), change(picture, 0.5), texture(1, grain=6))
    )
    likeness = [structure_nano(seen, later) for later in (seen, a_little, a_lot, other)]
    assert likeness[0] == pytest.approx(1, abs=1e-5)
    assert likeness == sorted(likeness, reverse=True)
    distances = [self_similarity_nano(seen, later) for later in (seen, a_little, a_lot, other)]
    assert distances[0] == 0
    assert distances[:3] == sorted(distances[:3])
    assert distances[3] > distances[1]
