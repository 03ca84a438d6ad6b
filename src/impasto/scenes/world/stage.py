"""The space of a scene: eye, ground and the sheets behind, so that everything fills the frame wherever the camera goes.

World: metres, the eye at the origin, y down. What stands, stands on the ground, `Stage.depth` away or less.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from impasto.scenes.camera import Camera, Vector, glide
from impasto.scenes.layer import Layer, Pose
from impasto.scenes.noise import Plane, fractal
from impasto.scenes.scene import SAMPLES
from impasto.scenes.texture import Texture
from impasto.scenes.world.colours import Light
from impasto.scenes.world.description import CameraMotion
from impasto.scenes.world.sheet import Sheet

FOCAL = 1.1
BACK = 26.0
"""Depth of the sky, and of the ground's far edge, metres."""
_STANDING = 8.0
"""Depth whose ground lies at `Stage.foot`, metres."""
_YAW, _PITCH, _STEP, _DOLLY = 0.075, 0.055, 0.3, 1.7
"""How far the camera turns to either side, radians, and how far it goes, metres."""
_ENDS: dict[CameraMotion, tuple[Vector, Vector]] = {
    "still": ((0, 0, 0), (0, 0, 0)),
    "pans left": ((1, 0, 0), (-1, 0, 0)),
    "pans right": ((-1, 0, 0), (1, 0, 0)),
    "tilts up": ((0, -1, 0), (0, 1, 0)),
    "tilts down": ((0, 1, 0), (0, -1, 0)),
    "zooms in": ((0, 0, 0), (0, 0, 1)),
    "zooms out": ((0, 0, 1), (0, 0, 0)),
}
"""Where the camera begins and ends: to the right, upwards, onwards, as shares of those."""
_BELOW = 1.32
"""Share of the picture's height down to which the ground is painted."""


@dataclass(frozen=True)
class Stage:
    size: tuple[int, int]
    light: Light
    rng: np.random.Generator
    horizon: float = 0.4
    foot: float = 0.84
    """Where the horizon lies, and where things stand: shares of the picture's height from the top."""

    @property
    def eye(self) -> float:
        """World y of the ground: how high the eye is above it."""
        return (self.foot - self.horizon) * self.size[0] / (FOCAL * self.size[1]) * _STANDING

    def density(self, z: float) -> float:
        """Texels a metre that a thing at this depth needs."""
        return SAMPLES * FOCAL * self.size[1] / z

    def metres(self, pixels: float, z: float) -> float:
        """The length of some pixels at a depth."""
        return pixels * z / (FOCAL * self.size[1])

    def height(self, share: float, z: float) -> float:
        """World y of what is seen at a share of the picture's height, from the top, at a depth."""
        return self.metres((share - self.horizon) * self.size[0], z)

    def sheet(self, z: float, fineness: float = 1.0) -> Sheet:
        """An upright sheet as wide as ever seen at a depth, from above the picture to below the ground; y = 0 is level
        with the eye."""
        half, edge = 0.56 * z + 0.6, self.metres(0.0035 * self.size[1], z)
        box = (-half, self.height(0, z) - 0.09 * z, half, self.eye + 0.6)
        return Sheet(box, fineness * self.density(z), edge, self.rng)

    def camera(self, motion: CameraMotion, seconds: float) -> Camera:
        """The camera that makes a motion once during the clip."""
        ends = _ENDS[motion]
        turn = [(across * _YAW, up * _PITCH, 0.0) for across, up, _ in ends]
        # Closer means lower too, so that the feet stay in the picture.
        path = [(across * _STEP, on * _DOLLY / _STANDING * self.eye, on * _DOLLY) for across, _, on in ends]
        return Camera(FOCAL, self.horizon, glide(path[0], path[1], seconds, 0.4), glide(turn[0], turn[1], seconds, 0.4))


class Ground:
    """The level ground, painted as it is seen from the eye: fine where it is near, coarse where it is far.

    Its plane's coordinates are metres: u = x, v = z. `rgb` [H, W, 3] and `alpha` [H, W] are painted before it is laid
    out; `x` and `z` [H, W] are the places of its texels.
    """

    def __init__(self, stage: Stage, far: float = BACK, near: float = 0.0) -> None:
        """From `far` to `near`, metres, or to below the picture."""
        self._stage, self._scale = stage, stage.density(1.0)
        bottom = SAMPLES * (_BELOW - stage.horizon) * stage.size[0]
        rows = np.arange(self._row(far), min(self._row(max(near, 0.1)), bottom))
        columns = np.arange(-0.72, 0.72, 1 / (SAMPLES * stage.size[1])) * SAMPLES * stage.size[1]
        self._top, self._left = float(rows[0]), float(columns[0])
        self.z = (self._scale * stage.eye / rows)[:, None] * np.ones_like(columns)
        self.x = columns * self.z / self._scale
        self.rgb = np.ones((*self.z.shape, 3), np.float32)
        self.alpha = np.ones(self.z.shape, np.float32)

    def noise(self, wide: float, deep: float, octaves: int = 4) -> Plane:
        """Noise that lies on the ground, with blobs of so many metres; it fades where they are too far to be seen."""
        tile = fractal(self._stage.rng, (256, 256), 32, octaves, 0.6)
        places = [(32 / cell * at).astype(np.float32) for cell, at in ((wide, self.x), (deep, self.z))]
        seen = np.minimum(1, 0.35 * deep * self._scale * self._stage.eye / self.z**2)
        return cv2.remap(tile, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT) * seen.astype(np.float32)

    def layer(self, name: str, object_id: int) -> Layer:
        """The painted ground in the world."""
        shade = self._stage.light
        haze = shade.haze * np.clip((self.z - 5) / BACK, 0, 1)[..., None]
        rgb = self.rgb * shade.tint * (1 - haze) + shade.air() * haze
        texture = Texture(np.dstack([np.clip(rgb, 0, 1), self.alpha]).astype(np.float32))
        pose = Pose(np.array([0, self._stage.eye, 0]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
        extent = (float(self.x.min()), float(self.z.min()), float(self.x.max()), float(self.z.max()))
        surface = _Foreshortened(texture, extent, self._scale, self._scale * self._stage.eye, self._left, self._top)
        return Layer(name, object_id, surface, lambda _: pose)

    def _row(self, z: float) -> float:
        return self._scale * self._stage.eye / z


@dataclass(frozen=True)
class _Foreshortened:
    """A surface on the ground whose texture is a view of it: texel (x, y) shows u = x v / scale, v = depth / y."""

    texture: Texture
    extent: tuple[float, float, float, float]
    scale: float
    depth: float
    left: float
    top: float

    def sample(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        return self.texture.sample(*self._texels(u, v), 1.0, 1.0)

    def alpha(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        return self.texture.alpha(*self._texels(u, v), 1.0, 1.0)

    def _texels(self, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        near = np.maximum(v, 0.1)
        return self.scale * u / near - self.left, self.depth / near - self.top
