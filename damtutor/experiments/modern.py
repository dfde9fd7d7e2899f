"""Measurements on continuous memories: fixed points, one-step recall, hysteresis, basins, forgotten keys.

The predictions are in `theory.modern`. Every function is seeded; error bars count pattern sets or drops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.compact import CompactMemory
from damtutor.models.modern import ModernHopfield
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.theory.modern import one_step_bound
from damtutor.validate import as_count, as_generator, as_real, as_reals, as_set_shape, as_trials

QUERIES = 10  # one-step trials that share one set of patterns
JUMP = 0.25  # a change of the resting state by more than this, in largest distances from the average, is a jump


class Count(NamedTuple):
    """Fixed points reached from the patterns at one β.

    Attributes
    ----------
    beta : β.
    count : how many different ones.
    least_n_eff : smallest n_eff among them, nan for none.
    most_n_eff : largest n_eff among them, nan for none.
    unsettled : starts that are at rest nowhere yet.
    """

    beta: float
    count: int
    least_n_eff: float
    most_n_eff: float
    unsettled: int


class Loop(NamedTuple):
    """A slow sweep of β, there and back.

    Attributes
    ----------
    betas : `(P,)`, rising.
    up : n_eff after the last update at each β while β rises, `(P,)`, in the order of `betas`.
    down : likewise while β falls, `(P,)`, in the order of `betas`.
    states_up : the states while β rises, `(P, d)`, in the order of `betas`: where the ball lay.
    states_down : likewise while β falls, `(P, d)`, in the order of `betas`.
    leaves : β of the largest jump away from the average on the way up.
    returns : β of the largest jump towards it on the way down. A jump is a change between neighbouring β by more than a
        quarter of the largest distance of a pattern from the average; nan where there is none. On a coarse grid of β a
        smooth but steep change may pass for a jump.
    """

    betas: np.ndarray
    up: np.ndarray
    down: np.ndarray
    states_up: np.ndarray
    states_down: np.ndarray
    leaves: float
    returns: float


class Branches(NamedTuple):
    """Fixed points over β, as flat arrays `(P,)`: one entry a point, for a bifurcation diagram.

    Attributes
    ----------
    betas : β of every point, float64; points of the same β stand together, lowest energy first.
    n_eff : float64, as `betas`.
    energies : float64, as `betas`.
    radius : float64, as `betas`.
    stable : bool.
    points : `(P, d)`.
    """

    betas: np.ndarray
    n_eff: np.ndarray
    energies: np.ndarray
    radius: np.ndarray
    stable: np.ndarray
    points: np.ndarray


class Errors(NamedTuple):
    """One-step errors |f(x) - X_i| and their proved bounds, see `theory.modern.one_step_bound`.

    Attributes
    ----------
    errors : `(P,)`.
    direct : the tighter bound, from the separation of the query, `(P,)`.
    by_distance : the looser one, from its distance to the pattern, `(P,)`.
    """

    errors: np.ndarray
    direct: np.ndarray
    by_distance: np.ndarray


class Basins(NamedTuple):
    """Where random drops end.

    Attributes
    ----------
    places : `(P, d)`, most visited first.
    counts : drops that end in each, `(P,)`.
    shares : an `Interval` for each.
    unsettled : drops that are at rest nowhere yet.
    untouched : drops that felt no force where they fell (compact kernel only).
    """

    places: np.ndarray
    counts: np.ndarray
    shares: list[Interval]
    unsettled: int
    untouched: int


def unit_vectors(size: int, count: int, *, rng: Any = None) -> np.ndarray:
    """`count` directions, uniform on the sphere: float64 `(K, d)`, rows of norm 1."""
    size, count = as_set_shape(size, count)
    rows = as_generator(rng).standard_normal((count, size))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def clustered_vectors(size: int, clusters: int, each: int, *, noise: float = 0.15, rng: Any = None) -> np.ndarray:
    """`each` noisy copies of `clusters` random unit vectors, brought back to norm 1.

    Parameters
    ----------
    size : d.
    clusters : number of centres.
    each : patterns around each centre; K = clusters * each.
    noise : sd of every coordinate's noise before normalisation, >= 0.
    rng : seed or Generator.

    Returns
    -------
    float64 `(K, d)`; rows `c*each ... (c+1)*each - 1` belong to cluster c.
    """
    rng, clusters = as_generator(rng), as_count(clusters, "clusters")
    size, count = as_set_shape(size, clusters * as_count(each, "each"))
    centres = np.repeat(unit_vectors(size, clusters, rng=rng), count // clusters, axis=0)
    rows = centres + as_real(noise, "noise", low=0.0) * rng.standard_normal(centres.shape)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fixed_point_counts(patterns: Any, betas: Sequence[float], *, similarity: str = "dot") -> list[Count]:
    """`ModernHopfield.fixed_points` from the patterns at every β, in short."""
    rows = []
    for beta in as_reals(betas, "betas", 1):
        found = ModernHopfield(patterns, beta, similarity).fixed_points()
        n_eff = found.n_eff if len(found.points) else [np.nan]
        rows.append(Count(float(beta), len(found.points), float(min(n_eff)), float(max(n_eff)), found.unsettled))
    return rows


def branches(patterns: Any, betas: Sequence[float], *, similarity: str = "dot", seeds: Any = None) -> Branches:
    """The fixed points of every β, followed from one β to the next, stable or not.

    At each β the starts are the patterns, by repeated steps; and by Newton's method, which follows a branch through its
    loss of stability: the average, the points found at the β before, and all middles of two patterns and of two points
    found so far, where saddles are.

    Parameters
    ----------
    patterns : `(K, d)`.
    betas : numbers > 0 in any order; neighbours should be close.
    similarity : as in the model.
    seeds : more starts for Newton's method at every β, `(B, d)`, or None.

    Notes
    -----
    A list of what was found, not a proof that nothing else is there: a branch that none of the starts leads to is
    missing. Time: about K² runs of Newton's method a β.
    """
    patterns = as_reals(patterns, "patterns", 2).astype(np.float64)
    fixed = [patterns.mean(axis=0)[None], _middles(patterns)]
    fixed += [] if seeds is None else [as_reals(seeds, "seeds", 2, length=patterns.shape[1])]
    fixed, before, rows = np.concatenate(fixed), np.empty((0, patterns.shape[1])), []
    for beta in as_reals(betas, "betas", 1):
        memory, starts = ModernHopfield(patterns, beta, similarity), np.concatenate([fixed, before])
        first = memory.fixed_points(newton_from=starts)
        found = memory.fixed_points(newton_from=np.concatenate([starts, first.points, _middles(first.points)]))
        before = found.points
        level = np.full(len(before), float(beta))
        rows.append((level, found.n_eff, found.energies, found.radius, found.stable, found.points))
    return Branches(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def _middles(points) -> np.ndarray:
    one, other = np.triu_indices(len(points), 1)
    return (points[one] + points[other]) / 2


def one_step_errors(
    size: int, count: int, beta: float, *, noise: float = 0.2, trials: int = 200, seed: int = 0
) -> Errors:
    """Error of one step beside its bounds, for random patterns of norm sqrt(d): the scatter of error against bound.

    Parameters
    ----------
    size : d.
    count : K >= 2.
    beta : > 0.
    noise : sd of the query's error in every coordinate, >= 0.
    trials : pairs; trial k has its own patterns, from default_rng([seed, K, d, k]).

    Returns
    -------
    Errors: dot similarity; every error lies below both bounds, up to rounding. A bound above 2 M says nothing.
    """
    (size, count), trials = as_set_shape(size, count, 2), as_trials(trials, "trials")
    noise, seed = as_real(noise, "noise", low=0.0), as_count(seed, "seed", 0)
    rows = []
    for k in range(trials):
        rng = np.random.default_rng([seed, count, size, k])
        patterns = np.sqrt(size) * unit_vectors(size, count, rng=rng)
        query = patterns[0] + noise * rng.standard_normal(size)
        error = np.linalg.norm(ModernHopfield(patterns, beta).step(query) - patterns[0])
        rows.append((error, *one_step_bound(patterns, query, 0, beta)))
    return Errors(*np.array(rows).T)


def one_step_recall(
    size: int, count: int, beta: float, *, noise: float = 0.5, trials: int = 100, within: float = 0.1, seed: int = 0
) -> Mean:
    """How often one step from a noisy pattern lands near the pattern; random patterns of norm sqrt(d), dot similarity.

    Parameters
    ----------
    size : d.
    count : K.
    beta : > 0.
    noise : sd of the query's error in every coordinate, >= 0.
    trials : queries; ten share a pattern set, rounded up.
    within : allowed distance in units of sqrt(d), > 0.
    seed : every set has the Generator default_rng([seed, K, d, set]).

    Returns
    -------
    Mean over pattern sets with its standard error. An error of 0 at 0 or 1 means only that no set differed.
    """
    (size, count), trials = as_set_shape(size, count), as_trials(trials, "trials", 2 * QUERIES)
    noise, within = as_real(noise, "noise", low=0.0), as_real(within, "within", low=0.0, strict=True)
    seed, shares = as_count(seed, "seed", 0), []
    for k in range(-(-trials // QUERIES)):
        rng = np.random.default_rng([seed, count, size, k])
        patterns = np.sqrt(size) * unit_vectors(size, count, rng=rng)
        wanted = patterns[rng.integers(count, size=QUERIES)]
        ends = ModernHopfield(patterns, beta).step(wanted + noise * rng.standard_normal(wanted.shape))
        shares.append(np.mean(np.linalg.norm(ends - wanted, axis=1) < within * np.sqrt(size)))
    return mean(shares)


def hysteresis(patterns: Any, betas: Sequence[float], *, dwell: int, kick: float = 1e-3, seed: int = 0) -> Loop:
    """Sweep β up and down again, starting at the average, with a small kick before every update.

    Without a kick a symmetric average would stay for ever, also where it is unstable. The longer the sweep dwells
    at one β and the larger the kick, the earlier the average is left: the loop is a matter of history and noise.

    Parameters
    ----------
    patterns : `(K, d)`.
    betas : two or more, rising.
    dwell : updates at each β, >= 1, a part of the answer: state it. State and n_eff are taken after the last.
    kick : sd of the Gaussian kick of every coordinate, >= 0.
    seed : default_rng([seed, K, d]).

    Raises
    ------
    ValueError : betas that do not rise, or wrong patterns, kick, dwell or seed.
    """
    patterns = as_reals(patterns, "patterns", 2).astype(np.float64)
    betas = as_reals(betas, "betas", 1).astype(np.float64)
    if len(betas) < 2 or (np.diff(betas) <= 0).any():
        raise ValueError("betas: not rising; expected two or more rising numbers, for example np.linspace(1, 20, 50)")
    kick, dwell = as_real(kick, "kick", low=0.0), as_count(dwell, "dwell")
    rng = np.random.default_rng([as_count(seed, "seed", 0), *patterns.shape])
    centre, n_eff = patterns.mean(axis=0), []
    path = [centre]
    for beta in [*betas, *betas[::-1]]:
        memory, x = ModernHopfield(patterns, beta), path[-1]
        for push in kick * rng.standard_normal((dwell, x.size)):
            x = memory.step(x + push)
        path.append(x)
        n_eff.append(memory.n_eff(x))
    path, many = np.array(path), len(betas)
    away = np.linalg.norm(path - centre, axis=1)
    moved = np.linalg.norm(np.diff(path, axis=0), axis=1) * np.sign(np.diff(away))  # > 0: away from the average
    least = JUMP * np.linalg.norm(patterns - centre, axis=1).max()
    out, home = moved[:many], -moved[many:][::-1]
    return Loop(
        betas,
        np.array(n_eff[:many]),
        np.array(n_eff[many:])[::-1],
        path[1 : many + 1],
        path[many + 1 :][::-1],
        float(betas[out.argmax()]) if out.max() > least else np.nan,
        float(betas[home.argmax()]) if home.max() > least else np.nan,
    )


def basin_shares(
    memory: ModernHopfield | CompactMemory, drops: int, *, low: float = -2.0, high: float = 2.0, seed: int = 0
) -> Basins:
    """Drop states uniformly in the cube [low, high]^d and count where they end, with Wilson's 95 % intervals.

    Shares are of all drops, also of those that end nowhere. Places closer than 1e-4 of the cube's edge are one.

    Parameters
    ----------
    memory : ModernHopfield or CompactMemory.
    drops : >= 1.
    low : lower end of the cube's edges.
    high : upper end, above `low`.
    seed : default_rng([seed, drops]).
    """
    if not isinstance(memory, ModernHopfield | CompactMemory):
        raise ValueError(f"memory is {memory!r}; expected a ModernHopfield or a CompactMemory")
    drops, low = as_trials(drops, "drops"), as_real(low, "low")
    high = as_real(high, "high", low=low, strict=True)
    if not np.isfinite(high - low):
        raise ValueError(f"low, high: {low:g}, {high:g} are farther apart than a float holds; expected a smaller cube")
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
    size: int,
    count: int,
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
    size : d.
    count : K.
    sets : key sets drawn, >= 2.
    keys : how many keys of each set are tried, None for all.
    beta : None for attention's 1/sqrt(d).
    max_sweeps : a start that still moves then counts by where it is.
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
        patterns = np.sqrt(size) * unit_vectors(size, count, rng=[seed, count, size, k])
        memory = ModernHopfield(patterns, beta)
        ends = memory.settle(patterns[:keys], tolerance=1e-7, max_sweeps=max_sweeps).states
        shares.append(np.mean(memory.weights(ends)[np.arange(keys), np.arange(keys)] > 0.5))
    return mean(shares)
