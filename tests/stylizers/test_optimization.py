import itertools
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.losses.style import STYLE_LOSSES
from impasto.losses.variation import total_variation
from impasto.motion.warp import warp
from impasto.perception.encoder import Encoder, EncoderConfig, embedded_encoder
from impasto.stylizers.base import FrameArray, State, Stylizer
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.optimization import passes
from impasto.stylizers.optimization.config import WORKING_PIXELS, Method, PaintingConfig
from impasto.stylizers.optimization.descent import descend
from impasto.stylizers.optimization.energy import Carried, ShotEnergy, StyleTarget
from impasto.stylizers.optimization.gatys import Gatys, GatysConfig
from impasto.stylizers.optimization.painter import Painter, working_size
from impasto.stylizers.optimization.past import Past, lay_over
from impasto.stylizers.optimization.ruder import Ruder, RuderConfig

HEIGHT, WIDTH = 40, 56
QUICK = PaintingConfig(iterations=4, levels=1)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(EncoderConfig((4, 4, 4, 4, 4), (1, 1, 1, 1, 1))).eval().requires_grad_(False)


@pytest.fixture
def guidance(tmp_path: Path) -> Guidance:
    return Guidance(styles=(Style(image=save(tmp_path / "style.png", texture(64, 80, 7, 1.0))),))


def texture(height: int, width: int, seed: int, blur: float = 3.0) -> FrameArray:
    noise = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), blur), None, 0, 1, cv2.NORM_MINMAX)


def panned(frames: int, step: int = 2) -> list[FrameArray]:
    """A picture that moves to the left by whole pixels."""
    wide = texture(HEIGHT, WIDTH + step * frames, 3)
    return [np.ascontiguousarray(wide[:, step * n : step * n + WIDTH]) for n in range(frames)]


def save(path: Path, rgb: FrameArray) -> Path:
    Image.fromarray((rgb * 255).astype(np.uint8)).save(path)
    return path


def tensor(frame: FrameArray) -> torch.Tensor:
    return torch.from_numpy(frame).permute(2, 0, 1)[None].contiguous()


def repaint(stylizer: Stylizer, frames: list[FrameArray], guidance: Guidance, state: State | None = None):
    stylizer.prepare(guidance, MemoryShot(frames), lambda fraction: None)
    return list(stylizer.stylize(iter(frames), {} if state is None else state))


# The way down.


def bowl(target: torch.Tensor):
    return lambda picture, step: (picture - target).square().sum()


@pytest.mark.parametrize("method", ["adam", "l-bfgs"])
def test_descent_finds_the_lowest_point_in_range(method: Method):
    target = tensor(texture(8, 8, 0)) * 1.5 - 0.25
    found = descend(torch.full((1, 3, 8, 8), 0.5), bowl(target), method, 120)
    torch.testing.assert_close(found, target.clamp(0, 1), atol=0.01, rtol=0)


@pytest.mark.parametrize("method", ["adam", "l-bfgs"])
@pytest.mark.parametrize("trouble", [float("nan"), float("inf"), 1e6])
def test_descent_goes_on_after_a_divergence_and_tells(method: Method, trouble: float):
    target = tensor(texture(8, 8, 0))

    def energy(picture: torch.Tensor, step: int) -> torch.Tensor:
        return (picture - target).square().sum() + (trouble if step == 3 else 0)

    with pytest.warns(RuntimeWarning, match="diverged at 1 of 200 steps"):
        found = descend(torch.full((1, 3, 8, 8), 0.5), energy, method, 200)
    torch.testing.assert_close(found, target, atol=0.02, rtol=0)


def test_an_energy_that_is_never_finite_gives_the_start_back():
    start = tensor(texture(8, 8, 0))
    with pytest.warns(RuntimeWarning, match="diverged at 3 of 3 steps"):
        found = descend(start, lambda picture, step: (picture * float("nan")).sum(), "adam", 3)
    torch.testing.assert_close(found, start)


# The energy.


def shot_energy(encoder: Encoder, name: str, source: torch.Tensor, style: torch.Tensor, shares=(1.0,)) -> ShotEnergy:
    loss = STYLE_LOSSES[name]
    targets = [StyleTarget([loss.measure(layer) for layer in encoder(style)], share) for share in shares]
    return ShotEnergy(encoder, loss, targets, PaintingConfig(method="l-bfgs"), [source])


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_every_style_loss_begins_at_one(name: str):
    source, style = tensor(texture(32, 48, 1)), tensor(texture(40, 40, 2, 1.0))
    value = shot_energy(embedded_encoder(), name, source, style).of(source, [], 0.0)(source, 0)
    smoothness = PaintingConfig().variation_weight * total_variation(source).item()
    assert value.item() == pytest.approx(1 + smoothness, rel=1e-3)


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_a_picture_that_is_source_and_style_wants_only_smoothness(encoder: Encoder, name: str):
    source, other = tensor(texture(HEIGHT, WIDTH, 1)), tensor(texture(HEIGHT, WIDTH, 2, 1.0))
    value = shot_energy(encoder, name, other, source).of(source, [], 0.0)(source, 0)
    smoothness = PaintingConfig().variation_weight * total_variation(source).item()
    # "relaxed" keeps a sample of the style's positions, so that even the style itself is a little away.
    assert value.item() == pytest.approx(smoothness, abs=0.01 if name == "relaxed" else 1e-6)


def test_a_style_given_twice_is_the_style(encoder: Encoder):
    source, style = tensor(texture(HEIGHT, WIDTH, 1)), tensor(texture(64, 48, 2, 1.0))
    painted = tensor(texture(HEIGHT, WIDTH, 5))
    once, twice = (
        shot_energy(encoder, "gram", source, style, shares).of(source, [], 0.0)(painted, 0)
        for shares in ((1.0,), (0.25, 0.75))
    )
    torch.testing.assert_close(once, twice)


def test_the_temporal_term_counts_where_the_weight_is(encoder: Encoder):
    source = tensor(texture(HEIGHT, WIDTH, 1))
    carried = source.clone()
    carried[..., :10] = 1 - carried[..., :10]
    weight = torch.ones(1, HEIGHT, WIDTH)
    energies = shot_energy(encoder, "moments", source, tensor(texture(64, 48, 2)))
    free = energies.of(source, [], 5.0)(source, 0)
    held = energies.of(source, [Carried(carried, weight)], 5.0)(source, 0)
    torch.testing.assert_close(held - free, 5.0 * (source - carried).square().mean())
    weight[..., :10] = 0
    torch.testing.assert_close(energies.of(source, [Carried(carried, weight)], 5.0)(source, 0), free)


# Painting.


@pytest.mark.parametrize(("size", "working"), [((37, 51), (37, 51)), ((16, 16), (32, 32)), ((16, 64), (32, 128))])
def test_small_frames_are_painted_at_a_size_that_the_encoder_sees(size, working):
    assert working_size(*size) == working


def test_large_frames_are_painted_at_the_bound_with_their_aspect():
    height, width = working_size(1080, 1920)
    assert 0.98 * WORKING_PIXELS < height * width < 1.02 * WORKING_PIXELS
    assert width / height == pytest.approx(16 / 9, rel=0.01)


@pytest.mark.parametrize("size", [(HEIGHT, WIDTH), (16, 24), (600, 640)])
def test_an_unchanged_painting_gives_the_frame_back_at_any_size(encoder, guidance, size):
    frame = texture(*size, 1)
    painter = Painter(guidance, MemoryShot([frame]), QUICK, encoder)
    source = painter.shrink(frame)
    np.testing.assert_allclose(painter.finished(frame, source, source), frame, atol=1e-6)


def test_a_change_at_the_working_size_reaches_the_whole_frame(encoder, guidance):
    frame = np.full((600, 640, 3), 0.4, np.float32)
    painter = Painter(guidance, MemoryShot([frame]), QUICK, encoder)
    source = painter.shrink(frame)
    np.testing.assert_allclose(painter.finished(frame, source, source + 0.25), frame + 0.25, atol=1e-5)


@pytest.mark.parametrize("name", STYLE_LOSSES)
@pytest.mark.parametrize("method", ["adam", "l-bfgs"])
def test_painting_comes_nearer_to_the_style(guidance, name, method):
    frame = texture(32, 48, 1)
    config = PaintingConfig(style_loss=name, method=method, iterations=15, levels=1, content_weight=0.1)
    painter = Painter(guidance, MemoryShot([frame]), config, embedded_encoder())
    source = painter.shrink(frame)
    (energies,) = painter._levels
    energy = energies.of(source, [], 0.0)
    assert energy(painter.paint(source, source), 0) < 0.75 * energy(source, 0)


def test_content_weight_keeps_the_content(encoder, guidance):
    frame = texture(HEIGHT, WIDTH, 1)
    moved = []
    for weight in (0.0, 5.0):
        config = PaintingConfig(iterations=15, levels=1, content_weight=weight)
        painter = Painter(guidance, MemoryShot([frame]), config, encoder)
        source = painter.shrink(frame)
        painted = painter.paint(source, source)
        moved.append((encoder(painted)[3] - encoder(source)[3]).square().mean().item())
    assert moved[1] < 0.5 * moved[0]


def test_the_pyramid_goes_from_coarse_to_fine_and_stops_at_what_the_encoder_sees(encoder, guidance):
    painter = Painter(guidance, MemoryShot([texture(70, 140, 1)]), PaintingConfig(levels=4), encoder)
    assert [level.size for level in painter._levels] == [(35, 70), (70, 140)]


def test_the_start_has_the_colours_of_the_style(encoder, guidance):
    frame = texture(HEIGHT, WIDTH, 1) * 0.3
    painter = Painter(guidance, MemoryShot([frame]), QUICK, encoder)
    with Image.open(guidance.styles[0].image) as picture:
        wanted = (np.asarray(picture) / 255).mean((0, 1))
    np.testing.assert_allclose(painter.moved(painter.shrink(frame)).mean((0, 2, 3)), wanted, atol=0.03)


# What was painted before.


def test_carried_frames_lie_where_the_source_moved():
    frames, state = [tensor(frame) for frame in panned(3)], {}
    past = Past(state, (1, 2))
    for frame in frames[:2]:
        past.add(frame, 1 - frame)
    near, far = past.seen_from(frames[2])
    assert near.weight[:, 8:-8, 8:-12].mean() > 0.9
    assert near.weight[..., -2:].max() < 0.5
    error = (near.picture - (1 - frames[2])).abs().mean(1) * near.weight
    assert error.mean() < 0.02
    assert (near.weight + far.weight).max() <= 1 + 1e-6
    assert far.weight.mean() < 0.2 * near.weight.mean()


def test_no_more_is_remembered_than_the_reach_asks_for():
    state: State = {}
    for frame in panned(5):
        Past(state, (1, 3)).add(tensor(frame), tensor(frame))
    assert [len(state[name]) for name in ("gray", "painted")] == [3, 3]
    np.testing.assert_array_equal(state["painted"][0], tensor(panned(5)[4])[0])


def test_laid_over_pictures_show_where_they_count():
    ground, carried = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)
    weight = torch.linspace(0, 1, 4).expand(1, 4, 4)
    torch.testing.assert_close(lay_over(ground, [Carried(carried, weight)]), weight[None].expand(1, 3, 4, 4))
    torch.testing.assert_close(lay_over(ground, []), ground)


# The models.


def flicker(frames: list[FrameArray], step: int = 2) -> float:
    flow = np.full((HEIGHT, WIDTH, 2), (-step, 0.0), np.float32)
    return float(np.mean([np.square(a - warp(b, flow))[4:-4, 8:-8].mean() for a, b in itertools.pairwise(frames)]))


def test_ruder_flickers_less_than_gatys(guidance):
    frames, painting = panned(3), PaintingConfig(iterations=12, levels=1)
    free = repaint(Gatys("draft", GatysConfig(painting)), frames, guidance)
    held = repaint(Ruder("draft", RuderConfig(painting)), frames, guidance)
    np.testing.assert_array_equal(held[0], free[0])
    assert flicker(held) < flicker(free) / 3


def test_the_unwarped_term_holds_frames_in_place(encoder, guidance):
    frames = panned(3)
    changes = []
    for weight in (0.0, 1e3):
        painted = repaint(Gatys("draft", GatysConfig(QUICK, unwarped_weight=weight), encoder), frames, guidance)
        changes.append(np.mean([np.square(a - b).mean() for a, b in itertools.pairwise(painted)]))
    assert changes[1] < 0.9 * changes[0]


def test_noise_comes_from_the_seed(encoder, guidance):
    frame, config = texture(HEIGHT, WIDTH, 1), GatysConfig(QUICK, start="noise")
    seeds = [Guidance(styles=guidance.styles, seed=seed) for seed in (0, 0, 1)]
    first, again, other = (repaint(Gatys("draft", config, encoder), [frame], each)[0] for each in seeds)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.05


def test_a_start_from_the_previous_frame_continues_it(encoder, guidance):
    frames = panned(2)
    config = GatysConfig(PaintingConfig(iterations=1, levels=1), start="previous")
    first, second = repaint(Gatys("draft", config, encoder), frames, guidance)
    # One step evaluates the start alone.
    assert np.abs(first[4:-4, 6:-4] - second[4:-4, 4:-6]).mean() < 0.02


PASSES = RuderConfig(QUICK, passes=2)


def test_passes_bring_what_comes_late_to_the_beginning(encoder, guidance):
    frames = panned(8)
    other = [*frames[:6], frames[6][::-1].copy(), frames[7]]  # of the 7th no sample is taken
    for config, reaches in ((RuderConfig(QUICK), False), (PASSES, True)):
        first, second = (repaint(Ruder("draft", config, encoder), each, guidance)[0] for each in (frames, other))
        assert np.array_equal(first, second) != reaches


def test_passes_continue_in_the_next_segment(encoder, guidance):
    frames, state = panned(4), {}
    whole = repaint(Ruder("draft", PASSES, encoder), frames, guidance)
    stylizer = Ruder("draft", PASSES, encoder)
    stylizer.prepare(guidance, MemoryShot(frames), lambda fraction: None)
    parts = [frame for part in (frames[:1], frames[1:]) for frame in stylizer.stylize(iter(part), state)]
    np.testing.assert_array_equal(np.stack(whole), np.stack(parts))


def test_passes_read_few_frames_at_a_time_and_leave_nothing_on_disk(
    encoder, guidance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    class CountingShot(MemoryShot):
        def sample(self, indices: Iterable[int]) -> Iterator[FrameArray]:
            asked.append(list(indices))
            return super().sample(asked[-1])

    asked: list[list[int]] = []
    monkeypatch.setattr(passes, "CHUNK", 2)
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))
    stylizer = Ruder("draft", PASSES, encoder)
    done: list[float] = []
    stylizer.prepare(guidance, CountingShot(panned(3)), done.append)
    assert asked[1:] == [[0, 1], [2]]
    assert (done == sorted(done), done[-1], len(done)) == (True, 1.0, 7)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    del stylizer
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("passes", [0, 1, 2])
@pytest.mark.parametrize("frame", [(16, 16, None), (HEIGHT, WIDTH, 0.0), (HEIGHT, WIDTH, 1.0)], ids=str)
@pytest.mark.parametrize("style", [(8, 8, None), (40, 40, 0.5)], ids=str)
def test_what_says_little_is_painted_without_a_warning(tmp_path, passes, frame, style):
    """Tiny and constant frames and styles, in a shot of one frame."""
    one, picture = (
        texture(height, width, 1) if flat is None else np.full((height, width, 3), flat, np.float32)
        for height, width, flat in (frame, style)
    )
    guidance = Guidance(styles=(Style(image=save(tmp_path / "style.png", picture)),))
    stylizer = Ruder("draft", RuderConfig(QUICK, passes=passes)) if passes else Gatys("draft", GatysConfig(QUICK))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (painted,) = repaint(stylizer, [one], guidance)
    assert painted.shape == one.shape
    assert np.isfinite(painted).all()
    assert painted.min() >= 0
    assert painted.max() <= 1


def test_a_named_style_needs_moments(encoder):
    guidance = Guidance(styles=(Style(name="van-gogh-irises"),))
    frames = panned(1)
    assert (
        len(
            repaint(
                Gatys("draft", GatysConfig(PaintingConfig(style_loss="moments", iterations=2)), encoder),
                frames,
                guidance,
            )
        )
        == 1
    )
    with pytest.raises(UnsupportedOption, match=r"van-gogh-irises.*'gram'.*picture"):
        repaint(Gatys("draft", GatysConfig(PaintingConfig(style_loss="gram")), encoder), frames, guidance)


def test_an_unknown_style_loss_is_refused(encoder, guidance):
    with pytest.raises(UnsupportedOption, match=r"'grams'.*gram, moments"):
        repaint(Gatys("draft", GatysConfig(PaintingConfig(style_loss="grams")), encoder), panned(1), guidance)
