"""The recipe of the text encoder and its phrases."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from impasto.errors import ModelError
from impasto.perception.text.tokenizer import NO_WORD, Tokens
from impasto.perception.text.weights import load_text_encoder
from impasto.training import textencoder
from impasto.training.phrasegrammar import RULES, parse
from impasto.training.phrases import Phrases, known_texts
from impasto.training.textencoder import (
    TextEncoderRun,
    TextTraining,
    relation_error,
    static_encoder,
    train,
    word_cosine,
    word_vectors,
)
from impasto.weights.paths import assets_dir, cache_dir
from tests.perception.text.toy import CONFIG, TEXTS, toy_teacher

KNOWN = {name: [f"some {name}"] for name in ("caption", "title", "artist", "school", "museum medium", "class")}
WORDS = ["sea", "orange", "boat", "house"]


def phrases() -> Phrases:
    return Phrases(KNOWN, WORDS)


@pytest.fixture
def training(tmp_path: Path) -> TextTraining:
    sizes = {"vocabulary": 400, "corpus": 64, "batch_size": 16, "at_once": 8}
    run = TextEncoderRun(encoder=CONFIG, **sizes, steps=40, warmup=2, output=tmp_path / "text.safetensors")
    return TextTraining(run, phrases(), toy_teacher(tmp_path))


# The phrases


def test_phrases_depend_on_the_seed_alone():
    assert phrases().draw("step 3", 50) == phrases().draw("step 3", 50)
    assert phrases().draw("step 3", 50) != phrases().draw("step 4", 50)


def test_the_grammar_is_closed_and_all_of_it_is_used():
    rules = parse(RULES)
    used = {"phrase", *re.findall("{(.*?)}", RULES)}
    lists = {*KNOWN, "common word", "known word", "any word"}
    assert used == {*rules, *lists}
    assert not set(rules) & lists
    assert all(all(rule) for rule in rules.values())


def test_phrases_are_whole_many_and_right_about_an():
    drawn = phrases().draw("whole", 2000)
    whole = drawn[:1500]  # the others had their words changed
    assert len(set(drawn)) > 1500
    assert not any(set("{}|") & set(text) for text in drawn)
    assert not any(re.search(r"\ba orange", text) for text in whole)


def test_no_measuring_text_is_trained_on():
    if not (assets_dir() / "styles/captions.jsonl").is_file():
        pytest.skip(f"no captions in {assets_dir()}; see docs/data.md")
    lines = (assets_dir() / "eval/styles/captions.jsonl").read_text(encoding="utf-8").splitlines()
    measured = {json.loads(line)["caption"] for line in lines}
    assert not measured & {text for texts in known_texts().values() for text in texts if " by " in text}


# The losses


def test_word_vectors_sum_the_tokens_of_a_word():
    words = torch.tensor([[NO_WORD, 0, 1, 1, 2, NO_WORD], [NO_WORD, 0, NO_WORD, NO_WORD, NO_WORD, NO_WORD]])
    tokens = Tokens(words, words < 0, words, ())
    features = torch.randn(2, 6, 3)
    summed = word_vectors(features, tokens, 2)
    torch.testing.assert_close(summed[0], torch.stack([features[0, 1], features[0, 2] + features[0, 3]]))
    torch.testing.assert_close(summed[1], torch.stack([features[1, 1], torch.zeros(3)]))
    assert word_cosine((features, tokens), (2 * features, tokens)).item() == pytest.approx(1)
    assert word_cosine((features, tokens), (-features, tokens)).item() == pytest.approx(-1)


def test_relations_do_not_see_a_rotation():
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(6, 5), dim=1)
    rotation, _ = torch.linalg.qr(torch.randn(5, 5))
    assert relation_error(vectors @ rotation, vectors).item() == pytest.approx(0, abs=1e-10)
    assert relation_error(vectors.flip(0), vectors).item() > 0.01


# The training


def test_the_start_knows_the_meaning_of_single_words(training: TextTraining):
    encoder = static_encoder(training.teacher, phrases(), training.run)
    words = [piece for piece in encoder.pieces if piece.isalpha()][:60]
    ours, theirs = encoder.embed(words), training.teacher.embed(words)
    theirs = torch.nn.functional.normalize(theirs - theirs.mean(0), dim=1)
    assert (ours * theirs).sum(1).mean() > 0.5


@pytest.mark.parametrize(
    ("weights", "figure", "up"),
    [
        ({"relation_weight": 0.0, "word_weight": 0.0}, 0, True),
        ({"relation_weight": 1e3}, 1, False),
        ({"word_weight": 20.0}, 2, True),
    ],
)
def test_steps_better_each_figure(
    training: TextTraining, weights: dict[str, float], figure: int, up: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(training.texts, "draw", lambda seed, count: TEXTS * 3)
    training.run = replace(training.run, **weights)
    figures = [training.advance()[figure] for _ in range(6)]
    assert (figures[-1] > figures[0]) is up


def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(training: TextTraining):
    for _ in range(2):
        training.advance()
    training.save()
    resumed = TextTraining(training.run, phrases(), training.teacher)
    assert resumed.step == 2
    for _ in range(2):
        assert training.advance() == pytest.approx(resumed.advance())
    for name, parameter in training.named.items():
        torch.testing.assert_close(resumed.named[name], parameter)
        torch.testing.assert_close(resumed.average[name], training.average[name])


def test_it_writes_the_average_and_goes_on_from_it(training: TextTraining):
    for _ in range(3):
        training.advance()
    training.save()
    written = load_text_encoder(training.run.output)
    for name, parameter in training.averaged().named_parameters():
        assert torch.equal(parameter, training.average[name])
    assert not torch.equal(training.average["position"], training.named["position"])
    ours = training.averaged().embed(TEXTS)
    assert ((written.embed(TEXTS) * ours).sum(1) > 0.999).all()
    training.checkpoint.unlink()
    again = TextTraining(training.run, phrases(), training.teacher)
    assert again.step == 0
    assert ((again.averaged().embed(TEXTS) * ours).sum(1) > 0.999).all()


def test_the_recipe_tells_how_far_it_is_and_writes_the_encoder(
    training: TextTraining, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(textencoder, "known_texts", lambda: KNOWN)
    monkeypatch.setattr(textencoder, "teacher_folder", lambda: tmp_path)
    monkeypatch.setattr(textencoder, "TOLD_EVERY", 3)
    run = replace(training.run, steps=3)
    (progress,) = train(run)
    assert progress.step == 3
    assert -1 < progress.cosine < 1
    assert json.loads((cache_dir() / "training/text-encoder.jsonl").read_text())["step"] == 3
    assert load_text_encoder(training.run.output).config == CONFIG
    assert list(train(run)) == []


def test_a_checkpoint_of_another_size_is_refused(training: TextTraining):
    training.advance()
    training.save()
    other = TextEncoderRun(encoder=type(CONFIG)(width=8), output=training.run.output)
    with pytest.raises(ModelError, match="another size"):
        TextTraining(other, phrases(), training.teacher)
