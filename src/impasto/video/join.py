"""The packets of many segments as those of one stream."""

import heapq
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet

from impasto.video.containers import file_url


def joined_packets(segments: list[Path], base: Fraction, shift: Fraction) -> Iterator[Packet]:
    """Packets of closed segments in decoding order, in units of `base`, all times moved by `shift` seconds.

    Decoding times are made anew: each segment's own would overlap with those of its neighbours. They are the sorted
    presentation times, delayed by as many frames as the codec reorders.
    """
    waiting: list[int] = []
    lead: list[int] | None = None
    for segment in segments:
        with av.open(file_url(segment)) as container:
            stream = container.streams.video[0]
            for packet in container.demux(stream):
                if packet.pts is None:
                    continue
                _rescale(packet, base, shift)
                if lead is None:
                    delay, step = stream.codec_context.reorder_depth, max(1, packet.duration or 1)
                    lead = [packet.pts - step * early for early in range(1, delay + 1)]
                heapq.heappush(waiting, packet.pts)
                packet.dts = lead.pop() if lead else heapq.heappop(waiting)
                yield packet


def _rescale(packet: Packet, base: Fraction, shift: Fraction) -> None:
    scale = Fraction(packet.time_base) / base
    packet.pts = round((packet.pts or 0) * scale + shift / base)
    packet.duration = round((packet.duration or 0) * scale)
    packet.time_base = base
