"""The two vectors of csd-nano, at toy size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from impasto.errors import ModelError
from impasto.perception.csdnano import CsdConfig, CsdNano, Whitening, embedded_csd_nano, load_csd_nano, save_csd_nano
from impasto.perception.encoder import VGG_CHANNELS

TINY = CsdConfig(kept=3, grid=4, hidden=8, channels=4, size=6)


def features(seed: int, pictures: int = 2, side: int = 32) -> list[torch.Tensor]:
    """Like the encoder's relu1_1 .. relu5_1 of pictures of `side` pixels."""
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.rand(pictures, channels, side >> level, side >> level, generator=generator)
        for level, channels in enumerate(VGG_CHANNELS)
    ]


def fitted(config: CsdConfig = TINY) -> CsdNano:
    torch.manual_seed(0)
    net = CsdNano(config).eval()
    net.fit([features(seed) for seed in range(2)])
    net.standardise(torch.cat([net.see(features(seed)).style for seed in range(2, 6)]))
    return net.requires_grad_(False)


def test_whitening_makes_components_independent_and_of_one_size():
    mixing = torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
    layer = torch.einsum("ij,bjhw->bihw", mixing, features(0)[1][:, :5]) + 3
    whitening = Whitening(5, 3)
    whitening.fit(layer.movedim(1, -1).flatten(0, 2))
    points = whitening(layer).movedim(1, -1).flatten(0, 2)
    torch.testing.assert_close(points.mean(0), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(points.T @ points / len(points), torch.eye(3), atol=1e-4, rtol=0)


def test_whitening_keeps_the_strongest_components():
    strong, weak = torch.randn(2, 4, 100, generator=torch.Generator().manual_seed(0))
    layer = torch.stack([0.1 * weak[:1], 5 * strong[:1]], 1)[..., None]
    whitening = Whitening(2, 1)
    whitening.fit(layer.movedim(1, -1).flatten(0, 2))
    agreement = torch.corrcoef(torch.stack([whitening(layer).flatten(), strong[0]]))[0, 1]
    assert abs(agreement) > 0.99


def test_style_is_seen_as_mean_and_root_of_the_covariance():
    net, layers = fitted(), features(7)
    seen = net.see(layers).style
    assert seen.shape == (2, TINY.moments)
    for number, (whiten, layer) in enumerate(zip(net.style_whitenings, layers[:4], strict=True)):
        points = whiten(layer)[1].flatten(1).double().numpy()
        mean, *upper = np.split(seen[1].view(4, -1)[number].double().numpy(), [3])
        np.testing.assert_allclose(mean, points.mean(1), atol=1e-5)
        root = np.zeros((3, 3))
        root[np.triu_indices(3)] = upper[0]
        root = root + np.triu(root, 1).T
        np.testing.assert_allclose(root @ root, np.cov(points, bias=True), atol=1e-4)


def test_vectors_have_length_one_and_are_the_same_alone():
    net, layers = fitted(), features(7)
    style, content = net(layers)
    for vectors in (style, content):
        assert vectors.shape == (2, TINY.size)
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
        assert vectors[0] @ vectors[1] < 0.9999
    torch.testing.assert_close(net.style(layers), style)
    torch.testing.assert_close(net.content(layers), content)
    torch.testing.assert_close(net.describe(net.see([layer[:1] for layer in layers])).style, style[:1])


def test_style_does_not_see_where_things_are_and_content_does_not_see_contrast():
    net, layers = fitted(), features(7)
    shuffled = [layer.flatten(2)[..., torch.randperm(layer[0, 0].numel())].view_as(layer) for layer in layers]
    brighter = [3 * layer + 1 for layer in layers]
    seen, elsewhere, otherwise = net.see(layers), net.see(shuffled), net.see(brighter)
    torch.testing.assert_close(elsewhere.style, seen.style, atol=1e-3, rtol=0)
    assert (elsewhere.content - seen.content).abs().mean() > 0.1
    torch.testing.assert_close(otherwise.content, seen.content, atol=1e-3, rtol=0)
    assert (otherwise.style - seen.style).abs().mean() > 0.1


def test_the_smallest_pictures_have_vectors():
    assert all(bool(vectors.isfinite().all()) for vectors in fitted()(features(0, side=32)))


def test_a_flat_picture_has_vectors_too():
    flat = [torch.ones_like(layer) for layer in features(0)]
    assert all(bool(vectors.isfinite().all()) for vectors in fitted()(flat))


def test_saved_weights_load_with_their_config_and_saving_again_changes_nothing(tmp_path: Path):
    file, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_csd_nano(fitted(), file)
    net = load_csd_nano(file)
    assert net.config == TINY
    assert not any(parameter.requires_grad for parameter in net.parameters())
    for ours, before in zip(net(features(7)), fitted()(features(7)), strict=True):
        torch.testing.assert_close(ours, before, atol=0.02, rtol=0)
    save_csd_nano(net, again)
    assert again.read_bytes() == file.read_bytes()


def test_what_ships_keeps_its_budget(tmp_path: Path):
    save_csd_nano(CsdNano(), tmp_path / "x.safetensors")
    assert (tmp_path / "x.safetensors").stat().st_size <= 1.8e6


def test_refuses_what_is_no_csd_nano(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    good, bad = tmp_path / "good.safetensors", tmp_path / "bad.safetensors"
    save_csd_nano(fitted(), good)
    state = load_file(good)
    metadata = {"config": '{"kept": 3, "grid": 4, "hidden": 8, "channels": 4, "size": 6}'}
    attempts = [
        lambda: bad.write_bytes(b"no safetensors"),
        lambda: save_file(state, bad),
        lambda: save_file(state, bad, {"config": '{"width": 3}'}),
        lambda: save_file({"center": state["center"]}, bad, metadata),
    ]
    for write in attempts:
        write()
        with pytest.raises(ModelError, match="does not hold the weights of csd-nano; reinstall"):
            load_csd_nano(bad)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    embedded_csd_nano.cache_clear()
    (tmp_path / "csd-nano.safetensors").write_bytes(good.read_bytes())
    assert embedded_csd_nano().config == TINY
    embedded_csd_nano.cache_clear()
