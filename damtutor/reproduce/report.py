"""A reproduced table or figure: what the source printed, what was found here, and whether the two agree.

Two numbers agree if they differ by no more than three standard errors of their difference and half a unit of the last
printed digit: of 400 rows that agree in truth one is called different by chance. The error of a mean over few trials is
itself uncertain: there "three" and "95 %" are those of Student's t. Shares are compared by Fisher's exact test at the
same level. A row that differs carries the reason, where one is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from damtutor.reproduce.printed import Printed
from damtutor.statistics.intervals import mean, wilson
from damtutor.sweeps.sweep import collect

AGREES, NOT_PRINTED, UNEXPLAINED = "agrees", "no value in the source", "not explained"
DEVIATIONS = 3.0  # standard errors of the difference
CHANCE = 0.0027  # of more than three standard errors, both sides
WIDTH = 1.96  # half of a printed interval in standard errors: 95 %


class Comparison(NamedTuple):
    """One line of a reproduced table: a number of the source beside ours.

    Attributes
    ----------
    quantity : what it is, in words.
    source : the printed value, None where there is none.
    value : ours.
    low : lower end of our 95 % interval; `value` where nothing scatters, None where no interval was made.
    high : upper end, likewise.
    verdict : "agrees", "no value in the source", or "differs: " and why.
    printed : the value of the source as data, where it is one of `reproduce.printed`.
    """

    quantity: str
    source: float | None
    value: float
    low: float | None
    high: float | None
    verdict: str
    printed: Printed | None = None


class Line(NamedTuple):
    """A theory in a panel: its label, and x and y, each `(P,)`."""

    label: str
    x: Any
    y: Any


class Dots(NamedTuple):
    """Measurements in a panel: their label; x, y and the ends of the bars, each `(P,)`; the source's are hollow."""

    label: str
    x: Any
    y: Any
    low: Any
    high: Any
    source: bool = False


class Heat(NamedTuple):
    """A map in a panel: x `(P,)`, y `(Q,)`, values `(Q, P)` and what they are."""

    x: Any
    y: Any
    values: Any
    label: str


@dataclass(frozen=True)
class Panel:
    """One pair of axes: their words with units, and what is drawn in it."""

    title: str
    xlabel: str
    ylabel: str
    lines: Sequence[Line] = ()
    dots: Sequence[Dots] = ()
    heat: Heat | None = None
    logx: bool = False


@dataclass(frozen=True)
class Report:
    """What an item found.

    Attributes
    ----------
    rows : the table.
    panels : the figure.
    see : the first sentences of the alt text.
    notes : what the reader has to know of it.
    """

    rows: Sequence[Comparison]
    panels: Sequence[Panel]
    see: str
    notes: Sequence[str] = ()


class Run(NamedTuple):
    """How an item is run.

    Attributes
    ----------
    full : the whole protocol, else a quick one.
    sweep : `sweeps.sweep.sweep` with its store and its workers bound to it.
    """

    full: bool
    sweep: Callable[..., list[list[dict[str, Any]]]]

    def pick(self, quick: Any, full: Any) -> Any:
        """`full` in a full run, else `quick`."""
        return full if self.full else quick


@dataclass(frozen=True)
class Item:
    """A table or figure that can be reproduced.

    Attributes
    ----------
    name : on the command line.
    title : what it is, in words.
    source : whose it is, in words.
    quick : seconds of a quick run, measured on two cores.
    full : seconds of a full run, likewise.
    make : runs it.
    """

    name: str
    title: str
    source: str
    quick: float
    full: float
    make: Callable[[Run], Report]


def mean_row(
    quantity: str,
    values: Any,
    source: Printed | float | None,
    *,
    source_error: float | None = None,
    unit: float = 0.0,
    why: str = "",
) -> Comparison:
    """A mean over independent trials `(T,)`, T >= 2, beside a printed one.

    Parameters
    ----------
    quantity : what it is, in words; the row adds whose value it is, where that is not the source of the table.
    values : of four trials or more, to tell a difference.
    source : the printed value, None where there is none.
    source_error : standard error of the printed value; by default the one that is printed with it, or 0.
    unit : of the last digit that was rounded; 0 allows for no rounding.
    why : the reason, should it differ.

    Examples
    --------
    >>> mean_row("m", [0.9, 1.1, 1.0, 1.0], 0.95, unit=0.01).verdict
    'agrees'
    >>> mean_row("m", [0.9, 1.1, 1.0, 1.0], 2.0).verdict
    'differs: not explained'
    """
    found, printed = mean(values), _printed(source)
    half, most = _student(found.sets, WIDTH) * found.error, _student(found.sets, DEVIATIONS) * found.error
    theirs = printed.error if source_error is None else source_error
    reach = math.hypot(most, DEVIATIONS * theirs) + _rounding(unit)
    agrees = source is None or abs(found.value - printed.value) <= reach
    return _comparison(quantity, source, (found.value, found.value - half, found.value + half), agrees, why)


def value_row(
    quantity: str,
    value: float,
    source: Printed | float | None,
    *,
    error: float = 0.0,
    source_error: float | None = None,
    unit: float = 0.0,
    why: str = "",
) -> Comparison:
    """A number with its standard error beside a printed one, see `mean_row`; error 0: nothing random enters it.

    Examples
    --------
    >>> row = value_row("saddle node, n = 3", 0.252190, 0.25219, unit=1e-5)
    >>> row.source, row.value, row.low, row.high, row.verdict
    (0.25219, 0.25219, 0.25219, 0.25219, 'agrees')
    """
    printed = _printed(source)
    theirs = printed.error if source_error is None else source_error
    reach = DEVIATIONS * math.hypot(error, theirs) + _rounding(unit)
    agrees = source is None or abs(value - printed.value) <= reach
    return _comparison(quantity, source, (value, value - WIDTH * error, value + WIDTH * error), agrees, why)


def share_row(
    quantity: str,
    successes: int,
    trials: int,
    source: Printed | float | None,
    source_trials: int | None = None,
    why: str = "",
) -> Comparison:
    """A share of trials beside a printed one, see `mean_row`.

    Parameters
    ----------
    quantity : what it is, in words.
    successes : of ours.
    trials : of ours.
    source : the printed share, None where there is none.
    source_trials : of the printed share; by default those that are told with it; without any it counts as exact.
    why : the reason, should it differ.

    Examples
    --------
    >>> share_row("success", 9, 10, 0.8, 20).verdict
    'agrees'
    >>> share_row("success", 90, 100, 0.1, 100, why="another protocol").verdict
    'differs: another protocol'
    """
    found, printed = wilson(successes, trials, WIDTH), _printed(source)
    count = printed.trials if source_trials is None else source_trials
    if source is None:
        agrees = True
    elif count is None:
        _, least, most = wilson(successes, trials, DEVIATIONS)
        agrees = least <= printed.value <= most
    else:
        from scipy.stats import fisher_exact

        theirs = round(printed.value * count)
        table = [[successes, trials - successes], [theirs, count - theirs]]
        agrees = fisher_exact(table)[1] >= CHANCE
    return _comparison(quantity, source, found, agrees, why)


def design_effect(shares: Any, members: int) -> float:
    """How many members of a set count as one independent trial: 1 if sets scatter as counts do, more if they differ.

    The variance of shares between sets over that of independent members, pooled over points, and 1 at least.

    Parameters
    ----------
    shares : `(points, sets)`, two sets or more.
    members : of each set.

    Examples
    --------
    >>> design_effect([[0.0, 1.0], [0.5, 0.5]], 10)
    10.0
    """
    shares = np.asarray(shares, dtype=float)
    counts = float((shares.mean(axis=1) * (1 - shares.mean(axis=1))).sum()) / members
    return max(1.0, float(shares.var(axis=1, ddof=1).sum()) / counts) if counts else 1.0


def sets_row(
    quantity: str,
    shares: Any,
    members: int,
    source: Printed | float | None,
    source_trials: int | None = None,
    *,
    design: float = 1.0,
) -> Comparison:
    """`share_row` of sets with several members each, ours and the source's.

    Parameters
    ----------
    quantity : what it is, in words.
    shares : of each set `(S,)`.
    members : of each set.
    source : the printed share, None where there is none.
    source_trials : members behind the printed share; by default those that are told with it.
    design : how many members of a set count as one independent trial, see `design_effect`.

    Examples
    --------
    >>> row = sets_row("recalled", [0.9, 0.7], 10, 0.7, 20, design=2.0)
    >>> row.value, round(row.low, 2), round(row.high, 2), row.verdict
    (0.8, 0.49, 0.94, 'agrees')
    """
    shares = np.asarray(shares, dtype=float)
    effective = max(1, round(len(shares) * members / design))
    count = _printed(source).trials if source_trials is None else source_trials
    theirs = None if count is None else max(1, round(count / design))
    row = share_row(quantity, round(shares.mean() * effective), effective, source, theirs)
    return row._replace(value=float(shares.mean()))


def limit_row(
    quantity: str,
    value: float,
    *,
    low: float | None = None,
    high: float | None = None,
    at_least: Printed | float | None = None,
    at_most: Printed | float | None = None,
    why: str = "",
) -> Comparison:
    """A number that the source holds on one side of a limit; the limit stands in the column of the source.

    Compared is the number itself, whatever its interval.

    Parameters
    ----------
    quantity : what it is, in words.
    value : ours.
    low : lower end of its interval, None where none was made.
    high : upper end, likewise.
    at_least : a lower limit.
    at_most : an upper limit.
    why : the reason, should it differ.

    Examples
    --------
    >>> limit_row("recall at m0 = 0.33, at most", 0.02, at_most=0.2).verdict
    'agrees'
    """
    least, most = _printed(at_least).value, _printed(at_most).value
    agrees = (least is None or value >= least) and (most is None or value <= most)
    limit = _printed(at_least if at_most is None else at_most)._replace(note="")  # a claim, of whom its words say
    return _comparison(quantity, limit, (value, low, high), agrees, why)


def dots(label: str, x: Sequence[float], samples: Sequence[Any]) -> Dots:
    """Means of independent trials with 95 % bars: one list of values for each x."""
    found = [mean(values) for values in samples]
    y = np.array([f.value for f in found])
    half = np.array([_student(f.sets, WIDTH) * f.error for f in found])
    return Dots(label, np.asarray(x), y, y - half, y + half)


def share_dots(label: str, x: Sequence[float], successes: Sequence[int], trials: Sequence[int]) -> Dots:
    """Shares with Wilson's 95 % bars."""
    found = np.array([wilson(k, n, WIDTH) for k, n in zip(successes, trials, strict=True)]).reshape(-1, 3)
    return Dots(label, np.asarray(x), *found.T)


def column(results: Sequence[dict[str, Any]], name: str) -> np.ndarray:
    """One value of every trial of a point, as an array, trials first."""
    return collect([results], name)[0]


def like_ours(values: Any, sets: int = 1, *, least: float = 0.0) -> float:
    """Standard error of a printed mean of `sets` sets that scatter as ours do: of a standard deviation of `least`."""
    return max(float(np.std(values, ddof=1)), least) / math.sqrt(sets)


def _student(sets: int, deviations: float) -> float:
    """The quantile of Student's t for a mean of `sets` values that is as rare as `deviations` standard errors."""
    from scipy.special import ndtr, stdtrit

    return float(stdtrit(sets - 1, ndtr(deviations)))


def _rounding(unit: float) -> float:
    """Half a unit of the last digit, and a little for ties and for sums in another order."""
    return unit / 2 * (1 + 1e-9) + 1e-12


def _printed(source: Printed | float | None) -> Printed:
    """A source as data: of a plain number nothing else is known."""
    return source if isinstance(source, Printed) else Printed(source)


def _comparison(quantity, source, found, agrees, why) -> Comparison:
    """The row of `found` (value, low, high): whether it agrees, and whose the printed value is."""
    if source is None:
        return Comparison(quantity, None, *found, NOT_PRINTED)
    printed, verdict = _printed(source), AGREES if agrees else f"differs: {why or UNEXPLAINED}"
    return Comparison(quantity + printed.note, printed.value, *found, verdict, printed if printed.where else None)
