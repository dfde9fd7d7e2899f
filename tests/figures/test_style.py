"""Figures look the same whatever the caller set in matplotlib, and leave his settings as they were."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from damtutor import figures
from damtutor.figures.plot import Plot, strip
from damtutor.patterns import letters

HOSTILE = {
    "text.usetex": True,  # no LaTeX is installed
    "figure.figsize": (1, 9),
    "figure.dpi": 30,
    "figure.facecolor": "black",
    "axes.facecolor": "black",
    "axes.edgecolor": "red",
    "axes.grid": True,
    "axes.prop_cycle": "cycler('color', ['magenta'])",
    "axes.formatter.limits": (0, 0),
    "axes.unicode_minus": False,
    "axes.xmargin": 2.0,
    "text.color": "white",
    "xtick.color": "white",
    "xtick.labelsize": 40,
    "ytick.right": True,
    "lines.linewidth": 20,
    "font.family": ["no such font"],
    "font.size": 30,
    "font.style": "italic",
    "legend.frameon": True,
    "legend.fontsize": 2,
    "image.origin": "lower",
    "image.cmap": "jet",
    "hatch.linewidth": 9,
    "savefig.dpi": 7,
    "savefig.bbox": "tight",
    "savefig.facecolor": "pink",
    "savefig.transparent": True,
    "path.sketch": (5, 100, 2),
}


def makers():
    """Name -> function that makes a plot, of the tests of all figures; those of one module under their own names."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.name != Path(__file__).name:
            spec = importlib.util.spec_from_file_location(f"makers_{path.stem}", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found |= {f"{path.stem}, {name}": make for name, make in getattr(module, "MAKERS", {}).items()}
    return found


MAKERS = makers()


@pytest.mark.parametrize("name", MAKERS)
def test_the_callers_style_changes_no_picture_and_stays(name):
    plain = MAKERS[name]()
    with mpl.rc_context(), np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        mpl.style.use("dark_background")
        mpl.rcParams.update(HOSTILE)
        before = dict(mpl.rcParams.copy())
        made = MAKERS[name]()
        picture = made.png(40)
        assert dict(mpl.rcParams.copy()) == before
    assert picture == plain.png(40)
    assert made.alt == plain.alt


def test_every_figure_function_is_tried():
    used = {function.__name__ for make in MAKERS.values() for function in called(make)}
    assert set(figures.__all__) - used == {"Plot", "error_plot"}  # that of the start page is tried below
    plain = error()
    with mpl.rc_context(HOSTILE):
        assert error().png() == plain.png()


def called(make):
    """Figure functions that a maker names."""
    names = make.__code__.co_names
    return [getattr(module, n) for module in (figures,) for n in names if n in figures.__all__]


def error() -> Plot:
    return figures.error_plot([(0.2, 0.1, 0.3)], [1.0], ([0.5, 2.0], [0.3, 0.02]))


def test_a_figure_that_is_saved_or_shown_by_hand_keeps_the_style(tmp_path):
    def bytes_of(plot, name):
        plot.figure.savefig(tmp_path / name, format="png", dpi=50, metadata={"Software": None})
        return (tmp_path / name).read_bytes()

    plain = bytes_of(error(), "plain.png")
    with mpl.rc_context(HOSTILE):
        assert bytes_of(error(), "styled.png") == plain
        error().figure.canvas.draw()  # what a notebook does: no LaTeX is asked for


def test_a_strip_of_an_explorer_keeps_the_style():
    from matplotlib.figure import Figure

    from damtutor.widgets import Explorer

    def picture(n):
        figure = Figure(figsize=(2, 1))
        figure.subplots().plot([0, 1], [0, n], label="a line")
        return figure, f"A line to {n}."

    plain = Explorer(picture, n=[1, 2]).config["strips"]
    with mpl.rc_context(HOSTILE):
        assert Explorer(picture, n=[1, 2]).config["strips"] == plain
        assert strip([error().figure], 50)[1] == (300, 180)


def test_letters_do_not_depend_on_the_style():
    plain = letters("Rg&")
    with mpl.rc_context(HOSTILE):
        np.testing.assert_array_equal(letters("Rg&"), plain)
