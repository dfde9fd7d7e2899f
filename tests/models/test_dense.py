"""The exact rule against brute force in whole numbers, ties, the energy's descent, and the three rules."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import DenseAM, Exponential, Hopfield, Power, RectifiedPower
from damtutor.patterns import random_patterns
from damtutor.rng import Rng32

pytestmark = pytest.mark.twin


POWERS = [kind(n) for kind in (Power, RectifiedPower) for n in (2, 3, 4, 5, 6, 7)]
ALL = [*POWERS, Power(40), Exponential()]


class Given:
    """An rng that orders every sweep as told."""

    def __init__(self, order):
        self.order = np.asarray(order)

    def permutation(self, n):
        assert len(self.order) == n
        return self.order


def whole_energy(patterns, state, interaction):
    """-Σ F(M) in Python integers."""
    return -sum(interaction.exact_value(int(m)) for m in patterns.astype(int) @ state.astype(int))


def wanted_spin(patterns, state, i, interaction):
    """What the spin should be: the lower of the two energies, the old spin in a tie."""
    up, down = state.copy(), state.copy()
    up[i], down[i] = 1, -1
    gap = whole_energy(patterns, down, interaction) - whole_energy(patterns, up, interaction)
    return (gap > 0) - (gap < 0) or int(state[i])


def brute_sweep(patterns, state, order, interaction):
    state = state.copy()
    for i in order:
        state[i] = wanted_spin(patterns, state, i, interaction)
    return state


def awkward_set(rng, size):
    """Small pattern sets rich in exact ties: repeated, opposite and nearly equal rows."""
    patterns = random_patterns(int(rng.integers(1, 7)), size, rng=rng)
    kind = rng.integers(4)
    if kind == 1:
        patterns = np.vstack([patterns, -patterns])
    elif kind == 2:
        patterns = np.vstack([patterns, patterns[:1]])
    elif kind == 3:
        near = patterns[:1].copy()
        near[0, rng.integers(size)] *= -1
        patterns = np.vstack([patterns, near])
    return patterns


@pytest.mark.parametrize("interaction", POWERS, ids=str)
def test_exact_rule_is_brute_force_in_whole_numbers(interaction):
    rng = np.random.default_rng([1, interaction.order])
    ties = 0
    for _ in range(500):
        patterns = awkward_set(rng, 12)
        state = random_patterns(1, 12, rng=rng)[0]
        order = rng.permutation(12)
        got = DenseAM(patterns, interaction).step(state, rng=Given(order))
        np.testing.assert_array_equal(got, brute_sweep(patterns, state, order, interaction))
        ties += bool(np.any(DenseAM(patterns, interaction).fields(state) == 0))
    assert ties > 20  # the cases do contain what they are for


def test_exponential_keeps_exact_ties():
    """A pair of opposite patterns and a state orthogonal to both: every field with equal levels is exactly zero."""
    rng = np.random.default_rng(7)
    ties = 0
    for _ in range(300):
        patterns = awkward_set(rng, 12)
        state = random_patterns(1, 12, rng=rng)[0]
        fields = DenseAM(patterns, Exponential()).fields(state)
        for i in range(12):
            cavity = patterns.astype(int) @ state - patterns[:, i].astype(int) * state[i]
            counts = {}
            for level, sign in zip(cavity, patterns[:, i], strict=True):
                counts[level] = counts.get(level, 0) + int(sign)
            tie = not any(counts.values())  # e is transcendental: only an empty sum is zero
            assert tie == (fields[i] == 0)
            ties += tie
    assert ties > 50


def test_large_order_int8_and_many_patterns():
    """N = 2048, K = 80000, n = 40: decisions of a few spins against whole numbers; int8 input, no overflow."""
    patterns = random_patterns(80_000, 2048, rng=3)
    memory = DenseAM(patterns, Power(40))
    near, far = patterns[17].copy(), random_patterns(1, 2048, rng=4)[0]
    near[:300] *= -1
    for state in (near, far):
        overlap = memory.overlaps(state)
        fields = memory.fields(state)
        for i in (0, 299, 300, 2047):
            column = patterns[:, i].astype(np.int64)
            levels, index = np.unique(overlap - state[i] * column, return_inverse=True)
            signed = np.bincount(index, weights=column).astype(int)
            gap = sum(int(a) * (int(s + 1) ** 40 - int(s - 1) ** 40) for s, a in zip(levels, signed, strict=True))
            assert np.sign(fields[i]) == (gap > 0) - (gap < 0)
    step = memory.step(near, rng=0)
    np.testing.assert_array_equal(step, patterns[17])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ALL), st.integers(0, 2**32 - 1))
def test_energy_never_rises_spin_by_spin(interaction, seed):
    rng = np.random.default_rng(seed)
    patterns = awkward_set(rng, int(rng.integers(1, 14)))
    size = patterns.shape[1]
    state = random_patterns(1, size, rng=rng)[0]
    trace = DenseAM(patterns, interaction).retrieve(state, rng=rng, record="flips")
    assert trace.converged
    if isinstance(interaction, Exponential):
        assert np.all(np.diff(trace.energies) <= 1e-12 * np.abs(trace.energies[:-1]) + 1e-12)
        return
    energies = [whole_energy(patterns, state, interaction)]
    for i in trace.flips:
        state[i] *= -1
        energies.append(whole_energy(patterns, state, interaction))
    assert all(b < a for a, b in itertools.pairwise(energies))  # a flip is never a tie
    np.testing.assert_array_equal(state, trace.state)


@pytest.mark.parametrize("interaction", ALL, ids=str)
def test_gauge_symmetry(interaction):
    """Turning one column of all patterns and of the state over changes nothing but that column of the result."""
    rng = np.random.default_rng(8)
    patterns, state, gauge = (
        random_patterns(9, 25, rng=rng),
        random_patterns(1, 25, rng=rng)[0],
        rng.choice([-1, 1], 25),
    )
    one = DenseAM(patterns, interaction).retrieve(state, rng=1)
    two = DenseAM(patterns * gauge, interaction).retrieve(state * gauge, rng=1)
    np.testing.assert_array_equal(one.state, two.state * gauge)
    np.testing.assert_array_equal(one.energies, two.energies)


@pytest.mark.parametrize("interaction", ALL, ids=str)
@pytest.mark.parametrize("update_rule", ["exact", "cavity", "gradient"])
def test_each_rule_is_what_its_name_says(interaction, update_rule):
    rng = np.random.default_rng(9)
    patterns, state = random_patterns(11, 15, rng=rng), random_patterns(1, 15, rng=rng)[0]
    fields = DenseAM(patterns, interaction, update_rule).fields(state)
    overlap = patterns.astype(int) @ state
    for i in range(15):
        column = patterns[:, i].astype(int)
        cavity = overlap - column * state[i]
        if isinstance(interaction, Exponential):
            at = {
                "exact": np.sinh(1) * 2 * np.exp(cavity),
                "cavity": 2 * np.exp(cavity),
                "gradient": 2 * np.exp(overlap),
            }
            expected = np.sum(column * at[update_rule] / np.exp(overlap.max()))
        else:
            value, slope = interaction.exact_value, interaction.exact_slope
            expected = sum(
                int(x)
                * (
                    value(int(s) + 1) - value(int(s) - 1)
                    if update_rule == "exact"
                    else 2 * slope(int(s if update_rule == "cavity" else m))
                )
                for x, s, m in zip(column, cavity, overlap, strict=True)
            )
            expected = expected * 15.0 / 15.0**interaction.order
        assert fields[i] == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(fields).max())


@pytest.mark.parametrize("interaction", ALL, ids=str)
def test_fields_are_energy_differences(interaction):
    rng = np.random.default_rng(10)
    patterns, states = random_patterns(8, 14, rng=rng), random_patterns(3, 14, rng=rng)
    memory = DenseAM(patterns, interaction)
    fields = memory.fields(states)
    for state, field in zip(states, fields, strict=True):
        up, down = np.repeat(state[None], 14, axis=0), np.repeat(state[None], 14, axis=0)
        np.fill_diagonal(up, 1)
        np.fill_diagonal(down, -1)
        gaps = np.array([memory.energy(d) - memory.energy(u) for u, d in zip(up, down, strict=True)])
        if isinstance(interaction, Exponential):  # the energy is a logarithm there: only the signs must agree
            np.testing.assert_array_equal(np.sign(np.round(gaps, 12)), np.sign(field))
        else:
            np.testing.assert_allclose(field, gaps, rtol=1e-9, atol=1e-9 * np.abs(gaps).max())


def test_order_two_is_the_classical_network():
    patterns = random_patterns(6, 40, rng=11)
    dense, classical = DenseAM(patterns, Power(2)), Hopfield(patterns)
    for seed in range(20):
        state = random_patterns(1, 40, rng=[12, seed])[0]
        np.testing.assert_allclose(
            dense.fields(state), 4 * classical.weights @ state, rtol=1e-12, atol=1e-12
        )  # unit of the energy: 4N fields divided by N
        assert classical.energy(state) == pytest.approx((dense.energy(state) + 6) / 2, rel=1e-12)  # K = 6
        a, b = dense.retrieve(state, rng=seed), classical.retrieve(state, rng=seed)
        np.testing.assert_array_equal(a.state, b.state)
        assert a.sweeps == b.sweeps
        a, b = dense.retrieve(state, order="sync"), classical.retrieve(state, order="sync")
        np.testing.assert_array_equal(a.state, b.state)
        assert a.converged == b.converged


def test_energies_translate_to_the_papers_scales():
    """The glossary's table: -Σ Mⁿ is N**(n-1) times ours, -Σ exp(M) is -exp(-ours)."""
    patterns, state = random_patterns(7, 20, rng=19), random_patterns(1, 20, rng=20)[0]
    overlap = patterns.astype(int) @ state
    for n in (2, 3, 5):
        ours = DenseAM(patterns, Power(n)).energy(state)
        assert -np.sum(overlap**n) == pytest.approx(20 ** (n - 1) * ours, rel=1e-12)
    ours = DenseAM(patterns, Exponential()).energy(state)
    assert -np.sum(np.exp(overlap)) == pytest.approx(-np.exp(-ours), rel=1e-12)


def test_synchronous_rules_differ_as_proved():
    """Convex F with the gradient rule: synchronous updates never raise E and never cycle; the exact rule may."""
    rises = cycles = 0
    for seed in range(60):
        patterns = random_patterns(24, 64, rng=[13, seed])
        state = random_patterns(1, 64, rng=[14, seed])[0]
        for interaction in (Power(2), RectifiedPower(3), Power(4), Exponential()):
            assert interaction.convex
            trace = DenseAM(patterns, interaction, "gradient").retrieve(state, order="sync")
            assert trace.converged
            assert np.all(np.diff(trace.energies) <= 1e-12 * np.abs(trace.energies[:-1]))
        trace = DenseAM(patterns, Power(2)).retrieve(state, order="sync")
        rises += bool(np.any(np.diff(trace.energies) > 0))
        cycles += not trace.converged
    assert rises > 10  # measured elsewhere: about half of the starts rise, a fifth cycle
    assert cycles > 3


def test_exponential_of_a_large_network_does_not_overflow():
    """N = 3000: exp(N) overflows, M sinks and rises by more than a table spans; the end is a stored pattern."""
    patterns = random_patterns(5, 3000, rng=15)
    state = patterns[2].copy()
    state[:1400] *= -1
    trace = DenseAM(patterns, Exponential()).retrieve(state, rng=0)
    np.testing.assert_array_equal(trace.state, patterns[2])
    assert trace.energies[-1] == pytest.approx(-3000, rel=1e-12)


def test_records():
    patterns = random_patterns(5, 20, rng=16)
    trace = DenseAM(patterns, Power(3)).retrieve(random_patterns(1, 20, rng=17)[0], rng=0, record=("flips", "states"))
    assert len(trace.energies) == len(trace.flips) + 1
    assert len(trace.states) == trace.sweeps + 1
    np.testing.assert_array_equal(trace.states[-1], trace.state)
    np.testing.assert_array_equal(trace.overlaps, patterns.astype(int) @ trace.state)


def test_the_shared_generator_orders_sweeps():
    patterns = random_patterns(5, 20, rng=16)
    start = random_patterns(1, 20, rng=17)[0]
    memory = DenseAM(patterns, Power(3))
    one, two = memory.retrieve(start, rng=Rng32(4)), memory.retrieve(start, rng=Rng32(4))
    np.testing.assert_array_equal(one.state, two.state)


@pytest.mark.parametrize("order", [[10**9], [0.7], [-1], [0, 0, 2], [[0, 1, 2]]])
def test_an_order_that_is_none_is_refused(order):
    """Compiled code trusts its indices, so a bad permutation must stop at the door."""
    for memory in (DenseAM(GOOD), Hopfield(GOOD)):
        with pytest.raises(ValueError, match=r"rng: its permutation\(3\) is no order"):
            memory.retrieve(GOOD[0], rng=type("Bad", (), {"permutation": lambda self, n: order})())


def test_patterns_are_read_only_and_copied():
    patterns = random_patterns(3, 10, rng=18)
    memory = DenseAM(patterns)
    kept = memory.patterns.copy()
    patterns[:] = 1
    np.testing.assert_array_equal(memory.patterns, kept)
    with pytest.raises(ValueError, match="read-only"):
        memory.patterns[0, 0] = 1


GOOD = np.array([[1, -1, 1], [-1, -1, 1]])
BAD_PATTERNS = [
    ([1, -1, 1], r"patterns: shape \(3,\); expected \(K, N\)"),
    (np.ones((2, 2, 2)), r"shape \(2, 2, 2\)"),
    (np.zeros((0, 4)), "empty"),
    ([[1, -1], [1]], "rectangular"),
    ([[1, 0], [1, 1]], r"patterns\[0, 1\] is 0; .*np\.where\(np\.array\(patterns\) > 0, 1, -1\)"),
    ([[1, -1.5]], r"patterns\[0, 1\] is -1.5; expected every value to be -1 or \+1"),
    ([[1, np.nan]], r"patterns\[0, 1\] is nan"),
    ([[1, np.inf]], "is inf"),
    ([["a", "b"]], "dtype"),
    ([[True, False]], "dtype bool"),
    ([[1 + 0j, 1]], "dtype complex"),
    (None, "dtype object"),
]


@pytest.mark.parametrize(("bad", "words"), BAD_PATTERNS)
def test_bad_patterns_are_refused_in_words(bad, words):
    for model in (DenseAM, Hopfield):
        with pytest.raises(ValueError, match=words):
            model(bad)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.retrieve([1, -1]), "state: length 2; expected 3"),
        (lambda m: m.retrieve([1, -1, 0.5]), r"state\[2\] is 0.5"),
        (lambda m: m.retrieve(GOOD), r"state: shape \(2, 3\); expected \(N,\)"),
        (lambda m: m.retrieve(GOOD[0], order="both"), "order is 'both'; expected one of 'async', 'sync'"),
        (lambda m: m.retrieve(GOOD[0], max_sweeps=0), "max_sweeps is 0; expected a whole number >= 1"),
        (lambda m: m.retrieve(GOOD[0], rng=-1), "rng is -1"),
        (lambda m: m.retrieve(GOOD[0], rng=np.random), "rng is .*expected a seed"),
        (lambda m: m.retrieve(GOOD[0], record="all"), "record is 'all'"),
        (lambda m: m.retrieve(GOOD[0], record=5), "record is 5; expected names among"),
        (lambda m: m.retrieve(GOOD[0], order=GOOD), "expected one of 'async', 'sync'"),
        (lambda m: m.retrieve(GOOD[0], order="sync", record="flips"), "needs order="),
        (lambda m: m.energy([1, -1, np.nan]), "is nan"),
    ],
)
def test_bad_calls_are_refused_in_words(call, words):
    for memory in (DenseAM(GOOD), Hopfield(GOOD)):
        with pytest.raises(ValueError, match=words):
            call(memory)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Power(1), "order is 1; expected a whole number >= 2"),
        (lambda: Power(2.5), "order is 2.5; expected a whole number"),
        (lambda: Power(True), "order is True"),
        (lambda: RectifiedPower("3"), "order is '3'"),
        (lambda: DenseAM(GOOD, Power(4000)).fields(GOOD[0]), "order is 4000: fields of 3 neurons overflow"),
        (lambda: DenseAM(GOOD, 3), r"interaction is 3; expected Power\(n\)"),
        (
            lambda: DenseAM(GOOD, Power(3), "mean"),
            "update_rule is 'mean'; expected one of 'exact', 'cavity', 'gradient'",
        ),
    ],
)
def test_bad_models_are_refused_in_words(make, words):
    with pytest.raises(ValueError, match=words):
        make()
