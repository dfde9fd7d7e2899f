"""The potential game in whole numbers: definitions by Python integers, identities without a remainder, equilibria."""

import itertools
import math

import numpy as np
import pytest
from examples import without_example

from damtutor import DenseAM, Power
from damtutor.patterns import random_patterns
from damtutor.theory import game

GOOD = [[1, 1, -1, 1], [1, -1, -1, -1]]
ORDERS = (2, 3, 4, 5)


def test_examples_in_docstrings():
    assert without_example(game) <= {"game", "Profile", *game.Profile._fields, "profile", "whole_type"}


def by_definition(patterns, state, order):
    """N**(n-1) F in Python integers."""
    return sum(sum(int(a) * int(s) for a, s in zip(row, state, strict=True)) ** order for row in patterns)


def differences(patterns, state, order):
    """Δ_i: F with the spin up less F with it down."""
    found = []
    for i in range(len(state)):
        up, down = list(state), list(state)
        up[i], down[i] = 1, -1
        found.append(by_definition(patterns, up, order) - by_definition(patterns, down, order))
    return found


def drawn(seed, most=12):
    rng = np.random.default_rng(seed)
    count, size = int(rng.integers(1, most)), int(rng.integers(1, most))
    return rng.choice([-1, 1], (count, size)), rng.choice([-1, 1], size)


def test_the_printed_polynomials():
    at = np.arange(-9, 10)
    printed = {2: 4 * at, 3: 6 * at**2 + 2, 4: 8 * at**3 + 8 * at, 5: 10 * at**4 + 20 * at**2 + 2}
    for order, values in printed.items():
        np.testing.assert_array_equal(game.interaction_difference(at, order), values)
        assert [game.interaction_difference(int(s), order) for s in at] == values.tolist()
        odd = (2 * math.comb(order, k) * 7 ** (order - k) for k in range(1, order + 1, 2))
        assert game.interaction_difference(7, order) == sum(odd)


def test_differences_without_rounding_at_any_size():
    """A square beyond 32 bits, a cube and a power beyond 64."""
    assert game.interaction_difference(np.array([40_000], np.int32)).tolist() == [6 * 40_000**2 + 2]
    assert game.interaction_difference(np.int8(100), 4) == 8 * 100**3 + 800
    large = game.interaction_difference([999, -999, 0], 41)
    assert large.dtype == object
    assert large.tolist() == [1000**41 - 998**41, 1000**41 - 998**41, 2]
    edge = round((2**63 / 6) ** 0.5)
    for level in (edge - 1, edge + 1):
        found = game.interaction_difference([level])
        assert found.dtype == (np.int64 if 6 * level**2 + 2 < 2**63 else object)
        assert found.tolist() == [6 * level**2 + 2]


@pytest.mark.parametrize("order", [*ORDERS, 6, 9])
def test_fields_margins_potential_and_payoffs_are_their_definitions(order):
    for seed in range(20):
        patterns, state = drawn([1, order, seed])
        target = patterns[0]
        exact = differences(patterns, state, order)
        assert game.field_differences(patterns, state, order).tolist() == exact
        assert game.margins(patterns, state, order).tolist() == [d * x for d, x in zip(exact, state, strict=True)]
        against = game.margins(patterns, state, order, target=target)
        assert against.tolist() == [d * t for d, t in zip(exact, target, strict=True)]
        assert game.potential(patterns, state, order) == by_definition(patterns, state, order)
        assert [2 * u for u in game.payoffs(patterns, state, order).tolist()] == [
            d * x for d, x in zip(exact, state, strict=True)
        ]


def test_sums_beyond_32_and_64_bits():
    """All patterns alike: the margin is K g(N-1). 6 K N² passes 2**31 at N = 500, K = 2500; n = 9 passes 2**63."""
    alike = np.ones((2500, 500), np.int8)
    assert set(game.margins(alike, alike[0]).tolist()) == {2500 * (6 * 499**2 + 2)}
    assert game.margins(alike, alike[0]).dtype == np.int64
    assert game.potential(alike, alike[0]) == 2500 * 500**3
    ninth = game.margins(alike, alike[0], 9)
    assert ninth.dtype == object
    assert set(ninth) == {2500 * (500**9 - 498**9)}
    assert all(type(value) is int for value in ninth)
    seventh = game.margins(alike, alike[0], 7)  # g is below 2**63, K g is not
    assert set(seventh) == {2500 * (500**7 - 498**7)}
    assert game.payoffs(alike, alike[0], 9)[0] * 2 == ninth[0]
    assert game.field_differences(alike, -alike[0], 9)[0] == ninth[0]
    assert game.is_nash(alike, alike[0], 9, strict=True)


def test_the_model_has_the_same_numbers():
    """DenseAM: E = -F in the same unit; its fields have the same signs, and the same values to rounding."""
    for order in ORDERS:
        patterns = random_patterns(60, 41, rng=[2, order])
        memory, unit = DenseAM(patterns, Power(order)), 41.0 ** (order - 1)
        for state in random_patterns(5, 41, rng=[3, order]):
            fields, exact = memory.fields(state), game.field_differences(patterns, state, order)
            np.testing.assert_array_equal(np.sign(fields), np.sign(exact))
            np.testing.assert_allclose(fields * unit, exact, rtol=1e-9, atol=1e-12 * np.abs(exact).max())
            assert memory.energy(state) * -unit == pytest.approx(game.potential(patterns, state, order), rel=1e-12)
            step = memory.step(state, order="sync")
            np.testing.assert_array_equal(game.best_response(patterns, state, order), step)


@pytest.mark.parametrize("order", ORDERS)
def test_every_lone_flip_changes_payoff_and_potential_alike(order):
    """The exact identity; with the payoff x Δ, without the half, it misses by the whole change."""
    checks = 0
    for seed in range(30):
        patterns, state = drawn([4, order, seed])
        errors = game.identity_errors(patterns, state, order)
        assert errors.tolist() == [0] * len(state)
        checks += len(state)
        for i, spin in enumerate(state.tolist()):
            other = state.copy()
            other[i] = -spin
            rise = by_definition(patterns, other, order) - by_definition(patterns, state, order)
            whole = [int(game.margins(patterns, s, order)[i]) for s in (other, state)]
            assert whole[0] - whole[1] == 2 * rise
    assert checks > 100


@pytest.mark.parametrize("order", ORDERS)
def test_flips_of_a_retrieval_raise_the_potential_by_their_field_and_end_in_an_equilibrium(order):
    flips = 0
    for seed in range(6):
        patterns = random_patterns(40, 31, rng=[5, order, seed])
        start = random_patterns(1, 31, rng=[6, order, seed])[0]
        trace = DenseAM(patterns, Power(order)).retrieve(start, rng=seed, record="flips")
        state = start.copy()
        for i in trace.flips:
            before, field = game.potential(patterns, state, order), game.field_differences(patterns, state, order)[i]
            state[i] *= -1
            assert game.potential(patterns, state, order) - before == abs(field) >= 1
        flips += len(trace.flips)
        np.testing.assert_array_equal(state, trace.state)
        assert trace.converged
        assert game.is_nash(patterns, trace.state, order)
        np.testing.assert_array_equal(game.best_response(patterns, trace.state, order), trace.state)
    assert flips > 30


@pytest.mark.parametrize("order", ORDERS)
def test_equilibria_of_all_states(order):
    """N = 6, every state: no flip raises F; strict: every flip lowers it. Two neighbours tie at the bit between."""
    weak = 0
    for count in (1, 2, 3, 4):
        patterns = random_patterns(count, 6, rng=[7, order, count])
        if count == 1:
            patterns = np.vstack([patterns, patterns * [-1, 1, 1, 1, 1, 1]])
        for state in itertools.product((-1, 1), repeat=6):
            height, gains = by_definition(patterns, state, order), []
            for i in range(6):
                other = list(state)
                other[i] *= -1
                gains.append(by_definition(patterns, other, order) - height)
            assert game.is_nash(patterns, state, order) == (max(gains) <= 0)
            assert game.is_nash(patterns, state, order, strict=True) == (max(gains) < 0)
            weak += max(gains) == 0
            best = [x if gain <= 0 else -x for x, gain in zip(state, gains, strict=True)]
            assert game.best_response(patterns, state, order).tolist() == best
    assert weak > 0


def test_arguments_stay_as_they_are():
    patterns, state = np.array(GOOD, np.int8), np.array([1, 1, 1, 1], np.int8)
    game.identity_errors(patterns, state)
    game.best_response(patterns, state)
    game.margins(patterns, state, target=patterns[0])
    np.testing.assert_array_equal(patterns, GOOD)
    assert state.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: game.margins([[1, 0]], [1, 1]), r"patterns\[0, 1\] is 0; expected every value to be -1 or \+1"),
        (lambda: game.margins(GOOD, [1, 1, 1]), "state: length 3; expected 4"),
        (lambda: game.margins(GOOD, GOOD[0], target=[1, 1]), "target: length 2; expected 4"),
        (lambda: game.margins(GOOD, GOOD[0], 1), "order is 1; expected a whole number >= 2 and <= 1000"),
        (lambda: game.potential(GOOD, GOOD[0], 2.5), "order is 2.5"),
        (lambda: game.payoffs(GOOD, GOOD), "state: shape"),
        (lambda: game.is_nash([[]], []), "patterns: empty"),
        (lambda: game.interaction_difference(0.5), "level: dtype float64; expected whole numbers"),
        (lambda: game.interaction_difference([True]), "level: dtype bool"),
        (lambda: game.interaction_difference(3, 1001), "order is 1001"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
