"""bfloat16 is for processors that are faster with it, and for weights that are of that type already."""

import pytest
import torch

from impasto.weights.precision import CPU, autocast, fast_dtype


@pytest.mark.parametrize(("matrix_units", "fast"), [(True, torch.bfloat16), (False, torch.float32)])
def test_what_is_fast_hangs_on_the_processor(matrix_units: bool, fast: torch.dtype, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: matrix_units)
    assert fast_dtype() == fast
    assert fast_dtype(torch.device("cuda")) == torch.bfloat16
    layer, x = torch.nn.Linear(2, 2), torch.ones(1, 2)
    with autocast():
        assert layer(x).dtype == fast
    with autocast(enabled=False):
        assert layer(x).dtype == torch.float32
    with autocast(CPU, torch.bfloat16):
        assert layer.bfloat16()(x).dtype == torch.bfloat16
