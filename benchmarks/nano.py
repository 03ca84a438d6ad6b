"""How well the nano base's VAE rebuilds the eval clips, against pictures made small, and how long a clip takes."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.harness import Measurement, main, say
from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import BASE, VAE, embedded_base, embedded_vae, first_frame_channels
from impasto.diffusion.guidance import guidance_chain, guided
from impasto.diffusion.sampling import denoise, schedule
from impasto.diffusion.velocity import Velocity
from impasto.evaluation.assets import asset
from impasto.perception.text.weights import embedded_text_encoder
from impasto.training.clipmaterial import WIDE, cropped
from impasto.training.shotpairs import read_clip
from impasto.weights.paths import weights_file
from impasto.weights.precision import fast_dtype

STEPS = 4
"""Of sampling, of which the first warms up."""
PROMPT = "a watercolour of a boat on a lake"

Result = TypeVar("Result")


def clip(path: str) -> Tensor:
    """The first frames of a clip, their middle, [1, 3, T, 144, 256] in [0, 1]."""
    frames = np.stack([cropped(frame, WIDE) for frame in read_clip(asset(path), NANO.frames)])
    return torch.from_numpy(frames).permute(3, 0, 1, 2)[None].float() / 255


def psnr(ours: Tensor, theirs: Tensor) -> float:
    """Decibels, over all frames."""
    return -10 * math.log10(F.mse_loss(ours, theirs).item())


def through_small_pictures(clip_13THW: Tensor, values: int) -> Tensor:
    """The baseline: each frame made smaller until all have `values` numbers, and large again."""
    _, _, _, height, width = clip_13THW.shape
    share = math.sqrt(values / clip_13THW.numel())
    small = (round(share * height), round(share * width))
    frames = clip_13THW[0].transpose(0, 1)
    tiny = F.interpolate(frames, small, mode="bicubic", antialias=True)
    return F.interpolate(tiny, (height, width), mode="bicubic").clamp(0, 1).transpose(0, 1)[None]


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """A result, and the seconds it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


@torch.no_grad()
def seconds_per_step(first_latent_1C1hw: Tensor, frames: int) -> float:
    """Of guided sampling from a first frame and a prompt: two passes of the transformer."""
    base, context = embedded_base(fast_dtype()), Context()
    attach_attention(base, context)
    velocity = Velocity(base, context)
    text, _ = embedded_text_encoder().features([PROMPT])
    channels = first_frame_channels(first_latent_1C1hw, frames)
    picture = torch.zeros(1, 1, base.config["image_dim"])
    chain = guidance_chain(Conditions(text=text, picture=picture, image=channels), ("text",))
    noise = torch.randn(channels[:, 4:].shape, generator=torch.Generator().manual_seed(0))
    steps = denoise(lambda x, s: guided(velocity, x, s, chain, (4.0,)), noise, schedule(STEPS, NANO.shift))
    next(steps)
    return timed(lambda: list(steps))[1] / (STEPS - 1)


def measure(quick: bool = False) -> Measurement:
    autoencoder = Autoencoder(embedded_vae())
    names = sorted(path.stem for path in asset("eval/videos").glob("*.mp4"))[: 2 if quick else None]
    rows, values, latent = [], 0, torch.zeros(0)
    for name in names:
        frames = clip(f"eval/videos/{name}.mp4")
        latent, coding = timed(lambda frames=frames: autoencoder.encode(frames))
        rebuilt, decoding = timed(lambda latent=latent: autoencoder.decode(latent))
        values = latent.numel()
        rows.append((psnr(rebuilt, frames), psnr(through_small_pictures(frames, values), frames), coding, decoding))
        say(f"{name}: {rows[-1][0]:.2f} dB, bicubic {rows[-1][1]:.2f} dB")
    rebuilt, bicubic, coding, decoding = np.mean(rows, axis=0)
    size = sum(weights_file(name).stat().st_size for name in (VAE, BASE)) / 1e6
    figure = {
        "psnr": float(rebuilt),
        "psnr_bicubic": float(bicubic),
        "seconds_encode": float(coding),
        "seconds_decode": float(decoding),
        "seconds_step": seconds_per_step(latent[:, :, :1], latent.shape[2]),
        "megabytes": size,
    }
    return Measurement(
        figure,
        {
            "clips": names,
            "frames": f"the first {NANO.frames}, their middle at {16 * WIDE[1]}x{16 * WIDE[0]}",
            "psnr": "decibels over all frames of a clip, the mean over clips; VAE in float32",
            "bicubic": f"each frame made smaller and larger again, to {values} numbers a clip, as its latent has",
            "step": "of sampling, two passes of the transformer on a latent of that size",
        },
    )


if __name__ == "__main__":
    main("nano", measure)
