"""What must hold for every right answer of chapter `capacity`, beyond examples: mostly, that a measurement agrees."""

from statistics import NormalDist

import numpy as np

from damtutor.checks.capacity.inputs import spins
from damtutor.checks.engine.exercise import Call

NORMAL = NormalDist()


def _five_errors(shares, p):
    """Whether the mean of `shares` is within five standard errors of p."""
    return abs(np.mean(shares) - p) <= 5 * np.std(shares, ddof=1) / np.sqrt(len(shares))


def gaussian_share(call: Call):
    """The share of negative values is Φ(-√((N-1)/(K-1)))."""
    for K, N in ((21, 100), (51, 100)):
        sets = [spins(70 + k, K, N) for k in range(8)]
        shares = [float(np.mean(call(X) < 0)) for X in sets]
        p = NORMAL.cdf(-(((N - 1) / (K - 1)) ** 0.5))
        if not _five_errors(shares, p):
            return (sets[0],), f"{np.mean(shares):.4f} of the values are negative; the Gaussian says {p:.4f}."
    return None


def turned_neuron(call: Call):
    """Turning one neuron round in every pattern changes no stability."""
    for k in range(4):
        X = spins(80 + k, 5, 8)
        other = X.copy()
        other[:, k] *= -1
        if not np.allclose(call(X), call(other), atol=1e-4):
            return (other,), "Here one neuron was turned round in every pattern, and the values changed."
    return None


def flawless_share(call: Call):
    """At this K, the share of flawless random patterns is P to 0.15: the Gaussian is not exact at these N."""
    for N, P in ((256, 0.5), (512, 0.5), (256, 0.8)):  # large: rounding K, down or up, stays within 0.15
        K = round(float(call(N, P).ravel()[0]))
        K += 1 - K % 2  # odd: no ties
        shares = []
        for k in range(12):
            X = spins(90 + k, K, N).astype(np.float32)
            fields = (X @ X.T) @ X - np.float32(K) * X
            shares.append(float((fields * X > 0).all(axis=1).mean()))
        if abs(np.mean(shares) - P) > 0.15:
            return (N, P), f"With K = {K} random patterns a share of {np.mean(shares):.2f} is flawless; P is {P}."
    return None


def falls_with_probability(call: Call):
    """A larger P leaves room for fewer patterns."""
    values = [float(call(300, P).ravel()[0]) for P in (0.1, 0.5, 0.9)]
    if not values[0] > values[1] > values[2]:
        words = ", ".join(f"{v:.1f}" for v in values)
        return (300, 0.9), f"At P = 0.1, 0.5, 0.9 the answers are {words}: they should fall."
    return None


def gaussian_rate(call: Call):
    """The share of wrong bits is Φ(-√((N-1)/(K-1)))."""
    for K, N in ((21, 100), (51, 100)):
        sets = [spins(100 + k, K, N) for k in range(8)]
        shares = [float(call(X).ravel()[0]) for X in sets]
        p = NORMAL.cdf(-(((N - 1) / (K - 1)) ** 0.5))
        if not _five_errors(shares, p):
            return (sets[0],), f"On average {np.mean(shares):.4f}; the Gaussian says {p:.4f}."
    return None


def shuffled_on_average(call: Call):
    """The first number, averaged over sets whose pixels were shuffled row by row, is the second number."""
    X = spins(0, 4, 24, 0.5)
    rng = np.random.default_rng(110)
    values = [float(call(rng.permuted(X, axis=1)).ravel()[0]) for _ in range(60)]
    chance = float(call(X).ravel()[1])
    if not _five_errors(values, chance):
        return (X,), f"Over 60 shuffles the mean overlap is {np.mean(values):.3f}; your second number is {chance:.3f}."
    return None


def any_order(call: Call):
    """The order of the patterns does not matter."""
    X = spins(1, 6, 10, 0.3)
    if not np.allclose(call(X), call(X[::-1].copy()), atol=1e-4):
        return (X[::-1].copy(),), "Here the patterns stand in another order, and the answer changed."
    return None
