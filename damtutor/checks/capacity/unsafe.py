"""Patterns that are not safe below the capacity: break the claim."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Case, Exercise, Mutants, Reason

BELOW = "rng.random((6, N)) <"  # as it stands in the reference


def unsafe(N, seed):
    """At most six patterns of N bits, none of them a fixed point."""
    rng = np.random.default_rng(seed)
    bias = 0.6
    up = rng.random((6, N)) < (1 + bias) / 2
    return np.where(up, 1, -1).astype(np.int8)


# Cases ----------------------------------------------------------------------------------------------------------------

MOST = 6  # patterns that may be used to break the claim


def cases():
    """N and a seed."""
    for N, seed in ((100, 0), (100, 1), (200, 0), (500, 2), (1000, 0)):
        yield Case((N, seed))


# Which answers are right ----------------------------------------------------------------------------------------------


def accept(args, expected, got):
    """None if these are at most six different patterns of N bits, and none is a fixed point."""
    N = args[0]
    if got.ndim != 2 or got.shape[1] != N:
        return Reason(f"The answer has shape {got.shape}; expected (K, {N}), one pattern a row.")
    K = len(got)
    if not np.isin(got, (-1, 1)).all():
        odd = got.ravel()[~np.isin(got.ravel(), (-1, 1))][0]
        return Reason(f"A bit of a pattern is -1 or +1; the answer contains {odd:g}.")
    if not 1 <= K <= MOST:
        return Reason(f"{K} patterns: the claim is to be broken with at least one and at most {MOST}.")
    X = got.astype(int)
    if len(np.unique(X, axis=0)) < K:
        return Reason("The same pattern is stored twice; all rows must differ.")
    fields = X @ (X.T @ X) - K * X  # N times Hebb's field, without diagonal
    fixed = int(np.sum((fields * X >= 0).all(axis=1)))
    if fixed == K:
        return Reason(f"All {K} patterns are fixed points: the claim holds for them. Make them more alike.")
    if fixed:
        words = (
            f"{fixed} of {K} patterns are fixed points still; none should be: in each the others must outvote a bit."
        )
        return Reason(words, ALMOST)
    return None


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def unsafe_three(N, seed):
    """Three patterns that differ from a common one in a bit each."""
    X = np.tile(np.random.default_rng(seed).choice([-1, 1], N), (3, 1))
    X[[0, 1, 2], [0, 1, 2]] *= -1
    return X


def unsafe_floats(N, seed):
    """Strongly biased, as floats."""
    return np.sign(np.random.default_rng(seed).random((6, N)) - 0.2)


def unsafe_noisy(N, seed):
    """Noisy copies of one pattern."""
    rng = np.random.default_rng(seed)
    base = rng.choice([-1, 1], N)
    return [np.where(rng.random(N) < 0.15, -base, base) for _ in range(5)]


def unsafe_fair(N, seed):
    return np.random.default_rng(seed).choice([-1, 1], (6, N))


def unsafe_many(N, seed):
    return np.random.default_rng(seed).choice([-1, 1], (N // 3, N))


def unsafe_slight(N, seed):
    return np.where(np.random.default_rng(seed).random((6, N)) < 0.6, 1, -1)


def unsafe_twice(N, seed):
    return np.tile(unsafe_three(N, seed), (2, 1))


def unsafe_columns(N, seed):
    return unsafe_three(N, seed).T


def unsafe_gaussian(N, seed):
    return np.random.default_rng(seed).normal(size=(6, N))


def unsafe_one_alone(N, seed):
    X = np.tile(np.random.default_rng(seed).choice([-1, 1], N), (5, 1))
    for k in range(4):
        X[k + 1, k] *= -1
    return X


EXERCISE = Exercise(
    id="capacity.4",
    title='Break the claim: "a load below 0.138 is safe"',
    points=3,
    minutes=10,
    level="◆◆◇",
    reference=unsafe,
    cases=cases,
    accept=accept,
    mutants=Mutants(
        equivalent=(
            ("np.random.default_rng(seed) -> np.random", "other random patterns do as well"),
            (f"{BELOW} (1 + bias) / 2 -> {BELOW}= (1 + bias) / 2", "no random number is exactly 0.8"),
            (f"{BELOW} (1 + bias) / 2 -> {BELOW[:-1]}> (1 + bias) / 2", "a bias of -0.6 does as well"),
            ("1 + bias -> 1 - bias", "a bias of -0.6 does as well"),
            ("(6, N) -> (5, N)", "five of these patterns fail as well"),
            ("np.where(up, 1, -1).astype(np.int8) -> np.where(up, 1, -1)", "the same values in a wider type"),
        )
    ),
    success=(
        "Each bit that is a pattern's own is outvoted by the others, however many neurons there are. A load counts "
        "patterns; it does not see that they are alike. Can you do it with three?"
    ),
    right_answers=(unsafe_three, unsafe_floats, unsafe_noisy),
    wrong_answers=(
        (unsafe_fair, "are fixed points: the claim holds"),
        (unsafe_many, "at most 6"),
        (unsafe_slight, "fixed points"),
        (unsafe_twice, "stored twice"),
        (unsafe_columns, "one pattern a row"),
        (unsafe_gaussian, "-1 or +1"),
        (unsafe_one_alone, "1 of 5 patterns are fixed points still"),
    ),
)
