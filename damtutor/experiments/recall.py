"""Recall experiments: damage a stored pattern, retrieve, and say where it ended.

Damage has three names in this package: `flips` is a number of spins turned over, `damage` a fraction of them, and
`corruption` the fraction of the sources of `theory.exponential` and `experiments.corruption`; fractions are rounded to
round(fraction * N) spins.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import as_memory
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Interaction
from damtutor.patterns import flip, random_patterns
from damtutor.rng import Rng32
from damtutor.statistics.intervals import Estimate, estimate
from damtutor.validate import as_array, as_count, as_patterns, as_real, as_seed, as_set_shape, as_state, as_trials


class Recall(NamedTuple):
    """End states of a batch of queries.

    Attributes
    ----------
    queries : int8 `(B, N)`.
    ends : int8 `(B, N)`.
    target : index of the stored pattern each query was made from, `(B,)`.
    right : True where the end is that pattern (or an identical one), bool `(B,)`.
    negative : True where the end is the negative of that pattern, bool `(B,)`.
    stored : True where the end is any stored pattern, bool `(B,)`.
    nearest : True where the end is a stored pattern that no other stored pattern beats in distance to the query.
    """

    queries: np.ndarray
    ends: np.ndarray
    target: np.ndarray
    right: np.ndarray
    negative: np.ndarray
    stored: np.ndarray
    nearest: np.ndarray

    @property
    def pictures(self) -> int:
        """How many different end states there are."""
        return len(np.unique(self.ends, axis=0))


def recall(model: Any, flips: int, *, targets: Any = None, seed: int = 0, max_sweeps: int = 50) -> Recall:
    """Flip exactly `flips` spins of each target pattern, retrieve asynchronously, compare.

    Parameters
    ----------
    model : a binary memory that knows its K patterns over N neurons: DenseAM or Hopfield.
    flips : number of spins turned over in each query, 0 <= flips <= N.
    targets : indices of stored patterns, repeats allowed; default: each once.
    seed : query b has the Generator default_rng([seed, b]) for its damage and its order of updates. Use another seed
        than the one that made the patterns: default_rng([seed, 0]) is default_rng(seed), so that the damage of query 0
        would depend on pattern 0 of random_patterns(..., rng=seed).
    max_sweeps : see `DenseAM.retrieve`.

    Raises
    ------
    ValueError : a model without patterns, a number out of range, no target.
    """
    model = as_memory(model)
    flips, seed = as_count(flips, "flips", 0, model.size), as_seed(seed)
    listed = "expected indices of stored patterns"
    chosen = range(model.count) if targets is None else np.atleast_1d(as_array(targets, "targets", listed)).tolist()
    target = np.array([as_count(mu, "targets", 0, model.count - 1) for mu in chosen], dtype=np.int64)
    if not len(target):
        raise ValueError("targets: empty; expected at least one index of a stored pattern")
    queries, ends = [], []
    for b, mu in enumerate(target):
        rng = np.random.default_rng([seed, b])
        queries.append(flip(model.patterns[mu], flips, rng=rng))
        ends.append(model.retrieve(queries[-1], rng=rng, max_sweeps=max_sweeps).state)
    return judge(model, np.array(queries), np.array(ends), target)


def judge(model: Any, queries: Any, ends: Any, target: Any) -> Recall:
    """Say of every end state what it is; see `Recall`.

    Parameters
    ----------
    model : a binary memory that knows its patterns.
    queries : `(B, N)` of ±1.
    ends : `(B, N)` of ±1, where each query ended.
    target : index of the stored pattern that each query was made from, whole numbers `(B,)`.

    Raises
    ------
    ValueError : a model without patterns, arrays of another shape, an index that names no pattern.
    """
    model = as_memory(model)
    queries, ends = as_patterns(queries, "queries"), as_patterns(ends, "ends")
    target = as_array(target, "target", "expected indices of stored patterns")
    if queries.shape != ends.shape or queries.shape[1] != model.size or target.shape != queries.shape[:1]:
        raise ValueError(
            f"queries, ends, target: shapes {queries.shape}, {ends.shape}, {target.shape}; expected (B, {model.size}) "
            f"twice and (B,)"
        )
    target = np.array([as_count(mu, "target", 0, model.count - 1) for mu in target.tolist()], dtype=np.int64)
    patterns = model.patterns.astype(np.int32)
    to_query, to_end = queries @ patterns.T, ends @ patterns.T
    here = to_end == model.size  # identical to a stored pattern
    right = (ends == model.patterns[target]).all(axis=1)
    negative = (ends == -model.patterns[target]).all(axis=1)
    nearest = (here & (to_query == to_query.max(axis=1, keepdims=True))).any(axis=1)
    return Recall(queries, ends, target, right, negative, here.any(axis=1), nearest)


def nearest_neighbour(model: Any, result: Recall) -> np.ndarray:
    """Plain search on the same queries: True where the first stored pattern nearest to the query is the target.

    Parameters
    ----------
    model : a binary memory that knows its patterns.
    result : what `recall` or `judge` returned for it, B queries.

    Returns
    -------
    bool `(B,)`.

    Raises
    ------
    ValueError : a model without patterns, no Recall, or one of other patterns.
    """
    model = as_memory(model)
    if not isinstance(result, Recall) or result.queries.shape[1] != model.size or result.target.max() >= model.count:
        raise ValueError(f"result is {type(result).__name__}; expected the Recall of this model, recall(model, flips)")
    overlap = result.queries.astype(np.int32) @ model.patterns.T.astype(np.int32)
    return (model.patterns[overlap.argmax(axis=1)] == model.patterns[result.target]).all(axis=1)


class Path(NamedTuple):
    """Energies met on the way from one state to another, one differing spin at a time.

    Attributes
    ----------
    flips : spins turned so far, `(d+1,)`.
    energies : `(d+1,)`.
    """

    flips: np.ndarray
    energies: np.ndarray


def energy_path(model: Any, start: Any, end: Any, *, seed: int = 0) -> Path:
    """Energy along a straight walk from `start` to `end`: differing spins are turned in the order of Rng32(seed).

    Parameters
    ----------
    model : a binary memory with an energy: Hopfield, also one that knows no patterns, or DenseAM.
    start : `(N,)` of ±1.
    end : `(N,)` of ±1.
    seed : of the order, whole number in [0, 2**32).

    Returns
    -------
    Path: number of spins turned `(d+1,)`, and energies `(d+1,)` in the model's unit.

    Raises
    ------
    ValueError : a model without energy, states not ±1 or of another length, a seed out of range.
    """
    model = as_memory(model, patterns=False)
    state, end = as_state(start, model.size, "start"), as_state(end, model.size, "end")
    differ = np.flatnonzero(state != end)
    energies = [model.energy(state)]
    for k in Rng32(seed).permutation(len(differ)):
        state[differ[k]] *= -1
        energies.append(model.energy(state))
    return Path(np.arange(len(energies)), np.array(energies))


def relative_path(model: Any, start: Any, end: Any, *, seed: int = 0) -> Path:
    """`energy_path` divided by the depth of its start: -1 at the start, 0 on a plateau without any pattern.

    On this scale memories with different F compare: the wells narrow and a plateau appears as F grows steeper. For the
    exponential it is the plain sum, Σ exp(X s), not its logarithm, that is divided.

    Parameters
    ----------
    model : as in `energy_path`.
    start : as in `energy_path`.
    end : as in `energy_path`.
    seed : as in `energy_path`.

    Raises
    ------
    ValueError : what `energy_path` refuses; a start whose energy is not below zero (an odd power near a negative).
    """
    path = energy_path(model, start, end, seed=seed)
    first = path.energies[0]
    if getattr(getattr(model, "interaction", None), "log_scale", False):
        return Path(path.flips, -np.exp(first - path.energies))
    if first >= 0:
        raise ValueError(f"start: energy {first:.4g}; expected a start below 0, for example a stored pattern")
    return Path(path.flips, path.energies / -first)


def basin(
    size: int,
    count: int,
    interaction: Interaction,
    flips: int,
    *,
    sets: int = 10,
    queries: int = 4,
    overlap: float = 0.97,
    seed: int = 0,
) -> Estimate:
    """Share of damaged patterns that asynchronous retrieval brings back above an overlap, and its standard error.

    Parameters
    ----------
    size : N.
    count : K random patterns.
    interaction : F.
    flips : number of spins turned over in every query, 0 <= flips <= N.
    sets : pattern sets, at least 2; set k is default_rng([seed, N, K, k]), whatever F and flips are.
    queries : stored patterns damaged in each set, at most K.
    overlap : the end has to exceed it, in [-1, 1].
    seed : of the sets, and of `recall` in each: every set has the same damage and orders of updates.

    Returns
    -------
    Estimate: the pair (mean, standard error over pattern sets).

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    (size, count), sets, seed = as_set_shape(size, count), as_trials(sets, "sets", 2), as_seed(seed)
    queries, flips = min(count, as_trials(queries, "queries")), as_count(flips, "flips", 0, size)
    overlap = as_real(overlap, "overlap", low=-1.0, high=1.0)
    share = np.empty(sets)
    for k in range(sets):
        model = DenseAM(random_patterns(count, size, rng=[seed, size, count, k]), interaction)
        result = recall(model, flips, targets=range(queries), seed=seed)
        ends = np.sum(result.ends * model.patterns[result.target], axis=1, dtype=np.int64)
        share[k] = np.mean(ends > overlap * size)
    return estimate(share)
