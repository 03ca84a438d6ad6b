"""How frames are made ready for published networks, against Pillow and sums by hand."""

import numpy as np
import pytest
from PIL import Image

from impasto.errors import InputError
from impasto.evaluation.metrics.hub.dino import SPLICE_VIEW, SUBJECT_VIEW
from impasto.evaluation.metrics.hub.views import CLIP_VIEW, View
from tests.evaluation.metrics.hub.nets import CLIP_SCALE, IMAGENET_SCALE, prepared, shrunk
from tests.evaluation.metrics.toys import texture


def test_clip_sees_the_middle_of_a_wide_frame():
    frame = texture(0, (360, 640))
    by_hand = shrunk(frame, (224, 398), Image.Resampling.BICUBIC)[:, 87:311]
    np.testing.assert_allclose(CLIP_VIEW(frame), prepared(by_hand, CLIP_SCALE), atol=1e-4)


def test_clip_sees_the_middle_of_a_tall_frame():
    frame = texture(0, (300, 150))
    by_hand = shrunk(frame, (448, 224), Image.Resampling.BICUBIC)[112:336]
    np.testing.assert_allclose(CLIP_VIEW(frame), prepared(by_hand, CLIP_SCALE), atol=1e-4)


def test_differs_from_the_8_bits_of_pillow_by_their_rounding_only():
    picture = np.round(texture(0, (300, 300)) * 255).astype(np.uint8)
    rounded = np.asarray(Image.fromarray(picture).resize((224, 224), Image.Resampling.BICUBIC)) / 255
    seen = CLIP_VIEW(picture.astype(np.float32) / 255)
    np.testing.assert_allclose(seen, prepared(rounded, CLIP_SCALE), atol=1.1 / 255 / min(CLIP_SCALE[1]))


def test_dino_sees_the_whole_frame():
    frame = texture(0, (360, 640))
    by_hand = shrunk(frame, (224, 398), Image.Resampling.BILINEAR)
    for view in (SUBJECT_VIEW, SPLICE_VIEW):
        np.testing.assert_allclose(view(frame), prepared(by_hand, IMAGENET_SCALE), atol=1e-4)


def test_splice_limits_the_long_side():
    frame = texture(0, (100, 300))
    assert SUBJECT_VIEW(frame).shape == (1, 3, 224, 672)
    assert SPLICE_VIEW(frame).shape == (1, 3, 160, 480)
    assert SPLICE_VIEW(frame.transpose(1, 0, 2)).shape == (1, 3, 480, 160)


def test_sides_are_multiples_of_a_patch():
    view = View(words="", mode="bicubic", multiple=14)
    assert view(texture(0, (360, 640))).shape == (1, 3, 224, 392)


def test_refuses_what_is_no_picture():
    with pytest.raises(InputError, match="values from"):
        CLIP_VIEW(texture(0) * 255)
