"""Measurements on the classical network: what is fixed, what is recalled, what survives load, heat and correlation.

One realisation is one pattern set, with the Generator default_rng([seed, N, K, set]); standard errors are taken over
realisations, never over neurons or over queries of one set. Predictions are in `theory`.

Damage is given as a number of spins turned over, `flips`, or as a fraction of them, `damage`: exactly round(damage * N)
spins.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.end_states import random_starts
from damtutor.memory import as_memory
from damtutor.models.hopfield import Hopfield
from damtutor.patterns import flip, random_patterns
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.validate import as_count, as_fraction, as_real, as_seed, as_set_shape, as_trials

SWEEPS = 10**6
QUERY = 58  # marks the seeds of queries: default_rng([s, 0]) is default_rng(s), which may have made the patterns


class PatternShares(NamedTuple):
    """What becomes of the stored patterns.

    Attributes
    ----------
    fixed : share that are fixed points.
    recalled : share recalled from damage.
    """

    fixed: Mean
    recalled: Mean


class Cycles(NamedTuple):
    """How runs of simultaneous updates end, as numbers of runs.

    Attributes
    ----------
    fixed : at a fixed point.
    alternating : between two states.
    unfinished : stopped before either.
    """

    fixed: int
    alternating: int
    unfinished: int


class Rate(NamedTuple):
    """Queries that came back.

    Attributes
    ----------
    recalled : how many came back.
    queries : of how many.
    share : with Wilson's 95 % interval, which takes queries as independent: it is right for one memory; for several
        pattern sets it is too narrow where sets differ.
    """

    recalled: int
    queries: int
    share: Interval


def _sets(seed, size, count, sets, bias=0.0):
    """Pattern sets with the Generator that made each: it goes on to damage and to order updates."""
    (size, count), seed = as_set_shape(size, count), as_seed(seed)
    for k in range(as_trials(sets, "sets")):
        rng = np.random.default_rng([seed, size, count, k])
        yield random_patterns(count, size, bias=bias, rng=rng), rng


def final_overlap(
    size: int, count: int, *, rule: str = "hebb", sets: int = 20, max_sweeps: int = 200, seed: int = 0
) -> Mean:
    """Overlap m with a stored pattern after asynchronous updates at T = 0 that start at it, one pattern a set.

    Parameters
    ----------
    size : N.
    count : K.
    rule : learning rule.
    sets : pattern sets.
    max_sweeps : as in `Hopfield.retrieve`.
    seed : set k, and the order of its updates, have default_rng([seed, N, K, k]).

    Raises
    ------
    ValueError : a number out of range, an unknown rule.

    Notes
    -----
    The load at which m drops sharpens with N; at N <= 1000 it lies near 0.15 to 0.17, above the limit 0.138.
    """
    return mean(
        [
            Hopfield(x, rule).retrieve(x[0], max_sweeps=max_sweeps, rng=rng).overlaps[0] / x.shape[1]
            for x, rng in _sets(seed, size, count, sets)
        ]
    )


def glauber_overlap(
    size: int,
    count: int,
    temperature: float,
    *,
    sets: int = 4,
    warmup: int = 100,
    sweeps: int = 100,
    seed: int = 0,
) -> Mean:
    """Overlap m with a stored pattern at temperature T, started at it: the mean over `sweeps` sweeps after a warm-up.

    Parameters
    ----------
    size : N.
    count : K.
    temperature : T > 0 in the unit of the couplings.
    sets : pattern sets, one run each.
    warmup : sweeps before the measurement, at most 10**6, since every state is kept.
    sweeps : sweeps of the measurement, likewise.
    seed : set k, and its run, have default_rng([seed, N, K, k]).

    Raises
    ------
    ValueError : a number out of range, a temperature that is not above 0.

    Notes
    -----
    Near the boundary of recall m decays slowly: compare two warm-ups before calling a value an equilibrium.
    """
    temperature = as_real(temperature, "temperature", low=0.0, strict=True)
    warmup, sweeps = as_count(warmup, "warmup", 0, SWEEPS), as_count(sweeps, "sweeps", 1, SWEEPS)
    means = []
    for x, rng in _sets(seed, size, count, sets):
        trace = Hopfield(x).retrieve(
            x[0], temperature=temperature, max_sweeps=warmup + sweeps, rng=rng, record="states"
        )
        means.append(float((trace.states[warmup + 1 :] @ x[0].astype(np.float32)).mean()) / x.shape[1])
    return mean(means)


def fixed_and_recalled(
    rule: str,
    size: int,
    count: int,
    *,
    damage: float = 0.1,
    keep_diagonal: bool = False,
    threshold: float = 0.99,
    queries: int = 20,
    sets: int = 5,
    seed: int = 0,
) -> PatternShares:
    """Shares of stored patterns that are fixed points, and that come back (m > threshold) from damage.

    Parameters
    ----------
    rule : as in `Hopfield`.
    keep_diagonal : as in `Hopfield`.
    size : N.
    count : K.
    damage : fraction of spins turned over, exactly round(damage * N) of them.
    threshold : on the normalised overlap.
    queries : patterns of a set that are damaged, drawn at random, at most K; all K are tested for being fixed.
    sets : pattern sets.
    seed : set k, its damage and its updates have default_rng([seed, N, K, k]).

    Raises
    ------
    ValueError : a number out of range, an unknown rule, keep_diagonal neither True nor False.
    """
    threshold = as_fraction(threshold, "threshold")
    (size, count), queries = as_set_shape(size, count), as_trials(queries, "queries")
    flips = round(as_fraction(damage, "damage") * size)
    fixed, recalled = [], []
    for x, rng in _sets(seed, size, count, sets):
        model = Hopfield(x, rule, keep_diagonal=keep_diagonal)
        fixed.append(np.all(model.step(x, order="sync") == x, axis=1).mean())
        # Drawn, not the first rows: for Storkey's rule early and late patterns differ
        targets = rng.choice(count, min(queries, count), replace=False)
        recalled.append(np.mean([_returns(model, mu, flips, threshold, rng) for mu in targets]))
    return PatternShares(mean(fixed), mean(recalled))


def cycles(model: Any, starts: int = 200, *, max_sweeps: int = 1000, seed: int = 0) -> Cycles:
    """How simultaneous updates end from random states; starts as in `end_states.random_starts`.

    Parameters
    ----------
    model : a binary memory: Hopfield, also one that knows no patterns, or DenseAM.
    starts : number of runs.
    max_sweeps : as in `retrieve`.
    seed : run b starts from default_rng([seed, b, 57]).

    Raises
    ------
    ValueError : not a binary memory, a number out of range.
    """
    model = as_memory(model, patterns=False)
    periods = [
        model.retrieve(start, order="sync", max_sweeps=max_sweeps).period
        for start, _ in random_starts(model.size, starts, seed)
    ]
    return Cycles(periods.count(1), periods.count(2), periods.count(None))


def recall_rate(model: Any, flips: int, *, queries: int = 200, threshold: float = 0.97, seed: int = 0) -> Rate:
    """Queries that return with m > threshold: exactly `flips` spins of a stored pattern turned over, then T = 0.

    Parameters
    ----------
    model : a binary memory that knows its patterns, Hopfield or DenseAM; they take turns.
    flips : number of spins turned over, 0 <= flips <= N.
    queries : number of runs.
    seed : run b has default_rng([seed, b, 58]).
    threshold : on the normalised overlap with the target.

    Raises
    ------
    ValueError : a model without patterns, a number out of range.
    """
    model = as_memory(model)
    flips, seed = as_count(flips, "flips", 0, model.size), as_seed(seed)
    queries, threshold = as_trials(queries, "queries"), as_fraction(threshold, "threshold")
    rngs = [np.random.default_rng([seed, b, QUERY]) for b in range(queries)]
    back = sum(_returns(model, b % model.count, flips, threshold, rng) for b, rng in enumerate(rngs))
    return Rate(back, queries, wilson(back, queries))


def _returns(model, target, flips, threshold, rng) -> bool:
    """Whether pattern `target`, with `flips` spins turned over, comes back."""
    trace = model.retrieve(flip(model.patterns[target], flips, rng=rng), rng=rng)
    return bool(trace.overlaps[target] / model.size > threshold)


def random_recall_rate(
    size: int,
    count: int,
    *,
    damage: float = 0.2,
    bias: float = 0.0,
    rule: str = "hebb",
    threshold: float = 0.97,
    sets: int = 20,
    queries: int = 12,
    seed: int = 0,
) -> Rate:
    """`recall_rate` added up over sets of random patterns whose spins have mean `bias`.

    Parameters
    ----------
    size : N.
    count : K.
    damage : fraction of spins turned over, exactly round(damage * N) of them.
    bias : mean of a spin, in [-1, 1]; two patterns then overlap by bias**2.
    rule : learning rule.
    threshold : as in `recall_rate`, for each of `sets` sets.
    queries : as in `recall_rate`, for each of `sets` sets.
    seed : set k, its damage and its updates have default_rng([seed, N, K, k]).

    Raises
    ------
    ValueError : a number out of range, an unknown rule.
    """
    (size, count), sets = as_set_shape(size, count), as_trials(sets, "sets")
    flips = round(as_fraction(damage, "damage") * size)
    queries, threshold = as_trials(queries, "queries"), as_fraction(threshold, "threshold")
    back = 0
    for x, rng in _sets(seed, size, count, sets, bias):
        model = Hopfield(x, rule)
        back += sum(_returns(model, b % model.count, flips, threshold, rng) for b in range(queries))
    return Rate(back, sets * queries, wilson(back, sets * queries))
