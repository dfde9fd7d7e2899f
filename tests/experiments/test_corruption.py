"""Corrupted patterns: exact counts, success against corruption, time, correlated patterns."""

import json
import math
from importlib import util

import numpy as np
import pytest
from examples import without_example
from oracles import exact_sign

from damtutor import DenseAM, Exponential, Hopfield, Power
from damtutor.experiments import corruption
from damtutor.experiments.corruption import (
    GENERATORS,
    correlated_trial,
    corrupted,
    corruption_trial,
    log_rate,
    rate_trial,
    recover,
)
from damtutor.patterns import correlated, flip, overlap_matrix, random_patterns
from damtutor.patterns.correlated import centred_patterns, greatest_overlap, hadamard_patterns, latent_patterns
from damtutor.statistics.half_point import half_point

STEPS = np.arange(-6, 7, 2) / 100  # corruptions around the reference's half
compiled_only = pytest.mark.skipif(
    util.find_spec("numba") is None, reason="minutes without numba, and its twins decide alike"
)

# Corrupted copies ----------------------------------------------------------------------------------------------------


def test_corrupted_copies_are_counted_and_nested():
    pattern = random_patterns(1, 100, rng=0)[0]
    copies = corrupted(pattern, [0.45, 0.29, 0.0, 1.0], rng=1)
    wrong = copies != pattern
    assert wrong.sum(axis=1).tolist() == [45, 29, 0, 100]  # 0.29 * 100 is 28.999999999999996
    assert (wrong[1] <= wrong[0]).all()
    assert copies.dtype == np.int8
    np.testing.assert_array_equal(corrupted(pattern, [0.29], rng=1)[0], copies[1])


def test_single_corruption_is_wider():
    """Independent turns: mean c N, variance c (1-c) N; 4 standard errors of both over 600 copies."""
    pattern = np.ones(200, dtype=np.int8)
    wrong = [int((corrupted(pattern, [0.35, 0.4], exact_count=False, rng=[2, k])[0] < 0).sum()) for k in range(600)]
    variance = 0.35 * 0.65 * 200
    assert abs(np.mean(wrong) - 70) < 4 * math.sqrt(variance / 600)
    assert abs(np.var(wrong, ddof=1) / variance - 1) < 4 * math.sqrt(2 / 600)


# One recovery --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interaction", [Power(2), Power(3), Power(4)], ids=str)
def test_recover_is_its_definition(interaction):
    """Sweep by sweep in whole numbers, in the same orders; an even number of patterns makes ties."""
    seen = set()
    for k in range(12):
        patterns = random_patterns(6, 16, rng=[3, k])
        model, target, start = DenseAM(patterns, interaction), patterns[1], flip(patterns[1], 3 + k % 4, rng=[4, k])
        rng, state, matches, fixed = np.random.default_rng([5, k]), start.copy(), [], False
        while len(matches) < 3 and not fixed:
            before = state.copy()
            for i in rng.permutation(16):
                if exact_sign(patterns, state, i, interaction, "exact") * int(state[i]) < 0:
                    state[i] *= -1
            matches.append(float((state == target).mean()))
            fixed = bool((state == before).all())
        found = recover(model, target, start, omega=0.9, sweeps=3, rng=np.random.default_rng([5, k]))
        reached = [m >= 0.9 for m in matches]
        assert found.success == any(reached)
        assert found.sweeps == (reached.index(True) + 1 if any(reached) else 3)
        assert (found.match, found.exact, found.converged) == (matches[-1], matches[-1] == 1, fixed)
        seen.add((found.success, found.exact, found.converged))
    assert len(seen) > 1


def test_a_tie_keeps_its_spin_and_recovers_nothing():
    """A pattern and its negative, odd n: every field is zero, and a start with one wrong spin stays as it is."""
    x = random_patterns(1, 40, rng=0)[0]
    model = DenseAM([x, -x])
    found = recover(model, x, flip(x, 1, rng=1), rng=2)
    assert (found.success, found.sweeps, found.exact, found.converged, found.match) == (True, 1, False, True, 0.975)
    found = recover(model, x, flip(x, 3, rng=1), rng=2)
    assert (found.success, found.sweeps, found.converged) == (False, 60, True)


def test_the_negative_is_no_success():
    """Even n: it is stored as well, and a start nearer to it ends there."""
    x = random_patterns(1, 30, rng=0)[0]
    found = recover(DenseAM([x], Power(4)), x, flip(x, 25, rng=1), rng=2)
    assert (found.success, found.exact, found.converged, found.match) == (False, False, True, 0)
    assert recover(Hopfield([x]), x, flip(x, 5, rng=1), rng=2).exact


# Tables --------------------------------------------------------------------------------------------------------------


def test_trials_are_json_and_each_corruption_stands_alone():
    whole = corruption_trial((7, 3), size=60, load=0.02, corruptions=[0.2, 0.4, 0.5])
    assert json.loads(json.dumps(whole)) == whole
    assert whole == corruption_trial((7, 3), size=60, count=72, corruptions=[0.2, 0.4, 0.5])
    alone = corruption_trial((7, 3), size=60, count=72, corruptions=[0.4])
    assert {name: values[1] for name, values in whole.items()} == {name: v[0] for name, v in alone.items()}
    assert rate_trial((7, 3), size=60, count=72, corruption=0.4) == {name: v[0] for name, v in alone.items()}
    others = [corruption_trial((7, k), size=60, count=72, corruptions=[0.3])["sweeps"][0] for k in range(8)]
    assert len(set(others)) > 1
    assert corruption_trial((0, 0), size=20, load=0.3, order=2, corruptions=[0])["sweeps"] == [1]


def table(size, load, corruptions, **options):
    found = [corruption_trial((1, k), size=size, load=load, corruptions=corruptions, **options) for k in range(80)]
    return np.array([one["success"] for one in found]), found


def half(size, load, centre, **options):
    at = centre / 100 + STEPS
    return half_point(100 * at, table(size, load, at, **options)[0], link="probit")


def test_success_against_the_reference():
    """N = 200, α = 0.01, 160 trials there: 4 binomial errors of both samples. Ends are fixed points."""
    success, found = table(200, 0.01, [0.33, 0.36, 0.4])
    for share, printed in zip(success.mean(axis=0), (0.87, 0.5, 0.1), strict=True):
        assert abs(share - printed) < 4 * math.sqrt(printed * (1 - printed) * (1 / 80 + 1 / 160))
    assert all(all(one["converged"]) for one in found)


@compiled_only
def test_half_success_against_the_reference_and_its_growth_with_size():
    """c50 of the reference's probits, and 2.1 to 2.6 points higher at N = 500 than at N = 200, at every load.

    Errors of c50, width/√trials: 0.25 of ours and 0.15 of theirs at N = 500, 0.4 and 0.3 at N = 200. Four errors of the
    differences: 1.2, 2 and 1.9 points; the reference itself allows 1 at 80 trials.
    """
    printed = {0.005: (38.2, 40.3), 0.01: (36.3, 38.5), 0.02: (32.9, 35.5)}
    for load, (low, high) in printed.items():
        small, large = half(200, load, low), half(500, load, high)
        assert abs(large.value - high) < 1.2
        assert abs(small.value - low) < 2
        assert 0.4 < large.value - small.value < 4.3
        assert large.width.value < small.width.value + 0.5


def test_single_corruption_lowers_no_half_point_but_widens_the_curve():
    """Variances add: √(0.38 · 0.62/200) = 3.4 points at N = 200. Bound of the width: half of what must be added."""
    exact, loose = half(200, 0.005, 38.2), half(200, 0.005, 38.2, exact_count=False)
    assert loose.width.value**2 > exact.width.value**2 + 3.4**2 / 2
    assert abs(loose.value - exact.value) < 2


@compiled_only
def test_time_does_not_grow_with_ln_n():
    """α = 0.01, 33 %: 1.94, 2.0 and 2.0 sweeps at N = 200, 300, 500 there; 5 errors of ours or 0.15."""
    for size, printed in ((200, 1.94), (300, 2.0), (500, 2.0)):
        runs = [rate_trial((2, k), size=size, load=0.01, corruption=0.33) for k in range(60)]
        found = log_rate(runs, size)
        assert abs(found.sweeps.value - printed) < max(0.15, 5 * found.sweeps.error)
        assert found.constant == pytest.approx(found.sweeps.value / math.log(size))


def test_the_two_constants():
    """α = 0.02, 33 %, N = 200: 0.5 on successes, 4.65 to 5.8 with failures as 60 sweeps: it measures the failures."""
    runs = [rate_trial((2, k), size=200, load=0.02, corruption=0.33) for k in range(160)]
    found = log_rate(runs, 200)
    assert 0.45 < found.constant < 0.62
    share = found.success.value
    assert abs(share - 0.56) < 4 * math.sqrt(0.56 * 0.44 * 2 / 160)
    mixed = share * found.sweeps.value + (1 - share) * 60
    assert found.capped.value == pytest.approx(mixed)
    assert found.capped_constant == pytest.approx(mixed / math.log(200))
    light = log_rate([rate_trial((2, k), size=200, load=0.03, corruption=0.15) for k in range(60)], 200)
    assert light.success.value == 1
    assert abs(light.constant - 0.19) < 0.01
    assert math.isnan(log_rate([{"success": False, "sweeps": 60}], 200).constant)


# Correlated patterns -------------------------------------------------------------------------------------------------


def test_centres_in_turn_and_at_random():
    x = centred_patterns(7, 50, centres=3, noise=0, rng=0)
    assert (x[0] == x[3]).all()
    assert (x[0] == x[6]).all()
    assert not (x[0] == x[1]).all()
    assert len(np.unique(x, axis=0)) == 3
    y = centred_patterns(300, 50, centres=3, noise=0, assign="at random", rng=0)
    _, number = np.unique(y, axis=0, return_counts=True)
    assert np.all(np.abs(number - 100) < 4 * math.sqrt(300 * 2 / 9))
    assert number.max() > number.min()


def test_copies_overlap_as_predicted():
    """(1 - 2q)² between copies of one centre, 0 between others: 4 errors of a mean of 40 000 spins a pair."""
    x = centred_patterns(4, 40_000, centres=2, noise=0.3, rng=1)
    overlap = overlap_matrix(x)
    assert abs(overlap[0, 2] - 0.16) < 4 / 200
    assert abs(overlap[0, 1]) < 4 / 200


def test_a_share_of_copies():
    x = centred_patterns(10, 4000, noise=0, share=0.34, rng=2)
    same = (overlap_matrix(x) == 1).sum(axis=1)
    assert same.tolist() == [3, 3, 3] + [1] * 7
    y = centred_patterns(6, 30, noise=0.5, rng=2)
    assert y.dtype == np.int8
    assert set(np.unique(y)) == {-1, 1}


def test_latent_patterns_share_causes():
    """Rank 1: every row is one pattern or its negative. The mean square overlap of rank r is about (2/π)²/r."""
    one = latent_patterns(5, 30, rank=1, rng=0)
    assert set(np.abs(one.astype(int) @ one.T).ravel().tolist()) == {30}
    x = latent_patterns(60, 2000, rank=50, rng=1)
    off = overlap_matrix(x)[np.triu_indices(60, 1)]
    assert np.mean(off**2) == pytest.approx((2 / math.pi) ** 2 / 50 + 1 / 2000, rel=0.15)  # 4 errors of 1770 squares


def test_hadamard_patterns_do_not_overlap():
    for rng in (None, 3):
        x = hadamard_patterns(20, 64, rng=rng)
        np.testing.assert_array_equal(x.astype(int) @ x.T, 64 * np.eye(20))
    assert not np.array_equal(hadamard_patterns(20, 64, rng=3), hadamard_patterns(20, 64))
    assert hadamard_patterns(1, 1).tolist() == [[1]]


def test_greatest_overlap_is_over_all_pairs():
    for count in (1, 2, 511, 513, 1100):
        x = random_patterns(count, 40, rng=count)
        expected = np.abs(overlap_matrix(x) - np.eye(count)).max()
        assert greatest_overlap(x) == pytest.approx(expected)
    x = random_patterns(1100, 40, rng=0)
    x[1099] = -x[3]
    assert greatest_overlap(x) == 1


@compiled_only
def test_random_patterns_at_the_reference_s_sizes():
    """Table 9: all recalled from 20 %; β by its mean, 12 sets there and 8 here, 4 errors of the difference."""
    for count, printed in ((500, 0.200), (2000, 0.231)):
        runs = [correlated_trial((0, k), size=500, count=count, corruption=0.2) for k in range(8)]
        assert all(run["success"] for run in runs)
        betas = [run["beta"] for run in runs]
        assert abs(np.mean(betas) - printed) < 4 * np.std(betas, ddof=1) * math.sqrt(1 / 8 + 1 / 12)


def test_equal_beta_other_fate():
    """N = 64, K = 48, 20 %: of sets with the same β = 30/64 nearly all recall, or nearly none. 4 binomial errors."""

    def exact(**options):
        runs = [correlated_trial((3, k), size=64, count=48, corruption=0.2, **options) for k in range(400)]
        return [run["exact"] for run in runs if run["beta"] == 30 / 64], np.mean([run["exact"] for run in runs])

    shares = [exact(), *(exact(generator="centred", centres=c) for c in (12, 6, 3))]
    shares += [exact(generator="centred", noise=0.35), exact(generator="centred")]
    printed = (0.99, 0.99, 0.94, 0.50, 0.30, 0.05)
    for (_, share), reference in zip(shares, printed, strict=True):
        pooled = max(reference * (1 - reference), 0.02)
        assert abs(share - reference) < 4 * math.sqrt(pooled * (1 / 400 + 1 / 100))
    alike = [np.mean(same) for same, _ in shares[:5]]
    assert all(len(same) >= 40 for same, _ in shares[:5])
    assert alike[0] > 0.95
    assert alike[4] < 0.55


def test_correlated_trials_are_json_and_share_what_they_say():
    for generator, options in (("random", {}), ("centred", {"centres": 2}), ("latent", {"rank": 9}), ("hadamard", {})):
        run = correlated_trial((0, 1), size=32, count=8, corruption=0.1, generator=generator, **options)
        assert json.loads(json.dumps(run)) == run
        assert run == correlated_trial((0, 1), size=32, count=8, corruption=0.1, generator=generator, **options)
        patterns = GENERATORS[generator](8, 32, rng=np.random.default_rng([0, 1, 32, 8]), **options)
        assert run["beta"] == greatest_overlap(patterns)


def test_examples_are_true():
    assert without_example(correlated) <= {"correlated", "clustered_patterns", "latent_patterns", "overlap_matrix"}
    without_example(corruption)


MODEL = DenseAM(random_patterns(3, 6, rng=0), Exponential())
X = MODEL.patterns[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: corrupted(X, [1.5], rng=0), "corruptions is 1.5"),
        (lambda: corrupted(X, [], rng=0), "corruptions: empty"),
        (lambda: corrupted(X, 0.3, rng=0), r"corruptions: shape \(\)"),
        (lambda: corrupted([1, 2], [0.5], rng=0), r"pattern\[1\] is 2"),
        (lambda: corrupted(X, [0.5], exact_count=1, rng=0), "exact_count is 1; expected True or False"),
        (lambda: recover(3, X, X), "model is 3; expected a memory"),
        (lambda: recover(MODEL, X[:4], X), "target: length 4; expected 6"),
        (lambda: recover(MODEL, X, X[:4]), "state: length 4; expected 6"),
        (lambda: recover(MODEL, X, X, omega=1.2), "omega is 1.2"),
        (lambda: recover(MODEL, X, X, sweeps=0), "sweeps is 0"),
        (lambda: corruption_trial((0, 0), size=9, corruptions=[0.1]), "load is None, count is None; expected one of"),
        (lambda: corruption_trial((0, 0), size=9, count=2, load=1.0, corruptions=[0.1]), "load is 1.0, count is 2"),
        (lambda: corruption_trial((0, 0), size=9, load=-1, corruptions=[0.1]), "load is -1"),
        (lambda: corruption_trial((0, 0), size=9, load=1e-9, corruptions=[0.1]), "load is 1e-09: 0 patterns of 9"),
        (lambda: corruption_trial((0, 0), size=9, load=1.0, order=1, corruptions=[0.1]), "order is 1"),
        (
            lambda: corruption_trial((0, 0), size=10**5, load=1.0, corruptions=[0.1]),
            r"load is 1: .*; expected 1 to 2\*\*31",
        ),
        (lambda: corruption_trial(7, size=9, count=2, corruptions=[0.1]), "seed is 7; expected the sweep's seed and"),
        (lambda: corruption_trial((7, 1, 2), size=9, count=2, corruptions=[0.1]), r"seed is \(7, 1, 2\)"),
        (lambda: rate_trial((0, 0), size=9, count=2, corruption=2), "corruption is 2"),
        (lambda: log_rate([], 200), "trials: empty"),
        (lambda: log_rate([{"success": True}], 200), "expected dicts of rate_trial"),
        (lambda: log_rate(3, 200), "trials is 3"),
        (lambda: log_rate([{"success": True, "sweeps": 2}], 1), "size is 1"),
        (
            lambda: correlated_trial((0, 0), size=9, count=2, corruption=0.1, generator="a"),
            "generator is 'a'; .*'latent'",
        ),
        (lambda: correlated_trial((0, 0), size=9, count=2, corruption=1.1), "corruption is 1.1"),
        (lambda: centred_patterns(5, 5, centres=0), "centres is 0"),
        (lambda: centred_patterns(5, 5, noise=1.5), "noise is 1.5"),
        (lambda: centred_patterns(5, 5, share=-1), "share is -1"),
        (lambda: centred_patterns(5, 5, assign="first"), "assign is 'first'; expected one of 'in turn', 'at random'"),
        (lambda: latent_patterns(5, 5, rank=0), "rank is 0"),
        (lambda: hadamard_patterns(5, 12), "size is 12; expected a power of two"),
        (lambda: hadamard_patterns(9, 8), "count is 9; .* <= 8"),
        (lambda: greatest_overlap([[1, 0]]), r"patterns\[0, 1\] is 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
