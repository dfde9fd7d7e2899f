"""Rows of reproduced tables: when two numbers agree, and what is said when they do not."""

import numpy as np
import pytest
from examples import without_example
from plotting import is_whole

from damtutor.reproduce import report
from damtutor.reproduce.figure import compare_plot
from damtutor.reproduce.report import AGREES, NOT_PRINTED, Dots, Heat, Line, Panel

PANELS = [
    Panel(
        "alpha' = 0.1",
        "time t, updates",
        "overlap m",
        lines=[Line("theory, m0 = 0.5", [0, 1, 2], [0.5, 0.57, 0.74]), Line("theory, m0 = 0.3", [0, 1], [0.3, 0.2])],
        dots=[
            Dots("measured, m0 = 0.5", [1, 2], [0.57, 0.73], [0.56, 0.72], [0.58, 0.74]),
            Dots("source, m0 = 0.5", [1, 2], [0.5686, 0.7195], [0.56, 0.71], [0.57, 0.73], source=True),
        ],
    ),
    Panel("map", "load", "start", heat=Heat([0, 1], [0, 1], np.eye(2), "m(20)"), lines=[Line("edge", [0, 1], [0, 1])]),
]


def test_examples_in_docstrings():
    assert without_example(report).isdisjoint(
        {"mean_row", "value_row", "share_row", "sets_row", "design_effect", "limit_row"}
    )


def test_equal_truths_are_seldom_called_different():
    """Of 2000 pairs of shares with one truth, and of means, the expected number is 5.4 at most (Fisher: fewer)."""
    rng = np.random.default_rng(0)
    shares = rng.binomial([60, 40], 0.3, (2000, 2))
    different = sum(report.share_row("", int(a), 60, b / 40, 40).verdict != AGREES for a, b in shares)
    assert different <= 15  # 4 standard deviations above 5.4
    pairs = rng.normal(0, 0.1, 2000)
    assert sum(report.value_row("", x, 0.0, error=0.08, source_error=0.06).verdict != AGREES for x in pairs) <= 15
    few = rng.normal(5, 1, (2000, 4))
    assert sum(report.mean_row("", values, 5.0).verdict != AGREES for values in few) <= 15


def test_different_truths_are_called_different_and_the_reason_is_told():
    assert report.share_row("", 90, 100, 0.5, 100, "another N").verdict == "differs: another N"
    assert report.share_row("", 90, 100, 0.5).verdict == "differs: not explained"
    assert report.value_row("", 1.0, 2.0, error=0.1).verdict == "differs: not explained"
    assert report.mean_row("", [1.0, 1.1, 0.9, 1.0], 2.0, why="K").verdict == "differs: K"


def test_intervals_of_shares_cover_though_members_of_a_set_go_together():
    """Sets whose own rates scatter, so that 20 members count as 20/(1 + 19 · 0.1) = 6.9: of 400 intervals that are made
    of 6 sets at 5 points each, 5 % miss, give or take; as independent members they would miss three times as often."""
    rng, missed = np.random.default_rng(0), np.zeros(2)
    for _ in range(80):
        rates = rng.beta(0.4 * 9, 0.6 * 9, (5, 6))  # mean 0.4, correlation of members 1/(1 + 9)
        shares = rng.binomial(20, rates) / 20
        for k, design in enumerate((report.design_effect(shares, 20), 1.0)):
            rows = [report.sets_row("", share, 20, None, 1, design=design) for share in shares]
            missed[k] += sum(not row.low <= 0.4 <= row.high for row in rows)
    assert missed[0] < 20 + 4 * np.sqrt(20)
    assert missed[1] > 60
    assert report.design_effect(rng.binomial(20, 0.4, (400, 6)) / 20, 20) < 1.2


def test_the_last_printed_digit_is_a_rounding():
    assert report.value_row("", 0.12344, 0.123, unit=1e-3).verdict == AGREES
    assert report.value_row("", 0.1236, 0.123, unit=1e-3).verdict != AGREES
    assert report.value_row("", 0.1235, 0.123, unit=1e-3).verdict == AGREES  # the tie, whichever way it was rounded


def test_a_limit_has_one_side():
    assert report.limit_row("", 0.1, at_most=0.2).verdict == AGREES
    assert report.limit_row("", 0.3, at_most=0.2, why="N").verdict == "differs: N"
    row = report.limit_row("", 0.9, at_least=0.85, low=0.8, high=0.95)
    assert (row.source, row.verdict, row.low, row.high) == (0.85, AGREES, 0.8, 0.95)


def test_a_number_that_the_source_has_not_is_no_agreement():
    assert report.value_row("", 1.0, None).verdict == NOT_PRINTED
    assert report.share_row("", 1, 2, None).verdict == NOT_PRINTED


def test_bars_are_95_percent_of_means_and_shares():
    found = report.dots("x", [1, 2], [[0.0, 2.0], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(found.y, [1, 1])
    np.testing.assert_allclose(found.high - found.y, [12.706, 0], rtol=1e-3)  # Student's t with one degree of freedom
    found = report.share_dots("x", [1], [0], [10])
    assert found.y[0] == found.low[0] == 0
    assert 0.27 < found.high[0] < 0.28  # Wilson: z²/(n + z²)


def test_the_figure_of_a_table():
    plot = compare_plot(PANELS, see="Dots lie on the line.")
    assert plot.alt.startswith("Dots lie on the line. alpha' = 0.1: overlap m against time t, updates.")
    assert "measured, m0 = 0.5: 0.57 at 1 to 0.73 at 2" in plot.alt
    assert plot.alt.endswith("Bars are 95 % intervals.")
    is_whole(lambda: compare_plot(PANELS[:1], see="Dots lie on the line."))
    left = plot.figure.axes[0]
    colours = {text.get_text(): handle for text, handle in zip(*_legend(left), strict=True)}
    assert colours["theory, m0 = 0.5"] != colours["theory, m0 = 0.3"]
    assert colours["theory, m0 = 0.5"] == colours["measured, m0 = 0.5"] == colours["source, m0 = 0.5"]


def test_axes_and_legends_of_maps_and_counts():
    """A map keeps to its own ends and its legend is below; whole numbers have whole ticks; K = 2000 is said in full."""
    plot = compare_plot(PANELS, see="")
    left, right = plot.figure.axes[:2]
    plot.figure.canvas.draw()
    assert right.get_xlim() == right.get_ylim() == (0, 1)
    box = right.get_legend().get_window_extent()
    assert box.y1 < right.get_window_extent().y0
    assert all(float(tick).is_integer() for tick in left.get_xticks())
    long = Panel("K", "patterns K", "share", dots=[Dots("ours", [500, 2000], [1, 0.5], [0.9, 0.4], [1, 0.6])])
    assert "1 at 500 to 0.5 at 2000" in compare_plot([long], see="").alt


def test_dots_beside_lines_stay_near_their_place():
    def dots(lines):
        series = [Dots(f"networks, N = {n}", [0, 10], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9]) for n in (1, 2, 3, 4)]
        ax = compare_plot([Panel("", "t", "m", lines=lines, dots=series)], see="").figure.axes[0]
        return [container.lines[0].get_xdata()[0] for container in ax.containers]

    assert max(map(abs, dots([Line("theory, N = 1", [0, 10], [0, 1])]))) < 0.05 < max(map(abs, dots([])))


def _legend(ax):
    handles, labels = ax.get_legend_handles_labels()
    found = ax.get_legend().get_texts()
    assert [text.get_text() for text in found] == labels
    return found, [(h[0] if isinstance(h, tuple) else h).get_color() for h in handles]


@pytest.mark.parametrize("panels", [[], PANELS * 3])
def test_too_many_panels_are_refused(panels):
    with pytest.raises(ValueError, match="expected one to 4"):
        compare_plot(panels, see="")


def test_a_figure_refuses_panels_that_it_cannot_draw():
    def plot(**series):
        return compare_plot([report.Panel("title", "x", "y", **series)], see="")

    with pytest.raises(ValueError, match=r"'a' of panels\[0\]: lengths \[2, 1, 1, 1\]; expected one length"):
        plot(dots=[report.Dots("a", [0, 1], [0], [0], [0])])
    with pytest.raises(ValueError, match=r"line of panels\[0\] is \('a', \[0\], \[1\]\); expected a Line"):
        plot(lines=[("a", [0], [1])])
    with pytest.raises(ValueError, match=r"lengths \[0, 0\]; expected one length, 1 or more"):
        plot(lines=[report.Line("a", [], [])])
    assert "a: nan at 0 to 1 at 1" in plot(lines=[report.Line("a", [0, 1], [np.nan, 1])]).alt  # not known there
    with pytest.raises(ValueError, match="small is 'no'; expected True or False"):
        plot().png(small="no")
