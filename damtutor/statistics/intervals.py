"""Error bars: for counts, for means, and for a slope."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from damtutor.validate import as_count, as_real, as_reals

FARTHEST = 8.0  # standard errors: more are a probability of 1 in a float


class Interval(NamedTuple):
    """A proportion with its interval.

    Attributes
    ----------
    value : the proportion.
    low : lower end.
    high : upper end.
    """

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int, z: float = 1.96) -> Interval:
    """Proportion of successes with Wilson's score interval.

    It stays inside [0, 1] and has a width at 0 of 10 as well, where the normal interval has none.

    Parameters
    ----------
    successes : whole number in [0, trials].
    trials : whole number >= 1.
    z : half the width of the interval in standard errors, in (0, 8); 1.96 is 95 %.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError : a number out of range.

    Source: Wilson (1927).
    """
    from scipy.special import ndtr
    from scipy.stats import binomtest

    trials = as_count(trials, "trials")
    successes = as_count(successes, "successes", 0, trials)
    z = as_real(z, "z", low=0.0, high=FARTHEST, strict=True)
    found = binomtest(successes, trials).proportion_ci(confidence_level=1 - 2 * ndtr(-z), method="wilson")
    return Interval(successes / trials, float(found.low), float(found.high))


class Mean(NamedTuple):
    """A mean over independent draws, such as pattern sets or cases.

    Attributes
    ----------
    value : the mean.
    error : its standard error, nan for one value.
    sets : number of draws.
    """

    value: float
    error: float
    sets: int


def mean(values) -> Mean:
    """Mean and standard error of independent values `(P,)`."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError(f"values: shape {values.shape}; expected one or more finite numbers, for example [0.1, 0.2]")
    error = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Mean(float(values.mean()), float(error), len(values))


class Estimate(NamedTuple):
    """A measured value with its standard error: a pair, with names.

    Attributes
    ----------
    value : the value.
    error : its standard error.
    """

    value: float
    error: float


def estimate(values) -> Estimate:
    """Mean of one value per pattern set, `(sets,)`, and its standard error; ValueError: fewer than two, no numbers."""
    values = as_reals(values, "values", 1)
    if len(values) < 2:
        raise ValueError(f"values: {len(values)}; expected two or more, one from each pattern set")
    return Estimate(*mean(values)[:2])


class Slope(NamedTuple):
    """Exponent of a power law y ~ x**value.

    Attributes
    ----------
    value : the exponent.
    error : its standard error.
    """

    value: float
    error: float


def log_slope(x, y, relative_error) -> Slope:
    """Slope of log y against log x by weighted least squares.

    Parameters
    ----------
    x : positive, `(P,)`, P >= 2, not all the same.
    y : positive, `(P,)`.
    relative_error : standard errors of y divided by y, `(P,)`, all > 0.

    Returns
    -------
    Slope: the error is propagated from the errors of y; it says nothing about curvature.
    """
    named = {"x": x, "y": y, "relative_error": relative_error}
    x, y, relative_error = (as_reals(values, name, 1).astype(float) for name, values in named.items())
    if not (x.shape == y.shape == relative_error.shape and len(np.unique(x)) > 1):
        raise ValueError(
            f"x, y, relative_error: shapes {x.shape}, {y.shape}, {relative_error.shape}; expected two or "
            "more points at different x, the same number of each"
        )
    if min(values.min() for values in (x, y, relative_error)) <= 0:
        raise ValueError("x, y, relative_error: expected finite numbers above 0, for a logarithm and an error bar")
    lx, ly = np.log(x), np.log(y)
    weight = 1 / relative_error**2
    centred = lx - np.average(lx, weights=weight)
    spread = float(np.sum(weight * centred**2))
    return Slope(float(np.sum(weight * centred * ly) / spread), 1 / math.sqrt(spread))
