"""How a stored pattern is damaged: every kind of damage returns a new array."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.validate import as_binary, as_count, as_fraction, as_generator, as_mask, as_real, count_axes, shown


def flip(state: Any, count: int, *, rng: Any = None) -> np.ndarray:
    """A copy of `state` with exactly `count` different spins turned over.

    Parameters
    ----------
    state : `(N,)` of ±1.
    count : 0 <= count <= N.
    rng : seed or numpy Generator.

    Returns
    -------
    int8 `(N,)`.
    """
    damaged = as_binary(state, "state", 1)
    count = as_count(count, "count", 0, damaged.size)
    damaged[as_generator(rng).choice(damaged.size, count, replace=False)] *= -1
    return damaged


def mask(state: Any, keep: Any, *, fill: int = -1) -> np.ndarray:
    """A copy of `state` in which every spin outside `keep` is set to `fill`.

    Parameters
    ----------
    state : `(N,)` of ±1.
    keep : boolean `(N,)`, True where the spin is known.
    fill : -1 or +1.
    """
    known = as_binary(state, "state", 1)
    keep = as_mask(keep, "keep", known.shape)
    if count_axes(fill) or as_real(fill, "fill") not in (-1, 1):
        raise ValueError(f"fill is {shown(fill)}; expected -1 or +1")
    return np.where(keep, known, fill).astype(np.int8)


def noise(state: Any, probability: float, *, rng: Any = None) -> np.ndarray:
    """A copy of `state` in which every spin is turned over independently with `probability` in [0, 1]."""
    noisy = as_binary(state, "state", 1)
    turned = as_generator(rng).random(noisy.size) < as_fraction(probability, "probability")
    return np.where(turned, -noisy, noisy).astype(np.int8)
