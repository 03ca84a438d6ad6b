"""What clip-nano knows: styles by their words, rendered scenes by their captions, and what is wrong with a caption.

Texts that raw features of the encoder have no vectors for are brought to them the other way round: a ridge regression
leads from the statistics of a picture's features to the sentence vector of its caption, fitted on training pictures.

Legend: N pictures, M texts, D numbers.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.harness import Measurement, main, say
from impasto.evaluation.assets import asset
from impasto.evaluation.descriptors.raw import raw_descriptors
from impasto.evaluation.metrics.clipnano import clip_vector
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.nano import nano_features
from impasto.job.pixels import to_float
from impasto.perception.clipmatch import FRAMES
from impasto.perception.clipnano import ClipConfig, ClipNano, Sight, embedded_clip_nano, read
from impasto.perception.text.weights import embedded_text_encoder
from impasto.scenes.scene import picture
from impasto.scenes.world.captions import caption
from impasto.training.clipbatches import HELD_BACK, caption_pair
from impasto.training.cliplosses import phrase_accuracy
from impasto.training.clipmaterial import NOTHING, WIDE, Material, MaterialConfig, scene_clip, world_of
from impasto.training.cliptexts import without_artist
from impasto.training.csdpictures import painting_captions
from impasto.video.pictures import read_picture

PENALTIES = (0.01, 0.1, 1.0)
"""Of the regression, in units of the mean squared length. The best by what is measured counts, which only helps it."""
UNSEEN = 1_000_000
"""Seeds of scenes from here on are in no training."""
PAIRS = 4
"""Captions of each scene that are judged."""


def recall(similarities_MN: Tensor, count: int) -> float:
    """Share of the texts that have their own picture, of the same number, among the `count` likest."""
    likest = similarities_MN.topk(min(count, similarities_MN.shape[1]), 1).indices
    return (likest == torch.arange(len(similarities_MN))[:, None]).any(1).float().mean().item()


class Raw:
    """The baseline: from the encoder's statistics of pictures to the sentence vectors of their captions."""

    def __init__(self, frames: Sequence[Frame], captions: Sequence[str]) -> None:
        statistics = self._statistics(frames)
        self._mean, self._deviation = statistics.mean(0), statistics.std(0).clamp(min=1e-6)
        self._known = (statistics - self._mean) / self._deviation
        vectors = embedded_text_encoder().embed(captions)
        self._center = vectors.mean(0)
        self._wanted = vectors - self._center

    def vectors(self, frames: Sequence[Frame], penalty: float) -> Tensor:
        """The sentence vectors [N, D] that pictures should have."""
        kernel = self._known @ self._known.T
        ridge = penalty * kernel.diagonal().mean() * torch.eye(len(kernel))
        asked = (self._statistics(frames) - self._mean) / self._deviation
        guessed = asked @ self._known.T @ torch.linalg.solve(kernel + ridge, self._wanted)
        return F.normalize(guessed + self._center, dim=1)

    def recalls(self, frames: Sequence[Frame], texts: Sequence[str], count: int) -> float:
        """The best of all penalties."""
        sentences = embedded_text_encoder().embed(texts)
        return max(recall(sentences @ self.vectors(frames, penalty).T, count) for penalty in PENALTIES)

    @staticmethod
    @torch.no_grad()
    def _statistics(frames: Sequence[Frame]) -> Tensor:
        return torch.stack([raw_descriptors(nano_features(frame))["statistics"] for frame in frames])


def of_styles(net: ClipNano, quick: bool) -> dict[str, float]:
    """Recall of paintings by their captions: of eval/, and of those that training held back."""
    lines = asset("eval/styles/captions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = sorted(map(json.loads, lines), key=lambda row: not row["artist"])  # those with a caption come first
    captioned = [row for row in rows if row["artist"]]
    frames = [_frame(asset(row["file"])) for row in rows]
    known, material = painting_captions(), Material(MaterialConfig(), ClipConfig())
    trained = [still for number, still in enumerate(material.paintings) if number % HELD_BACK]
    held = [still for still in material.paintings[::HELD_BACK] if known[still.path.stem]["artist"]]
    if quick:
        trained, held = trained[::20], held[:8]
    say(f"{len(trained)} paintings to fit the baseline to")
    raw = Raw([_frame(still.path) for still in trained], [known[still.path.stem]["caption"] for still in trained])
    figure = {}
    queries = {"": [without_artist(row) for row in captioned], "_artist": [row["caption"] for row in captioned]}
    vectors = torch.stack([clip_vector(frame) for frame in frames])
    for name, texts in queries.items():
        figure[f"style_recall{name}"] = recall(net.text(texts) @ vectors.T, 5)
        figure[f"style_recall{name}_raw"] = raw.recalls(frames, texts, 5)
    texts, held_frames = [without_artist(known[still.path.stem]) for still in held], [_frame(s.path) for s in held]
    vectors = torch.stack([clip_vector(frame) for frame in held_frames])
    figure["held_recall"] = recall(net.text(texts) @ vectors.T, 5)
    figure["held_recall_raw"] = raw.recalls(held_frames, texts, 5)
    return figure | {"style_chance": 5 / len(frames), "held_chance": 5 / len(held)}


def _frame(path: Path) -> Frame:
    return to_float(read_picture(path)[0])


def middle(seed: int) -> tuple[Frame, str]:
    """The middle frame of a scene, and a caption that leaves nothing of its look out."""
    world = world_of(seed)
    said = ("colour", "backdrop", "light")
    return picture(world, world.times[FRAMES // 2]), caption(world.description, np.random.default_rng(seed), said)


def of_scenes(net: ClipNano, count: int) -> dict[str, float]:
    """Recall at 1 among unseen scenes, of texts by pictures and pictures by texts."""
    frames, captions = zip(*map(middle, range(UNSEEN, UNSEEN + count)), strict=True)
    raw = Raw(*zip(*map(middle, range(4 * count)), strict=True))
    pictures, texts = torch.stack([clip_vector(frame) for frame in frames]), net.text(captions)
    return {
        "scene_from_text": recall(texts @ pictures.T, 1),
        "scene_from_text_raw": raw.recalls(frames, captions, 1),
        "text_from_scene": recall(pictures @ texts.T, 1),
        "scene_chance": 1 / count,
    }


@torch.no_grad()
def of_clips(net: ClipNano, count: int) -> dict[str, float]:
    """Of unseen scenes: whether a right caption has a higher logit than one that is wrong in a part, by part; the same
    captions before the next scene; whether patches are likest to the phrase of what covers them."""
    judged: dict[str, list[bool]] = defaultdict(list)
    named, chances, before = [], [], None
    for seed in range(UNSEEN, UNSEEN + count):
        clip, rng = scene_clip(net, seed), np.random.default_rng(seed)
        patches = net.describe(Sight(clip.tokens, WIDE)).patches
        watched = clip.tokens[None], patches[None]
        for right, wrong, part in (caption_pair(clip.description, rng) for _ in range(PAIRS)):
            words = read([right, wrong])
            for name, seen in ((part, watched), ("blind", before)):
                if seen is not None:
                    logits = net.logits(*seen, WIDE, words)
                    judged[name].append(bool(logits[0] > logits[1]))
        before = watched
        ids = list(clip.phrases)
        wanted = torch.full(clip.objects.shape, NOTHING)
        for number, object_id in enumerate(ids):
            wanted[clip.objects == object_id] = number
        named.append(phrase_accuracy(patches, net.text([clip.phrases[i] for i in ids]), wanted))
        chances.append(1 / len(ids))
    figure = {f"match_{name}": float(np.mean(right)) for name, right in sorted(judged.items())}
    parts = [right for name, right in judged.items() if name != "blind"]
    return {
        "match": float(np.mean(np.concatenate(parts))),
        **figure,
        "patch_accuracy": torch.cat(named).float().mean().item(),
        "patch_chance": float(np.mean(chances)),
    }


def measure(quick: bool = False) -> Measurement:
    net = embedded_clip_nano()
    figure = of_styles(net, quick)
    scenes, clips = (6, 4) if quick else (100, 150)
    say(f"{scenes} scenes to find, {clips} clips to judge")
    figure |= of_scenes(net, scenes) | of_clips(net, clips)
    return Measurement(
        figure,
        {
            "style_recall": "recall@5 of the picture by its caption without the artist (_artist: with) among all 20 of "
            "eval/styles, of those whose caption names an artist; held: of every tenth painting of styles/, which "
            "training held back, by its caption without the artist",
            "raw": "the same by ridge regression from the encoder's statistics to the sentence vectors of captions, "
            "fitted on the other paintings, or on four times as many other scenes; the best of the penalties "
            f"{PENALTIES}",
            "scene": f"recall@1 among {scenes} unseen rendered scenes, their middle frames and a caption of each",
            "match": f"share of {PAIRS} caption pairs of each of {clips} unseen scenes whose right one has the higher "
            "logit, the other being wrong in the part named; chance is 0.5; blind: the same captions before the scene "
            "of another seed, what can be known of the words alone",
            "patch_accuracy": "share of the patches that an object covers by half or more which are likest to its "
            "phrase among those of the scene; chance: the mean over scenes of one over its phrases",
        },
    )


if __name__ == "__main__":
    main("clip", measure)
