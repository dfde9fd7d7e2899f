"""Learning rules against their definitions, in whole numbers or by triple loop, and their couplings on a grid."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import damtutor
from damtutor.learning import couplings
from damtutor.learning.couplings import hebb, hebb_counts, on_grid, projection, storkey
from damtutor.patterns import digits, random_patterns

pytestmark = pytest.mark.twin


RULES = (hebb, projection, storkey)
KEPT = pytest.mark.parametrize("keep", [False, True])


def slow_storkey(patterns, keep):
    """The rule as it is written, one coupling at a time."""
    size = patterns.shape[1]
    w = np.zeros((size, size))
    for x in patterns.astype(float):
        h = np.array(
            [[sum(w[i, k] * x[k] for k in range(size) if k not in (i, j)) for j in range(size)] for i in range(size)]
        )
        w = w + (np.outer(x, x) - x[:, None] * h.T - h * x[None, :]) / size
    return w if keep else w - np.diag(np.diag(w))


@KEPT
def test_hebb_is_the_sum_of_agreements(keep):
    patterns = random_patterns(7, 13, rng=1)
    whole = [[sum(int(x[i]) * int(x[j]) for x in patterns) for j in range(13)] for i in range(13)]
    expected = np.array(whole) / 13
    if not keep:
        np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(hebb(patterns, keep_diagonal=keep), expected)
    np.testing.assert_array_equal(hebb_counts(patterns, keep_diagonal=keep) / np.float64(13), expected)
    assert hebb(patterns, keep_diagonal=True)[0, 0] == 7 / 13


def test_counts_leave_float32_before_its_sums_round(monkeypatch):
    """A field of K N = 2^24 could round: float64 from there on. The same couplings either way."""
    patterns = random_patterns(5, 8, rng=2)
    assert hebb_counts(patterns).dtype == np.float32
    monkeypatch.setattr(couplings, "EXACT32", 41)
    assert hebb_counts(patterns).dtype == np.float32
    monkeypatch.setattr(couplings, "EXACT32", 40)
    assert hebb_counts(patterns).dtype == np.float64
    assert couplings.EXACT64 == 2**53
    monkeypatch.undo()
    assert couplings.EXACT32 == 2**24
    assert float(np.float32(couplings.EXACT32) + np.float32(1)) == couplings.EXACT32  # where float32 stops counting


@pytest.mark.parametrize("rule", RULES)
@KEPT
def test_couplings_are_symmetric_float64_and_leave_the_patterns_alone(rule, keep):
    patterns = random_patterns(40, 101, rng=3)
    before = patterns.copy()
    w = rule(patterns, keep_diagonal=keep)
    assert w.dtype == np.float64
    assert w.shape == (101, 101)
    np.testing.assert_array_equal(w, w.T)
    np.testing.assert_array_equal(patterns, before)
    assert np.all(np.diag(w) == 0) != keep
    np.testing.assert_array_equal(rule(patterns)[~np.eye(101, dtype=bool)], w[~np.eye(101, dtype=bool)])


@pytest.mark.parametrize(("count", "size"), [(1, 1), (1, 8), (3, 7), (6, 12), (15, 10)])
@KEPT
def test_storkey_is_the_triple_loop(count, size, keep):
    """To 1e-15 of the largest coupling, about K roundings; the prototype had 8e-17 at entries of about 1/N."""
    patterns = random_patterns(count, size, rng=[4, size])
    expected = slow_storkey(patterns, keep)
    found = storkey(patterns, keep_diagonal=keep)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15 * max(1, np.abs(expected).max()))


def test_storkey_in_blocks_of_rows(monkeypatch):
    patterns = random_patterns(9, 50, rng=5)
    whole = storkey(patterns)
    monkeypatch.setattr(couplings, "ROWS", 7)
    np.testing.assert_array_equal(storkey(patterns), whole)


def test_storkey_depends_on_the_order_and_the_others_do_not():
    patterns = random_patterns(12, 60, rng=6)
    assert np.abs(storkey(patterns) - storkey(patterns[::-1])).max() > 0.01
    np.testing.assert_array_equal(hebb(patterns), hebb(patterns[::-1]))
    np.testing.assert_allclose(projection(patterns), projection(patterns[::-1]), rtol=0, atol=1e-14)


def test_one_pattern_is_hebb_for_all():
    patterns = random_patterns(1, 30, rng=7)
    for rule in (projection, storkey):
        np.testing.assert_allclose(rule(patterns), hebb(patterns), rtol=0, atol=1e-16)


def exchanged(one, two):
    """Two patterns that halves of `one` and `two` have changed places in: one + two = their sum, no two parallel."""
    half = np.arange(len(one)) < len(one) // 2
    return np.array([np.where(half, one, two), np.where(half, two, one)])


DEPENDENT = {
    "independent": lambda x: x,
    "repeated": lambda x: np.vstack([x, x, x[:3]]),
    "opposite": lambda x: np.vstack([x, -x]),
    "the same sum": lambda x: np.vstack([x[:29], exchanged(x[0], x[1])]),
    "more than neurons, dependent": lambda x: np.vstack([x, -x, x, -x, x]),
}


@pytest.mark.parametrize("kind", DEPENDENT)
def test_projection_is_the_projector(kind):
    """W X = X, W W = W and trace W = rank: to 1e-12, some hundred roundings; measured 1e-14."""
    patterns = DEPENDENT[kind](random_patterns(30, 100, rng=8))
    w = projection(patterns, keep_diagonal=True)
    x = patterns.astype(float)
    np.testing.assert_allclose(w @ x.T, x.T, rtol=0, atol=1e-12)
    np.testing.assert_allclose(w @ w, w, rtol=0, atol=1e-12)
    assert np.trace(w) == pytest.approx(30, abs=1e-12)
    if kind == "independent":
        gram = x @ x.T / 100
        np.testing.assert_allclose(w, x.T @ np.linalg.solve(gram, x) / 100, rtol=0, atol=1e-12)
    else:
        np.testing.assert_allclose(w, projection(patterns[:30], keep_diagonal=True), rtol=0, atol=1e-12)
        assert len(patterns) > 30


def test_projection_where_vectors_are_nearly_dependent():
    """Two patterns one spin apart are two directions, however long they are; 0.9 N patterns are, too."""
    near = random_patterns(1, 1000, rng=9).repeat(2, axis=0)
    near[1, 5] *= -1
    assert np.trace(projection(near, keep_diagonal=True)) == pytest.approx(2, abs=1e-12)
    many = random_patterns(180, 200, rng=10)
    w = projection(many, keep_diagonal=True)
    np.testing.assert_allclose(w @ many.T, many.T, rtol=0, atol=1e-11)
    assert np.trace(w) == pytest.approx(180, abs=1e-11)


def test_projection_of_full_rank_is_the_identity():
    """Rank N: nothing but the diagonal is left, and without it nothing at all, no noise of rounding."""
    patterns = random_patterns(60, 20, rng=11)
    np.testing.assert_array_equal(projection(patterns, keep_diagonal=True), np.eye(20))
    np.testing.assert_array_equal(projection(patterns), np.zeros((20, 20)))


def test_projection_keeps_patterns_that_leave_a_spin_alone():
    """Where a unit vector lies in the span, a row of W is nothing but its diagonal: no noise may decide the spin."""
    sets = [np.array([[1, -1, -1, 1], [1, 1, 1, 1], [1, 1, 1, -1]], np.int8), digits(each=6)]
    for size in (4, 8, 12, 20):
        for trial in range(50):
            rng = np.random.default_rng([size, trial])
            sets.append(random_patterns(int(rng.integers(1, size + 3)), size, rng=rng))
    for patterns in sets:
        model = damtutor.Hopfield(patterns, "projection")
        np.testing.assert_array_equal(model.step(patterns, order="sync"), patterns)


def test_digits_are_eigenvectors():
    patterns = digits(range(10), each=3).astype(float)
    np.testing.assert_allclose(projection(patterns, keep_diagonal=True) @ patterns.T, patterns.T, rtol=0, atol=1e-12)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(-298, 290), st.booleans())
def test_the_grid_is_as_fine_as_sums_allow(seed, size, exponent, with_external):
    """Whole multiples of 2^-k; moved by at most half of it; every field below 2^53; one bit finer would not fit."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(size, size)) * 10.0**exponent
    b = rng.normal(size=size) * 10.0**exponent * with_external
    rounded, external, k = on_grid(w, b)
    unit = Fraction(2) ** -k
    rows = [sum(abs(Fraction(v)) for v in (*row, e)) for row, e in zip(rounded, external, strict=True)]
    assert all((Fraction(v) / unit).denominator == 1 for v in (*rounded.ravel(), *external))
    assert max(rows) < 2**53 * unit
    assert sum(rows) + sum(abs(Fraction(e)) for e in external) < 2**62 * unit
    pairs = zip((*w.ravel(), *b), (*rounded.ravel(), *external), strict=True)
    assert all(abs(Fraction(v) - Fraction(r)) <= unit / 2 for v, r in pairs)
    if k < couplings.FINEST:  # two bits: the sums and the rounding need a margin
        assert max(rows) * 4 > 2**53 * unit or sum(rows) * 4 > 2**62 * unit


def test_the_grid_of_tiny_and_of_no_couplings():
    assert on_grid(np.zeros((2, 2)), np.zeros(2))[2] == 0
    rounded, _, k = on_grid(np.full((2, 2), 1e-290), np.zeros(2))
    assert k == couplings.FINEST
    assert np.all(np.abs(rounded - 1e-290) <= 2.0**-1001)
    many = np.ones((3000, 3000))  # here twice the energy, not a field, is what must fit
    assert 3000 * 2.0 ** on_grid(many, np.zeros(3000))[2] < 2.0**51


def test_the_package_offers_hebb():
    patterns = random_patterns(3, 9, rng=12)
    np.testing.assert_array_equal(damtutor.hebb(patterns), hebb(patterns))


@pytest.mark.parametrize("rule", [*RULES, hebb_counts])
def test_bad_patterns_are_refused_in_words(rule):
    with pytest.raises(ValueError, match=r"patterns: shape \(3,\); expected \(K, N\)"):
        rule([1, -1, 1])
    with pytest.raises(ValueError, match=r"patterns\[0, 1\] is 0; .*np\.where\("):
        rule([[1, 0]])
    with pytest.raises(ValueError, match="is nan"):
        rule([[1, np.nan]])
    with pytest.raises(ValueError, match="keep_diagonal is 'no'; expected True or False"):
        rule([[1, -1]], keep_diagonal="no")
