"""Pictures, patches, texts and clips by clip-nano, at toy size and never trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from impasto.errors import ModelError
from impasto.perception.clipmatch import FRAMES, LATER, PLACE, REACH, MatchConfig, correlation, places
from impasto.perception.clipnano import (
    FORMAT,
    PATCH,
    PATCHES,
    ClipConfig,
    ClipNano,
    Words,
    embedded_clip_nano,
    grid_of,
    load_clip_nano,
    pool,
    read,
    save_clip_nano,
)
from impasto.perception.text.weights import TEXT, embedded_text_encoder, save_text_encoder
from tests.perception.text.toy import CONFIG, TEXTS, toy_encoder

TINY = ClipConfig(
    kept=4,
    width=16,
    depth=2,
    heads=2,
    hidden=24,
    text_hidden=24,
    size=8,
    text=CONFIG,
    match=MatchConfig(width=12, depth=2, heads=2, hidden=16, compared=6),
)


@pytest.fixture
def text_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A toy text encoder in place of the embedded one."""
    save_text_encoder(toy_encoder(), tmp_path / TEXT)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    embedded_text_encoder.cache_clear()
    yield
    embedded_text_encoder.cache_clear()


def random_net(config: ClipConfig = TINY) -> ClipNano:
    """With blocks that do something."""
    torch.manual_seed(0)
    net = ClipNano(config)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return net.eval().requires_grad_(False)


def pictures(count: int = 2, height: int = 64, width: int = 64, seed: int = 0) -> torch.Tensor:
    """Random spots of colour."""
    coarse = torch.rand(count, 3, 3, 4, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")


# How pictures are seen


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (192, 192), (33, 47), (480, 640), (10, 4000), (4000, 10)])
def test_grids_have_about_144_patches_of_the_pictures_shape(size):
    rows, columns = grid_of(*size)
    assert rows * columns == pytest.approx(PATCHES, rel=0.05)
    assert min(rows, columns) >= 2
    if max(size) < 4 * min(size):
        assert rows / columns == pytest.approx(size[0] / size[1], rel=0.12)
    assert grid_of(*reversed(size)) == pytest.approx((columns, rows), abs=1)


def test_codes_tell_places_apart_and_mean_the_same_on_a_finer_grid():
    coarse, fine = places(3, 5), places(9, 15).view(9, 15, PLACE)
    assert coarse.shape == (15, PLACE)
    distances = torch.cdist(coarse, coarse) + 9 * torch.eye(15)
    assert distances.min() > 0.3
    torch.testing.assert_close(fine[1::3, 1::3].reshape(15, PLACE), coarse, atol=1e-5, rtol=0)


def test_sees_colours_where_they_are():
    rgb = torch.full((1, 3, 144, 256), 0.5)
    rgb[:, 0, 2 * PATCH : 3 * PATCH, 5 * PATCH : 6 * PATCH] = 1
    sight = random_net().see(rgb)
    assert sight.grid == (9, 16)
    assert sight.tokens.shape == (1, 144, TINY.sight)
    reds = sight.tokens[0, :, :4]
    assert reds.mean(1).argmax() == 2 * 16 + 5
    torch.testing.assert_close(reds[2 * 16 + 5], torch.full((4,), 2.0), atol=1e-2, rtol=0)
    torch.testing.assert_close(reds[0], torch.zeros(4), atol=1e-2, rtol=0)


def test_components_are_fitted_to_patches():
    net = random_net()
    net.fit([pictures(seed=seed) for seed in range(4)])
    tokens = torch.cat([net.see(pictures(seed=seed)).tokens for seed in range(4)])[..., 12:].flatten(0, 1)
    torch.testing.assert_close(tokens.mean(0), torch.zeros(3 * TINY.kept), atol=1e-2, rtol=0)
    torch.testing.assert_close(tokens.std(0), torch.ones(3 * TINY.kept), atol=2e-2, rtol=0)


# Vectors


def test_a_pictures_vector_is_the_mean_of_its_patches():
    net, rgb = random_net(), pictures(height=48, width=96)
    seen = net.picture(rgb)
    rows, columns = seen.grid
    assert seen.patches.shape == (2, rows * columns, TINY.size)
    mean = seen.patches.mean(1)
    torch.testing.assert_close(seen.pooled, mean / mean.norm(dim=1, keepdim=True))
    assert seen.pooled[0] @ seen.pooled[1] < 0.9999
    torch.testing.assert_close(net.picture(rgb[:1]).pooled, seen.pooled[:1], atol=1e-4, rtol=0)


@pytest.mark.usefixtures("text_weights")
def test_texts_have_unit_vectors_and_mean_the_same_beside_longer_ones():
    net = random_net()
    vectors = net.text(TEXTS)
    assert vectors.shape == (len(TEXTS), TINY.size)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(TEXTS)))
    for text, vector in zip(TEXTS, vectors, strict=True):
        torch.testing.assert_close(net.text([text])[0], vector, atol=1e-5, rtol=0)
    assert (vectors[0] - vectors[1]).abs().max() > 1e-3  # their words are the same, in another order
    assert net.text([]).shape == (0, TINY.size)


def test_a_missing_text_encoder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    embedded_text_encoder.cache_clear()
    with pytest.raises(ModelError, match=r"'text.safetensors' are missing"):
        random_net().text(["a boat"])


@pytest.mark.usefixtures("text_weights")
def test_an_untrained_net_knows_texts_apart_as_sentences_are():
    torch.manual_seed(0)
    sentences, words = read(TEXTS).sentences, read(TEXTS)
    head = ClipNano(replace(TINY, size=CONFIG.sentence)).text_head
    vectors = head(words)
    torch.testing.assert_close(vectors @ vectors.T, sentences @ sentences.T, atol=1e-5, rtol=0)


# Clips


def test_correlation_is_the_cosine_with_the_patches_around():
    features = torch.randn(1, 4, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    found, unit = correlation(features).numpy(), features.numpy() / np.linalg.norm(features.numpy(), axis=2)[:, :, None]
    side = 2 * REACH + 1
    assert found.shape == (1, 4, 5, 6, side**2)
    for t, y, x, dy, dx in np.ndindex(4 - LATER, 5, 6, side, side):
        v, u = y + dy - REACH, x + dx - REACH
        inside = 0 <= v < 5 and 0 <= u < 6
        expected = unit[0, t, :, y, x] @ unit[0, t + LATER, :, v, u] if inside else 0
        assert found[0, t, y, x, dy * side + dx] == pytest.approx(expected, abs=1e-5)
    assert not found[:, 4 - LATER :].any()


@pytest.mark.usefixtures("text_weights")
def test_a_clip_has_a_logit_for_each_text_whatever_the_others_are():
    net, clip = random_net(), pictures(FRAMES)
    logits = net.match(clip, TEXTS)
    assert logits.shape == (len(TEXTS),)
    assert len(set(logits.tolist())) == len(TEXTS)
    torch.testing.assert_close(net.match(clip, TEXTS[:1]), logits[:1], atol=1e-4, rtol=0)
    backwards = net.match(clip.flip(0), TEXTS)
    assert (backwards - logits).abs().max() > 1e-4


def test_the_head_learns_which_way_a_spot_goes():
    """Of two clips, one the other backwards, with a text for each whose words are like the spot."""
    torch.manual_seed(0)
    net = ClipNano(TINY)
    tokens = torch.zeros(2, FRAMES, 4, 10, TINY.sight)
    for t in range(FRAMES):
        tokens[0, t, 2, 1 + t] = tokens[1, FRAMES - 1 - t, 2, 1 + t] = 1
    tokens = (tokens + 0.1 * torch.randn_like(tokens)).flatten(2, 3)
    patches = torch.ones(2, FRAMES, 40, TINY.size)
    words, padding = torch.randn(2, 3, CONFIG.width), torch.zeros(2, 3, dtype=torch.bool)
    right = torch.tensor([1.0, 1, 0, 0])

    likeness = tokens.mean(-1).flatten(1)[:, None].expand(-1, 3, -1).repeat(2, 1, 1)

    def logits() -> torch.Tensor:
        seen = net.match_head.watch(tokens, patches, (4, 10)).repeat(2, 1, 1)
        return net.match_head.judge(seen, likeness, torch.cat([words, words.flip(0)]), padding.repeat(2, 1))

    optimizer = torch.optim.Adam(net.match_head.parameters(), 0.01)
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(logits(), right).backward()
        optimizer.step()
    assert ((logits() > 0) == right.bool()).all()


@pytest.mark.usefixtures("text_weights")
def test_clips_and_their_texts_are_judged_together_as_alone():
    net, words, grid = random_net(), read(TEXTS[:4]), (4, 5)
    tokens, patches = torch.randn(2, FRAMES, 20, TINY.sight), torch.randn(2, FRAMES, 20, TINY.size)
    together = net.logits(tokens, patches, grid, words)
    for number, logit in enumerate(together):
        clip = slice(number % 2, number % 2 + 1)
        alone = net.logits(tokens[clip], patches[clip], grid, Words(*(part[number : number + 1] for part in words)))
        torch.testing.assert_close(alone[0], logit, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("text_weights")
def test_a_word_alone_is_like_a_patch_as_its_sentence_would_be():
    """The tokens' mean, in the space of sentences, is the sentence: so are they in the space of pictures."""
    words, head = read(TEXTS[:1]), random_net().text_head
    mean = words.meanings.mean(1)
    torch.testing.assert_close(mean / mean.norm(), words.sentences, atol=1e-5, rtol=0)
    one = words._replace(meanings=words.sentences[:, None])
    expected = torch.nn.functional.normalize(head.sentence(words.sentences * CONFIG.sentence**0.5), dim=1)
    torch.testing.assert_close(head.tokens(one)[:, 0], expected, atol=1e-5, rtol=0)
    assert head.tokens(words).shape == (1, words.features.shape[1], TINY.size)


# Files


def test_saved_weights_load_with_their_config_and_saving_again_changes_nothing(tmp_path: Path):
    file, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_clip_nano(random_net(), file)
    net = load_clip_nano(file)
    assert net.config == TINY
    assert not any(parameter.requires_grad for parameter in net.parameters())
    tokens, at = torch.randn(1, 12, TINY.sight), places(3, 4)[None]
    ours, before = pool(net.patches(tokens, at)), pool(random_net().patches(tokens, at))
    torch.testing.assert_close(ours, before, atol=0.05, rtol=0)
    save_clip_nano(net, again)
    assert again.read_bytes() == file.read_bytes()


def test_what_ships_keeps_its_budget(tmp_path: Path):
    save_clip_nano(ClipNano(), tmp_path / "x.safetensors")
    stored = load_file(tmp_path / "x.safetensors")
    sizes = {name: value.numel() * value.element_size() for name, value in stored.items()}
    match = sum(size for name, size in sizes.items() if name.startswith("match_head."))
    assert match <= 0.6e6
    assert (tmp_path / "x.safetensors").stat().st_size - match <= 2.2e6


def test_refuses_what_is_no_clip_nano(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    good, bad = tmp_path / "clip-nano.safetensors", tmp_path / "bad.safetensors"
    save_clip_nano(random_net(), good)
    state = load_file(good)
    attempts = [
        lambda: bad.write_bytes(b"no safetensors"),
        lambda: save_file(state, bad),
        lambda: save_file(state, bad, {FORMAT: '{"width": 3}'}),
        lambda: save_file({"norm.bias": state["norm.bias"]}, bad, {FORMAT: "{}"}),
    ]
    for write in attempts:
        write()
        with pytest.raises(ModelError, match="does not hold the weights of clip-nano; reinstall"):
            load_clip_nano(bad)
    broken = random_net()
    broken.norm.bias[0] = torch.nan
    save_clip_nano(broken, bad)
    with pytest.raises(ModelError, match="no numbers"):
        load_clip_nano(bad)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    embedded_clip_nano.cache_clear()
    assert embedded_clip_nano().config == TINY
    embedded_clip_nano.cache_clear()
