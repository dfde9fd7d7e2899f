"""Softmax, log-sum-exp and the complex step; real arrays at the door."""

import numpy as np
import pytest

from damtutor.numerics import complex_gradient, logsumexp, softmax
from damtutor.validate import as_reals, as_states


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
    with pytest.raises(ValueError, match="expected a vector"):
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
    assert as_states([1, -1], 2).shape == (2,)
    assert as_states([[1, -1]], 2).shape == (1, 2)
    with pytest.raises(ValueError, match="length 3; expected 2"):
        as_states([[1, -1, 1]], 2)
