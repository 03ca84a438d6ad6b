"""Where a flow can be trusted: visible in both frames and away from motion boundaries (Ruder 2016, section 4)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.motion.flow import Flow, pixel_grid


def consistent(flow: Flow, back: Flow) -> NDArray[np.bool_]:
    """Pixels of the first frame, bool [H, W], whose forward and backward flow agree and stay inside.

    `|f + b|^2 <= 0.01 (|f|^2 + |b|^2) + 0.5`, b taken where f points (Sundaram 2010, as in Ruder 2016, eq. 5).
    """
    height, width = flow.shape[:2]
    target = pixel_grid(height, width) + flow
    returned = cv2.remap(back, target, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = ((target >= 0) & (target <= (width - 1, height - 1))).all(-1)
    error = np.square(flow + returned).sum(-1)
    return inside & (error <= 0.01 * (np.square(flow).sum(-1) + np.square(returned).sum(-1)) + 0.5)


def motion_boundary(flow: Flow) -> NDArray[np.bool_]:
    """Pixels where the flow changes abruptly: `|grad u|^2 + |grad v|^2 > 0.01 |f|^2 + 0.002` (Ruder 2016, eq. 6)."""
    gradient = sum(np.square(np.gradient(flow[..., i], axis=axis)) for i in (0, 1) for axis in (0, 1))
    return gradient > 0.01 * np.square(flow).sum(-1) + 0.002


def reliability(flow: Flow, back: Flow) -> NDArray[np.float32]:
    """Weight of each pixel of the first frame in a temporal loss, float32 [H, W] in [0, 1].

    1 where the flow is `consistent` and no `motion_boundary`, else 0, with softened edges (Ruder 2016; the sigma as in
    the authors' program).
    """
    trusted = consistent(flow, back) & ~motion_boundary(flow)
    return cv2.GaussianBlur(trusted.astype(np.float32), (0, 0), 0.8)
