"""The recipe of the nano base's VAE at toy size: how it begins, its losses, its average, and that nothing is lost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch.distributions import Normal, kl_divergence

from impasto.diffusion.configs import NANO, AutoencoderConfig
from impasto.diffusion.embedded import load_vae, save_part
from impasto.errors import InputError
from impasto.perception.encoder import Encoder, EncoderConfig
from impasto.training.nano import vae as recipe
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.frames import crops, kept_clips, whole_clips
from impasto.training.nano.shards import shard_folder, write_shard
from impasto.training.nano.vae import (
    DECODER,
    Stage,
    VaeRun,
    VaeTraining,
    for_device,
    latent_statistics,
    new_vae,
    rebuilding,
    train,
)
from impasto.training.nano.vaeloss import information, motion_error, perceptual_distance, seen_by, texture_distance
from tests.training.nano.toy import drifting, write_toy_clips

CPU = torch.device("cpu")
SIZE = AutoencoderConfig(base_dim=4, num_res_blocks=1, z_dim=4)
RUN = VaeRun(
    size=SIZE, stages=(Stage(2, 1, 32, 2), Stage(2, 5, 32, 1)), rate=3e-3, warmup=1, measured=1, held=1,
    report_every=2, save_every=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    encoder = Encoder(EncoderConfig((4, 4, 6, 6, 6), (1, 1, 1, 1, 1))).eval().requires_grad_(False)
    monkeypatch.setattr(recipe, "embedded_encoder", lambda: encoder)


def training(run: VaeRun = RUN) -> VaeTraining:
    return VaeTraining(run, new_vae(run.size), CPU, Path("never"))


def state_of(one: VaeTraining) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in one.trained.state().items()}


def test_a_new_vae_codes_each_frame_by_itself():
    vae = new_vae(SIZE).eval()
    clip = drifting(0, 9, 32, 32).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
    with torch.no_grad():
        latents = vae.encode(clip).latent_dist.mode()
        alone = torch.cat([vae.encode(clip[:, :, n : n + 1]).latent_dist.mode() for n in (0, 4, 8)], 2)
        rebuilt = vae.decode(latents).sample
        repeated = torch.cat([vae.decode(latents[:, :, n : n + 1]).sample for n in (0, 1, 1, 1, 1, 2, 2, 2, 2)], 2)
    assert latents.std() > 1e-3
    torch.testing.assert_close(latents, alone, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(rebuilt, repeated, atol=1e-5, rtol=1e-4)


def test_losses_are_what_they_say():
    frames = torch.rand(2, 3, 4, 32, 32)
    assert motion_error(frames + 0.3, frames) == pytest.approx(0, abs=1e-6)
    ramp = torch.arange(4.0).view(1, 1, 4, 1, 1)
    assert motion_error(frames + 0.1 * ramp, frames) == pytest.approx(0.1, rel=1e-4)
    assert motion_error(frames[:, :, :1], frames[:, :, 1:2]) == 0
    encoder = recipe.embedded_encoder()
    one, other = frames[:, :, 0], frames[:, :, 1]
    for distance in (perceptual_distance, texture_distance):
        same, near, far = (distance(seen_by(encoder, one, two)) for two in (one, one.lerp(other, 0.1), other))
        assert same == 0
        assert far > near > 0
    numbers = torch.randn(1, 8, 1, 2, 2)
    mean, logvar = numbers.chunk(2, 1)
    exact = kl_divergence(Normal(mean, (0.5 * logvar).exp()), Normal(0.0, 1.0)).mean()
    torch.testing.assert_close(information(DiagonalGaussianDistribution(numbers)), exact)


def test_texture_is_what_a_window_looks_like_and_not_where_things_are_in_it():
    encoder = recipe.embedded_encoder()
    rng = torch.Generator().manual_seed(1)
    strokes = 0.4 * torch.randn(1, 3, 64, 64, generator=rng)
    others = 0.4 * torch.randn(1, 3, 64, 64, generator=rng)
    flat = torch.zeros_like(strokes)
    texture = {name: texture_distance(seen_by(encoder, x, strokes)) for name, x in (("flat", flat), ("others", others))}
    error = {name: (x - strokes).square().mean() for name, x in (("flat", flat), ("others", others))}
    assert texture["others"] < 0.5 * texture["flat"]  # although
    assert error["others"] > 1.5 * error["flat"]


def test_a_decoder_learns_alone(tmp_path: Path):
    write_toy_clips("train", 3)
    write_toy_clips("held", 1)
    output, decoder = tmp_path / "vae.safetensors", replace(DECODER, size=SIZE, stages=RUN.stages, held=1, save_every=2)
    vae = new_vae(SIZE)
    vae.register_to_config(latents_mean=[0.0] * SIZE.z_dim, latents_std=[0.1] * SIZE.z_dim)
    save_part(vae, output)
    before = load_vae(output)
    (progress,) = train(decoder, output)
    after = load_vae(output)
    assert progress.step == 4
    assert after.config["latents_std"] == before.config["latents_std"]
    moved = {name for name, value in after.state_dict().items() if not torch.equal(value, before.state_dict()[name])}
    assert moved
    assert all(name.startswith(("decoder.", "post_quant_conv.")) for name in moved)


def test_crops_are_parts_of_clips_and_hang_on_chance_alone():
    write_toy_clips("train", 3)
    clips = kept_clips("train")
    assert [clip.shape for clip in clips] == [(5, 32, 48)] * 3 + [(1, 32, 48)]
    taken, again = (crops(clips, np.random.default_rng(1), 4, 2, 16) for _ in range(2))
    assert torch.equal(taken, again)
    assert taken.shape == (4, 3, 2, 16, 16)
    wholes = [whole[0] for whole in whole_clips(clips[:3])]
    for crop in taken:
        windows = [x.unfold(1, 2, 1).unfold(2, 16, 1).unfold(3, 16, 1).movedim(-3, 1) for x in wholes]
        windows += [window.flip(-1) for window in windows]
        found = [(window.permute(2, 3, 4, 0, 1, 5, 6) == crop).flatten(3).all(-1).any() for window in windows]
        assert any(found)
    with pytest.raises(InputError, match="No clip has 9 frames of 16"):
        crops(clips, np.random.default_rng(0), 1, 9, 16)


def test_says_which_recipe_makes_clips():
    with pytest.raises(InputError, match="impasto train nano-clips"):
        next(train(RUN, Path("never")))


def test_every_step_moves_every_weight_that_it_uses_and_the_average_follows():
    write_toy_clips("train", 3)
    write_toy_clips("held", 1)
    one = training(replace(RUN, stages=(Stage(2, 5, 32, 1),), ema=0.5))
    start = state_of(one)
    one.advance()
    first = state_of(one)
    one.advance()
    second = state_of(one)
    for name in one.trained.parameters:
        assert not torch.equal(start[name], first[name]), name
        # 1/11, then 2/12 of the average stays: at the start it is short.
        average = start[name] + 10 / 11 * (first[name] - start[name])
        torch.testing.assert_close(first[name + "/average"], average, msg=name)
        torch.testing.assert_close(second[name + "/average"], average + 5 / 6 * (second[name] - average), msg=name)
    with one.trained.averaged():
        for name, value in one.trained.parameters.items():
            assert torch.equal(value, second[name + "/average"])
    assert all(torch.equal(value, second[name]) for name, value in one.trained.parameters.items())


def test_a_resumed_training_equals_an_unbroken_one():
    write_toy_clips("train", 3)
    write_toy_clips("held", 1)
    whole, begun, resumed = training(), training(), training()
    for _ in range(4):
        whole.advance()
    for _ in range(3):  # one step into the clips
        begun.advance()
    resumed.trained.resume(begun.trained.state())
    resumed.advance()
    state = resumed.trained.state()
    for name, value in whole.trained.state().items():
        assert torch.equal(state[name], value), name


def test_a_clip_is_learned():
    red = torch.tensor([200, 60, 30], dtype=torch.uint8).expand(5, 32, 32, 3).contiguous()
    for part in ("train", "held"):
        write_shard(shard_folder(CLIPS) / f"toy-{part}-0000.safetensors", {"red": red}, {"red": ["red"]})
    one = training(replace(RUN, stages=(Stage(16, 5, 32, 1),), rate=1e-2))
    first = one.report(*one.advance()).psnr_held
    losses = [one.advance()[0] for _ in range(15)]
    assert losses[-1] < 0.6 * losses[0]
    assert one.report(*[0.0] * 5).psnr_held > first + 2


def test_rebuilding_and_statistics_are_exact():
    vae = new_vae(SIZE).eval()
    clips = [drifting(seed, 5, 32, 32).permute(3, 0, 1, 2)[None].float() / 127.5 - 1 for seed in (0, 1)]
    with torch.no_grad():
        errors = [(vae(clip).sample - clip).div(2).square().mean() for clip in clips]
        latents = torch.cat([vae.encode(clip).latent_dist.mode()[0].flatten(1) for clip in clips], 1)
    assert rebuilding(vae, clips) == pytest.approx(
        np.mean([-10 * np.log10(float(error)) for error in errors]), rel=1e-4
    )
    mean, deviation = latent_statistics(vae, clips)
    assert mean == pytest.approx(latents.mean(1).tolist(), rel=1e-3, abs=1e-6)
    assert deviation == pytest.approx(latents.std(1, unbiased=False).tolist(), rel=1e-3)


def test_the_recipe_saves_what_it_reports_and_goes_on(tmp_path: Path):
    write_toy_clips("train", 3)
    write_toy_clips("held", 1)
    output, unbroken = tmp_path / "vae.safetensors", tmp_path / "unbroken.safetensors"
    stopped = train(RUN, output)
    assert (next(stopped).step, output.exists()) == (2, False)
    assert next(stopped).step == 4
    stopped.close()
    first = load_vae(output)
    assert len(first.config["latents_mean"]) == SIZE.z_dim
    assert min(first.config["latents_std"]) > 0
    output.unlink()  # what is embedded is where another training would go on
    assert [progress.step for progress in train(RUN, output)] == [4]
    assert [progress.step for progress in train(replace(RUN, name="other"), unbroken)] == [2, 4]
    assert output.read_bytes() == unbroken.read_bytes()
    assert not torch.equal(load_vae(output).quant_conv.weight, first.quant_conv.weight)


def test_the_size_is_that_of_the_base():
    assert VaeRun().size == NANO.autoencoder


def test_an_accelerator_takes_more_at_a_step():
    small, large = (for_device(VaeRun(), torch.device(kind)) for kind in ("cpu", "cuda"))
    assert [stage.batch * 8 for stage in small.stages] == [stage.batch for stage in large.stages]
    assert small.steps == large.steps
