"""What holds for every right answer of chapter `hopfield`."""

import numpy as np

from damtutor.checks.engine.exercise import Call
from damtutor.checks.hopfield.inputs import whole
from damtutor.experiments.endings import classify, mixture


def _random(seed, K, N):
    rng = np.random.default_rng(seed)
    return rng.choice(np.array([-1, 1], dtype=np.int8), (K, N)), rng.choice(np.array([-1, 1], dtype=np.int8), N)


def negative_as_deep(call: Call):
    """E(s) = E(-s), and E = (K - N Σ m²)/2."""
    for k in range(10):
        X, s = _random([82, k], 1 + k % 4, 4 + k)
        value, turned = float(call(X, s)), float(call(X, -s))
        if abs(value - turned) > 1e-4:
            return (X, s), f"E(s) is {value:g} and E(-s) is {turned:g}: they must be the same."
        m = X.astype(int) @ s / s.size
        wanted = (len(X) - s.size * (m @ m)) / 2
        if abs(value - wanted) > 1e-4:
            return (X, s), f"From the overlaps, (K - N Σ m²)/2, it is {wanted:g}."
    return None


def never_rises(call: Call):
    """No sweep raises the energy."""
    for k in range(12):
        X, s = _random([83, k], 3 + k % 5, 10)
        W = whole(X)
        after = call(W, s, 1)
        change = int(s.astype(int) @ W @ s) - int(after.astype(int) @ W @ after.astype(int))
        if change > 0:
            return (W, s, 1), f"s·W s fell by {change}, so the energy rose."
    return None


def comes_to_rest(call: Call):
    """Many sweeps end where one more changes nothing."""
    for k in range(12):
        X, s = _random([84, k], 4, 12)
        W = whole(X)
        end = call(W, s, 40).astype(np.int8)
        if not np.array_equal(call(W, end, 1), end):
            return (W, s, 40), "After 40 sweeps one more still changes something."
    return None


def keeps_patterns(call: Call):
    """(W + diagonal) X = X: with the removed diagonal put back, every pattern is kept."""
    for k in range(6):
        X, _ = _random([85, k], 3, 12)
        X = np.concatenate([X, X[:1], -X[1:2]]) if k % 2 else X
        W = call(X)
        put_back = np.linalg.matrix_rank(X.astype(float))
        fields = X @ W
        missing = X - fields
        diagonal = missing / X
        if np.abs(diagonal - diagonal[0]).max() > 1e-4 or abs(diagonal[0].sum() - put_back) > 1e-3:
            words = "X - X W should be X times one diagonal, of trace rank X: the part that was removed."
            return (X,), words
    return None


def same_as_the_package(call: Call):
    """Ideal mixtures with any signs, and states in between, as `endings.classify` has them."""
    names = {"memory": 1, "negative": -1, "mixture": 3, "other": 0}
    for k in range(24):
        X, s = _random([86, k], 5, 101)
        rng = np.random.default_rng([87, k])
        signs = rng.choice([-1, 1], 3)
        s = mixture(X, rng.permutation(5)[:3], signs) if k % 3 else s
        m = np.sort(np.abs(X.astype(int) @ s))
        if m[2] == m[1]:
            continue
        wanted = names[classify(X, s).kind]
        if int(call(X, s).ravel()[0]) != wanted:
            return (X, s), f"By the definition this is {wanted}."
    return None
