"""Measured capacity of the exponential memory with random patterns; predictions are in `theory.exponential` and
`theory.capacity`.

"Stable" means a strict minimum: every single flip raises the energy. "Recovered" means exact after one simultaneous
update.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from damtutor.experiments.capacity import Capacity, step_together, strictly_stable
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Exponential, Interaction
from damtutor.patterns import flip, random_patterns
from damtutor.statistics.half_point import half_count
from damtutor.statistics.intervals import Estimate, Interval, estimate, wilson
from damtutor.theory.capacity import all_stable_probability, birthday_capacity
from damtutor.validate import as_array, as_count, as_fraction, as_real, as_reals, as_seed, as_set_shape, as_trials

EXPONENTIAL = Exponential()
LOADS = (0.6, 0.8, 1.0, 1.2, 1.5)  # pattern numbers tried, relative to the birthday bound


class Collapse(NamedTuple):
    """P(all stable) of several pattern numbers at one size, on the scale on which all sizes fall together.

    Attributes
    ----------
    size : N.
    counts : M, int64 `(P,)`.
    x : sqrt(M (M - 1) N / 2**N), `(P,)`; the birthday curve is exp(-x²/2).
    shares : one Interval for each.
    """

    size: int
    counts: np.ndarray
    x: np.ndarray
    shares: list[Interval]


def one_stable(
    size: int,
    count: int,
    *,
    sets: int = 200,
    interaction: Interaction = EXPONENTIAL,
    seed: int = 0,
) -> Interval:
    """Share of random pattern sets in which the first pattern is a strict minimum.

    Parameters
    ----------
    size : N.
    count : M.
    sets : pattern sets, set k with default_rng([seed, N, M, k]).
    interaction : F.

    Returns
    -------
    Interval, 95 % (Wilson); to be compared with `theory.exponential.one_stable_probability`.

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    (size, count), sets, seed = as_set_shape(size, count), as_trials(sets, "sets"), as_seed(seed)
    good = 0
    for k in range(sets):
        patterns = random_patterns(count, size, rng=[seed, size, count, k])
        good += int(strictly_stable(patterns, interaction, 1)[0])
    return wilson(good, sets)


def half_stable_count(
    size: int,
    *,
    sets: int = 100,
    interaction: Interaction = EXPONENTIAL,
    seed: int = 0,
) -> Capacity:
    """M_50, the number of random patterns that are all stable in half of the sets, with its standard error.

    Counted at five pattern numbers around the birthday bound; see `statistics.half_point.half_count` for the fit.

    Parameters
    ----------
    size : N, 4 <= N <= 30.
    sets : pattern sets, at least 2, each used at all five numbers; set k has default_rng([seed, N, k]).
    interaction : F; another F than the exponential may hold so many fewer that the fit is refused.

    Raises
    ------
    ValueError : a number out of range, no interaction, shares that are not above and below 1/2 (raise `sets`).
    """
    size, sets, seed = as_count(size, "size", 4, 30), as_trials(sets, "sets", 2), as_seed(seed)
    counts = np.unique([max(2, round(load * birthday_capacity(size))) for load in LOADS])
    stable = np.empty((sets, len(counts)))
    for k in range(sets):
        patterns = random_patterns(int(counts[-1]), size, rng=[seed, size, k])
        stable[k] = [strictly_stable(patterns[:count], interaction).all() for count in counts]
    predicted = [all_stable_probability(count, size) for count in counts]
    return Capacity(size, *half_count(predicted, stable, lambda p: birthday_capacity(size, p)))


def collapse(
    size: int,
    x: Sequence[float] = (0.5, 0.9, 1.2, 1.6, 2.2),
    *,
    sets: int = 100,
    interaction: Interaction = EXPONENTIAL,
    seed: int = 0,
) -> Collapse:
    """Share of pattern sets in which all patterns are stable, at given values of x = sqrt(M (M - 1) N / 2**N).

    Parameters
    ----------
    size : N, 4 <= N <= 30.
    x : wanted values in [0, 10]; M is rounded, the returned x belongs to the rounded M.
    interaction : F of the memories.
    sets : pattern sets at every M, set k with default_rng([seed, N, M, k]).

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    size, sets, seed = as_count(size, "size", 4, 30), as_trials(sets, "sets"), as_seed(seed)
    x = as_reals(np.atleast_1d(as_array(x, "x", "expected numbers in [0, 10]")), "x", 1).astype(np.float64)
    for value in x.tolist():
        as_real(value, "x", low=0.0, high=10.0)
    counts = np.maximum(2, np.round(0.5 + np.sqrt(0.25 + x**2 * 2.0**size / size))).astype(np.int64)
    shares = []
    for count in counts.tolist():
        as_set_shape(size, count)
        good = [
            strictly_stable(random_patterns(count, size, rng=[seed, size, count, k]), interaction).all()
            for k in range(sets)
        ]
        shares.append(wilson(int(np.sum(good)), sets))
    return Collapse(size, counts, np.sqrt(counts * (counts - 1.0) * size / 2.0**size), shares)


def recovery(
    size: int,
    count: int,
    corruption: float,
    *,
    sets: int = 20,
    rows: int = 20,
    interaction: Interaction = EXPONENTIAL,
    seed: int = 0,
) -> Estimate:
    """Share of damaged patterns that one simultaneous update restores exactly, and its standard error over sets.

    Parameters
    ----------
    size : N.
    count : M; a rate α means M = exp(α N).
    corruption : ρ, fraction of spins turned over, in [0, 1]; exactly round(ρ N) of them.
    sets : pattern sets, at least 2, set k with default_rng([seed, N, M, round(ρ N), k]).
    rows : patterns damaged in each set, at most M.
    interaction : F of the memories.

    Returns
    -------
    Estimate: the pair (mean, standard error over pattern sets).

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    (size, count), sets, seed = as_set_shape(size, count), as_trials(sets, "sets", 2), as_seed(seed)
    wrong = round(as_fraction(corruption, "corruption") * size)
    rows = min(count, as_trials(rows, "rows"))
    share = np.empty(sets)
    for k in range(sets):
        rng = np.random.default_rng([seed, size, count, wrong, k])
        patterns = random_patterns(count, size, rng=rng)
        queries = np.array([flip(pattern, wrong, rng=rng) for pattern in patterns[:rows]])
        share[k] = (step_together(DenseAM(patterns, interaction), queries) == patterns[:rows]).all(axis=1).mean()
    return estimate(share)
