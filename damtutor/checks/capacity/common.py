"""What several exercises of chapter `capacity` share.

Where signs decide, N is a power of two, so that floats are exact, and plain sets have odd K: then N x_i h_i is odd
and no field is zero. Sets that are to overflow int8 are strongly biased: sums of fair signs stay below 127.
"""

from statistics import NormalDist

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Reason

OVERFLOW = Reason(
    "Right on small inputs, but on large ones the numbers are too large for the type: int8 ends at 127.", ALMOST
)
NORMAL = NormalDist()
INT8 = "X.T @ X is int8 and wraps at 127: write X.astype(int) first."


def spins(tag, K, N, bias=0.0):
    """Random patterns `(K, N)`, int8, from a seed of their own."""
    rng = np.random.default_rng([31, tag, K, N])
    return np.where(rng.random((K, N)) < (1 + bias) / 2, 1, -1).astype(np.int8)


def within_five_errors(shares, p):
    """Whether the mean of `shares` is within five standard errors of p."""
    return abs(np.mean(shares) - p) <= 5 * np.std(shares, ddof=1) / np.sqrt(len(shares))


def couplings(X, diagonal=0.0):
    """Hebb's couplings times N, with `diagonal` on it; None keeps it."""
    W = X.T.astype(float) @ X
    if diagonal is not None:
        np.fill_diagonal(W, diagonal)
    return W
