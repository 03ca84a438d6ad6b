"""VGG-19's first convolutions with random weights, from files of both layouts, against torch's layers one by one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from impasto.errors import ModelError
from impasto.evaluation.metrics.hub import vgg
from impasto.evaluation.metrics.metric import Look, Reference
from tests.evaluation.metrics.hub.nets import IMAGENET_SCALE, prepared, shrunk
from tests.evaluation.metrics.toys import noisy, texture

CFSD, CFSD_CAFFE = vgg.METRICS
SIDE = 32
FRAME = texture(0, (40, 60))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sixteenth of the side that the protocol says."""
    monkeypatch.setattr(vgg, "SIDE", SIDE)


def trunk() -> nn.Sequential:
    """torchvision's layers up to relu3_1, of few channels."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 8, 3, padding=1), nn.ReLU()),
    )


def save_torchvision(weights: Path, net: nn.Sequential) -> None:
    (weights / "vgg19.tv_in1k").mkdir(parents=True)
    state = {f"features.{name}": tensor for name, tensor in net.state_dict().items()}
    save_file(state | {"head.fc.bias": torch.zeros(3)}, weights / "vgg19.tv_in1k" / "model.safetensors")


@torch.no_grad()
def test_torchvision_sees_what_its_layers_see(weights):
    net = trunk()
    save_torchvision(weights, net)
    expected = net(prepared(shrunk(FRAME, (SIDE, SIDE), Image.Resampling.BICUBIC), IMAGENET_SCALE))
    seen = vgg.torchvision_vgg(weights / "vgg19.tv_in1k" / "model.safetensors").relu3_1(FRAME)
    assert seen.shape == (1, 8, SIDE // 4, SIDE // 4)
    torch.testing.assert_close(seen, expected, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_caffe_sees_blue_first_in_255_steps(weights):
    net = trunk()
    names = {"0": "conv1_1", "2": "conv1_2", "5": "conv2_1", "7": "conv2_2", "10": "conv3_1"}
    path = weights.parent / "assets" / vgg.CAFFE
    path.parent.mkdir(parents=True)
    state = {key: tensor.half() for key, tensor in net.state_dict().items()}
    save_file({key.replace(key.split(".")[0], names[key.split(".")[0]], 1): t for key, t in state.items()}, path)
    net.load_state_dict(state)
    picture = shrunk(FRAME, (SIDE, SIDE), Image.Resampling.BICUBIC)[..., ::-1] * 255 - (103.939, 116.779, 123.68)
    expected = net(torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))) / 57.6
    torch.testing.assert_close(vgg.caffe_vgg(path).relu3_1(FRAME), expected, atol=1e-4, rtol=1e-4)
    assert CFSD_CAFFE.check_weights() == path
    measure = CFSD_CAFFE.begin(Reference())
    assert measure(Look(FRAME, FRAME)) == 0
    assert 0 < measure(Look(noisy(FRAME, 0.05), FRAME)) < measure(Look(noisy(FRAME, 0.3), FRAME))


def test_names_the_layers_that_a_file_lacks(weights):
    net = trunk()
    del net[10]
    save_torchvision(weights, net)
    with pytest.raises(ModelError, match=r"2 tensors are missing .*: features.10.bias, features.10.weight;"):
        CFSD.begin(Reference())


def test_names_the_data_folder_where_the_file_is_missing():
    with pytest.raises(ModelError, match="IMPASTO_ASSETS"):
        CFSD_CAFFE.check_weights()
