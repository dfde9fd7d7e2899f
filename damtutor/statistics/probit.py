"""Where a success rate crosses one half and how wide the crossing is: a normal curve through counts, with bootstrap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from damtutor.statistics.intervals import Interval
from damtutor.validate import as_reals, as_seed, as_trials

RESAMPLES = 2000
ITERATIONS = 60
FAR = 8.0  # beyond, a normal probability is 0 or 1 in every likelihood that decides anything
STEEPEST = 1e3  # of the curve, in units of the largest distance: all trials cross between the same two corruptions


class Probit(NamedTuple):
    """Success = Φ((c50 - c)/width).

    Attributes
    ----------
    c50 : the corruption at which half of the trials succeed, with its 95 % interval. width : likewise; one standard
        deviation of the trials' own thresholds.
    """

    c50: Interval
    width: Interval


def probit(corruptions, successes, *, resamples: int = RESAMPLES, seed: int = 0) -> Probit:
    """Fit a falling normal curve to successes by maximum likelihood; intervals by drawing the trials again.

    Parameters
    ----------
    corruptions : `(C,)`, two or more different ones, in any unit.
    successes : `(trials, C)` of 0 and 1 (or bool), two or more trials. A row is one pattern set: rows are drawn again
        whole, because its entries are not independent.
    resamples : bootstrap samples. seed : of the drawing.

    Returns
    -------
    Probit; intervals are the 2.5 and 97.5 percentiles.

    Raises
    ------
    ValueError : wrong shapes, values other than 0 and 1, a mean success that is nowhere above or nowhere below 1/2.
    """
    c, rows = as_reals(corruptions, "corruptions", 1), np.asarray(successes)
    rows = as_reals(rows.astype(float) if rows.dtype == bool else rows, "successes", 2)
    if rows.shape[1:] != c.shape or len(np.unique(c)) < 2 or len(rows) < 2:
        raise ValueError(
            f"corruptions {c.shape}, successes {rows.shape}; expected two or more different corruptions, a column of "
            "successes for each, and two or more rows"
        )
    if not np.isin(rows, (0, 1)).all():
        raise ValueError("successes: values other than 0 and 1; expected whether each trial succeeded")
    means = rows.mean(axis=0)
    if not means.max() > 0.5 > means.min():
        raise ValueError(f"successes: mean {np.round(means, 3)}; expected some above and some below 1/2")
    rng = np.random.default_rng([as_seed(seed), *rows.shape])
    drawn = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=as_trials(resamples, "resamples"))
    c50, width = _fit(c, np.vstack([means, drawn @ rows / len(rows)]))
    return Probit(*(Interval(float(x[0]), *map(float, np.percentile(x[1:], [2.5, 97.5]))) for x in (c50, width)))


def half_deviance(fit: Probit, corruptions, successes, trials: int) -> tuple[float, float]:
    """How far counts of another experiment lie from a curve: log likelihood that they lose by it, and its error.

    Half the number of cells, give or take √(cells/2), where the curve is theirs and is known exactly.

    Parameters
    ----------
    fit : the curve. corruptions : `(C,)`. successes : `(C,)`, of `trials` each.

    Returns
    -------
    (half deviance, standard error that it has from those of the curve's c50 and width).

    Raises
    ------
    ValueError : counts that are no whole numbers in [0, trials], or not one for each corruption.

    Examples
    --------
    >>> curve = Probit(Interval(40.0, 39.0, 41.0), Interval(2.0, 1.0, 3.0))
    >>> round(half_deviance(curve, [40.0, 42.0], [50, 16], 100)[0], 3)
    0.001
    """
    c, counts = as_reals(corruptions, "corruptions", 1), as_reals(successes, "successes", 1)
    trials = as_trials(trials, "trials")
    if counts.shape != c.shape or (counts != np.round(counts)).any() or counts.min() < 0 or counts.max() > trials:
        raise ValueError(
            f"successes {counts.tolist()}; expected a whole number from 0 to {trials} for each of {len(c)} corruptions"
        )
    ends = {name: (getattr(fit, name).high - getattr(fit, name).low) / (2 * 1.96) for name in fit._fields}
    middle, width = fit.c50.value, fit.width.value
    moves = [
        (_lost(middle + ends["c50"], width, c, counts, trials), _lost(middle - ends["c50"], width, c, counts, trials)),
        (
            _lost(middle, width + ends["width"], c, counts, trials),
            _lost(middle, max(width - ends["width"], width / 4), c, counts, trials),
        ),
    ]
    error = float(np.hypot(*(abs(up - down) / 2 for up, down in moves)))
    return _lost(middle, width, c, counts, trials), error


def _lost(middle, width, c, counts, trials) -> float:
    """Binomial log likelihood of the shares themselves less that of the curve, summed over cells."""
    from scipy.special import log_ndtr, xlogy

    eta = np.clip((middle - c) / width, -FAR, FAR)
    best = xlogy(counts, counts / trials) + xlogy(trials - counts, 1 - counts / trials)
    return float(np.sum(best - counts * log_ndtr(eta) - (trials - counts) * log_ndtr(-eta)))


def _fit(c: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """c50 and width of every row of means `(R, C)`: Fisher scoring, both unknowns of all rows at once."""
    from scipy.special import ndtr

    centre, reach = c.mean(), np.abs(c - c.mean()).max()
    u = (c - centre) / reach
    a, b = np.zeros(len(means)), np.full(len(means), -2.0)
    for _ in range(ITERATIONS):
        eta = np.clip(a[:, None] + b[:, None] * u, -FAR, FAR)
        p, q = ndtr(eta), ndtr(-eta)
        density = np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi)
        weight, score = density**2 / (p * q), density * (means - p) / (p * q)
        s0, s1, s2 = weight.sum(axis=1), weight @ u, weight @ u**2
        t0, t1 = score.sum(axis=1), score @ u
        move = np.stack([s2 * t0 - s1 * t1, s0 * t1 - s1 * t0]) / np.maximum(s0 * s2 - s1**2, 1e-12)
        move /= np.maximum(1, np.abs(move).max(axis=0))
        a, b = np.clip(a + move[0], -STEEPEST, STEEPEST), np.clip(b + move[1], -STEEPEST, -1 / STEEPEST)
        if np.abs(move).max() < 1e-9:
            break
    return centre - reach * a / b, -reach / b
