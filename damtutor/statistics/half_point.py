"""Where a measured share crosses one half, how wide the crossing is, and their error bars: a curve through shares."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.statistics.intervals import Estimate
from damtutor.validate import as_array, as_choice, as_function, as_kind, as_reals, as_seed, as_trials

RESAMPLES = 200  # enough for a standard error; the ends of an interval want 2000
ITERATIONS = 60
STEEPEST = 1e3  # of a curve, per half of the range tried: all rows cross between the same two x
# Of each curve the η at which it is 1/2, and those beyond which it decides no likelihood any more
LINKS = {
    "logit": (0.0, -30.0, 30.0),
    "probit": (0.0, -8.0, 8.0),
    "loglog": (-math.log(math.log(2)), -4.0, 30.0),
}


class Resampled(NamedTuple):
    """A fitted number, and what it becomes when the rows are drawn again.

    Attributes
    ----------
    value : from the rows themselves.
    error : standard error, the scatter of the samples.
    low : 2.5 percentile of the samples.
    high : 97.5 percentile.
    """

    value: float
    error: float
    low: float
    high: float


class HalfPoint(NamedTuple):
    """The x at which a share is 1/2, with the fields of `Resampled`, and the width of the crossing.

    Attributes
    ----------
    value : x of the half.
    error : its standard error.
    low : lower end of its 95 % interval.
    high : upper end.
    width : the distance in x that is one unit of η, positive: for "probit" one standard deviation of the rows' own
        thresholds.
    """

    value: float
    error: float
    low: float
    high: float
    width: Resampled


def half_point(
    x,
    shares,
    *,
    link: str = "logit",
    resamples: int = RESAMPLES,
    seed: int = 0,
    unit: Callable[[float], float] = float,
) -> HalfPoint:
    """Fit P(a + b x) to the mean shares by maximum likelihood and say where it is 1/2.

    The curve rises or falls as the shares do. Errors and intervals come from drawing the rows again with replacement:
    a row is one pattern set, whose entries are not independent, so that it is drawn whole.

    Parameters
    ----------
    x : `(C,)`, two or more different values in any unit, such as start overlaps.
    shares : `(sets, C)` in [0, 1], or bool, two or more rows: the share of a set that succeeds at each x.
    link : the curve. "logit" is 1/(1 + exp(-η)), "probit" is Φ(η), "loglog" is exp(-exp(-η)): the probability that
        none of exp(-η) expected rare failures happens.
    resamples : number of samples, at least 2.
    seed : of the samples.
    unit : function from x to what the half point is reported in; the width stays in the unit of x.

    Returns
    -------
    HalfPoint

    Raises
    ------
    ValueError : wrong shapes, values out of range, a mean share that is nowhere above or nowhere below 1/2.

    Examples
    --------
    >>> round(half_point([0.3, 0.4, 0.5], [[0.1, 0.5, 0.9], [0.1, 0.5, 0.9]]).value, 9)
    0.4
    """
    as_function(unit, "unit", "float")
    x, rows = as_reals(x, "x", 1), as_array(shares, "shares", "expected rows of shares in [0, 1]")
    rows = as_reals(rows.astype(float) if rows.dtype == bool else rows, "shares", 2)
    if rows.shape[1:] != x.shape or len(np.unique(x)) < 2 or len(rows) < 2:
        raise ValueError(
            f"x {x.shape}, shares {rows.shape}; expected two or more different x, a column of shares for each, and "
            "two or more rows"
        )
    if rows.min() < 0 or rows.max() > 1:
        raise ValueError(f"shares from {rows.min():g} to {rows.max():g}; expected values in [0, 1]")
    means = rows.mean(axis=0)
    if not means.max() > 0.5 > means.min():
        raise ValueError(f"shares: mean {np.round(means, 3)}; expected some above and some below 1/2, or more sets")
    as_choice(link, "link", tuple(LINKS))
    sets, resamples = len(rows), as_trials(resamples, "resamples", 2)
    drawn = np.random.default_rng([as_seed(seed), *rows.shape]).integers(sets, size=(resamples, sets))
    times = np.array([np.bincount(sample, minlength=sets) for sample in drawn])
    halves, widths = _fit(x, np.vstack([means, times @ rows / sets]), link)
    return HalfPoint(*_resampled(np.array([unit(half) for half in halves])), _resampled(widths))


def _resampled(values: np.ndarray) -> Resampled:
    """The first value with the scatter of the others."""
    return Resampled(*map(float, (values[0], np.std(values[1:], ddof=1), *np.percentile(values[1:], [2.5, 97.5]))))


def _fit(x: np.ndarray, means: np.ndarray, link: str) -> tuple[np.ndarray, np.ndarray]:
    """Half point and width of every row of means `(R, C)`: Fisher scoring, both unknowns of all rows at once.

    All curves rise or fall with the first: a sample without a slope of its own is flat, not turned.
    """
    half, low, high = LINKS[link]
    centre, reach = x.mean(), np.abs(x - x.mean()).max()
    u = (x - centre) / reach
    sign = 1.0 if means[0] @ u >= 0 else -1.0
    u = sign * u
    a, b = np.full(len(means), half), np.full(len(means), 2.0)
    for _ in range(ITERATIONS):
        p, q, density = _curve(np.clip(a[:, None] + b[:, None] * u, low, high), link)
        weight, score = density**2 / (p * q), density * (means - p) / (p * q)
        s0, s1, s2 = weight.sum(axis=1), weight @ u, weight @ u**2
        t0, t1 = score.sum(axis=1), score @ u
        move = np.stack([s2 * t0 - s1 * t1, s0 * t1 - s1 * t0]) / np.maximum(s0 * s2 - s1**2, 1e-12)
        move /= np.maximum(1, np.abs(move).max(axis=0))  # a long step may leave the region where the score means much
        a, b = np.clip(a + move[0], -STEEPEST, STEEPEST), np.clip(b + move[1], 1 / STEEPEST, STEEPEST)
        if np.abs(move).max() < 1e-10:
            break
    return centre + sign * reach * (half - a) / b, reach / b


@underflow_is_zero
def _curve(eta: np.ndarray, link: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """P, 1 - P and dP/dη, each to its own relative accuracy."""
    from scipy.special import expit, ndtr

    if link == "logit":
        p, q = expit(eta), expit(-eta)
        return p, q, p * q
    if link == "probit":
        return ndtr(eta), ndtr(-eta), np.exp(-(eta**2) / 2) / math.sqrt(2 * math.pi)
    failures = np.exp(-eta)
    p = np.exp(-failures)
    return p, -np.expm1(-failures), failures * p


@underflow_is_zero
def half_count(predicted, shares, count_at: Callable[[float], float], *, seed: int = 0) -> Estimate:
    """The pattern number at which a measured share is 1/2, and its standard error: `half_point` on a theory's scale.

    Rare independent failures give P = exp(-f) with f their expected number. The measured f is fitted as a power of the
    predicted one, ln f = a + b ln f': a theory that is wrong by a factor still lends its shape, and right or wrong it
    does not pull the answer towards itself.

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
    ValueError : wrong shapes or ranges, shares that are not above and below 1/2, a count_at that is not a function.
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
    x = np.log(-np.log(predicted))
    ends = x.min() - 1, x.max() + 1  # a sample without a crossing stays a number that the theory knows
    found = half_point(
        x, shares, link="loglog", seed=seed, unit=lambda at: count_at(math.exp(-math.exp(np.clip(at, *ends))))
    )
    return Estimate(found.value, found.error)


@underflow_is_zero
def half_deviance(fit: HalfPoint, corruptions, successes, trials: int) -> tuple[float, float]:
    """How far counts of another experiment lie from a curve: log likelihood that they lose by it, and its error.

    Half the number of cells, give or take √(cells/2), where the curve is theirs and is known exactly.

    Parameters
    ----------
    fit : a falling curve, by `half_point` with the link "probit".
    corruptions : `(C,)`.
    successes : `(C,)`, counts.
    trials : number of trials behind each count.

    Returns
    -------
    (half deviance, standard error that it has from those of the curve's half point and width).

    Raises
    ------
    ValueError : counts that are not whole numbers in [0, trials], or not one for each corruption.

    Examples
    --------
    >>> curve = HalfPoint(40.0, 0.5, 39.0, 41.0, Resampled(2.0, 0.5, 1.0, 3.0))
    >>> round(half_deviance(curve, [40.0, 42.0], [50, 16], 100)[0], 3)
    0.001
    """
    as_kind(fit, "fit", HalfPoint, "what half_point returns, a HalfPoint")
    c, counts = as_reals(corruptions, "corruptions", 1), as_reals(successes, "successes", 1)
    trials = as_trials(trials, "trials")
    if counts.shape != c.shape or (counts != np.round(counts)).any() or counts.min() < 0 or counts.max() > trials:
        raise ValueError(
            f"successes {counts.tolist()}; expected a whole number from 0 to {trials} for each of {len(c)} corruptions"
        )
    at, width = fit.value, fit.width.value
    narrow, wide = max(width - fit.width.error, width / 4), width + fit.width.error
    moves = (
        _lost(at + fit.error, width, c, counts, trials) - _lost(at - fit.error, width, c, counts, trials),
        _lost(at, wide, c, counts, trials) - _lost(at, narrow, c, counts, trials),
    )
    return _lost(at, width, c, counts, trials), math.hypot(*moves) / 2


def _lost(middle, width, c, counts, trials) -> float:
    """Binomial log likelihood of the shares themselves less that of the curve, summed over cells."""
    from scipy.special import log_ndtr, xlogy

    eta = np.clip((middle - c) / width, *LINKS["probit"][1:])
    best = xlogy(counts, counts / trials) + xlogy(trials - counts, 1 - counts / trials)
    return float(np.sum(best - counts * log_ndtr(eta) - (trials - counts) * log_ndtr(-eta)))
