"""The items of `damtutor reproduce`, each in its quick run: rows are whole, no more differ than chance allows."""

import math
from functools import partial

import pytest

from damtutor.reproduce.figure import compare_plot
from damtutor.reproduce.items import ITEMS
from damtutor.reproduce.report import AGREES, NOT_PRINTED, Run
from damtutor.sweeps.sweep import sweep

CHANCE = 0.0027  # of a row that agrees in truth, to be called different


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=ITEMS)
def made(request):
    item = ITEMS[request.param]
    return item, item.make(Run(False, partial(sweep, jobs=2)))


def test_rows_are_whole(made):
    _, report = made
    assert len({row.quantity for row in report.rows}) == len(report.rows)
    for row in report.rows:
        if row.low is not None:
            assert row.low <= row.value + 1e-12 <= row.high + 2e-12, row
        assert math.isfinite(row.value), row
        assert row.verdict in (AGREES, NOT_PRINTED) or row.verdict.startswith("differs: "), row


def test_what_differs_without_a_reason_is_chance(made):
    """At most as many as chance allows: the binomial tail beyond is below 1e-4 for each item."""
    _, report = made
    unexplained = [row for row in report.rows if row.verdict == "differs: not explained"]
    expected = CHANCE * len(report.rows)
    assert len(unexplained) <= math.ceil(expected + 4 * math.sqrt(expected)), unexplained


def test_a_figure_says_what_is_seen(made):
    _, report = made
    plot = compare_plot(report.panels, see=report.see)
    assert plot.alt.startswith(report.see)
    for ax in plot.figure.axes:
        assert ax.get_ylabel()


def test_times_are_within_the_budgets():
    assert all(item.quick < 60 for item in ITEMS.values())
    assert sum(item.full for item in ITEMS.values()) < 3600
