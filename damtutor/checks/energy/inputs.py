"""What the checks of chapter `energy` put in: seeded random cases and fixed edges.

Plain cases stay clear of the rim of a reach, so that float32 decides them alike. Networks have whole-number couplings:
a tie is a tie in any arithmetic.
"""

import numpy as np

from damtutor.checks.engine.exercise import Case, Reason
from damtutor.models.compact import CompactMemory

RIM = 1e-3  # a plain case keeps every memory this far from the rim of the reach, in units of R
APART = 1e-3  # memories closer than this count as the same
WIDEST = 1e6


def _clear(X, x, R):
    return np.abs(np.linalg.norm(X - x, axis=1) / R - 1).min() > RIM


def energy_cases():
    """X, x, R with at least one memory within reach; edge "far": another one is beyond."""
    yield Case((np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]), np.array([1.0, 1.0]), 1.5), "far")
    for K in (2, 3, 5):
        rng = np.random.default_rng([60, K])
        yield Case((rng.uniform(-0.5, 0.5, (K, 2)), rng.uniform(-0.5, 0.5, 2), 1.7))
    for K, size in ((1, 1), (1, 2), (2, 2), (3, 2), (5, 3), (9, 4)):
        rng = np.random.default_rng([61, K, size])
        made = 0
        while made < 4:
            X, R = rng.uniform(-2, 2, (K, size)), float(rng.choice([0.7, 1.3, 2.5]))
            x = X[0] + rng.uniform(-0.4, 0.4, size)
            if _clear(X, x, R) and np.linalg.norm(X[0] - x) < 0.9 * R:
                made += 1
                far = bool((np.linalg.norm(X - x, axis=1) > R).any())
                yield Case((X, x, R), "far" if far else "")


def step_cases():
    """X, x, R: in and out of reach, on the rim, and many dimensions."""
    for case in energy_cases():
        yield Case(case.args)
    yield Case((np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([0.0, 0.0]), 5.0), "rim")
    yield Case((np.array([[2.0], [-1.0]]), np.array([0.0]), 2.0), "rim")
    yield Case((np.array([[3.0, 4.0], [5.0, 5.0]]), np.array([0.0, 0.0]), 1.5), "alone")
    yield Case((np.array([[2.0]]), np.array([-1.0]), 0.5), "alone")


def _network(rng, size, diagonal):
    W = rng.integers(-3, 4, (size, size))
    W = np.triu(W, 1)
    W = W + W.T
    if diagonal:
        W = W + np.diag(rng.integers(-5, 6, size))
    return W.astype(float)


def recall_cases():
    """W, b, s, sweeps: plain networks, ties, and a diagonal that must not count."""
    two, none = np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros(2)
    for first in (-1, 1):
        yield Case((two, none, np.array([first, -first]), 1))
    yield Case((np.zeros((2, 2)), np.array([1.0, -1.0]), np.array([-1, 1]), 1))
    for old in (-1, 1):
        yield Case((np.zeros((1, 1)), np.zeros(1), np.array([old]), 1), "tie")
        yield Case((two, np.array([1.0, 0.0]), np.array([old, -1]), 2), "tie")
    for size, sweeps in ((3, 1), (4, 1), (5, 2), (8, 1), (8, 3), (12, 2)):
        for rep in range(6):
            rng = np.random.default_rng([62, size, sweeps, rep])
            W, s = _network(rng, size, rep >= 3), rng.choice([-1, 1], size)
            b = rng.integers(-3, 4, size).astype(float)
            edge = "tie" if _ties(W, b, s, sweeps) else ("diagonal" if rep >= 3 else "")
            yield Case((W, b, s, sweeps), edge)


def _ties(W, b, s, sweeps):
    s = s.copy()
    for i in list(range(len(s))) * sweeps:
        field = W[i] @ s - W[i, i] * s[i] + b[i]
        if field == 0:
            return True
        s[i] = np.sign(field)
    return False


def claim_cases():
    """K and which side of it."""
    for K in (2, 3, 4, 5, 6):
        for more in (True, False):
            yield Case((K, more))


def accept_claim(args, expected, got):
    """Any K different points of the plane whose resting places at reach 1 are more, or fewer, than K."""
    K, more = args
    if got.shape != (K, 2):
        turned = " One memory a row: this is the transpose." if got.shape == (2, K) else ""
        return Reason(f"The answer has shape {got.shape}; expected {(K, 2)}, {K} points of the plane.{turned}")
    if got.dtype.kind == "c" or not np.isfinite(got).all() or np.abs(got).max() > WIDEST:
        return Reason("The points must be finite real numbers, at most a million.")
    X = got.astype(float)
    gaps = np.linalg.norm(X[:, None] - X, axis=2)[~np.eye(K, dtype=bool)]
    if gaps.min() < APART:
        return Reason("Two of the points are the same: then they are one memory. Keep them 0.001 apart or more.")
    found = CompactMemory(X, 1.0).resting_places()
    if not found.strict.all():
        return Reason("A memory lies exactly at distance 1 from a resting place: move it a little to make it clear.")
    count = len(found.points)
    if count > K if more else count < K:
        return None
    if count == K:
        hint = "Let reaches overlap, without swallowing each other." if more else "Let points share one reach."
        return Reason(f"These {K} points have exactly {K} resting places at reach 1, as the claim says. {hint}")
    word, other = ("more", "fewer") if more else ("fewer", "more")
    places = f"{count} resting place{'s' if count > 1 else ''}"
    return Reason(f"These {K} points have {places}: {other} than {K}, where {word} were asked for.")


def drop_cases():
    """share, width."""
    for share in (0.05, 0.2, 0.25, 0.4, 0.5, 0.7, 0.97):
        for width in (0.005, 0.02, 0.04, 0.1):
            yield Case((share, width))
