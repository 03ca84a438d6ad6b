"""The clips as the transformer takes them, kept: latents, features of captions, and of the first frame by `clip-nano`.

Run: `impasto train nano-latents`, after `nano-vae` and `clip-nano`. For each shard of clips it makes one of latents, of
about 2 MB where that has 40, in a folder that is named by the weights which made it. Any of its shards are a fair
sample, so what is to be trained elsewhere is as many of them as one can carry.

Legend: B clips, C latent channels, T latent frames, h w their size, P patches, E numbers of one, L tokens, D channels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.embedded import VAE, load_vae
from impasto.diffusion.memory import best_device
from impasto.errors import ModelError
from impasto.perception.clipnano import WEIGHTS as CLIP_NANO
from impasto.perception.clipnano import ClipNano, load_clip_nano
from impasto.perception.text.encoder import TextEncoder
from impasto.perception.text.weights import TEXT, load_text_encoder
from impasto.training.csdpictures import Progress
from impasto.training.group import Group
from impasto.training.nano.frames import clip_files
from impasto.training.nano.shards import Part, content_key, read_notes, shard_files, shard_folder, write_shard
from impasto.weights.paths import weights_files
from impasto.weights.precision import autocast
from impasto.weights.rows import SCALE, from_bytes, to_bytes

LATENTS = "nano-latents"
"""The recipe, and how its folders begin."""
MADE_BY = (VAE, TEXT, CLIP_NANO)
"""The weights that latents and features depend on; of the VAE all but its decoder, which may learn on."""
DECODER = ("decoder.", "post_quant_conv.")
"""How the names of its weights begin."""


@dataclass(frozen=True)
class Example:
    """A clip, or a picture as a clip of one frame, as bytes with scales (impasto.weights.rows)."""

    name: str
    shape: tuple[int, int, int]
    """(T, h, w) of the latents."""
    captions: tuple[str, ...]
    stored: dict[str, Tensor]

    def latent(self) -> Tensor:
        """[C, T, h, w], normalised."""
        return self._read("latent")

    def patches(self) -> Tensor:
        """[P, E] of the first frame; pictures have none."""
        return self._read("patches")

    def pooled(self) -> Tensor:
        """[E], a unit vector, of the first frame."""
        return self._read("pooled")

    def text(self, number: int) -> Tensor:
        """[L, D], features of a caption."""
        return self._read(f"text {number}")

    def _read(self, what: str) -> Tensor:
        return from_bytes({key: self.stored[key] for key in (what, what + SCALE) if key in self.stored})[what]


class Encoding(Protocol):
    def encode(self, frames_THWC: Tensor, captions: tuple[str, ...]) -> dict[str, Tensor]:
        """Latents and features of a clip of bytes, as they are stored."""
        ...


@dataclass(frozen=True)
class Encoders:
    """What makes latents and features."""

    autoencoder: Autoencoder
    text: TextEncoder
    clip: ClipNano
    device: torch.device
    """Of the autoencoder; the others are small."""

    @torch.no_grad()
    def encode(self, frames_THWC: Tensor, captions: tuple[str, ...]) -> dict[str, Tensor]:
        """Latents and features of a clip of bytes, as they are stored."""
        rgb_TCHW = frames_THWC.permute(0, 3, 1, 2).float() / 255
        clip_1CTHW = rgb_TCHW.transpose(0, 1)[None].to(self.device)
        # Where bfloat16 is fast, at a fifth of the time; its rounding is far below that of the bytes.
        with autocast(self.device):
            latent_1CThw = self.autoencoder.encode(clip_1CTHW)
        vectors = self.clip.picture(rgb_TCHW[:1])
        encoded = {"latent": latent_1CThw[0].cpu(), "pooled": vectors.pooled[0]}
        if len(frames_THWC) > 1:  # a picture that is its own condition teaches nothing
            encoded["patches"] = vectors.patches[0]
        features_BLD, padding_BL = self.text.features(captions)
        for number, (features_LD, padding_L) in enumerate(zip(features_BLD, padding_BL, strict=True)):
            encoded[f"text {number}"] = features_LD[~padding_L]
        return to_bytes(encoded)


def embedded_encoders() -> Encoders:
    """The embedded VAE, text encoder and `clip-nano`; raises `ModelError` where one is missing."""
    vae, text, clip = weights_files(MADE_BY)
    device = best_device()
    return Encoders(Autoencoder(load_vae(vae)).to(device), load_text_encoder(text), load_clip_nano(clip), device)


def latents_folder() -> Path:
    """Where the latents are that the present weights make; raises `ModelError` where weights are missing."""
    return shard_folder(f"{LATENTS}-{encoders_key()}")


def encoders_key() -> str:
    """Changes with all that latents and features depend on; raises `ModelError` where some are missing or broken."""
    vae, *others = weights_files(MADE_BY)
    try:
        with safe_open(vae, "pt") as file:
            names = sorted(file.keys())
            own = [(n, file.get_tensor(n).numpy().tobytes()) for n in names if not n.startswith(DECODER)]
            return content_key(others, file.metadata(), own)
    except SafetensorError as error:
        raise ModelError(f"{str(vae)!r} is broken ({error}); reinstall Impasto.") from error


def make_latents() -> Iterator[Progress]:
    """Make the shards that are not there yet; yields after each.

    Raises:
        InputError: there are no clips.
        ModelError: weights are missing.
    """
    folder, encoders = latents_folder(), embedded_encoders()
    yield from make_shards(folder, [*clip_files("train"), *clip_files("held")], encoders)


def make_shards(folder: Path, clips: Sequence[Path], encoders: Encoding) -> Iterator[Progress]:
    """Make of each shard of clips one of latents in a folder, if it is not there; yields after each.

    Every process of a group makes its share, and goes on when all are there.
    """
    for number, file in Group().deal(clips):
        if not (folder / file.name).exists():
            write_latents(folder / file.name, file, encoders)
            yield Progress(number, len(clips), file.stem)


def write_latents(path: Path, clips: Path, encoders: Encoding) -> None:
    """The shard of latents of a shard of clips."""
    tensors, notes, frames = {}, {}, load_file(clips)
    for name, captions in read_notes(clips).items():
        stored = encoders.encode(frames[name], tuple(captions))
        notes[name] = {"shape": list(stored["latent"].shape[1:]), "captions": captions}
        tensors |= {f"{name}/{what}": value for what, value in stored.items()}
    write_shard(path, tensors, notes)


def examples(part: Part, folder: Path | None = None) -> list[Example]:
    """All that the present weights have made of a part.

    Args:
        folder: where others than they have made it.

    Raises:
        InputError: they have made nothing.
        ModelError: weights are missing.
    """
    found = []
    for file in shard_files(folder or latents_folder(), part, LATENTS):
        tensors = load_file(file)
        for name, notes in read_notes(file).items():
            start = f"{name}/"
            stored = {key.removeprefix(start): value for key, value in tensors.items() if key.startswith(start)}
            found.append(Example(name, tuple(notes["shape"]), tuple(notes["captions"]), stored))
    return found
