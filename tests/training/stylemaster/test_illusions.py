"""Illusions: models that know their pictures by heart must give them back, both from one canvas."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from torch import Tensor
from torch.nn import functional as F

from impasto.errors import InputError, ModelError, UnsupportedOption
from impasto.perception.clipnano import PictureVectors
from impasto.training.stylemaster.illusionpairs import IllusionPairs, IllusionRun, pair_of
from impasto.training.stylemaster.illusions import Painted, denoise
from impasto.training.stylemaster.illusionwords import OBJECTS, STYLES
from impasto.training.stylemaster.noisemodels import PipelineTextToImage, in_range
from impasto.training.stylemaster.texttoimage import text_to_image
from impasto.training.stylemaster.views import FLIP, IDENTITY, JIGSAW, VIEWS
from impasto.video.pictures import read_picture


class ByHeart:
    """The exact velocity towards the picture of a prompt; pixels are its latents."""

    latent_shape = (3, 8, 8)

    def __init__(self, pictures: dict[str, Tensor]) -> None:
        self.pictures = pictures

    def sigmas(self, steps: int) -> list[float]:
        return [1 - step / steps for step in range(steps)]

    def predict(self, latents_BCHW: Tensor, sigma: float, prompt: str) -> Tensor:
        return (latents_BCHW - self.encode(self.pictures[prompt])) / sigma

    def encode(self, rgb_BCHW: Tensor) -> Tensor:
        return rgb_BCHW

    def decode(self, latents_BCHW: Tensor) -> Tensor:
        return latents_BCHW


class Latent(ByHeart):
    """Latents that are turned by no turning of the picture: squares of 2x2 pixels, mixed."""

    latent_shape = (12, 4, 4)

    def __init__(self, pictures: dict[str, Tensor]) -> None:
        super().__init__(pictures)
        self.mix = torch.linalg.qr(torch.randn(12, 12, generator=torch.Generator().manual_seed(3)))[0]

    def encode(self, rgb_BCHW: Tensor) -> Tensor:
        return torch.einsum("ij,bjhw->bihw", self.mix, F.pixel_unshuffle(rgb_BCHW, 2))

    def decode(self, latents_BCHW: Tensor) -> Tensor:
        return F.pixel_shuffle(torch.einsum("ji,bjhw->bihw", self.mix, latents_BCHW), 2)


def noise(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    return torch.randn((1, *shape), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", [ByHeart, Latent])
@pytest.mark.parametrize("view", VIEWS)
def test_both_views_of_a_known_picture_come_back(kind, view):
    canvas = noise((3, 8, 8)).sigmoid()
    model = kind({"upright": canvas, "turned": VIEWS[view].there(canvas)})
    painted = [Painted(IDENTITY, "upright"), Painted(VIEWS[view], "turned")]
    *_, latents = denoise(model, painted, noise(model.latent_shape, 1), 4)
    torch.testing.assert_close(model.decode(latents), canvas, rtol=0, atol=1e-5)


def test_views_that_disagree_meet_in_the_middle():
    first, second = noise((3, 8, 8)), noise((3, 8, 8), 1)
    model = ByHeart({"first": first, "second": second})
    *_, latents = denoise(model, [Painted(IDENTITY, "first"), Painted(FLIP, "second")], noise((3, 8, 8), 2), 3)
    torch.testing.assert_close(latents, (first + second.flip(-2)) / 2)


def test_one_view_is_plain_sampling():
    """A field that is not exact, along the path that Euler's method takes."""

    class Pull(ByHeart):
        def predict(self, latents_BCHW: Tensor, sigma: float, prompt: str) -> Tensor:
            return latents_BCHW * (0.3 + sigma)

    model, latents = Pull({}), noise((3, 8, 8))
    *_, result = denoise(model, [Painted(IDENTITY, "")], latents, 5)
    sigmas = [*model.sigmas(5), 0.0]
    for sigma, following in pairwise(sigmas):
        latents = latents + (following - sigma) * model.predict(latents, sigma, "")
    torch.testing.assert_close(result, latents)


# Models that predict noise


def toy_pipeline(prediction: str = "epsilon", **unet) -> SimpleNamespace:
    """What the pipelines of diffusers have in common, of a pixel model that predicts a variance too."""
    torch.manual_seed(0)
    net = UNet2DConditionModel(
        sample_size=8,
        in_channels=3,
        out_channels=6,
        block_out_channels=(8,),
        down_block_types=("CrossAttnDownBlock2D",),
        up_block_types=("CrossAttnUpBlock2D",),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=4,
        attention_head_dim=2,
        **unet,
    )

    def encode_prompt(prompt, device, num_images_per_prompt, do_classifier_free_guidance):
        return torch.full((1, 2, 4), float(len(prompt))), torch.zeros(1, 2, 4)

    scheduler = DDPMScheduler(prediction_type=prediction)
    return SimpleNamespace(unet=net.eval().requires_grad_(False), scheduler=scheduler, encode_prompt=encode_prompt)


def test_a_noise_model_seen_as_a_flow_estimates_the_same_picture():
    pipeline = toy_pipeline()
    model = PipelineTextToImage(pipeline, guidance=1.0)
    sigma = model.sigmas(10)[3]
    timestep = round(999 - 3 * 99.9)
    x = noise((3, 8, 8))
    text = pipeline.encode_prompt("cat", "cpu", 1, True)[0]
    predicted = pipeline.unet(x, timestep, text).sample[:, :3]
    share = pipeline.scheduler.alphas_cumprod[timestep]
    expected = in_range((x - (1 - share).sqrt() * predicted) / share.sqrt())
    latents = x / (share.sqrt() + (1 - share).sqrt())
    estimate = latents - sigma * model.predict(latents, sigma, "cat")
    torch.testing.assert_close(estimate, expected, rtol=1e-4, atol=1e-4)


def test_its_noise_levels_fall_and_its_range_is_kept():
    model = PipelineTextToImage(toy_pipeline(), guidance=3.0)
    sigmas = model.sigmas(20)
    assert sigmas == sorted(sigmas, reverse=True)
    assert 0.9 < sigmas[0] < 1
    assert sigmas[-1] > 0
    assert in_range(5 * noise((3, 8, 8))).abs().max() <= 1
    small = 0.1 * noise((3, 8, 8)).clamp(-1, 1)
    assert torch.equal(in_range(small), small)
    torch.testing.assert_close(model.encode(model.decode(small)), small)


def test_models_that_predict_something_else_are_refused():
    with pytest.raises(ModelError, match="v_prediction"):
        PipelineTextToImage(toy_pipeline("v_prediction"), guidance=1.0)


# The pairs


class Eye:
    """Sees the mean colour, and hears the length of the words."""

    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        patches = rgb_BCHW.flatten(2).transpose(1, 2)
        return PictureVectors(F.normalize(patches.mean(1), dim=1), patches, (8, 8))

    def text(self, texts) -> Tensor:
        return F.normalize(torch.tensor([[1.0, len(text) % 7, 1.0] for text in texts]), dim=1)


class Everything(ByHeart):
    """Any prompt has its picture."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: list[str] = []

    def predict(self, latents_BCHW: Tensor, sigma: float, prompt: str) -> Tensor:
        self.asked.append(prompt)
        return (latents_BCHW - noise(self.latent_shape, len(prompt)).sigmoid()) / sigma


RUN = IllusionRun(model="toy", pairs=3, steps=2, least_cosine=-1)


def test_there_are_as_many_styles_and_objects_as_the_paper_has():
    assert len(set(STYLES)) == len(STYLES) >= 65
    assert len(set(OBJECTS)) == len(OBJECTS) >= 100
    assert all(style.endswith((" of", " with")) for style in STYLES)


def test_pairs_hang_on_their_number_alone_and_differ():
    pairs = [pair_of(RUN, number) for number in range(40)]
    assert pairs == [pair_of(replace(RUN, pairs=9, steps=7), number) for number in range(40)]
    assert len(set(pairs)) == 40
    assert all(pair.objects[0] != pair.objects[1] for pair in pairs)
    assert {pair.view for pair in pairs} == {"jigsaw", "flip", "rotation"}


def test_pairs_are_made_once_and_both_pictures_are_of_one_canvas(tmp_path: Path):
    model = Everything()
    first = IllusionPairs(RUN, tmp_path)
    made = first.make(model, Eye())
    assert next(made).done == 1
    made.close()
    asked = len(model.asked)
    assert [progress.done for progress in IllusionPairs(RUN, tmp_path).make(model, Eye())] == [2, 3]
    assert len(model.asked) == 3 * asked
    assert not list(IllusionPairs(RUN, tmp_path).make(model, Eye()))
    assert not list(tmp_path.glob(".*"))
    pairs = IllusionPairs(RUN, tmp_path)
    for number, pair in pairs.kept:
        assert pair == pair_of(RUN, number)
        canvas, other = (torch.tensor(read_picture(path)[0]).movedim(-1, 0) for path in pairs.pictures(number))
        assert torch.equal(VIEWS[pair.view].there(canvas), other)
        seen = Eye().picture(torch.stack([canvas, other]) / 255).pooled
        torch.testing.assert_close(pairs.vectors(number), seen, rtol=0, atol=5e-3)


def test_a_pair_that_shows_nothing_of_its_words_is_left_out(tmp_path: Path):
    list(IllusionPairs(RUN, tmp_path).make(Everything(), Eye()))
    cosines = [
        float(np.min([Eye().text([name])[0] @ vector for name, vector in zip(pair.objects, vectors, strict=True)]))
        for number, pair in IllusionPairs(RUN, tmp_path).kept
        for vectors in [IllusionPairs(RUN, tmp_path).vectors(number)]
    ]
    between = float(np.mean(sorted(cosines)[1:]))
    kept = IllusionPairs(replace(RUN, least_cosine=between), tmp_path).kept
    assert [number for number, _ in kept] == [int(np.argmax(cosines))]
    with pytest.raises(InputError, match="lower it"):
        _ = IllusionPairs(replace(RUN, least_cosine=1.1), tmp_path).kept


def test_the_jigsaw_is_among_the_views_of_the_recipe():
    assert JIGSAW.name in IllusionRun().views


def test_models_that_are_not_known_or_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(UnsupportedOption, match=r"'other'.*deepfloyd"):
        text_to_image("other")
    for name in ("stable-diffusion", "deepfloyd"):
        with pytest.raises(ModelError, match=r"unet/diffusion_pytorch_model\.safetensors"):
            text_to_image(name)
