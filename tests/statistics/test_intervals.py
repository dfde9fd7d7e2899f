"""Intervals: a proportion's, a mean's error, the exponent of a power law, refusals."""

import math

import numpy as np
import pytest

from damtutor.statistics.intervals import estimate, log_slope, mean, wilson


def test_wilson_and_slope():
    value, low, high = wilson(0, 10)
    assert value == low == 0
    assert high == pytest.approx(1.96**2 / (10 + 1.96**2))
    x = np.array([1.0, 2.0, 4.0])
    slope = log_slope(x, 3 * x**2.5, [0.1, 0.1, 0.1])
    assert slope.value == pytest.approx(2.5)
    assert slope.error == pytest.approx(0.1 / (math.log(2) * math.sqrt(2)))


@pytest.mark.parametrize("z", [0.5, 1.96, 3.0, 4.0])
@pytest.mark.parametrize(("successes", "trials"), [(0, 7), (3, 10), (37, 200), (200, 200), (1, 1), (9999, 10**6)])
def test_wilson_is_its_formula(successes, trials, z):
    """(p + z²/2n ± z √(p (1-p)/n + z²/4n²)) / (1 + z²/n); the z goes through a confidence level and back."""
    p, weight = successes / trials, z * z / trials
    middle = (p + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(p * (1 - p) / trials + weight / (4 * trials))
    assert wilson(successes, trials, z) == pytest.approx((p, middle - half, middle + half), rel=1e-11, abs=1e-15)


def test_an_estimate_is_a_mean_with_an_error():
    assert estimate([0.5, 0.7]) == mean([0.5, 0.7])[:2]
    assert math.isnan(mean([0.5]).error)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wilson(5, 3), "successes is 5"),
        (lambda: wilson(1, 3, z=np.nan), "z is nan"),
        (lambda: wilson(1, 3, z=9), r"z is 9; expected a finite number in \(0, 8\)"),
        (lambda: estimate([1.0]), "values: 1; expected two or more"),
        (lambda: log_slope([1.0], [1.0], [0.1]), "two or more points"),
        (lambda: log_slope([1.0, 2.0], [1.0, -1.0], [0.1, 0.1]), "finite numbers above 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
