"""Measurements on two groups of neurons: the adiabatic limit, over-filling, the race of recall, activations gone wrong.

The prediction of the race is in `theory.two_group`. Every function is seeded; error bars count pattern sets or states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.models import integrate
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Interaction, RectifiedPower
from damtutor.models.lagrangians import Lagrangian, Powers, Tanh
from damtutor.models.two_group import TwoGroup
from damtutor.patterns import flip, random_patterns
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.validate import as_count, as_counts, as_fraction, as_real, as_reals, as_set_shape, as_trials

RATIOS = (0.25, 16.0)  # τ_h/τ_f between which the edge is looked for
DT = 0.1  # τ_f; and at most a quarter of τ_h
PATIENCE = 4000  # steps
REST = 1e-5  # of v, and of h/N


class Adiabatic(NamedTuple):
    """How far fast hidden neurons are from infinitely fast ones.

    Attributes
    ----------
    tau_h : `(P,)`.
    errors : largest |v - v(τ_h → 0)| at one time, `(P,)`.
    ratios : of neighbouring errors, `(P-1,)`.
    """

    tau_h: np.ndarray
    errors: np.ndarray
    ratios: np.ndarray


class Filling(NamedTuple):
    """How many patterns come back.

    Attributes
    ----------
    stored : patterns that are stored.
    recalled : those that come back, on average over pattern sets.
    """

    stored: int
    recalled: Mean


class Edge(NamedTuple):
    """The largest τ_h/τ_f at which recall succeeds.

    Attributes
    ----------
    damage : share of wrong bits.
    edges : one a trial, `(trials,)`.
    mean : of the edges.
    """

    damage: float
    edges: np.ndarray
    mean: Mean


def adiabatic_error(model: TwoGroup, v: Any, tau_h: Sequence[float], *, time: float = 2.0) -> Adiabatic:
    """How far the feature neurons are, at `time`, from where instant memory neurons would have led them.

    Both runs start at v, the memory neurons awake, h = Ξ g(v); accuracy 1e-11.

    Parameters
    ----------
    model : its own tau_h is not used.
    v : `(N_f,)`.
    tau_h : time constants > 0.
    time : > 0.

    Raises
    ------
    ValueError : no TwoGroup, a wrong state or number.
    """
    if not isinstance(model, TwoGroup):
        raise ValueError(f"model is {type(model).__name__}; expected a TwoGroup, for example TwoGroup.model_a(X)")
    tau_h = as_reals(tau_h, "tau_h", 1).astype(np.float64)
    limit = model.adiabatic_run(v, time, points=1, accuracy=1e-11).v[-1]
    errors = []
    for tau in tau_h:
        slow = TwoGroup(model.synapses, model.feature, model.memory, model.tau_f, tau, model.external)
        errors.append(np.abs(slow.run(slow.awake(v), time, points=1, accuracy=1e-11).v[-1] - limit).max())
    errors = np.array(errors)
    return Adiabatic(tau_h, errors, errors[:-1] / errors[1:])


def over_filling(
    size: int,
    counts: Sequence[int],
    interaction: Interaction = RectifiedPower(3),  # noqa: B008 (a frozen value)
    *,
    neurons: int | None = None,
    damage: float = 0.1,
    overlap: float = 0.95,
    sweeps: int = 8,
    sets: int = 3,
    seed: int = 0,
) -> list[Filling]:
    """Of K patterns offered, `neurons` memory neurons hold the first; how many of the stored ones come back?

    Every stored pattern is tried once, round(damage N) of its bits flipped, `sweeps` simultaneous updates by the exact
    energy difference. It comes back if the overlap at the end exceeds `overlap`.

    Parameters
    ----------
    size : N.
    counts : K offered.
    interaction : F.
    neurons : N_h, or None for as many as patterns.
    sets : pattern sets >= 2; set k of K patterns has the Generator default_rng([seed, N, K, k]), K the number stored.

    Returns
    -------
    One `Filling` for each K: the mean number, its standard error over sets.

    Examples
    --------
    >>> [row.recalled.value for row in over_filling(32, [16, 1024], sets=2)]
    [16.0, 0.0]
    """
    size, sets, seed = as_count(size, "size"), as_count(sets, "sets", 2), as_count(seed, "seed", 0)
    flips = round(as_fraction(damage, "damage") * size)
    overlap = as_real(overlap, "overlap", low=-1.0, high=1.0)
    sweeps = as_trials(sweeps, "sweeps")
    most = None if neurons is None else as_count(neurons, "neurons")
    rows, done = [], {}
    for offered in as_counts(counts, "counts"):
        stored = offered if most is None else min(offered, most)
        if stored not in done:  # what was left out has no say
            found = []
            for k in range(sets):
                rng = np.random.default_rng([seed, size, stored, k])
                patterns = random_patterns(stored, size, rng=rng)
                starts = np.array([flip(pattern, flips, rng=rng) for pattern in patterns])
                ends = DenseAM(patterns, interaction).settle(starts, max_sweeps=sweeps).states
                found.append(np.count_nonzero((ends * patterns).sum(axis=1, dtype=np.int64) > overlap * size))
            done[stored] = Filling(stored, mean(found))
        rows.append(done[stored])
    return rows


def recall_edge(
    damage: float,
    *,
    size: int = 64,
    count: int = 8,
    order: int = 3,
    beta: float = 4.0,
    trials: int = 20,
    precision: float = 0.005,
    seed: int = 0,
) -> Edge:
    """Largest τ_h/τ_f at which the memory wakes before the features fade, found by bisection for every trial.

    Model A, pattern sets and damage drawn anew for each trial; memory neurons start asleep, h = 0. Recalled: at rest
    the first pattern's sign is right, and said aloud, at 95 % of the feature neurons.

    Parameters
    ----------
    damage : share of wrong bits, round(damage N) of them.
    size : N.
    count : K.
    order : n >= 2.
    beta : slope of tanh.
    trials : >= 2; trial k has the Generator default_rng([seed, N, K, k]).
    precision : relative, of each edge.

    Returns
    -------
    Edge: 0.25 or 16 where recall fails or succeeds at both of these ratios; `damage` is what was made of it.

    Raises
    ------
    ValueError : a number out of range.
    """
    trials = as_trials(trials, "trials", 2)
    precision = as_real(precision, "precision", low=1e-6, high=1.0)
    race = _races(damage, size, count, order, beta, trials, seed)
    low, high = np.full(trials, RATIOS[0]), np.full(trials, RATIOS[1])
    edges = np.where(race.recalled(high), high, np.where(race.recalled(low), np.nan, low))
    going = np.flatnonzero(np.isnan(edges))
    while len(going := going[high[going] > (1 + precision) * low[going]]):
        middle = np.sqrt(low[going] * high[going])
        back = race.recalled(middle, going)
        low[going[back]], high[going[~back]] = middle[back], middle[~back]
    edges = np.where(np.isnan(edges), np.sqrt(low * high), edges)
    return Edge(race.flips / size, edges, mean(edges))


def recalled_share(
    ratio: float,
    damage: float,
    *,
    size: int = 64,
    count: int = 8,
    order: int = 3,
    beta: float = 4.0,
    trials: int = 20,
    seed: int = 0,
) -> Interval:
    """Share of the trials of `recall_edge` that come back at one τ_h/τ_f > 0, with Wilson's interval.

    Examples
    --------
    >>> recalled_share(5.0, 0.1).value, recalled_share(6.0, 0.1).value
    (1.0, 0.0)
    """
    ratio, trials = as_real(ratio, "ratio", low=0.0, strict=True), as_trials(trials, "trials")
    race = _races(damage, size, count, order, beta, trials, seed)
    return wilson(np.count_nonzero(race.recalled(np.full(trials, ratio))), trials)


class _Races(NamedTuple):
    """Networks `(B, K, N)` and starts `(B, N)` that run side by side, each with its own τ_h."""

    patterns: np.ndarray
    starts: np.ndarray
    model: TwoGroup
    flips: int

    def recalled(self, ratios: np.ndarray, rows: Any = slice(None)) -> np.ndarray:
        """True for each network of `rows` that brings its first pattern back, at its τ_h/τ_f `(R,)`."""
        patterns, size, tau = self.patterns[rows], self.patterns.shape[2], ratios[:, None]
        velocity = integrate.two_groups(patterns, self.model.feature, self.model.memory, 1.0, tau)
        y = np.concatenate((self.starts[rows], np.zeros(patterns.shape[:2])), axis=1)
        step = np.minimum(DT, tau / integrate.PART)
        for k in range(PATIENCE):
            y = integrate.rk4_step(velocity, y, step)
            if k % 50 == 0:
                moves = np.abs(velocity(y))
                moves[:, size:] *= tau / size
                if moves.max() < REST:
                    break
        return ((y[:, :size] * patterns[:, 0]) > 0.5).mean(axis=1) >= 0.95


def _races(damage, size, count, order, beta, trials, seed) -> _Races:
    (size, count), seed = as_set_shape(size, count), as_count(seed, "seed", 0)
    flips = round(as_fraction(damage, "damage") * size)
    patterns, starts = np.empty((trials, count, size)), np.empty((trials, size))
    for k in range(trials):
        rng = np.random.default_rng([seed, size, count, k])
        patterns[k] = random_patterns(count, size, rng=rng)
        starts[k] = flip(patterns[k, 0], flips, rng=rng)
    return _Races(patterns, starts, TwoGroup.model_a(patterns[0], order, beta=beta), flips)


def rising_share(
    memory: Lagrangian | None = None,
    feature: Lagrangian | None = None,
    *,
    size: int = 64,
    count: int = 8,
    states: int = 2000,
    seed: int = 0,
) -> Interval:
    """Share of random states at which E rises, dE/dt > 0: none if both Lagrangians are convex.

    A new network of random patterns for every state, τ_f = τ_h; v is standard normal, h has the size of a chance
    overlap, √N times standard normal. The share depends on these choices; that it is not zero does not.

    Parameters
    ----------
    memory : L_h; None is (N/3) Σ (h/N)³, not rectified.
    feature : L_v; None is `Tanh(4)`.
    size : N.
    count : K.
    states : >= 1.
    seed : state k has the Generator default_rng([seed, N, K, k]).

    Returns
    -------
    Interval: Wilson's, 95 %.

    Examples
    --------
    >>> rising_share(Powers(3, 64 / 3, 64), states=200).value
    0.0
    """
    size, count = as_set_shape(size, count)
    states, seed = as_trials(states, "states"), as_count(seed, "seed", 0)
    memory = Powers(3, size / 3, size, rectified=False) if memory is None else memory
    feature = Tanh(4.0) if feature is None else feature
    rises = 0
    for k in range(states):
        rng = np.random.default_rng([seed, size, count, k])
        model = TwoGroup(random_patterns(count, size, rng=rng), feature, memory, 1.0, 1.0)
        lost = model.dissipation((rng.standard_normal(size), np.sqrt(size) * rng.standard_normal(count)))
        rises += lost.feature + lost.memory < 0
    return wilson(rises, states)
