"""Steps against accuracy: stop by energy, or after a fixed number of updates.

300 digits, centred and of length 1, are stored; a query is one of them plus noise of standard deviation s a pixel.
Accuracy is asked against the fixed point that the query's own iteration ends at: within 0.02. Another task has another
accuracy: the stored digit is missed where the fixed point is a blend, and there one step can be better than many.

The number of steps is information too: queries that fail take longer. How well a number ranks failures is its AUC,
the chance that a failed query has more of it than one that did not fail, ties half.

Error bars: Wilson's interval over queries; all queries share one stored set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.dense import DenseAM
from damtutor.models.halting import halt, step_bound
from damtutor.models.interactions import Power
from damtutor.models.modern import ModernHopfield
from damtutor.patterns import flip, grey_digits, random_patterns
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.validate import (
    as_count,
    as_counts,
    as_fraction,
    as_kind,
    as_mask,
    as_real,
    as_reals,
    as_seed,
    as_set_shape,
    as_trials,
)

NOISE = (0.02, 0.1, 0.2)
CLOSE = 0.02  # an answer this near the fixed point is right
RETRIEVED = 0.1  # a fixed point this near the stored digit has retrieved it
LONGEST = 20_000


class Queries(NamedTuple):
    """A memory, and queries with what becomes of them.

    Attributes
    ----------
    memory : of grey digits.
    states : the queries, `(B, 64)`.
    origins : index of the stored pattern that each came from, `(B,)`.
    ends : its own fixed point, `(B, 64)`.
    unsettled : queries whose iteration had not come to rest.
    """

    memory: ModernHopfield
    states: np.ndarray
    origins: np.ndarray
    ends: np.ndarray
    unsettled: int


class StoppingRow(NamedTuple):
    """What one stopping rule does to queries.

    Attributes
    ----------
    number : of the rule: its depth, or its tolerance.
    steps : on average.
    most : steps of the slowest query.
    right : part within 0.02 of the fixed point.
    longest_move : of a last update.
    bound : what that move cannot have reached; nan for a fixed depth.
    """

    number: float
    steps: float
    most: int
    right: Interval
    longest_move: float
    bound: float


class Alarm(NamedTuple):
    """How well a warning tells which queries will fail.

    Attributes
    ----------
    failed : part of the queries that fail to retrieve.
    steps_auc : area under the curve, where the number of steps ranks the queries.
    margin_auc : the same, where a small margin of the query does.
    """

    failed: Interval
    steps_auc: float
    margin_auc: float


class NoiseRow(NamedTuple):
    """What happens to queries of one noise level; means over queries.

    Attributes
    ----------
    noise : s, a pixel.
    one_step : part within 0.1 of the stored digit after one update.
    in_the_end : part within 0.1 of it at the fixed point.
    steps_retrieved : steps of the queries whose fixed point is that near; nan if there are none.
    steps_missed : steps of the others; nan if there are none.
    """

    noise: float
    one_step: Interval
    in_the_end: Interval
    steps_retrieved: Mean
    steps_missed: Mean


class SweepRow(NamedTuple):
    """Recall in a binary dense memory at one damage.

    Attributes
    ----------
    damage : fraction of spins turned over.
    sweeps : to the fixed point; the last sweep, which changes nothing, is not counted.
    recalled : part recalled exactly.
    """

    damage: float
    sweeps: Mean
    recalled: Interval


def digit_memory(beta: float, *, count: int = 300, seed: int = 0) -> ModernHopfield:
    """`count` grey digits minus their mean image, each of length 1.

    Examples
    --------
    >>> digit_memory(20.0)
    ModernHopfield(300 patterns of 64 numbers, beta=20, dot)
    """
    images = grey_digits(rng=as_count(seed, "seed", 0))[: as_count(count, "count", 2, 1797)]
    centred = images - images.mean(axis=0)
    return ModernHopfield(centred / np.linalg.norm(centred, axis=1, keepdims=True), beta)


def queries(beta: float, *, number: int = 1000, noise: Sequence[float] = NOISE, seed: int = 0) -> Queries:
    """Noisy stored digits, each level of `noise` in turn, and where the memory takes them in the end.

    Parameters
    ----------
    beta : β > 0.
    number : of queries.
    noise : s >= 0 a pixel.
    seed : of the stored set, default_rng([seed, number]) of the queries.

    Examples
    --------
    >>> asked = queries(50.0, number=20)
    >>> asked.states.shape, asked.unsettled
    ((20, 64), 0)
    """
    memory, number, seed = digit_memory(beta, seed=seed), as_trials(number, "number"), as_seed(seed)
    levels = np.array(_as_levels(noise))
    rng = np.random.default_rng([seed, number])
    origins = rng.integers(memory.count, size=number)
    noisy = levels[np.arange(number) % len(levels), None] * rng.standard_normal((number, memory.size))
    states = memory.patterns[origins] + noisy
    settled = memory.settle(states, max_sweeps=LONGEST)
    return Queries(memory, states, origins, settled.states, int(np.sum(~settled.converged)))


def fixed_rows(asked: Queries, depths: Sequence[int] = (1, 2, 5, 10, 20, 40)) -> list[StoppingRow]:
    """Every query updated the same number of times.

    Examples
    --------
    >>> [row.right.value for row in fixed_rows(queries(50.0, number=100), (1, 10))]
    [0.81, 1.0]
    """
    _as_queries(asked)
    rows = []
    for depth in as_counts(depths, "depths"):
        found = halt(asked.memory, asked.states, stopping_rule="fixed", max_steps=depth)
        rows.append(_row(depth, found, asked, np.nan))
    return rows


def halting_rows(asked: Queries, tolerances: Sequence[float] = (1e-3, 1e-4, 1e-5, 1e-6)) -> list[StoppingRow]:
    """Every query until its energy falls by less than the tolerance in a step.

    Examples
    --------
    >>> [round(row.steps, 1) for row in halting_rows(queries(50.0, number=100), (1e-3, 1e-6))]
    [2.2, 2.6]
    """
    _as_queries(asked)
    rows = []
    for tolerance in as_reals(tolerances, "tolerances", 1).tolist():
        as_real(tolerance, "tolerances", low=0.0, strict=True)
        found = halt(asked.memory, asked.states, tolerance=tolerance, max_steps=LONGEST)
        rows.append(_row(tolerance, found, asked, step_bound(tolerance)))
    return rows


def alarm(asked: Queries, *, tolerance: float = 1e-6) -> Alarm:
    """How well the number of steps says that the stored digit was not retrieved, and how well the query's margin does.

    The margin is the similarity of the query to its best stored digit minus that to the second best.

    Examples
    --------
    >>> found = alarm(queries(20.0, number=200))
    >>> found.steps_auc > found.margin_auc > 0.5
    True
    """
    _as_queries(asked)
    missed = np.linalg.norm(asked.ends - asked.memory.patterns[asked.origins], axis=1) > RETRIEVED
    steps = halt(asked.memory, asked.states, tolerance=tolerance, max_steps=LONGEST).steps
    best = np.sort(asked.memory.overlaps(asked.states), axis=1)
    margin = best[:, -1] - best[:, -2]
    return Alarm(wilson(int(missed.sum()), len(missed)), auc(steps, missed), auc(-margin, missed))


def noise_rows(
    beta: float, noise: Sequence[float] = (0.0, 0.15, 0.3), *, number: int = 300, tolerance: float = 1e-6, seed: int = 0
) -> list[NoiseRow]:
    """How long retrieved and missed queries take, and whether one step would have been better, by noise.

    Steps are counted until the state moves by less than `tolerance`, which for missed queries is longer than by energy.

    Examples
    --------
    >>> row = noise_rows(30.0, (0.0,), number=100)[0]
    >>> row.steps_missed.value > 3 * row.steps_retrieved.value
    True
    """
    rows = []
    for level in _as_levels(noise):
        asked = queries(beta, number=number, noise=(level,), seed=seed)
        aims = asked.memory.patterns[asked.origins]
        once = np.linalg.norm(asked.memory.step(asked.states) - aims, axis=1) < RETRIEVED
        good = np.linalg.norm(asked.ends - aims, axis=1) < RETRIEVED
        steps = halt(asked.memory, asked.states, stopping_rule="step", tolerance=tolerance, max_steps=LONGEST).steps
        shares = (wilson(int(found.sum()), len(found)) for found in (once, good))
        rows.append(NoiseRow(float(level), *shares, *(_mean(steps[k]) for k in (good, ~good))))
    return rows


def margin_correlation(asked: Queries, *, tolerance: float = 1e-6) -> float:
    """Spearman's rank correlation of the query's margin with the steps until it moves by less than `tolerance`.

    Examples
    --------
    >>> margin_correlation(queries(30.0, number=200)) < -0.5
    True
    """
    from scipy.stats import spearmanr

    _as_queries(asked)
    best = np.sort(asked.memory.overlaps(asked.states), axis=1)
    steps = halt(asked.memory, asked.states, stopping_rule="step", tolerance=tolerance, max_steps=LONGEST).steps
    return float(spearmanr(best[:, -1] - best[:, -2], steps).statistic)


def sweep_rows(
    order: int, count: int, damages: Sequence[float], *, size: int = 200, trials: int = 40, seed: int = 0
) -> list[SweepRow]:
    """Asynchronous sweeps of a binary dense memory F = x^n up to its fixed point, against damage.

    Parameters
    ----------
    order : n.
    count : K random patterns.
    size : of N spins.
    damages : fractions of spins turned over, in [0, 1].
    trials : >= 2, each with a pattern set of its own.
    seed : set k has default_rng([seed, N, K, k]).

    Examples
    --------
    >>> [(row.sweeps.value, row.recalled.value) for row in sweep_rows(2, 5, (0.0, 0.1), size=100, trials=10)]
    [(0.0, 1.0), (1.0, 1.0)]
    """
    (size, count), trials = as_set_shape(size, count), as_trials(trials, "trials", 2)
    damages, found = [as_fraction(damage, "damages") for damage in as_reals(damages, "damages", 1).tolist()], []
    for k in range(trials):
        rng = np.random.default_rng([as_count(seed, "seed", 0), size, count, k])
        memory = DenseAM(random_patterns(count, size, rng=rng), Power(order))
        aim = memory.patterns[0]
        traces = [memory.retrieve(flip(aim, round(d * size), rng=rng), rng=rng, max_sweeps=200) for d in damages]
        found.append([(t.sweeps - t.converged, np.array_equal(t.state, aim)) for t in traces])
    table = np.array(found)
    return [SweepRow(d, mean(table[:, j, 0]), wilson(int(table[:, j, 1].sum()), trials)) for j, d in enumerate(damages)]


def auc(values: Any, failed: Any) -> float:
    """Chance that a failed one has the larger value than one that did not fail, ties half; nan if one kind is missing.

    Parameters
    ----------
    values : `(B,)`.
    failed : bool `(B,)`.

    Examples
    --------
    >>> auc([1, 2, 2, 3], [False, False, True, True])  # 3 of 4 pairs right, one tie
    0.875
    """
    values = as_reals(values, "values", 1)
    failed = as_mask(failed, "failed", values.shape)
    if failed.all() or not failed.any():
        return float("nan")
    gaps = values[failed][:, None] - values[~failed]
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


def _as_queries(asked) -> None:
    as_kind(asked, "asked", Queries, "queries(50.0)")


def _as_levels(noise) -> list[float]:
    return [as_real(level, "noise", low=0.0) for level in as_reals(noise, "noise", 1).tolist()]


def _mean(values) -> Mean:
    return mean(values) if len(values) else Mean(float("nan"), float("nan"), 0)


def _row(number, found, asked, bound) -> StoppingRow:
    right = int(np.sum(np.linalg.norm(found.states - asked.ends, axis=1) < CLOSE))
    interval = wilson(right, len(asked.states))
    steps, most, longest = float(found.steps.mean()), int(found.steps.max()), float(found.moves.max())
    return StoppingRow(float(number), steps, most, interval, longest, bound)
