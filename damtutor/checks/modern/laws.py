"""What holds for every right answer of chapter `modern`."""

import numpy as np

from damtutor.checks.engine.exercise import Call
from damtutor.models.modern import ModernHopfield


def _random(tag, k):
    rng = np.random.default_rng([tag, k])
    K, d = int(rng.integers(1, 7)), int(rng.integers(1, 6))
    return rng, rng.standard_normal((K, d)), 2 * rng.standard_normal(d), float(10 ** rng.uniform(-1, 4))


def never_negative(call: Call):
    """E >= 0 everywhere, also on top of the longest memory."""
    for k in range(20):
        rng, X, x, beta = _random(71, k)
        for state in (x, X[rng.integers(len(X))]):
            value = float(call(X, state, beta).ravel()[0])
            if not value >= -1e-9:
                return (X, state, beta), f"The energy is {value:.3g}."
    return None


def one_memory(call: Call):
    """With one memory, E = |x - X|²/2 whatever β is: half the squared distance."""
    for k in range(10):
        _, X, x, beta = _random(72, k)
        wanted = np.sum((x - X[0]) ** 2) / 2
        if abs(float(call(X[:1], x, beta).ravel()[0]) - wanted) > 1e-6 * (1 + wanted):
            return (X[:1], x, beta), f"The energy should be |x - X|²/2 = {wanted:.6g}."
    return None


def falls_enough(call: Call):
    """E(x') <= E(x) - a (1 - a/2) |f - x|² for a in (0, 2)."""
    for k in range(40):
        rng, X, x, beta = _random(73, k)
        a = float(rng.uniform(0.01, 1.99))
        memory = ModernHopfield(X, beta)
        after = call(X, x, beta, a)
        if after.shape != x.shape or not np.isfinite(after).all():
            return (X, x, beta, a), "The new state is not d finite numbers."
        least = a * (1 - a / 2) * np.sum((memory.step(x) - x) ** 2)
        if memory.energy(x) - memory.energy(after) < least - 1e-9 * (1 + least):
            return (X, x, beta, a), f"The energy should fall by at least {least:.4g}."
    return None


def split(call: Call):
    """On a polygon the push at the average dies out below β_c and grows above it: measured, forty steps."""
    for corners in (3, 5, 8):
        angle = 2 * np.pi * np.arange(corners) / corners
        X = 1.5 * np.column_stack([np.cos(angle), np.sin(angle)])
        critical = float(call(X).ravel()[0])
        for factor, grows in ((0.9, False), (1.1, True)):
            x = np.array([1e-4, 0.0])
            for _ in range(40):
                x = ModernHopfield(X, factor * critical).step(x) if critical > 0 else x
            if (np.linalg.norm(x) > 1e-4) != grows:
                does = "grows" if not grows else "dies out"
                return (X,), f"A small push at the average {does} at {factor} times your β_c."
    return None


def row_by_row(call: Call):
    """A batch is its rows, one by one: a state does not know who else is asked."""
    for k in range(8):
        rng, X, _, _ = _random(74, k)
        S = rng.standard_normal((5, X.shape[1]))
        together = call(X, S, 2.0)
        for b in (0, 4):
            if together.shape != S.shape or not np.allclose(together[b], call(X, S[b : b + 1], 2.0)[0], atol=1e-9):
                return (X, S, 2.0), f"State {b} gets another answer alone than in the batch."
    return None


def turned(call: Call):
    """Turning all keys together loses none and saves none."""
    X = np.array([[2.0, 0.0], [0.0, 2.0], [0.7, 0.5], [-0.4, -0.3]])
    before = sorted(call(X, 500.0).ravel().tolist())
    for angle in (0.4, 2.0, 3.0):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if sorted(call(X @ turn, 500.0).ravel().tolist()) != before:
            return (X @ turn, 500.0), f"All keys were turned together; before, the lost rows were {before}."
    return None
