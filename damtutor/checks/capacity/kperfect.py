"""The largest K at which a pattern is flawless with probability P, at finite N."""

import math
from statistics import NormalDist

import numpy as np

from damtutor.checks.capacity.common import NORMAL, spins
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Tolerance
from damtutor.theory.capacity import asymptotic_recall_capacity, perfect_recall_capacity


def kperfect(N, P):
    """Patterns K at which one pattern is flawless with probability P."""
    p = 1 - P ** (1 / N)  # of one wrong bit: (1 - p)**N = P
    z = NormalDist().inv_cdf(1 - p)
    return N / z**2


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """N and P."""
    for N in (64, 128, 512, 2048, 10_000):
        yield Case((N, 0.5))
    for N, P in ((256, 0.9), (1000, 0.1), (1000, 0.99), (4096, 0.25)):
        yield Case((N, P))


# Properties -----------------------------------------------------------------------------------------------------------


def flawless_share(call: Call):
    """At this K, the share of flawless random patterns is P to 0.15: the Gaussian is not exact at these N."""
    for N, P in ((256, 0.5), (512, 0.5), (256, 0.8)):  # large: rounding K, down or up, stays within 0.15
        K = round(float(call(N, P).ravel()[0]))
        K += 1 - K % 2  # odd: no ties
        shares = []
        for k in range(12):
            X = spins(90 + k, K, N).astype(np.float32)
            fields = (X @ X.T) @ X - np.float32(K) * X
            shares.append(float((fields * X > 0).all(axis=1).mean()))
        if abs(np.mean(shares) - P) > 0.15:
            return (N, P), f"With K = {K} random patterns a share of {np.mean(shares):.2f} is flawless; P is {P}."
    return None


def falls_with_probability(call: Call):
    """A larger P leaves room for fewer patterns."""
    values = [float(call(300, P).ravel()[0]) for P in (0.1, 0.5, 0.9)]
    if not values[0] > values[1] > values[2]:
        words = ", ".join(f"{v:.1f}" for v in values)
        return (300, 0.9), f"At P = 0.1, 0.5, 0.9 the answers are {words}: they should fall."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _solved(N, error, root=2):
    z = -NORMAL.inv_cdf(error)
    return N / z**root


def asymptotic(N, P):
    """N / (2 ln N)."""
    return asymptotic_recall_capacity(N)


def asymptotic_all(N, P):
    """N / (4 ln N)."""
    return asymptotic_recall_capacity(N, patterns="all")


def every_pattern(N, P):
    """All K patterns flawless."""
    return perfect_recall_capacity(N, patterns="all", probability=P)


def union_bound(N, P):
    """1 - P shared out among the bits."""
    return _solved(N, (1 - P) / N)


def shared_probability(N, P):
    """P shared out among the bits."""
    return _solved(N, P / N)


def two_sided(N, P):
    """Half of the error on either side."""
    return _solved(N, -math.expm1(math.log(P) / N) / 2)


def some_bit_wrong(N, P):
    """1 - P in the place of P."""
    return _solved(N, -math.expm1(math.log1p(-P) / N))


def times_z(N, P):
    """N z² instead of N / z²."""
    return N * N / perfect_recall_capacity(N, probability=P)


def z_not_squared(N, P):
    """z instead of z**2."""
    return _solved(N, -math.expm1(math.log(P) / N), root=1)


def load_only(N, P):
    """K/N."""
    return _solved(N, -math.expm1(math.log(P) / N)) / N


def half_per_cent(N, P):
    """One bit in 200 wrong."""
    return _solved(N, 0.005)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def perfect_scipy(N, P):
    """By the equation itself."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    return brentq(lambda K: N * norm.logcdf(math.sqrt(N / K)) - math.log(P), 1, N)


def perfect_finite(N, P):
    """K - 1 patterns disturb N - 1 neurons; a whole number."""
    z = -NormalDist().inv_cdf(1 - P ** (1 / N))
    return round(1 + (N - 1) / z**2)


def perfect_search(N, P):
    """Counts up until the probability falls below P."""
    normal, K = NormalDist(), 1
    while normal.cdf(math.sqrt(N / K)) ** N > P:
        K += 1
    return K - 0.5


def perfect_floor(N, P):
    """The largest whole number."""
    return int(perfect_scipy(N, P))


def perfect_one_minus(N, P):
    return perfect_scipy(N, 1 - P)


def perfect_times_z(N, P):
    return N * NormalDist().inv_cdf(P ** (1 / N)) ** 2


def perfect_asymptotic(N, P):
    return N / (2 * math.log(N))


def perfect_all_asymptotic(N, P):
    return N / (4 * math.log(N))


def perfect_union(N, P):
    return N / NormalDist().inv_cdf((1 - P) / N) ** 2


def perfect_two_sided(N, P):
    return N / NormalDist().inv_cdf((1 - P ** (1 / N)) / 2) ** 2


def perfect_plain_z(N, P):
    return N / NormalDist().inv_cdf(P ** (1 / N))


def perfect_load(N, P):
    return perfect_scipy(N, P) / N


EXERCISE = Exercise(
    id="capacity.2",
    title="Not one wrong bit, at finite N",
    points=2,
    minutes=10,
    level="◆◆◇",
    reference=kperfect,
    cases=cases,
    tolerance=Tolerance(rtol=0.005, atol=1.5, words="to 0.5 % or 1.5 patterns"),
    mistakes=(
        Mistake(
            "This is N/(2 ln N), the first term for huge N, a third too low here: solve the equation itself.",
            asymptotic,
        ),
        Mistake("This is N/(4 ln N): the first term for huge N, and for all patterns at once.", asymptotic_all),
        Mistake(
            "This asks that all K patterns are flawless, (1-p)**(N*K); here it is one of them, (1-p)**N.",
            every_pattern,
        ),
        Mistake(
            "Nearly: p = (1-P)/N is the bound that adds up the risks of all bits. Bits as independent give "
            "1-p = P**(1/N).",
            union_bound,
            ALMOST,
        ),
        Mistake(
            "You shared P out among the bits. P is the probability that all are right: 1-p = P**(1/N).",
            shared_probability,
        ),
        Mistake(
            "This z belongs to a two-sided test: only crosstalk against the bit hurts, so Φ(-z) = p.",
            two_sided,
        ),
        Mistake(
            "P is the probability that no bit is wrong; you solved (1-p)**N = 1-P, that some bit is.",
            some_bit_wrong,
        ),
        Mistake("This is N z²; z² = N/K gives K = N/z².", times_z),
        Mistake("z stands here to the first power; z² = N/K.", z_not_squared),
        Mistake("This is the load K/N; the question is K.", load_only),
        Mistake("This tolerates half a per cent of wrong bits; here none may be wrong.", half_per_cent),
    ),
    properties=(
        Property("at this K a share P of random patterns is flawless", flawless_share),
        Property("a larger P leaves room for fewer patterns", falls_with_probability),
    ),
    mutants=Mutants(
        equivalent=(
            ("1 - P ** (1 / N) -> P ** (1 / N)", "z changes its sign, and only z**2 is used"),
            ("1 - p -> p", "z changes its sign, and only z**2 is used"),
        )
    ),
    success=(
        "N bits must all be right, so each must be right with probability P**(1/N): that is all. The formula "
        "N/(2 ln N) is what is left of it when N is beyond anything you can run."
    ),
    right_answers=(perfect_scipy, perfect_finite, perfect_search, perfect_floor),
    wrong_answers=(
        (perfect_asymptotic, "N/(2 ln N)"),
        (perfect_all_asymptotic, "N/(4 ln N)"),
        (perfect_union, "adds up the risks"),
        (perfect_two_sided, "two-sided test"),
        (perfect_plain_z, "first power"),
        (perfect_load, "the load K/N"),
        (perfect_one_minus, "that some bit is"),
        (perfect_times_z, "K = N/z²"),
    ),
)
