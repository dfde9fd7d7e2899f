"""Two groups of neurons: predictions, measurements, and the examples of their documentation."""

import doctest
import importlib

import numpy as np
import pytest

from damtutor import Power, RectifiedPower, TwoGroup
from damtutor.experiments import two_group as measured
from damtutor.models.lagrangians import Identity, LogSumExp, Powers, Sphere, Tanh
from damtutor.patterns import flip, random_patterns
from damtutor.theory import two_group as theory

MODULES = (
    "models.lagrangians",
    "models.lagrangians_single",
    "models.lagrangians_shared",
    "models.two_group",
    "models.two_body",
    "theory.two_group",
    "experiments.two_group",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_documentation_run(name):
    found = doctest.testmod(importlib.import_module(f"damtutor.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


# The adiabatic limit --------------------------------------------------------------------------------------------------


def models():
    rng = np.random.default_rng(0)
    patterns = random_patterns(12, 40, rng=rng)
    rows = rng.standard_normal((12, 40))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    near = rows[0] + 0.3 * rows[1]
    start = 0.5 * flip(patterns[0], 8, rng=rng)
    return {
        "A": (TwoGroup.model_a(patterns), start),
        "B": (TwoGroup.model_b(rows, 8.0), near),
        "C": (TwoGroup.model_c(rows), near),
    }


@pytest.mark.parametrize("kind", ["A", "B", "C"])
def test_the_error_of_the_adiabatic_limit_is_of_first_order(kind):
    """Halving τ_h halves the error: 2.0 ± 0.15 for every pair, 2.0 ± 0.03 for the last (second order is τ_h small)."""
    model, v = models()[kind]
    found = measured.adiabatic_error(model, v, [0.2, 0.1, 0.05, 0.025, 0.0125])
    assert (np.abs(found.ratios - 2) < 0.15).all()
    assert abs(found.ratios[-1] - 2) < 0.03
    np.testing.assert_array_equal(found.tau_h, [0.2, 0.1, 0.05, 0.025, 0.0125])
    assert 1e-8 < found.errors[-1] < found.errors[0] < 1


def test_the_adiabatic_error_keeps_the_model_and_its_time_constant():
    """τ_f = 2 and twice the time are the same run as τ_f = 1: errors agree to the accuracy of the runs."""
    model, v = models()["A"]
    slow = TwoGroup(model.synapses, model.feature, model.memory, 2.0, 9.0, np.zeros(40))
    a = measured.adiabatic_error(model, v, [0.1])
    b = measured.adiabatic_error(slow, v, [0.2], time=4.0)
    assert a.errors[0] == pytest.approx(b.errors[0], rel=1e-6)
    pushed = TwoGroup(model.synapses, model.feature, model.memory, external=np.full(40, 0.3))
    found = measured.adiabatic_error(pushed, v, [0.05, 0.025])
    assert found.errors[0] != pytest.approx(a.errors[0], rel=1e-3)
    assert abs(found.ratios[0] - 2) < 0.15


# Over-filling ---------------------------------------------------------------------------------------------------------


def test_more_memory_neurons_and_fewer_memories():
    """N = 32, n = 3. Means of many sets are 57.3, 44.6, 4.3, 0.5, 0.1 with sd 4.0, 9.1, 2.1, 0.8, 0.3 a set.

    Ten sets here: the bounds are more than four standard errors away.
    """
    rows = measured.over_filling(32, [16, 64, 128, 256], sets=10)
    assert [row.stored for row in rows] == [16, 64, 128, 256]
    full, most, over, far = (row.recalled.value for row in rows)
    assert full == 16
    assert 52 < most < 62
    assert 32 < over < 57
    assert 1 < far < 8
    assert rows[1].recalled.sets == 10
    few = measured.over_filling(32, [16, 64, 256], neurons=64, sets=10)
    assert few[:2] == rows[:2]
    assert few[2] == few[1]  # what finds no neuron is not stored, and has no say


def test_over_filling_of_the_classical_network():
    """N = 64, n = 2: 14.0 of 16 (sd 2.1 a set), 0.15 of 64."""
    rows = measured.over_filling(64, [16, 64], RectifiedPower(2), sets=10)
    assert 11 < rows[0].recalled.value < 16
    assert rows[1].recalled.value < 1.5
    assert measured.over_filling(64, [1], RectifiedPower(2), overlap=1.0)[0].recalled.value == 0  # has to exceed it


def test_over_filling_by_hand():
    """One set against a loop over patterns and energies: N = 16, K = 12, n = 3, 2 flips, 8 simultaneous updates."""
    rows = measured.over_filling(16, [12], Power(3), damage=0.1, sets=2, seed=5)
    counts = []
    for k in range(2):
        rng = np.random.default_rng([5, 16, 12, k])
        x = random_patterns(12, 16, rng=rng).astype(int)
        starts = np.array([flip(row, 2, rng=rng) for row in x]).astype(int)
        good = 0
        for target, s in zip(x, starts, strict=True):
            for _ in range(8):
                gain = [sum((x @ np.where(np.arange(16) == i, sign, s)) ** 3) for i in range(16) for sign in (-1, 1)]
                gap = np.diff(np.reshape(gain, (16, 2)))[:, 0]
                s = np.where(gap == 0, s, np.sign(gap))
            good += np.mean(s * target) > 0.95
        counts.append(good)
    assert rows[0].recalled.value == np.mean(counts)


# The race -------------------------------------------------------------------------------------------------------------


def test_the_predicted_edge():
    """Reference: theory of the chapter, 6.91, 5.20, 3.49, 1.78 (two decimals); n = 4: 1.53; n = 2: none up to 60."""
    for damage, edge in ((0.0, 6.91), (0.1, 5.20), (0.2, 3.49), (0.3, 1.78)):
        assert theory.edge(damage) == pytest.approx(edge, abs=0.006)
    assert theory.edge(0.1, 4) == pytest.approx(1.53, abs=0.006)
    assert theory.edge(0.1, 2) == np.inf
    assert theory.edge(0.1, beta=0.5) == 0  # no memory rests there at all
    assert theory.edge(0.45) == 0  # too damaged, however fast


def test_the_edge_divides_the_races():
    for damage, order in ((0.1, 3), (0.25, 3), (0.1, 4)):
        edge = theory.edge(damage, order)
        won = theory.race(0.99 * edge, damage, order, time=200.0)
        lost = theory.race(1.01 * edge, damage, order, time=200.0)
        assert won.rows[0].tolist() == [1, -1, 0]
        assert won.rows[-1].min() > 0.9
        assert np.abs(lost.rows[-1]).max() < 1e-3


def test_the_race_is_the_network_with_one_pattern():
    """N = 60 with 6 wrong bits: v of right and wrong neurons, and h/N, to the accuracy of the step (1e-5)."""
    pattern = random_patterns(1, 60, rng=0)
    start = pattern[0].copy()
    start[:6] *= -1
    model = TwoGroup.model_a(pattern, 3, tau_h=4.0)
    run = model.run(model.asleep(start), 20.0)
    found = theory.race(4.0, 0.1)
    np.testing.assert_array_equal(found.times, run.times)
    aligned = run.v * pattern[0]
    np.testing.assert_allclose(aligned[:, 6:], np.tile(found.rows[:, :1], 54), atol=1e-5)
    np.testing.assert_allclose(aligned[:, :6], np.tile(found.rows[:, 1:2], 6), atol=1e-5)
    np.testing.assert_allclose(run.h[:, 0] / 60, found.rows[:, 2], atol=1e-5)


def test_one_pattern_has_the_predicted_edge():
    """Nothing random is left: all trials alike, to the precision of the bisection (0.5 %)."""
    for order in (3, 4):
        found = measured.recall_edge(0.1, count=1, order=order, trials=3, size=42)
        assert found.damage == 4 / 42
        np.testing.assert_allclose(found.edges, theory.edge(4 / 42, order), rtol=0.006)


def test_another_memory_is_not_recalled():
    """Starts at the second pattern end there: about half of the first one's bits are right, which does not count."""
    races = measured._races(0.0, 64, 4, 3, 4.0, 10, 0)
    assert races.recalled(np.full(10, 2.0)).all()
    assert not races._replace(starts=races.patterns[:, 1]).recalled(np.full(10, 2.0)).any()


def test_twenty_races():
    """The chapter's numbers: at τ_h/τ_f = 5 all of 20 come back, at 6 none."""
    assert measured.recalled_share(5.0, 0.1).value == 1
    assert measured.recalled_share(6.0, 0.1).value == 0
    share = measured.recalled_share(5.4, 0.1, trials=10, seed=2)
    assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.mark.slow
def test_the_measured_edge_lies_on_the_line():
    """N = 64, K = 8: 20 edges scatter by 0.06 about a mean 1 to 2 % above the three equations (seven more patterns)."""
    for damage in (0.0, 0.1, 0.2, 0.3):
        found = measured.recall_edge(damage)
        expected = theory.edge(found.damage)
        assert found.mean.error < 0.03
        assert expected * 0.99 < found.mean.value < expected * 1.035
        assert np.abs(found.edges - found.mean.value).max() < 0.3


def test_an_edge_beyond_the_search_is_its_end():
    """n = 2 is recalled at all ratios here; with 45 % damage at none."""
    assert measured.recall_edge(0.0, order=2, trials=2, count=1, size=32).edges.tolist() == [16, 16]
    assert measured.recall_edge(0.45, trials=2, count=1, size=40).edges.tolist() == [0.25, 0.25]


def test_where_the_energy_rises():
    """Unrectified cubes: 17 % of these states (400: one standard error is 1.9 %); convex groups: none at all."""
    found = measured.rising_share(states=400)
    assert 0.08 < found.value < 0.27
    for memory in (Powers(3, 64 / 3, 64), Powers(4, 16, 64, rectified=False), LogSumExp(1.0)):
        for feature in (Tanh(4.0), Identity(), Sphere()):
            assert measured.rising_share(memory, feature, states=60).value == 0


REFUSED = {
    "no model": (lambda: measured.adiabatic_error(3, [1.0], [0.1]), "TwoGroup"),
    "tau_h": (lambda: measured.adiabatic_error(TwoGroup.model_b([[1.0]]), [1.0], [-0.1]), "tau_h"),
    "counts": (lambda: measured.over_filling(8, [0]), "counts"),
    "sets": (lambda: measured.over_filling(8, [2], sets=1), "sets"),
    "neurons": (lambda: measured.over_filling(8, [2], neurons=0), "neurons"),
    "fill damage": (lambda: measured.over_filling(8, [2], damage=1.5), "damage"),
    "overlap": (lambda: measured.over_filling(8, [2], overlap=2), "overlap"),
    "damage": (lambda: measured.recall_edge(-0.1), "damage"),
    "trials": (lambda: measured.recall_edge(0.1, trials=1), "trials"),
    "precision": (lambda: measured.recall_edge(0.1, precision=0), "precision"),
    "ratio": (lambda: measured.recalled_share(0, 0.1), "ratio"),
    "states": (lambda: measured.rising_share(states=0), "states"),
    "half": (lambda: theory.edge(0.5), "nothing is left"),
    "theory's order": (lambda: theory.edge(0.1, 1), "order"),
    "theory's beta": (lambda: theory.edge(0.1, beta=0), "beta"),
    "theory's ratio": (lambda: theory.race(0, 0.1), "ratio"),
    "theory's time": (lambda: theory.race(1, 0.1, time=-1), "time"),
    "theory's points": (lambda: theory.race(1, 0.1, points=0), "points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()
