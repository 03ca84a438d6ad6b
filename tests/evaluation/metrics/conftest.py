import pytest

from impasto.evaluation.metrics import nano


@pytest.fixture
def small_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder sees frames at a quarter of the side that the protocol says: sixteen times as quick."""
    monkeypatch.setattr(nano, "SIDE", 64)
