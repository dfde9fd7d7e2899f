"""What an end is when patterns repeat; measured ends as regressions; which models the experiments take."""

import math

import numpy as np
import pytest

from damtutor import DenseAM, Exponential, Hopfield, ModernHopfield, Power
from damtutor.experiments import classical, end_states, recall
from damtutor.patterns import flip, random_patterns
from damtutor.statistics.intervals import Estimate

pytestmark = pytest.mark.twin


SIZE = 200
SET = random_patterns(6, SIZE, rng=70)


def within(values, mean, error):
    """The mean of our values lies within 4 combined standard errors of a longer measurement."""
    values = np.asarray(values, float)
    return abs(values.mean() - mean) < 4 * math.hypot(values.std(ddof=1) / math.sqrt(len(values)), error)


# Equal and opposite rows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more", [SET[[1]], -SET[[1]], np.vstack([SET, -SET, SET]), np.vstack([-SET[[0, 2]], SET[[3]]])]
)
def test_a_copy_or_a_negative_changes_no_verdict(more):
    """Every kind of end, against the set itself: kind, indices, signs and overlap are those of the first rows."""
    longer = np.vstack([SET, more])
    mixtures = [end_states.mixture(SET, (0, 1, 2), signs) for signs in ((1, 1, 1), (1, -1, 1), (-1, -1, -1))]
    states = [SET[1], -SET[1], *mixtures, flip(mixtures[1], 8, rng=71), *random_patterns(5, SIZE, rng=72)]
    kinds = set()
    for state in states:
        expected = end_states.classify(SET, state)
        assert end_states.classify(longer, state) == expected
        kinds.add(expected.kind)
    assert kinds == {"memory", "negative", "mixture", "other"}


def test_the_first_of_two_opposite_rows_gives_the_name():
    both = np.vstack([-SET, SET])
    assert end_states.classify(both, SET[2]) == ("negative", (2,), (-1,), 1.0)
    mixed = end_states.mixture(SET, (0, 3, 5), (1, 1, -1))
    assert end_states.classify(both, mixed)[:3] == ("mixture", *end_states.classify(SET, -mixed)[1:3])


def test_tallies_of_doubled_sets_agree():
    """Hebb's W of (X, X) and (X, -X) is twice that of X: the same runs, hence the same tallies, mixtures included.

    With -X first, "memory" and "negative" change places.
    """
    x = random_patterns(5, 300, rng=73)
    plain, *doubled, turned = (
        end_states.end_states(Hopfield(rows), 60, seed=1).counts
        for rows in (x, np.vstack([x, x]), np.vstack([x, -x]), np.vstack([-x, x]))
    )
    assert doubled == [plain, plain]
    assert turned == plain | {"memory": plain["negative"], "negative": plain["memory"]}
    assert plain["mixture"] > 5


def test_fewer_than_three_different_patterns_have_no_mixture():
    """Six rows, two patterns: half of each fits neither, and nothing else is left to mix."""
    rows = np.array([[1, 1, 1, 1], [1, 1, -1, -1]]).repeat(3, axis=0)
    assert end_states.classify(rows, [1, 1, 1, -1]).kind == "other"


# Measured ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "sets"), [(5, 6), (20, 6)])
def test_a_mixture_is_stable_at_small_load(count, sets):
    """N = 1000: of 12 sets at K = 5 and at K = 20 no spin turned."""
    for k in range(sets):
        x = random_patterns(count, 1000, rng=[60, count, k])
        start = end_states.mixture(x, range(3), [1, 1, 1])
        np.testing.assert_array_equal(Hopfield(x).retrieve(start, rng=k).state, start)


@pytest.mark.parametrize(
    ("count", "measured", "error", "spread", "printed"),
    [(50, 0.439, 0.009, 0.18, 0.48), (100, 0.304, 0.004, 0.09, 0.28)],
)
def test_a_mixture_decays_at_larger_load(count, measured, error, spread, printed):
    """Overlap with the 3-mixture at the end, N = 1000: our 400 sets, and one printed run, whose error is the spread.

    This run has 60 sets with seeds of their own.
    """
    kept = []
    for k in range(60):
        x = random_patterns(count, 1000, rng=[74, count, k])
        start = end_states.mixture(x, range(3), [1, 1, 1])
        kept.append(Hopfield(x).retrieve(start, rng=k, max_sweeps=200).state.astype(int) @ start / 1000)
    assert within(kept, measured, error)
    assert within(kept, printed, spread)
    assert np.std(kept, ddof=1) / math.sqrt(60) < 0.03


@pytest.mark.parametrize(
    ("count", "measured", "errors"),
    [
        (20, (0.377, 0.389, 0.0078, 0.226), (0.0071, 0.0068, 0.0013, 0.0075)),
        (50, (0.0122, 0.0112, 0.0, 0.9766), (0.0014, 0.0016, 0.0, 0.0023)),
    ],
)
def test_ends_from_random_states(count, measured, errors):
    """Shares of memories, negatives, mixtures and others, N = 1000: 100 sets of 50 starts before, 10 sets now.

    A regression of the definition: with θ = 0.9 there are hardly any mixtures left at K = 20. Our error is the binomial
    one of all runs, or that between sets if it is larger.
    """
    kinds = ("memory", "negative", "mixture", "other")
    counts = [
        end_states.end_states(Hopfield(random_patterns(count, 1000, rng=[75, count, k])), 50, seed=k).counts
        for k in range(10)
    ]
    for kind, share, error in zip(kinds, measured, errors, strict=True):
        shares = np.array([c[kind] / 50 for c in counts])
        ours = max(shares.std(ddof=1) / math.sqrt(10), math.sqrt(share * (1 - share) / 500))
        assert abs(shares.mean() - share) < 4 * math.hypot(ours, error) + 1e-12, kind
    assert all(c["cycle"] == 0 for c in counts)


# Which models are taken ----------------------------------------------------------------------------------------------


def test_experiments_take_both_binary_memories():
    """Hopfield with Hebb's rule and DenseAM with n = 2 are one network: every experiment says the same of both."""
    x = random_patterns(21, 64, rng=76)  # odd K, even N: no ties in which rounding of an energy could matter
    one, two = Hopfield(x), DenseAM(x, Power(2))
    left, right = (recall.recall(model, 8, seed=1) for model in (one, two))
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(recall.nearest_neighbour(one, left), recall.nearest_neighbour(two, right))
    assert classical.recall_rate(one, 8, queries=20) == classical.recall_rate(two, 8, queries=20)
    assert classical.cycles(one, 30) == classical.cycles(two, 30)
    assert classical.cycles(one, 30).alternating > 0
    assert end_states.end_states(one, 20).counts == end_states.end_states(two, 20).counts
    paths = [recall.relative_path(model, x[0], x[1], seed=3) for model in (one, two)]
    depth = [recall.energy_path(model, x[0], x[1], seed=3).energies for model in (one, two)]
    # E of Power(2) is -N Σ m², E of Hopfield half of it without the diagonal, K/2
    np.testing.assert_allclose(depth[1], 2 * depth[0] - 21, rtol=1e-12)
    np.testing.assert_allclose(paths[0].energies, depth[0] / -depth[0][0], rtol=1e-15)
    given = Hopfield.from_weights(one.weights)
    np.testing.assert_allclose(recall.energy_path(given, x[0], x[1], seed=3).energies, depth[0], rtol=1e-12)
    assert classical.cycles(given, 30) == classical.cycles(one, 30)


def test_recall_uses_the_stream_that_is_documented():
    """Query b: default_rng([seed, b]); of query 0 that is default_rng(seed), as the docstring warns."""
    memory = DenseAM(SET, Power(3))
    run = recall.recall(memory, 20, seed=5)
    for b in range(len(SET)):
        np.testing.assert_array_equal(run.queries[b], flip(SET[b], 20, rng=np.random.default_rng([5, b])))
    np.testing.assert_array_equal(run.queries[0], flip(SET[0], 20, rng=5))


MEMORY = DenseAM(SET, Power(3))
UNKNOWN = Hopfield.from_weights(np.ones((3, 3)))
REAL = ModernHopfield(SET.astype(float), 1.0)
RUN = recall.recall(MEMORY, 3)
ALIEN = recall.recall(DenseAM(random_patterns(9, SIZE, rng=1)), 3)
NAMED = "expected a memory that knows its patterns"


@pytest.mark.parametrize("model", [None, 3, "x", SET, SET.tolist(), DenseAM, object()])
@pytest.mark.parametrize(
    "call",
    [
        lambda m: recall.recall(m, 1),
        lambda m: recall.judge(m, SET, SET, [0]),
        lambda m: recall.nearest_neighbour(m, RUN),
        lambda m: recall.energy_path(m, SET[0], SET[1]),
        lambda m: recall.relative_path(m, SET[0], SET[1]),
        classical.cycles,
        lambda m: classical.recall_rate(m, 1),
        end_states.end_states,
    ],
)
def test_no_memory_is_refused_in_words(call, model):
    with pytest.raises(ValueError, match=r"model is .*" + NAMED):
        call(model)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: recall.recall(UNKNOWN, 1), "model knows no patterns; " + NAMED),
        (lambda: recall.judge(UNKNOWN, [[1, 1, 1]], [[1, 1, 1]], [0]), "model knows no patterns"),
        (lambda: classical.recall_rate(UNKNOWN, 1), "model knows no patterns"),
        (lambda: end_states.end_states(UNKNOWN), "model knows no patterns"),
        (lambda: recall.recall(REAL, 1), "expected a memory of patterns of ±1"),
        (lambda: recall.energy_path(REAL, SET[0], SET[1]), "expected a memory of patterns of ±1"),
        (lambda: recall.recall(MEMORY, 1, seed=1.5), "seed is 1.5"),
        (lambda: recall.judge(MEMORY, RUN.queries, RUN.ends, [0.5] * 6), "target is 0.5; expected a whole number"),
        (lambda: recall.judge(MEMORY, RUN.queries, RUN.ends, [0, 1, 2, 3, 4, 6]), "target is 6; .* <= 5"),
        (lambda: recall.judge(MEMORY, RUN.queries, RUN.ends, [0, 1, 2, 3, 4, -1]), "target is -1"),
        (lambda: recall.judge(MEMORY, RUN.queries, RUN.ends, [0]), r"shapes .* \(1,\); expected \(B, 200\) twice"),
        (lambda: recall.judge(MEMORY, RUN.queries, RUN.ends[:2], range(6)), r"expected \(B, 200\) twice"),
        (lambda: recall.judge(MEMORY, [[1, -1]], [[1, -1]], [0]), r"expected \(B, 200\) twice"),
        (lambda: recall.nearest_neighbour(MEMORY, None), "result is NoneType; expected the Recall"),
        (lambda: recall.nearest_neighbour(MEMORY, ALIEN), "expected the Recall of this model"),
        (lambda: recall.energy_path(MEMORY, SET[0], SET[1], seed=-1), "seed is -1"),
        (lambda: recall.basin(10**30, 2, Power(2), 1), "expected at most 2\\*\\*31 spins"),
        (lambda: recall.basin(10, 2, Power(2), 1, sets=1e300), "sets is .* <= 1000000000"),
        (lambda: end_states.mixture(SET, 2, [1]), r"chosen is 2; expected a list, for example \[0, 1, 2\]"),
        (lambda: end_states.mixture(SET, [2], 1), r"signs is 1; expected a list"),
        (lambda: end_states.mixture(SET, [2], None), "signs is None; expected a list"),
        (lambda: end_states.tally(None), "endings is None; expected a list"),
        (lambda: end_states.tally([end_states.classify(SET, SET[0])], ["low"]), "energies: shape .*; expected numbers"),
        (
            lambda: end_states.tally([end_states.classify(SET, SET[0])], [1j]),
            "energies: .* of complex128; expected numbers",
        ),
        (lambda: end_states.random_starts(0, 3), "size is 0"),
        (lambda: end_states.random_starts(3, 1e300), "starts is .* <= 1000000000"),
        (lambda: end_states.random_starts(3, 3, seed=1.5), "seed is 1.5"),
        (lambda: end_states.end_states(MEMORY, seed=None), "seed is None"),
        (lambda: end_states.end_states(MEMORY, 10**30), "starts is"),
        (lambda: classical.final_overlap(10**5, 10**30), "expected at most 2\\*\\*31 spins"),
        (lambda: classical.final_overlap(10, 2, seed=None), "seed is None"),
        (lambda: classical.glauber_overlap(10, 2, 0.5, sweeps=1e300), "sweeps is .* <= 1000000"),
        (lambda: classical.random_recall_rate(10, 2, sets=0), "sets is 0"),
        (lambda: classical.recall_rate(MEMORY, 1, seed=0.5), "seed is 0.5"),
        (lambda: classical.recall_rate(MEMORY, 1, queries=10**30), "queries is"),
        (lambda: classical.cycles(MEMORY, 0), "starts is 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_damage_is_rounded_to_whole_spins():
    """0.29 of 100 spins are 29, though the product is a little less in floats; streams as documented."""
    back = 0
    for k in range(4):
        rng = np.random.default_rng([3, 100, 12, k])
        x = random_patterns(12, 100, rng=rng)
        model = Hopfield(x)
        for b in range(12):
            trace = model.retrieve(flip(x[b], 29, rng=rng), rng=rng)
            back += trace.overlaps[b] / 100 > 0.97
    assert 0 < back < 48
    assert classical.random_recall_rate(100, 12, damage=0.29, sets=4, queries=12, seed=3).recalled == back


def test_a_pair_has_names_and_still_unpacks():
    found = recall.basin(50, 3, Exponential(), 2, sets=2)
    share, error = found
    assert found == Estimate(share, error) == (found.value, found.error) == (1.0, 0.0)
    rate = classical.random_recall_rate(50, 2, sets=2.0, queries=3)
    assert isinstance(rate.queries, int)
