"""How many random patterns leave a given share of the bits wrong."""

import math
from statistics import NormalDist

import numpy as np

from damtutor.checks.dense.common import patterns_and_state
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Tolerance


def kmax(N, n, p):
    """How many random patterns leave a share p of the bits wrong."""
    z = NormalDist().inv_cdf(1 - p)
    noise = math.prod(range(1, 2 * n - 2, 2))  # (2n-3)!!
    return N ** (n - 1) / (z**2 * noise)


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """N, n, p; every K is in the hundreds at least, so that rounding it is harmless."""
    for p in (0.001, 0.005, 0.01, 0.05):
        for N, n in ((1000, 2), (4000, 2), (100, 3), (400, 3), (60, 4), (100, 4), (40, 5), (30, 6)):
            yield Case((N, n, p))


# Properties -----------------------------------------------------------------------------------------------------------


def wrong_bits(X, n):
    """Share of stored bits that the exact rule would flip, each of the first patterns being the state in turn."""
    states = X[:60]
    H = states.astype(float) @ X.T
    gain = (H + 2) ** n - (H - 2) ** n
    bend = (H + 2) ** n - 2 * H**n + (H - 2) ** n
    field = gain @ X - states * bend.sum(axis=1, keepdims=True)
    return float((field * states < 0).mean())


def measured_error(call: Call):
    """At this K, the share of wrong bits is p: random patterns, five standard errors over twelve pattern sets."""
    for N, n, p in ((400, 2, 0.01), (60, 3, 0.01)):
        K = round(float(call(N, n, p).ravel()[0]))
        shares = [wrong_bits(patterns_and_state(np.random.default_rng([51, N, k]), K, N)[0], n) for k in range(12)]
        mean, error = np.mean(shares), np.std(shares, ddof=1) / np.sqrt(len(shares))
        if abs(mean - p) > 5 * error:
            return (N, n, p), f"With K = {K} patterns {mean:.4f} of the bits are wrong; p is {p}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def capacity(N, n, p, *, power=1, noise=None, sides=1, factor=1.0, root=2, sign=1):
    """The capacity formula with one thing changed."""
    z = sign * NormalDist().inv_cdf(1 - p / sides)
    noise = math.prod(range(1, 2 * n - 2, 2)) if noise is None else noise(n)
    return factor * N ** (n - power) / (z**root * noise)


def plain_factorial(N, n, p):
    """(2n-3)! instead of (2n-3)!!."""
    return capacity(N, n, p, noise=lambda n: math.factorial(2 * n - 3))


def next_double_factorial(N, n, p):
    """(2n-1)!! instead of (2n-3)!!."""
    return capacity(N, n, p, noise=lambda n: math.prod(range(1, 2 * n, 2)))


def last_double_factorial(N, n, p):
    """(2n-5)!! instead of (2n-3)!!."""
    return capacity(N, n, p, noise=lambda n: math.prod(range(1, 2 * n - 4, 2)))


def no_factorial(N, n, p):
    """No (2n-3)!! at all."""
    return capacity(N, n, p, noise=lambda n: 1)


def two_sided(N, n, p):
    """z of a two-sided test."""
    return capacity(N, n, p, sides=2)


def z_not_squared(N, n, p):
    """z instead of z**2."""
    return capacity(N, n, p, root=1)


def negative_z(N, n, p):
    """inv_cdf(p) is -z, and shows where z is not squared."""
    return capacity(N, n, p, root=1, sign=-1)


def error_for_z(N, n, p):
    """p in the place of z."""
    return N ** (n - 1) / (p**2 * math.prod(range(1, 2 * n - 2, 2)))


def times_z(N, n, p):
    """z**2 above instead of below."""
    return capacity(N, n, p, root=-2)


def times_noise(N, n, p):
    """(2n-3)!! above instead of below."""
    return capacity(N, n, p, noise=lambda n: 1 / math.prod(range(1, 2 * n - 2, 2)))


def power_n(N, n, p):
    """N**n instead of N**(n-1)."""
    return capacity(N, n, p, power=0)


def rectified_capacity(N, n, p):
    """The capacity of F = max(x, 0)**n."""
    return capacity(N, n, p, factor=2)


def perfect_recall(N, n, p):
    """The formula for one pattern without any error: N**(n-1) / (2 (2n-3)!! ln N)."""
    return N ** (n - 1) / (2 * math.prod(range(1, 2 * n - 2, 2)) * math.log(N))


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def kmax_scipy(N, n, p):
    from scipy.special import factorial2
    from scipy.stats import norm

    return np.float64(N) ** (n - 1) / (norm.isf(p) ** 2 * factorial2(2 * n - 3))


def kmax_rounded(N, n, p):
    """A whole number, (2n-3)!! from plain factorials."""
    double = math.factorial(2 * n - 2) // (2 ** (n - 1) * math.factorial(n - 1))
    return int(N ** (n - 1) / (NormalDist().inv_cdf(p) ** 2 * double))


def kmax_bisection(N, n, p):
    """Solves Φ(-z) = p for K without a quantile function."""
    low, high = 1.0, float(N**n)
    for _ in range(80):
        K = (low + high) / 2
        z = math.sqrt(N ** (n - 1) / (math.prod(range(2 * n - 3, 0, -2)) * K))
        low, high = (K, high) if math.erfc(z / math.sqrt(2)) / 2 < p else (low, K)
    return np.array(K)


def kmax_listed(N, n, p):
    return [kmax_scipy(N, n, p)]


def kmax_in_array(N, n, p):
    return np.array([kmax_scipy(N, n, p)])


def kmax_in_array_half(N, n, p):
    return np.array([kmax_scipy(N, n, p) / 2])


def kmax_text(N, n, p):
    return f"{kmax_scipy(N, n, p):.6f}"


def _kmax(N, n, p, power=1, noise=lambda n: math.prod(range(2 * n - 3, 0, -2)), sides=1, square=2, factor=1):
    z = NormalDist().inv_cdf(1 - p / sides)
    return factor * N ** (n - power) / (z**square * noise(n))


def kmax_factorial(N, n, p):
    return _kmax(N, n, p, noise=lambda n: math.factorial(2 * n - 3))


def kmax_two_sided(N, n, p):
    return _kmax(N, n, p, sides=2)


def kmax_rectified(N, n, p):
    return _kmax(N, n, p, factor=2)


def kmax_half(N, n, p):
    return _kmax(N, n, p) / 2


def kmax_power_n(N, n, p):
    return _kmax(N, n, p, power=0)


def kmax_z(N, n, p):
    return _kmax(N, n, p, square=1)


def kmax_p_for_z(N, n, p):
    return N ** (n - 1) / (p**2 * math.prod(range(2 * n - 3, 0, -2)))


def kmax_times_z(N, n, p):
    return _kmax(N, n, p, square=-2)


def kmax_times_noise(N, n, p):
    return _kmax(N, n, p, noise=lambda n: 1 / math.prod(range(2 * n - 3, 0, -2)))


def kmax_no_noise(N, n, p):
    return _kmax(N, n, p, noise=lambda n: 1)


def kmax_one_more(N, n, p):
    return _kmax(N, n, p, noise=lambda n: math.prod(range(2 * n - 1, 0, -2)))


def kmax_one_less(N, n, p):
    return _kmax(N, n, p, noise=lambda n: math.prod(range(2 * n - 5, 0, -2)))


def kmax_negative_z(N, n, p):
    return N ** (n - 1) / (NormalDist().inv_cdf(p) * math.prod(range(2 * n - 3, 0, -2)))


def kmax_negative(N, n, p):
    return -_kmax(N, n, p)


def kmax_perfect(N, n, p):
    return N ** (n - 1) / (2 * math.prod(range(2 * n - 3, 0, -2)) * math.log(N))


def kmax_nan(N, n, p):
    return float("nan")


EXERCISE = Exercise(
    id="dense.3",
    title="How many patterns fit",
    points=2,
    minutes=10,
    level="◆◆◇",
    reference=kmax,
    cases=cases,
    tolerance=Tolerance(rtol=0.005, atol=1.0, words="to 0.5 % or one pattern"),
    mistakes=(
        Mistake("(2n-3)! is not (2n-3)!!: the double factorial takes every second number.", plain_factorial),
        Mistake(
            "This has (2n-1)!!, one factor too many: the field has n-1 powers of S, its square 2n-2.",
            next_double_factorial,
        ),
        Mistake(
            "This has (2n-5)!!, one factor too few; note that range(1, m, 2) ends before m.",
            last_double_factorial,
        ),
        Mistake("The noise factor (2n-3)!! is missing.", no_factorial),
        Mistake(
            "This z belongs to a two-sided test: only crosstalk against the bit hurts, so Φ(-z) = p.",
            two_sided,
        ),
        Mistake(
            "Right but for a factor 2: twice as many patterns fit into the rectified memory, where half of the "
            "noise vanishes.",
            rectified_capacity,
            ALMOST,
        ),
        Mistake(
            "z is negative here: it is inv_cdf(1 - p), not inv_cdf(p). And the variance needs z**2.",
            negative_z,
        ),
        Mistake("z stands here to the first power; the variance needs z**2.", z_not_squared),
        Mistake(
            "p stands here in the place of z: z is the number that a Gaussian exceeds with probability p.",
            error_for_z,
        ),
        Mistake("z**2 stands above; solving for K brings it below.", times_z),
        Mistake("(2n-3)!! stands above; it is noise, and more noise leaves room for less.", times_noise),
        Mistake("N**n is one power too high: the signal is a field, N**(n-1).", power_n),
        Mistake(
            "This is the formula for a pattern with no error at all; here a share p may be wrong.",
            perfect_recall,
        ),
    ),
    properties=(Property("measured with random patterns, a share p of the bits is wrong at K", measured_error),),
    mutants=Mutants(
        equivalent=(
            ("1 - p -> p", "z changes its sign, and only z**2 is used"),
            ("2 * n - 2 -> 2 * n - 1", "the numbers are odd: ending one later adds none"),
        )
    ),
    success=(
        "Signal N**(n-1) against noise whose variance counts (2n-3)!! ways to pair up. "
        "Your K held in a measurement too. Next: at which N does n = 3 beat n = 2 by a factor of ten?"
    ),
    right_answers=(kmax_scipy, kmax_rounded, kmax_bisection),
    wrong_answers=(
        (kmax_factorial, "is not (2n-3)!!"),
        (kmax_two_sided, "two-sided"),
        (kmax_rectified, "rectified"),
        (kmax_half, "half"),
        (kmax_power_n, "one power too high"),
        (kmax_z, "z**2"),
        (kmax_p_for_z, "in the place of z"),
        (kmax_times_z, "z**2 stands above"),
        (kmax_times_noise, "(2n-3)!! stands above"),
        (kmax_no_noise, "(2n-3)!! is missing"),
        (kmax_one_more, "one factor too many"),
        (kmax_one_less, "one factor too few"),
        (kmax_negative_z, "z is negative"),
        (kmax_listed, "shape (1,)"),
        (kmax_in_array, "shape (1,)"),
        (kmax_in_array_half, "shape (1,)"),
        (kmax_text, "got text"),
        (kmax_negative, "sign"),
        (kmax_perfect, "no error at all"),
        (kmax_nan, "NaN"),
    ),
)
