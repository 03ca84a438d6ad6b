from tests.evaluation.metrics.conftest import small_view

__all__ = ["small_view"]
