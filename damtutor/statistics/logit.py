"""Where a success rate that rises crosses one half: a logistic curve through shares, with bootstrap."""

from __future__ import annotations

import numpy as np

from damtutor.statistics.half_point import Estimate
from damtutor.validate import as_reals, as_seed

RESAMPLES = 200
ITERATIONS = 50


def half_success(x, shares, *, seed: int = 0) -> Estimate:
    """The x at which a logistic curve through the mean shares is 1/2, and its standard error.

    Parameters
    ----------
    x : `(C,)`, two or more different values in any unit, such as start overlaps.
    shares : `(sets, C)` in [0, 1], the share that succeeds, for example of the targets of a pattern set; two rows or
        more. Rows are drawn again whole, 200 times: a row is one pattern set, used at every x.
    seed : of the drawing.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError : wrong shapes, values out of range, a mean share that is nowhere above or nowhere below 1/2.

    Examples
    --------
    >>> half_success([0.3, 0.4, 0.5], [[0.1, 0.5, 0.9], [0.1, 0.5, 0.9]])
    Estimate(value=0.4, error=0.0)
    """
    x, shares = as_reals(x, "x", 1), as_reals(shares, "shares", 2)
    if shares.shape[1:] != x.shape or len(np.unique(x)) < 2 or len(shares) < 2:
        raise ValueError(
            f"x {x.shape}, shares {shares.shape}; expected two or more different x, a column of shares for each, and "
            "two or more rows"
        )
    if shares.min() < 0 or shares.max() > 1:
        raise ValueError(f"shares from {shares.min():g} to {shares.max():g}; expected values in [0, 1]")
    means = shares.mean(axis=0)
    if not means.max() > 0.5 > means.min():
        raise ValueError(f"shares: mean {np.round(means, 3)}; expected some above and some below 1/2")
    picks = np.random.default_rng(as_seed(seed)).integers(len(shares), size=(RESAMPLES, len(shares)))
    again = [_half(x, shares[pick].mean(axis=0)) for pick in picks]
    return Estimate(_half(x, means), float(np.std(again, ddof=1)))


def _half(x: np.ndarray, share: np.ndarray) -> float:
    """Half point of the logistic curve of largest likelihood, by Newton's steps in (a, b) of a + b x."""
    u = (x - x.mean()) / x.std()
    a, b = 0.0, 1.0
    for _ in range(ITERATIONS):
        p = 1 / (1 + np.exp(-np.clip(a + b * u, -30, 30)))
        w = p * (1 - p) + 1e-9
        gradient = np.array([np.sum(share - p), np.sum((share - p) * u)])
        hessian = np.array([[w.sum(), (w * u).sum()], [(w * u).sum(), (w * u * u).sum()]])
        move = np.linalg.solve(hessian, gradient)
        a, b = a + np.clip(move[0], -2, 2), b + np.clip(move[1], -2, 2)
        if np.abs(move).max() < 1e-10:
            break
    return float(x.mean() - a / b * x.std())
