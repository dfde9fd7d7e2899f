"""Figures on learning and on adaptive computation: words, equal bytes, named axes, error bars where they belong."""

import doctest

import numpy as np
import pytest
from plotting import is_whole

from damtutor.figures import learning as figures
from damtutor.figures.plot import INK

ORDERS = [2, 3, 10, 30]
MAKERS = {
    "accuracy": lambda: figures.accuracy_plot(
        {
            "nothing trained": (ORDERS, [0.688, 0.806, 0.917, 0.95], [0.02, 0.02, 0.01, 0.01]),
            "trained": (ORDERS, [0.98, 0.987, 0.98, 0.07], [0.01, 0.01, 0.01, 0.01]),
        },
        {"nearest image": 0.990, "class mean": 0.907},
    ),
    "prototypes": lambda: figures.prototypes_plot(
        ORDERS, ([34.6, 38.4, 9.1, 1.6], [0.5, 0.3, 0.1, 0.01]), ([0.59, 0.72, 0.93, 0.93], [0.03, 0.01, 0.01, 0.01])
    ),
    "epochs": lambda: figures.epochs_plot(
        [0, 30, 100],
        {"data": ([0, 0.6, 0.64], [0, 0.02, 0.01]), "noise": ([0, 0.8, 0.95], [0, 0.02, 0.01])},
        {"data": ([1, 0.6, 0.56], [0, 0.02, 0.03]), "noise": ([1, 0.3, 0.06], [0, 0.02, 0.01])},
    ),
    "frontier": lambda: figures.frontier_plot(
        ([1, 10, 40], [0.32, 0.76, 0.96], [0.3, 0.73, 0.95], [0.35, 0.79, 0.97]),
        ([3.1, 12.0], [0.58, 0.994], [0.55, 0.99], [0.61, 0.997]),
    ),
    "moves": lambda: figures.moves_plot([1e-3, 1e-6], [0.043, 0.0015], [0.0447, 0.00141]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    is_whole(MAKERS[name])


def test_alt_texts_carry_the_numbers():
    accuracy = MAKERS["accuracy"]().alt
    assert "nothing trained: 0.688 at n = 2, 0.950 at n = 30;" in accuracy
    assert "trained: 0.980 at n = 2, 0.070 at n = 30 (1 below the axis)" in accuracy
    assert "class mean 0.907" in accuracy
    assert "34.6 at n = 2, 1.6 at n = 30" in MAKERS["prototypes"]().alt
    assert "0.59 at n = 2, 0.93 at n = 30" in MAKERS["prototypes"]().alt
    epochs = MAKERS["epochs"]().alt
    assert "data 0.00 at epoch 0, 0.64 at epoch 100; noise" in epochs
    assert "noise 1.00 at epoch 0, 0.06 at epoch 100" in epochs
    assert "Stopped by energy: 0.580 at 3.1, 0.994 at 12.0" in MAKERS["frontier"]().alt
    assert "1 of 2 dots lie below" in MAKERS["moves"]().alt


def test_reference_lines_and_bars_are_where_they_belong():
    ax = MAKERS["accuracy"]().figure.axes[0]
    lines = [line.get_ydata()[0] for line in ax.lines if line.get_color() == INK and len(line.get_xdata()) == 2]
    assert lines == [0.990, 0.907]
    bars = MAKERS["frontier"]().figure.axes[0].collections[0].get_segments()
    np.testing.assert_allclose([[low[1], high[1]] for low, high in bars], [[0.3, 0.35], [0.73, 0.79], [0.95, 0.97]])
    left, right = MAKERS["prototypes"]().figure.axes
    assert left.get_yscale() == "log"
    assert right.get_ylim()[0] == 0


def test_examples_in_docstrings():
    found = doctest.testmod(figures)
    assert found.attempted >= 5
    assert found.failed == 0
