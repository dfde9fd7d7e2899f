"""Exact arithmetic of a quadratic energy E(s) = -½ s·W s - b·s over spins of ±1.

All numbers W_ij and b_i are whole multiples of one unit, so coarse that no sum of them can round: in float32 where
every field stays below 2^24 units, else in float64 below 2^53. Sums are then the same in any order, by any library
and any processor. Energies are summed in int64 and rounded once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from damtutor.learning.couplings import EXACT32, hebb_counts, on_grid


@dataclass(frozen=True, eq=False)
class Quadratic:
    """Couplings and external fields, times `divisor`, as whole multiples of 2^-grid.

    Attributes
    ----------
    couplings : divisor * W, float32 or float64 `(N, N)`, symmetric. bias : divisor * b, `(N,)`, of the same dtype.
    divisor : N for Hebb's rule, whose N W are whole numbers; else 1. grid : k of the unit 2^-k.
    rows : float32 `(K, N)` or None: if given, couplings = rowsᵀ rows less `taken` on the diagonal, and K is small.
    taken : K where the diagonal was removed, else 0.
    """

    couplings: np.ndarray
    bias: np.ndarray
    divisor: int = 1
    grid: int = 0
    rows: np.ndarray | None = None
    taken: int = 0

    def __post_init__(self):
        self.couplings.flags.writeable = False
        self.bias.flags.writeable = False

    @classmethod
    def of_patterns(cls, patterns: np.ndarray, external: np.ndarray, *, keep_diagonal: bool) -> Quadratic:
        """Hebb's couplings of int8 patterns `(K, N)`, exact; b is rounded to a power of two below 1/N."""
        count, size = patterns.shape
        couplings, bias, grid = hebb_counts(patterns, keep_diagonal=keep_diagonal), external * size, 0
        if bias.any():
            couplings, bias, grid = on_grid(couplings.astype(np.float64), bias)
        thin = 2 * count < size and count * size < EXACT32  # two thin products are less work than W s
        rows = patterns.astype(np.float32) if thin else None
        return cls(couplings, bias.astype(couplings.dtype), size, grid, rows, 0 if keep_diagonal else count)

    @classmethod
    def of_weights(cls, weights: np.ndarray, external: np.ndarray) -> Quadratic:
        """Float64 couplings `(N, N)` rounded to the finest power of two that keeps sums exact."""
        couplings, bias, grid = on_grid(weights, external)
        return cls(couplings, bias, 1, grid)

    def local(self, states: np.ndarray) -> np.ndarray:
        """divisor * (W s + b) of int8 states `(N,)` or `(B, N)`, exact, in the dtype of the couplings."""
        if self.rows is None:
            return states.astype(self.couplings.dtype) @ self.couplings + self.bias
        floats = states.astype(np.float32)
        return (floats @ self.rows.T) @ self.rows - np.float32(self.taken) * floats + self.bias

    def whole(self, values: np.ndarray) -> np.ndarray:
        """`values`, multiples of the unit, as int64 multiples."""
        return (np.ldexp(values, self.grid) if self.grid else values).astype(np.int64)

    @cached_property
    def bias_units(self) -> np.ndarray:
        """The external fields in whole units, int64 `(N,)`."""
        return self.whole(self.bias)

    @cached_property
    def hold(self) -> np.ndarray:
        """The diagonal of the couplings in whole units, int64 `(N,)`."""
        return self.whole(np.diagonal(self.couplings))

    def doubled(self, states: np.ndarray, local: np.ndarray) -> np.ndarray:
        """2E in whole units: -s·(h + b), int64, from states and their local fields."""
        return -(states * (self.whole(local) + self.bias_units)).sum(axis=-1)

    def rises(self, fields: np.ndarray, flipped: np.ndarray, new: np.ndarray) -> np.ndarray:
        """Change of 2E by each flip, in whole units: -4 (s_i h_i + W_ii), s_i the new spin, h_i the field it met."""
        return -4 * (new * self.whole(fields) + self.hold[flipped])

    def doubled_pair(self, old: np.ndarray, new: np.ndarray) -> np.ndarray:
        """Twice -new·W old - b·(old + new) in whole units, int64."""
        return -2 * ((new * self.whole(self.local(old))).sum(axis=-1) + (old * self.bias_units).sum(axis=-1))

    def energy(self, doubled: Any) -> Any:
        """E from 2E in whole units: a float, or float64 of the shape of `doubled`."""
        energy = np.ldexp(np.asarray(doubled, dtype=np.float64), -self.grid - 1) / self.divisor
        return energy if energy.ndim else float(energy)
