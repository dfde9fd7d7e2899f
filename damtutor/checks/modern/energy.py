"""The energy of a state, stable at large β."""

import math

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property
from damtutor.checks.modern.common import MILLIONTH, OVERFLOW, random_memory

LONGEST = "M is the norm of the longest memory, a row of X: add up the squares of each row, then take the largest sum."


def energy(X, x, beta):
    """E(x) = -lse(x) + |x|²/2 + log(K)/β + M²/2, a number >= 0."""
    scores = beta * X @ x
    top = scores.max()  # the largest term becomes exp(0)
    lse = (top + np.log(np.sum(np.exp(scores - top)))) / beta
    M2 = np.max(np.sum(X**2, axis=1))
    return -lse + x @ x / 2 + np.log(len(X)) / beta + M2 / 2


# Cases ----------------------------------------------------------------------------------------------------------------

SHAPES = ((1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 4), (5, 3), (4, 6), (8, 5))  # (K, d)


def memories(tag):
    for K, d in SHAPES:
        rng = np.random.default_rng([tag, K, d])
        for beta in (0.3, 1.0, 4.0):
            yield rng, rng.standard_normal((K, d)).round(2), rng.standard_normal(d).round(2), beta


def cases():
    """X, x, beta."""
    for _, X, x, beta in memories(61):
        yield Case((X, x, beta))
    for K, d in ((2, 2), (3, 4), (6, 3)):
        for beta in (300.0, 10_000.0):
            rng = np.random.default_rng([61, K, d, 2])
            X = rng.standard_normal((K, d)).round(2)
            yield Case((X, 3 * X[0], beta), "large")
            yield Case((X, -3 * X[0], beta), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def never_negative(call: Call):
    """E >= 0 everywhere, also on top of the longest memory."""
    for k in range(20):
        rng, X, x, beta = random_memory(71, k)
        for state in (x, X[rng.integers(len(X))]):
            value = float(call(X, state, beta).ravel()[0])
            if not value >= -1e-9:
                return (X, state, beta), f"The energy is {value:.3g}."
    return None


def one_memory(call: Call):
    """With one memory, E = |x - X|²/2 whatever β is: half the squared distance."""
    for k in range(10):
        _, X, x, beta = random_memory(72, k)
        wanted = np.sum((x - X[0]) ** 2) / 2
        if abs(float(call(X[:1], x, beta).ravel()[0]) - wanted) > 1e-6 * (1 + wanted):
            return (X[:1], x, beta), f"The energy should be |x - X|²/2 = {wanted:.6g}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _log_sum_exp(scores):
    top = scores.max()
    return top + np.log(np.exp(scores - top).sum())


def _energy(X, x, beta, *, lse=1.0, half=0.5, log_K=1.0, norm=0.5, divide=True, inside=True):
    scores = beta * X @ x if inside else X @ x
    value = -lse * _log_sum_exp(scores) / (beta if divide else 1)
    largest = np.max(np.sum(X**2, axis=1))
    return value + half * (x @ x) + log_K * np.log(len(X)) / beta + norm * largest


def no_division(X, x, beta):
    """-lse without 1/β."""
    return _energy(X, x, beta, divide=False)


def no_beta_inside(X, x, beta):
    """β is missing in the exponent."""
    return _energy(X, x, beta, inside=False)


def no_log_K(X, x, beta):
    """log(K)/β is missing."""
    return _energy(X, x, beta, log_K=0)


def no_largest(X, x, beta):
    """M²/2 is missing."""
    return _energy(X, x, beta, norm=0)


def no_constants(X, x, beta):
    """Both constants are missing."""
    return _energy(X, x, beta, log_K=0, norm=0)


def whole_square(X, x, beta):
    """|x|² without the half."""
    return _energy(X, x, beta, half=1)


def plus_lse(X, x, beta):
    """The sign of the first term."""
    return _energy(X, x, beta, lse=-1)


def M_not_squared(X, x, beta):
    """M/2 instead of M²/2."""
    largest = np.max(np.sum(X**2, axis=1))
    return _energy(X, x, beta) - largest / 2 + np.sqrt(largest) / 2


def top_lost(X, x, beta):
    """The largest score is not put back."""
    return _energy(X, x, beta) + (X @ x).max()


def top_undivided(X, x, beta):
    """The largest score is put back whole, the logarithm divided by β."""
    return _energy(X, x, beta) + (X @ x).max() - beta * (X @ x).max()


def largest_number(X, x, beta):
    """The largest number of X instead of its longest row."""
    return _energy(X, x, beta, norm=0) + np.max(X**2) / 2


def largest_column(X, x, beta):
    """The longest column instead of the longest row."""
    return _energy(X, x, beta, norm=0) + np.max(np.sum(X**2, axis=0)) / 2


def log_d(X, x, beta):
    """log(d) for log(K)."""
    return _energy(X, x, beta, log_K=0) + np.log(len(x)) / beta


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def energy_costs(X, x, beta):
    """As the package has it: costs |x - X|²/2 + (M² - |X|²)/2, all >= 0."""
    squares = (X**2).sum(axis=1)
    costs = ((x - X) ** 2).sum(axis=1) / 2 + (squares.max() - squares) / 2
    least = costs.min()
    return least - np.log(np.mean(np.exp(-beta * (costs - least)))) / beta


def energy_scipy(X, x, beta):
    from scipy.special import logsumexp

    M = np.linalg.norm(X, axis=1).max()
    return [-logsumexp(beta * (X @ x)) / beta + 0.5 * np.dot(x, x) + math.log(X.shape[0]) / beta + 0.5 * M**2][0]


def energy_logaddexp(X, x, beta):
    """No subtraction by hand: NumPy adds in the log domain."""
    lse = np.logaddexp.reduce(beta * X @ x) / beta
    return -lse + x @ x / 2 + np.log(len(X)) / beta + max(row @ row for row in X) / 2


def energy_python(X, x, beta):
    scores = [beta * sum(a * b for a, b in zip(row, x.tolist(), strict=True)) for row in X.tolist()]
    top = max(scores)
    lse = (top + math.log(sum(math.exp(s - top) for s in scores))) / beta
    M2 = max(sum(a * a for a in row) for row in X.tolist())
    return -lse + sum(a * a for a in x.tolist()) / 2 + math.log(len(scores)) / beta + M2 / 2


def energy_naive(X, x, beta):
    return -np.log(np.sum(np.exp(beta * X @ x))) / beta + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_no_beta(X, x, beta):
    lse = np.logaddexp.reduce(beta * X @ x)
    return -lse + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_beta_outside_only(X, x, beta):
    return -np.logaddexp.reduce(X @ x) / beta + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_without_log_K(X, x, beta):
    return energy_costs(X, x, beta) - np.log(len(X)) / beta


def energy_without_M(X, x, beta):
    return energy_costs(X, x, beta) - (X**2).sum(1).max() / 2


def energy_bare(X, x, beta):
    return -np.logaddexp.reduce(beta * X @ x) / beta + x @ x / 2


def energy_whole_square(X, x, beta):
    return energy_costs(X, x, beta) + x @ x / 2


def energy_plus(X, x, beta):
    return energy_costs(X, x, beta) + 2 * np.logaddexp.reduce(beta * X @ x) / beta


def energy_norm(X, x, beta):
    M = np.linalg.norm(X, axis=1).max()
    return energy_costs(X, x, beta) - M**2 / 2 + M / 2


def energy_top_forgotten(X, x, beta):
    scores = beta * X @ x
    lse = np.log(np.exp(scores - scores.max()).sum()) / beta
    return -lse + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_top_whole(X, x, beta):
    scores = beta * X @ x
    lse = np.log(np.exp(scores - scores.max()).sum()) / beta + scores.max()
    return -lse + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_longest_column(X, x, beta):
    return energy_costs(X, x, beta) - (X**2).sum(1).max() / 2 + (X**2).sum(axis=0).max() / 2


def energy_largest_number(X, x, beta):
    return energy_costs(X, x, beta) - (X**2).sum(1).max() / 2 + np.abs(X).max() ** 2 / 2


def energy_log_size(X, x, beta):
    return energy_costs(X, x, beta) + (np.log(X.shape[1]) - np.log(len(X))) / beta


def energy_columns(X, x, beta):
    """One pattern a column, forced into shape."""
    return energy_costs(X.T.reshape(X.shape), x, beta)


def energy_batch(X, x, beta):
    return np.full(len(X), energy_costs(X, x, beta))


def energy_negative(X, x, beta):
    return -energy_costs(X, x, beta)


EXERCISE = Exercise(
    id="modern.1",
    title="An energy that does not overflow",
    points=2,
    minutes=10,
    level="◆◇◇",
    reference=energy,
    cases=cases,
    tolerance=MILLIONTH,
    edges=(("large", OVERFLOW),),
    mistakes=(
        Mistake("The first term is not divided by β: it is log-sum-exp over β.", no_division),
        Mistake("β is missing in the exponent: the scores are β times the dot products.", no_beta_inside),
        Mistake("The constant log(K)/β is missing.", no_log_K, ALMOST),
        Mistake("The constant M²/2 is missing.", no_largest, ALMOST),
        Mistake("Both constants are missing: log(K)/β and M²/2.", no_constants, ALMOST),
        Mistake("|x|² enters with the factor one half.", whole_square, ALMOST),
        Mistake("The sign of the first term: a good match must lower the energy.", plus_lse, ALMOST),
        Mistake("M is the largest norm, and it enters squared: M²/2.", M_not_squared, ALMOST),
        Mistake(
            "The largest score was taken out before exp and is not put back: add it after the log.",
            top_lost,
            ALMOST,
        ),
        Mistake(
            "The largest score comes back outside the division: all of it, score and log, is divided by β.",
            top_undivided,
            ALMOST,
        ),
        Mistake(LONGEST, largest_number),
        Mistake(LONGEST, largest_column),
        Mistake("log(K) counts the memories, the rows of X; this counts the numbers in one.", log_d),
    ),
    properties=(
        Property("the energy is never negative", never_negative),
        Property("with one memory it is half the squared distance", one_memory),
    ),
    success=(
        "The largest score goes out of the sum before exp and comes back after log, so nothing can overflow. "
        "Next: what does the energy become for β → ∞? Half the squared distance to which memory?"
    ),
    right_answers=(energy_costs, energy_scipy, energy_logaddexp, energy_python),
    wrong_answers=(
        (energy_naive, "Subtract the largest score"),
        (energy_no_beta, "not divided by β"),
        (energy_beta_outside_only, "missing in the exponent"),
        (energy_without_log_K, "log(K)/β is missing"),
        (energy_without_M, "M²/2 is missing"),
        (energy_bare, "Both constants"),
        (energy_whole_square, "factor one half"),
        (energy_plus, "sign of the first term"),
        (energy_norm, "enters squared"),
        (energy_columns, "inputs give another value"),
        (energy_top_forgotten, "not put back"),
        (energy_top_whole, "outside the division"),
        (energy_longest_column, "norm of the longest memory"),
        (energy_largest_number, "norm of the longest memory"),
        (energy_log_size, "counts the memories"),
        (energy_batch, "expected a single number"),
        (energy_negative, "negative of what is expected"),
    ),
)
