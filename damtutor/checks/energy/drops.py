"""How many drops measure a share to a given width."""

import math
from statistics import NormalDist

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Tolerance


def drops(share, width):
    """How many drops give a basin's share to within ± width, at 95 %."""
    return math.ceil(1.96**2 * share * (1 - share) / width**2)


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """share, width."""
    for share in (0.05, 0.2, 0.25, 0.4, 0.5, 0.7, 0.97):
        for width in (0.005, 0.02, 0.04, 0.1):
            yield Case((share, width))


# Properties -----------------------------------------------------------------------------------------------------------


def covers(call: Call):
    """With this many drops a measured share is within the width in 95 % of trials, to three standard errors."""
    trials = 4000
    for share, width in ((0.25, 0.02), (0.6, 0.03)):
        count = round(float(call(share, width)))
        seen = np.random.default_rng([66, count]).binomial(count, share, trials) / count
        inside = float(np.mean(np.abs(seen - share) <= width))
        if abs(inside - 0.95) > 0.015:
            return (share, width), f"With {count} drops {100 * inside:.0f} % of the trials come within ±{width}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _varied(share, width, *, z=1.96, variance=None, power=2, root=2):
    return z**root * (share * (1 - share) if variance is None else variance) / width**power


def one_sigma(share, width):
    """68 % instead of 95 %."""
    return _varied(share, width, z=1.0)


def whole_width(share, width):
    """± width read as the whole width."""
    return 4 * _varied(share, width)


def width_plain(share, width):
    """The width not squared."""
    return _varied(share, width, power=1)


def z_plain(share, width):
    """z not squared."""
    return _varied(share, width, root=1)


def worst_case(share, width):
    """share = ½, whatever it is."""
    return drops(0.5, width)


def rare(share, width):
    """1 - share forgotten: counts, as if the share were small."""
    return _varied(share, width, variance=share)


def relative(share, width):
    """The width as a fraction of the share."""
    return _varied(share, width) / share**2


def one_sided(share, width):
    """z of a one-sided 95 %."""
    return _varied(share, width, z=1.645)


def standard_deviation(share, width):
    """The root of the variance."""
    return _varied(share, width, variance=math.sqrt(share * (1 - share)))


def not_solved(share, width):
    """Nothing squared."""
    return math.sqrt(_varied(share, width))


def two_sigma(share, width):
    """2 for 1.96."""
    return _varied(share, width, z=2.0)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def drops_quantile(share, width):
    """The quantile itself, a fraction as it comes."""
    return (NormalDist().inv_cdf(0.975) / width) ** 2 * (share - share**2)


def drops_search(share, width):
    """Doubles and halves until the standard error fits."""
    low, high = 1, 2
    while 1.96 * math.sqrt(share * (1 - share) / high) > width:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if 1.96 * math.sqrt(share * (1 - share) / middle) <= width else (middle, high)
    return np.int64(high)


def _count(share, width, z=1.96):
    return z**2 * share * (1 - share) / width**2


def drops_one_sigma(share, width):
    return _count(share, width, 1)


def drops_whole(share, width):
    return _count(share, width / 2)


def drops_plain_width(share, width):
    return _count(share, width) * width


def drops_plain_z(share, width):
    return _count(share, width) / 1.96


def drops_worst(share, width):
    return _count(0.5, width)


def drops_rare(share, width):
    return _count(share, width) / (1 - share)


def drops_relative(share, width):
    return _count(share, width * share)


def drops_one_sided(share, width):
    return _count(share, width, 1.645)


def drops_deviation(share, width):
    return 1.96**2 * math.sqrt(share * (1 - share)) / width**2


def drops_half(share, width):
    return _count(share, width) / 2


def drops_root(share, width):
    return math.ceil(1.96 * math.sqrt(share * (1 - share)) / width)


def drops_two(share, width):
    return math.ceil(4 * share * (1 - share) / width**2)


def drops_listed(share, width):
    return [_count(share, width)]


EXERCISE = Exercise(
    id="energy.5",
    title="Design: how many drops?",
    points=2,
    minutes=10,
    level="◆◆◇",
    core=False,
    reference=drops,
    cases=cases,
    tolerance=Tolerance(rtol=0.005, atol=1.0, words="to 0.5 % or one drop"),
    mistakes=(
        Mistake("This holds in 68 % of cases, one standard error; 95 % needs 1.96 of them.", one_sigma),
        Mistake("± width is half of the interval; you took the width for the whole.", whole_width),
        Mistake("The width is not squared: half the width needs four times the drops.", width_plain),
        Mistake("1.96 stands here to the first power; it is squared with the width.", z_plain),
        Mistake("This is for a share of ½, the worst case; the share is given.", worst_case),
        Mistake("The variance of one drop is share * (1 - share), not share.", rare),
        Mistake("Here the width is read as a fraction of the share; it is meant as it stands.", relative),
        Mistake("1.645 leaves 5 % on one side; ± needs 2.5 % on each, 1.96.", one_sided),
        Mistake("You took the root of the variance: the drops go with the variance.", standard_deviation),
        Mistake("This is the root of the number of drops: square both sides.", not_solved),
        Mistake("Right but for 2 in place of 1.96, which asks for 4 % too many.", two_sigma, ALMOST),
    ),
    properties=(Property("with this many drops 95 % of measured shares lie within ± width", covers),),
    mutants=Mutants(
        equivalent=(
            (
                "math.ceil(1.96 ** 2 * share * (1 - share) / width ** 2) -> "
                "1.96 ** 2 * share * (1 - share) / width ** 2",
                "less than one drop of difference",
            ),
        )
    ),
    success=(
        "Four times the drops for half the width: that is what every error bar in this course costs. "
        "Choose the width first, then the number of trials."
    ),
    right_answers=(drops_quantile, drops_search),
    wrong_answers=(
        (drops_one_sigma, "68 %"),
        (drops_whole, "half of the interval"),
        (drops_plain_width, "width is not squared"),
        (drops_plain_z, "1.96 stands here to the first power"),
        (drops_worst, "worst case"),
        (drops_rare, "variance of one drop"),
        (drops_relative, "fraction of the share"),
        (drops_one_sided, "1.645"),
        (drops_deviation, "root of the variance"),
        (drops_half, "half"),
        (drops_listed, "shape (1,)"),
        (drops_root, "square both sides"),
        (drops_two, "2 in place of 1.96"),
    ),
)
