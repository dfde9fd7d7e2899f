"""The door of the experiments: which memories, pattern sets and numbers of trials they take."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.memory import Memory
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Power
from damtutor.patterns import random_patterns
from damtutor.theory.capacity import as_order
from damtutor.validate import as_count, as_real

OMEGA = 0.95  # share of right spins that is a success where the end need not be exact
SWEEPS = 60  # most sweeps of a recall in the protocols of Gaikwad (2026)
SPINS = 2**31  # of one pattern set; larger ones do not fit a desk
LARGEST = 10**300  # of N**(n-1): beyond, no float holds it
TRIALS = 10**9  # sets, queries, rows, bits: more would never end


def as_memory(model: Any, *, patterns: bool = True) -> Any:
    """`model` if it is a binary memory that offers what an experiment needs: `Hopfield`, `DenseAM`, or one like them.

    Parameters
    ----------
    model : keeps the contract `damtutor.memory.Memory`, and has `.size`, `.patterns` (int8 `(K, N)` of ±1), `.count`.
    patterns : False takes a network that knows no patterns too (`Hopfield.from_weights`).

    Raises
    ------
    ValueError : something else.
    """
    size, known = getattr(model, "size", None), getattr(model, "patterns", None)
    if not isinstance(model, Memory) or not isinstance(size, int):
        raise ValueError(
            f"model is {_named(model)}; expected a memory that knows its patterns, for example Hopfield(patterns) or "
            "DenseAM(patterns)"
        )
    if known is None:
        if patterns:
            raise ValueError(
                "model knows no patterns; expected a memory that knows its patterns, for example Hopfield(patterns) or "
                "Hopfield.from_weights(W, patterns=X)"
            )
    elif not isinstance(known, np.ndarray) or known.dtype != np.int8:
        raise ValueError(
            f"model is {_named(model)}; expected a memory of patterns of ±1, for example DenseAM(patterns)"
        )
    return model


def _named(value: Any) -> str:
    """`repr(value)` on one line, cut to what a message can hold."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def as_set_shape(size: Any, count: Any, least: int = 1) -> tuple[int, int]:
    """N >= 1 and K >= `least` of a pattern set, as ints; ValueError for other numbers, or more than 2**31 spins."""
    size, count = as_count(size, "size"), as_count(count, "count", least)
    if size * count > SPINS:
        raise ValueError(f"count is {count} at size {size}; expected at most 2**31 spins in a set, count * size")
    return size, count


def count_at(size: Any, load: Any, order: Any) -> int:
    """K = α N**(n-1), rounded, from N, a load α > 0 and n; ValueError for other numbers, or if no pattern is left."""
    load, power = as_real(load, "load", low=0.0, strict=True), as_count(size, "size") ** (as_order(order) - 1)
    if power > LARGEST or load * power > LARGEST:
        raise ValueError(f"size is {size} at order {order}; expected load * size**(order - 1) below 10**300")
    return as_count(round(load * power), "count")


def flips_of(size: int, overlap: float) -> int:
    """Wrong bits of a start with overlap m0: N (1 - m0)/2, rounded to a whole number.

    Parameters
    ----------
    size : N >= 1. overlap : m0 in [-1, 1].

    Raises
    ------
    ValueError : a number out of range.

    Examples
    --------
    >>> flips_of(512, 0.7), 1 - 2 * flips_of(512, 0.7) / 512
    (77, 0.69921875)
    """
    return round(as_count(size, "size") * (1 - as_real(overlap, "overlap", low=-1.0, high=1.0)) / 2)


def as_trials(value: Any, name: str, least: int = 1) -> int:
    """A number of trials, rows or bits in [least, 10**9]; ValueError otherwise."""
    return as_count(value, name, least, TRIALS)


def as_seed(value: Any) -> int:
    """A seed, a whole number >= 0; ValueError otherwise."""
    return as_count(value, "seed", 0)


def as_trial(value: Any) -> list[int]:
    """The seed of a sweep and the number of a trial, two whole numbers >= 0, as a list; ValueError otherwise."""
    try:
        pair = list(value)
    except TypeError:
        pair = []
    if len(pair) != 2 or isinstance(value, str):
        raise ValueError(f"seed is {value!r}; expected the sweep's seed and the trial's number, for example (0, 7)")
    return [as_seed(pair[0]), as_count(pair[1], "seed[1]", 0)]


def drawn_memory(seed: Any, size: Any, count: Any, order: Any) -> tuple[DenseAM, list[int]]:
    """A memory of K random patterns of N spins, F(x) = x**n, from default_rng([*seed, N, K]); and these seeds."""
    size, count = as_set_shape(size, count)
    seeds = [*as_trial(seed), size, count]
    return DenseAM(random_patterns(count, size, rng=seeds), Power(order)), seeds
