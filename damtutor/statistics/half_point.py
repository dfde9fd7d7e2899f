"""Where a falling probability crosses one half: a theory's curve, stretched and shifted to fit, and its error bar."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from damtutor.statistics.intervals import mean
from damtutor.validate import as_count, as_reals

RESAMPLES = 200
ITERATIONS = 50


class Estimate(NamedTuple):
    """A measured value with its standard error: a pair, with names."""

    value: float
    error: float


def estimate(values) -> Estimate:
    """Mean of one value per pattern set, `(sets,)`, and its standard error; ValueError: fewer than two, no numbers."""
    values = as_reals(values, "values", 1)
    if len(values) < 2:
        raise ValueError(f"values: {len(values)}; expected two or more, one from each pattern set")
    found = mean(values)
    return Estimate(found.value, found.error)


def half_point(predicted, shares, count_at: Callable[[float], float], *, seed: int = 0) -> Estimate:
    """The pattern number at which a measured share is 1/2, and its standard error.

    Rare independent failures give P = exp(-f) with f their expected number. The measured f is fitted as a power of the
    predicted one, ln f = a + b ln f', by maximum likelihood: a theory that is wrong by a factor still lends its shape,
    and right or wrong it does not pull the answer towards itself. The error comes from drawing the pattern
    sets again, with replacement, 200 times.

    Parameters
    ----------
    predicted : P' in (0, 1) at each pattern number tried, `(P,)`, at least two different values.
    shares : measured shares in [0, 1], `(sets, P)`; one row a pattern set, which may be used at every pattern number.
    count_at : the pattern number at which the theory predicts a given P'.
    seed : of the resampling.

    Returns
    -------
    Estimate: pattern number and standard error.

    Raises
    ------
    ValueError : wrong shapes or ranges, shares that are not above and below 1/2, a count_at that is no function.
    """
    if not callable(count_at):
        raise ValueError(f"count_at is {count_at!r}; expected a function of a probability, the pattern number at it")
    predicted, shares = as_reals(predicted, "predicted", 1), as_reals(shares, "shares", 2)
    if shares.shape[1:] != predicted.shape or len(np.unique(predicted)) < 2 or len(shares) < 2:
        raise ValueError(
            f"predicted {predicted.shape}, shares {shares.shape}; expected two or more different predictions, a column "
            "of shares for each, and two or more rows"
        )
    if predicted.min() <= 0 or predicted.max() >= 1:
        raise ValueError(f"predicted from {predicted.min():g} to {predicted.max():g}; expected values in (0, 1)")
    if shares.min() < 0 or shares.max() > 1:
        raise ValueError(f"shares from {shares.min():g} to {shares.max():g}; expected values in [0, 1]")
    means = shares.mean(axis=0)
    if not means.max() > 0.5 > means.min():
        raise ValueError(f"shares {np.round(means, 3)}; expected some above and some below 1/2, or more sets")
    x = np.log(-np.log(predicted))
    rng = np.random.default_rng([as_count(seed, "seed", 0), *shares.shape])
    draws = shares[rng.integers(len(shares), size=(RESAMPLES, len(shares)))].mean(axis=1)
    at = _fit(x, np.vstack([means, draws]))
    counts = [count_at(math.exp(-math.exp(value))) for value in at]
    return Estimate(counts[0], float(np.std(counts[1:], ddof=1)))


def _fit(x: np.ndarray, means: np.ndarray) -> np.ndarray:
    """For each row of means, the x at which the fitted P = exp(-exp(a + b x)) is 1/2: `(rows, P)` to `(rows,)`.

    Fisher scoring from the least squares line; both unknowns of all rows at once.
    """
    u = x - x.mean()
    y = np.log(-np.log(np.clip(means, 0.02, 0.98)))
    a, b = y.mean(axis=1), y @ u / (u @ u)
    for _ in range(ITERATIONS):
        failures = np.exp(np.clip(a[:, None] + b[:, None] * u, -30, 4))
        p, fails = np.exp(-failures), -np.expm1(-failures)
        weight, score = failures**2 * p / fails, failures * (p - means) / fails
        s0, s1, s2 = weight.sum(axis=1), weight @ u, weight @ u**2
        t0, t1 = score.sum(axis=1), score @ u
        move = np.stack([s2 * t0 - s1 * t1, s0 * t1 - s1 * t0]) / (s0 * s2 - s1**2)
        move /= np.maximum(1, np.abs(move).max(axis=0))  # a long step may leave the region where the score means much
        a, b = a + move[0], b + move[1]
        if np.abs(move).max() < 1e-10:
            break
    crossing = x.mean() + (math.log(math.log(2)) - a) / b
    return np.clip(crossing, x.min() - 1, x.max() + 1)  # a resampled set without a crossing stays a number
