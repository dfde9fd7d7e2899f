"""Figures of the chapter on diffusion: words, equal bytes, named axes."""

import doctest

import numpy as np
import pytest
from plotting import axes_are_named, same_bytes_twice, shows_itself

from damtutor.figures import diffusion as figures
from damtutor.figures.plot import INK

ANGLES = np.linspace(0, 2 * np.pi, 9)
FLAT = (ANGLES, np.array([0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0]), ANGLES[:4], np.array([0.0, 0.5, 0, 0.5]))
MAKERS = {
    "ring": lambda: figures.ring_plot(
        {
            "K = 4": (ANGLES, 10 * FLAT[1], *FLAT[2:], np.array([1.0, 1.2, 1.0, 3.0])),
            "K = 1024": (*FLAT, np.array([70.0, 80, 75, 1.5])),
        }
    ),
    "barrier": lambda: figures.barrier_plot([4, 32, 1024], [94, 10.5, 0.53], [12, 3.2, 0.03]),
    "valley": lambda: figures.valley_plot(
        (np.array([0.1, 0.4, 0.8]), np.array([0.995, 0.907, 0])), (np.array([0.2]), np.array([0.979])), collapse=0.7071
    ),
    "phases": lambda: figures.phases_plot(
        [10, 60, 200],
        {
            "memorised": ([0.9, 0.3, 0.0], [0.01, 0.02, np.nan]),
            "spurious": ([0.1, 0.5, 0.1], [0, 0, 0]),
            "generalised": ([0, 0.2, 0.9], [0, 0, 0]),
        },
        twin=0.4,
    ),
    "drawings": lambda: figures.drawings_plot(
        {"K = 10": np.eye(64)[:3], "K = 60": 1.5 * np.eye(64)[3:6]},
        alt="Two lines of three pictures with one dark pixel.",
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    plot = shows_itself(MAKERS[name])
    same_bytes_twice(MAKERS[name])
    if name != "drawings":
        axes_are_named(plot)


def test_alt_texts_carry_the_numbers():
    ring = MAKERS["ring"]().alt
    assert "K = 4: 4 minima, 3 of one point, 1 of a few, the highest wall is 5.0" in ring
    assert "K = 1024: 4 minima, 1 of a few, 3 of many, the highest wall is 0.5" in ring
    assert "A band marks the height 1" in ring
    assert "10.50 at K = 32" in MAKERS["barrier"]().alt
    assert "below the line 1 from K = 1024 on" in MAKERS["barrier"]().alt
    assert "stays above the line 1" in figures.barrier_plot([4], [94], [1]).alt
    assert "0.979 at σ = 0.2" in MAKERS["valley"]().alt
    assert "to 0 at σ = 0.707" in MAKERS["valley"]().alt
    assert "spurious: 0.10 at K = 10, 0.50 at K = 60" in MAKERS["phases"]().alt


def test_the_wall_is_a_line_and_the_band_has_its_height():
    wall = figures.barrier_plot([4, 8], [3, 2], [1, 1], wall=2.5).figure.axes[0]
    assert [list(line.get_ydata()) for line in wall.lines if line.get_color() == INK] == [[2.5, 2.5]]
    band = figures.ring_plot({"K": (*FLAT, np.ones(4))}, wall=0.3).figure.axes[0].patches[0]
    assert (band.get_y(), band.get_height()) == (0, 0.3)


def test_pictures_show_ink_dark_and_cut_what_is_beyond():
    shown = MAKERS["drawings"]().figure.axes
    np.testing.assert_array_equal(shown[0].images[0].get_array(), -(2 * np.eye(64)[0].reshape(8, 8) - 1))
    np.testing.assert_array_equal(shown[3].images[0].get_array(), -(2 * np.eye(64)[3].reshape(8, 8) - 1))


def test_examples_in_docstrings():
    found = doctest.testmod(figures)
    assert found.attempted >= 6
    assert found.failed == 0
