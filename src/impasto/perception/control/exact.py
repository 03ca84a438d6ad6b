"""Control pictures of a rendered scene, of which everything is known.

Legend: T frames, H height, W width.
"""

import numpy as np

from impasto.perception.control.pictures import ControlKind, Figure, depth_picture, depth_range, pose_picture
from impasto.scenes.scene import depth
from impasto.scenes.world.world import World


def world_pictures(world: World, kind: ControlKind) -> np.ndarray:
    """All frames of a scene, uint8 [T, H, W, 3]."""
    if kind == "pose":
        return np.stack([pose_picture(figures(world, float(time)), world.size) for time in world.times])
    inverses = [1 / depth(world, time) for time in world.times]
    between = depth_range(inverses)
    return np.stack([depth_picture(inverse, between) for inverse in inverses])


def figures(world: World, time: float) -> list[Figure]:
    """The people of a scene at a time."""
    return [Figure(pose.joints, pose.visible) for pose in world.pose(time)]
