"""What metrics refuse, and with what words."""

import numpy as np
import pytest

from impasto.errors import InputError
from impasto.evaluation.metrics.frames import check_frame, check_pair, checked, frame_by_frame
from tests.evaluation.metrics.toys import sliding, texture


def spoiled(value: float) -> np.ndarray:
    frame = texture(0)
    frame[3, 5, 1] = value
    return frame


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first - second).mean())


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (spoiled(np.nan), "Frame 7 has 1 values that are NaN or infinite"),
        (spoiled(np.inf), "Frame 7 has 1 values that are NaN or infinite"),
        (spoiled(-np.inf), "Frame 7 has 1 values that are NaN or infinite"),
        (spoiled(-0.5), r"Frame 7 has values from -0\.5 to 1; "),
        (255 * texture(0), r"Frame 7 has values from 0 to 255; "),
        ((255 * texture(0)).astype(np.uint8), r"Frame 7 is uint8 of shape \(64, 96, 3\)"),
        (texture(0)[..., 0], r"Frame 7 is float32 of shape \(64, 96\)"),
        (texture(0)[:0], r"Frame 7 is float32 of shape \(0, 96, 3\)"),
    ],
    ids=["nan", "inf", "minus inf", "negative", "0 to 255", "bytes", "gray", "empty"],
)
def test_what_is_no_picture_is_refused(frame: np.ndarray, words: str):
    with pytest.raises(InputError, match=words):
        check_frame(frame, "Frame 7")


def test_pairs_have_one_size():
    with pytest.raises(InputError, match=r"The first picture is 96x64 pixels, the second 90x64; "):
        check_pair(texture(0), texture(0)[:, :90])


def test_a_video_comes_as_it_is():
    frames = sliding([0, 1, 2])
    assert all(seen is frame for seen, frame in zip(checked(iter(frames), 3), frames, strict=True))


def test_a_video_is_refused_at_the_frame_that_is_wrong():
    good = texture(0)
    with pytest.raises(InputError, match="Frame 2 has 1 values"):
        list(checked([good, good, spoiled(np.nan)]))
    with pytest.raises(InputError, match="Frame 1 is 96x60 pixels, those before it 96x64"):
        list(checked([good, good[:60]]))
    with pytest.raises(InputError, match="has 2 frames; this metric needs at least 3"):
        list(checked([good, good], 3))


def test_frame_by_frame_takes_frames_of_the_same_number():
    sources, outputs = sliding([0, 3, 6]), sliding([0, 2, 9])
    expected = [distance(*pair) for pair in zip(sources, outputs, strict=True)]
    assert frame_by_frame(distance, iter(sources), iter(outputs)) == expected
    assert expected[0] == 0 < expected[1]


def test_frame_by_frame_says_which_video_is_wrong():
    sources = sliding([0, 1, 2])
    with pytest.raises(InputError, match="The output ends after 2 frames, the source goes on"):
        frame_by_frame(distance, sources, sources[:2])
    with pytest.raises(InputError, match="The source ends after 1 frames, the output goes on"):
        frame_by_frame(distance, sources[:1], sources)
    with pytest.raises(InputError, match="Frame 0 of the source is 96x64 pixels, frame 0 of the output 96x32"):
        frame_by_frame(distance, sources, [frame[:32] for frame in sources])
    with pytest.raises(InputError, match="frame 1 of the output has 1 values that are NaN"):
        frame_by_frame(distance, [texture(0)] * 2, [texture(0), spoiled(np.nan)])
    with pytest.raises(InputError, match="no frames"):
        frame_by_frame(distance, [], [])
