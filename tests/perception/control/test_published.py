"""The published estimators from folders of tiny random networks of the same classes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    DPTImageProcessorPil,
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrImageProcessorPil,
    RTDetrResNetConfig,
    VitPoseBackboneConfig,
    VitPoseConfig,
    VitPoseForPoseEstimation,
    VitPoseImageProcessorPil,
)

from impasto.errors import ModelError
from impasto.perception.control.depthanything import DepthAnything
from impasto.perception.control.vitpose import COCO, ViTPose, figure_of
from impasto.scenes.world.people import JOINTS

FRAME = np.random.default_rng(0).random((48, 64, 3), np.float32)


def save_depth(place: Path) -> None:
    torch.manual_seed(0)
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        patch_size=14,
        image_size=56,
        reshape_hidden_states=False,
        out_indices=[1, 2, 3, 4],
        apply_layernorm=True,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=4,
        patch_size=14,
    )
    DepthAnythingForDepthEstimation(config).save_pretrained(place)
    size = {"height": 56, "width": 56}
    DPTImageProcessorPil(size=size, keep_aspect_ratio=True, ensure_multiple_of=14).save_pretrained(place)


def save_pose(place: Path) -> None:
    torch.manual_seed(0)
    backbone = VitPoseBackboneConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=[32, 24],
        patch_size=[8, 8],
        out_indices=[2],
        num_experts=1,
        part_features=4,
    )
    names = {number: str(number) for number in range(17)}
    config = VitPoseConfig(backbone_config=backbone, id2label=names, use_simple_decoder=True)
    VitPoseForPoseEstimation(config).save_pretrained(place)
    VitPoseImageProcessorPil(size={"height": 32, "width": 24}).save_pretrained(place)


def save_detector(place: Path, names: dict[int, str]) -> None:
    torch.manual_seed(0)
    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 8, 8],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    config = RTDetrConfig(
        backbone_config=backbone,
        encoder_hidden_dim=16,
        encoder_in_channels=[8, 8, 8],
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        d_model=16,
        num_queries=6,
        decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=16,
        decoder_layers=1,
        decoder_attention_heads=2,
        encoder_layers=1,
        id2label=names,
        hidden_expansion=1.0,
    )
    RTDetrForObjectDetection(config).save_pretrained(place)
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(place)


def test_depth_has_the_frames_size_and_hangs_on_what_is_shown(tmp_path: Path):
    save_depth(tmp_path)
    estimate = DepthAnything(tmp_path)
    found = estimate(FRAME)
    assert found.shape == FRAME.shape[:2]
    assert np.isfinite(found).all()
    assert not np.allclose(found, estimate(FRAME[::-1]))


def test_people_are_looked_for_in_the_boxes_of_the_detector(tmp_path: Path, monkeypatch):
    save_pose(tmp_path / "pose")
    save_detector(tmp_path / "detector", {0: "person", 1: "bicycle"})
    # Random networks are sure of little.
    monkeypatch.setattr("impasto.perception.control.vitpose.SURE_BOX", 0.0)
    estimate = ViTPose(tmp_path / "pose", tmp_path / "detector")
    people = estimate(FRAME)
    assert people
    assert all(one.joints.shape == (len(JOINTS), 2) and one.visible.shape == (len(JOINTS),) for one in people)
    monkeypatch.setattr("impasto.perception.control.vitpose.SURE_BOX", 1.0)
    assert estimate(FRAME) == []


def test_keypoints_of_coco_become_our_joints():
    keypoints, scores = np.arange(34, dtype=np.float32).reshape(17, 2), np.full(17, 0.9)
    scores[[1, 2, 3, 4, 15]] = 0.1
    figure = figure_of(keypoints, scores)
    at = {name: figure.joints[number] for number, name in enumerate(JOINTS)}
    seen = dict(zip(JOINTS, figure.visible.tolist(), strict=True))
    for name, number in COCO.items():
        np.testing.assert_array_equal(at[name], keypoints[number])
    np.testing.assert_array_equal(at["neck"], (keypoints[5] + keypoints[6]) / 2)
    np.testing.assert_array_equal(at["head"], keypoints[0])  # of the face only the nose is seen
    assert not seen["left ankle"]
    assert seen["right ankle"]
    assert seen["head"]
    scores[0] = 0.1
    assert not dict(zip(JOINTS, figure_of(keypoints, scores).visible.tolist(), strict=True))["head"]


def test_what_cannot_be_read_or_knows_no_people_is_said_in_a_sentence(tmp_path: Path):
    with pytest.raises(ModelError, match="There is no model in"):
        DepthAnything(tmp_path)
    save_depth(tmp_path / "depth")
    (tmp_path / "depth" / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be read"):
        DepthAnything(tmp_path / "depth")
    save_pose(tmp_path / "pose")
    save_detector(tmp_path / "detector", {0: "cat", 1: "bicycle"})
    with pytest.raises(ModelError, match="knows no people"):
        ViTPose(tmp_path / "pose", tmp_path / "detector")
