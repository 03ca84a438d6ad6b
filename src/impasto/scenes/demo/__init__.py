"""The clip that the project renders itself: a harbour village late in the afternoon.

The camera glides along the bank and a little forwards; a boat sails past the lighthouse, gulls cross, a cyclist
passes behind a fence, grass sways in front.
"""

from fractions import Fraction

import numpy as np

from impasto.scenes.camera import Camera, Vector, glide
from impasto.scenes.demo.backdrop import hills, mountains, sky
from impasto.scenes.demo.cyclist import cyclist, rider_shadow
from impasto.scenes.demo.harbour import gull, lighthouse, moored_boat, sailing_boat
from impasto.scenes.demo.shore import HEIGHT, PATH_DEPTH, bank_edge, fence, grass, ground, tree
from impasto.scenes.demo.village import village
from impasto.scenes.demo.water import mirrored, water
from impasto.scenes.scene import SAMPLES, Scene

FOCAL = 1.15
EYE = -5.0
"""World y of the camera; the water is at 0."""
TREE_X = -4.3


def demo_scene(width: int = 640, seconds: Fraction | int = 6, fps: Fraction | int = 24, seed: int = 7) -> Scene:
    """The harbour, 16:9, `width` pixels wide; any length: what moves goes on moving."""
    rng = np.random.default_rng(seed)
    size = (round(width * 9 / 16), width)

    def density(z: float) -> float:
        return SAMPLES * FOCAL * width / z

    far = [*mountains(rng, density), *hills(rng, density)]
    town = village(rng, density)
    tower = lighthouse(rng, density)
    boats = [
        moored_boat(rng, density, 12.0, 120.0, "5f8791", 8.0),
        moored_boat(rng, density, 33.0, 104.0, "b9574a", 7.5),
        sailing_boat(rng, density),
        moored_boat(rng, density, 15.5, 58.0, "3f6f8c", 6.5),
    ]
    afloat = []
    for boat, depth in zip(boats, (120.0, 104.0, 74.0, 58.0), strict=True):
        tall = 14.0 if boat.name == "sailing boat" else 4.5
        afloat += [mirrored(boat, rng, depth, 0.8, 0.0035 * depth, tall), boat]
    layers = [
        sky(rng, density),
        water(rng),
        *(
            mirrored(layer, rng, z, 0.55, 0.006 * z, 0.12 * z)
            for layer, z in zip(far, (3000, 1900, 950, 620, 420), strict=True)
        ),
        *far,
        *(mirrored(layer, rng, z, 0.75, 0.0035 * z, 26) for layer, z in zip(town, (236, 214, 196), strict=True)),
        *town,
        mirrored(tower, rng, 138, 0.8, 0.0035 * 138, 22),
        tower,
        *afloat,
        *gull(density, (-13, -11.2, 42), (3.1, -0.12, 0.4), 0.0),
        *gull(density, (-17, -12.8, 50), (3.3, 0.05, 0.2), 1.7),
        *gull(density, (12, -10.4, 36), (-2.2, -0.1, 0.5), 3.1),
        *gull(density, (-7, -14.6, 62), (2.7, -0.1, -0.3), 4.4),
        bank_edge(rng, density),
        ground(rng, density, TREE_X),
        rider_shadow(density, -11.5, 3.9, HEIGHT, PATH_DEPTH),
        *cyclist(density, -11.5, 3.9, HEIGHT + 0.03, PATH_DEPTH),
        fence(rng, density),
        *tree(rng, density, TREE_X),
        grass(rng, density, 9.4, 0.42, 900, 40),
        grass(rng, density, 7.6, 0.5, 800, 46),
    ]
    camera = Camera(FOCAL, 0.47, glide((-0.6, EYE, 0.0), (1.3, EYE + 0.15, 1.1), 6.0, 0.6), _breath)
    return Scene(size, Fraction(seconds), Fraction(fps), camera, tuple(layers))


def _breath(t: float) -> Vector:
    """A slow turn with the faint unrest of a hand that holds a camera."""
    return (0.012 * np.sin(0.45 * t), 0.0016 * np.sin(0.8 * t + 1), 0.0012 * np.sin(0.6 * t))
