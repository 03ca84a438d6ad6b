"""CFSD with VGG-19: by torchvision's weights, as StyleID measures it, and by the original ones of the data folder.

Legend: C channels, H height, W width.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.assets import asset
from impasto.evaluation.metrics.cfsd import DEFINITION, UNEVEN, cfsd
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.hub.loading import tensors
from impasto.evaluation.metrics.hub.models import VGG19
from impasto.evaluation.metrics.hub.views import IMAGENET_DEVIATION, IMAGENET_MEAN, normalised, resized
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.protocol import EVERY_PAIR, MetricProtocol
from impasto.weights.hub import folder

SIDE = 512
CAFFE = "nets/vgg19_to_relu3_4.fp16.safetensors"
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
CAFFE_SCALE = 57.6
"""Of its input, 255, times the deviation 0.226 that torchvision's input is divided by."""
CONVOLUTIONS = ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1))
"""Block and number in it; blocks are parted by pooling."""
_TORCHVISION = {(1, 1): 0, (1, 2): 2, (2, 1): 5, (2, 2): 7, (3, 1): 10}

_RESIZE = f"the whole frame made {SIDE}x{SIDE}, whatever its shape, bicubic with antialiasing"
_TRAP = f"a sum over 128x128 places, which grows with the size; {UNEVEN}"
CFSD = MetricProtocol(
    name="CFSD",
    better="lower",
    definition=DEFINITION,
    extractor="VGG-19 relu3_1, torchvision's weights (timm/vgg19.tv_in1k)",
    resize=_RESIZE,
    frames=EVERY_PAIR,
    trap=f"{_TRAP}; StyleID's pictures are square to begin with",
)
CFSD_CAFFE = MetricProtocol(
    name="CFSD (Caffe)",
    better="lower",
    definition=DEFINITION,
    extractor=f"VGG-19 relu3_1, the original weights (Simonyan 2015), features over {CAFFE_SCALE}",
    resize=_RESIZE,
    frames=EVERY_PAIR,
    trap=f"{_TRAP}; StyleID takes torchvision's weights, which were trained anew: compare this number with itself only",
)


class Vgg19:
    """VGG-19 from the pixels to relu3_1.

    Args:
        state: `weight` and `bias` of each convolution, under "block.number.".
    """

    def __init__(self, state: Mapping[str, Tensor], scaled: Callable[[Tensor], Tensor], scale: float = 1) -> None:
        self._state, self._scaled, self._scale = state, scaled, scale

    @torch.no_grad()
    def relu3_1(self, frame: Frame) -> Tensor:
        """[1, 256, 128, 128]; raises `InputError` where the frame is no picture."""
        x = self._scaled(resized(frame, (SIDE, SIDE), "bicubic"))
        for block, number in CONVOLUTIONS:
            if number == 1 and block > 1:
                x = F.max_pool2d(x, 2)
            weight, bias = (self._state[f"{block}.{number}.{kind}"] for kind in ("weight", "bias"))
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
        return x / self._scale


def _state(path: Path, named: Callable[[tuple[int, int]], str]) -> dict[str, Tensor]:
    """The convolutions of a file, where `named` gives the name of one; raises `ModelError` where some are missing."""
    names = {f"{c[0]}.{c[1]}.{kind}": f"{named(c)}.{kind}" for c in CONVOLUTIONS for kind in ("weight", "bias")}
    read = tensors(path, names.values())
    return {ours: read[there] for ours, there in names.items()}


@cache
def torchvision_vgg(path: Path) -> Vgg19:
    """From timm's file; raises `ModelError` where it is of another layout."""
    state = _state(path, lambda convolution: f"features.{_TORCHVISION[convolution]}")
    return Vgg19(state, lambda picture: normalised(picture, IMAGENET_MEAN, IMAGENET_DEVIATION))


@cache
def caffe_vgg(path: Path) -> Vgg19:
    """From the data folder's file; raises `ModelError` where it is of another layout."""
    state = _state(path, lambda convolution: "conv{}_{}".format(*convolution))
    return Vgg19(state, lambda picture: normalised(picture.flip(1) * 255, CAFFE_MEAN_BGR, (1, 1, 1)), CAFFE_SCALE)


def _begin(load: Callable[[], Vgg19]) -> Callable[[Reference], Callable[[Look], float]]:
    def begin(_: Reference) -> Callable[[Look], float]:
        see = load().relu3_1
        return lambda look: cfsd(look.in_source(see), look.in_output(see)).item()

    return begin


METRICS = (
    FrameMetric(
        key="cfsd",
        protocol=CFSD,
        by_name_only=True,
        needs=frozenset({"source"}),
        check_weights=lambda: folder(VGG19),
        begin=_begin(lambda: torchvision_vgg(folder(VGG19) / VGG19.files[0].name)),
    ),
    FrameMetric(
        key="cfsd-caffe",
        protocol=CFSD_CAFFE,
        by_name_only=True,
        needs=frozenset({"source"}),
        check_weights=lambda: asset(CAFFE),
        begin=_begin(lambda: caffe_vgg(asset(CAFFE))),
    ),
)
