"""Half points: the most likely curve of each link, errors and intervals that cover, a theory's scale, refusals."""

import math

import numpy as np
import pytest
from examples import without_example
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

from damtutor.statistics import half_point as module
from damtutor.statistics.half_point import half_count, half_deviance, half_point

CURVES = {"logit": expit, "probit": norm.cdf, "loglog": lambda eta: np.exp(-np.exp(-eta))}
ROWS = [[1, 0], [1, 0]]


def fit(corruptions, successes, **options):
    return half_point(corruptions, successes, link="probit", **options)


@pytest.mark.parametrize("link", CURVES)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_most_likely_curve_of_every_link(link, sign):
    """Against a search for the largest likelihood, on shares that no curve meets; rising and falling."""
    x = np.linspace(0.3, 0.5, 6)
    rows = np.random.default_rng(0).binomial(5, expit(sign * (x - 0.41) / 0.03), (40, 6)) / 5

    def loss(unknown):
        p = CURVES[link](unknown[0] + unknown[1] * (x - 0.4) / 0.1)
        return -np.sum(rows * np.log(p) + (1 - rows) * np.log(1 - p))

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
    a, b = minimize(loss, [0, 3.0 * sign], method="Nelder-Mead", options=options).x
    half = -math.log(math.log(2)) if link == "loglog" else 0.0
    found = half_point(x, rows, link=link, resamples=10)
    assert found.value == pytest.approx(0.4 + 0.1 * (half - a) / b, abs=1e-6)
    assert found.width.value == pytest.approx(0.1 / abs(b), rel=1e-5)


def test_probit_is_the_most_likely_curve():
    rng = np.random.default_rng(0)
    c = np.arange(33.0, 46)
    rows = (rng.normal(38.5, 2.1, (80, 1)) > c).astype(int)

    def loss(unknown):
        z = (unknown[0] - c) / unknown[1]
        return -np.sum(rows * norm.logcdf(z) + (1 - rows) * norm.logcdf(-z))

    best = minimize(loss, [39, 3], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x
    found = fit(c, rows, resamples=10)
    assert (found.value, found.width.value) == pytest.approx(tuple(best), abs=1e-5)
    assert fit(c, rows == 1, resamples=10) == found


def test_intervals_of_a_probit_cover():
    """Thresholds of known normal law, one a row: 95 % intervals of c50 miss in 3 to 21 of 200 (binomial, 4 errors of
    10, and the 1 % or so that a percentile bootstrap of 60 rows is short). Unbiased within 4 errors."""
    c, missed, centres, errors = np.arange(33.0, 46), 0, [], []
    for k in range(200):
        rows = np.random.default_rng([6, k]).normal(38.5, 2.1, (60, 1)) > c
        found = fit(c, rows, resamples=300, seed=k)
        missed += not found.low <= 38.5 <= found.high
        centres.append(found.value)
        errors.append(found.error)
    assert 2 <= missed <= 26
    assert abs(np.mean(centres) - 38.5) < 4 * np.std(centres, ddof=1) / math.sqrt(200)
    assert np.mean(errors) == pytest.approx(np.std(centres, ddof=1), rel=0.2)  # known to 1/√398 = 5 %


def test_half_point_of_exact_shares_is_exact_and_of_drawn_ones_near():
    """Shares on a logistic curve: its middle, without error. Drawn: within four of the stated errors, 20 times of 20
    (chance of failure 0.6 %: Student's t of 40 sets), and the errors are the spread."""
    x = np.linspace(0.3, 0.5, 6)
    curve = 1 / (1 + np.exp(-(x - 0.41) / 0.03))
    for shares in (curve, 1 - curve):
        found = half_point(x, [shares, shares])
        assert found.value == pytest.approx(0.41, abs=1e-9)
        assert found.width.value == pytest.approx(0.03, abs=1e-9)
        assert found.error < 1e-12
    found = [half_point(x, np.random.default_rng([3, k]).binomial(5, curve, (40, 6)) / 5, seed=k) for k in range(20)]
    assert all(abs(one.value - 0.41) < 4 * one.error for one in found)
    spread = np.std([one.value for one in found], ddof=1)  # itself known to 1/√38 = 16 %
    assert np.mean([one.error for one in found]) == pytest.approx(spread, rel=0.5)


def test_half_deviance_tells_a_curve_from_another():
    """Counts of the curve itself: half of 13 cells within 4 √(13/2)/√40 over 40 tables; one 2 points off: far more."""
    c = np.arange(33.0, 46)
    curve = fit(c, np.random.default_rng(0).normal(38.5, 3, (20_000, 1)) > c, resamples=20)
    own, other = [], []
    for k in range(40):
        for shift, into in ((0, own), (2, other)):
            share = norm.cdf((curve.value + shift - c) / curve.width.value)
            into.append(half_deviance(curve, c, np.random.default_rng([k, shift]).binomial(80, share), 80))
    assert abs(np.mean([d for d, _ in own]) - 6.5) < 4 * math.sqrt(6.5 / 40)
    assert min(d for d, _ in other) > 6.5 + 4 * math.sqrt(6.5)
    assert all(0 < error < 2 for _, error in own)
    with pytest.raises(ValueError, match="expected a whole number from 0 to 80 for each of 13"):
        half_deviance(curve, c, [81] * 13, 80)


def test_a_step_stays_finite():
    """All trials cross between the same two corruptions: the width is nearly 0, the centre between them."""
    found = fit([1.0, 2, 3, 4], np.tile([1, 1, 0, 0], (5, 1)), resamples=20)
    assert 2 < found.low <= found.value <= found.high < 3
    assert 0 < found.width.value < 0.3


def test_half_count_finds_a_known_crossing():
    """Drawn from P = exp(-(M/30)³) but given the theory exp(-(M/26)²): unbiased, and the error is the actual spread.

    60 repetitions: the mean within 4 errors of the mean, the stated error within 25 % of the spread, whose own relative
    error is 1/√118 = 9 %.
    """
    counts = np.array([15, 20, 25, 30, 36])
    truth = 30 * math.log(2) ** (1 / 3)
    found, errors = [], []
    for k in range(60):
        shares = np.random.default_rng([7, k]).random((80, 5)) < np.exp(-((counts / 30) ** 3))
        count, error = half_count(
            np.exp(-((counts / 26) ** 2)), shares.astype(float), lambda p: 26 * math.sqrt(-math.log(p)), seed=k
        )
        found.append(count)
        errors.append(error)
    spread = np.std(found, ddof=1)
    assert abs(np.mean(found) - truth) < 4 * spread / math.sqrt(60)
    assert np.mean(errors) == pytest.approx(spread, rel=0.25)


def test_half_count_of_exact_shares_is_exact():
    counts = np.array([5.0, 10.0, 15.0])
    shares = np.tile(np.exp(-((counts / 12) ** 2.5)), (2, 1))
    count, error = half_count(np.exp(-(counts / 9)), shares, lambda p: -9 * math.log(p))
    assert count == pytest.approx(12 * math.log(2) ** 0.4, rel=1e-9)
    assert error == pytest.approx(0, abs=1e-9)


def test_examples_are_true():
    without_example(module)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit([1, 1], ROWS), "expected two or more different x"),
        (lambda: fit([1, 2, 3], ROWS), r"x \(3,\), shares \(2, 2\)"),
        (lambda: fit([1, 2], ROWS[:1]), "two or more rows"),
        (lambda: fit([1, 2], [[1, -1], [1, 0]]), r"shares from -1 to 1; expected values in \[0, 1\]"),
        (lambda: fit([1, 2], [[1, 1], [1, 1]]), "expected some above and some below 1/2"),
        (lambda: fit([1, 2], ROWS, resamples=0), "resamples is 0"),
        (lambda: fit([1, 2], ROWS, seed=-1), "seed is -1"),
        (lambda: half_point([1, 1], ROWS), "expected two or more different x"),
        (lambda: half_point([1, 2], ROWS[:1]), "two or more rows"),
        (lambda: half_point([1, 2], [[0, 1.5], [0, 1]]), r"shares from 0 to 1\.5"),
        (lambda: half_point([1, 2], [[1, 1], [1, 0.5]]), "expected some above and some below 1/2"),
        (lambda: half_point([1, 2], ROWS, seed=-1), "seed is -1"),
        (lambda: half_point([1, 2], ROWS, link="cauchit"), "link is 'cauchit'; expected one of 'logit', 'probit'"),
        (lambda: half_count([0.7, 0.2], [[1, 0], [1, 0]], None), "count_at is None; expected a function"),
        (lambda: half_count([0.5], [[1.0]], float), "two or more different predictions"),
        (lambda: half_count([0.7, 0.2], [[1, 0], [1, 2]], float), r"shares from 0 to 2; expected values in \[0, 1\]"),
        (lambda: half_count([1.0, 0.2], [[1, 0], [1, 0]], float), r"predicted from 0.2 to 1; expected"),
        (lambda: half_count([0.7, 0.2], [[1, 1], [1, 1]], float), "expected some above and some below 1/2"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
