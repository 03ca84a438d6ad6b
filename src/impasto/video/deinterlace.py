"""Interlaced frames made progressive, one for one."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.error import BlockingIOError, EOFError
from av.filter import Graph
from av.video.frame import VideoFrame


def deinterlace(frames: Iterable[VideoFrame], time_base: Fraction) -> Iterator[VideoFrame]:
    """Yield as many frames as come in, in order; those that are not flagged as interlaced pass unchanged.

    The filter starts at the first interlaced frame, so that a progressive stream pays nothing.
    """
    graph: Graph | None = None
    built_for: tuple[int, int, str] | None = None
    for frame in frames:
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        shape = (frame.width, frame.height, frame.format.name)
        if graph is None or shape != built_for:
            if graph is not None:
                yield from _finish(graph, time_base)
            graph, built_for = _graph(frame, time_base), shape
        graph.vpush(frame)
        yield from _ready(graph, time_base)
    if graph is not None:
        yield from _finish(graph, time_base)


def _graph(frame: VideoFrame, time_base: Fraction) -> Graph:
    graph = Graph()
    graph.threads = 1
    graph.link_nodes(
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=time_base),
        graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()
    return graph


def _ready(graph: Graph, time_base: Fraction) -> Iterator[VideoFrame]:
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        # The filter counts in halves of ticks.
        ticks = Fraction(frame.time_base or time_base) / time_base
        frame.pts = None if frame.pts is None else round(frame.pts * ticks)
        frame.duration = round(frame.duration * ticks)
        frame.time_base = time_base
        yield frame


def _finish(graph: Graph, time_base: Fraction) -> Iterator[VideoFrame]:
    graph.vpush(None)
    yield from _ready(graph, time_base)
