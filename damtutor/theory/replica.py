"""Replica-symmetric integrals of the classical network, accurate at every temperature, zero included.

With the crosstalk's standard deviation v = sqrt(α r), a spin of a retrieval state feels the field m + v z, z standard
Gaussian. Given T and v, the overlap solves m = ⟨tanh((m + v z)/T)⟩: the right side is concave for m > 0, so there is at
most one positive solution, and its slope C = dm/dm = (1 - q)/T is below 1 there. The load follows without iteration:

    α = v² (1 - C)² / q,      q = 1 - T C.

It starts from 0, has one maximum (the retrieval boundary at this T), and returns to 0 where m vanishes. Solving along
v is therefore safe up to the boundary itself, where the usual iteration over m, q, r crawls.

The averages are trapezoidal sums over an analytic integrand, which converge exponentially. A fixed Gauss-Hermite rule
does not: for T below v the tanh becomes a step between its nodes. There the same average is written over the width of
the step, ⟨tanh((m + v z)/T)⟩ = ∫ ½ sech²(u) erf((m + T u)/(√2 v)) du, which stays smooth down to T = 0. Both forms
agree to 1e-15 where they meet.

These functions are the inside of `theory.classical`, which looks at every argument; here none is checked and nothing
is refused.

Source: Amit, Gutfreund & Sompolinsky (1985, 1987).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero

STEP = 0.2
_U = np.arange(-100, 101) * STEP
_U_WEIGHTS = STEP / 2 / np.cosh(_U) ** 2
_Z = np.arange(-48, 49) * STEP
_Z_WEIGHTS = STEP * np.exp(-(_Z**2) / 2) / math.sqrt(2 * math.pi)
NOISE_ZERO = math.sqrt(2 / math.pi)  # the crosstalk at which a retrieval state loses its overlap, T = 0


class Averages(NamedTuple):
    """⟨tanh((m + v z)/T)⟩, its derivative by m, C = ⟨sech²⟩/T, and q = ⟨tanh²⟩ = 1 - T C."""

    overlap: float
    response: float
    order: float


@underflow_is_zero
def averages(overlap: float, noise: float, temperature: float) -> Averages:
    """The three averages at m >= 0, v >= 0, T >= 0, not v = T = 0."""
    if temperature < noise:
        from scipy.special import erf  # here and below: half a second to import, needed only now

        x = (overlap + temperature * _U) / (math.sqrt(2) * noise)
        response = float(_U_WEIGHTS @ np.exp(-x * x)) * NOISE_ZERO / noise
        return Averages(float(_U_WEIGHTS @ erf(x)), response, 1 - temperature * response)
    t = np.tanh((overlap + noise * _Z) / temperature)
    return Averages(float(_Z_WEIGHTS @ t), float(_Z_WEIGHTS @ (1 - t * t)) / temperature, float(_Z_WEIGHTS @ (t * t)))


@underflow_is_zero
def mean_log_cosh(overlap: float, noise: float, temperature: float) -> float:
    """T ⟨ln 2 cosh((m + v z)/T)⟩; at T = 0 it is ⟨|m + v z|⟩."""
    if temperature < noise:
        from scipy.special import erf

        x = (overlap + temperature * _U) / (math.sqrt(2) * noise)
        return float(_U_WEIGHTS @ (x * erf(x) + np.exp(-x * x) / math.sqrt(math.pi))) * math.sqrt(2) * noise
    x = np.abs(overlap + noise * _Z)
    return float(_Z_WEIGHTS @ (x + temperature * np.log1p(np.exp(-2 * x / temperature))))


def retrieval_at(noise: float, temperature: float) -> Averages:
    """The averages at the largest solution m of m = ⟨tanh((m + v z)/T)⟩; overlap 0 where none is positive.

    Newton's method from m = 1 falls monotonically onto the largest root, since the function is concave.
    """
    overlap = 1.0
    for _ in range(200):
        found = averages(overlap, noise, temperature)
        if found.response >= 1:  # only without a positive root, or within rounding of its end
            return averages(0.0, noise, temperature)
        lower = overlap - (overlap - found.overlap) / (1 - found.response)
        if not lower < overlap:  # as far as float64 goes
            return found._replace(overlap=overlap)
        if lower <= 0:
            return averages(0.0, noise, temperature)
        overlap = lower
    return found._replace(overlap=overlap)


def load_at(noise: float, found: Averages) -> float:
    """α = v² (1 - C)² / q."""
    return noise**2 * (1 - found.response) ** 2 / found.order


def retrieval_load(noise: float, temperature: float) -> float:
    """The load at which a retrieval state with crosstalk v exists; 0 where none does."""
    found = retrieval_at(noise, temperature)
    return load_at(noise, found) if found.overlap > 0 else 0.0


@lru_cache(maxsize=512)
def fold(temperature: float) -> tuple[float, float]:
    """(load, noise v) of the retrieval boundary at 0 <= T < 1: the maximum of `retrieval_load` over v.

    The load is right to 1e-14; v to 1e-8, since a maximum is flat.
    """
    from scipy.optimize import minimize_scalar

    top = min(NOISE_ZERO, math.sqrt(1 - temperature))  # no retrieval state lies beyond either
    found = minimize_scalar(
        lambda v: -retrieval_load(v, temperature), bounds=(0, top), method="bounded", options={"xatol": 1e-10 * top}
    )
    return -float(found.fun), float(found.x)


@lru_cache(maxsize=1)
def highest_fold() -> tuple[float, float]:
    """(load, temperature) of the largest load that has a retrieval state at any temperature."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda t: -fold(t)[0], bounds=(0, 0.1), method="bounded", options={"xatol": 1e-7})
    return -float(found.fun), float(found.x)


def retrieval_noise(load: float, temperature: float) -> float | None:
    """v of the retrieval state that is connected to α = 0, or None beyond the boundary."""
    from scipy.optimize import brentq

    if temperature >= 1:
        return None
    most, end = fold(temperature)
    if load > most:
        return None
    if load == most:
        return end
    start = 0.5 * end * math.sqrt(load / most)  # α grows at least about as v²
    while retrieval_load(start, temperature) > load:
        start /= 2
    precision = 1e-15 * min(1.0, start)
    return float(brentq(lambda v: retrieval_load(v, temperature) - load, start, end, xtol=precision, rtol=1e-15))


def spin_glass_noise(load: float, temperature: float) -> float:
    """v of the solution without overlap: positive below T = 1 + sqrt(α), 0 above."""
    from scipy.optimize import brentq

    def excess(v):
        found = averages(0.0, v, temperature)
        return -load if found.response >= 1 else load_at(v, found) - load

    if temperature >= 1 + math.sqrt(load):
        return 0.0
    high = math.sqrt(load) + NOISE_ZERO  # reached at T = 0
    low = 1e-6 * high  # q and the distance from the transition are rounding below
    if excess(high) <= 0:
        return high
    if excess(low) >= 0:
        return 0.0
    return float(brentq(excess, low, high, xtol=1e-15, rtol=1e-15))


def free_energy(load: float, overlap: float, noise: float, temperature: float) -> float:
    """Free energy per spin of a solution (m, v); its energy is that of the zero-diagonal network, -1/2 at a pattern."""
    _, response, order = averages(overlap, noise, temperature)
    crosstalk = noise**2 / load
    logarithm = temperature * math.log1p(-response) if temperature else 0.0
    return (
        load / 2 * (1 + logarithm - order / (1 - response) + crosstalk * response)
        + overlap**2 / 2
        - mean_log_cosh(overlap, noise, temperature)
    )
