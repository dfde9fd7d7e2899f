"""Two-body synapses against the many-body energy rule, decision for decision, in whole numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import DenseAM, Exponential, Power, RectifiedPower, TwoBody
from damtutor.memory import Memory
from damtutor.patterns import flip, random_patterns

pytestmark = pytest.mark.twin


FUNCTIONS = [kind(order) for kind in (Power, RectifiedPower) for order in (2, 3, 4, 6)]


def whole_energy(patterns, state, interaction):
    """E = -Σ F(X s) in whole numbers of Python."""
    return -sum(interaction.exact_value(int(m)) for m in patterns.astype(int) @ state.astype(int))


@pytest.mark.parametrize("interaction", FUNCTIONS, ids=str)
def test_every_update_is_that_of_the_energy(interaction):
    """Brute force: both energies of each spin in turn, from scratch; 20 x 40 updates, no mismatch, a tie keeps."""
    for seed in range(20):
        rng = np.random.default_rng([seed, 1])
        patterns = random_patterns(14, 40, rng=rng)
        start = flip(patterns[0], 12, rng=rng)
        trace = TwoBody(patterns, interaction).retrieve(start, max_sweeps=1, rng=seed, record="flips")
        state, flips = start.copy(), []
        for i in np.random.default_rng(seed).permutation(40):
            other = state.copy()
            other[i] *= -1
            if whole_energy(patterns, other, interaction) < whole_energy(patterns, state, interaction):
                state = other
                flips.append(i)
        assert trace.flips.tolist() == flips
        np.testing.assert_array_equal(trace.state, state)


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 20),
    size=st.integers(1, 40),
    interaction=st.sampled_from([*FUNCTIONS, Power(15), RectifiedPower(40)]),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whole_runs_are_those_of_the_dense_memory(seed, count, size, interaction):
    """Also beyond 2^63 (order 15 and 40), where sums are Python's own; small cases are full of ties."""
    rng = np.random.default_rng(seed)
    patterns, start = random_patterns(count, size, rng=rng), random_patterns(1, size, rng=rng)[0]
    ours = TwoBody(patterns, interaction).retrieve(start, rng=seed, record="flips")
    known = DenseAM(patterns, interaction).retrieve(start, rng=seed, record="flips")
    np.testing.assert_array_equal(ours.state, known.state)
    np.testing.assert_array_equal(ours.flips, known.flips)
    assert (ours.sweeps, ours.converged, ours.period) == (known.sweeps, known.converged, known.period)
    np.testing.assert_array_equal(ours.overlaps, known.overlaps)
    assert ours.energies[-1] == known.energies[-1]


def test_feedback_is_the_difference_of_two_energies():
    for interaction in (Power(2), RectifiedPower(3), Power(30)):
        patterns = random_patterns(9, 12, rng=0)
        state = random_patterns(1, 12, rng=1)[0]
        network = TwoBody(patterns, interaction)
        feedback = network.feedback(state)
        for i in range(12):
            up, down = state.copy(), state.copy()
            up[i], down[i] = 1, -1
            gap = whole_energy(patterns, down, interaction) - whole_energy(patterns, up, interaction)
            assert int(feedback[i]) == gap


def test_a_sum_beyond_64_bits_is_whole_all_the_same():
    """Each f is below 2^63 (38^12 - 36^12 = 4.4e18), the sum of twenty of them is not."""
    patterns = np.ones((20, 38), dtype=np.int8)
    network = TwoBody(patterns, Power(12))
    assert max(abs(int(f)) for f in network.activity) < 2**63
    assert int(network.feedback(patterns[0])[0]) == 20 * (38**12 - 36**12)


def test_the_slope_with_the_self_term_is_another_rule():
    """n = 2, random states, K = 12 over N = 100: 10 to 20 % of the decisions differ; without the self term none.

    A field has sd √(K N) = 35, the self term is K = 12 in favour of the spin as it is: P(|z| < 12/35)/2 = 0.13. With
    4000 decisions one standard error is 0.6 %.
    """
    wrong = cavity = 0
    for seed in range(40):
        patterns = random_patterns(12, 100, rng=[seed, 1])
        state = random_patterns(1, 100, rng=[seed, 2])[0]
        feedback = np.sign(TwoBody(patterns, Power(2)).feedback(state))
        slope = np.sign(DenseAM(patterns, Power(2), "gradient").fields(state))
        without = np.sign(DenseAM(patterns, Power(2), "cavity").fields(state))
        wrong += np.count_nonzero((slope != feedback) & (feedback != 0))
        cavity += np.count_nonzero(without != feedback)
    assert 0.10 < wrong / 4000 < 0.20
    assert cavity == 0


@pytest.mark.parametrize("interaction", FUNCTIONS, ids=str)
def test_two_products_decide_a_whole_batch(interaction):
    """D = (A + B) X/2 + s Σ(A - B)/2, A = F(H) - F(H-2), B = F(H+2) - F(H): DenseAM's simultaneous step, which does it.

    Powers of whole numbers below 2^53 are exact in float64 here: (24+2)**6 * 30 = 1e10.
    """
    patterns = random_patterns(30, 24, rng=3)
    states = random_patterns(50, 24, rng=4)
    x, s = patterns.astype(float), states.astype(float)
    h = s @ x.T
    a, b = interaction(h) - interaction(h - 2), interaction(h + 2) - interaction(h)
    d = ((a + b) @ x + s * (a - b).sum(axis=1, keepdims=True)) / 2
    expected = np.where(d == 0, states, np.sign(d))
    np.testing.assert_array_equal(DenseAM(patterns, interaction).step(states, order="sync"), expected)
    alone = np.array([np.sign(TwoBody(patterns, interaction).feedback(state).astype(float)) for state in states[:5]])
    np.testing.assert_array_equal(np.sign(d[:5]), alone)


def test_it_is_a_memory_and_changes_nothing():
    patterns = random_patterns(3, 20, rng=0)
    network, start = TwoBody(patterns), flip(patterns[1], 4, rng=1)
    before = start.copy()
    assert isinstance(network, Memory)
    np.testing.assert_array_equal(network.step(start, rng=5), DenseAM(patterns).step(start, rng=5))
    assert network.energy(start) == DenseAM(patterns).energy(start)
    np.testing.assert_array_equal(start, before)
    assert network.retrieve(start, rng=1).flips is None
    one = network.retrieve(start, rng=1, max_sweeps=1)
    assert (one.sweeps, one.converged, one.period) == (1, False, None)
    with pytest.raises(ValueError, match="read-only"):
        network.activity[0] = 1
    assert TwoBody(patterns, Power(30)).activity.dtype == object
    assert network.activity.dtype == np.int64


REFUSED = {
    "patterns": (lambda: TwoBody([[1, 0]]), "patterns"),
    "exponential": (lambda: TwoBody([[1, 1]], Exponential()), "whole numbers"),
    "no interaction": (lambda: TwoBody([[1, 1]], 3), "Power\\(n\\)"),
    "state": (lambda: TwoBody([[1, 1]]).energy([1, 1, 1]), "length 3"),
    "sync": (lambda: TwoBody([[1, 1]]).retrieve([1, 1], order="sync"), "DenseAM"),
    "record": (lambda: TwoBody([[1, 1]]).retrieve([1, 1], record="states"), "record"),
    "max_sweeps": (lambda: TwoBody([[1, 1]]).retrieve([1, 1], max_sweeps=0), "max_sweeps"),
    "rng": (lambda: TwoBody([[1, 1]]).retrieve([1, 1], rng="x"), "rng"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()
