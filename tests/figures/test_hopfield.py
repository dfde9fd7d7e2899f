"""Figures of chapter `hopfield`: each shows itself with its alt text, the same bytes twice, and says what is drawn."""

import numpy as np
import pytest
from plotting import axes_are_named, shows_itself

from damtutor.figures import hopfield

POINTS = [(0.5, 0.4, 0.6), (1.0, 0.9, 1.0)]
MAKERS = {
    "energies": lambda: hopfield.energies_plot(
        {"memory": np.array([-0.5, -0.499]), "mixture": np.array([-0.37]), "other": np.array([])}, {"memory": -0.5}
    ),
    "ends": lambda: hopfield.ends_plot([5, 20], {"memory": [(0.3, 0.02, 6), (0.4, 0.01, 6)]}),
    "rules": lambda: hopfield.rules_plot(["hebb", "projection"], {"digits": POINTS}, trials=20),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    plot = shows_itself(MAKERS[name])
    assert MAKERS[name]().png() == plot.png()
    axes_are_named(plot)


def test_alt_texts_carry_the_numbers():
    energies = MAKERS["energies"]().alt
    assert "memory: 2 runs, mean -0.499" in energies or "memory: 2 runs, mean -0.500" in energies
    assert "other" not in energies, "a kind without a run is not drawn"
    assert "0.40 at K = 20" in MAKERS["ends"]().alt
    assert "1.00 with projection" in MAKERS["rules"]().alt
