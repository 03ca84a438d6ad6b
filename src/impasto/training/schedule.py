"""How fast a training goes."""

import math


def warmed_cosine(step: int, rate: float, warmup: int, steps: int) -> float:
    """The rate of a step: it rises over the first `warmup`, then falls by a cosine to a hundredth."""
    done = max(0.0, (step - warmup) / max(1, steps - warmup))
    return rate * min(1.0, (step + 1) / warmup) * (0.505 + 0.495 * math.cos(math.pi * done))
