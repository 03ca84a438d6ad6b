"""The Python API."""

import numpy as np
import pytest

import impasto
from impasto.errors import InputError, ModelError, UnsupportedOption
from impasto.guidance import Style
from tests.clips import make_clip, picture

pytestmark = pytest.mark.usefixtures("toy")


def test_stylize_writes_the_output_and_returns_the_record(tmp_path, painting):
    source = make_clip(tmp_path / "in.mp4", frames=4)
    record = impasto.stylize(str(source), style=str(painting), output=tmp_path / "out.mp4", model="toy", seed=3)
    assert (tmp_path / "out.mp4").exists()
    assert (record.frames, record.guidance["seed"], record.command) == (4, 3, ())


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64])
def test_frames_in_frames_out_of_the_same_kind(painting, kind):
    frames = [picture(number, 32, 24) for number in range(5)]
    given = frames if kind == np.uint8 else [(frame / 255).astype(kind) for frame in frames]
    painted = list(impasto.stylize_frames(given, style=[painting, Style(image=painting, weight=2)], model="toy"))
    assert [(each.shape, each.dtype) for each in painted] == [((24, 32, 3), kind)] * 5
    still = list(impasto.stylize_frames(given, style=painting, model="toy", strength=0))
    for seen, source in zip(still, given, strict=True):
        np.testing.assert_allclose(seen, source, atol=1e-6)


def test_frames_may_be_views_and_one_buffer_that_is_filled_again(painting):
    frames = [(picture(number, 32, 24) / 255).astype(np.float32) for number in range(5)]
    buffer = np.empty_like(frames[0])

    def refilled():
        for frame in frames:
            buffer[:] = frame[..., ::-1]
            yield buffer[..., ::-1]

    apart = list(impasto.stylize_frames(frames, style=painting, model="toy"))
    for one, other in zip(impasto.stylize_frames(refilled(), style=painting, model="toy"), apart, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_stream_of_frames_may_be_endless(painting):
    def camera():
        while True:
            yield picture(0, 32, 24)

    painted = impasto.stylize_frames(camera(), style=painting, model="toy")
    assert len([next(painted) for _ in range(100)]) == 100


def test_no_frames_give_no_frames(painting):
    assert list(impasto.stylize_frames([], style=painting, model="toy")) == []


@pytest.mark.parametrize(
    ("frames", "options", "error"),
    [
        ([picture(0, 32, 24), picture(0, 16, 24)], {}, InputError),
        ([picture(0, 32, 24).astype(int)], {}, InputError),
        ([picture(0, 32, 24)[..., 0]], {}, InputError),
        ([picture(0, 32, 24)], {"strength": 7}, UnsupportedOption),
        ([picture(0, 32, 24)], {"preset": "best"}, UnsupportedOption),
        ([picture(0, 32, 24)], {"prompt": "ink"}, UnsupportedOption),
        ([picture(0, 32, 24)], {"model": "tyo"}, ModelError),
    ],
)
def test_wrong_use_is_told(painting, frames, options, error):
    with pytest.raises(error):
        list(impasto.stylize_frames(frames, **{"style": painting, "model": "toy", **options}))


def test_nothing_to_go_by_is_told():
    with pytest.raises(InputError, match="Nothing to go by"):
        next(impasto.stylize_frames([picture(0, 32, 24)], model="toy"))
