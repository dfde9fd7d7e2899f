"""How many random patterns the exponential memory holds, E(s) = -log Σ exp(X s).

Two questions with two answers. Are *all* patterns stable, or recalled? Then pairs decide, as with birthdays: see
`theory.capacity.birthday_capacity`. Is *one given* pattern? Then only its own neighbours count, and the rate doubles.

Source: Demircigil et al. (2017). Where it stops being true: these are rates for N → ∞, correct in the exponent; at N of
20 to 60 factors of the order of sqrt(N) decide.
"""

from __future__ import annotations

import math

from damtutor.theory.capacity import PATTERNS, SIZES
from damtutor.validate import as_choice, as_count, as_real


def exponential_rate(corruption: float, *, patterns: str = "all") -> float:
    """The rate α for which exp(α N) random patterns recover in one step from a share ρ of wrong bits: I(1 - 2ρ)/2.

    I(a) = ((1+a) ln(1+a) + (1-a) ln(1-a))/2 is the rate at which a stranger has overlap a N with the query, probability
    exp(-N I). A query fails when a stranger is as near to it as its own pattern. M queries and M strangers make
    M² exp(-N I) such events, hence I/2.

    Parameters
    ----------
    corruption : ρ in [0, 1/2], share of bits that are wrong in the query; 0 gives ln(2)/2, which is 2**(N/2) patterns.
    patterns : "all" (default, the theorem's rate: every pattern recovers), or "one" given pattern: I, twice as much.
        "one" is the counting argument above, not a theorem. It holds while the nearest stranger dominates the noise,
        1 - 2ρ < tanh 2 = 0.964; at ρ = 0 the bulk does, and the limit is 2 - ln cosh 2 = 0.675 instead of 0.693.

    Returns
    -------
    float in [0, ln(2)/2], or [0, ln 2] for "one".

    Raises
    ------
    ValueError : corruption outside [0, 1/2], another word for patterns.
    """
    rho = as_real(corruption, "corruption", low=0.0, high=0.5)
    entropy = -sum(p * math.log(p) for p in (rho, 1 - rho) if p > 0)
    rate = max(0.0, math.log(2) - entropy)
    return rate / 2 if as_choice(patterns, "patterns", PATTERNS) == "all" else rate


def one_stable_probability(count: float, size: int) -> float:
    """Probability that one given pattern among M random ones is a strict minimum: exp(-(M-1) N / 2**(N+1)).

    It fails if a stored neighbour at distance 1 has the lower energy; (M - 1) N / 2**N such neighbours are expected,
    and each wins with probability 1/2.

    Parameters
    ----------
    count : M >= 1.
    size : N >= 1, at most 10**9.

    Raises
    ------
    ValueError : a value out of range.

    Where it stops being true: from one expected neighbour on. Neighbours are then not independent contests: a pattern
    that has several is the deeper for it. Measured at N = 16 with 0.2, 0.6, 1.7, 4 and 8 neighbours: 0.904±0.004,
    0.735±0.006, 0.374±0.008, 0.18±0.01, 0.15±0.01; this formula: 0.905, 0.751, 0.419, 0.135, 0.018.
    """
    count = as_real(count, "count", low=1.0)
    size = as_count(size, "size", 1, SIZES)
    return math.exp(-math.ldexp(count - 1, -(size + 1)) * size)
