"""Figures of the chapter on two groups of neurons: words, equal bytes, named axes."""

import numpy as np
import pytest
from plotting import is_whole

from damtutor.figures import two_group as figures

T = np.linspace(0, 2, 5)
TAU = np.array([0.2, 0.1, 0.05])
MAKERS = {
    "dissipation": lambda: figures.dissipation_plot(
        T, np.array([3.0, 2.0, 1.5, 1.2, 1.0]), np.full(5, 0.25), np.full(5, 0.75), np.array([-0.6, -0.4, -0.5, -1, -2])
    ),
    "alone": lambda: figures.dissipation_plot(T, np.linspace(3, 1, 5), np.ones(5), np.zeros(5)),
    "adiabatic": lambda: figures.adiabatic_plot({"model A": (TAU, 1.1 * TAU), "model C": (TAU, 0.003 * TAU)}),
    "filling": lambda: figures.filling_plot(
        {
            "N_h = 64": ([16, 64, 256], np.array([16.0, 57, 57]), np.array([0.0, 1, 1])),
            "N_h = K": ([16, 64, 256], np.array([16.0, 57, 4]), np.array([0.0, 1, 0.5])),
        },
        size=32,
    ),
    "edge": lambda: figures.edge_plot(
        {"n = 3": (np.array([0, 0.1, 0.2]), np.array([6.91, 5.2, 3.49])), "n = 4": (np.array([0.1]), np.array([1.53]))},
        {"n = 3": (np.array([0, 0.1]), np.array([6.98, 5.38]), np.array([0.07, 0.06]))},
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    is_whole(MAKERS[name])


def test_alt_texts_carry_the_numbers():
    words = MAKERS["dissipation"]().alt
    assert "from 3.00 to 1.00 in a time of 2" in words
    assert "feature neurons take 0.50 of it, the memory neurons 1.50" in words
    assert "starts at -0.60 and is -0.40 at its highest" in words
    assert "effective" not in MAKERS["alone"]().alt
    assert "model A: from 0.22 to 0.055, slope 1.00" in MAKERS["adiabatic"]().alt
    assert "N_h = K: 16 of 16, 57 of 64, 4 of 256" in MAKERS["filling"]().alt
    words = MAKERS["edge"]().alt
    assert "n = 3: 6.91 down to 3.49" in words
    assert "5.38 ± 0.06 at 10 %" in words


def test_the_slope_drawn_is_one():
    """The line goes through the fastest dot with the others on it, where errors are in proportion."""
    ax = MAKERS["adiabatic"]().figure.axes[0]
    dots, line = ax.lines[:2]
    np.testing.assert_allclose(line.get_ydata(), dots.get_ydata(), rtol=1e-12)


def test_theory_alone_is_a_figure():
    plot = figures.edge_plot({"n = 3": ([0.0, 0.1], [6.9, 5.2])}, {})
    assert "measured, none" in plot.alt
