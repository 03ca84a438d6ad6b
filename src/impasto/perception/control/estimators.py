"""What estimates control pictures of real clips: offline, or by published networks."""

from impasto.perception.control.depthnano import embedded_depth_nano
from impasto.perception.control.pictures import ControlKind, DepthPictures, Estimator, PosePictures
from impasto.perception.control.published import DEPTH_ANYTHING, DETECTOR, VITPOSE
from impasto.weights.hub import fetched


def nano_estimator(kind: ControlKind) -> Estimator:
    """Depth by our own network; raises `ModelError` where files are missing.

    For pose it is `published_estimator`: no network of ours knows people in real clips.
    """
    return DepthPictures(embedded_depth_nano()) if kind == "depth" else published_estimator(kind)


def published_estimator(kind: ControlKind) -> Estimator:
    """Raises `ModelError` where files are missing and may not or cannot be fetched."""
    # Their library takes seconds to load.
    if kind == "depth":
        from impasto.perception.control.depthanything import depth_anything

        return DepthPictures(depth_anything(fetched(DEPTH_ANYTHING)))
    from impasto.perception.control.vitpose import vitpose

    return PosePictures(vitpose(fetched(VITPOSE), fetched(DETECTOR)))
