"""Figures of chapter `capacity`: each shows itself with its alt text, the same bytes twice, and says what is drawn."""

import numpy as np
import pytest
from plotting import same_bytes_twice, shows_itself

from damtutor.figures import capacity

GRID = np.linspace(0, 1, 11)
SPREAD = ([0.1, 0.2], [1.0, 0.4], [0.01, 0.05])
DROP = ([0.01, 0.138, 0.138, 0.2], [1.0, 0.97, 0.0, 0.0])
MAKERS = {
    "load": lambda: capacity.load_plot({"N = 100": SPREAD, "N = 200": SPREAD}, DROP),
    "stability": lambda: capacity.stability_plot(
        np.array([[1.2, 0.8], [-0.1, 1.1]]), (GRID, GRID), label="K = 2", top=2.0, recalled=(3, 4)
    ),
    "plain": lambda: capacity.stability_plot(np.array([9.0, -9.0, 1.0, 1.0]), (GRID, GRID), label="K = 1"),
    "perfect": lambda: capacity.perfect_plot(
        (64, 128), ([13.0, 21.0], [0.2, 0.3]), {"finite": [12.0, 20.0], "first": [8.0, 13.0]}
    ),
    "vote": lambda: capacity.vote_plot({"b = 0.5": SPREAD}),
    "heat": lambda: capacity.heat_plot(
        [1.0, 0.9, 0.8, 0.8], 0.5, GRID, {"AGS": 1 - GRID, "tanh": 1 - GRID**2}, label="load 0.01"
    ),
    "phase": lambda: capacity.phase_plot([0, 0.138], [1, 0], [(0.05, 0.1, 0.99), (0.1, 0.9, 0.02), (0.1, 0.1, 0.1)]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    shows_itself(MAKERS[name])


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_has_the_same_bytes_twice(name):
    same_bytes_twice(MAKERS[name])


@pytest.mark.parametrize("name", MAKERS)
def test_axes_are_named(name):
    axes = MAKERS[name]().figure.axes
    assert all(ax.get_xlabel() for ax in axes)
    assert axes[0].get_ylabel()


def test_alt_texts_carry_the_numbers():
    assert "N = 200: 1.00 at 0.1, 0.40 at 0.2" in MAKERS["load"]().alt
    assert "0.138" in MAKERS["load"]().alt
    assert "25.00 % of the bits wrong" in MAKERS["stability"]().alt
    assert "3 of 4 damaged patterns" in MAKERS["stability"]().alt
    assert "25.00 %" in MAKERS["plain"]().alt  # what lies beyond the axis is counted
    assert "N = 64: measured 13.0, finite 12.0, first 8.0" in MAKERS["perfect"]().alt
    assert "0.40 at 0.20" in MAKERS["vote"]().alt
    assert "0.80 in the second half" in MAKERS["heat"]().alt
    assert "2 of 3 measured points" in MAKERS["phase"]().alt
