"""Two patterns one bit apart, of which one cannot be stable: break the claim."""

import itertools
import math

import numpy as np

from damtutor.checks.dense.common import OVERFLOW, spins
from damtutor.checks.engine.exercise import ALMOST, Case, Exercise, Mutants, Reason


def unstable_pair(X):
    """Rows (a, b), one bit apart, with E(X[a]) >= E(X[b]); () if none."""
    overlaps = X.astype(int) @ X.T
    pairs = np.argwhere(overlaps == X.shape[1] - 2)  # one bit apart
    if len(pairs) == 0:
        return ()
    a, b = pairs[0]
    energy = -np.exp(overlaps[[a, b]]).sum(axis=1)
    return (a, b) if energy[0] > energy[1] else (b, a)


# Cases ----------------------------------------------------------------------------------------------------------------

ORDER = "The pair is right, but not its order"


def cases():
    """Pattern sets with and without two patterns that differ in one bit."""
    for N, K in ((3, 2), (4, 2), (6, 3), (8, 4), (10, 6), (16, 12), (16, 40)):
        for rep in range(3):
            rng = np.random.default_rng([45, N, K, rep])
            X = _apart(rng, K, N)
            yield Case((X,))  # no such pair
            for sign in (1, -1):  # a close pair, or one that is close to opposite; both orders of energy
                near = X.copy()
                a, b = rng.permutation(K)[:2]
                near[b] = sign * near[a]
                near[b, rng.integers(N)] *= -1
                yield Case((near,))
    rng = np.random.default_rng(45)
    yield Case((np.repeat(spins(rng, 1, 8), 2, axis=0),))  # twice the same pattern is distance 0
    for rep in range(3):  # the claim itself: 2**(N/2) random patterns
        yield Case((spins(np.random.default_rng([45, 16, rep]), 256, 16),))
    wide = spins(rng, 4, 140)
    wide[3] = wide[1]
    wide[3, 70] *= -1
    yield Case((wide,), "large")


def _apart(rng, K, N):
    """Random patterns, no two of them at distance 1 or N - 1."""
    while True:
        X = spins(rng, K, N)
        H = np.abs(X.astype(int) @ X.T)
        if not (H == N - 2).any():
            return X


# Which answers are right ----------------------------------------------------------------------------------------------


def accept(args, expected, got):
    """Any pair one bit apart, the one of higher or equal exponential energy first; () where there is none."""
    X = args[0].astype(int)
    K, N = X.shape
    if got.size == 0:
        missed = Reason("This set has two patterns that differ in one bit; the answer () says that it has none.")
        return missed if len(expected) else None
    flat = got.astype(float).ravel()
    if flat.size != 2 or not np.isin(flat, np.arange(K)).all():
        return Reason(f"The answer is {got.tolist()}; expected two row numbers between 0 and {K - 1}, or ().")
    if got.dtype.kind not in "iu":
        return Reason("The row numbers come as fractions, which cannot index an array: return integers.", ALMOST)
    a, b = (int(k) for k in flat)
    if a == b:
        return Reason(f"Pattern {a} is paired with itself: the two row numbers must differ.")
    distance = int((X[a] != X[b]).sum())
    if distance == N - 1:
        return Reason(f"Patterns {a} and {b} differ in {distance} of {N} bits: they are nearly opposite, not close.")
    if distance != 1:
        return Reason(f"Patterns {a} and {b} differ in {distance} bits; expected a pair that differs in exactly 1.")
    if _height(X, a, b) < 0:
        words = f"{ORDER}: pattern {a} has the lower energy and comes second."
        return Reason(words + " Look at the sign of E.", ALMOST)
    return None


def _height(X, a, b):
    """Sign of E(X[a]) - E(X[b])."""
    X = X.astype(int)
    energy = [-np.exp(X @ X[k]).sum() for k in (a, b)]
    return 0 if np.isclose(*energy, rtol=1e-9, atol=0) else np.sign(energy[0] - energy[1])


# What the answers to all cases show -----------------------------------------------------------------------------------


def order_of_pairs(attempts):
    """Only the order of pairs is wrong, and not always: no sign, the energies were never compared."""
    failing = [attempt for attempt in attempts if attempt.reason is not None]
    pairs = [(attempt.case.args[0], *attempt.got.ravel()) for attempt in attempts if attempt.got.size == 2]
    if all(a.reason.words.startswith(ORDER) for a in failing) and any(_height(*pair) > 0 for pair in pairs):
        return Reason("The pairs are right, but not always in order: compare the energies of the two first.", ALMOST)
    return Reason("")


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def _energy(X, k):
    return -sum(math.exp(float(m)) for m in X.astype(float) @ X[k])


def pair_loops(X):
    """Every pair, bit by bit; the last one found."""
    found = []
    for a, b in itertools.combinations(range(len(X)), 2):
        if (X[a] != X[b]).sum() == 1:
            found = [a, b] if _energy(X, a) >= _energy(X, b) else [b, a]
    return found


def pair_hashed(X):
    """Flip one bit and look it up: O(K N) instead of O(K² N)."""
    row = {pattern.tobytes(): k for k, pattern in enumerate(X)}
    for a, i in itertools.product(range(len(X)), range(X.shape[1])):
        near = X[a].copy()
        near[i] = -near[i]
        b = row.get(near.tobytes())
        if b is not None:
            return np.array((a, b) if _energy(X, a) >= _energy(X, b) else (b, a), dtype=np.uint16)
    return []


def _pair(X, wanted, better):
    overlaps = X.astype(int) @ X.T
    pairs = np.argwhere(wanted(overlaps, X.shape[1]))
    if not len(pairs):
        return ()
    a, b = pairs[0]
    return (a, b) if better(_energy(X, a), _energy(X, b)) else (b, a)


def pair_wrong_order(X):
    return _pair(X, lambda H, N: H == N - 2, lambda a, b: a < b)


def pair_overlap_one_less(X):
    return _pair(X, lambda H, N: H == N - 1, lambda a, b: a >= b)


def pair_same(X):
    return _pair(X, lambda H, N: H == N, lambda a, b: a >= b)


def pair_nearest(X):
    """The nearest two, however far apart they are."""
    H = X.astype(int) @ X.T
    np.fill_diagonal(H, -X.shape[1] - 1)
    return np.unravel_index(H.argmax(), H.shape)


def pair_opposite(X):
    return _pair(X, lambda H, N: np.abs(H) == N - 2, lambda a, b: a >= b)


def pair_int8(X):
    return _pair(X, lambda H, N: X @ X.T == N - 2, lambda a, b: a >= b)


def pair_int8_throughout(X):
    """The energies are float16 then: exp(12) is too much."""
    overlaps = X @ X.T
    pairs = np.argwhere(overlaps == X.shape[1] - 2)
    if len(pairs) == 0:
        return ()
    a, b = pairs[0]
    energy = -np.exp(overlaps[[a, b]]).sum(axis=1)
    return (a, b) if energy[0] > energy[1] else (b, a)


def pair_not_compared(X):
    """The first pair as it is found."""
    return _pair(X, lambda H, N: H == N - 2, lambda a, b: True)


def pair_not_compared_backwards(X):
    return _pair(X, lambda H, N: H == N - 2, lambda a, b: False)


def pair_never(X):
    return ()


def pair_floats(X):
    return [float(k) for k in pair_loops(X)]


def pair_count(X):
    return int((X.astype(int) @ X.T == X.shape[1] - 2).sum() // 2)


EXERCISE = Exercise(
    id="dense.5",
    title="Break the claim: 2^(N/2) patterns, all stable",
    points=3,
    minutes=10,
    level="◆◆◆",
    core=False,
    reference=unstable_pair,
    cases=cases,
    accept=accept,
    edges=(("large", OVERFLOW),),
    int8_message="X @ X.T is int8 and wraps at 127, and np.exp of int8 is a mere float16: write X.astype(int) @ X.T.",
    across_cases=order_of_pairs,
    mutants=Mutants(
        equivalent=(
            (
                "pairs[0] -> pairs[1]",
                "the table is symmetric: every pair stands in it twice, and any pair is accepted",
            ),
            ("pairs[0] -> pairs[-1]", "any pair is accepted"),
            ("energy[0] > energy[1] -> energy[0] >= energy[1]", "at equal energies both orders are right"),
        )
    ),
    success=(
        "One flip leads from the first pattern to a state that is no higher, so it is no strict minimum; no energy "
        "makes both strict minima. The birthday bound counts such pairs: at N = 16 half of all sets have one from "
        "M = 75 on."
    ),
    right_answers=(pair_loops, pair_hashed),
    wrong_answers=(
        (pair_wrong_order, "Look at the sign of E"),
        (pair_not_compared, "compare the energies of the two first"),
        (pair_not_compared_backwards, "compare the energies of the two first"),
        (pair_overlap_one_less, "says that it has none"),
        (pair_same, "paired with itself"),
        (pair_nearest, "expected a pair that differs in exactly 1"),
        (pair_opposite, "nearly opposite"),
        (pair_int8, "write X.astype(int) @ X.T"),
        (pair_int8_throughout, "write X.astype(int) @ X.T"),
        (pair_never, "says that it has none"),
        (pair_count, "two row numbers"),
        (pair_floats, "return integers"),
    ),
)
