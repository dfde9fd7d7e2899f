"""Softmax, log-sum-exp and the complex step; real arrays at the door."""

import numpy as np
import pytest

from damtutor import numerics
from damtutor.models.attention import attention
from damtutor.numerics import complex_gradient, log_mean_exp, logsumexp, softmax, softmax_product
from damtutor.validate import as_generator, as_real, as_reals, as_states


def test_no_overflow_and_masked_terms():
    a = np.array([1e4, 1e4, -np.inf])
    assert logsumexp(a) == pytest.approx(1e4 + np.log(2), rel=1e-15)
    np.testing.assert_array_equal(softmax(a), [0.5, 0.5, 0.0])
    assert logsumexp(np.full(3, -np.inf)) == -np.inf
    assert logsumexp(np.zeros((4, 3)), axis=0).shape == (3,)


def test_gradient_of_logsumexp_is_softmax():
    """Rounding alone parts them: a few units in the last place."""
    a = np.random.default_rng(0).normal(size=30) * 20
    np.testing.assert_allclose(complex_gradient(logsumexp, a), softmax(a), rtol=1e-13, atol=1e-300)
    with pytest.raises(ValueError, match=r"x: shape \(2, 2\); expected real numbers of shape \(d,\)"):
        complex_gradient(logsumexp, np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("values", "ndim", "words"),
    [
        ([[1.0], [1.0, 2.0]], 2, r"x: rows of different length; expected real numbers of shape \(rows, 3\)"),
        (["a"], 1, "x: dtype <U1; expected real numbers"),
        ([1j, 0, 0], 1, "x: dtype complex128"),
        ([[1.0, 2.0]], (1, 2), r"x: shape \(1, 2\); expected real numbers of shape \(3,\) or \(rows, 3\)"),
        (np.zeros((0, 3)), 2, "x: empty"),
        ([[0.0, np.nan, 1.0]], 2, r"x\[0, 1\] is nan; .* all finite"),
    ],
)
def test_bad_reals_are_refused_in_words(values, ndim, words):
    with pytest.raises(ValueError, match=words):
        as_reals(values, "x", ndim, length=3)


def test_reals_keep_float32_and_are_copies():
    given = np.ones((2, 3), np.float32)
    taken = as_reals(given, "x", 2)
    assert taken.dtype == np.float32
    assert not np.shares_memory(given, taken)
    assert as_reals(given, "x", 2, own=False) is given
    assert as_reals(given.T, "x", 2, own=False).flags.c_contiguous
    assert as_reals([1, 2], "x", 1).dtype == np.float64
    assert as_reals([1j, 2], "x", 1, complex_too=True).dtype == np.complex128


def test_states_are_one_or_a_batch():
    with pytest.raises(ValueError, match="state: a masked array"):
        as_states(np.ma.ones(2), 2)
    assert as_states([1, -1], 2).shape == (2,)
    assert as_states([[1, -1]], 2).shape == (1, 2)
    with pytest.raises(ValueError, match="length 3; expected 2"):
        as_states([[1, -1, 1]], 2)


def test_lists_are_taken():
    np.testing.assert_array_equal(softmax([1, 2, 3]), softmax(np.array([1.0, 2.0, 3.0])))
    assert logsumexp([1, 2, 3]) == logsumexp(np.array([1.0, 2.0, 3.0]))
    assert log_mean_exp([2, 2, 2]) == 2


def test_log_mean_exp_is_its_definition_at_both_ends():
    """Against extended precision: 1e-15 of the terms; nearly equal ones to their own size, not to that of log K."""
    rng = np.random.default_rng(1)
    for scale in (1e-12, 1e-3, 0.5, 5.0, 500.0):
        a, counted = scale * rng.standard_normal((6, 9)), rng.random((6, 9)) < 0.5
        counted[:, 3] = True
        for mask in (None, counted):
            for row, got in enumerate(log_mean_exp(a, mask)):
                terms = a[row].astype(np.longdouble) if mask is None else a[row][mask[row]].astype(np.longdouble)
                expected = terms.max() + np.log1p(np.expm1(terms - terms.max()).mean())
                assert got == pytest.approx(float(expected), abs=1e-15 * scale * 9)
                assert log_mean_exp(a[row], None if mask is None else mask[row]) == got
    np.testing.assert_allclose(complex_gradient(log_mean_exp, a[0] / 500), softmax(a[0] / 500), rtol=1e-13)
    crowd = np.full(200_000, -1e9)
    crowd[5] = 0
    assert log_mean_exp(crowd) == pytest.approx(-np.log(200_000), rel=1e-15)


@np.errstate(under="ignore")
def plain_product(queries, keys, values, beta, offset, seen):
    scores = beta * (queries @ keys.T + (0 if offset is None else offset))
    scores = scores if seen is None else np.where(seen, scores, -np.inf)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (p / p.sum(axis=1, keepdims=True)) @ values


@pytest.mark.parametrize(("scores", "rows"), [(1 << 16, 128), (12, 3), (7, 2), (1, 1)])
def test_blocked_product_with_offset_and_mask_is_the_plain_form(monkeypatch, scores, rows):
    """Every combination of offset, mask and bound; some queries see only late keys, some keys nobody sees."""
    monkeypatch.setattr(numerics, "SCORES", scores)
    monkeypatch.setattr(numerics, "ROWS", rows)
    rng = np.random.default_rng([2, scores])
    for case in range(60):
        b, k, d, e = rng.integers(1, 12, 4)
        q, keys, v = rng.standard_normal((b, d)), rng.standard_normal((k, d)), rng.standard_normal((k, e))
        seen = rng.random((b, k)) < 0.4
        seen[:, rng.integers(k) :] = False
        seen[np.arange(b), rng.integers(k, size=b)] = True
        if case % 3 == 0:  # nobody sees the last keys, and somebody only the last that are seen
            seen[:, -(-k // 2) :] = False
            seen[:, 0] |= ~seen.any(axis=1)
            seen[0] = np.arange(k) == (k - 1) // 2
        offset, beta = 3 * rng.standard_normal(k), float(10 ** rng.uniform(-1, 2))
        largest = float(np.linalg.norm(keys, axis=1).max())
        for bias in (None, offset):
            for mask in (None, seen):
                for bound in (None, largest):
                    got = softmax_product(q, keys, v, beta, bias, bound, mask)
                    expected = plain_product(q, keys, v, beta, bias, mask)
                    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-11)  # scores reach 1e3


def test_scores_that_overflow_give_nan():
    q = np.full((2, 1), 1e200)
    q[1] = 1
    for bias, seen in ((None, None), (np.zeros(2), None), (np.zeros(2), np.ones((2, 2), bool))):
        with np.errstate(over="ignore", invalid="ignore"):
            out = softmax_product(q, np.array([[1e200], [1.0]]), np.ones((2, 1)), 1.0, bias, 1e200, seen)
        assert np.isnan(out[0, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_of_any_size_survive(dtype):
    """The result is a mean of the values: it overflows and vanishes only if they do. Scores from -300 to 300."""
    limits = np.finfo(dtype)
    for score in (-300, -250, -39, -20, -15, -1, 0, 1, 15, 36, 41, 256, 300):
        for size in (limits.tiny * 1e3, limits.tiny * 1e8, 1e-30, 1.0, 1e25, limits.max / 2):
            for count in (1, 3, 4096):
                keys, values = np.full((count, 1), score, dtype), np.full((count, 1), size, dtype)
                got = attention(np.ones((1, 1), dtype), keys, values, 1.0)
                assert got.dtype == dtype
                with np.errstate(over="ignore"):
                    assert got[0, 0] == pytest.approx(float(values[0, 0]), rel=300 * float(limits.eps)), (
                        score,
                        size,
                        count,
                    )
    mixed = attention(np.ones((1, 1), dtype), np.array([[0], [5]], dtype), np.array([[1, 1], [-1e-30, 1]], dtype), 1.0)
    assert mixed[0, 0] == pytest.approx(1 / (1 + np.exp(5)), rel=1e-5)
    mixed = attention(np.ones((1, 1), dtype), np.array([[0], [0]], dtype), np.array([[limits.max], [limits.min]]), 1.0)
    assert mixed[0, 0] == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: complex_gradient(lambda x: float(x.real.sum()), [1.0]), "function gave float; expected one complex"),
        (lambda: complex_gradient(lambda x: np.abs(x[0]), [1.0]), "function gave float64; expected one complex"),
        (lambda: complex_gradient(lambda x: x, [1.0, 2.0]), r"function gave shape \(2,\); expected one complex"),
        (lambda: complex_gradient(lambda x: x, [1.0]), r"function gave shape \(1,\)"),
        (lambda: complex_gradient(np.sum, [np.nan]), r"x\[0\] is nan"),
        (lambda: complex_gradient(np.sum, [1j]), "x: dtype complex128"),
        (lambda: complex_gradient(np.sum, [1.0], h=0), r"h is 0; expected a finite number in \(0, inf\)"),
        (lambda: as_real(10**400, "x"), "x is too large for a float"),
        (lambda: as_real(True, "x"), "x is True; expected a number"),
        (lambda: as_real(np.False_, "x"), "expected a number"),
        (lambda: as_real([1.0], "x"), r"x is \[1.0\]; expected a number"),
        (lambda: as_real(np.array([1.0]), "x"), "expected a number"),
        (lambda: as_generator(np.random.RandomState(0)), "rng is RandomState.*expected a seed"),
        (lambda: as_generator(True), "rng is True; expected a seed"),
        (lambda: as_reals(np.ma.masked_array([1.0, 2.0], [0, 1]), "x", 1), "x: a masked array"),
    ],
)
def test_more_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_numbers_and_seeds_pass():
    assert as_real(np.float32(2), "x") == as_real(np.array(2), "x") == 2.0
    assert as_generator([1, 2]).random() == np.random.default_rng([1, 2]).random()
