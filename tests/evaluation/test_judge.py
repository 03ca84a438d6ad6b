"""The judge against its definition, computed here from the formulas, layer by layer."""

from itertools import islice

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file

from impasto.evaluation.judge import Judge, Seen, Verdict, mean_verdict, read_picture, square
from impasto.weights.paths import assets_dir

NETS = assets_dir() / "nets"
needs_assets = pytest.mark.skipif(not NETS.is_dir(), reason=f"no networks in {NETS}; see docs/data.md")


def vgg_features(rgb):
    weights = {
        k.removeprefix("se5."): v.float()
        for k, v in load_file(NETS / "vgg19_distilled16x_wct.fp16.safetensors").items()
    }

    def conv(x, name):
        padded = x if weights[f"{name}.weight"].shape[-1] == 1 else F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.conv2d(padded, weights[f"{name}.weight"], weights[f"{name}.bias"])

    x, features = conv(rgb, "conv0"), []
    for names in ("11 12", "21 22", "31 32 33 34", "41 42 43 44", "51"):
        for i, name in enumerate(names.split()):
            x = F.relu(conv(x, f"conv{name}"))
            if i == 0:
                features.append(F.relu(conv(x, f"conv{name}_aux")))
        x = F.max_pool2d(x, 2)
    return features


def squeezenet_features(rgb):
    w = {k: v.float() for k, v in load_file(NETS / "squeezenet1_1_features.fp16.safetensors").items()}

    def conv(x, name, **how):
        return F.relu(F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"], **how))

    def fire(x, number):
        thin = conv(x, f"fire{number}.squeeze1x1")
        return torch.cat([conv(thin, f"fire{number}.expand1x1"), conv(thin, f"fire{number}.expand3x3", padding=1)], 1)

    first = conv(rgb[:, [2, 1, 0]] * 255 - torch.tensor([104.0, 117.0, 123.0])[:, None, None], "conv1", stride=2)
    fire3 = fire(fire(F.max_pool2d(first, 3, 2), 2), 3)
    fire5 = fire(fire(F.max_pool2d(fire3, 3, 2), 4), 5)
    fire7 = fire(fire(F.max_pool2d(fire5, 3, 2), 6), 7)
    return [first, fire3, fire5, fire7, fire(fire(fire7, 8), 9)]


def distance(features, target):
    def statistics(layer):
        flat = layer[0].flatten(1)
        return torch.cat([flat.mean(1), (flat.var(1) + 1e-5).sqrt()])

    pairs = [(statistics(a), statistics(b)) for a, b in zip(features, target, strict=True)]
    return np.mean([((a - b).norm() / b.norm()).item() for a, b in pairs])


def moved(output, photo):
    a, b = (F.instance_norm(features[3]) for features in (output, photo))
    return (1 - (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))).mean().item()


def definition(output, photo, style) -> Verdict:
    """From the formulas, on pictures that are square already."""
    first = [vgg_features(picture) for picture in (output, photo, style)]
    second = [squeezenet_features(picture) for picture in (output, photo, style)]
    gap, gap_other = (distance(o, s) / distance(p, s) for o, p, s in (first, second))
    return Verdict(gap, moved(first[0], first[1]), gap_other)


@needs_assets
def test_agrees_with_the_definition():
    judge = Judge()
    photos, styles = (islice(sorted((assets_dir() / "eval" / kind).glob("*.jpg")), 2) for kind in ("photos", "styles"))
    for photo_file, style_file in zip(photos, styles, strict=True):
        photo, style = read_picture(photo_file), read_picture(style_file)
        output = np.ascontiguousarray(255 - photo[::-1])
        expected = definition(*(square(picture) for picture in (output, photo, style)))
        found = judge(*(judge.see(picture) for picture in (output, photo, style)))
        for key, value in vars(expected).items():
            assert getattr(found, key) == pytest.approx(value, abs=1e-3), key


@needs_assets
def test_the_photo_is_untouched_and_the_style_is_reached():
    judge, rng = Judge(), np.random.default_rng(0)
    photo, style = (judge.see(rng.integers(0, high, (256, 256, 3), np.uint8)) for high in (80, 255))
    untouched, reached = judge(photo, photo, style), judge(style, photo, style)
    assert (untouched.gap, untouched.gap_other) == pytest.approx((1, 1))
    assert untouched.content == pytest.approx(0, abs=1e-5)
    assert (reached.gap, reached.gap_other) == (0, 0)
    assert reached.content > 0.1
    assert isinstance(photo, Seen)


@pytest.mark.parametrize("size", [(300, 200), (200, 301), (31, 1000), (256, 256)])
def test_square_takes_the_centre(size):
    height, width = size
    ramp = np.broadcast_to(np.linspace(0, 255, width)[None, :, None], (height, width, 3)).round().astype(np.uint8)
    seen = square(ramp)
    assert seen.shape == (1, 3, 256, 256)
    assert seen.mean().item() == pytest.approx(0.5, abs=0.02)


def test_square_resizes_with_lanczos():
    rgb = np.random.default_rng(1).integers(0, 255, (512, 600, 3), np.uint8)
    expected = Image.fromarray(rgb).resize((300, 256), Image.Resampling.LANCZOS).crop((22, 0, 278, 256))
    np.testing.assert_array_equal(square(rgb)[0].permute(1, 2, 0).mul(255).round().numpy(), np.array(expected))


def test_mean():
    assert mean_verdict([Verdict(1, 2, 3), Verdict(3, 4, 5)]) == Verdict(2, 3, 4)
