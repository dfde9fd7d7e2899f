"""Figures of the chapter on design: words, equal bytes, named axes."""

import doctest

import numpy as np
import pytest
from plotting import axes_are_named, same_bytes_twice, shows_itself

from damtutor.figures import design as figures

TRUTH = -np.ones((3, 64))
TRUTH[:, 18:46:8] = 1.0
KNOWN = np.tile(np.arange(64) < 32, (3, 1))
BARS = {
    "whole": {"lower half": (0.206, 0.016), "shifted": (0.822, 0.02)},
    "shared patches": {"lower half": (0.323, 0.007), "shifted": (0.234, 0.006)},
    "whole + shared": {"lower half": (0.176, 0.011), "shifted": (0.571, 0.015)},
}
FLOORS = {
    "mean image": {"lower half": 0.316, "shifted": 0.801},
    "nearest image": {"lower half": 0.205, "shifted": 0.843},
}
MAKERS = {
    "stack": lambda: figures.stack_plot(
        {"x": np.zeros(4), "attention": np.array([-10.0, -14, -16, -15]), "memory": np.array([2.0, 1, -1, -3])}
    ),
    "strip": lambda: figures.completion_strip(
        TRUTH, KNOWN, {"whole": 0.9 * TRUTH, "sum": TRUTH}, {"whole": [0.01, 0.01, 0.04], "sum": [0.0, 0, 0]}
    ),
    "errors": lambda: figures.completion_plot(BARS, FLOORS),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    plot = shows_itself(MAKERS[name])
    same_bytes_twice(MAKERS[name])
    if name != "strip":
        axes_are_named(plot)


def test_alt_texts_carry_the_numbers():
    assert "attention from -10.00 to -15.00" in MAKERS["stack"]().alt
    assert "The sum falls from -8.00 to -18.00; its largest rise in a step is 0." in MAKERS["stack"]().alt
    rising = figures.stack_plot({"attention": np.array([-3.0, -2.5, -2.9])}).alt
    assert "The sum goes from -3.00 to -2.90; its largest rise in a step is 0.5." in rising
    assert "3 digits, 32 of 64 pixels lost" in MAKERS["strip"]().alt
    assert "whole with a mean square error of 0.02, sum with a mean square error of 0.00" in MAKERS["strip"]().alt
    words = MAKERS["errors"]().alt
    assert "lines: mean image 0.316, nearest image 0.205. The lowest is whole + shared." in words
    assert "shared patches 0.234" in words
    assert "The lowest is shared patches." in words


def test_what_is_drawn_is_what_was_given():
    stack = MAKERS["stack"]().figure.axes[0]
    np.testing.assert_allclose(stack.lines[0].get_ydata(), [-8, -13, -17, -18])
    low = min(band.get_paths()[0].vertices[:, 1].min() for band in stack.collections)
    assert low == -18  # terms of one sign lie on each other
    crossed = MAKERS["strip"]().figure.axes[0].lines[-1]
    assert crossed.get_ydata().min() == 4
    assert len(crossed.get_xdata()) == 32


def test_more_terms_than_hatches_are_refused():
    with pytest.raises(ValueError, match="6 entries; expected 1 to 5"):
        figures.stack_plot({str(k): np.zeros(2) for k in range(6)})


def test_examples_in_the_docstrings_run():
    found = doctest.testmod(figures)
    assert found.failed == 0
    assert found.attempted == 5
