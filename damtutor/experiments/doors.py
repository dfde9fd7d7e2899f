"""The door of the experiments: which memories, pattern sets and numbers of trials they take."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.memory import Memory
from damtutor.validate import as_count

SPINS = 2**31  # of one pattern set; larger ones do not fit a desk
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
