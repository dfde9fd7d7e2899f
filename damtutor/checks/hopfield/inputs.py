"""What the checks of chapter `hopfield` put in: seeded random cases, fixed edges, and what is accepted.

Plain cases stay clear of ties and thresholds, so that any honest arithmetic (float32 too) decides them alike; ties,
thresholds, large and dependent sets are edges with a name of their own.
"""

from itertools import permutations

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Case, Reason
from damtutor.checks.hopfield.answers import ending, stuck_bit
from damtutor.learning.couplings import projection

FEW = 5  # neurons whose every visiting order is tried
CLEAR = 1e-3  # fields in plain cases are this far from zero


def _spins(rng, *shape):
    return rng.choice(np.array([-1, 1], dtype=np.int8), shape)


def energy_cases():
    """X, s for one energy."""
    for N, K in ((2, 1), (3, 1), (4, 2), (5, 3), (8, 4), (9, 2), (16, 5)):
        for rep in range(3):
            rng = np.random.default_rng([71, N, K, rep])
            yield Case((_spins(rng, K, N), _spins(rng, N)))
    for N, K in ((8, 150), (140, 3)):  # sums beyond 127
        rng = np.random.default_rng([71, N, K])
        yield Case((np.repeat(_spins(rng, 1, N), K, axis=0), _spins(rng, N)), "large")
        yield Case((_spins(rng, K, N), _spins(rng, N)), "large")


def _fields(W, s, visits):
    """The fields met on the way of an exact recall."""
    s, met = s.copy(), []
    for i in visits:
        met.append(int(W[i] @ s))
        s[i] = np.sign(met[-1]) or s[i]
    return met


def whole(X):
    """N times Hebb's couplings, whole numbers."""
    W = X.T.astype(int) @ X.astype(int)
    np.fill_diagonal(W, 0)
    return W


def recall_cases():
    """W, s, sweeps for a recall; W are N times Hebb's couplings, so that a tie is a tie."""
    pair = np.array([[0, 1], [1, 0]])
    yield Case((pair, np.array([1, -1], dtype=np.int8), 1))
    yield Case((pair, np.array([-1, 1], dtype=np.int8), 2))
    for N, K in ((3, 1), (4, 3), (5, 2), (5, 4), (6, 3), (8, 5), (10, 3), (12, 7)):
        rng = np.random.default_rng([72, N, K])
        clear = tied = 0
        for _ in range(200):
            W, s = whole(_spins(rng, K, N)), _spins(rng, N)
            met = _fields(W, s, [*range(N)] * 3)
            if all(met) and clear < 3:
                clear += 1
                for sweeps in (1, 2, 3):
                    yield Case((W, s, sweeps))
            elif not all(met) and tied < 2:
                tied += 1
                yield Case((W, s, 1), "tie")
                yield Case((W, s, 2), "tie")


def projection_cases():
    """X for the projection rule: independent patterns, and sets in which some depend on others."""
    for N, K in ((3, 1), (4, 2), (6, 3), (8, 3), (16, 5), (30, 10)):
        for rep in range(2):
            rng = np.random.default_rng([73, N, K, rep])
            yield Case((_independent(rng, K, N),))
    for N, K in ((4, 2), (6, 3), (12, 4), (20, 5)):
        rng = np.random.default_rng([74, N, K])
        X = _independent(rng, K, N)
        yield Case((np.concatenate([X, X[:1]]),), "dependent")
        yield Case((np.concatenate([X, -X[1:2]]),), "dependent")
    square = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]], dtype=np.int8)
    wide = np.concatenate([square, square[:, ::-1], -square], axis=1)
    yield Case((np.concatenate([wide[:3], -wide[:1], wide[1:3]]),), "dependent")
    yield Case((_independent(np.random.default_rng(75), 3, 140),), "large")


def _independent(rng, K, N):
    """Random patterns whose Q is far from singular."""
    while True:
        X = _spins(rng, K, N)
        if np.linalg.cond(X.astype(float)) < 8:
            return X


def ending_cases():
    """X, s: ends of every kind, clear of thresholds; and exactly on one."""
    for N, K in ((60, 3), (60, 4), (80, 6), (100, 9)):
        for rep in range(3):
            rng = np.random.default_rng([76, N, K, rep])
            X = _spins(rng, K, N)
            a, b, c = rng.permutation(K)[:3]
            for sign in (1, -1):
                yield from _clear(X, sign * X[a])
                yield from _clear(X, _damaged(rng, sign * X[b], 1))
                yield from _clear(X, np.sign(sign * X[a] + X[b].astype(int) - X[c]).astype(np.int8))
                yield from _clear(X, np.sign(X[a] + X[b].astype(int) + sign * X[c]).astype(np.int8))
                yield from _clear(X, _damaged(rng, np.sign(X[a] + X[b].astype(int) + X[c]).astype(np.int8), 2))
                yield from _clear(X, _damaged(rng, sign * X[a], N // 5))
            yield from _clear(X, _spins(rng, N))
    for N, wrong in ((20, 1), (40, 2), (40, 3)):
        rng = np.random.default_rng([77, N, wrong])
        for sign in (1, -1):
            X = _spins(rng, 4, N)
            yield Case((X, _damaged(rng, sign * X[1], wrong)), "threshold")
    for wrong in (2, 3):
        X, s = _threshold_mixture(wrong)
        yield Case((X, s), "threshold")
    for rep in range(3):
        rng = np.random.default_rng([78, rep])
        X = _spins(rng, 5, 200)
        mixed = np.sign(X[0] + X[1].astype(int) - X[2]).astype(np.int8)
        for s in (X[3], -X[2], mixed, _spins(rng, 200)):
            yield from _clear(X, s, "large")


def _threshold_mixture(wrong):
    """A mixture of 40 spins with 2 of them turned, an overlap of exactly 0.9, or with 3."""
    for rep in range(100):
        rng = np.random.default_rng([79, wrong, rep])
        X = _spins(rng, 4, 40)
        s = _damaged(rng, np.sign(X[0] + X[1].astype(int) + X[2]).astype(np.int8), wrong)
        m = X.astype(int) @ s
        near = np.sort(np.abs(m))
        if near[-3] > near[-4] + 4 and np.all(m[:3] > 8) and near[-1] < 34 and ending(X, s) == (3 if wrong == 2 else 0):
            return X, s
    raise AssertionError("no such mixture")


def _damaged(rng, s, count):
    s = s.astype(np.int8)
    s[rng.choice(s.size, count, replace=False)] *= -1
    return s


def _clear(X, s, edge=""):
    """The case, if its three best overlaps are the best by far, not zero, and no overlap lies at 0.9."""
    s = np.asarray(s, dtype=np.int8)
    m = X.astype(int) @ s
    order = np.argsort(-np.abs(m))
    size = np.abs(m)[order]
    best = order[:3]
    majority = np.sign(np.sign(m[best]) @ X[best].astype(int)) @ s / s.size
    third = len(size) == 3 or size[2] > size[3]
    if third and size[2] > 0 and all(abs(v - 0.9) > 0.02 for v in (size[0] / s.size, majority)):
        yield Case((X, s), edge)


def stuck_cases():
    """W, X: every pattern is a fixed point; with and without a wrong bit that stays."""
    yield Case((np.full((2, 2), 0.5), np.array([[1, 1]], dtype=np.int8)), "tie")
    for N, K in ((4, 2), (5, 4), (6, 3), (8, 2), (8, 6), (10, 4), (10, 8), (12, 8)):
        for rep in range(3):
            rng = np.random.default_rng([80, N, K, rep])
            X = _spins(rng, K, N)
            for keep in (True, False):
                W = projection(X, keep_diagonal=keep)
                if _well_apart(W, X):
                    yield Case((W, X))
    for stuck in (True, False):  # some flipped spin would stay, but another moves then
        made = 0
        for rep in range(300):
            rng = np.random.default_rng([81, rep])
            X = _spins(rng, 3, 6)
            W = projection(X) + np.diag(rng.random(6))
            if _well_apart(W, X) and _misleading(W, X) and bool(stuck_bit(W, X)) == stuck:
                made += 1
                yield Case((W, X))
            if made == 3:
                break


def _misleading(W, X):
    """Whether the first flipped spin that would itself stay is no fixed point."""
    for k, i in np.ndindex(X.shape):
        s = X[k].astype(float)
        s[i] = -s[i]
        pull = s * (W @ s)
        if pull[i] >= 0:
            return bool(pull.min() < 0)
    return False


def _well_apart(W, X):
    """All patterns are fixed, and one flip away from them no field is near zero."""
    states = X.astype(float)[:, None, :] * (1 - 2 * np.eye(len(W)))
    near = np.abs(states @ W).min() if len(W) else 0
    return bool(near > CLEAR and np.all((X @ W) * X > CLEAR))


def accept_stuck(args, expected, got):
    """Any pattern and spin such that no field of the pattern with that spin flipped has the other sign."""
    W, X = args
    K, N = X.shape
    if got.size == 0:
        missed = Reason("Here a wrong bit stays wrong; the answer () says that none does.")
        return missed if len(expected) else None
    flat = got.astype(float).ravel()
    if flat.size != 2:
        return Reason(f"The answer has {flat.size} numbers; expected two, the pattern k and the spin i, or ().")
    if not (flat[0] in range(K) and flat[1] in range(N)):
        words = f"The answer is {got.tolist()}; expected k from 0 to {K - 1} and i from 0 to {N - 1}, in this order."
        return Reason(words)
    if got.dtype.kind not in "iu":
        return Reason("The numbers come as fractions, which cannot index an array: return integers.", ALMOST)
    k, i = (int(v) for v in flat)
    s = X[k].astype(float)
    s[i] = -s[i]
    pull = s * (W @ s)
    if np.all(pull >= -1e-9):
        return None
    j = int(np.argmin(pull))
    if pull[i] < -1e-9:
        return Reason(f"Spin {i} of pattern {k}, once flipped, has a field against it: recall puts it right.")
    return Reason(
        f"Flipped, spin {i} of pattern {k} would stay, but spin {j} wants to move now: this state is no fixed point."
    )


def another_order(attempts):
    """One sweep over a small network ends, each time, where one in some order ends, and not always in 0, 1, 2, ..."""
    small = [a for a in attempts if len(a.case.args[1]) <= FEW and a.case.args[2] == 1]
    if all(attempt.reason is None for attempt in small):
        return Reason("")
    for attempt in small:
        W, s, _ = attempt.case.args
        ends = []
        for order in permutations(range(len(s))):
            end = s.copy()
            for i in order:
                end[i] = np.sign(W[i] @ end) or end[i]
            ends.append(end)
        if not any(np.array_equal(attempt.got, end) for end in ends):
            return Reason("")
    return Reason("In some other order a sweep could end like this. Is your order 0, 1, 2, ...?")
