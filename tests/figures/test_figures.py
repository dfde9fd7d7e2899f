"""Figures: each shows itself with its alt text, the same bytes twice, and says what is drawn."""

import numpy as np
import pytest
from plotting import axes_are_named, same_bytes_twice, shows_itself

from damtutor import figures
from damtutor.patterns import digits

POINTS = [(0.5, 0.4, 0.6), (1.0, 0.9, 1.0)]
MAKERS = {
    "interaction": lambda: figures.interaction_plot(np.array([-1.0, 0.0, 1.0]), {"x²": np.array([1.0, 0.0, 1.0])}),
    "recall": lambda: figures.recall_plot(["n = 2", "n = 3"], {"digits": POINTS}, trials=20),
    "trace": lambda: figures.trace_plot({"n = 2": np.array([-0.5, -0.7, -1.0])}),
    "crosstalk": lambda: figures.crosstalk_plot(np.array([[1.2, 0.8], [-0.1, 1.1]]), 0.5, label="K = 2"),
    "capacity": lambda: figures.capacity_plot(
        {"n = 2": ([16, 32], np.array([3.0, 6.0]), np.array([0.1, 0.1]), [3.1, 6.2], 1.0, 0.04)}
    ),
    "collapse": lambda: figures.collapse_plot(
        {"N = 10": (np.array([0.5, 1.0]), POINTS)}, np.linspace(0, 2, 9), np.linspace(1, 0, 9)
    ),
    "pictures": lambda: figures.pictures([digits()[:3]], labels=["stored"], alt="Three stored digits: 0, 1, 2."),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    shows_itself(MAKERS[name])


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_has_the_same_bytes_twice(name):
    same_bytes_twice(MAKERS[name])


def test_axes_are_named():
    for name in MAKERS.keys() - {"pictures"}:
        axes_are_named(MAKERS[name]())


def test_alt_texts_carry_the_numbers():
    assert "0.50 for n = 2" in MAKERS["recall"]().alt
    assert "from -0.50 to -1.00 in 2 flips" in MAKERS["trace"]().alt
    assert "25.00 % of the bits" in MAKERS["crosstalk"]().alt
    assert "slope 1.00" in MAKERS["capacity"]().alt
