"""The compact memory against its definition, its descent law, and the resting places of a triangle."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor.experiments.modern import basin_shares
from damtutor.memory import Memory
from damtutor.models.compact import CompactMemory
from damtutor.numerics import complex_gradient

TRIANGLE = np.array([[math.cos(a), math.sin(a)] for a in math.pi / 2 + 2 * math.pi / 3 * np.arange(3)])


def random_case(rng):
    count, size = int(rng.integers(1, 30)), int(rng.integers(1, 6))
    patterns = rng.standard_normal((count, size))
    return CompactMemory(patterns, rng.uniform(0.3, 2.5) * math.sqrt(size)), 1.5 * rng.standard_normal(size)


def depth(memory, x):
    """Φ and the patterns within reach, from the definition."""
    terms = np.array([1 - sum((x - row) ** 2) / memory.reach**2 for row in memory.patterns])
    return terms[terms > 0].sum(), terms > 0


def test_energy_step_and_members_are_their_definitions():
    rng = np.random.default_rng(1)
    alone = 0
    for _ in range(300):
        memory, x = random_case(rng)
        phi, near = depth(memory, x)
        np.testing.assert_array_equal(memory.within_reach(x), near)
        if near.any():
            assert memory.energy(x) == pytest.approx(-math.log(phi), abs=1e-12 / min(phi, 1))
            np.testing.assert_allclose(memory.step(x), memory.patterns[near].mean(axis=0), rtol=1e-12, atol=1e-14)
        else:
            alone += 1
            assert memory.energy(x) == math.inf
            np.testing.assert_array_equal(memory.step(x), x)
    assert 10 < alone < 200


def test_gradient_points_from_the_mean():
    """grad E = 2 n (x - x')/(R² Φ) where n patterns are within reach: the step is downhill, and rests where it is 0."""
    rng = np.random.default_rng(2)
    for _ in range(100):
        memory, x = random_case(rng)
        phi, near = depth(memory, x)
        if near.any():
            expected = 2 * near.sum() * (x - memory.step(x)) / (memory.reach**2 * phi)
            np.testing.assert_allclose(complex_gradient(memory.energy, x), expected, rtol=1e-9, atol=1e-12 / phi)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_descent_and_finite_recall(seed):
    """Φ(x') >= Φ(x) + n |x' - x|²/R², slack: the rounding of sums of K terms up to 1. Recall ends exactly."""
    memory, x = random_case(np.random.default_rng(seed))
    phi, near = depth(memory, x)
    after = memory.step(x)
    gain = depth(memory, after)[0] - phi
    assert gain >= near.sum() * np.sum((after - x) ** 2) / memory.reach**2 - 1e-13 * memory.count
    trace = memory.retrieve(x, record="states")
    assert trace.converged
    assert len(trace.energies) == len(trace.states) == trace.sweeps + 1
    finite = trace.energies[np.isfinite(trace.energies)]
    assert np.all(np.diff(finite) <= 1e-13 * memory.count)
    np.testing.assert_array_equal(trace.states[-1], trace.states[-2])
    np.testing.assert_allclose(memory.step(trace.state), trace.state, atol=1e-14)
    if near.any():  # a point, not near it: the mean of just those within reach
        members = memory.within_reach(trace.state)
        np.testing.assert_allclose(trace.state, memory.patterns[members].mean(axis=0), atol=1e-14)
    assert isinstance(memory, Memory)


def test_descent_is_an_equality_while_the_members_stay():
    memory = CompactMemory([[0.0], [1.0], [1.4]], 10.0)
    x = np.array([2.0])
    gain = math.exp(-memory.energy(memory.step(x))) - math.exp(-memory.energy(x))
    assert gain == pytest.approx(3 * (2 - 0.8) ** 2 / 100, rel=1e-12)
    assert memory.energy([0.8]) == pytest.approx(-math.log(3 - (0.64 + 0.04 + 0.36) / 100), rel=1e-12)
    assert memory.energy([0.8]) >= -math.log(3)


def test_reach_is_strict():
    """A pattern at distance exactly R is not within reach: with it, the state would move to .5."""
    memory = CompactMemory([[0.0], [1.0]], 1.0)
    np.testing.assert_array_equal(memory.within_reach([0.0]), [True, False])
    np.testing.assert_array_equal(memory.step([0.0]), [0.0])
    np.testing.assert_array_equal(CompactMemory([[0.0], [1.0]], 1.0000001).step([0.0]), [0.5])


def test_batch_equals_loop():
    rng = np.random.default_rng(3)
    memory = CompactMemory(rng.standard_normal((9, 3)), 1.3)
    states = 2 * rng.standard_normal((40, 3))
    np.testing.assert_array_equal(memory.energy(states), [memory.energy(x) for x in states])
    np.testing.assert_array_equal(memory.within_reach(states), [memory.within_reach(x) for x in states])
    np.testing.assert_allclose(memory.step(states), [memory.step(x) for x in states], rtol=1e-14, atol=1e-15)
    settled, traces = memory.settle(states), [memory.retrieve(x) for x in states]
    np.testing.assert_allclose(settled.states, [t.state for t in traces], rtol=1e-14, atol=1e-15)
    np.testing.assert_array_equal(settled.converged, True)
    np.testing.assert_array_equal(settled.sweeps, [t.sweeps for t in traces])
    assert len(set(settled.sweeps)) > 2
    stopped = memory.settle(states, max_sweeps=1)
    np.testing.assert_array_equal(stopped.converged, [t.sweeps == 1 for t in traces])
    assert isinstance(memory.energy(states[0]), float)


def test_float32_stays_float32():
    rng = np.random.default_rng(4)
    patterns, x = rng.standard_normal((5, 3)).astype(np.float32), rng.standard_normal(3).astype(np.float32)
    single, double = (CompactMemory(patterns.astype(t), 2.0) for t in (np.float32, np.float64))
    assert single.step(x).dtype == single.retrieve(x).state.dtype == single.settle(x[None]).states.dtype == np.float32
    assert single.energy(x) == double.energy(x)
    np.testing.assert_allclose(single.retrieve(x).state, double.retrieve(x).state, atol=1e-6)


def test_symmetries():
    """Permuting patterns changes nothing; rotating and shifting everything moves the step along."""
    rng = np.random.default_rng(5)
    patterns, x = rng.standard_normal((8, 3)), rng.standard_normal(3)
    rotation, shift = np.linalg.qr(rng.standard_normal((3, 3)))[0], 100 * rng.standard_normal(3)
    memory = CompactMemory(patterns, 1.6)
    moved = CompactMemory(patterns @ rotation + shift, 1.6)
    shuffled = CompactMemory(patterns[rng.permutation(8)], 1.6)
    assert moved.energy(x @ rotation + shift) == pytest.approx(memory.energy(x), abs=1e-11)
    np.testing.assert_allclose(moved.step(x @ rotation + shift), memory.step(x) @ rotation + shift, atol=1e-11)
    np.testing.assert_allclose(shuffled.step(x), memory.step(x), atol=1e-15)


@pytest.mark.parametrize(
    ("reach", "places"),
    [*((r, 7) for r in (1.05, 1.2, 1.45)), *((r, 4) for r in (1.55, 1.7)), (1.75, 1), (0.99, 6), (0.86, 3)],
)
def test_three_memories_make_up_to_seven_places(reach, places):
    """By hand: centre for R > 1, a midpoint for .866 < R < 1.5, a corner for R < √3; each is a strict minimum."""
    memory = CompactMemory(TRIANGLE, reach)
    rest = memory.resting_places()
    assert len(rest.points) == places
    assert rest.strict.all()
    expected = []
    if reach < math.sqrt(3):
        expected += list(TRIANGLE)
    if math.sqrt(3) / 2 < reach < 1.5:
        expected += [(TRIANGLE[i] + TRIANGLE[j]) / 2 for i, j in ((0, 1), (0, 2), (1, 2))]
    if reach > 1:
        expected.append(np.zeros(2))
    gaps = np.linalg.norm(rest.points[:, None] - np.array(expected)[None], axis=2)
    np.testing.assert_array_equal(np.sort(gaps.argmin(axis=1)), np.arange(places))
    assert gaps.min(axis=1).max() < 1e-15
    np.testing.assert_array_equal(rest.members, memory.within_reach(rest.points))
    np.testing.assert_allclose(rest.energies, memory.energy(rest.points))
    assert np.all(np.diff(rest.energies) >= 0)
    rng = np.random.default_rng(6)
    for point, energy in zip(rest.points, rest.energies, strict=True):
        around = rng.standard_normal((50, 2))
        around = point + 1e-3 * around / np.linalg.norm(around, axis=1, keepdims=True)
        assert np.all(memory.energy(around) > energy)
        np.testing.assert_allclose(memory.settle(around).states, np.tile(point, (50, 1)), atol=1e-14)


def test_drops_find_every_place_and_no_other():
    """2000 drops in ±2 at R = 1.2 find all seven. Between a quarter and a third feel no force: 30 % by area."""
    memory = CompactMemory(TRIANGLE, 1.2)
    shares = basin_shares(memory, 2000, seed=1)
    rest = memory.resting_places().points
    gaps = np.linalg.norm(shares.places[:, None] - rest[None], axis=2)
    np.testing.assert_array_equal(np.sort(gaps.argmin(axis=1)), np.arange(7))
    assert gaps.min(axis=1).max() < 1e-12
    assert shares.counts.sum() + shares.untouched == 2000
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-1.995, 1.995, 400)]), axis=-1).reshape(-1, 2)
    area = np.mean(~memory.within_reach(grid).any(axis=1))
    assert abs(area - 0.30) < 0.01
    assert abs(shares.untouched / 2000 - area) < 4 * math.sqrt(0.3 * 0.7 / 2000)


def test_the_fourth_place_survives_moved_corners():
    """Every vertex moved by sd .1 at R = 1.2: the three memories stay and a new place appears, in 300 of 300."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        rest = CompactMemory(TRIANGLE + 0.1 * rng.standard_normal((3, 2)), 1.2).resting_places()
        alone = rest.members.sum(axis=1) == 1
        assert alone.sum() == 3
        assert (~alone).sum() >= 1


def test_edges_and_repeats():
    """Neighbours exactly at R: E falls on both sides of the middle, which only rests. Twins count twice."""
    row = CompactMemory([[-1.0], [0.0], [1.0]], 1.0)
    rest = row.resting_places()
    middle = int(np.flatnonzero(rest.points[:, 0] == 0)[0])
    assert not rest.strict[middle]
    assert row.retrieve([0.0]).state[0] == 0
    assert row.energy([1e-3]) < row.energy([0.0]) > row.energy([-1e-3])
    twins = CompactMemory([[0.0, 1.0], [0.0, 1.0], [4.0, 0.0]], 1.0).resting_places()
    np.testing.assert_array_equal(twins.members, [[True, True, False], [False, False, True]])
    np.testing.assert_allclose(twins.energies, [-math.log(2), 0], atol=1e-15)
    rng = np.random.default_rng(8)
    memory = CompactMemory(rng.standard_normal((12, 2)), 1.0)
    ends = memory.settle(rng.uniform(-2, 2, (400, 2))).states
    ends = ends[np.isfinite(memory.energy(ends))]
    gaps = np.linalg.norm(ends[:, None] - memory.resting_places().points[None], axis=2)
    assert gaps.min(axis=1).max() < 1e-12  # no run ends outside the list


def test_patterns_are_copied_and_read_only():
    patterns = TRIANGLE.copy()
    memory = CompactMemory(patterns, 1.0)
    patterns[:] = 0
    np.testing.assert_array_equal(memory.patterns, TRIANGLE)
    with pytest.raises(ValueError, match="read-only"):
        memory.patterns[0, 0] = 1
    start = TRIANGLE[0] + 0.1
    kept = start.copy()
    memory.retrieve(start)
    memory.settle(start[None])
    np.testing.assert_array_equal(start, kept)


GOOD = CompactMemory(TRIANGLE, 1.2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: CompactMemory([1.0], 1), r"patterns: shape \(1,\)"),
        (lambda: CompactMemory([[np.inf]], 1), r"patterns\[0, 0\] is inf"),
        (lambda: CompactMemory(TRIANGLE, 0), r"reach is 0; expected a finite number in \[1e-100, 1e\+100\]"),
        (lambda: CompactMemory([[1e20]], 1), "patterns reach 1e\\+20 with reach 1"),
        (lambda: CompactMemory([[1.0]], 1e-20), "with reach 1e-20"),
        (lambda: GOOD.energy([1.0]), r"state: shape \(1,\)"),
        (lambda: GOOD.energy([1.0, 1e40]), "state reaches 1e\\+40; expected numbers up to 1e\\+30"),
        (lambda: GOOD.step([1j, 0]), "state: dtype complex"),
        (lambda: GOOD.within_reach([np.nan, 0]), r"state\[0\] is nan"),
        (lambda: GOOD.retrieve(TRIANGLE), r"state: shape \(3, 2\)"),
        (lambda: GOOD.retrieve(TRIANGLE[0], order="async"), 'order is "async"; expected "sync"'),
        (lambda: GOOD.retrieve(TRIANGLE[0], max_sweeps=0), "max_sweeps is 0"),
        (lambda: GOOD.retrieve(TRIANGLE[0], record="flips"), "record is 'flips'"),
        (lambda: GOOD.settle(TRIANGLE[0]), r"states: shape \(2,\)"),
        (lambda: CompactMemory(np.eye(13), 1).resting_places(), "13 patterns have .* expected at most 12"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_energy_falls_by_the_squared_step_at_least(seed):
    """E(x) - E(x') >= -log(1 - u) >= u = |x' - x|²/R²; slack: rounding of Φ, relative to the smaller one."""
    memory, x = random_case(np.random.default_rng(seed))
    if memory.within_reach(x).any():
        after = memory.step(x)
        u = np.sum((after - x) ** 2) / memory.reach**2
        slack = 1e-13 * memory.count / min(math.exp(-memory.energy(x)), 1)
        assert memory.energy(x) - memory.energy(after) >= -math.log1p(-u) - slack
    one = CompactMemory([[0.0, 0.0]], 2.0)  # the bound is reached
    assert one.energy([1.0, 0.5]) - one.energy([0.0, 0.0]) == pytest.approx(-math.log1p(-1.25 / 4), rel=1e-12)


def test_near_the_edge_is_not_at_the_edge():
    """A neighbour at a distance of 1 ± 5e-4 reaches: inside or outside, each place is still a strict minimum."""
    assert CompactMemory([[0.0], [1.0]], 1.0005).resting_places().strict.all()
    outside = CompactMemory([[0.0], [1.0]], 0.9995).resting_places()
    assert outside.strict.all()
    assert len(outside.points) == 3
    assert not CompactMemory([[0.0], [1.0]], 1.0).resting_places().strict.all()


def test_close_places_are_counted_apart():
    """Places .04 apart in a cube of edge 1; all three are found, and no drop between them is lost."""
    shares = basin_shares(CompactMemory([[0.0], [0.08]], 0.07), 400, low=-0.5, high=0.5, seed=2)
    np.testing.assert_allclose(np.sort(shares.places[:, 0]), [0, 0.04, 0.08], atol=1e-15)
    np.testing.assert_array_equal([s.value for s in shares.shares], shares.counts / 400)


@pytest.mark.parametrize("reach", [1e-200, 1e155, 0, True])
def test_a_reach_whose_square_is_lost_is_refused(reach):
    with pytest.raises(ValueError, match="reach is"):
        CompactMemory([[0.0]], reach)


@pytest.mark.parametrize("reach", [1e-100, 1e-20, 1e20, 1e100])
def test_any_other_reach_works(reach):
    memory = CompactMemory([[0.0], [0.0]], reach)
    assert memory.energy([0.0]) == -math.log(2)
    assert memory.energy([1e30]) == (math.inf if reach < 1e30 else -math.log(2))
