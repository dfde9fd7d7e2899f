"""Recall of corrupted patterns, one trial at a time, for long tables: success against corruption, time, correlation.

Every trial has a pattern set of its own. *Success* is a match (share of right spins) of at least ω after some sweep;
*exact* is the end state. At ω = 0.95 the two differ: a few spins of a stored pattern may be wrong at high load.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.protocols import OMEGA, SWEEPS, count_at, drawn_memory
from damtutor.memory import as_memory
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Power
from damtutor.patterns import random_patterns
from damtutor.patterns.correlated import centred_patterns, greatest_overlap, hadamard_patterns, latent_patterns
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.validate import (
    as_binary,
    as_choice,
    as_count,
    as_flag,
    as_fraction,
    as_generator,
    as_reals,
    as_set_shape,
    as_state,
    as_trial_seed,
    as_trials,
)

GENERATORS = {
    "random": random_patterns,
    "centred": centred_patterns,
    "latent": latent_patterns,
    "hadamard": hadamard_patterns,
}


class Recovery(NamedTuple):
    """What became of one corrupted pattern.

    Attributes
    ----------
    success : whether the match reached ω after a sweep.
    sweeps : the first after which it did, from 1; the most allowed where none did.
    exact : whether the end is the pattern.
    converged : whether the last sweep flipped nothing.
    match : at the end.
    """

    success: bool
    sweeps: int
    exact: bool
    converged: bool
    match: float


def recover(
    model: Any, target: Any, state: Any, *, omega: float = OMEGA, sweeps: int = SWEEPS, rng: Any = None
) -> Recovery:
    """Asynchronous sweeps in random orders until one flips nothing, at most `sweeps`; what they made of `state`.

    Parameters
    ----------
    model : a binary memory: DenseAM or Hopfield.
    target : `(N,)` of ±1; its negative is another pattern.
    state : `(N,)` of ±1, the start.
    omega : in [0, 1].
    sweeps : whole number >= 1.
    rng : as in `DenseAM.retrieve`.

    Raises
    ------
    ValueError : another model, states of another length, a number out of range.
    """
    model = as_memory(model, patterns=False)
    target, omega, sweeps = (
        as_state(target, model.size, "target"),
        as_fraction(omega, "omega"),
        as_trials(sweeps, "sweeps"),
    )
    trace = model.retrieve(state, max_sweeps=sweeps, rng=rng, record="states")
    matches = np.count_nonzero(trace.states[1:] == target, axis=1) / model.size
    reached = np.flatnonzero(matches >= omega)
    first = int(reached[0]) + 1 if len(reached) else sweeps
    return Recovery(bool(len(reached)), first, bool(matches[-1] == 1), trace.converged, float(matches[-1]))


def corrupted(pattern: Any, corruptions: Sequence[float], *, exact_count: bool = True, rng: Any = None) -> np.ndarray:
    """Copies of a pattern, one for each corruption; what is wrong in one is wrong in all with more.

    Parameters
    ----------
    pattern : `(N,)` of ±1.
    corruptions : fractions in [0, 1], one or more.
    exact_count : True turns round(c N) spins; False each with probability c, which adds a spread of √(c (1-c)/N).
    rng : seed or Generator.

    Returns
    -------
    int8 `(C, N)`.

    Raises
    ------
    ValueError : a pattern that is not ±1, a number out of range, exact_count not a bool.

    Examples
    --------
    >>> copies = corrupted([1] * 8, [0.25, 0.5], rng=0)
    >>> (copies < 0).sum(axis=1).tolist()
    [2, 4]
    >>> bool((copies[1] <= copies[0]).all())
    True
    """
    pattern = as_binary(pattern, "pattern", 1)
    corruptions = as_reals(corruptions, "corruptions", 1)
    for c in corruptions:
        as_fraction(c, "corruptions")
    rng = as_generator(rng)
    if as_flag(exact_count, "exact_count"):
        rank, bound = rng.permutation(pattern.size), [round(c * pattern.size) for c in corruptions.tolist()]
    else:
        rank, bound = rng.random(pattern.size), corruptions
    return np.where(rank < np.asarray(bound)[:, None], -pattern, pattern).astype(np.int8)


def corruption_trial(
    seed: tuple[int, int],
    *,
    size: int,
    corruptions: Sequence[float],
    load: float | None = None,
    count: int | None = None,
    order: int = 3,
    exact_count: bool = True,
    omega: float = OMEGA,
    sweeps: int = SWEEPS,
) -> dict[str, list]:
    """One trial of a sweep: the first of K random patterns, corrupted in several measures, recalled from each.

    Parameters
    ----------
    seed : seed of the sweep and number of the trial. Patterns have default_rng([*seed, N, K]), the damage
        default_rng([*seed, N, K, 1]), the orders of updates default_rng([*seed, N, K, 2]) for every corruption: the
        corruptions of one trial are not independent, trials are.
    size : N.
    corruptions : fractions c in [0, 1].
    load : α = K / N**(n-1); None where `count` is given.
    count : K; None where `load` is given.
    order : n of F(x) = x**n.
    exact_count : see `corrupted`.
    omega : see `recover`.
    sweeps : see `recover`.

    Returns
    -------
    dict of lists, one entry a corruption: "success", "exact", "sweeps" (to ω; `sweeps` without success), "converged".

    Raises
    ------
    ValueError : a number out of range, load and count together.
    """
    if (load is None) == (count is None):
        raise ValueError(f"load is {load}, count is {count}; expected one of the two, for example load=0.01")
    model, seeds = drawn_memory(seed, size, count_at(size, load, order) if count is None else count, order)
    target = model.patterns[0]
    starts = corrupted(target, corruptions, exact_count=exact_count, rng=[*seeds, 1])
    found = [
        recover(model, target, start, omega=omega, sweeps=sweeps, rng=np.random.default_rng([*seeds, 2]))
        for start in starts
    ]
    return {name: [getattr(one, name) for one in found] for name in ("success", "exact", "sweeps", "converged")}


def rate_trial(seed: tuple[int, int], *, corruption: float, **options: Any) -> dict[str, Any]:
    """One trial of a sweep for `log_rate`: `corruption_trial` with one corruption and numbers instead of lists.

    Parameters
    ----------
    seed : as in `corruption_trial`.
    options : as in `corruption_trial`.
    corruption : fraction c in [0, 1].

    Returns
    -------
    dict: "success", "exact", "sweeps", "converged".

    Raises
    ------
    ValueError : what `corruption_trial` refuses.
    """
    corruption = as_fraction(corruption, "corruption")
    return {name: values[0] for name, values in corruption_trial(seed, corruptions=[corruption], **options).items()}


class LogRate(NamedTuple):
    """Sweeps to ω on the scale of ln N, in both conventions.

    Attributes
    ----------
    success : share of the trials, with its 95 % interval.
    sweeps : mean over the successes (nan without one).
    constant : that divided by ln N.
    capped : mean over all trials, a failure counted as the most sweeps allowed.
    capped_constant : that divided by ln N.
    """

    success: Interval
    sweeps: Mean
    constant: float
    capped: Mean
    capped_constant: float


def log_rate(trials: Sequence[dict[str, Any]], size: int) -> LogRate:
    """C in T <= C ln N from trials of `rate_trial`: on the successes, and with failures counted as if they took all.

    Parameters
    ----------
    trials : dicts with "success" and "sweeps", one or more.
    size : N >= 2.

    Raises
    ------
    ValueError : no trials, dicts without these, a size out of range.

    Examples
    --------
    >>> found = log_rate([{"success": True, "sweeps": 2}, {"success": False, "sweeps": 60}], 200)
    >>> found.sweeps.value, found.capped.value, round(found.constant, 3), round(found.capped_constant, 2)
    (2.0, 31.0, 0.377, 5.85)
    """
    try:
        pairs = [(bool(trial["success"]), as_count(trial["sweeps"], "sweeps", 0)) for trial in trials]
    except (TypeError, KeyError, IndexError):  # an array has places, no names
        raise ValueError(f"trials is {trials!r:.60}; expected dicts of rate_trial, one or more") from None
    if not pairs:
        raise ValueError("trials: empty; expected dicts of rate_trial, one or more")
    logarithm = math.log(as_count(size, "size", 2))
    capped = mean([took for _, took in pairs])
    taken = [took for success, took in pairs if success]
    quick = mean(taken) if taken else Mean(math.nan, math.nan, 0)
    success = wilson(len(taken), len(pairs))
    return LogRate(success, quick, quick.value / logarithm, capped, capped.value / logarithm)


def correlated_trial(
    seed: tuple[int, int],
    *,
    size: int,
    count: int,
    corruption: float,
    generator: str = "random",
    order: int = 3,
    omega: float = OMEGA,
    sweeps: int = SWEEPS,
    **options: Any,
) -> dict[str, Any]:
    """One trial of a sweep: a pattern drawn from a set that may be correlated, corrupted and recalled; the set's β.

    Parameters
    ----------
    seed : seed of the sweep and number of the trial. The set has default_rng([*seed, N, K]); the choice of the pattern,
        the damage and the orders have default_rng([*seed, N, K, 1]), whatever the generator.
    size : N.
    count : K.
    corruption : round(c N) wrong bits.
    generator : "random", "centred", "latent" or "hadamard".
    options : of `patterns.random_patterns`, or of the maker of that name in `patterns.correlated`, for example
        centres=50, noise=0.3.
    order : n of F(x) = x**n.
    omega : see `recover`.
    sweeps : see `recover`.

    Returns
    -------
    dict: "success", "exact", "sweeps" and "beta", the largest overlap of a pair.

    Raises
    ------
    ValueError : a number out of range, an unknown generator, what the maker refuses.
    """
    (size, count), corruption = as_set_shape(size, count), as_fraction(corruption, "corruption")
    maker = GENERATORS[as_choice(generator, "generator", tuple(GENERATORS))]
    seeds = [*as_trial_seed(seed), size, count]
    model = DenseAM(maker(count, size, rng=np.random.default_rng(seeds), **options), Power(order))
    rng = np.random.default_rng([*seeds, 1])
    target = model.patterns[rng.integers(count)]
    start = corrupted(target, [corruption], rng=rng)[0]
    found = recover(model, target, start, omega=omega, sweeps=sweeps, rng=rng)
    return {
        "success": found.success,
        "exact": found.exact,
        "sweeps": found.sweeps,
        "beta": greatest_overlap(model.patterns),
    }
