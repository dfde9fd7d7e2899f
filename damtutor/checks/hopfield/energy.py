"""Hebb's couplings, and the energy of a state."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Tolerance
from damtutor.checks.hopfield.common import INT8, LARGE, patterns_and_state, spins


def energy(X, s):
    """E(s) = -½ s·W s with Hebb's couplings W."""
    X = X.astype(int)
    W = X.T @ X / X.shape[1]
    np.fill_diagonal(W, 0)
    return -0.5 * s @ W @ s


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, s for one energy."""
    for N, K in ((2, 1), (3, 1), (4, 2), (5, 3), (8, 4), (9, 2), (16, 5)):
        for rep in range(3):
            rng = np.random.default_rng([71, N, K, rep])
            yield Case((spins(rng, K, N), spins(rng, N)))
    for N, K in ((8, 150), (140, 3)):  # sums beyond 127
        rng = np.random.default_rng([71, N, K])
        yield Case((np.repeat(spins(rng, 1, N), K, axis=0), spins(rng, N)), "large")
        yield Case((spins(rng, K, N), spins(rng, N)), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def negative_as_deep(call: Call):
    """E(s) = E(-s), and E = (K - N Σ m²)/2."""
    for k in range(10):
        X, s = patterns_and_state([82, k], 1 + k % 4, 4 + k)
        value, turned = float(call(X, s)), float(call(X, -s))
        if abs(value - turned) > 1e-4:
            return (X, s), f"E(s) is {value:g} and E(-s) is {turned:g}: they must be the same."
        m = X.astype(int) @ s / s.size
        wanted = (len(X) - s.size * (m @ m)) / 2
        if abs(value - wanted) > 1e-4:
            return (X, s), f"From the overlaps, (K - N Σ m²)/2, it is {wanted:g}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _energy(X, s, *, diagonal=0.0, size=None, half=0.5):
    X = X.astype(int)
    W = X.T @ X / (X.shape[1] if size is None else size)
    if diagonal is not None:
        np.fill_diagonal(W, diagonal)
    return -half * float(s @ W @ s)


def no_half(X, s):
    """Every pair counted twice."""
    return _energy(X, s, half=1)


def kept_diagonal(X, s):
    """W_ii = K/N stays."""
    return _energy(X, s, diagonal=None)


def unit_diagonal(X, s):
    """W_ii = 1."""
    return _energy(X, s, diagonal=1)


def no_scale(X, s):
    """1/N is missing."""
    return _energy(X, s, size=1)


def by_count(X, s):
    """1/K instead of 1/N."""
    return _energy(X, s, size=len(X))


def overlaps_not_squared(X, s):
    """-½ Σ m."""
    return -0.5 * float((X.astype(int) @ s).sum()) / X.shape[1]


def wrong_sign(X, s):
    """+½ s·W s."""
    return -_energy(X, s)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def energy_loops(X, s):
    """Pairs, one by one."""
    N = X.shape[1]
    total = 0.0
    for i in range(N):
        for j in range(i):
            total -= sum(int(x[i]) * int(x[j]) for x in X) / N * int(s[i]) * int(s[j])
    return total


def energy_overlaps(X, s):
    """From the overlaps: no W at all."""
    M = X.astype(np.int64) @ s
    return (len(X) - (M**2).sum() / s.size) / 2


def energy_float32(X, s):
    floats = X.astype(np.float32)
    W = floats.T @ floats / np.float32(X.shape[1])
    W[np.diag_indices_from(W)] = 0
    return np.float32(-0.5) * (s.astype(np.float32) @ W @ s.astype(np.float32))


def couplings(X, size=None, diagonal=0):
    X = X.astype(int)
    W = X.T @ X / (size or X.shape[1])
    if diagonal is not None:
        np.fill_diagonal(W, diagonal)
    return W


def energy_no_half(X, s):
    return -s @ couplings(X) @ s


def energy_diagonal(X, s):
    return -0.5 * s @ couplings(X, diagonal=None) @ s


def energy_ones(X, s):
    return -0.5 * s @ couplings(X, diagonal=1) @ s


def energy_no_scale(X, s):
    return -0.5 * s @ couplings(X, size=1) @ s


def energy_by_count(X, s):
    return -0.5 * s @ couplings(X, size=len(X)) @ s


def energy_sign(X, s):
    return 0.5 * s @ couplings(X) @ s


def energy_int8(X, s):
    W = X.T @ X / X.shape[1]
    np.fill_diagonal(W, 0)
    return -0.5 * s @ W @ s


def energy_linear(X, s):
    return -np.sum(X.astype(int) @ s) / X.shape[1] / 2


def energy_in_list(X, s):
    return [energy_overlaps(X, s)]


def energy_fields(X, s):
    return -0.5 * s * (couplings(X) @ s)


def energy_kills_state(X, s):
    value = energy_overlaps(X, s)
    s[:] = 1
    return value


EXERCISE = Exercise(
    id="hopfield.1",
    title="Couplings and energy",
    points=2,
    minutes=10,
    level="◆◇◇",
    reference=energy,
    cases=cases,
    tolerance=Tolerance(rtol=1e-5, atol=1e-5, words="to five digits"),
    edges=(("large", LARGE),),
    mistakes=(
        Mistake("Right but for the factor ½: the double sum counts each pair twice.", no_half, ALMOST),
        Mistake("Right but for the diagonal: W_ii = K/N was kept; set it to 0.", kept_diagonal, ALMOST),
        Mistake("The diagonal is 1 here; set it to 0.", unit_diagonal),
        Mistake("1/N is missing in W. Decisions would not notice, the energy does.", no_scale, ALMOST),
        Mistake("W is divided by K, the patterns; divide by N, the neurons.", by_count),
        Mistake(
            "The overlaps stand here to the first power; the energy has their squares.",
            overlaps_not_squared,
        ),
        Mistake("Right but for the sign: a stored pattern must lie low.", wrong_sign, ALMOST),
    ),
    int8_message=INT8,
    mutants=Mutants(equivalent=(("-0.5 * s -> -0.5 / s", "dividing by a spin is multiplying by it"),)),
    properties=(Property("E(s) = E(-s), and E = (K - N Σ m²)/2", negative_as_deep),),
    success=(
        "One number for each state. W is a sum over patterns, so E is a sum over squared overlaps: a negative is "
        "as deep as the memory. Next: what does the energy do when one spin decides?"
    ),
    right_answers=(energy_loops, energy_overlaps, energy_float32),
    wrong_answers=(
        (energy_no_half, "factor ½"),
        (energy_diagonal, "W_ii = K/N was kept"),
        (energy_ones, "The diagonal is 1"),
        (energy_no_scale, "1/N is missing"),
        (energy_by_count, "divide by N, the neurons"),
        (energy_sign, "must lie low"),
        (energy_int8, "wraps at 127"),
        (energy_linear, "first power"),
        (energy_in_list, "shape (1,)"),
        (energy_fields, "expected a single number"),
        (energy_kills_state, "changes its input s"),
    ),
)
