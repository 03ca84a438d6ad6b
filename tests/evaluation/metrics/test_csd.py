"""csd-nano and leakage-nano, by heads that were never trained: what they compare, and that they look only once."""

from pathlib import Path

import pytest
import torch

from impasto.errors import ModelError
from impasto.evaluation.metrics import csd, nano
from impasto.evaluation.metrics.csd import METRICS
from impasto.evaluation.metrics.metric import Look, Reference
from impasto.evaluation.metrics.nano import nano_features
from impasto.perception import csdnano
from impasto.perception.csdnano import CsdConfig, CsdNano, embedded_csd_nano, save_csd_nano
from tests.evaluation.metrics.toys import texture, tinted

BY_KEY = {metric.key: metric for metric in METRICS}
STYLE, OTHER = texture(1), texture(2, (72, 64))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_view: None):
    """Untrained heads behind a fixed part that was fitted to textures."""
    torch.manual_seed(0)
    net = CsdNano(CsdConfig(kept=8, hidden=16, channels=8, size=12))
    net.fit([nano_features(texture(seed)) for seed in (5, 6)])
    save_csd_nano(net, tmp_path / csdnano.WEIGHTS)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    embedded_csd_nano.cache_clear()
    yield
    embedded_csd_nano.cache_clear()


def measured(key: str, output, *styles) -> float:
    return BY_KEY[key].begin(Reference(styles=styles))(Look(output))


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("key", list(BY_KEY))
def test_is_the_mean_cosine_with_the_style_pictures(key):
    output = texture(0)
    vectors = [embedded_csd_nano()(nano_features(picture)) for picture in (output, STYLE, OTHER)]
    ours, *theirs = (pair.style[0] if key == "csd-nano" else pair.content[0] for pair in vectors)
    cosines = [float(torch.cosine_similarity(ours, their, dim=0)) for their in theirs]
    assert measured(key, output, STYLE, OTHER) == pytest.approx(sum(cosines) / 2, abs=1e-5)
    assert measured(key, output, STYLE) == pytest.approx(cosines[0], abs=1e-5)


@pytest.mark.usefixtures("weights")
def test_the_style_picture_itself_has_all_of_both():
    for key in BY_KEY:
        assert measured(key, STYLE, STYLE) == pytest.approx(1, abs=1e-5)
        assert measured(key, texture(0), STYLE) < 0.9999


@pytest.mark.usefixtures("weights")
def test_a_mirrored_style_picture_keeps_its_style():
    mirrored = STYLE[:, ::-1].copy()
    assert measured("csd-nano", mirrored, STYLE) > measured("csd-nano", tinted(STYLE, 0.5), STYLE)


@pytest.mark.usefixtures("weights")
def test_the_encoder_looks_once_for_both(monkeypatch: pytest.MonkeyPatch):
    looked = []
    monkeypatch.setattr(csd, "nano_features", lambda frame: looked.append(frame.shape) or nano.nano_features(frame))
    measures = [metric.begin(Reference(styles=(STYLE,))) for metric in METRICS]
    looked.clear()
    look = Look(texture(0))
    for measure in measures:
        measure(look)
    assert len(looked) == 1


def test_missing_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    for metric in METRICS:
        with pytest.raises(ModelError, match=r"'encoder.safetensors' are missing"):
            metric.check_weights()
    (tmp_path / "encoder.safetensors").touch()
    for metric in METRICS:
        with pytest.raises(ModelError, match=r"'csd-nano.safetensors' are missing"):
            metric.check_weights()
