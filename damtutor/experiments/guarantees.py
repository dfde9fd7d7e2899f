"""Measured beside the promises: radii of every tier, the true one where it can be counted, wrong bits, fixed points.

The predictions are in `theory.guarantees` and `theory.capacity`. The functions named `..._trial` draw one pattern set
each and are made for a grid of seeded trials: the generator of trial k of a sweep with seed s is
default_rng([s, k, N, K]), and all settings but N and K share its pattern set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from damtutor.experiments.capacity import step_together, strictly_stable
from damtutor.experiments.protocols import count_at, flips_of
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Power
from damtutor.patterns import flip, random_patterns
from damtutor.patterns.correlated import greatest_overlap
from damtutor.theory.game import interaction_difference, whole_type
from damtutor.theory.guarantees import TIERS, certify
from damtutor.validate import as_choice, as_count, as_patterns, as_set_shape, as_trial_seed, as_trials

EXHAUSTIVE = 14  # largest N of which every set of wrong bits is tried


def least_margins(patterns: Any, target: int = 0, order: int = 3) -> np.ndarray:
    """Smallest margin of every bit over all sets of at most d wrong bits, by trying each of the 2**N states.

    Parameters
    ----------
    patterns : `(K, N)` of ±1, N <= 14.
    target : row.
    order : n >= 2 for which the sums fit 64 bits.

    Returns
    -------
    int64 `(N + 1, N)`, row d; a bit's own error does not count for its margin. What `theory.guarantees` bounds.

    Raises
    ------
    ValueError : patterns not ±1 or too large, no such target, an order out of range.

    Examples
    --------
    >>> least_margins([[1, 1, 1, -1], [1, -1, 1, 1]])[:3].tolist()
    [[64, 48, 64, 48], [16, -48, 16, -48], [16, -48, 16, -48]]
    """
    patterns = as_patterns(patterns)
    count, size = patterns.shape
    gauged = (patterns * patterns[as_count(target, "target", 0, count - 1)]).astype(np.int64)
    if size > EXHAUSTIVE:
        raise ValueError(f"patterns: {size} neurons; expected at most {EXHAUSTIVE}, of which all 2**N states are tried")
    if whole_type(count, size, order) is object:
        raise ValueError(f"order is {order}: sums over {count} patterns do not fit 64 bits; expected less, such as 3")
    gain = interaction_difference(np.arange(-size - 1, size + 2), order)
    wrong = np.arange(2**size)[:, None] >> np.arange(size) & 1
    number, level = wrong.sum(axis=1), gauged.sum(axis=1) - 2 * wrong @ gauged.T
    least = np.full((size + 1, size), np.iinfo(np.int64).max)
    for i in range(size):
        others = wrong[:, i] == 0
        margin = gain[level[others] - gauged[:, i] + size + 1] @ gauged[:, i]
        np.minimum.at(least[:, i], number[others], margin)
    return np.minimum.accumulate(least, axis=0)


def true_radius(patterns: Any, target: int = 0, order: int = 3) -> int:
    """The largest r for which any r wrong bits leave every margin above 0, -1 where the pattern itself has none.

    Parameters
    ----------
    patterns : as in `least_margins`. A perfect certificate would have this radius.
    target : as in `least_margins`. A perfect certificate would have this radius.
    order : as in `least_margins`. A perfect certificate would have this radius.

    Examples
    --------
    >>> true_radius([[1, 1, 1, -1], [1, -1, 1, 1]])
    0
    """
    safe = (least_margins(patterns, target, order) > 0).all(axis=1)
    return len(safe) - 1 if safe.all() else int(safe.argmin()) - 1


def certificate_trial(
    seed: tuple[int, int], *, size: int, count: int, order: int = 3, tiers: Sequence[str] = TIERS
) -> dict[str, int | float]:
    """Radii of pattern 0 of one random pattern set.

    Parameters
    ----------
    seed : (seed of the sweep, number of the trial).
    size : N.
    count : K.
    order : n.
    tiers : among "A", "B", "C" and, for n = 3, "D".

    Returns
    -------
    dict: radius_A, ... for each tier; beta, the largest |overlap| of two patterns, divided by N; for N <= 14
    radius_true, of the exhaustive search.

    Raises
    ------
    ValueError : a number out of range, an unknown tier.

    Examples
    --------
    >>> found = certificate_trial((0, 1), size=14, count=3)
    >>> [found[f"radius_{tier}"] for tier in ("A", "B", "C", "D", "true")]
    [0, 1, 2, 2, 2]
    """
    if not isinstance(tiers, str | list | tuple):
        raise ValueError(f"tiers is {tiers!r}; expected some of {TIERS}, for example 'BC'")
    tiers = [as_choice(tier, "tiers", TIERS) for tier in tiers]
    patterns, _ = _draw(seed, size, count)
    found: dict[str, int | float] = {"beta": greatest_overlap(patterns)}
    for tier in tiers:
        found[f"radius_{tier}"] = certify(patterns, 0, order, tier).radius
    if size <= EXHAUSTIVE:
        found["radius_true"] = true_radius(patterns, 0, order)
    return found


def wrong_bit_trial(
    seed: tuple[int, int], *, size: int = 500, load: float, overlap: float, order: int = 3, rows: int = 1
) -> dict[str, float]:
    """One sweep from damaged copies of stored patterns.

    Parameters
    ----------
    seed : as in `certificate_trial`.
    size : N.
    order : n.
    load : α = K / N**(n-1), K rounded.
    overlap : m0 in [-1, 1] of the copies; round(N (1 - m0)/2) bits are wrong.
    rows : patterns damaged, at most K.

    Returns
    -------
    dict: wrong, the share of bits that are wrong after one simultaneous update, to be compared with
    `theory.capacity.one_step_error`; after, the overlap after one sweep in a random order, with
    `theory.guarantees.one_sweep`. Means over rows.

    Raises
    ------
    ValueError : a number out of range.

    Examples
    --------
    >>> wrong_bit_trial((0, 0), size=100, load=0.005, overlap=0.6)
    {'wrong': 0.0, 'after': 1.0}
    """
    flips = flips_of(size, overlap)
    patterns, rng = _draw(seed, size, count_at(size, load, order))
    targets = patterns[: as_trials(rows, "rows")]
    starts = np.array([flip(target, flips, rng=rng) for target in targets])
    memory = DenseAM(patterns, Power(order))
    after = np.array([memory.step(start, rng) for start in starts])
    return {
        "wrong": float(np.mean(step_together(memory, starts) != targets)),
        "after": float(np.mean(after * targets, dtype=np.float64)),
    }


def fixed_point_trial(
    seed: tuple[int, int], *, size: int, count: int, order: int = 3, rows: int = 1
) -> dict[str, float]:
    """Which patterns of one random set are fixed points, every bit with a margin above 0.

    Parameters
    ----------
    seed : as in `certificate_trial`.
    size : N.
    count : K.
    order : n.
    rows : patterns looked at, at most K.

    Returns
    -------
    dict: fixed, the share of `rows` without a wrong bit, to be compared with
    `theory.capacity.perfect_recall_probability`; any, whether some of them has one.

    Raises
    ------
    ValueError : a number out of range.

    Examples
    --------
    >>> fixed_point_trial((0, 0), size=60, count=20, rows=20)
    {'fixed': 1.0, 'any': False}
    """
    patterns, _ = _draw(seed, size, count)
    rests = strictly_stable(patterns, Power(order), min(len(patterns), as_trials(rows, "rows")))
    return {"fixed": float(rests.mean()), "any": bool(not rests.all())}


def _draw(seed, size, count) -> tuple[np.ndarray, np.random.Generator]:
    """The pattern set of a trial, and its generator, with more to draw."""
    size, count = as_set_shape(size, count)
    rng = np.random.default_rng([*as_trial_seed(seed), size, count])
    return random_patterns(count, size, rng=rng), rng
