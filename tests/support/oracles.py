"""What a decision of a dense memory is by its definition, in whole numbers: slow, and right."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, localcontext

import numpy as np

from damtutor.models.interactions import Exponential, RectifiedPower


def random_patterns(rng, count, size):
    return (2 * rng.integers(0, 2, (count, size), dtype=np.int8) - 1).astype(np.int8)


def exact_overlaps(patterns, state):
    """X s by matrix products in float32, exact for fewer than 2^24 neurons."""
    parts = np.array_split(patterns, 1 + len(patterns) // 4096)
    return np.concatenate([part.astype(np.float32) @ state.astype(np.float32) for part in parts]).astype(int)


def exact_sign(patterns, state, i, interaction, update_rule) -> int:
    """Sign of the decision at spin i from its definition, in whole numbers (for exp: 120 digits and level counts)."""
    spin = int(state[i])
    overlap = exact_overlaps(patterns, state)
    x = patterns[:, i].astype(int)
    level = overlap if update_rule == "gradient" else overlap - spin * x
    counts = Counter()
    for s, value in zip(level.tolist(), x.tolist(), strict=True):
        counts[s] += value
    counts = {s: a for s, a in counts.items() if a}
    if isinstance(interaction, Exponential):  # all its rules are e^S times a positive number
        with localcontext() as context:
            context.prec = 120
            total = sum((a * Decimal(s).exp() for s, a in counts.items()), Decimal(0))
        return (total > 0) - (total < 0)
    n = interaction.order

    def base(v):
        return max(v, 0) if isinstance(interaction, RectifiedPower) else v

    if update_rule == "exact":
        total = sum(a * (base(s + 1) ** n - base(s - 1) ** n) for s, a in counts.items())
    else:
        total = sum(a * n * base(s) ** (n - 1) for s, a in counts.items())
    return (total > 0) - (total < 0)


def near_tie():
    """Two patterns cancel exactly at spin 0, a third, far weaker, decides: 1 part in 10^30 at n = 40."""
    rng = np.random.default_rng(3)
    strong = random_patterns(rng, 1, 101)[0]
    other = strong.copy()
    other[0] = -other[0]
    weak = strong.copy()
    weak[1:51] *= -1
    weak[51:53] *= -1
    return np.array([strong, other, weak]), strong.copy()
