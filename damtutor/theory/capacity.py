"""How many random patterns a dense memory holds: the Gaussian crosstalk theory and the birthday bound.

Start at a stored pattern. The field of a spin is a signal N**(n-1) plus crosstalk from the other K-1 patterns, a sum
of many small independent terms of variance (2n-3)!! N**(n-1) each. So a stored bit is wrong after one update with
probability Φ(-z), z² = N**(n-1) / ((2n-3)!! K).

Source: Krotov & Hopfield (2016), section 2; for the exponential, Demircigil et al. (2017). Where it stops being
true: small N with large n (the crosstalk has heavier tails than a Gaussian), correlated patterns, and more than one
update (errors then feed back).
"""

from __future__ import annotations

import math
from statistics import NormalDist

from damtutor.validate import as_count, as_real

NORMAL = NormalDist()


def double_factorial(k: int) -> int:
    """k!! = k (k-2) (k-4) ... down to 1 or 2, whole k >= -1; (-1)!! = 0!! = 1."""
    return math.prod(range(as_count(k, "k", -1), 0, -2))


def _log_double_factorial(k: int) -> float:
    """ln k!! of an odd k: math.log takes whole numbers of any size."""
    return math.log(double_factorial(k))


def _finite(log_value: float, name: str) -> float:
    """exp(log_value); ValueError where no float holds it."""
    if log_value > 709:
        raise ValueError(f"{name} is about 10^{log_value / math.log(10):.0f}; expected a size and order below 10^307")
    return math.exp(log_value)


def one_step_error(load: float, order: int = 2, *, rectified: bool = False) -> float:
    """Probability that a stored bit is wrong after one update, random patterns, N → ∞.

    Parameters
    ----------
    load : K / N**(order-1), > 0, dimensionless.
    order : interaction order n >= 2; 2 is the classical network.
    rectified : F = max(x, 0)**n, for which half of the noise terms vanish.

    Returns
    -------
    float in (0, 1/2).

    Raises
    ------
    ValueError : load <= 0, or order not a whole number >= 2.
    """
    load = as_real(load, "load", low=0.0, strict=True)
    order = as_count(order, "order", 2)
    log_variance = _log_double_factorial(2 * order - 3) + math.log(load / (2 if rectified else 1))
    return NORMAL.cdf(-math.exp(-log_variance / 2))


def error_tolerant_capacity(size: float, order: int = 2, error: float = 0.01, *, rectified: bool = False) -> float:
    """Number K of random patterns at which a stored bit is wrong with probability `error` after one update.

    K = N**(n-1) / (z² (2n-3)!!), Φ(-z) = error; twice that for a rectified power.

    Parameters
    ----------
    size : N >= 1. order : n >= 2. error : in (0, 1/2), for example 0.01 for one bit in a hundred.

    Returns
    -------
    float, not rounded.
    """
    size = as_real(size, "size", low=1.0)
    order = as_count(order, "order", 2)
    z = NORMAL.inv_cdf(as_real(error, "error", low=0.0, high=0.5, strict=True))
    return _finite(
        math.log(2 if rectified else 1)
        + (order - 1) * math.log(size)
        - 2 * math.log(-z)
        - _log_double_factorial(2 * order - 3),
        "K",
    )


def birthday_capacity(size: int, probability: float = 0.5) -> float:
    """Number M of random patterns that are all stable with `probability`, at best, in *any* energy memory.

    Two patterns that differ in one bit cannot both be strict minima: one has at least the other's energy. M random
    patterns have M (M-1) N / 2**(N+1) such pairs on average, so P(all stable) is at most about the exponential of
    minus that, and M is close to sqrt(2 ln(1/P) 2**N / N). The exponential memory comes close to it.

    Parameters
    ----------
    size : N >= 1. probability : P in (0, 1).
    """
    size = as_count(size, "size")
    probability = as_real(probability, "probability", low=0.0, high=1.0, strict=True)
    log_pairs = math.log(-2 * math.log(probability) / size) + size * math.log(2)
    return 0.5 + math.sqrt(0.25 + _finite(log_pairs, "M²"))


def all_stable_probability(count: float, size: int) -> float:
    """The birthday estimate exp(-M (M-1) N / 2**(N+1)) of P(all M stable), M = `count` >= 1 and N = `size`."""
    count = as_real(count, "count", low=1.0)
    size = as_count(size, "size")
    return math.exp(-math.ldexp(count * (count - 1) * size, -(size + 1)))
