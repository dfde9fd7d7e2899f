"""Figures of chapter `energy`: each shows itself with its words, the same bytes twice, axes named."""

import numpy as np
import pytest
from plotting import is_whole

from damtutor.figures import energy as figures

TRIANGLE = np.array([[0.0, 1.0], [-0.87, -0.5], [0.87, -0.5]])
MAKERS = {
    "places": lambda: figures.places_plot(
        np.array([0.8, 1.2, 1.6]), np.array([3, 7, 4]), [(0.8, 3), (1.2, 7)], drops=3000
    ),
    "merging": lambda: figures.merging_plot(np.array([0.3, 0.9, 1.2]), np.array([1, 0.7, 0]), [(0.9, 0.7)]),
    "shares": lambda: figures.shares_plot(
        ["1", "mean of\n1+2"], [(0.2, 0.15, 0.26), (0.0, 0.0, 0.02)], [0.19, 0.01], drops=200
    ),
    "plane": lambda: figures.plane_plot(
        TRIANGLE, np.vstack([TRIANGLE, [[0, 0]]]), [np.array([[0.3, 1.5], [0, 1]])], reach=1.2
    ),
    "pair": lambda: figures.pair_plot({"one at a time": np.array([1, -1, -1]), "together": np.array([1, 1, 1])}),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    is_whole(MAKERS[name])


def test_alt_texts_carry_the_numbers():
    assert "3 at R = 0.80, 7 at R = 1.20" in MAKERS["places"]().alt
    assert "0.70 at 0.90" in MAKERS["merging"]().alt
    assert "mean of 1+2: 0.000, area 0.010" in MAKERS["shares"]().alt
    assert "1 resting places that nobody stored" in MAKERS["plane"]().alt
    assert "one at a time: from 1 to -1 in 2 updates; together: from 1 to 1" in MAKERS["pair"]().alt
