"""What several exercises of chapter `hopfield` share.

Plain cases stay clear of ties and thresholds, so that any honest arithmetic (float32 too) decides them alike; ties,
thresholds, large and dependent sets are edges with a name of their own.
"""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Reason

INT8 = "X is int8 and wraps at 127, and so does what you compute from it: write X.astype(int) first."
LARGE = Reason("Right on small inputs; on large ones int8 wraps at 127. Cast X before you multiply.", ALMOST)


def spins(rng, *shape):
    """Random spins, int8."""
    return rng.choice(np.array([-1, 1], dtype=np.int8), shape)


def patterns_and_state(seed, K, N):
    """K random patterns and a random state of N spins, from a seed of their own."""
    rng = np.random.default_rng(seed)
    return spins(rng, K, N), spins(rng, N)
