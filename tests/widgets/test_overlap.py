"""The overlap histogram: the browser draws and counts what Python does, and both are what theory says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from instrument_models import random_pairs
from scipy.stats import binom, chi2, norm

from damtutor.widgets import Overlap
from damtutor.widgets.overlap import PAIRS, SIZES

RUNS = [(N, seed) for N in SIZES for seed in (0, 1, 999_999)]


@pytest.fixture(scope="module")
def shown(answers):
    """What the browser's code makes of every size and three seeds."""
    return dict(zip(RUNS, answers("random_pairs", RUNS), strict=True))


@pytest.mark.parametrize(("N", "seed"), RUNS)
def test_the_browser_counts_what_python_counts(shown, N, seed):
    made, expected = shown[N, seed], random_pairs(N, seed)
    assert made["M"] == expected.tolist()
    a, b = np.array(made["first"])
    assert set(a) | set(b) <= {-1, 1}
    assert (len(a), a @ b) == (N, expected[0]), "the pair on show is the first of the thousand"
    # One division and one root after sums of whole numbers: a few roundings.
    assert made["value"] == pytest.approx(np.std(expected / N, ddof=1), rel=1e-12)
    assert made["error"] == pytest.approx(made["value"] * math.sqrt((2 - 2 / N) / PAIRS) / 2, rel=1e-12)


@pytest.mark.parametrize(("N", "seed"), RUNS)
def test_every_pair_stands_in_one_bar_and_bars_expect_the_binomial(shown, N, seed):
    made = shown[N, seed]
    values, half = made["values"], made["half"]
    assert values % 2 == 1
    middles = values * np.arange(-half, half + 1)
    low, high = middles - (values - 1) // 2, middles + (values - 1) // 2
    k = random_pairs(N, seed) // 2
    assert made["counts"] == [int(((k >= a) & (k <= b)).sum()) for a, b in zip(low, high, strict=True)]
    assert sum(made["counts"]) == PAIRS
    expected = binom.cdf(high + N // 2, N, 0.5) - binom.cdf(low + N // 2 - 1, N, 0.5)
    # N logarithms add up, each rounded: 4096 · 1e-16 of a logarithm below 3000.
    np.testing.assert_allclose(made["expected"], expected, atol=1e-9)


def test_pixels_are_the_bits_of_the_stream_highest_first(shown):
    from damtutor.rng import Rng32

    rng = Rng32(0)
    for picture in shown[64, 0]["first"]:
        bits = f"{rng.next():032b}{rng.next():032b}"
        assert "".join("1" if s > 0 else "0" for s in picture) == bits


def test_the_overlaps_are_binomial():
    """Chi-square of the counts of 40 seeds at each small size, together: the two-sided 0.1 % level."""
    for N in (4, 8, 16, 32):
        k = (np.concatenate([random_pairs(N, seed) for seed in range(40)]) + N) // 2
        expected = 40 * PAIRS * binom.pmf(np.arange(N + 1), N, 0.5)
        enough = expected >= 5  # below, a count is not Gaussian
        counts = np.bincount(k, minlength=N + 1)
        statistic = ((counts - expected)[enough] ** 2 / expected[enough]).sum()
        assert chi2.ppf(0.0005, enough.sum() - 1) < statistic < chi2.ppf(0.9995, enough.sum())


@pytest.mark.parametrize("N", SIZES)
def test_the_spread_is_one_over_root_n(N):
    """Eight seeds, 8000 pairs: the standard deviation within four of its standard errors."""
    m = np.concatenate([random_pairs(N, seed) for seed in range(100, 108)]) / N
    error = math.sqrt((2 - 2 / N) / len(m)) / 2
    assert abs(m.std(ddof=1) * math.sqrt(N) - 1) < 4 * error
    assert abs(m.mean()) * math.sqrt(N * len(m)) < 4


def test_bad_sizes_and_seeds_are_refused_in_words():
    for arguments, words in (((5,), "N is 5; expected one of 4, 8"), ((64, -1), "seed is -1"), ((1.5,), "N is 1.5")):
        with pytest.raises(ValueError, match=words):
            random_pairs(*arguments)
    with pytest.raises(ValueError, match="N is 100; expected one of 4, 8"):
        Overlap(N=100)
    assert "1000 pairs of random pictures of 16 pixels, seed 3, beside a Gaussian of width 1/√N = 0.250" in repr(
        Overlap(N=16, seed=3)
    )


def test_the_first_page_says_what_holds():
    """Claims in the prose of the first page that no cell prints."""
    twelve, many = (norm.cdf(-1 / math.sqrt((K - 1) * 99 / 100**2)) for K in (12, 46))
    assert 50 < many / twelve < 60, "more than fifty times as many errors"
    assert norm.cdf(-2) / norm.cdf(-4) == pytest.approx(700, rel=0.05), "about seven hundred times fewer"
    assert 1e6 * norm.cdf(-4) == pytest.approx(30, rel=0.1), "about thirty in a million"
