"""What the checks of chapter `modern` put in: seeded memories of many shapes, and large β as an edge of its own."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Case, Reason

SHAPES = ((1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 4), (5, 3), (4, 6), (8, 5))  # (K, d)


def _memories(tag):
    for K, d in SHAPES:
        rng = np.random.default_rng([tag, K, d])
        for beta in (0.3, 1.0, 4.0):
            yield rng, rng.standard_normal((K, d)).round(2), rng.standard_normal(d).round(2), beta


def energy_cases():
    """X, x, beta."""
    for _, X, x, beta in _memories(61):
        yield Case((X, x, beta))
    for K, d in ((2, 2), (3, 4), (6, 3)):
        for beta in (300.0, 10_000.0):
            rng = np.random.default_rng([61, K, d, 2])
            X = rng.standard_normal((K, d)).round(2)
            yield Case((X, 3 * X[0], beta), "large")
            yield Case((X, -3 * X[0], beta), "large")


def step_cases():
    """X, x, beta, a."""
    for (_, X, x, beta), a in zip(_memories(62), 10 * (0.5, 1.0, 1.7), strict=True):
        yield Case((X, x, beta, a))
    for K, d in ((2, 2), (3, 4), (6, 3)):
        for beta, a in ((300.0, 1.0), (10_000.0, 0.5)):
            rng = np.random.default_rng([62, K, d, 2])
            X = rng.standard_normal((K, d)).round(2)
            yield Case((X, 3 * X[0], beta, a), "large")
            yield Case((X, -3 * X[0], beta, a), "large")


def critical_cases():
    """X alone; memories that fill all directions, and, as an edge, fewer of them, whose covariance is singular."""
    yield Case((np.array([[1.0, 0.0], [-1.0, 0.0]]),), "flat")
    yield Case((np.array([[2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]),))
    yield Case((np.eye(3),), "flat")
    for K, d in ((3, 2), (4, 3), (7, 5), (12, 4), (2, 2), (6, 9)):
        rng = np.random.default_rng([63, K, d])
        edge = "flat" if K <= d else ""
        yield Case((rng.standard_normal((K, d)).round(2),), edge)
        yield Case(((1 + rng.standard_normal((K, d)) * np.linspace(1, 2, d)).round(2),), edge)


def batch_cases():
    """X, S, beta with one state, or as many as memories: where the broken step runs. The law has other numbers."""
    for K, d, B in ((2, 2, 2), (3, 2, 3), (4, 4, 4), (5, 3, 5), (2, 2, 1), (3, 2, 1)):
        rng = np.random.default_rng([64, K, d, B])
        yield Case((rng.standard_normal((K, d)).round(2), rng.standard_normal((B, d)).round(2), 1.5))
    for K, d in ((2, 2), (4, 3)):
        rng = np.random.default_rng([64, K, d, 2])
        X = rng.standard_normal((K, d)).round(2)
        yield Case((X, 3 * X[:1], 2000.0), "large")


def lost_cases():
    """X, beta: sets with keys in another's shadow, and sets without; β so large that every choice is sharp."""
    yield Case((np.array([[2.0, 0.0], [0.0, 2.0], [0.7, 0.5]]), 1000.0))
    yield Case((np.array([[2.0, 0.0], [0.0, 2.0], [0.5, 0.7]]), 20.0))
    yield Case((np.array([[1.0, 0.0], [0.0, 1.0]]), 50.0))
    yield Case((np.array([[3.0, 0.0], [0.0, 0.5]]), 200.0))  # short, and nobody's shadow
    yield Case((np.array([[1.0, 0.0], [1.5, 1.0], [1.8, 2.5]]), 100.0))  # 0 → 1 → 2
    yield Case((np.array([[-1.0, -0.1], [-3.0, 0.0], [1.0, 1.0]]), 100.0))
    for K, d in ((3, 2), (4, 3), (6, 2), (8, 3), (10, 5)):
        made, k = 0, 0
        while made < 3:
            rng = np.random.default_rng([65, K, d, k])
            X, k = rng.standard_normal((K, d)).round(2), k + 1
            products = X @ X.T
            top = np.sort(products, axis=1)
            if (top[:, -1] - top[:, -2]).min() > 0.2:
                made += 1
                yield Case((X, (200.0, 1000.0)[made % 2]))
                long = X / np.linalg.norm(X, axis=1, keepdims=True)
                gaps = np.sort(long @ long.T, axis=1)
                if (gaps[:, -1] - gaps[:, -2]).min() > 0.05:
                    yield Case((long, 1000.0))


def winner(X, i):
    """Where recall from row i ends when β is very large: the best match of the best match ..."""
    products = X @ X.T
    while products[i].argmax() != i:
        i = int(products[i].argmax())
    return i


def accept_lost(args, expected, got):
    """The row numbers of the lost keys, in any order."""
    X = args[0]
    K = len(X)
    if got.dtype.kind == "b":
        return Reason("This is a mask of True and False; return the row numbers: np.flatnonzero(mask).", ALMOST)
    if not got.ndim:
        return Reason(
            f"A single number came back, {got}; expected the row numbers in a list: [2] for one, [] for none."
        )
    flat = got.astype(float).ravel()
    if not np.isin(flat, np.arange(K)).all():
        return Reason(f"The answer is {got.tolist()}; expected row numbers between 0 and {K - 1}, or [].")
    rows, wanted = {int(k) for k in flat}, {int(k) for k in expected}
    if len(flat) != len(rows):
        return Reason("A row stands there twice; name each lost row once.", ALMOST)
    if rows == set(range(K)) - wanted and rows != wanted:
        return Reason("These are the rows that are kept; the question asks for those that are lost.", ALMOST)
    if wanted - rows:
        i = min(wanted - rows)
        return Reason(f"{MISSED} row {i}: recall that starts at it ends at row {winner(X, i)}.")
    if rows - wanted:
        return Reason(f"{TOO_MANY} row {min(rows - wanted)}: recall that starts at it stays there.")
    return None


MISSED, TOO_MANY = "The answer misses", "The answer names"


def guessed_by_length(attempts):
    """Says what a rule by length alone does wrong, or one that never finds any."""
    if all(a.got.size == 0 for a in attempts):
        return Reason("The answer is always empty: it repeats the claim. Does any key here have a better match?")
    spoken = all(a.reason is None or a.reason.words.startswith((MISSED, TOO_MANY)) for a in attempts)
    short = [set(np.flatnonzero(_norms(a.case.args[0]) < _norms(a.case.args[0]).max() - 1e-9)) for a in attempts]
    if spoken and all({int(k) for k in a.got.ravel()} == s for a, s in zip(attempts, short, strict=True)):
        return Reason("Short alone is not lost: a short key survives where no longer one lies in its direction.")
    ends = [{winner(a.case.args[0], int(i)) for i in a.expected} for a in attempts]
    if all(a.got.dtype.kind in "iuf" and set(a.got.ravel().tolist()) == s for a, s in zip(attempts, ends, strict=True)):
        return Reason("These are the rows where recall ends; name the rows that it started from and left.")
    if spoken and all(a.got.ravel().tolist() == list(a.expected[:1]) for a in attempts):
        return Reason("You stop at the first lost row; name them all.")
    return Reason("")


def _norms(X):
    return np.linalg.norm(X, axis=1)
