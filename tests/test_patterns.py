"""Pattern sets and damage: shapes, exact counts, seeds, and words for bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from damtutor.patterns import (
    clustered_patterns,
    digits,
    flip,
    letters,
    mask,
    noise,
    overlap_matrix,
    random_patterns,
)
from damtutor.rng import Rng32


def is_pattern_set(x, shape):
    return x.dtype == np.int8 and x.shape == shape and set(np.unique(x)) <= {-1, 1}


def test_makers_return_spins():
    assert is_pattern_set(random_patterns(3, 7, rng=0), (3, 7))
    assert is_pattern_set(clustered_patterns(2, 3, 11, agreement=0.9, rng=0), (6, 11))
    assert is_pattern_set(digits(), (10, 64))
    assert is_pattern_set(digits([3, 3], each=2, rng=0), (4, 64))
    assert is_pattern_set(letters("AB8", side=9), (3, 81))


def test_bias_and_agreement_are_what_they_say():
    x = random_patterns(200, 500, bias=0.4, rng=1)  # mean of 1e5 spins: standard error 0.003
    assert abs(x.mean() - 0.4) < 4 * np.sqrt((1 - 0.16) / x.size)
    x = clustered_patterns(1, 200, 500, agreement=0.8, rng=2)
    off = overlap_matrix(x)[np.triu_indices(200, 1)]
    # Each pair's overlap has mean (2*0.8-1)² = 0.36; averaging over pairs leaves the spread over 500 columns.
    column = np.mean(x, axis=0) ** 2
    assert abs(off.mean() - 0.36) < 4 * column.std() / np.sqrt(500) + 1 / 200


def test_clusters_stand_in_blocks():
    m = overlap_matrix(clustered_patterns(2, 3, 400, agreement=0.95, rng=3))
    assert m[:3, :3].min() > 0.6 > 0.3 > np.abs(m[:3, 3:]).max()


def test_digits_are_the_ones_of_the_data_set():
    from sklearn.datasets import load_digits

    data = load_digits()
    first = [np.flatnonzero(data.target == label)[0] for label in range(10)]
    np.testing.assert_array_equal(digits(), np.where(data.data[first] >= 8, 1, -1))
    assert digits([5], threshold=4).sum() > digits([5], threshold=12).sum()


def test_letters_are_legible():
    a, h, i, o = letters("AHIO")
    assert (h == h.reshape(8, 8)[:, ::-1].ravel()).mean() > 0.9  # H is its own mirror image
    assert o.reshape(8, 8)[3:5, 3:5].max() == -1  # O is hollow
    assert len(np.unique(letters(), axis=0)) == 10
    every = "AÉÖßñЖЯΩλאﬁ№☺$\\"
    assert len(np.unique(letters(every, side=16), axis=0)) == len(every)
    np.testing.assert_array_equal(letters("e\u0301A\u030a", side=16), letters("éÅ", side=16))  # accents apart
    assert not np.array_equal(a, i)


@given(st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_flip_turns_exactly_that_many(count, seed):
    state = random_patterns(1, 30, rng=0)[0]
    kept = state.copy()
    assert np.count_nonzero(flip(state, count, rng=seed) != state) == count
    np.testing.assert_array_equal(state, kept)


def test_mask_and_noise():
    state = random_patterns(1, 1000, rng=4)[0]
    keep = np.arange(1000) < 400
    masked = mask(state, keep, fill=1)
    np.testing.assert_array_equal(masked[:400], state[:400])
    assert (masked[400:] == 1).all()
    np.testing.assert_array_equal(noise(state, 0.0, rng=0), state)
    np.testing.assert_array_equal(noise(state, 1.0, rng=0), -state)
    turned = np.mean(noise(state, 0.2, rng=0) != state)
    assert abs(turned - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 1000)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: random_patterns(0, 5), "count is 0; expected a whole number >= 1"),
        (lambda: random_patterns(3, 5, bias=2), r"bias is 2; expected a finite number in \[-1, 1\]"),
        (lambda: random_patterns(3, 5, rng="x"), "rng is 'x'"),
        (lambda: clustered_patterns(1, 1, 5, agreement=np.nan), "agreement is nan"),
        (lambda: digits([10]), "labels is 10; expected a whole number >= 0 and <= 9"),
        (lambda: digits([]), "labels: empty"),
        (lambda: mask([1, -1], np.array([True, False]), fill=np.array([1, 1])), "expected -1 or"),
        (lambda: Rng32(0).permutation("x"), "n is 'x'"),
        (lambda: digits([1], each=500), "each is 500; there are 182 images of the digit 1"),
        (lambda: letters("A B"), "expected one or more visible characters"),
        (lambda: letters("A", side=2), "side is 2"),
        (lambda: letters("中文"), r"'中' \(U\+4E2D CJK UNIFIED IDEOGRAPH-4E2D\) is not in the font"),
        (lambda: letters("A\uff21"), r"U\+FF21 FULLWIDTH LATIN CAPITAL LETTER A\) is not in the font"),
        (lambda: letters("q\u0301"), r"U\+0301 COMBINING ACUTE ACCENT\) belongs to the character before it"),
        (lambda: letters("\u263a\ufe0f"), r"U\+FE0F VARIATION SELECTOR-16\) belongs to the character before it"),
        (lambda: letters("👩\u200d🔬"), r"U\+1F469 WOMAN\) is not in the font"),
        (lambda: letters("caf\ufffd"), r"U\+FFFD REPLACEMENT CHARACTER\) stands for a letter that was lost"),
        (lambda: letters("A\u200dB"), r"'\\u200d' \(U\+200D ZERO WIDTH JOINER\) is no visible character"),
        (lambda: letters("co\u00adop"), r"U\+00AD SOFT HYPHEN\) is no visible character"),
        (lambda: letters("\ud800"), r"'\\ud800' \(U\+D800 without a name\) is no visible character"),
        (lambda: letters("A\u2800"), r"U\+2800 BRAILLE PATTERN BLANK\) leaves no ink"),
        (lambda: flip([1, -1], 3), "count is 3; expected a whole number >= 0 and <= 2"),
        (lambda: flip([1, -1], 0.5), "count is 0.5"),
        (lambda: mask([1, -1], [1, 0]), r"keep: dtype int64, shape \(2,\); expected booleans"),
        (lambda: mask([1, -1], np.array([True, False]), fill=0), "fill is 0; expected -1 or \\+1"),
        (lambda: noise([1, -1], 1.5), "probability is 1.5"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_shared_generator():
    rng = Rng32(1)
    draws = [rng.next() for _ in range(20_000)]
    assert all(0 < d < 2**32 for d in draws)
    # A fair coin of 20000 tosses has a standard deviation of 71.
    assert abs(sum(d >= 2**31 for d in draws) - 10_000) < 4 * 71
    assert sorted(Rng32(5).permutation(100)) == list(range(100))
    assert len(set(Rng32(5).choose(50, 20).tolist())) == 20
    # Each place of a permutation of 5 is equally likely: 4000 draws, expectation 800, deviation 25.
    rng = Rng32(6)
    first = np.bincount([rng.permutation(5)[0] for _ in range(4000)], minlength=5)
    assert np.abs(first - 800).max() < 4 * 25.3
    assert Rng32(0).next() != Rng32(1).next()
    with pytest.raises(ValueError, match="seed is -1"):
        Rng32(-1)
