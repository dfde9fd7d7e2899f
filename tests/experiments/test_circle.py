"""Three phases on the circle: what is measured, and the classifiers that are right and wrong about it."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor.experiments import diffusion as measured
from damtutor.experiments.diffusion import circle, circle_points, nearest_phase, phase_of
from damtutor.models.diffusion import KernelDensity
from damtutor.statistics.intervals import wilson
from damtutor.theory.diffusion import expected_minima


def test_examples_in_docstrings():
    found = doctest.testmod(measured)
    assert found.attempted >= 10
    assert found.failed == 0


def test_points_lie_on_the_circle_and_belong_to_their_seed():
    points = circle_points(500, seed=[3, 500])
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-15)
    assert np.linalg.norm(points.mean(axis=0)) < 5 / math.sqrt(500)  # uniform: five standard errors
    np.testing.assert_array_equal(points, circle_points(500, seed=[3, 500]))
    assert not np.array_equal(points, circle_points(500, seed=[4, 500]))
    np.testing.assert_allclose(measured.on_circle([np.pi], 2.0), [[-2, 0]], atol=1e-15)


def test_ring_profile_is_the_density_on_the_ring():
    data, angles = circle_points(7, seed=1), np.linspace(0, 6, 50)
    profile = measured.ring_profile(data, 0.3, angles, radius=0.9)
    squares = ((measured.on_circle(angles, 0.9)[:, None] - data) ** 2).sum(axis=2)
    plain = -np.log(np.exp(-squares / 0.18).sum(axis=1))
    np.testing.assert_allclose(profile, plain - plain.min(), atol=1e-12)
    assert profile.min() == 0


@pytest.mark.parametrize("count", [1, 4, 32, 256])
def test_a_circle_adds_up(count):
    """Minima are at rest, on the inner side of the circle, counted once; shares are of all drops."""
    found = circle(count, seed=[7, count])
    density = KernelDensity(found.data, 0.1)
    assert found.unsettled == 0
    assert found.shares.sum() == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(found.shares) <= 0)
    np.testing.assert_allclose(density.mean(found.minima), found.minima, atol=1e-8)  # the tolerance 1e-7 of .1
    assert np.all(np.linalg.norm(found.minima, axis=1) <= 1 + 1e-12)
    gaps = np.linalg.norm(found.minima[:, None] - found.minima, axis=2) + 9 * np.eye(len(found.minima))
    assert gaps.min() > 0.05  # one well each; the merging threshold is .2 for two points
    np.testing.assert_allclose(found.n_eff, density.n_eff(found.minima))
    directions = found.minima / np.linalg.norm(found.minima, axis=1)[:, None]
    np.testing.assert_allclose(measured.on_circle(found.places), directions, atol=1e-12)
    assert np.all((found.heights >= 0) & (found.heights <= found.barrier))
    assert found.barrier == pytest.approx(np.ptp(found.profile))
    n_eff = density.n_eff(found.ends)
    assert found.single == np.mean(n_eff < 1.5)
    assert found.median_n_eff == np.median(n_eff)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_minima_are_the_dips_of_the_profile(seed, count):
    """Two ways to count: ends of mean shift, and dips of -log p on the circle; a dip that a drop cannot find, or a flat
    one that is no minimum off the circle, may differ by one or two."""
    found = circle(count, drops=400, seed=seed)
    p = found.profile
    dips = int(np.sum((p < np.roll(p, 1)) & (p <= np.roll(p, -1))))
    assert abs(dips - len(found.minima)) <= 1
    assert 1 <= len(found.minima) <= count


# Phases ---------------------------------------------------------------------------------------------------------------


def test_phases_by_their_thresholds():
    assert phase_of(1.49, 0.1) == phase_of(1.49, 50) == "memorised"
    assert phase_of(1.5, 1.01) == "spurious"
    assert phase_of(1.5, 1.0) == phase_of(90, 0) == "generalised"
    assert phase_of(3, 5, single=4) == "memorised"
    assert phase_of(3, 5, wall=6) == "generalised"


@pytest.mark.parametrize(
    ("count", "phase", "least"), [(4, "memorised", 0.8), (32, "spurious", 0.95), (1024, "generalised", 0.95)]
)
def test_phases_of_the_reference(count, phase, least):
    """Ten seeds each. On 48 others 46 of K = 4 are memorised (else two pairs share minima), all of 32 and of 1024."""
    right = sum(circle(count, drops=60, seed=[11, count, k]).phase == phase for k in range(10))
    assert wilson(right, 10).high >= least
    assert right >= 8


def test_the_uncorrected_classifier_falls_into_the_trap():
    """At K = 1024 every end is within σ of a data point, and of a fresh point too: "memorised", wrongly, both times."""
    for seed in range(3):
        found, fresh = circle(1024, seed=[12, seed]), circle_points(1024, seed=[13, seed])
        assert found.phase == "generalised"
        assert nearest_phase(found.ends, found.data, 0.1) == nearest_phase(found.ends, fresh, 0.1) == "memorised"
        assert np.all(measured.nearest_distances(found.ends, found.data) < 0.1)
        few = circle(4, seed=[12, seed])
        assert nearest_phase(few.ends, few.data, 0.1) == "memorised"
        assert nearest_phase(few.ends, circle_points(4, seed=[13, seed]), 0.1) == "generalised"  # a fresh set tells


def test_a_collapsed_ring_is_no_phase_of_the_three():
    """σ = 1: one minimum, near twice the average of 256 points, whose size is 1/16: five times that with room."""
    found = circle(256, 1.0, seed=3)
    assert found.phase == "collapsed"
    assert len(found.minima) == 1
    assert np.linalg.norm(found.minima[0]) < 0.6
    assert circle(256, 0.7, drops=5, seed=3).phase != "collapsed"


def test_the_table_is_made_of_its_circles():
    row, other = measured.circle_table((8, 64), sets=2, drops=50, seed=5)
    circles = [circle(8, drops=50, seed=[5, 8, k]) for k in range(2)]
    assert row.minima.value == np.mean([len(c.minima) for c in circles])
    assert row.barrier.value == pytest.approx(np.mean([c.barrier for c in circles]))
    assert row.median_n_eff.value == pytest.approx(np.mean([c.median_n_eff for c in circles]))
    assert row.single.value == pytest.approx(np.mean([c.single for c in circles]))
    assert sum(row.phases.values()) == row.barrier.sets == 2
    near = [np.mean(measured.nearest_distances(c.ends, c.data) < 0.1) for c in circles]
    assert row.near.value == pytest.approx(np.mean(near))
    assert row.ratio < other.ratio < 1
    (wide,) = measured.circle_table((64,), 0.8, sets=2, drops=20, seed=5)  # collapsed: in one set .8 from all points
    assert wide.near.value == 0.5


REFERENCE = {  # section 6 of the course's numbers: minima, range of -log p, each with its standard error; 8 seeds
    4: (4.0, 0.0, 94, 12),
    8: (6.8, 0.2, 53, 8),
    16: (9.6, 0.5, 17.9, 2.4),
    32: (12.6, 0.4, 10.5, 3.2),
    64: (12.1, 0.6, 3.9, 0.7),
    128: (12.8, 0.4, 2.2, 0.2),
    256: (12.9, 0.5, 1.09, 0.07),
    1024: (12.9, 0.4, 0.53, 0.03),
}


@pytest.mark.slow
def test_circle_table_against_the_reference():
    """Other seeds: within four combined standard errors. K = 4: two points merge in 1 of 3 sets, so 4.0 ± 0 was luck;
    the number of minima is therefore compared with 4 less the chance of a pair within .2, 6 * .2/π = .38."""
    rows = measured.circle_table(sets=24, seed=2)
    for row in rows:
        minima, minima_error, barrier, barrier_error = REFERENCE[row.count]
        assert abs(row.barrier.value - barrier) < 4 * math.hypot(row.barrier.error, barrier_error), row.count
        if row.count == 4:
            minima, minima_error = 4 - 0.38, 0.05
        assert abs(row.minima.value - minima) < 4 * math.hypot(row.minima.error, minima_error), row.count
    full = [row for row in rows if row.count >= 64]
    assert all(abs(row.minima.value - expected_minima(0.1)) < 1.5 for row in full)
    logs = np.log([row.barrier.value for row in rows])
    assert np.all(np.diff(logs) < 0)  # walls only shrink, minima saturate
    assert rows[-1].near.value == rows[-1].near_fresh.value == 1
    assert rows[0].ratio < 0.01
    assert 0.8 < rows[-1].ratio < 1.1
    n_eff = {row.count: row.median_n_eff.value for row in rows}
    assert n_eff[1024] / n_eff[256] == pytest.approx(4, rel=0.1)  # proportional to K in the flat valley


@pytest.mark.slow
def test_error_bars_hold_when_seeds_vary():
    """Three tables of 16 sets: their barriers agree within 3.5 combined errors, in 12 of 12 pairs or so."""
    tables = [measured.circle_table((16, 64, 256, 1024), sets=16, drops=50, seed=s) for s in (21, 22, 23)]
    for rows in zip(*tables, strict=True):
        for a, b in ((0, 1), (0, 2), (1, 2)):
            gap = rows[a].barrier.value - rows[b].barrier.value
            assert abs(gap) < 3.5 * math.hypot(rows[a].barrier.error, rows[b].barrier.error)


def test_what_still_moves_is_counted():
    found = circle(64, drops=40, max_sweeps=2)
    assert found.unsettled == 40 - np.sum(
        KernelDensity(found.data, 0.1)
        .settle(measured.on_circle(2 * np.pi * np.arange(40) / 40), tolerance=1e-7, max_sweeps=2)
        .converged
    )
    assert found.unsettled > 20


def test_distinct_places():
    places, counts = measured.distinct([[0.0, 0], [1, 0], [1.05, 0], [1.2, 0], [1, 0]], 0.1)
    np.testing.assert_array_equal(places, [[1, 0], [1.2, 0], [0, 0]])
    np.testing.assert_array_equal(counts, [3, 1, 1])


REFUSED = [
    (lambda: circle(0), "count is 0"),
    (lambda: circle(4, -0.1), "sigma is -0.1"),
    (lambda: circle(4, drops=0), "drops is 0"),
    (lambda: circle(4, grid=2), "grid is 2"),
    (lambda: measured.circle_table((4,), sets=1), "sets is 1; expected a whole number >= 2"),
    (lambda: measured.ring_profile([[1.0, 0, 0]], 0.1, [0.0]), r"data: shape \(1, 3\); expected"),
    (lambda: measured.ring_profile([[1.0, 0]], 0.1, [np.nan]), r"angles\[0\] is nan"),
    (lambda: phase_of(0.5, 1), "median_n_eff is 0.5"),
    (lambda: phase_of(1, -1), "barrier is -1"),
    (lambda: nearest_phase([[0.0, 1]], [[0.0, 1]], 0), "within is 0"),
    (lambda: measured.nearest_distances([[0.0, 1]], [[0.0]]), r"states: shape \(1, 2\); expected"),
    (lambda: measured.distinct([[0.0]], -1), "closeness is -1"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_bad_input_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()
