"""What the protocols of the experiments share: sizes, loads, start overlaps and drawn memories."""

from __future__ import annotations

from typing import Any

from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Power
from damtutor.patterns import random_patterns
from damtutor.theory.capacity import as_order
from damtutor.validate import SPINS, as_count, as_real, as_set_shape, as_trial_seed

OMEGA = 0.95  # share of right spins that is a success where the end need not be exact
SWEEPS = 60  # most sweeps of a recall in the protocols of Gaikwad (2026)
LARGEST = 10**300  # of N**(n-1): beyond, no float holds it


def count_at(size: Any, load: Any, order: Any) -> int:
    """K = α N**(n-1), rounded, from N, a load α > 0 and n; ValueError for other numbers, or if no pattern is left."""
    load, power = as_real(load, "load", low=0.0, strict=True), as_count(size, "size") ** (as_order(order) - 1)
    if power > LARGEST or load * power > LARGEST:
        raise ValueError(f"size is {size} at order {order}; expected load * size**(order - 1) below 10**300")
    count = round(load * power)
    if not 1 <= count <= SPINS:
        raise ValueError(f"load is {load:g}: {count:.3g} patterns of {size}; expected 1 to 2**31 at size {size}")
    return count


def flips_of(size: int, overlap: float) -> int:
    """Wrong bits of a start with overlap m0: N (1 - m0)/2, rounded to a whole number.

    Parameters
    ----------
    size : N >= 1.
    overlap : m0 in [-1, 1].

    Raises
    ------
    ValueError : a number out of range.

    Examples
    --------
    >>> flips_of(512, 0.7), 1 - 2 * flips_of(512, 0.7) / 512
    (77, 0.69921875)
    """
    return round(as_count(size, "size") * (1 - as_real(overlap, "overlap", low=-1.0, high=1.0)) / 2)


def drawn_memory(seed: Any, size: Any, count: Any, order: Any) -> tuple[DenseAM, list[int]]:
    """A memory of K random patterns of N spins, F(x) = x**n, from default_rng([*seed, N, K]); and these seeds."""
    size, count = as_set_shape(size, count)
    seeds = [*as_trial_seed(seed), size, count]
    return DenseAM(random_patterns(count, size, rng=seeds), Power(order)), seeds
