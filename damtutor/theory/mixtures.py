"""Patterns and symmetric mixtures of patterns at load 0 and temperature T: mean field without crosstalk.

Source: Amit, Gutfreund & Sompolinsky (1985). Where it stops being true: at any finite load, see `theory.classical`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from damtutor.validate import as_count, as_real

MIXED = 1000  # largest number of patterns in a mixture: sums have as many terms


class Mixture(NamedTuple):
    """A symmetric mixture of n patterns: overlap with each, energy E/N, smallest eigenvalue of the Hessian of f."""

    overlap: float
    energy: float
    stability: float


def mean_field_overlap(temperature: float) -> float:
    """The overlap m = tanh(m/T) of a retrieved pattern at load 0; 0 from T = 1 on, 1 at T = 0.

    Where it stops being true: already at α = 0.01 it is 3 % too high at T = 0.7 and wrong from T = 0.80 on, where
    `ags` loses the pattern.

    Parameters
    ----------
    temperature : T >= 0.

    Raises
    ------
    ValueError : temperature < 0.
    """
    return _mixture_root([(1, 1.0)], 1, as_real(temperature, "temperature", low=0.0))


def mixture_overlap(count: int = 3, temperature: float = 0.0) -> Mixture:
    """The symmetric mixture of n patterns, m = ⟨z tanh(m z/T)⟩/n with z the sum of n random signs; load 0.

    At T = 0 three patterns give m = 1/2 and E/N = -3/8, against -1/2 for a pattern. A state is stable where every
    eigenvalue of the Hessian of the free energy is positive: 1 - (1 - q + Q)/T towards a pattern of the mixture,
    1 - (1 - q)/T towards any other, 1 - (1 - q - (n-1) Q)/T along the mixture; q = ⟨tanh²⟩, Q = ⟨x₁x₂ tanh²⟩, the
    tanh that of m z/T. Even mixtures are never stable.

    Parameters
    ----------
    count : n, 1 <= n <= 1000, number of patterns mixed; 1 is a pattern itself.
    temperature : T >= 0.

    Returns
    -------
    Mixture: overlap 0 from T = 1 on; stability -inf for even n at T = 0.

    Raises
    ------
    ValueError : count not a whole number in [1, 1000], or temperature < 0.

    Source: Amit, Gutfreund & Sompolinsky (1985), "Spin-glass models of neural networks".
    """
    count, temperature = as_count(count, "count", 1, MIXED), as_real(temperature, "temperature", low=0.0)
    signs = [(count - 2 * k, math.comb(count, k) / 2**count) for k in range(count + 1)]
    overlap = _mixture_root(signs, count, temperature)
    energy = -count * overlap**2 / 2
    if temperature == 0:
        return Mixture(overlap, energy, 1.0 if count % 2 else -math.inf)
    # 1 - tanh², not tanh²: ⟨z²⟩ = n cancels in Q, and nothing is left to rounding when T is small
    free = [(z, weight * _sech(overlap * z / temperature) ** 2) for z, weight in signs]
    outside = 1 - sum(weight for _, weight in free) / temperature
    pair = sum((count - z * z) * weight for z, weight in free) / max(1, count * (count - 1))
    # Q >= 0, since tanh² grows with z²: along the mixture the curvature is never the smallest
    return Mixture(overlap, energy, outside - pair / temperature if count > 1 else outside)


def _sech(x: float) -> float:
    return 1 / math.cosh(x) if abs(x) < 700 else 0.0


def _mixture_root(signs, count: int, temperature: float) -> float:
    """Largest m with m = ⟨z tanh(m z/T)⟩/n: Newton from above, monotone since the right side is concave."""
    overlap = sum(abs(z) * weight for z, weight in signs) / count
    if temperature == 0 or temperature >= 1:
        return overlap if temperature == 0 else 0.0
    for _ in range(200):
        tanhs = [(z, weight, math.tanh(overlap * z / temperature)) for z, weight in signs]
        value = sum(z * weight * t for z, weight, t in tanhs) / count
        slope = sum(z * z * weight * (1 - t * t) for z, weight, t in tanhs) / (count * temperature)
        lower = overlap - (overlap - value) / (1 - slope) if slope < 1 else overlap
        if not lower < overlap:
            break
        overlap = lower
    return overlap


def mixture_temperature(count: int = 3) -> float:
    """The temperature below which the symmetric mixture of n patterns is stable: 0.4598 for three.

    Parameters
    ----------
    count : n, odd, 3 <= n <= 1000.

    Raises
    ------
    ValueError : count even, below 3 or above 1000 (even mixtures are unstable, a pattern is stable up to T = 1).
    """
    count = as_count(count, "count", 3, MIXED)
    if count % 2 == 0:
        raise ValueError(f"count is {count}; expected an odd number: an even mixture is stable at no temperature")
    from scipy.optimize import brentq

    return float(brentq(lambda t: mixture_overlap(count, t).stability, 1e-3, 0.999, xtol=1e-13))
