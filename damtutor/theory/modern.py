"""Predictions for the continuous modern Hopfield network: splits of the average, error bounds, capacity, merging.

Bounds named "proved" follow in a few lines given with them. Those named after a paper are stated as in the
literature and only checked here by numbers. Where each stops being true is said at the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from damtutor.validate import as_count, as_real, as_reals

FAR = 1e150  # entries beyond are refused: their products leave float64
MOST = 10**15  # patterns and dimensions: more are no whole numbers in float64


class OneStepBound(NamedTuple):
    """Bounds of the error |f(x) - X_i| after one step: error <= `direct` <= `by_distance`; inf if beyond a float."""

    direct: float
    by_distance: float


class RamsauerBound(NamedTuple):
    """A bound of |f(x) - x*| and whether its condition holds; without it the number means nothing."""

    bound: float
    valid: bool


def critical_beta(patterns: Any) -> float:
    """β_c = 1/λ_max(Cov X): above it the average of the patterns is no longer a stable fixed point.

    Cov has the divisor K. Exact for dot similarity if the average weighs all patterns equally, X_μ · mean the same
    for every μ (orthonormal patterns, a regular polygon); an estimate otherwise, since the average is then not
    exactly a fixed point. For distance similarity the condition is |X_μ - mean| the same for every μ.

    Parameters
    ----------
    patterns : `(K, d)`, not all equal.

    Raises
    ------
    ValueError : not `(K, d)` real numbers, all patterns equal (the average is then stable at every β), or so close
        that β_c leaves float64.
    """
    x = _moderate(patterns, "patterns", 2)
    if (x == x[0]).all():
        raise ValueError("patterns are all equal: their average is stable at every beta; expected two different ones")
    x = x - x[0]
    largest = float(np.abs(x).max())
    x = x / largest  # or squares of small numbers vanish
    root = math.sqrt(len(x)) / float(np.linalg.norm(x - x.mean(axis=0), 2)) / largest
    if root > 1e154:
        raise ValueError(f"patterns differ by {largest:g} at most: beta_c overflows; expected larger differences")
    return root * root


def separation(patterns: Any) -> np.ndarray:
    """Δ_i = min over j ≠ i of X_i·X_i - X_i·X_j, `(K,)`, K >= 2; negative for a pattern shadowed by a longer one."""
    x = _several(patterns)
    products = x @ x.T
    own = np.diag(products).copy()
    np.fill_diagonal(products, -np.inf)
    return own - products.max(axis=1)


def one_step_bound(patterns: Any, state: Any, target: int, beta: float) -> OneStepBound:
    """Two proved bounds of |f(x) - X_i| after one step with dot similarity, for every x and every β > 0.

        direct       (K-1) exp(-β δ) max_j |X_j - X_i|,   δ = min over j ≠ i of (X_i - X_j)·x
        by_distance  2 M (K-1) exp(-β (Δ_i - 2 M |x - X_i|)),   M the largest norm

    Proof: f - X_i = Σ_{j≠i} p_j (X_j - X_i) and Σ_{j≠i} p_j <= Σ_{j≠i} p_j/p_i <= (K-1) exp(-β δ). For the second,
    δ >= Δ_i - 2 M |x - X_i| and |X_j - X_i| <= 2 M.

    Parameters
    ----------
    patterns : `(K, d)`, K >= 2.
    state : x, `(d,)`.
    target : i, 0 <= i < K.
    beta : > 0.

    Raises
    ------
    ValueError : a wrong shape, index or beta.
    """
    x = _several(patterns)
    state = _moderate(state, "state", 1, x.shape[1])
    target = as_count(target, "target", 0, len(x) - 1)
    beta = as_real(beta, "beta", low=0.0, strict=True)
    gaps = np.delete(x[target] - x, target, axis=0)
    largest = _norms(x).max()
    margin = float(separation(x)[target]) - 2 * float(largest) * float(np.linalg.norm(state - x[target]))
    return OneStepBound(
        _exp(math.log(len(gaps)) - beta * float((gaps @ state).min())) * float(_norms(gaps).max()),
        _exp(math.log(2 * len(gaps)) - beta * margin) * float(largest),
    )


def ramsauer_bound(patterns: Any, state: Any, fixed_point: Any, target: int, beta: float) -> RamsauerBound:
    """|f(x) - x*| <= 2 M (K-1) exp(-β (Δ_i - 2 M max(|x - X_i|, |x* - X_i|))), x* the fixed point near X_i.

    From the literature: Ramsauer et al. (2021), theorem 5, as commonly stated; not proved here. Its condition is
    Δ_i >= 2/(βK) + ln(2 (K-1) K β M²)/β, x within the ball of X_i in which f contracts. `valid` checks the first.

    Parameters
    ----------
    patterns : `(K, d)`, K >= 2.
    state, fixed_point : `(d,)`.
    target : i.
    beta : > 0.
    """
    x = _several(patterns)
    state = _moderate(state, "state", 1, x.shape[1])
    fixed_point = _moderate(fixed_point, "fixed_point", 1, x.shape[1])
    target = as_count(target, "target", 0, len(x) - 1)
    beta = as_real(beta, "beta", low=0.0, strict=True)
    count, largest, delta = len(x), float(_norms(x).max()), float(separation(x)[target])
    apart = max(np.linalg.norm(state - x[target]), np.linalg.norm(fixed_point - x[target]))
    bound = _exp(math.log(2 * (count - 1)) - beta * (delta - 2 * largest * float(apart))) * largest
    needed = -math.inf  # without norms nothing is needed, and Δ = 0 is not enough
    if largest > 0:
        inside = math.log(2 * (count - 1) * count) + math.log(beta) + 2 * math.log(largest)
        needed = 2 / count / beta + inside / beta
    return RamsauerBound(bound, bool(largest > 0 and delta >= needed))


def capacity_constant(beta: float, k: float, size: int, p: float) -> float:
    """c = b/W0(exp(a + ln b)), a = 2/(d-1) (1 + ln(2 β k² p (d-1))), b = 2 k² β/5: sqrt(p) c**((d-1)/4) patterns.

    From the literature: Ramsauer et al. (2021), theorem 3, as commonly stated; not proved here. Patterns lie at
    random on a sphere of radius k sqrt(d-1), p is the probability of failure. W0 is the Lambert function; w e^w = e^y
    is solved as w + ln w = y, which does not overflow.

    Parameters
    ----------
    beta, k : > 0.
    size : d >= 2.
    p : in (0, 1].

    Raises
    ------
    ValueError : a number out of range, or c beyond a float.
    """
    beta, k = as_real(beta, "beta", low=0.0, strict=True), as_real(k, "k", low=0.0, strict=True)
    size, p = as_count(size, "size", 2, MOST), as_real(p, "p", low=0.0, high=1.0)
    if p == 0:
        raise ValueError("p is 0; expected a probability of failure in (0, 1], for example 0.001")
    field = math.log(beta) + 2 * math.log(k)  # β k² itself may leave float64
    a = 2 / (size - 1) * (1 + math.log(2) + field + math.log(p) + math.log(size - 1))
    log_b = math.log(2 / 5) + field
    log_c = log_b - _log_lambert_of_exp(a + log_b)
    if abs(log_c) > 700:
        raise ValueError(f"beta k² is 10**{field / math.log(10):.0f}: c leaves float64; expected moderate beta and k")
    return math.exp(log_c)


def sphere_capacity(beta: float, k: float, size: int, p: float) -> float:
    """N = sqrt(p) c**((d-1)/4) random patterns on a sphere of radius k sqrt(d-1) can be stored; inf beyond a float.

    From the literature: Ramsauer et al. (2021), theorem 3, as commonly stated; not proved here. It is a lower bound
    that holds with probability 1 - p, c being `capacity_constant`. Parameters and errors as there.
    """
    c = capacity_constant(beta, k, size, p)
    return _exp((math.log(p) / 2) + (size - 1) / 4 * math.log(c))


def _log_lambert_of_exp(y: float) -> float:
    """ln w for the w > 0 with w + ln w = y, by Newton's method on ln w: the function is convex and rising there."""
    v = math.log(y) if y > 1 else y  # v = ln w
    for _ in range(60):
        step = (math.exp(v) + v - y) / (math.exp(v) + 1)
        v -= step
        if abs(step) < 1e-15 * (1 + abs(v)):
            break
    return v


def orthonormal_onset(count: int) -> float:
    """β from which each of K orthonormal patterns has a fixed point of its own, beside the average; K >= 3.

    By symmetry x = p X_1 + q Σ_{others} X_j, q = (1-p)/(K-1), and p/q = exp(β (p - q)). The smallest
    β = ln(p/q)/(p - q) over p in (1/K, 1) is the fold where it appears; the average survives up to β = K.
    (K = 2: no loop; both are 2.) At d = 12 and K = 12: 4.807.
    """
    count = as_count(count, "count", 3, MOST)
    return _fold(count)[1]


def orthonormal_weight(beta: float, count: int) -> float:
    """Largest p with p/q = exp(β (p - q)): the weight of the own pattern. ValueError for β < `orthonormal_onset`."""
    beta, count = as_real(beta, "beta", low=0.0, strict=True), as_count(count, "count", 3, MOST)
    log_odds, onset = _fold(count)
    if beta < onset:
        raise ValueError(f"beta is {beta:g}; a fixed point at one of {count} orthonormal patterns needs {onset:.6g}")
    high = log_odds + 1
    while _beta_of_odds(high, count) < beta:
        high *= 2
    return _weight(_bisect(lambda t: _beta_of_odds(t, count) - beta, log_odds, high), count)


def orthonormal_energy_gap(beta: float, count: int) -> float:
    """E(own fixed point) - E(average) for K orthonormal patterns, β >= `orthonormal_onset(count)`."""
    p = orthonormal_weight(beta, count)
    q = (1 - p) / (count - 1)
    lse = p + math.log1p((count - 1) * math.exp(-beta * (p - q))) / beta
    own = -lse + (p * p + (count - 1) * q * q) / 2
    return own + math.log(count) / beta + 0.5 / count


def orthonormal_tie(count: int) -> float:
    """β at which the average of K orthonormal patterns and the patterns' own fixed points have equal energy."""
    count = as_count(count, "count", 3, MOST)
    return _bisect(lambda beta: -orthonormal_energy_gap(beta, count), orthonormal_onset(count) * (1 + 1e-12), count)


def _weight(log_odds: float, count: int) -> float:
    """p from ln(p/q): p = 1/(1 + (K-1) q/p)."""
    return 1 / (1 + (count - 1) * math.exp(-log_odds))


def _beta_of_odds(log_odds: float, count: int) -> float:
    """β = t/(p - q) at t = ln(p/q): p - q = (1 - e^-t)/(1 + (K-1) e^-t)."""
    return log_odds * (1 + (count - 1) * math.exp(-log_odds)) / -math.expm1(-log_odds)


def _fold(count: int) -> tuple[float, float]:
    """ln(p/q) and β at the fold, where dβ/dt = 0.

    d ln β/dt = 1/t - (K-1)/(e^t + K-1) - 1/(e^t - 1) is negative at the fold's left, positive at its right.
    """

    def slope(t):
        return 1 / t - (count - 1) / (math.exp(t) + count - 1) - 1 / math.expm1(t)

    log_odds = _bisect(slope, 1e-3, math.log(count) * 2 + 2)
    return log_odds, _beta_of_odds(log_odds, count)


def pair_minimum(half_distance: float, sigma: float) -> float:
    """Distance of the energy minima from the midpoint of two memories at ±a, distance similarity with σ² = 1/β.

    m a with m = tanh(m a²/σ²): the magnet's equation. Zero for σ >= a: two memories merge at distance 2σ.

    Parameters
    ----------
    half_distance : a > 0.
    sigma : σ > 0, same unit.
    """
    a = as_real(half_distance, "half_distance", low=0.0, strict=True)
    ratio = a / as_real(sigma, "sigma", low=0.0, strict=True)
    if ratio <= 1 or ratio > 10:  # tanh(100) is 1 to the last digit
        return 0.0 if ratio <= 1 else a
    gain = ratio**2
    low = math.sqrt(3 * (1 - 1 / gain)) / gain  # tanh(u) > u - u³/3: the root lies above
    return a * _bisect(lambda m: m - math.tanh(gain * m), low, 1.0)


def forgetting_edge(size: int) -> float:
    """Heuristic K*: random keys of norm sqrt(d), β = 1/sqrt(d), repeated attention keeps a key only for fewer keys.

    Weight p on the right key, the others share 1 - p: 1 + the local maximum over p of (1-p)/p exp(sqrt(d) p - p²/2).
    A heuristic of this course, not a theorem; measured in `experiments.modern.keys_with_own_minimum`.

    Parameters
    ----------
    size : d.

    Raises
    ------
    ValueError : d < 21, where there is no local maximum.
    """
    size = as_count(size, "size", 1, MOST)
    root = math.sqrt(size)
    stationary = np.roots([1, -(1 + root), root, -1])  # 1/(p (1-p)) = sqrt(d) - p; the larger root is the maximum
    real = np.sort(stationary.real[np.abs(stationary.imag) < 1e-9])
    inside = real[(real > 0) & (real < 1)]
    if len(inside) < 2:
        raise ValueError(f"size is {size}: the weight has no local maximum, hence no edge; expected 21 or more")
    p = float(inside[-1])
    return 1 + _exp(math.log((1 - p) / p) + root * p - p * p / 2)


def _moderate(values, name, ndim, length=None) -> np.ndarray:
    """float64, no entry beyond 1e150."""
    x = as_reals(values, name, ndim, length=length).astype(np.float64)
    if np.abs(x).max() > FAR:
        raise ValueError(f"{name} reach {np.abs(x).max():g}; expected numbers up to {FAR:g}, whose squares are finite")
    return x


def _several(patterns) -> np.ndarray:
    x = _moderate(patterns, "patterns", 2)
    if len(x) < 2:
        raise ValueError("patterns: one row; expected two or more, since a separation needs another pattern")
    return x


def _norms(rows) -> np.ndarray:
    return np.linalg.norm(rows, axis=1)


def _exp(log_value: float) -> float:
    """exp, inf instead of an overflow."""
    return math.exp(log_value) if log_value < 709 else math.inf


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function goes from negative at `low` to positive at `high`, to the last digit."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2
