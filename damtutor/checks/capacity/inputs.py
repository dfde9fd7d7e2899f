"""What the checks of chapter `capacity` put in: seeded random cases and fixed edges.

Where signs decide, N is a power of two, so that floats are exact, and plain sets have odd K: then N x_i h_i is odd
and no field is zero. Sets that are to overflow int8 are strongly biased: sums of fair signs stay below 127.
"""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Case, Reason

MOST = 6  # patterns that may be used to break the claim


def spins(tag, K, N, bias=0.0):
    """Random patterns `(K, N)`, int8, from a seed of their own."""
    rng = np.random.default_rng([31, tag, K, N])
    return np.where(rng.random((K, N)) < (1 + bias) / 2, 1, -1).astype(np.int8)


def stability_cases():
    """Pattern sets; more than 127 patterns or neurons overflow int8."""
    for K, N in ((1, 2), (2, 3), (3, 4), (4, 6), (5, 5), (7, 10), (20, 8)):
        for tag in range(2):
            yield Case((spins(tag, K, N),))
    for K, N in ((150, 12), (5, 200)):
        yield Case((spins(0, K, N, 0.97),), "large")


def perfect_cases():
    """N and P."""
    for N in (64, 128, 512, 2048, 10_000):
        yield Case((N, 0.5))
    for N, P in ((256, 0.9), (1000, 0.1), (1000, 0.99), (4096, 0.25)):
        yield Case((N, P))


def rate_cases():
    """Pattern sets with wrong bits; even K and a power of two for N give ties, and exact floats."""
    for K, N in ((3, 4), (3, 8), (5, 8), (7, 8), (9, 16), (15, 16), (21, 32), (41, 16)):
        for tag in range(2):
            yield Case((spins(tag, K, N),))
    for K, N in ((2, 2), (2, 4), (4, 8), (6, 8), (8, 16), (12, 16)):
        for tag in range(3):
            X = spins(tag, K, N)
            W = X.T.astype(int) @ X
            np.fill_diagonal(W, 0)
            if np.any(X @ W == 0):
                yield Case((X,), "tie")
    for K, N in ((151, 32), (7, 256)):
        yield Case((spins(0, K, N, 0.96),), "large")


def unsafe_cases():
    """N and a seed."""
    for N, seed in ((100, 0), (100, 1), (200, 0), (500, 2), (1000, 0)):
        yield Case((N, seed))


def accept_unsafe(args, expected, got):
    """None if these are at most six different patterns of N bits, and none is a fixed point."""
    N = args[0]
    if got.ndim != 2 or got.shape[1] != N:
        return Reason(f"The answer has shape {got.shape}; expected (K, {N}), one pattern a row.")
    K = len(got)
    if not np.isin(got, (-1, 1)).all():
        odd = got.ravel()[~np.isin(got.ravel(), (-1, 1))][0]
        return Reason(f"A bit of a pattern is -1 or +1; the answer contains {odd:g}.")
    if not 1 <= K <= MOST:
        return Reason(f"{K} patterns: the claim is to be broken with at least one and at most {MOST}.")
    X = got.astype(int)
    if len(np.unique(X, axis=0)) < K:
        return Reason("The same pattern is stored twice; all rows must differ.")
    fields = X @ (X.T @ X) - K * X  # N times Hebb's field, without diagonal
    fixed = int(np.sum((fields * X >= 0).all(axis=1)))
    if fixed == K:
        return Reason(f"All {K} patterns are fixed points: the claim holds for them. Make them more alike.")
    if fixed:
        words = (
            f"{fixed} of {K} patterns are fixed points still; none should be: in each the others must outvote a bit."
        )
        return Reason(words, ALMOST)
    return None


def likeness_cases():
    """Pattern sets, fair and biased."""
    for K, N, bias in (
        (2, 3, 0.0),
        (2, 4, 0.5),
        (3, 4, 0.3),
        (3, 8, -0.4),
        (4, 6, 0.0),
        (5, 20, 0.6),
        (10, 12, -0.3),
    ):
        for tag in range(2):
            yield Case((spins(tag, K, N, bias),))
    for K, N, bias in ((150, 9, 0.97), (4, 300, 0.9)):
        yield Case((spins(0, K, N, bias),), "large")
