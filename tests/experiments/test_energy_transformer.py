"""Measurements on random blocks of the Energy Transformer."""

import doctest
import math

import numpy as np
import pytest

from damtutor.experiments import energy_transformer as measured
from damtutor.models.energy_transformer import energy_transformer


def test_examples_in_the_docstrings_run():
    found = doctest.testmod(measured)
    assert found.failed == 0
    assert found.attempted >= 6


def test_rises_are_those_of_the_source_within_the_scatter_of_cases():
    """Source: 47 of 1200 steps by the first term alone, none by both; its weights are not stated."""
    counts = measured.rises(asked=False)
    assert abs(counts.sum() - 47) < 2 * math.sqrt(20) * counts.std(ddof=1)
    assert (counts > 0).sum() >= 4
    assert not measured.rises().any()
    assert measured.rises(rate=3.0, cases=5).shape == (5,)
    assert not measured.rises(rate=3.0, cases=5).any()


def test_a_short_step_takes_what_the_rate_predicts_and_the_error_falls_with_the_step():
    case = measured.random_block(2)
    net = energy_transformer(6, case.query, case.key, case.patterns)
    off = []
    for rate in (2e-3, 1e-3, 5e-4):
        found = measured.losses(net, case.tokens, rate=rate, steps=5)
        assert (found.measured < 0).all()
        assert (found.predicted < 0).all()
        off.append(abs(found.measured[0] / found.predicted[0] - 1))
    np.testing.assert_allclose(np.divide(off[:-1], off[1:]), 2, rtol=0.1)  # of first order in the step


def test_the_first_term_alone_does_not_take_what_the_rate_predicts():
    case = measured.random_block(2)
    found = measured.losses(measured.attention_only(case, asked=False), case.tokens, rate=1e-4, steps=1)
    assert abs(found.measured[0] / found.predicted[0] - 1) > 0.1  # a right slope is off by 1e-3 here


def test_bad_input_is_refused_with_words():
    for make, words in (
        (lambda: measured.rises(rate=0), "rate is 0"),
        (lambda: measured.rises(cases=0), "cases is 0"),
        (lambda: measured.rises(asked=1), "asked is 1"),
        (lambda: measured.random_block(-1), "seed is -1"),
    ):
        with pytest.raises(ValueError, match=words):
            make()
