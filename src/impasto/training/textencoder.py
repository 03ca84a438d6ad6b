"""Recipe of the text encoder: distil MiniLM's sentence vectors into a network a sixteenth of its size.

It begins as the mean over a text's sub-words of the teacher's own vectors for them, reduced to their principal
components (Tulkens and van Dongen 2024, "Model2Vec"), and learns what the order of the words adds.

Run: `impasto train text-encoder`. Goes on from its checkpoint in the cache folder, else from the embedded weights, else
from nothing.

Legend: B texts, L tokens, D channels, W words.
"""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from impasto.errors import ModelError
from impasto.perception.text.encoder import TextConfig, TextEncoder
from impasto.perception.text.teacher import TextTeacher, teacher_folder
from impasto.perception.text.tokenizer import NO_WORD, SPECIAL, Tokens, learn_pieces, tokenize
from impasto.perception.text.weights import TEXT, load_text_encoder, save_text_encoder
from impasto.training.adamw import AdamW
from impasto.training.checkpoint import read_checkpoint, restore, snapshot, write_checkpoint
from impasto.training.phrases import Phrases, known_texts
from impasto.training.schedule import warmed_cosine
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import EMBEDDED, cache_dir
from impasto.weights.precision import autocast

TOLD_EVERY = 50
"""Steps between two reports of progress."""
AVERAGE = "/average"


@dataclass(frozen=True)
class TextEncoderRun:
    encoder: TextConfig = field(default_factory=TextConfig)
    vocabulary: int = 10_000
    corpus: int = 60_000
    """Phrases from which the vocabulary is learnt, besides the words of the teacher's."""
    steps: int = 4400
    batch_size: int = 256
    at_once: int = 32
    """Phrases of like length that go through the networks together: little padding."""
    rate: float = 1e-3
    warmup: int = 200
    decay: float = 0.01
    relation_weight: float = 10.0
    word_weight: float = 0.2
    ema: float = 0.998
    save_every: int = 400
    output: Path = EMBEDDED / TEXT


@dataclass(frozen=True)
class Progress:
    """Means over the last steps, on phrases never seen before."""

    step: int
    cosine: float
    """Of the sentence vector to the teacher's."""
    relation: float
    """Root mean square error of the similarity of two phrases."""
    word_cosine: float
    """Of a word's token features, in the teacher's space, to the teacher's hidden states."""


def word_vectors(features_BLD: Tensor, tokens: Tokens, words: int) -> Tensor:
    """[B, W, D]: the sum over the tokens of each of the first W words of a text; 0 where it has fewer."""
    padded_BWD = features_BLD.new_zeros(features_BLD.shape[0], words + 1, features_BLD.shape[2])
    counted_BL = (tokens.words != NO_WORD) & (tokens.words < words)
    place_BL = tokens.words.where(counted_BL, words)
    return padded_BWD.scatter_add(1, place_BL[..., None].expand_as(features_BLD), features_BLD)[:, :words]


def word_cosine(ours: tuple[Tensor, Tokens], theirs: tuple[Tensor, Tokens]) -> Tensor:
    """Mean cosine of the words that both saw; the two tokenizers part a text into the same words."""
    count = 1 + min(int(tokens.words.max()) for _, tokens in (ours, theirs))
    our_BWD, their_BWD = (word_vectors(features.float(), tokens, count) for features, tokens in (ours, theirs))
    both_BW = our_BWD.any(-1) & their_BWD.any(-1)
    return F.cosine_similarity(our_BWD[both_BW], their_BWD[both_BW], dim=-1).sum() / both_BW.sum().clamp(min=1)


def relation_error(ours_BD: Tensor, theirs_BD: Tensor) -> Tensor:
    """Mean squared error of the similarities of all pairs of two different texts (Park 2019, "RKD")."""
    count = len(ours_BD)
    return (ours_BD @ ours_BD.T - theirs_BD @ theirs_BD.T).square().sum() / (count * (count - 1))


@torch.no_grad()
def static_encoder(teacher: TextTeacher, texts: Phrases, run: TextEncoderRun) -> TextEncoder:
    """An encoder that knows the teacher's vector of each sub-word, and no order yet."""
    corpus = (
        text
        for number in range(run.corpus // run.batch_size)
        for text in texts.draw(f"corpus {number}", run.batch_size)
    )
    encoder = TextEncoder(learn_pieces([*texts.words, *corpus], run.vocabulary), run.encoder)
    vectors_VD = teacher.embed([piece.removeprefix("##") for piece in encoder.pieces])
    vectors_VD -= vectors_VD.mean(0)  # else all texts would be alike
    vectors_VD[: len(SPECIAL)] = 0
    _, basis = torch.linalg.eigh(vectors_VD.T @ vectors_VD)
    basis = basis[:, -run.encoder.width :]  # eigenvalues ascend
    encoder.embedding.weight.copy_(vectors_VD @ basis * math.sqrt(run.encoder.width))
    encoder.to_teacher.weight.copy_(basis)
    encoder.to_teacher.bias.zero_()
    return encoder


class TextTraining:
    """State of one training: texts, teacher, encoder, its running average and the optimizer."""

    def __init__(self, run: TextEncoderRun, texts: Phrases, teacher: TextTeacher) -> None:
        keep_freed_memory()
        torch.manual_seed(0)
        self.run, self.texts, self.teacher = run, texts, teacher
        self.step = 0
        self.checkpoint = cache_dir() / "training" / TEXT
        self.checkpoint.parent.mkdir(exist_ok=True)
        state, key = read_checkpoint(self.checkpoint) if self.checkpoint.exists() else ({}, "")
        self.encoder = self._start(key)
        self.named = dict(self.encoder.named_parameters())
        self.average = {name: p.detach().clone() for name, p in self.named.items()}
        self.optimizer = AdamW(self.named.values(), run.decay)
        if state:
            self._resume(state)

    def _start(self, key: str) -> TextEncoder:
        """The encoder of the checkpoint, yet without its weights; else the embedded one; else a new one."""
        run = self.run
        if key:
            known = json.loads(key)
            if known["config"] != asdict(run.encoder):
                raise ModelError(f"{str(self.checkpoint)!r} is of an encoder of another size; remove it to start anew.")
            return TextEncoder(known["pieces"], run.encoder)
        if run.output.exists() and (shipped := load_text_encoder(run.output)).config == run.encoder:
            return shipped.train().requires_grad_()
        return static_encoder(self.teacher, self.texts, run)

    def _resume(self, state: dict[str, Tensor]) -> None:
        self.step = int(state["step"])
        restore(state, self.named, self.optimizer, self.step)
        self.average = {name: state[name + AVERAGE] for name in self.named}

    def averaged(self) -> TextEncoder:
        """The encoder with the averaged weights: the result so far."""
        encoder = TextEncoder(self.encoder.pieces, self.run.encoder)
        encoder.load_state_dict(self.average)
        return encoder.eval().requires_grad_(False)

    def save(self) -> None:
        """Write the checkpoint, and the result so far."""
        state = snapshot(self.named, self.optimizer) | {"step": torch.tensor(self.step)}
        state |= {name + AVERAGE: value for name, value in self.average.items()}
        key = json.dumps({"config": asdict(self.run.encoder), "pieces": self.encoder.pieces})
        write_checkpoint(state, key, self.checkpoint)
        save_text_encoder(self.averaged(), self.run.output)

    def _see(self, texts: list[str]) -> tuple[Tensor, Tensor, Tensor]:
        """Sentence vectors of the encoder and of the teacher, and the cosine of their words."""
        ours, theirs = tokenize(self.encoder.tokenizer, texts), tokenize(self.teacher.tokenizer, texts)
        features_BLD = self.encoder(ours)
        # The teacher's sentence is the mean of its hidden states, so one map leads words and sentences there.
        mapped_BLD = self.encoder.to_teacher(features_BLD)
        with torch.no_grad():
            hidden_BLD = self.teacher(theirs)
        sentences = self.encoder.sentences(features_BLD, ours.padding)
        wanted = self.teacher.sentences(hidden_BLD, theirs.padding)
        return sentences, wanted, word_cosine((mapped_BLD, ours), (hidden_BLD, theirs))

    def advance(self) -> tuple[float, float, float]:
        """One optimizer step; the figures of `Progress`, the relation's squared."""
        run = self.run
        texts = self.texts.draw(f"step {self.step}", run.batch_size)
        texts.sort(key=lambda text: len(self.encoder.tokenizer.encode(text).ids))
        # Plain attention: on texts of ten tokens the fused kernel costs a step a tenth more.
        with autocast(), sdpa_kernel(SDPBackend.MATH):
            parts = [self._see(texts[start : start + run.at_once]) for start in range(0, len(texts), run.at_once)]
        ours_BD, theirs_BD = (torch.cat([part[side] for part in parts]) for side in (0, 1))
        cosine, words = (ours_BD * theirs_BD).sum(1).mean(), torch.stack([part[2] for part in parts]).mean()
        relation = relation_error(ours_BD, theirs_BD)
        loss = 1 - cosine + run.relation_weight * relation + run.word_weight * (1 - words)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.named.values(), 1.0)
        self.optimizer.step(warmed_cosine(self.step, run.rate, run.warmup, run.steps))
        self.step += 1
        keep = min(run.ema, self.step / (self.step + 10))
        with torch.no_grad():
            for name, parameter in self.named.items():
                self.average[name].lerp_(parameter, 1 - keep)
        return cosine.item(), relation.item(), words.item()


def train(run: TextEncoderRun) -> Iterator[Progress]:
    """Train to `run.steps`, yielding means over `TOLD_EVERY` steps; saves every `save_every` steps and at the end.

    Raises:
        ModelError: the captions of the data folder or the teacher are missing.
    """
    known = known_texts()
    teacher = TextTeacher(teacher_folder()).bfloat16()
    training = TextTraining(run, Phrases(known, teacher.words()), teacher)
    started, rows = time.monotonic(), []
    with (cache_dir() / "training" / "text-encoder.jsonl").open("a") as log:
        while training.step < run.steps:
            rows.append(training.advance())
            if training.step % TOLD_EVERY == 0:
                cosine, relation, words = np.mean(rows, axis=0)
                rows.clear()
                progress = Progress(training.step, float(cosine), math.sqrt(relation), float(words))
                log.write(json.dumps(vars(progress) | {"seconds": round(time.monotonic() - started)}) + "\n")
                log.flush()
                yield progress
            if training.step % run.save_every == 0 or training.step == run.steps:
                training.save()
