"""Figures of the chapter on the continuous network: words, equal bytes, named axes."""

import numpy as np
import pytest
from plotting import is_whole

from damtutor.figures import modern as figures

B = np.linspace(3, 14, 6)
MAKERS = {
    "walk": lambda: figures.walk_plot(
        np.linspace(0, 1, 5), {"β = 4": np.linspace(0, 1, 5)}, {"β = 4": (np.array([0.0]), np.array([0.0]))}
    ),
    "loop": lambda: figures.loop_plot(
        B,
        np.array([12.0, 12, 12, 12, 1, 1]),
        np.array([12.0, 1.5, 1, 1, 1, 1]),
        theory={"one memory": (B, np.ones(6)), "the average": (np.array([3, 12]), np.array([12, 12]))},
        marks={"memories appear": 4.81, "equal energy": 5.28, "β_c": 12.0},
    ),
    "branches": lambda: figures.branches_plot(
        (np.array([0.5, 2, 50]), np.array([12.0, 4, 1]), np.array([True, False, True])),
        (np.array([0.5, 50]), np.array([1, 12])),
        critical=2.303,
        label="3 clusters",
    ),
    "descent": lambda: figures.descent_plot({"a = 1": np.array([3.0, 1.0, 0.5])}),
    "bound": lambda: figures.bound_plot({"d = 8": (np.array([1e-3, 1e-2]), np.array([1e-2, 3.0]))}, useless=2),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    is_whole(MAKERS[name])


def test_alt_texts_carry_the_numbers():
    assert "β = 4: minima at 0.00" in MAKERS["walk"]().alt
    assert "equal energy at β = 5.28" in MAKERS["loop"]().alt
    assert "β_c = 2.303" in MAKERS["branches"]().alt
    assert "12 at β = 50" in MAKERS["branches"]().alt
    assert "from 3.00 to 0.50" in MAKERS["descent"]().alt
    assert "2 of 2 dots lie below" in MAKERS["bound"]().alt
