"""Measurements on continuous memories: fixed points, one-step recall, hysteresis, basins, forgotten keys.

The predictions are in `theory.modern`. Every function is seeded; error bars count pattern sets or drops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.statistics import Interval, wilson
from damtutor.models.compact import CompactMemory
from damtutor.models.modern import ModernHopfield
from damtutor.validate import as_count, as_generator, as_real, as_reals

QUERIES = 10  # one-step trials that share one set of patterns


class Count(NamedTuple):
    """Fixed points reached from the patterns at one β: how many, and the range of n_eff among them."""

    beta: float
    count: int
    least_n_eff: float
    most_n_eff: float
    unsettled: int


class Mean(NamedTuple):
    """A mean with its standard error over pattern sets."""

    value: float
    error: float


class Loop(NamedTuple):
    """A slow sweep of β, there and back.

    Attributes
    ----------
    betas : `(P,)`, rising. up, down : n_eff at rest at each β while β rises and while it falls, `(P,)`, both in the
        order of `betas`. leaves : first β of the way up at which n_eff is below K/2. returns : first β of the way down
        at which it is above. Both nan where that never happens.
    """

    betas: np.ndarray
    up: np.ndarray
    down: np.ndarray
    leaves: float
    returns: float


class Basins(NamedTuple):
    """Where random drops end: `places` `(P, d)`, most visited first, their `counts` `(P,)` and `shares` (intervals).

    `unsettled` drops are at rest nowhere yet; `untouched` ones felt no force where they fell (compact kernel only).
    """

    places: np.ndarray
    counts: np.ndarray
    shares: list[Interval]
    unsettled: int
    untouched: int


def unit_vectors(count: int, size: int, *, rng: Any = None) -> np.ndarray:
    """`count` directions, uniform on the sphere: float64 `(K, d)`, rows of norm 1."""
    rows = as_generator(rng).standard_normal((as_count(count, "count"), as_count(size, "size")))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def clustered_vectors(clusters: int, each: int, size: int, *, noise: float = 0.15, rng: Any = None) -> np.ndarray:
    """`each` noisy copies of `clusters` random unit vectors, brought back to norm 1.

    Parameters
    ----------
    clusters, each, size : K = clusters * each, and d. noise : sd of every coordinate's noise before normalisation,
        >= 0. rng : seed or Generator.

    Returns
    -------
    float64 `(K, d)`; rows `c*each ... (c+1)*each - 1` belong to cluster c.
    """
    rng = as_generator(rng)
    centres = np.repeat(unit_vectors(clusters, size, rng=rng), as_count(each, "each"), axis=0)
    rows = centres + as_real(noise, "noise", low=0.0) * rng.standard_normal(centres.shape)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fixed_point_counts(patterns: Any, betas: Sequence[float], *, similarity: str = "dot") -> list[Count]:
    """`ModernHopfield.fixed_points` from the patterns at every β, in short."""
    rows = []
    for beta in betas:
        found = ModernHopfield(patterns, beta, similarity).fixed_points()
        least, most = float(found.n_eff.min()), float(found.n_eff.max())
        rows.append(Count(float(beta), len(found.points), least, most, found.unsettled))
    return rows


def one_step_recall(
    count: int, size: int, beta: float, *, noise: float = 0.5, trials: int = 100, within: float = 0.1, seed: int = 0
) -> Mean:
    """How often one step from a noisy pattern lands near the pattern; random patterns of norm sqrt(d), dot similarity.

    Parameters
    ----------
    count, size : K, d. beta : > 0. noise : sd of the query's error in every coordinate, >= 0.
    trials : queries; ten share a pattern set, rounded up. within : allowed distance in units of sqrt(d), > 0.
    seed : every set has the Generator default_rng([seed, K, d, set]).

    Returns
    -------
    Mean over pattern sets with its standard error. An error of 0 at 0 or 1 means only that no set differed.
    """
    count, size, trials = as_count(count, "count"), as_count(size, "size"), as_count(trials, "trials", 2 * QUERIES)
    noise, within = as_real(noise, "noise", low=0.0), as_real(within, "within", low=0.0, strict=True)
    seed, shares = as_count(seed, "seed", 0), []
    for k in range(-(-trials // QUERIES)):
        rng = np.random.default_rng([seed, count, size, k])
        patterns = np.sqrt(size) * unit_vectors(count, size, rng=rng)
        wanted = patterns[rng.integers(count, size=QUERIES)]
        ends = ModernHopfield(patterns, beta).step(wanted + noise * rng.standard_normal(wanted.shape))
        shares.append(np.mean(np.linalg.norm(ends - wanted, axis=1) < within * np.sqrt(size)))
    return Mean(float(np.mean(shares)), float(np.std(shares, ddof=1) / np.sqrt(len(shares))))


def hysteresis(patterns: Any, betas: Sequence[float], *, kick: float = 1e-3, updates: int = 100, seed: int = 0) -> Loop:
    """Sweep β up and down again, starting at the average, with a small kick before every update.

    Without a kick a symmetric average would stay for ever, also where it is unstable. The longer the sweep dwells
    at one β and the larger the kick, the earlier the average is left: the loop is a matter of history and noise.

    Parameters
    ----------
    patterns : `(K, d)`. betas : two or more, rising. kick : sd of the Gaussian kick of every coordinate, >= 0.
    updates : updates at each β, >= 1; n_eff is taken after the last. seed : default_rng([seed, K, d]).

    Raises
    ------
    ValueError : betas that do not rise, or wrong patterns, kick, updates or seed.
    """
    patterns = as_reals(patterns, "patterns", 2).astype(np.float64)
    betas = as_reals(betas, "betas", 1).astype(np.float64)
    if len(betas) < 2 or (np.diff(betas) <= 0).any():
        raise ValueError("betas: not rising; expected two or more rising numbers, for example np.linspace(1, 20, 50)")
    kick, updates = as_real(kick, "kick", low=0.0), as_count(updates, "updates")
    rng = np.random.default_rng([as_count(seed, "seed", 0), *patterns.shape])
    x, path = patterns.mean(axis=0), []
    for beta in [*betas, *betas[::-1]]:
        memory = ModernHopfield(patterns, beta)
        for push in kick * rng.standard_normal((updates, x.size)):
            x = memory.step(x + push)
        path.append(memory.n_eff(x))
    up, down = np.array(path[: len(betas)]), np.array(path[len(betas) :])[::-1]
    left, back = np.flatnonzero(up < len(patterns) / 2), np.flatnonzero(down > len(patterns) / 2)
    return Loop(
        betas,
        up,
        down,
        float(betas[left[0]]) if len(left) else np.nan,
        float(betas[back[-1]]) if len(back) else np.nan,
    )


def basin_shares(
    memory: ModernHopfield | CompactMemory, drops: int, *, low: float = -2.0, high: float = 2.0, seed: int = 0
) -> Basins:
    """Drop states uniformly in the cube [low, high]^d and count where they end, with Wilson's 95 % intervals.

    Shares are of all drops, also of those that end nowhere. Places closer than 1e-4 of the cube's edge are one.

    Parameters
    ----------
    memory : ModernHopfield or CompactMemory. drops : >= 1. low < high : the cube. seed : default_rng([seed, drops]).
    """
    if not isinstance(memory, ModernHopfield | CompactMemory):
        raise ValueError(f"memory is {memory!r}; expected a ModernHopfield or a CompactMemory")
    drops, low = as_count(drops, "drops"), as_real(low, "low")
    high = as_real(high, "high", low=low, strict=True)
    starts = np.random.default_rng([as_count(seed, "seed", 0), drops]).uniform(low, high, (drops, memory.size))
    ends = memory.settle(starts, max_sweeps=20_000)
    forced = np.isfinite(memory.energy(starts))
    kept, counts = [], []
    for end in ends.states[ends.converged & forced]:
        gaps = np.linalg.norm(np.array(kept).reshape(-1, memory.size) - end, axis=1)
        if len(kept) and gaps.min() < 1e-4 * (high - low):
            counts[gaps.argmin()] += 1
        else:
            kept.append(end)
            counts.append(1)
    rank = np.argsort(counts, kind="stable")[::-1].astype(int)
    counts = np.array(counts, dtype=np.int64)[rank]
    return Basins(
        np.array(kept).reshape(-1, memory.size)[rank],
        counts,
        [wilson(int(k), drops) for k in counts],
        int((~ends.converged).sum()),
        int((~forced).sum()),
    )


def keys_with_own_minimum(
    count: int,
    size: int,
    *,
    sets: int = 10,
    keys: int | None = None,
    beta: float | None = None,
    max_sweeps: int = 3000,
    seed: int = 0,
) -> Mean:
    """Share of random keys of norm sqrt(d) with a minimum of their own: recall from the key ends mostly on the key.

    Attention repeated to the end, W = identity, nothing between the steps. A key without a minimum of its own is
    forgotten: the state slides to a blend of all. Keys are random; no trained weights are meant.

    Parameters
    ----------
    count, size : K, d. sets : key sets drawn, >= 2. keys : how many keys of each set are tried, None for all.
    beta : None for attention's 1/sqrt(d). max_sweeps : a start that still moves then counts by where it is.
    seed : every set has the Generator default_rng([seed, K, d, set]).

    Returns
    -------
    Mean over key sets with its standard error.
    """
    count, size, sets = as_count(count, "count"), as_count(size, "size"), as_count(sets, "sets", 2)
    keys = count if keys is None else as_count(keys, "keys", 1, count)
    beta = 1 / np.sqrt(size) if beta is None else beta
    seed, shares = as_count(seed, "seed", 0), []
    for k in range(sets):
        patterns = np.sqrt(size) * unit_vectors(count, size, rng=[seed, count, size, k])
        memory = ModernHopfield(patterns, beta)
        ends = memory.settle(patterns[:keys], tolerance=1e-7, max_sweeps=max_sweeps).states
        shares.append(np.mean(memory.weights(ends)[np.arange(keys), np.arange(keys)] > 0.5))
    return Mean(float(np.mean(shares)), float(np.std(shares, ddof=1) / np.sqrt(sets)))
