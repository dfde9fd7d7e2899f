"""Measured capacities of dense memories with random patterns; the predictions are in `theory.capacity`.

Both modules use the same names for the same quantities: import the modules, not the names, as in
`from damtutor.experiments import capacity` and `from damtutor.theory import capacity as theory`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import as_memory
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Interaction, Power, RectifiedPower
from damtutor.patterns import flip, random_patterns
from damtutor.statistics.half_point import half_count
from damtutor.statistics.intervals import Estimate, Interval, estimate, wilson
from damtutor.theory.capacity import (
    NORMAL,
    PATTERNS,
    error_tolerant_capacity,
    perfect_recall_capacity,
    perfect_recall_probability,
)
from damtutor.validate import as_choice, as_count, as_counts, as_patterns, as_real, as_seed, as_set_shape, as_trials

LOADS = (0.6, 0.8, 1.0, 1.25, 1.6)  # pattern numbers tried, relative to the Gaussian prediction
RECALL_LOADS = (0.7, 0.85, 1.0, 1.2, 1.45)  # the same for perfect recall
ROWS = 40  # stored patterns examined in one pattern set
RESAMPLES = 200


class Capacity(NamedTuple):
    """A measured pattern number.

    Attributes
    ----------
    size : N.
    count : the pattern number.
    error : its standard error over pattern sets.
    """

    size: int
    count: float
    error: float


def wrong_bits(patterns, interaction: Interaction, rows: int) -> int:
    """How many spins of the first `rows` stored patterns the exact rule would turn over.

    A spin whose field is exactly zero stays and does not count as wrong.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    interaction : F.
    rows : 1 <= rows <= K.

    Raises
    ------
    ValueError : patterns not ±1, no interaction, rows outside.
    """
    patterns = as_patterns(patterns)
    rows = as_count(rows, "rows", 1, len(patterns))
    fields = DenseAM(patterns, interaction).fields(patterns[:rows])
    return int(np.count_nonzero(fields * patterns[:rows] < 0))


def stabilities(size: int, count: int, interaction: Power, *, rows: int = ROWS, seed: int = 0) -> np.ndarray:
    """x_i D_i of stored bits of one random pattern set, divided by the signal: what it is with one pattern alone.

    1 without crosstalk; below 0 the bit is wrong. Theory: Gaussian of variance (2n-3)!! K / N**(n-1) around 1.

    Parameters
    ----------
    size : N >= 2; a single spin has no signal for even F.
    count : K.
    interaction : F.
    rows : stored patterns examined, at most K.
    seed : the pattern set has the Generator default_rng([seed, N, K]).

    Returns
    -------
    float64 `(min(rows, K), N)`.

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    size, count = as_set_shape(as_count(size, "size", 2), count)
    seed = as_seed(seed)
    patterns = random_patterns(count, size, rng=[seed, size, count])
    examined = patterns[: as_count(rows, "rows")]
    signal = DenseAM(patterns[:1], interaction).fields(patterns[0])[0] * patterns[0, 0]
    return DenseAM(patterns, interaction).fields(examined) * examined / signal


def one_step_error(size: int, count: int, interaction: Interaction, *, bits: int = 50_000, seed: int = 0) -> Estimate:
    """Measured probability that a stored bit is wrong after one update, and its standard error.

    Parameters
    ----------
    size : N >= 2.
    count : K >= 2.
    interaction : F.
    bits : how many stored bits to examine, at least.
    seed : every pattern set has the Generator default_rng([seed, N, K, set]).

    Returns
    -------
    Estimate: the pair (mean, standard error over pattern sets), at least 8 sets.

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    (size, count), seed = as_set_shape(size, count, 2), as_seed(seed)
    rows = min(count, ROWS)
    sets = max(8, math.ceil(as_trials(bits, "bits") / (rows * size)))
    return estimate(
        [
            wrong_bits(random_patterns(count, size, rng=[seed, size, count, k]), interaction, rows) / (rows * size)
            for k in range(sets)
        ]
    )


def capacity_at(size: int, interaction: Power, *, error: float = 0.01, bits: int = 50_000, seed: int = 0) -> Capacity:
    """Pattern number K at which a stored bit is wrong with probability `error` after one update, measured.

    The error is counted at five pattern numbers around the prediction. The quantile z = Φ⁻¹(1 - p) is close to a
    straight line in K**-½ (theory says z ∝ K**-½); the line fitted to the counts is solved for the wanted error.
    The standard error comes from drawing the pattern sets again, with replacement, 200 times.

    Parameters
    ----------
    size : N.
    interaction : Power(n) or RectifiedPower(n).
    error : in (0, 1/2).
    bits : stored bits examined at each pattern number, at least.
    seed : as in `one_step_error`.

    Raises
    ------
    ValueError : a number out of range, an interaction that is not a power, pattern sets too large, too few errors to
        fit a line (raise `bits`).
    """
    error = as_real(error, "error", low=0.0, high=0.5, strict=True)
    size, bits, seed = as_count(size, "size"), as_trials(bits, "bits"), as_seed(seed)
    rectified = _is_rectified(interaction)
    guess = error_tolerant_capacity(size, interaction.order, error, rectified=rectified)
    as_set_shape(size, round(LOADS[-1] * guess), 0)
    counts = np.unique([max(2, round(load * guess)) for load in LOADS])
    rows = min(int(counts[0]), ROWS)
    sets = max(8, math.ceil(bits / (rows * size)))
    wrong = np.empty((sets, len(counts)))
    for k in range(sets):
        patterns = random_patterns(int(counts[-1]), size, rng=[seed, size, interaction.order, int(rectified), k])
        wrong[k] = [wrong_bits(patterns[:count], interaction, rows) for count in counts]
    rng = np.random.default_rng([seed, size, interaction.order, rectified])
    total = rows * size * sets
    found = _solve(counts, wrong.sum(axis=0) / total, error)
    draws = [_solve(counts, wrong[rng.integers(sets, size=sets)].sum(axis=0) / total, error) for _ in range(RESAMPLES)]
    if not np.isfinite(found) or np.isnan(draws).any():
        raise ValueError(f"too few wrong bits among {total} to fit; raise bits above {bits}")
    return Capacity(size, found, float(np.std(draws, ddof=1)))


def _is_rectified(interaction) -> bool:
    if not isinstance(interaction, Power):
        raise ValueError(f"interaction is {interaction!r}; expected Power(n) or RectifiedPower(n)")
    return isinstance(interaction, RectifiedPower)


def _solve(counts, rates, error) -> float:
    """K at which the fitted quantile line crosses the wanted error; nan without two usable points."""
    usable = (rates > 0) & (rates < 0.5)
    if usable.sum() < 2:
        return float("nan")
    z = np.array([-NORMAL.inv_cdf(p) for p in rates[usable]])
    slope, offset = np.polyfit(counts[usable] ** -0.5, z, 1)
    return float((slope / (-NORMAL.inv_cdf(error) - offset)) ** 2)


def all_stable(size: int, count: int, interaction: Interaction, *, sets: int = 60, seed: int = 0) -> Interval:
    """Share of random pattern sets in which every pattern is a strict minimum: each single flip raises the energy.

    Parameters
    ----------
    size : N.
    count : M.
    interaction : F.
    sets : pattern sets tried, each default_rng([seed, N, M, set]).

    Returns
    -------
    Interval, 95 % (Wilson).

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    (size, count), sets, seed = as_set_shape(size, count), as_trials(sets, "sets"), as_seed(seed)
    good = sum(
        strictly_stable(random_patterns(count, size, rng=[seed, size, count, k]), interaction).all()
        for k in range(sets)
    )
    return wilson(int(good), sets)


def strictly_stable(patterns, interaction: Interaction, rows: int | None = None) -> np.ndarray:
    """For each of the first `rows` stored patterns (default: all), whether every single flip raises the energy.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    interaction : F.
    rows : 1 <= rows <= K, or None.

    Returns
    -------
    bool `(rows,)`. A field of exactly zero does not hold its bit.

    Raises
    ------
    ValueError : patterns not ±1, no interaction, rows outside.
    """
    patterns = as_patterns(patterns)
    count, size = patterns.shape
    examined = patterns[: count if rows is None else as_count(rows, "rows", 1, count)]
    if type(interaction) is Power and interaction.order == 2 and count * size < 2**24:
        x = patterns.astype(np.float32)  # Hebb's rule in two matrix products of whole numbers, exact in float32
        fields = (x[: len(examined)] @ x.T) @ x - np.float32(count) * examined
    else:
        fields = DenseAM(patterns, interaction).fields(examined)
    return (fields * examined > 0).all(axis=1)


def capacity_curve(
    interaction: Power, sizes: Sequence[int], *, error: float = 0.01, bits: int = 50_000, seed: int = 0
) -> list[Capacity]:
    """`capacity_at` for several network sizes.

    Parameters
    ----------
    interaction : as in `capacity_at`.
    error : as in `capacity_at`.
    bits : as in `capacity_at`.
    seed : as in `capacity_at`.
    sizes : N of each network, at least one.

    Raises
    ------
    ValueError : sizes is not a list of numbers; what `capacity_at` refuses.
    """
    return [capacity_at(size, interaction, error=error, bits=bits, seed=seed) for size in as_counts(sizes, "sizes")]


def perfect_recall(
    size: int, interaction: Power, *, patterns: str = "one", sets: int = 200, rows: int = ROWS, seed: int = 0
) -> Capacity:
    """Pattern number K at which one stored pattern, or all, have no wrong bit with probability 1/2, measured.

    The share of flawless patterns (or pattern sets) is counted at five even pattern numbers around the prediction;
    see `statistics.half_point.half_count` for the fit and its standard error.

    Parameters
    ----------
    size : N.
    interaction : Power(n) or RectifiedPower(n).
    patterns : "one" or "all".
    sets : pattern sets, at least 2, each used at all five pattern numbers.
    rows : patterns examined in a set, for "one".
    seed : set k has the Generator default_rng([seed, N, n, rectified, k]).

    Returns
    -------
    Capacity, to be compared with `theory.capacity.perfect_recall_capacity`.

    Raises
    ------
    ValueError : a number out of range, an interaction that is not a power, another word for patterns, pattern sets too
        large, too few sets for a fit.
    """
    rectified, seed = _is_rectified(interaction), as_seed(seed)
    as_choice(patterns, "patterns", PATTERNS)
    size, sets, rows = as_count(size, "size", 2), as_trials(sets, "sets", 2), as_trials(rows, "rows")
    options = {"order": interaction.order, "patterns": patterns, "rectified": rectified}
    guess = perfect_recall_capacity(size, **options)
    as_set_shape(size, round(RECALL_LOADS[-1] * guess), 0)
    # Odd: for even N the fields of n = 2 are then odd, and no bit is a tie that counts as lost
    counts = np.unique([2 * max(1, round((load * guess - 1) / 2)) + 1 for load in RECALL_LOADS])
    share = np.empty((sets, len(counts)))
    for k in range(sets):
        drawn = random_patterns(int(counts[-1]), size, rng=[seed, size, interaction.order, int(rectified), k])
        for j, count in enumerate(counts):
            examined = count if patterns == "all" else min(rows, counts[0])
            right = strictly_stable(drawn[:count], interaction, int(examined))
            share[k, j] = right.all() if patterns == "all" else right.mean()
    predicted = [perfect_recall_probability(count, size, **options) for count in counts]
    return Capacity(
        size, *half_count(predicted, share, lambda p: perfect_recall_capacity(size, probability=p, **options))
    )


def one_step_overlap(
    size: int, count: int, interaction: Interaction, flips: int, *, sets: int = 20, rows: int = ROWS, seed: int = 0
) -> Estimate:
    """Overlap with a stored pattern after one simultaneous update of a copy with `flips` wrong bits, measured.

    Parameters
    ----------
    size : N.
    count : K.
    interaction : F.
    flips : number of spins turned over, 0 <= flips <= N; the copy has overlap 1 - 2 flips/N.
    sets : pattern sets, at least 2, set k with default_rng([seed, N, K, flips, k]).
    rows : patterns damaged in each, at most K.

    Returns
    -------
    Estimate: the pair (mean, standard error over pattern sets).

    Raises
    ------
    ValueError : a number out of range, no interaction.
    """
    (size, count), sets, seed = as_set_shape(size, count), as_trials(sets, "sets", 2), as_seed(seed)
    rows, flips = min(count, as_trials(rows, "rows")), as_count(flips, "flips", 0, size)
    overlap = np.empty(sets)
    for k in range(sets):
        rng = np.random.default_rng([seed, size, count, flips, k])
        patterns = random_patterns(count, size, rng=rng)
        states = np.array([flip(pattern, flips, rng=rng) for pattern in patterns[:rows]])
        new = step_together(DenseAM(patterns, interaction), states)
        overlap[k] = np.mean(new * patterns[:rows].astype(float))
    return estimate(overlap)


def step_together(model: Any, states: Any) -> np.ndarray:
    """`model.step(states, order="sync")` under the name of what it does: all spins of all states at once.

    Parameters
    ----------
    model : a binary memory, Hopfield or DenseAM.
    states : `(N,)`, or a batch `(B, N)`, of ±1.

    Returns
    -------
    int8, the shape of `states`. A field of zero keeps its spin.

    Raises
    ------
    ValueError : not a binary memory, states not ±1 or of another length.
    """
    return as_memory(model, patterns=False).step(states, order="sync")
