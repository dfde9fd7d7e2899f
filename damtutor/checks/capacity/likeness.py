"""How alike patterns are, and how alike they would be by chance."""

import numpy as np

from damtutor.checks.capacity.common import OVERFLOW, spins, within_five_errors
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Tolerance


def likeness(X):
    """Mean overlap of two patterns: as stored, and with pixels shuffled."""
    K, N = X.shape
    column, bias = X.sum(axis=0), X.mean(axis=1)
    stored = (column @ column - K * N) / (N * K * (K - 1))
    chance = (bias.sum() ** 2 - bias @ bias) / (K * (K - 1))
    return stored, chance


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """Pattern sets, fair and biased."""
    for K, N, bias in (
        (2, 3, 0.0),
        (2, 4, 0.5),
        (3, 4, 0.3),
        (3, 8, -0.4),
        (4, 6, 0.0),
        (5, 20, 0.6),
        (10, 12, -0.3),
    ):
        for tag in range(2):
            yield Case((spins(tag, K, N, bias),))
    for K, N, bias in ((150, 9, 0.97), (4, 300, 0.9)):
        yield Case((spins(0, K, N, bias),), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def shuffled_on_average(call: Call):
    """The first number, averaged over sets whose pixels were shuffled row by row, is the second number."""
    X = spins(0, 4, 24, 0.5)
    rng = np.random.default_rng(110)
    values = [float(call(rng.permuted(X, axis=1)).ravel()[0]) for _ in range(60)]
    chance = float(call(X).ravel()[1])
    if not within_five_errors(values, chance):
        return (X,), f"Over 60 shuffles the mean overlap is {np.mean(values):.3f}; your second number is {chance:.3f}."
    return None


def any_order(call: Call):
    """The order of the patterns does not matter."""
    X = spins(1, 6, 10, 0.3)
    if not np.allclose(call(X), call(X[::-1].copy()), atol=1e-4):
        return (X[::-1].copy(),), "Here the patterns stand in another order, and the answer changed."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _pairs(table):
    """Mean of a `(K, K)` table without its diagonal."""
    K = len(table)
    return (table.sum() - np.trace(table)) / (K * (K - 1))


def _overlaps(X):
    return X.astype(float) @ X.T / X.shape[1]


def _products(X):
    bias = X.mean(axis=1)
    return np.outer(bias, bias)


def with_itself(X):
    """All K*K pairs."""
    return _overlaps(X).mean(), _products(X).mean()


def overlap_sums(X):
    """M instead of M/N."""
    return X.shape[1] * _pairs(_overlaps(X)), _pairs(_products(X))


def overall_bias(X):
    """One bias for the whole set, squared."""
    return _pairs(_overlaps(X)), X.mean() ** 2


def fair_chance(X):
    """0, as for fair patterns."""
    return _pairs(_overlaps(X)), 0.0


def own_squares(X):
    """The mean of b_μ²."""
    return _pairs(_overlaps(X)), np.mean(X.mean(axis=1) ** 2)


def diagonal_once(X):
    """np.triu_indices(K): every pair once, and each pattern with itself."""
    upper = np.triu_indices(len(X))
    return _overlaps(X)[upper].mean(), _products(X)[upper].mean()


def swapped(X):
    """The two in the other order."""
    return _pairs(_products(X)), _pairs(_overlaps(X))


def absolute(X):
    """Sizes of overlaps."""
    return _pairs(np.abs(_overlaps(X))), _pairs(np.abs(_products(X)))


def columns(X):
    """The mean of a neuron over the patterns, where that of a pattern is meant."""
    mean = X.mean(axis=0)
    N = len(mean)
    return _pairs(_overlaps(X)), (mean.sum() ** 2 - mean @ mean) / (N * (N - 1))


def whole_sum(X):
    """Sums over the pairs."""
    K = len(X)
    return _pairs(_overlaps(X)) * K * (K - 1) / 2, _pairs(_products(X)) * K * (K - 1) / 2


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def likeness_loops(X):
    """Pair by pair."""
    X = X.astype(float)
    pairs = [(a, b) for a in range(len(X)) for b in range(a)]
    return (
        np.mean([np.mean(X[a] * X[b]) for a, b in pairs]),
        np.mean([X[a].mean() * X[b].mean() for a, b in pairs]),
    )


def likeness_upper(X):
    """Upper triangles, as a list."""
    upper = np.triu_indices(len(X), 1)
    b = X.mean(axis=1)
    return [(X.astype(int) @ X.T / X.shape[1])[upper].mean(), np.outer(b, b)[upper].mean()]


def likeness_itself(X):
    b = X.mean(axis=1)
    return (X.astype(int) @ X.T).mean() / X.shape[1], np.outer(b, b).mean()


def likeness_unscaled(X):
    stored, chance = likeness_loops(X)
    return stored * X.shape[1], chance


def likeness_one_bias(X):
    return likeness_loops(X)[0], X.mean() ** 2


def likeness_squares(X):
    return likeness_loops(X)[0], (X.mean(axis=1) ** 2).mean()


def likeness_triu(X):
    upper = np.triu_indices(len(X))
    b = X.mean(axis=1)
    return (X.astype(int) @ X.T / X.shape[1])[upper].mean(), np.outer(b, b)[upper].mean()


def likeness_zero(X):
    return likeness_loops(X)[0], 0


def likeness_swapped(X):
    return likeness_loops(X)[::-1]


def likeness_int8(X):
    upper = np.triu_indices(len(X), 1)
    b = X.mean(axis=1)
    return (X @ X.T / X.shape[1])[upper].mean(), np.outer(b, b)[upper].mean()


EXERCISE = Exercise(
    id="capacity.5",
    title="Design a control: overload or likeness?",
    points=3,
    minutes=15,
    level="◆◆◆",
    core=False,
    reference=likeness,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, words="to 0.01 %"),
    edges=(("large", OVERFLOW),),
    mistakes=(
        Mistake("Every pattern is also compared with itself: leave the pairs μ = ν out.", with_itself),
        Mistake(
            "np.triu_indices(K) still holds the diagonal, μ = ν; np.triu_indices(K, 1) leaves it out.",
            diagonal_once,
        ),
        Mistake(
            "The second number is a mean of b_μ²; the question is b_μ b_ν over the pairs μ ≠ ν.",
            own_squares,
        ),
        Mistake("The first number is a sum over the bits; divide it by N.", overlap_sums),
        Mistake(
            "The second number is the square of one bias for the whole set; each pattern keeps its own: take the "
            "mean of b_μ b_ν over pairs μ ≠ ν.",
            overall_bias,
        ),
        Mistake(
            "Shuffling keeps how many +1 a pattern has: two biased patterns overlap even then, by b_μ b_ν.",
            fair_chance,
        ),
        Mistake("Right but for the order: first as stored, then shuffled.", swapped, ALMOST),
        Mistake("You averaged sizes; overlaps of different signs must be allowed to cancel.", absolute),
        Mistake(
            "You took the mean of each neuron over the patterns (axis=0); a pattern's bias is a mean over its "
            "neurons (axis=1).",
            columns,
        ),
        Mistake("These are sums over the pairs; divide by their number K(K-1)/2.", whole_sum),
    ),
    int8_message="X @ X.T is int8 and wraps at 127: write X.astype(int) first.",
    properties=(
        Property("averaged over shuffles, the first number becomes the second", shuffled_on_average),
        Property("the order of the patterns does not matter", any_order),
    ),
    success=(
        "The control changes one thing, where the ink is, and leaves another, how much there is. If recall comes "
        "back, likeness was to blame; if not, compare with fair patterns of the same number."
    ),
    right_answers=(likeness_loops, likeness_upper),
    wrong_answers=(
        (likeness_itself, "compared with itself"),
        (likeness_unscaled, "divide it by N"),
        (likeness_one_bias, "one bias for the whole set"),
        (likeness_squares, "a mean of b_μ²"),
        (likeness_triu, "still holds the diagonal"),
        (likeness_zero, "Shuffling keeps"),
        (likeness_swapped, "Right but for the order"),
        (likeness_int8, "wraps at 127"),
    ),
)
