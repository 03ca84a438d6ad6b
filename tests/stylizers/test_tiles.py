"""Large frames: what is painted in tiles, or layer by layer, is what the network makes of the whole frame."""

import numpy as np
import pytest
import torch

from impasto.stylizers.feedforward import johnson
from impasto.stylizers.feedforward.bands import BAND, banded_engine
from impasto.stylizers.feedforward.engine import engine, fold, torch_engine
from impasto.stylizers.feedforward.margins import Engine, eager_engine
from impasto.stylizers.feedforward.needs import feedforward_needs
from impasto.stylizers.feedforward.network import MULTIPLE, reach
from impasto.stylizers.feedforward.tiles import LARGEST, Cut, Tiling, in_tiles, tiling
from impasto.stylizers.feedforward.weights import embedded_predictor
from tests.stylizers.test_learned import NO_COLORS, johnson_net, swift_net

REACH = reach(swift_net().config)


def frame(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).random((height, width, 3)).astype(np.float32)


def batch(source: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(source).permute(2, 0, 1)[None]


def painted_in_tiles(source: np.ndarray, grid: tuple[int, int], reach: int = REACH) -> tuple[np.ndarray, np.ndarray]:
    """By swift's network in float32: in (rows, columns) tiles, and whole."""
    net = swift_net()
    whole = torch_engine(fold(net.parameters, net.config, batch(source), *NO_COLORS))
    (height, width), (rows, columns) = source.shape[:2], grid
    tiles = Tiling(Cut(height, rows, reach, MULTIPLE), Cut(width, columns, reach, MULTIPLE))

    def painter(height: int, width: int) -> Engine:
        assert (width, height) == tiles.size
        return whole

    return in_tiles(painter, tiles)(source), whole(source)


@pytest.mark.parametrize("size", [(301, 423), (256, 512), (277, 333)])
@pytest.mark.parametrize("grid", [(1, 2), (2, 1), (2, 3)])
def test_tiles_together_are_the_frame_painted_whole(size: tuple[int, int], grid: tuple[int, int]):
    tiled, whole = painted_in_tiles(frame(*size), grid)
    assert whole.std() > 0.1
    np.testing.assert_allclose(tiled, whole, atol=1e-5)


def test_tiles_that_overlap_by_less_than_twice_the_reach_show_a_seam():
    tiled, whole = painted_in_tiles(frame(256, 320), (2, 2), REACH - MULTIPLE)
    assert np.abs(tiled - whole).max() > 1e-4


@pytest.mark.parametrize("size", [(3840, 2160), (7680, 4320), (4096, 2161), (2561, 1441), (20000, 300), (1920, 1080)])
def test_tiles_cover_every_pixel_once_and_keep_away_from_their_own_edges(size: tuple[int, int]):
    tiles = tiling(*size, reach=88, multiple=8)
    assert tiles.pixels <= LARGEST
    for cut, side in zip((tiles.columns, tiles.rows), size, strict=True):
        seen = np.zeros(side, int)
        for part in cut.parts:
            seen[part.kept] += 1
            assert part.seen.stop - part.seen.start == cut.length
            assert (part.kept.start - part.seen.start, part.kept.stop - part.seen.start) == (
                part.inside.start,
                part.inside.stop,
            )
            assert part.seen.start == 0 or (part.inside.start >= 88 and part.seen.start % 8 == 0)
            assert part.seen.stop == side or cut.length - part.inside.stop >= 88
        assert (seen == 1).all()


def test_a_frame_of_usual_size_is_no_tile():
    assert tiling(1920, 1080, reach=88, multiple=8).count == 1
    assert tiling(3840, 2160, reach=88, multiple=8).count == 4


@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("size", [(37, 53), (101, 77), (3 * BAND, 64)])
def test_bands_together_are_johnsons_network_on_the_whole_frame(norm: str, size: tuple[int, int]):
    net, source = johnson_net(norm), frame(*size)
    eager = johnson.Eager(net.parameters, net.config)
    whole = eager_engine(lambda x: johnson.wire(eager, x, net.config))(source)
    assert whole.std() > 0.1
    np.testing.assert_allclose(banded_engine(net.parameters, net.config)(source), whole, atol=1e-5)


def test_statistics_are_those_of_the_whole_frame_and_not_of_a_band():
    net, source = johnson_net(), frame(3 * BAND, 64)
    alone = banded_engine(net.parameters, net.config)(source[:BAND])
    assert np.abs(banded_engine(net.parameters, net.config)(source)[: BAND // 2] - alone[: BAND // 2]).max() > 1e-3


def test_a_large_frame_of_swift_is_what_its_network_makes_of_it():
    net, source = swift_net(), frame(1301, 2003)
    painted = net.engine(batch(source[:64, :64]), NO_COLORS, 1301, 2003)(source)
    whole = engine(fold(net.parameters, net.config, batch(source[:64, :64]), *NO_COLORS), 1301, 2003)(source)
    np.testing.assert_allclose(painted, whole, atol=1 / 255)


def test_a_large_frame_of_johnson_is_what_its_network_makes_of_it():
    net, source = johnson_net(), frame(1301, 2003)
    graph = johnson.JohnsonGraph(net.parameters, net.config)
    whole = graph.compile(lambda x: johnson.wire(graph, x, net.config), 1301, 2003)(source)
    # That one is in bfloat16 where the processor has it.
    assert np.abs(net.engine(batch(source[:64, :64]), NO_COLORS, 1301, 2003)(source) - whole).mean() < 0.02


def test_what_is_planned_for_a_large_frame_is_what_happens():
    config = embedded_predictor().config.network
    tiles = tiling(3840, 2160, reach(config), MULTIPLE)
    (line,) = feedforward_needs("swift", (3840, 2160)).lines
    assert f"{tiles.count} tiles of {tiles.size[0]}x{tiles.size[1]}" in line
    (line,) = feedforward_needs("johnson", (3840, 2160)).lines
    assert "layer by layer" in line
    for network in ("swift", "johnson"):
        usual = feedforward_needs(network, (640, 360))
        assert not usual.lines
        assert 0 < usual.memory_bytes < feedforward_needs(network, (3840, 2160)).memory_bytes
