"""What holds for every right answer of chapter `energy`."""

import math

import numpy as np

from damtutor.checks.engine.exercise import Call

ROUNDING = 1e-5  # a float32 answer is right too


def moved_together(call: Call):
    """Energies do not know where the origin is, nor the unit of length."""
    for k in range(5):
        rng = np.random.default_rng([63, k])
        X, shift = rng.uniform(-1, 1, (4, 2)), rng.uniform(-1, 1, 2)
        x = X[1] + 0.1
        there = call(2 * (X + shift), 2 * (x + shift), 2.0)
        if not abs(float(there) - float(call(X, x, 1.0))) < 1e-4:
            args = (2 * (X + shift), 2 * (x + shift), 2.0)
            return args, "Here all was moved and doubled, R too, and the energy changed."
    return None


def phi(X, x, R):
    """Sum of max(0, 1 - |x - X|²/R²)."""
    return math.fsum(max(0.0, 1 - math.dist(row, x) ** 2 / R**2) for row in X.tolist())


def falls_enough(call: Call):
    """E(x) - E(x') >= |x' - x|²/R²."""
    for k in range(20):
        rng = np.random.default_rng([64, k])
        X, R = rng.uniform(-2, 2, (6, 2)), 1.5
        x = X[0] + rng.uniform(-0.7, 0.7, 2)
        after = np.array(call(X, x, R), dtype=float)
        if phi(X, after.tolist(), R) <= 0:
            return (X, x, R), "The step leads out of every reach, where the energy is infinite."
        fall = math.log(phi(X, after.tolist(), R) / phi(X, x.tolist(), R))
        bound = math.dist(after.tolist(), x.tolist()) ** 2 / R**2
        if fall < bound - ROUNDING:
            return (X, x, R), f"The energy fell by {fall:.4f}, less than |x' - x|²/R² = {bound:.4f}."
    return None


def height(W, b, s):
    """-½ s·W s - b·s without the diagonal, which is the same for all states."""
    V = W - np.diag(np.diag(W))
    return -0.5 * s @ V @ s - b @ s


def never_rises(call: Call):
    """No sweep raises the energy."""
    for k in range(10):
        rng = np.random.default_rng([65, k])
        W = np.triu(rng.integers(-3, 4, (10, 10)), 1).astype(float)
        W, b, s = W + W.T, rng.integers(-2, 3, 10).astype(float), rng.choice([-1, 1], 10)
        for _ in range(4):
            after = call(W, b, s, 1).astype(int)
            if height(W, b, after) > height(W, b, s):
                return (W, b, s, 1), f"The energy goes from {height(W, b, s):g} up to {height(W, b, after):g}."
            s = after
    return None


def covers(call: Call):
    """With this many drops a measured share is within the width in 95 % of trials, to three standard errors."""
    trials = 4000
    for share, width in ((0.25, 0.02), (0.6, 0.03)):
        count = round(float(call(share, width)))
        seen = np.random.default_rng([66, count]).binomial(count, share, trials) / count
        inside = float(np.mean(np.abs(seen - share) <= width))
        if abs(inside - 0.95) > 0.015:
            return (share, width), f"With {count} drops {100 * inside:.0f} % of the trials come within ±{width}."
    return None
