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

from damtutor.statistics.intervals import mean, wilson
from damtutor.sweeps.sweep import collect

AGREES, NOT_PRINTED, UNEXPLAINED = "agrees", "no value in the source", "not explained"
DEVIATIONS = 3.0  # standard errors of the difference
CHANCE = 0.0027  # of more than three standard errors, both sides
WIDTH = 1.96  # half of a printed interval in standard errors: 95 %


class Row(NamedTuple):
    """One line of a reproduced table.

    quantity : what it is, in words. source : the printed value, None where there is none. value : ours.
    low, high : interval of ours, 95 %; both equal to `value` where nothing scatters, None where none was made.
    verdict : "agrees", "no value in the source", or "differs: " and why.
    """

    quantity: str
    source: float | None
    value: float
    low: float | None
    high: float | None
    verdict: str


class Line(NamedTuple):
    """A theory in a panel: label, x `(P,)`, y `(P,)`."""

    label: str
    x: Any
    y: Any


class Dots(NamedTuple):
    """Measurements in a panel: label, x, y, and the ends of the bars, each `(P,)`; `source` is drawn hollow."""

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
    """What an item found. see : the first sentences of the alt text. notes : what the reader has to know of it."""

    rows: Sequence[Row]
    panels: Sequence[Panel]
    see: str
    notes: Sequence[str] = ()


class Run(NamedTuple):
    """How an item is run: the whole protocol or a quick one, and the sweep with its store and workers bound to it."""

    full: bool
    sweep: Callable[..., list[list[dict[str, Any]]]]

    def pick(self, quick: Any, full: Any) -> Any:
        """`full` in a full run, else `quick`."""
        return full if self.full else quick


@dataclass(frozen=True)
class Item:
    """A table or figure that can be reproduced.

    name : on the command line. title, source : in words. quick, full : seconds measured on two cores.
    make : runs it.
    """

    name: str
    title: str
    source: str
    quick: float
    full: float
    make: Callable[[Run], Report]


def mean_row(
    quantity: str, values: Any, source: float | None, *, source_error: float = 0.0, unit: float = 0.0, why: str = ""
) -> Row:
    """A mean over independent trials `(T,)`, T >= 2, beside a printed one.

    Parameters
    ----------
    values : of four trials or more, to tell a difference. source_error : standard error of the printed value.
    unit : of its last digit. why : the reason, should it differ.

    Examples
    --------
    >>> mean_row("m", [0.9, 1.1, 1.0, 1.0], 0.95, unit=0.01).verdict
    'agrees'
    >>> mean_row("m", [0.9, 1.1, 1.0, 1.0], 2.0).verdict
    'differs: not explained'
    """
    found = mean(values)
    half, most = _student(found.sets, WIDTH) * found.error, _student(found.sets, DEVIATIONS) * found.error
    reach = math.hypot(most, DEVIATIONS * source_error) + _rounding(unit)
    agrees = source is None or abs(found.value - source) <= reach
    ends = found.value - half, found.value + half
    return Row(quantity, source, found.value, *ends, _verdict(source, agrees, why))


def value_row(
    quantity: str,
    value: float,
    source: float | None,
    *,
    error: float = 0.0,
    source_error: float = 0.0,
    unit: float = 0.0,
    why: str = "",
) -> Row:
    """A number with its standard error beside a printed one; error 0 is a number that nothing random enters.

    Examples
    --------
    >>> value_row("saddle node, n = 3", 0.252190, 0.25219, unit=1e-5)
    Row(quantity='saddle node, n = 3', source=0.25219, value=0.25219, low=0.25219, high=0.25219, verdict='agrees')
    """
    reach = DEVIATIONS * math.hypot(error, source_error) + _rounding(unit)
    agrees = source is None or abs(value - source) <= reach
    return Row(quantity, source, value, value - WIDTH * error, value + WIDTH * error, _verdict(source, agrees, why))


def share_row(
    quantity: str, successes: int, trials: int, source: float | None, source_trials: int | None = None, why: str = ""
) -> Row:
    """A share of trials beside a printed one of `source_trials` trials; None is a source whose number is exact.

    Examples
    --------
    >>> share_row("success", 9, 10, 0.8, 20).verdict
    'agrees'
    >>> share_row("success", 90, 100, 0.1, 100, why="another protocol").verdict
    'differs: another protocol'
    """
    value, low, high = wilson(successes, trials, WIDTH)
    if source is None:
        agrees = True
    elif source_trials is None:
        _, least, most = wilson(successes, trials, DEVIATIONS)
        agrees = least <= source <= most
    else:
        from scipy.stats import fisher_exact

        theirs = round(source * source_trials)
        table = [[successes, trials - successes], [theirs, source_trials - theirs]]
        agrees = fisher_exact(table)[1] >= CHANCE
    return Row(quantity, source, value, low, high, _verdict(source, agrees, why))


def design_effect(shares: Any, members: int) -> float:
    """How many members of a set count as one independent trial: 1 if sets scatter as counts do, more if they differ.

    The variance of shares between sets over that of independent members, pooled over points, and 1 at least.

    Parameters
    ----------
    shares : `(points, sets)`, two sets or more. members : of each set.

    Examples
    --------
    >>> design_effect([[0.0, 1.0], [0.5, 0.5]], 10)
    10.0
    """
    shares = np.asarray(shares, dtype=float)
    counts = float((shares.mean(axis=1) * (1 - shares.mean(axis=1))).sum()) / members
    return max(1.0, float(shares.var(axis=1, ddof=1).sum()) / counts) if counts else 1.0


def sets_row(
    quantity: str, shares: Any, members: int, source: float | None, source_trials: int, *, design: float = 1.0
) -> Row:
    """`share_row` of sets `(S,)` with several members each, ours and the source's: `design` of them count as one.

    Examples
    --------
    >>> row = sets_row("recalled", [0.9, 0.7], 10, 0.7, 20, design=2.0)
    >>> row.value, round(row.low, 2), round(row.high, 2), row.verdict
    (0.8, 0.49, 0.94, 'agrees')
    """
    shares = np.asarray(shares, dtype=float)
    effective = max(1, round(len(shares) * members / design))
    row = share_row(
        quantity, round(shares.mean() * effective), effective, source, max(1, round(source_trials / design))
    )
    return row._replace(value=float(shares.mean()))


def limit_row(
    quantity: str,
    value: float,
    *,
    low: float | None = None,
    high: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    why: str = "",
) -> Row:
    """A number that the source holds on one side of a limit; the limit stands in the column of the source.

    Compared is the number itself, whatever its interval.

    Examples
    --------
    >>> limit_row("recall at m0 = 0.33, at most", 0.02, at_most=0.2).verdict
    'agrees'
    """
    limit = at_least if at_most is None else at_most
    agrees = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return Row(quantity, limit, value, low, high, _verdict(limit, agrees, why))


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


def _verdict(source, agrees, why) -> str:
    if source is None:
        return NOT_PRINTED
    return AGREES if agrees else f"differs: {why or UNEXPLAINED}"
