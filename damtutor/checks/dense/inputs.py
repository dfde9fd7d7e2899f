"""What the checks of chapter `dense` put in: seeded random cases, fixed edges, laws, and who counts the work.

Plain cases stay clear of ties and of near-cancellation, so that any honest arithmetic (float32 too) decides them
alike; ties, large numbers and odd orders are edges with a name of their own.
"""

from itertools import permutations

import numpy as np

from damtutor.checks.dense.answers import one_spin, sweep
from damtutor.checks.engine.exercise import ALMOST, Case, Reason

ORDER = "The pair is right, but not its order"
FEW = 5  # neurons whose every visiting order is tried
CLEAR = 1e-3  # a plain decision is this far from a tie, relative to the sum of its terms


def _spins(rng, *shape):
    return rng.choice(np.array([-1, 1], dtype=np.int8), shape)


def _margin(X, s, i, n):
    """|D| relative to the sum of its terms' sizes; 0 at a tie."""
    kind = np.int64 if n < 10 else object
    x = X[:, i].astype(kind)
    S = (X.astype(np.int64) @ s).astype(kind) - x * int(s[i])
    terms = x * ((S + 1) ** n - (S - 1) ** n)
    size = abs(terms).sum()
    return abs(terms.sum()) / size if size else 0.0


def spin_cases():
    """X, s, i, n for one decision."""
    tie = np.array([[1, 1], [-1, 1]], dtype=np.int8)
    for old in (-1, 1):
        for n in (2, 3, 4):
            yield Case((tie, np.array([old, 1], dtype=np.int8), 0, n), "tie")
    # S = 0: the difference still follows the pattern, the gradient sees nothing
    yield Case((np.array([[1, 1, -1]], dtype=np.int8), np.array([-1, 1, 1], dtype=np.int8), 0, 3))
    for N, K in ((2, 1), (3, 2), (4, 3), (6, 4), (12, 5), (12, 9)):
        for n in range(2, 8):
            rng = np.random.default_rng([41, N, K, n])
            made = 0
            while made < 2:
                X, s, i = _spins(rng, K, N), _spins(rng, N), int(rng.integers(N))
                if _margin(X, s, i, n) > CLEAR:
                    made += 1
                    yield Case((X, s, i, n))
                elif n <= 5 and N == 12 and _margin(X, s, i, n) == 0:
                    yield Case((X, s, i, n), "tie")
    for N, K, n in ((200, 4, 2), (200, 5, 3), (140, 3, 2), (12, 6, 40), (12, 9, 40), (30, 7, 40), (12, 6, 41)):
        rng = np.random.default_rng([41, N, K, n])
        for _ in range(3):
            X, i = _spins(rng, K, N), int(rng.integers(N))
            s = np.where(rng.random(N) < 0.1, -X[0], X[0]).astype(np.int8)
            if _margin(X, s, i, n) > CLEAR:
                yield Case((X, s, i, n), "large")


def _clear_sweep(X, s, visit, n):
    """Smallest margin met on the way of an exact sweep; it ends where it gets narrow."""
    s, least = s.copy(), 1.0
    for i in visit:
        least = min(least, _margin(X, s, i, n))
        if least <= CLEAR:
            break
        s[i] = one_spin(X, s, i, n)
    return least


def _starts(tag, sizes, ties):
    """Pattern sets and damaged starts: X, s, n, the generator, whether a tie is met going 0, 1, 2, ... twice."""
    for N, K, n in sizes:
        rng = np.random.default_rng([tag, N, K, n])
        clear = tied = 0
        for _ in range(200):
            X, s = _spins(rng, K, N), _spins(rng, N)
            margin = _clear_sweep(X, s, [*range(N), *range(N)], n)
            if margin > CLEAR and clear < 3:
                clear += 1
                yield X, s, n, rng, False
            elif margin == 0 and tied < ties:
                tied += 1
                yield X, s, n, rng, True
            if clear == 3 and tied == ties:
                break


SMALL = ((3, 2, 3), (4, 3, 2), (5, 3, 3), (6, 4, 2), (8, 5, 4), (10, 7, 3), (12, 9, 2), (12, 7, 5))


def sweep_cases():
    """X, s, visit, n for one sweep."""
    for X, s, n, rng, tied in _starts(42, SMALL, 1):
        N = len(s)
        for visit in (np.arange(N), rng.permutation(N)):
            margin = _clear_sweep(X, s, visit, n)
            if margin > CLEAR or margin == 0:
                yield Case((X, s, visit, n), "tie" if margin == 0 else "")
        if not tied:
            for visit in (rng.permutation(N)[: N // 2], rng.integers(N, size=2 * N)):
                if _clear_sweep(X, s, visit, n) > CLEAR:
                    yield Case((X, s, visit, n), "visit")
    for X, s, n, rng in _wide(42):
        yield Case((X, s, rng.permutation(len(s)), n), "large")


def recall_cases():
    """X, s, n, sweeps for a recall."""
    for X, s, n, _, tied in _starts(44, SMALL, 1):
        for sweeps in (1, 2):
            yield Case((X, s, n, sweeps), "tie" if tied else "")
    for X, s, n, _ in _wide(44):
        yield Case((X, s, n, 2), "large")


def _wide(tag):
    """More neurons than int8 can count."""
    for N, K, n in ((140, 2, 2), (200, 3, 3)):
        rng = np.random.default_rng([tag, N, K, n])
        X = _spins(rng, K, N)
        yield X, np.where(rng.random(N) < 0.2, -X[0], X[0]).astype(np.int8), n, rng


def capacity_cases():
    """N, n, p; every K is in the hundreds at least, so that rounding it is harmless."""
    for p in (0.001, 0.005, 0.01, 0.05):
        for N, n in ((1000, 2), (4000, 2), (100, 3), (400, 3), (60, 4), (100, 4), (40, 5), (30, 6)):
            yield Case((N, n, p))


def pair_cases():
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
    yield Case((np.repeat(_spins(rng, 1, 8), 2, axis=0),))  # twice the same pattern is distance 0
    for rep in range(3):  # the claim itself: 2**(N/2) random patterns
        yield Case((_spins(np.random.default_rng([45, 16, rep]), 256, 16),))
    wide = _spins(rng, 4, 140)
    wide[3] = wide[1]
    wide[3, 70] *= -1
    yield Case((wide,), "large")


def _apart(rng, K, N):
    """Random patterns, no two of them at distance 1 or N - 1."""
    while True:
        X = _spins(rng, K, N)
        H = np.abs(X.astype(int) @ X.T)
        if not (H == N - 2).any():
            return X


def accept_pair(args, expected, got):
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


def order_of_pairs(attempts):
    """Only the order of pairs is wrong, and not always: no sign, the energies were never compared."""
    failing = [attempt for attempt in attempts if attempt.reason is not None]
    pairs = [(attempt.case.args[0], *attempt.got.ravel()) for attempt in attempts if attempt.got.size == 2]
    if all(a.reason.words.startswith(ORDER) for a in failing) and any(_height(*pair) > 0 for pair in pairs):
        return Reason("The pairs are right, but not always in order: compare the energies of the two first.", ALMOST)
    return Reason("")


def another_order(attempts):
    """One sweep over a small set ends, each time, where a sweep in some order ends, and not always in 0, 1, 2, ..."""
    small = [a for a in attempts if len(a.case.args[1]) <= FEW and a.case.args[3] == 1]
    if all(attempt.reason is None for attempt in small):
        return Reason("")
    for attempt in small:
        X, s, n, _ = attempt.case.args
        ends = (sweep(X, s, order, n) for order in permutations(range(len(s))))
        if not any(np.array_equal(attempt.got, end) for end in ends):
            return Reason("")
    return Reason("Each of these could be an exact sweep in another order. Is your order 0, 1, 2, ...?")
