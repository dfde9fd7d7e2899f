"""Retrieval step by step, simulated: what `theory.dynamics` predicts, and what it does not (one spin at a time).

One trial is one set of random patterns and several of its patterns as targets, each damaged and followed for some
steps. Whole numbers decide every spin: see `kernels.batch` for why products in float32 lose nothing. A field of zero
keeps its spin; as +1 it would be a bias.

Four update rules, named by what stands in the sum over the patterns x, with S = Σ_(j≠i) x_j s_j:

- "power": x_i S**(n-1), the leading order of the next one, and the theory's;
- "exact": the energy difference (S + 1)**n - (S - 1)**n of Krotov & Hopfield (2016);
- "p-body": products of n - 1 different spins, `models.spin_product`;
- "self": x_i M**(n-1) with j = i kept, M = S + x_i s_i. For even n >= 4 it freezes every state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.protocols import flips_of
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Power
from damtutor.models.spin_product import SpinProduct
from damtutor.patterns import random_patterns
from damtutor.statistics.intervals import Mean, mean
from damtutor.theory.crosstalk import ORDERS, pattern_count
from damtutor.validate import (
    as_choice,
    as_count,
    as_generator,
    as_items,
    as_kind,
    as_patterns,
    as_reals,
    as_set_shape,
    as_trial_seed,
    as_trials,
    shown,
)

UPDATE_RULES = {"power": "cavity", "exact": "exact", "p-body": "exact", "self": "gradient"}  # to those of DenseAM
SUCCESS = 0.7  # an end overlap of this or more counts as recalled


class Followed(NamedTuple):
    """A batch of states followed for T simultaneous updates.

    Attributes
    ----------
    overlaps : with each state's own target at the times 0, ..., T, float64 `(T+1, B)`.
    fixed : the first time t whose state is a fixed point, seen by h(t+1) = h(t); int64 `(B,)`, -1 where none was.
    alternates : the first time t of a cycle of two states, seen by h(t+2) = h(t); int64 `(B,)`, -1 where none was.
    ends : the states at T, int8 `(B, N)`.
    """

    overlaps: np.ndarray
    fixed: np.ndarray
    alternates: np.ndarray
    ends: np.ndarray


def memory_of(patterns: Any, order: int, update_rule: str = "power") -> DenseAM:
    """The memory that updates its spins by one of the four update rules.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    order : n in [2, 20].
    update_rule : "power", "exact", "p-body" or "self".

    Raises
    ------
    ValueError : a value out of range.
    """
    patterns = as_patterns(patterns)
    order = as_count(order, "order", 2, ORDERS)
    as_choice(update_rule, "update_rule", tuple(UPDATE_RULES))
    interaction = SpinProduct(order, patterns.shape[1]) if update_rule == "p-body" else Power(order)
    return DenseAM(patterns, interaction, UPDATE_RULES[update_rule])


def damaged(targets: Any, flips: int, *, rng: Any = None) -> np.ndarray:
    """Copies of the patterns `(B, N)` with `flips` wrong bits each.

    More flips from the same seed turn the same spins over, and some others.

    Parameters
    ----------
    targets : `(B, N)` of ±1.
    flips : in [0, N].
    rng : seed or Generator.

    Raises
    ------
    ValueError : targets not ±1, a number out of range.
    """
    targets = as_patterns(targets, "targets")
    flips = as_count(flips, "flips", 0, targets.shape[1])
    visit = as_generator(rng).permuted(np.tile(np.arange(targets.shape[1]), (len(targets), 1)), axis=1)[:, :flips]
    np.put_along_axis(targets, visit, -np.take_along_axis(targets, visit, axis=1), axis=1)
    return targets


def follow(model: DenseAM, states: Any, targets: Any, steps: int) -> Followed:
    """Update a batch of states simultaneously, and watch each state's overlap with its own target.

    Parameters
    ----------
    model : a DenseAM.
    states : `(B, N)` of ±1, the starts.
    targets : `(B, N)` of ±1, the pattern that belongs to each.
    steps : T >= 1.

    Raises
    ------
    ValueError : arrays of another shape, a number out of range.
    """
    states, targets = as_patterns(states, "states"), as_patterns(targets, "targets")
    as_kind(model, "model", DenseAM, "a DenseAM, for example memory_of(patterns, 3)")
    if states.shape != targets.shape or states.shape[1] != model.size:
        raise ValueError(
            f"states, targets: shapes {states.shape}, {targets.shape}; expected (B, N) twice, for a DenseAM of size N"
        )
    steps = as_trials(steps, "steps")
    overlaps = np.empty((steps + 1, len(states)))
    fixed, alternates = np.full((2, len(states)), -1)
    overlaps[0], before = _overlaps(states, targets), None
    for t in range(steps):
        new, going = states.copy(), np.flatnonzero(fixed < 0)
        if len(going):
            new[going] = model.step(states[going], order="sync")
        fixed[going[(new[going] == states[going]).all(axis=1)]] = t
        if before is not None:
            alternates[(alternates < 0) & (fixed < 0) & (new == before).all(axis=1)] = t - 1
        before, states = states, new
        overlaps[t + 1] = _overlaps(states, targets)
    return Followed(overlaps, fixed, alternates, states)


def _overlaps(states, targets):
    return np.einsum("bn,bn->b", states, targets, dtype=np.int64) / states.shape[1]


class _Trial(NamedTuple):
    model: DenseAM
    states: np.ndarray
    targets: np.ndarray
    rng: np.random.Generator
    flips: int


def _trial(seed, size, order, reduced_load, overlap, update_rule, targets) -> _Trial:
    """Patterns by default_rng([*seed, N, n, K]) for all overlaps and update rules; damage and order by a word more."""
    as_choice(update_rule, "update_rule", tuple(UPDATE_RULES))
    order = as_count(order, "order", 2, ORDERS)
    count = pattern_count(size, order, reduced_load, update_rule="p-body" if update_rule == "p-body" else "power")
    size, count = as_set_shape(size, count)
    words = [*as_trial_seed(seed), size, order, count]
    patterns = random_patterns(count, size, rng=words)
    chosen = patterns[: as_count(targets, "targets", 1, count)]
    rng, flips = np.random.default_rng([*words, 1]), flips_of(size, overlap)
    return _Trial(memory_of(patterns, order, update_rule), damaged(chosen, flips, rng=rng), chosen, rng, flips)


def trajectory_trial(
    seed: tuple[int, int],
    *,
    size: int,
    order: int,
    reduced_load: float,
    overlap: float,
    steps: int,
    update_rule: str = "power",
    targets: int = 50,
) -> dict[str, Any]:
    """One pattern set, the first of its patterns damaged and followed for `steps` simultaneous updates.

    Parameters
    ----------
    seed : (seed of the sweep, number of the trial). The patterns depend on seed, N, n and K alone; see `damaged` for
        what starts at other overlaps share.
    size : N.
    order : n.
    reduced_load : α'; K = α' N**(n-1)/(2n-3)!!, with "p-body" over (n-1)!.
    overlap : m0; N (1 - m0)/2 bits are wrong, rounded.
    steps : T >= 1.
    update_rule : see the module's text.
    targets : patterns followed, at most K.

    Returns
    -------
    dict : "count" K, "flips", "overlaps" (T+1 lists, one overlap a target), "fixed" and "alternates" (see `Followed`),
        "success", the share of targets that end at an overlap of 0.7 or more.

    Raises
    ------
    ValueError : a number out of range, another update rule, a set of more than 2**31 spins.
    """
    made = _trial(seed, size, order, reduced_load, overlap, update_rule, targets)
    run = follow(made.model, made.states, made.targets, steps)
    return {
        "count": made.model.count,
        "flips": made.flips,
        "overlaps": run.overlaps.tolist(),
        "fixed": run.fixed.tolist(),
        "alternates": run.alternates.tolist(),
        "success": float(np.mean(run.overlaps[-1] >= SUCCESS)),
    }


def sequential_trial(
    seed: tuple[int, int],
    *,
    size: int,
    order: int,
    reduced_load: float,
    overlap: float,
    sweeps: int = 50,
    update_rule: str = "power",
    targets: int = 50,
) -> dict[str, Any]:
    """`trajectory_trial` with one spin at a time, in a new random order each sweep, until nothing changes.

    Same patterns and damage. The theory of simultaneous updates does not describe it: basins are wider.

    Parameters
    ----------
    seed : as in `trajectory_trial`.
    size : as in `trajectory_trial`.
    order : as in `trajectory_trial`.
    reduced_load : as in `trajectory_trial`.
    overlap : as in `trajectory_trial`.
    sweeps : most sweeps, >= 1.
    update_rule : as in `trajectory_trial`.
    targets : as in `trajectory_trial`.

    Returns
    -------
    dict : "count", "flips", "overlaps" (at the end, one a target), "sweeps" made (the silent last one included),
        "converged" (True at a fixed point), "success" as in `trajectory_trial`.

    Raises
    ------
    ValueError : as in `trajectory_trial`.
    """
    sweeps = as_trials(sweeps, "sweeps")
    made = _trial(seed, size, order, reduced_load, overlap, update_rule, targets)
    runs = [made.model.retrieve(state, rng=made.rng, max_sweeps=sweeps) for state in made.states]
    ends = _overlaps(np.array([run.state for run in runs]), made.targets)
    return {
        "count": made.model.count,
        "flips": made.flips,
        "overlaps": ends.tolist(),
        "sweeps": [run.sweeps for run in runs],
        "converged": [run.converged for run in runs],
        "success": float(np.mean(ends >= SUCCESS)),
    }


def mean_trajectory(trials: Sequence[dict[str, Any]]) -> list[Mean]:
    """m(t) at t = 0, ..., T with its standard error over pattern sets, from the results of `trajectory_trial`.

    Near the edge of a basin it is a mean over successes and failures, and says little: look at "success" there.

    Raises
    ------
    ValueError : no trial, or trials of different length.
    """
    trials = as_items(trials, "trials", "expected results of trajectory_trial, one or more", least=1)
    each = [as_reals(_overlaps_of(trial), "overlaps of trials", 2).mean(axis=1) for trial in trials]
    if not each or len({len(one) for one in each}) > 1:
        raise ValueError(
            f"trials: {len(each)} with lengths {sorted({len(one) for one in each})}; expected one or more, all with "
            "the same number of steps"
        )
    return [mean(values) for values in np.transpose(each)]


def _overlaps_of(trial) -> Any:
    if not isinstance(trial, dict) or "overlaps" not in trial:
        raise ValueError(f"trials: {shown(trial)} among them; expected results of trajectory_trial, with overlaps")
    return trial["overlaps"]
