"""Retrieval by simultaneous updates as N → ∞: what the noise is made of, and the first two steps in closed form.

K = α N**(n-1) random patterns, a start with overlap m0 with one of them, all spins updated at once from the old state,
no spin in its own field. Every spin then is one *effective spin*

    h(t+1) = sgn( m(t)**(n-1) + Σ_(s<t) Γ(t, s) h(s) + v(t) ),     v Gaussian with covariance R,
    R(t, s) = α f(C(t, s)),   Γ(t, s) = α f'(C(t, s)) G(t, s),     n >= 3,

with C(t, s) = ⟨h(t) h(s)⟩ and G(t, s) the response of ⟨h(t)⟩ to a field at time s. f(c) is the average of (x y)**(n-1)
over two standard Gaussians of correlation c, so R(t, t) = (2n-3)!! α = α', the reduced load, for ever: recall adds no
noise to itself. Fields are in units in which the signal is m**(n-1). `theory.effective_spin` solves the equations.

For n = 2 a pattern's overlap answers itself: R = α (1-G)⁻¹ C (1-Gᵀ)⁻¹ and Γ = α (1-G)⁻¹ G, and R(t, t) grows.

Source: Mimura et al. (2026) for the form of the equations, derived here by the cavity
method (f' in Γ) and confirmed by `experiments.dynamics`. Where it stops being true: finite N (m(2) is low by a term of
order 1/N with a large factor), means over successes and failures near the edge of a basin, one spin at a time.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from damtutor.theory.capacity import one_step_overlap
from damtutor.theory.crosstalk import ORDERS, SIZES, noise_slope, plain_load
from damtutor.validate import as_count, as_flag, as_real, as_reals


class FirstSteps(NamedTuple):
    """The first two updates in closed form.

    Attributes
    ----------
    overlaps : (m(0), m(1), m(2)).
    correlation : C(1, 0).
    response : G(1, 0).
    memory : Γ(1, 0).
    noise : R(1, 1).
    """

    overlaps: tuple[float, float, float]
    correlation: float
    response: float
    memory: float
    noise: float


def first_steps(
    order: int,
    reduced_load: float,
    overlap: float,
    *,
    update_rule: str = "power",
    memory: bool = True,
    size: int | None = None,
) -> FirstSteps:
    """m(1), C(1, 0), G(1, 0), Γ(1, 0), R(1, 1) and m(2), exact as N → ∞.

    Parameters
    ----------
    order : n in [2, 20].
    reduced_load : α' > 0.
    overlap : m0 in [-1, 1].
    update_rule : as in `noise_scale`.
    memory : False leaves Γ out of the field.
    size : N, for the correction of m(2) at finite N: a pattern's overlap with the state answers its own square,
        which adds 6 g² (3 + 12 C²) + 105 g⁴ to the 3 in R(1, 1) = α (3 + ...), g² = G²/N. Known for n = 3 with its
        diagonal only; m(1) needs none. Good from N = 512 on (to 0.01).

    Raises
    ------
    ValueError : a value out of range; `size` where no correction is known.

    Examples
    --------
    >>> [round(m, 4) for m in first_steps(3, 0.1, 0.5).overlaps]
    [0.5, 0.5708, 0.7375]
    >>> round(first_steps(3, 0.1, 0.5, size=1024).overlaps[2], 4)
    0.7314
    """
    order, overlap = as_count(order, "order", 2, ORDERS), as_real(overlap, "overlap", low=-1.0, high=1.0)
    load, memory = plain_load(reduced_load, order, update_rule=update_rule), as_flag(memory, "memory")
    sigma, signal = math.sqrt(reduced_load), overlap ** (order - 1)
    first = math.erf(signal / sigma / math.sqrt(2))
    correlation = overlap * first
    response = math.sqrt(2 / math.pi) / sigma * math.exp(-(signal**2) / reduced_load / 2)
    if order == 2:
        noise, echo = load * (1 + response * (2 * correlation + response)), load * response
    else:
        noise, echo = float(reduced_load), load * noise_slope(order, correlation, update_rule=update_rule) * response
    if size is not None:
        noise += load * _self_answer(order, update_rule, correlation, response, as_count(size, "size", 2, SIZES))
    echo = echo if memory else 0.0
    width = math.sqrt(2 * noise)
    second = sum((1 + spin * overlap) / 2 * math.erf((first ** (order - 1) + spin * echo) / width) for spin in (1, -1))
    return FirstSteps((overlap, first, second), correlation, response, echo, noise)


def _self_answer(order: int, update_rule: str, correlation: float, response: float, size: int) -> float:
    """What x(1) = y + g x(0)² adds to the average of x(1)⁴: y and x(0) standard, correlated by C(1, 0), g² = G²/N."""
    if order != 3 or update_rule == "p-body":
        raise ValueError(
            f"size is {size} at order {order} and rule {update_rule!r}: the correction at finite N is not known there; "
            'expected order 3 with rule "power" or "exact", or size=None for N → ∞'
        )
    g2 = response**2 / size
    return 6 * g2 * (3 + 12 * correlation**2) + 105 * g2**2


def signal_to_noise(order: int, reduced_load: float, overlap: float, steps: int) -> np.ndarray:
    """m(t+1) = erf(m(t)**(n-1)/√(2 α')): the map without memory, Γ = 0.

    Exact for n >= 3 apart from Γ, hence pessimistic; for n = 2 only the first step is right, where the noise of the
    next ones is missing.

    Parameters
    ----------
    order : n in [2, 20].
    reduced_load : α' > 0.
    overlap : m0 in [-1, 1].
    steps : T >= 0.

    Returns
    -------
    float64 `(T+1,)`, m(0) first.

    Examples
    --------
    >>> signal_to_noise(3, 0.1, 0.5, 2).round(4)
    array([0.5   , 0.5708, 0.6971])
    """
    load = plain_load(reduced_load, order)
    overlaps = [as_real(overlap, "overlap", low=-1.0, high=1.0)]
    for _ in range(as_count(steps, "steps", 0, 10**6)):
        overlaps.append(one_step_overlap(load, overlaps[-1], order))
    return np.array(overlaps)


class SaddleNode(NamedTuple):
    """Where the map without memory loses retrieval.

    Attributes
    ----------
    reduced_load : α'_c.
    load : α_c = K/N**(n-1).
    overlap : m there.
    x : m**(n-1)/√(2 α'), the argument of erf.
    """

    reduced_load: float
    load: float
    overlap: float
    x: float


@lru_cache(maxsize=64)
def saddle_node(order: int) -> SaddleNode:
    """The largest load at which `signal_to_noise` has a fixed point: the maximum of erf(x)**(2n-2)/(2 x²) over x.

    For n = 3 it is the replica-symmetric capacity 0.252.

    Parameters
    ----------
    order : n in [3, 20]. For n = 2 the formula gives 2/π at x = 0, without meaning: see `theory.classical`.

    Examples
    --------
    >>> [round(value, 5) for value in saddle_node(3)]
    [0.25219, 0.08406, 0.83848, 0.98994]
    """
    from scipy.optimize import brentq

    order = _many_body(order)

    def slope(x):  # of the logarithm, times x
        return (order - 1) * x * 2 / math.sqrt(math.pi) * math.exp(-x * x) - math.erf(x)

    x = float(brentq(slope, 0.5, 5.0, xtol=1e-15))
    highest = _load_at(x, order)
    return SaddleNode(highest, plain_load(highest, order), math.erf(x), x)


class FixedPoints(NamedTuple):
    """Of the map without memory: the edge of its basin, and the overlap after success; both nan where there is none."""

    boundary: float
    overlap: float


def fixed_points(order: int, reduced_load: float) -> FixedPoints:
    """The two fixed points of `signal_to_noise` with m > 0: starts above the lower one go to the upper one.

    Parameters
    ----------
    order : n in [3, 20].
    reduced_load : α' >= 1e-6.

    Returns
    -------
    FixedPoints, to rounding; nan above the `saddle_node`.

    Examples
    --------
    >>> [round(m, 4) for m in fixed_points(3, 0.2)], fixed_points(3, 0.26).boundary
    ([0.6394, 0.9611], nan)
    """
    from scipy.optimize import brentq

    order, reduced_load = _many_body(order), as_real(reduced_load, "reduced_load", low=1e-6)
    node = saddle_node(order)
    if reduced_load > node.reduced_load:
        return FixedPoints(math.nan, math.nan)

    def excess(x):
        return math.log(_load_at(x, order) / reduced_load)

    low = brentq(excess, 1e-4, node.x, xtol=1e-15) if excess(node.x) > 0 else node.x
    high = brentq(excess, node.x, 1 / math.sqrt(reduced_load), xtol=1e-15) if excess(node.x) > 0 else node.x
    return FixedPoints(math.erf(low), math.erf(high))


def _many_body(order) -> int:
    order = as_count(order, "order", 2, ORDERS)
    if order == 2:
        raise ValueError("order is 2; expected 3 or more: with n = 2 recall makes noise of its own, see solve(2, ...)")
    return order


def _load_at(x: float, order: int) -> float:
    """α' at which erf(x) is a fixed point of the map."""
    return math.erf(x) ** (2 * order - 2) / (2 * x * x)


def convergence_time(overlap, tolerance: float = 0.01) -> int:
    """The first time from which an overlap stays within `tolerance` of its last value.

    Parameters
    ----------
    overlap : m(t), `(T+1,)`, of a theory or a simulation; long enough that the last value is the limit.
    tolerance : > 0.

    Examples
    --------
    >>> convergence_time([0.4, 0.5, 0.8, 0.99, 1.0, 1.0], 0.05)
    3
    """
    overlap = as_reals(overlap, "overlap", 1)
    tolerance = as_real(tolerance, "tolerance", low=0.0, strict=True)
    far = np.flatnonzero(np.abs(overlap - overlap[-1]) >= tolerance)
    return int(far[-1]) + 1 if len(far) else 0
