"""How many random patterns a dense memory holds: the Gaussian crosstalk theory and the birthday bound.

Start at a stored pattern. The field of a spin is a signal N**(n-1) plus crosstalk from the other K-1 patterns, a sum
of many small independent terms of variance (2n-3)!! N**(n-1) each. So a stored bit is wrong after one update with
probability Φ(-z), z² = N**(n-1) / ((2n-3)!! K).

Source: Krotov & Hopfield (2016), section 2; for the exponential, Demircigil et al. (2017). Where it stops being
true: small N with large n (the crosstalk has heavier tails than a Gaussian), correlated patterns, and more than one
update (errors then feed back).

`experiments.capacity` measures what this module predicts, under the same names: import the modules, not the names, as
in `from damtutor.experiments import capacity` and `from damtutor.theory import capacity as theory`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Any

from damtutor.validate import as_choice, as_count, as_flag, as_fraction, as_real

NORMAL = NormalDist()
PATTERNS = ("one", "all")
FINITE = 1024  # largest N of the exact sums over overlaps
ORDERS = 1000  # largest interaction order: its double factorial has 2900 digits
SIZES = 10**9  # largest N where 2**N is formed
LARGEST = 709.0  # exp of more overflows


def double_factorial(k: int) -> int:
    """k!! = k (k-2) (k-4) ... down to 1 or 2; (-1)!! = 0!! = 1. ValueError: k not a whole number in [-1, 2000]."""
    return math.prod(range(as_count(k, "k", -1, 2 * ORDERS), 0, -2))


def _log_double_factorial(k: int) -> float:
    """ln k!! of an odd k: math.log takes whole numbers of any size."""
    return math.log(double_factorial(k))


def as_order(order: Any) -> int:
    """An interaction order n in [2, 1000]; ValueError otherwise."""
    return as_count(order, "order", 2, ORDERS)


def _log_variance(load: float, order: int, rectified: bool) -> float:
    """ln of the crosstalk's variance, in units of the signal squared."""
    return _log_double_factorial(2 * order - 3) + math.log(load / 2 if rectified else load)


def _tail(z: float) -> float:
    """Φ(-z), exact far out: `NORMAL.cdf` is 1 + erf, which is 0 beyond z = 8."""
    return math.erfc(z / math.sqrt(2)) / 2


def _finite(log_value: float, name: str) -> float:
    """exp(log_value); ValueError where no float holds it."""
    if log_value > LARGEST:
        raise ValueError(f"{name} is about 10^{log_value / math.log(10):.0f}; expected a size and order below 10^307")
    return math.exp(log_value)


def one_step_error(load: float, order: int = 2, *, overlap: float = 1.0, rectified: bool = False) -> float:
    """Probability that a bit of a stored pattern is wrong after one update, random patterns, N → ∞.

    Parameters
    ----------
    load : K / N**(order-1), > 0, dimensionless.
    order : interaction order n, 2 <= n <= 1000; 2 is the classical network.
    overlap : m0 in [0, 1] of the state that is updated: the signal shrinks to m0**(n-1).
    rectified : True for F = max(x, 0)**n, for which half of the noise terms vanish.

    Returns
    -------
    float in [0, 1/2]; 0 where no float is small enough (load below 0.0007 at n = 2).

    Raises
    ------
    ValueError : load <= 0, order not a whole number in [2, 1000], overlap outside [0, 1], rectified no flag.
    """
    load = as_real(load, "load", low=0.0, strict=True)
    log_variance = _log_variance(load, as_order(order), as_flag(rectified, "rectified"))
    return _tail(as_fraction(overlap, "overlap") ** (order - 1) * math.exp(-log_variance / 2))


def one_step_overlap(load: float, overlap: float, order: int = 2, *, rectified: bool = False) -> float:
    """Overlap with a stored pattern after one simultaneous update from an overlap m0, random patterns, N → ∞.

    The signal shrinks to m0**(n-1), the crosstalk stays: a spin is right with probability Φ(m0**(n-1)/√((2n-3)!! α)),
    and the overlap is twice that minus 1. One step only: from then on state and crosstalk are correlated. Iterated, the
    map is far too hopeful for n = 2 and falls below the truth for n >= 3: see `theory.dynamics`.

    Parameters
    ----------
    load : α = K / N**(order-1), > 0.
    overlap : m0 in [-1, 1].
    order : n, 2 <= n <= 1000.
    rectified : F = max(x, 0)**n: half of the noise, and no signal from m0 < 0.

    Returns
    -------
    float in [-1, 1]. From -1 an even n returns the negative, an odd n leaves it.

    Raises
    ------
    ValueError : load <= 0, overlap outside [-1, 1], order not a whole number in [2, 1000], rectified no flag.

    Source: Kinzel (1985) for n = 2.
    """
    load = as_real(load, "load", low=0.0, strict=True)
    overlap = as_real(overlap, "overlap", low=-1.0, high=1.0)
    order, rectified = as_order(order), as_flag(rectified, "rectified")
    signal = (max(overlap, 0.0) if rectified else overlap) ** (order - 1)
    log_variance = _log_variance(load, order, rectified)
    return math.erf(signal * math.exp(-(log_variance + math.log(2)) / 2))


@lru_cache(maxsize=256)
def _log_signal_to_noise(size: float, order: int, rectified: bool, finite: bool) -> float:
    """ln z² K: what signal² divided by the variance of one pattern's crosstalk amounts to."""
    if not finite:
        return math.log(2 if rectified else 1) + (order - 1) * math.log(size) - _log_double_factorial(2 * order - 3)
    size = as_count(size, "size", 2, FINITE)

    def power(x):
        return max(x, 0) ** order if rectified else x**order

    noise = sum(
        math.comb(size - 1, k) * (power(size - 2 * k) - power(size - 2 - 2 * k)) ** 2 for k in range(size)
    )  # S = N - 1 - 2k, weight comb / 2**(N-1)
    return 2 * math.log(power(size) - power(size - 2)) - math.log(noise) + (size - 1) * math.log(2)


def error_tolerant_capacity(
    size: float, order: int = 2, error: float = 0.01, *, rectified: bool = False, finite: bool = False
) -> float:
    """Number K of random patterns at which a stored bit is wrong with probability `error` after one update.

    K = N**(n-1) / (z² (2n-3)!!), Φ(-z) = error; twice that for a rectified power.

    Parameters
    ----------
    size : N >= 1.
    order : n, 2 <= n <= 1000.
    error : in (0, 1/2), for example 0.01 for one bit in a hundred.
    rectified : True for F = max(x, 0)**n.
    finite : True to take signal and variance of the exact rule at this whole N <= 1024, and K - 1 disturbing patterns.
        The crosstalk is still taken as Gaussian. At n = 2 this is K = 1 + (N - 1)/z².

    Returns
    -------
    float, not rounded.

    Raises
    ------
    ValueError : a value out of range, a flag that is neither True nor False, a K that no float holds.
    """
    size, order = as_real(size, "size", low=1.0), as_order(order)
    rectified, finite = as_flag(rectified, "rectified"), as_flag(finite, "finite")
    z = NORMAL.inv_cdf(as_real(error, "error", low=0.0, high=0.5, strict=True))
    return int(finite) + _finite(_log_signal_to_noise(size, order, rectified, finite) - 2 * math.log(-z), "K")


def perfect_recall_capacity(
    size: float,
    order: int = 2,
    *,
    patterns: str = "one",
    probability: float = 0.5,
    rectified: bool = False,
    finite: bool = False,
) -> float:
    """Number K of random patterns at which one of them, or all, have no wrong bit with a given probability.

    Solves (1 - Φ(-z))**N = P for one pattern, (1 - Φ(-z))**(N K) = P for all, with z² = N**(n-1)/((2n-3)!! K), as if
    bits were independent. Right to 2-10 % from N = 128 on for n = 2 (measured by `experiments.capacity`), where the
    asymptotic formula is 25-50 % low.

    Parameters
    ----------
    size : N >= 2.
    order : n, 2 <= n <= 1000.
    patterns : "one" or "all".
    probability : P in (0, 1).
    rectified, finite : as in `error_tolerant_capacity`.

    Returns
    -------
    float, not rounded.

    Raises
    ------
    ValueError : a value out of range, a flag that is neither True nor False, a K that no float holds, or a
        probability that no K has.
    """
    size, order = as_real(size, "size", low=2.0), as_order(order)
    probability = as_real(probability, "probability", low=0.0, high=1.0, strict=True)
    rectified, finite = as_flag(rectified, "rectified"), as_flag(finite, "finite")
    log_ratio = _log_signal_to_noise(size, order, rectified, finite)
    if as_choice(patterns, "patterns", PATTERNS) == "one":
        error = -math.expm1(math.log(probability) / size)
        if error >= 0.5:
            raise ValueError(f"probability is {probability:g} at size {size:g}; expected more: no K makes it so small")
        if error <= 0:
            raise ValueError(
                f"probability is {probability:g} at size {size:g}; expected less: no float is so close to 1"
            )
        z = -NORMAL.inv_cdf(error)
        return int(finite) + _finite(log_ratio - 2 * math.log(z), "K")
    from scipy.optimize import brentq

    def excess(log_z):
        log_count = _log_count(log_ratio - 2 * log_z, finite)
        return _log_failures(size, log_count, math.exp(log_z), "all") - math.log(-math.log(probability))

    _finite(log_ratio, "K")
    low, high = math.log(1e-3), math.log(37.0)  # Φ(-37) is the smallest normal float
    if excess(low) <= 0 or excess(high) >= 0:
        raise ValueError(f"probability {probability:g} at size {size:g}: no K found; expected 0.5 and N below 10^100")
    return math.exp(_log_count(log_ratio - 2 * brentq(excess, low, high, xtol=1e-15, rtol=1e-15), finite))


def _log_count(log_others: float, finite: bool) -> float:
    """ln K from the logarithm of the number of disturbing patterns: K itself, or K - 1."""
    return max(log_others, 0.0) + math.log1p(math.exp(-abs(log_others))) if finite else log_others


def _log_failures(size: float, log_count: float, z: float, patterns: str) -> float:
    """ln(-ln P) of P = (1 - Φ(-z))**N, or **(N K)."""
    return math.log(size) + (log_count if patterns == "all" else 0.0) + math.log(-math.log1p(-_tail(z)))


def perfect_recall_probability(
    count: float, size: float, order: int = 2, *, patterns: str = "one", rectified: bool = False, finite: bool = False
) -> float:
    """Probability that one of K random patterns, or all, have no wrong bit: the inverse of `perfect_recall_capacity`.

    Parameters
    ----------
    count : K > 0, with `finite` K > 1.
    Others : as in `perfect_recall_capacity`.

    Returns
    -------
    float in [0, 1].

    Raises
    ------
    ValueError : a value out of range, a flag that is neither True nor False.
    """
    size, order = as_real(size, "size", low=2.0), as_order(order)
    rectified, finite = as_flag(rectified, "rectified"), as_flag(finite, "finite")
    count = as_real(count, "count", low=float(finite), strict=True)
    as_choice(patterns, "patterns", PATTERNS)
    log_ratio = _log_signal_to_noise(size, order, rectified, finite)
    z = math.exp(min(300.0, (log_ratio - math.log(count - finite)) / 2))
    if z >= 37:
        return 1.0
    return math.exp(-math.exp(min(LARGEST, _log_failures(size, math.log(count), z, patterns))))


def asymptotic_recall_capacity(size: float, order: int = 2, *, patterns: str = "one", rectified: bool = False) -> float:
    """The leading term of `perfect_recall_capacity`: N**(n-1) / (2 (2n-3)!! ln N), for all patterns 2n instead of 2.

    Parameters
    ----------
    size : N > 1.
    order : n, 2 <= n <= 1000.
    patterns : "one" or "all".
    rectified : True for twice as many.

    Raises
    ------
    ValueError : a value out of range, rectified neither True nor False, a K that no float holds.

    Source: Krotov & Hopfield (2016) for one pattern, Demircigil et al. (2017) for the constants. Where it stops being
    true: everywhere in practice; the next term is of relative order ln ln N / ln N: 25-50 % low for N = 100 to 2000.
    """
    size, order = as_real(size, "size", low=1.0, strict=True), as_order(order)
    rectified = as_flag(rectified, "rectified")
    logs = 2 * math.log(size) * (1 if as_choice(patterns, "patterns", PATTERNS) == "one" else order)
    return _finite(_log_signal_to_noise(size, order, rectified, False) - math.log(logs), "K")


def birthday_capacity(size: int, probability: float = 0.5) -> float:
    """Number M of random patterns that are all stable with `probability`, at best, in *any* energy memory.

    Two patterns that differ in one bit cannot both be strict minima: one has at least the other's energy. M random
    patterns have M (M-1) N / 2**(N+1) such pairs on average, so P(all stable) is at most about the exponential of
    minus that, and M is close to sqrt(2 ln(1/P) 2**N / N). The exponential memory comes close to it.

    Parameters
    ----------
    size : N >= 1.
    probability : P in (0, 1).

    Raises
    ------
    ValueError : a value out of range, an M that no float holds (N above about 1020).
    """
    size = as_count(size, "size", 1, SIZES)
    probability = as_real(probability, "probability", low=0.0, high=1.0, strict=True)
    log_pairs = math.log(-2 * math.log(probability) / size) + size * math.log(2)
    return 0.5 + math.sqrt(0.25 + _finite(log_pairs, "M²"))


def all_stable_probability(count: float, size: int) -> float:
    """The birthday estimate exp(-M (M-1) N / 2**(N+1)) of P(all M stable).

    Parameters
    ----------
    count : M >= 1.
    size : N >= 1, at most 10**9.

    Raises
    ------
    ValueError : a value out of range.
    """
    count = as_real(count, "count", low=1.0)
    size = as_count(size, "size", 1, SIZES)
    half = (size + 1) // 2  # halved on both sides: M² may overflow where M²/2**N does not
    return math.exp(-math.ldexp(count, -half) * math.ldexp(count - 1, half - size - 1) * size)
