"""Pose by ViTPose (Xu 2022) in boxes of RT-DETR (Zhao 2024), published networks.

Legend: N people, K keypoints of COCO, J joints of ours.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from transformers import (
    RTDetrForObjectDetection,
    RTDetrImageProcessorPil,
    VitPoseForPoseEstimation,
    VitPoseImageProcessorPil,
)

from impasto.errors import ModelError
from impasto.perception.control.pictures import Figure, Frame
from impasto.scenes.world.people import JOINTS
from impasto.weights.pretrained import load_network, load_reader

PERSON = "person"
SURE_BOX, SURE_JOINT = 0.4, 0.3
"""Scores below which a box is of nobody, and a joint is not seen."""
FACE = (0, 1, 2, 3, 4)
COCO = {
    "left shoulder": 5, "right shoulder": 6, "left elbow": 7, "right elbow": 8, "left wrist": 9, "right wrist": 10,
    "left hip": 11, "right hip": 12, "left knee": 13, "right knee": 14, "left ankle": 15, "right ankle": 16,
}  # fmt: skip
"""Our joints among COCO's keypoints; the face has five of these, and there is none at the neck."""


class ViTPose:
    """The networks of two folders; raises `ModelError` where they cannot be read."""

    def __init__(self, pose: Path, detector: Path) -> None:
        self._pose = load_network(VitPoseForPoseEstimation, pose, torch.float32)
        self._crop = load_reader(VitPoseImageProcessorPil, pose)
        self._detector = load_network(RTDetrForObjectDetection, detector, torch.float32)
        self._fit = load_reader(RTDetrImageProcessorPil, detector)
        names = {name.lower(): number for number, name in self._detector.config.id2label.items()}
        if PERSON not in names:
            raise ModelError(f"The detector in {detector} knows no people; take one that was trained on COCO.")
        self._person = names[PERSON]

    @torch.no_grad()
    def __call__(self, frame: Frame) -> list[Figure]:
        """All people of a frame."""
        rgb = (255 * np.clip(frame, 0, 1)).round().astype(np.uint8)
        boxes_N4 = self._boxes(rgb)
        if not len(boxes_N4):
            return []
        inputs = self._crop(images=[rgb], boxes=[boxes_N4], return_tensors="pt")
        (people,) = self._crop.post_process_pose_estimation(self._pose(**inputs), boxes=[boxes_N4])
        return [figure_of(one["keypoints"].numpy(), one["scores"].numpy()) for one in people]

    def _boxes(self, rgb: np.ndarray) -> np.ndarray:
        """(left, top, width, height) of people."""
        found = self._detector(**self._fit(images=[rgb], return_tensors="pt"))
        (seen,) = self._fit.post_process_object_detection(found, threshold=SURE_BOX, target_sizes=[rgb.shape[:2]])
        corners_N4 = seen["boxes"][seen["labels"] == self._person].numpy()
        return np.concatenate([corners_N4[:, :2], corners_N4[:, 2:] - corners_N4[:, :2]], 1)


def figure_of(keypoints_K2: np.ndarray, scores_K: np.ndarray) -> Figure:
    """Keypoints of COCO as joints of ours: the head is in the middle of the face, the neck between the shoulders."""
    seen_K = scores_K >= SURE_JOINT
    joints, visible = [], []
    for name in JOINTS:
        parts: Sequence[int] = {"head": [n for n in FACE if seen_K[n]], "neck": [5, 6]}.get(name) or [COCO.get(name, 0)]
        joints.append(keypoints_K2[list(parts)].mean(0))
        visible.append(bool(seen_K[list(parts)].all()))
    return Figure(np.stack(joints), np.array(visible))


vitpose = cache(ViTPose)
"""One for each pair of folders."""
