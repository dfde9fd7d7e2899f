"""Halting row by row: the tolerance, the mask, the independence of rows; and what thinking costs and buys."""

import doctest
from itertools import pairwise

import numpy as np
import pytest

from damtutor.experiments import adaptive as measured
from damtutor.models import halting
from damtutor.models.halting import RULES, halt, step_bound
from damtutor.models.modern import ModernHopfield

RECORDS = (halting.Halted, measured.Queries, measured.Row, measured.Alarm)


@pytest.mark.parametrize("module", [halting, measured], ids=lambda m: m.__name__)
def test_examples_in_docstrings(module):
    found = doctest.testmod(module)
    assert found.failed == 0
    tests = {test.name: test.examples for test in doctest.DocTestFinder().find(module)}
    public = [name for name in tests if not any(part.startswith("_") for part in name.split(".")[2:])]
    bare = {name.rpartition(".")[2] for name in public if not tests[name]}
    assert bare <= {"halting", "adaptive", *(r.__name__ for r in RECORDS), *(f for r in RECORDS for f in r._fields)}


class Counting:
    """A memory that writes down which rows it was asked to update."""

    def __init__(self, memory):
        self.memory, self.size, self.asked = memory, memory.size, []

    def step(self, states, *, rate):
        self.asked.append(states.copy())
        return self.memory.step(states, rate=rate)

    def energy(self, states):
        return self.memory.energy(states)


def slow_halt(memory, x, rule, tolerance, max_steps, rate):
    """One row, as the rule is written: state, steps, stopped."""
    for step in range(1, max_steps + 1):
        new = memory.step(x, rate=rate)
        drop, move = memory.energy(x) - memory.energy(new), np.linalg.norm(new - x)
        x = new
        if (rule == "energy" and drop < tolerance) or (rule == "step" and move < tolerance):
            return x, step, True
    return x, step, rule == "fixed"


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("rate", [1.0, 1.5])
def test_each_row_is_its_own_loop(rule, rate):
    """Batches of one are the definition; products of another height differ by rounding, 1e-13 with room."""
    asked = measured.queries(20.0, number=30)
    tolerance, most = {"energy": 1e-6, "step": 3e-3}.get(rule, 1.0), 10
    found = halt(asked.memory, asked.states, rule=rule, tolerance=tolerance, max_steps=most, rate=rate)
    for k, x in enumerate(asked.states):
        state, steps, stopped = slow_halt(asked.memory, x, rule, tolerance, most, rate)
        np.testing.assert_allclose(found.states[k], state, atol=1e-13)
        assert (found.steps[k], found.stopped[k]) == (steps, stopped)
    assert rule == "fixed" or (found.stopped.any() and not found.stopped.all())


@pytest.mark.parametrize("rule", ["energy", "step"])
def test_no_row_is_updated_after_it_has_stopped(rule):
    asked = measured.queries(20.0, number=60)
    counting = Counting(asked.memory)
    found = halt(counting, asked.states, rule=rule)
    sizes = [len(rows) for rows in counting.asked]
    assert sum(sizes) == found.work == found.steps.sum()
    assert sizes == [int(np.sum(found.steps > k)) for k in range(found.steps.max())]
    for rows in counting.asked[1:]:
        assert not any((rows == end).all(axis=1).any() for end in found.states[found.steps == 2])


def test_keeping_finished_rows_costs_work_and_changes_nothing():
    asked = measured.queries(20.0, number=60)
    quick, slow = (halt(asked.memory, asked.states, drop=drop) for drop in (True, False))
    np.testing.assert_allclose(quick.states, slow.states, atol=1e-13)
    np.testing.assert_array_equal(quick.steps, slow.steps)
    assert slow.work == 60 * slow.steps.max()
    assert slow.work > 3 * quick.work


def test_a_row_does_not_depend_on_its_batch():
    """A slow neighbour changes nothing: one stop for the whole batch would have moved the fast row on."""
    asked = measured.queries(20.0, number=90)
    everything = halt(asked.memory, asked.states)
    order = np.random.default_rng(1).permutation(90)
    mixed = halt(asked.memory, asked.states[order])
    np.testing.assert_array_equal(mixed.steps, everything.steps[order])
    np.testing.assert_allclose(mixed.states, everything.states[order], atol=1e-13)
    fast, slow = everything.steps.argmin(), everything.steps.argmax()
    pair = halt(asked.memory, asked.states[[fast, slow]])
    assert pair.steps.tolist() == everything.steps[[fast, slow]].tolist()
    whole = halt(asked.memory, asked.states[[fast]], rule="fixed", max_steps=int(everything.steps[slow]))
    assert np.linalg.norm(whole.states[0] - pair.states[0]) > 1e-6


def test_tight_halting_ends_where_the_loop_without_halting_ends():
    """Within 1e-4 (exercise 8a) for a drop of 1e-13: a last step below 4.5e-7, and 1/(1 - ρ) below 200 here."""
    asked = measured.queries(30.0, number=100)
    found = halt(asked.memory, asked.states, tolerance=1e-13, max_steps=20_000)
    np.testing.assert_allclose(found.states, asked.ends, atol=1e-4)
    assert asked.unsettled == 0
    assert found.stopped.all()


def test_steps_are_monotone_in_the_tolerance():
    asked = measured.queries(20.0, number=100)
    steps = [halt(asked.memory, asked.states, tolerance=t).steps for t in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)]
    for loose, tight in pairwise(steps):
        assert (loose <= tight).all()
    assert steps[-1].sum() > 2 * steps[0].sum()


@pytest.mark.parametrize("rate", [0.3, 1.0, 1.8])
def test_the_drop_bounds_the_step(rate):
    """E_t - E_{t+1} >= (1/a - 1/2)|dx|² at 200 random memories and states; slack: the rounding of the energies.

    The bound is met to within a tenth somewhere, so a larger constant would fail.
    """
    rng, tightest = np.random.default_rng(2), np.inf
    for _ in range(200):
        memory = ModernHopfield(rng.standard_normal((8, 5)), float(10 ** rng.uniform(-2, 1.5)))
        x = 2 * rng.standard_normal(5)
        new = memory.step(x, rate=rate)
        drop, square = memory.energy(x) - memory.energy(new), float(np.sum((new - x) ** 2))
        assert drop >= (1 / rate - 0.5) * square - 1e-13 * (1 + memory.energy(x))
        tightest = min(tightest, drop / ((1 / rate - 0.5) * square))
    assert tightest < 1.1
    asked = measured.queries(20.0, number=60)
    for tolerance in (1e-3, 1e-6):
        found = halt(asked.memory, asked.states, tolerance=tolerance, rate=rate)
        assert found.moves.max() < step_bound(tolerance, rate)
        assert found.drops.max() < tolerance
    assert step_bound(1e-6) == pytest.approx(np.sqrt(2e-6), rel=1e-14)


def test_a_small_drop_does_not_mean_a_near_fixed_point():
    """Keys ±1, β = 1.02, start .01: stopped after one step at .0102, while the fixed point is .2406, 200 steps away."""
    memory = ModernHopfield([[1.0], [-1.0]], 1.02)
    found = halt(memory, [[0.01]], tolerance=1e-6)
    assert found.steps[0] == 1
    assert round(float(found.states[0, 0]), 4) == 0.0102
    far = halt(memory, [[0.01]], rule="step", tolerance=1e-9, max_steps=5000)
    assert round(float(far.states[0, 0]), 4) == 0.2406
    assert far.steps[0] > 200


def test_auc_by_hand():
    assert measured.auc([3, 1, 2], [True, False, False]) == 1
    assert measured.auc([1, 1], [True, False]) == 0.5
    assert np.isnan(measured.auc([1, 2], [True, True]))


def test_frontier_at_a_glance():
    """300 queries, β = 20: stopping by energy is right more often than a fixed depth of more steps."""
    asked = measured.queries(20.0, number=300)
    fixed, energy = measured.fixed_rows(asked, (1, 20)), measured.halting_rows(asked, (1e-3, 1e-6))
    assert energy[1].steps < 20
    assert energy[1].right.low > fixed[1].right.high
    assert [row.steps for row in fixed] == [1, 20]
    for row in energy:
        assert 0.5 * row.bound < row.longest_move < row.bound


MEMORY = measured.digit_memory(20.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: halt(MEMORY, np.zeros((2, 3))), "states"),
        (lambda: halt(MEMORY, np.zeros(64)), "states"),
        (lambda: halt(MEMORY, np.zeros((1, 64)), rule="argmax"), "rule is 'argmax'"),
        (lambda: halt(MEMORY, np.zeros((1, 64)), tolerance=0), "tolerance"),
        (lambda: halt(MEMORY, np.zeros((1, 64)), rate=2), "rate"),
        (lambda: halt(MEMORY, np.zeros((1, 64)), max_steps=0), "max_steps"),
        (lambda: halt(MEMORY, np.zeros((1, 64)), drop=1), "drop"),
        (lambda: step_bound(0), "tolerance"),
        (lambda: step_bound(1, 2), "rate"),
        (lambda: measured.queries(20.0, noise=(-1,)), "noise"),
        (lambda: measured.digit_memory(20.0, count=1), "count"),
        (lambda: measured.auc([1, 2], [0, 1]), "failed"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_states_are_not_changed():
    states = np.random.default_rng(0).standard_normal((3, 64))
    before = states.copy()
    halt(MEMORY, states)
    np.testing.assert_array_equal(states, before)


@pytest.mark.slow
def test_compute_and_accuracy():
    """1000 queries of each β. Source, one stored set: depth 1, 10, 40; steps and part right at a tolerance of 1e-6.

    Allowed: three standard errors of the difference of two samples of 1000, and of another 300 digits .03; 2 steps.
    """
    source = {
        20.0: ((0.326, 0.751, 0.943), 13.0, 0.990, 0.98, 0.89),
        30.0: ((0.635, 0.949, 0.995), 5.1, 0.999, 0.95, 0.91),
        50.0: ((0.823, 1.0, 1.0), 2.6, 1.0, 0.91, 0.92),
    }
    for beta, (depths, steps, right, by_steps, by_margin) in source.items():
        asked = measured.queries(beta)
        for row, expected in zip(measured.fixed_rows(asked, (1, 10, 40)), depths, strict=True):
            allowed = 3 * np.sqrt(2 * expected * (1 - expected) / 1000) + 0.03
            assert abs(row.right.value - expected) < allowed, (beta, row)
        row = measured.halting_rows(asked, (1e-6,))[0]
        assert row.steps == pytest.approx(steps, abs=2)
        assert row.right.value == pytest.approx(right, abs=0.01)
        found = measured.alarm(asked)
        assert found.steps_auc == pytest.approx(by_steps, abs=0.05)
        assert found.margin_auc == pytest.approx(by_margin, abs=0.05)
