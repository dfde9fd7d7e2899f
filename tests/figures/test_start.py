"""The figure of the first page shows itself with its alt text, the same bytes twice, and says what is drawn."""

import numpy as np
from plotting import axes_are_named, shows_itself

from damtutor import figures

GRID = np.array([1.0, 2.0, 3.0])


def made():
    measured = [(0.16, 0.15, 0.17), (0.05, 0.04, 0.06), (0.0, 0.0, 0.002)]
    return figures.error_plot(measured, GRID, (GRID, np.array([0.159, 0.0228, 0.00135])))


def test_the_figure_shows_itself_with_its_words():
    plot = shows_itself(made)
    assert made().png() == plot.png()
    axes_are_named(plot)


def test_its_alt_text_carries_the_numbers():
    alt = made().alt
    assert "0.16 at 1.00, 0.05 at 2.00, 0 at 3.00" in alt
    assert "through 2 of 3 intervals" in alt
