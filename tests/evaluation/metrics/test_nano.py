"""The features behind the metrics named -nano, and what those say of changed pictures."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impasto.errors import InputError
from impasto.evaluation.metrics.artfid import artfid
from impasto.evaluation.metrics.frechet import FeatureMoments, frechet_distance
from impasto.evaluation.metrics.kid import kid
from impasto.evaluation.metrics.nano import nano_embedding, nano_features
from impasto.perception.encoder import embedded_encoder
from tests.evaluation.metrics.toys import blurred, noisy, texture, tinted

PICTURES = 4


def embeddings(change, seed: int = 0) -> torch.Tensor:
    """Of changed pictures, [PICTURES, 512]."""
    pictures = (change(texture(seed + number)) for number in range(PICTURES))
    return torch.cat([nano_embedding(nano_features(picture)) for picture in pictures])


def moments(features: torch.Tensor) -> FeatureMoments:
    taken = FeatureMoments()
    taken.add(features)
    return taken


@pytest.mark.parametrize(("size", "seen"), [((64, 96), (256, 384)), ((300, 270), (284, 256))])
def test_the_whole_frame_is_seen_at_one_size(size, seen):
    features = nano_features(texture(0, size))
    assert [layer.shape[1] for layer in features] == [64, 128, 256, 512, 512]
    assert tuple(features[0].shape[2:]) == seen
    assert nano_embedding(features).shape == (1, 512)


@pytest.mark.usefixtures("small_view")
def test_a_frame_of_that_size_is_seen_as_it_is():
    picture = texture(0, (64, 80))
    features = embedded_encoder()(torch.from_numpy(picture).permute(2, 0, 1)[None])
    for seen, expected in zip(nano_features(picture), features, strict=True):
        torch.testing.assert_close(seen, expected)


def test_a_picture_and_its_half_size_look_alike():
    large = texture(0, (512, 512), grain=8)
    small = F.interpolate(torch.from_numpy(large).permute(2, 0, 1)[None], (256, 256), mode="area")
    a, b = (nano_embedding(nano_features(x)) for x in (large, small[0].permute(1, 2, 0).numpy()))
    assert (a - b).norm() < 0.05 * a.norm()


@pytest.mark.usefixtures("small_view")
def test_views_of_frames_are_seen_too():
    picture = texture(0)
    for turned in (picture[:, ::-1], np.float64(picture).swapaxes(0, 1)):
        expected = nano_features(np.array(turned, np.float32, order="C"))
        assert all(torch.equal(a, b) for a, b in zip(nano_features(turned), expected, strict=True))


def test_refuses_what_is_no_picture():
    with pytest.raises(InputError, match="NaN"):
        nano_features(np.full((32, 32, 3), np.nan, np.float32))


@pytest.mark.usefixtures("small_view")
def test_distances_of_sets_move_the_right_way():
    """Of one set to itself, to others like it, and to ones that are blurred, noisy or tinted."""
    plain = embeddings(lambda picture: picture)
    like = embeddings(lambda picture: picture, seed=50)
    for change, amount in ((blurred, 3), (noisy, 0.3), (tinted, 0.4)):
        changed = embeddings(lambda picture, change=change, amount=amount: change(picture, amount))
        assert frechet_distance(moments(plain), moments(plain)) == pytest.approx(0, abs=1e-6)
        assert frechet_distance(moments(plain), moments(changed)) > frechet_distance(moments(plain), moments(like)) > 0
        assert kid(plain, changed).mean > kid(plain, like).mean


def test_artfid():
    assert artfid(0, 0) == 1
    assert artfid(0.5, 20) == 31.5
    for lpips, fid in ((-0.1, 1), (0.5, float("nan")), (float("inf"), 1)):
        with pytest.raises(InputError, match="does not exist; give a finite distance"):
            artfid(lpips, fid)
