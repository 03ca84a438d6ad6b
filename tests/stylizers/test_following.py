"""Following a painted frame: laying it on its source frame, carrying it to others, learning from it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from impasto.errors import UnreadableInput, UnsupportedOption
from impasto.guidance import Keyframe
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.feedforward.code import encode_style
from impasto.stylizers.feedforward.fewshot import FewShotConfig, Lesson, carried, teach_pair
from impasto.stylizers.feedforward.following import read_pair
from impasto.stylizers.feedforward.nets import SwiftNet
from impasto.stylizers.feedforward.network import NetworkConfig, Predictor, PredictorConfig
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.painted.frame import USUAL, read_painted_frame
from impasto.stylizers.painted.placing import find_place
from impasto.video.pictures import write_picture

TINY = NetworkConfig(16, 16, 16, 2, 1)


def scene(seed: int, height: int = 144, width: int = 192) -> np.ndarray:
    """Ellipses of random colours, uint8 [height, width, 3]."""
    rng = np.random.default_rng(seed)
    rgb = np.full((height, width, 3), rng.integers(0, 255, 3), np.uint8)
    for _ in range(25):
        center, axes = rng.integers(0, (width, height)), rng.integers(6, height // 3, 2)
        color = [int(value) for value in rng.integers(0, 255, 3)]
        cv2.ellipse(rgb, center.tolist(), axes.tolist(), float(rng.integers(0, 180)), 0, 360, color, -1)
    return rgb


def painted(rgb: np.ndarray) -> np.ndarray:
    """Other colours and a hatching: a painting that is a function of its frame."""
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]]
    hatched = (255 - rgb[..., ::-1] * 0.7) * (0.85 + 0.15 * ((x + y) % 6 < 3))[..., None]
    return hatched.astype(np.uint8)


def lesson(source: np.ndarray) -> Lesson:
    return Lesson(source, painted(source), np.full(source.shape[:2], 255, np.uint8))


def test_a_part_of_a_frame_is_found():
    source = scene(1)
    part = cv2.resize(painted(source)[10:130, 40:160], (180, 180))
    place = find_place(part, source)
    assert (place.left, place.top) == pytest.approx((40, 10), abs=3)
    assert place.scale == pytest.approx(120 / 180, rel=0.03)


def test_a_painting_of_the_same_framing_is_brought_to_the_size(tmp_path: Path):
    source = scene(1)
    write_picture(tmp_path / "large.png", cv2.resize(painted(source), (385, 288), interpolation=cv2.INTER_CUBIC))
    frame = read_painted_frame(tmp_path / "large.png", source)
    assert frame.known.min() == 255
    assert not frame.note
    assert np.abs(frame.picture.astype(float) - painted(source)).mean() < 8


def test_a_painting_of_a_part_is_laid_there(tmp_path: Path):
    source = scene(1)
    write_picture(tmp_path / "part.png", painted(source)[10:130, 40:160])
    frame = read_painted_frame(tmp_path / "part.png", source)
    assert "covers 5" in frame.note
    inside = frame.known > 0
    assert inside[20:120, 50:150].all()
    assert not inside[:, 170:].any()
    np.testing.assert_array_equal(frame.picture[~inside], source[~inside])
    assert np.abs(frame.picture.astype(float) - painted(source))[inside].mean() < 12


def test_a_painting_of_another_shape_and_scene_is_refused(tmp_path: Path):
    write_picture(tmp_path / "other.png", painted(scene(2))[:, :100])
    with pytest.raises(UnsupportedOption, match=r"other.png' is 100x144 and the source 192x144.*crop or scale"):
        read_painted_frame(tmp_path / "other.png", scene(1))
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(UnreadableInput):
        read_painted_frame(tmp_path / "text.png", scene(1))


def test_another_scene_is_told(tmp_path: Path):
    write_picture(tmp_path / "painted.png", painted(scene(1)))
    right, wrong = (read_painted_frame(tmp_path / "painted.png", scene(seed)) for seed in (1, 2))
    assert right.mismatch < USUAL < wrong.mismatch
    assert wrong.known.all()  # it is followed all the same


def test_a_painting_is_carried_to_where_its_frame_went():
    wide = scene(3, 144, 200)
    here, there = wide[:, :192], wide[:, 5:197]
    moved = carried(lesson(np.ascontiguousarray(here)), np.ascontiguousarray(there))
    sure = moved.known > 250
    assert sure[:, :180].mean() > 0.6
    assert not sure[:, -4:].any()  # what came in was not painted
    expected = painted(np.ascontiguousarray(wide))[:, 5:197]
    assert np.median(np.abs(moved.painted.astype(float) - expected)[sure]) < 6


def test_only_frames_near_by_that_show_the_same_are_lessons(tmp_path: Path):
    write_picture(tmp_path / "painted.png", painted(scene(1)))
    frames = [scene(1).astype(np.float32) / 255] * 3 + [scene(2).astype(np.float32) / 255] * 3
    pair = read_pair(Keyframe(time=0, image=tmp_path / "painted.png", frame=1), MemoryShot(frames))  # pyright: ignore
    assert len(pair.lessons) == 3
    np.testing.assert_array_equal(pair.lessons[0].painted, painted(scene(1)))


def test_a_network_learns_what_was_painted_and_paints_it_elsewhere():
    torch.manual_seed(0)
    predictor = Predictor(PredictorConfig(network=TINY, components=6, hidden=8, kernels=2))
    start = {name: value.detach() for name, value in predictor(torch.randn(6), torch.randn(6)).items()}
    sources = [scene(1, 96, 96), scene(4, 96, 96)]
    colors = torch.eye(3), torch.zeros(3)
    style = encode_style(embedded_encoder(), torch.from_numpy(painted(sources[0])).permute(2, 0, 1)[None] / 255)
    pairs = [np.stack([sources[0]] * 2).astype(np.float32) / 255]

    def teach(steps: int) -> dict[str, torch.Tensor]:
        config = FewShotConfig(steps, crop=64)
        encoder, lessons = embedded_encoder(), [lesson(sources[0])]
        return teach_pair(start, TINY, encoder, style, colors, lessons, pairs, config, 0, lambda share: None)

    def error(parameters: dict[str, torch.Tensor], source: np.ndarray) -> float:
        frame = torch.from_numpy(source).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            out = SwiftNet(TINY, parameters).paint(frame, colors)[0].permute(1, 2, 0).numpy()
        return float(np.abs(out - painted(source) / 255).mean())

    taught = teach(30)
    for source in sources:
        assert error(taught, source) < 0.6 * error(start, source)
    first, second = teach(3), teach(3)
    assert all(torch.equal(first[name], second[name]) for name in first)
