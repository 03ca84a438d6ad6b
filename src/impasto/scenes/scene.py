"""A world of flat layers under a moving camera: frames, and the exact truth about them.

Legend: H height, W width. Every layer is a plane, so depth, motion and occlusion follow from geometry alone and are
exact; nothing is estimated from pixels. Light is baked into the surfaces: a point keeps its colour as it moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np

from impasto.scenes.camera import Camera
from impasto.scenes.layer import NEAR, Layer, Places

SAMPLES = 2
"""Samples along each side of a pixel."""
BAND = 45
"""Rows of the frame that are drawn at a time: few enough for the processor's cache."""
Time = float | Fraction
"""Seconds from the start of the scene."""


@dataclass(frozen=True)
class Scene:
    size: tuple[int, int]
    """(height, width) of the frames in pixels."""
    seconds: Fraction
    fps: Fraction
    camera: Camera
    layers: tuple[Layer, ...]
    """From back to front. The first covers the whole frame at every time."""

    @property
    def times(self) -> list[Fraction]:
        """The time of each frame."""
        return [i / self.fps for i in range(int(self.seconds * self.fps))]

    @property
    def objects(self) -> dict[int, str]:
        """What each object id stands for: the name of its first layer."""
        return {layer.object_id: layer.name for layer in reversed(self.layers)}


class Rendered(NamedTuple):
    rgb: np.ndarray
    """float32 [H, W, 3] in [0, 1]."""
    depth: np.ndarray
    """float32 [H, W], metres along the optical axis. A reflection lies as deep as the mirror image that it is."""
    objects: np.ndarray
    """int32 [H, W], the id of the object at the centre of each pixel."""


def render(scene: Scene, t: Time) -> Rendered:
    """The frame at time `t` with its depth and objects."""
    t = float(t)
    front = _front(scene, t)
    ids = np.array([layer.object_id for layer in scene.layers], np.int32)
    return Rendered(picture(scene, t), front.depth, ids[front.layer])


def depth(scene: Scene, t: Time) -> np.ndarray:
    """The depth alone, as `Rendered` has it."""
    return _front(scene, float(t)).depth


def frames(scene: Scene) -> Iterator[Rendered]:
    """All frames in order."""
    return (render(scene, t) for t in scene.times)


def flow(scene: Scene, t0: Time, t1: Time) -> tuple[np.ndarray, np.ndarray]:
    """Exact optical flow from the frame at `t0` to that at `t1`; exchange the times for the backward flow.

    Returns:
        flow_HW2, float32: where the point at the centre of each pixel goes, `flow[y, x] = (dx, dy)` in pixels.
        occluded_HW, bool: the point is hidden, or out of the frame, at `t1`.
    """
    t0, t1 = float(t0), float(t1)
    h, w = scene.size
    y, x = np.mgrid[:h, :w].astype(np.float64)
    camera = scene.camera.matrix(t1, scene.size)
    front = _front(scene, t0)
    to_x, to_y, depth = np.zeros((3, h, w))
    for i in np.unique(front.layer):
        here = front.layer == i
        points = scene.layers[i].project(t1, camera, front.u[here], front.v[here])
        to_x[here], to_y[here], depth[here] = points
    hidden = (to_x < 0) | (to_x > w - 1) | (to_y < 0) | (to_y > h - 1) | (depth < NEAR)
    for i, layer in enumerate(scene.layers):
        behind = (front.layer < i) & ~hidden
        if behind.any():
            places = layer.look(t1, camera, to_x[behind], to_y[behind])
            if places is not None:
                hidden[behind] = _opaque(layer, places)
    return np.stack([to_x - x, to_y - y], -1).astype(np.float32), hidden


class _Front(NamedTuple):
    """What lies at the centre of each pixel: the layer's index, its own coordinates there, the depth; all [H, W]."""

    layer: np.ndarray
    u: np.ndarray
    v: np.ndarray
    depth: np.ndarray


def _front(scene: Scene, t: float) -> _Front:
    h, w = scene.size
    front = _Front(np.full((h, w), -1), np.zeros((h, w)), np.zeros((h, w)), np.zeros((h, w), np.float32))
    camera = scene.camera.matrix(t, scene.size)
    clear = np.ones((h, w), np.float32)
    for i, layer in reversed(list(enumerate(scene.layers))):
        at = _pixels(layer, t, camera, clear)
        if at is None:
            continue
        places = layer.look(t, camera, at[1].astype(np.float64), at[0].astype(np.float64))
        if places is None:
            continue
        seen = _opaque(layer, places) if i else np.ones(len(at[0]), bool)
        at = at[0][seen], at[1][seen]
        front.layer[at] = i
        clear[at] = 0
        for target, values in zip(front[1:], places[:3], strict=True):
            target[at] = values[seen]
    return front


def _pixels(layer: Layer, t: float, camera_34: np.ndarray, clear: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows and columns [N] of the pixels that the layer may touch and that are not yet covered; None for none.

    `clear` [H, W] is the share of light that still comes from behind.
    """
    box = layer.box(t, camera_34, clear.shape)
    if box is None:
        return None
    rows, cols = np.nonzero(clear[box] > 1 / 512)
    return (rows + box[0].start, cols + box[1].start) if len(rows) else None


def _opaque(layer: Layer, places: Places) -> np.ndarray:
    """Whether the layer covers the points, bool [N]."""
    return (places.depth > NEAR) & (layer.surface.alpha(places.u, places.v, places.du, places.dv) > 0.5)


def picture(scene: Scene, t: Time) -> np.ndarray:
    """The picture alone, float32 [H, W, 3], the mean of SAMPLES x SAMPLES samples a pixel."""
    t = float(t)
    camera = np.diag([SAMPLES, SAMPLES, 1]) @ scene.camera.matrix(t, scene.size)
    camera += (SAMPLES - 1) / 2 * np.outer([1, 1, 0], camera[2])  # pixel centres lie between the samples
    bands = [_band(scene, t, camera, top) for top in range(0, scene.size[0], BAND)]
    return np.clip(np.concatenate(bands), 0, 1)


def _band(scene: Scene, t: float, camera_34: np.ndarray, top: int) -> np.ndarray:
    """BAND rows of the picture from `top` on; `camera_34` projects to samples."""
    h, w = min(BAND, scene.size[0] - top) * SAMPLES, scene.size[1] * SAMPLES
    camera = camera_34 - top * SAMPLES * np.outer([0, 1, 0], camera_34[2])
    # Colour and cover so far, and the share of light that still comes from behind.
    canvas, clear = np.zeros((h * w, 4), np.float32), np.ones((h, w), np.float32)
    # From front to back, so that what is hidden costs nothing.
    for layer in reversed(scene.layers):
        at = _pixels(layer, t, camera, clear)
        if at is None:
            continue
        places = layer.look(t, camera, at[1].astype(np.float32), at[0].astype(np.float32))
        if places is None:
            continue
        rgba = layer.surface.sample(places.u, places.v, places.du, places.dv)
        rgba[places.depth <= NEAR] = 0
        flat = at[0] * w + at[1]
        here = canvas.take(flat, 0)
        rgba *= 1 - here[:, 3:]
        rgba += here
        canvas[flat] = rgba
        clear.reshape(-1)[flat] = 1 - rgba[:, 3]
    rgb = np.ascontiguousarray(canvas[:, :3]).reshape(h, w, 3)
    return cv2.resize(rgb, (w // SAMPLES, h // SAMPLES), interpolation=cv2.INTER_AREA)
