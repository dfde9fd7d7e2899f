"""Exact arithmetic of a quadratic energy E(s) = -½ s·W s - b·s over spins of ±1.

All numbers W_ij and b_i are whole multiples of one unit, so coarse that no sum of them can round: for few patterns by
Hebb's rule in int16, summed in int32; else in float32 where every field stays below 2^24 units, or in float64 below
2^53. Given couplings are searched for a common denominator, so that Hebb's are whole numbers again. Sums are then the
same in any order, by any library and any processor. Energies are summed in int64 and rounded once, at the end.

For models, which look at the arguments: they are not checked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from damtutor.kernels import backend, reference
from damtutor.learning.couplings import EXACT32, EXACT64, hebb_counts, in_units, multiplied, on_grid
from damtutor.memory import Frozen
from damtutor.numerics import underflow_is_zero


@dataclass(frozen=True, eq=False)
class Quadratic(Frozen):
    """Couplings and external fields, times `divisor`, as whole multiples of 2^-grid.

    Attributes
    ----------
    couplings : divisor * W, int16, float32 or float64 `(N, N)`, symmetric.
    bias : divisor * b, `(N,)`, of the dtype of the fields: int32 beside int16, else that of the couplings.
    divisor : D for couplings whose D W are whole numbers, N for Hebb's rule; else 1.
    grid : k of the unit 2^-k.
    rows : int8 `(K, N)` or None: if given, couplings = rowsᵀ rows less `taken` on the diagonal, and K is small.
    taken : K where the diagonal was removed, else 0.
    """

    couplings: np.ndarray
    bias: np.ndarray
    divisor: float = 1
    grid: int = 0
    rows: np.ndarray | None = None
    taken: int = 0

    def __post_init__(self):
        self.couplings.flags.writeable = False
        self.bias.flags.writeable = False

    @classmethod
    def of_patterns(cls, patterns: np.ndarray, external: np.ndarray, *, keep_diagonal: bool) -> Quadratic:
        """Hebb's couplings of int8 patterns `(K, N)`, exact; b is rounded to a power of two below 1/N.

        A field N b that is whole up to rounding is taken as whole, as in `of_weights`.
        """
        count, size = patterns.shape
        thin = 2 * count < size and count * size < EXACT32  # two thin products are less work than W s
        rows, taken = patterns if thin else None, 0 if keep_diagonal else count
        if thin and not external.any():
            counts = backend().agreements(patterns)  # K < 2^12: twice a coupling is in int16
            if taken:
                counts.reshape(-1)[:: size + 1] = 0
            return cls(counts, np.zeros(size, np.int32), size, 0, rows, taken)
        couplings, bias, grid = hebb_counts(patterns, keep_diagonal=keep_diagonal), multiplied(external, size), 0
        if bias.any():
            couplings, bias, grid = on_grid(couplings.astype(np.float64), bias)
            if grid < 0:
                raise ValueError(
                    f"external reaches {np.abs(external).max():g}: beside it the couplings lose digits; expected a "
                    f"field below {EXACT64 / size**2:.0e} for {size} neurons"
                )
        return cls(couplings, bias.astype(couplings.dtype), size, grid, rows, taken)

    @classmethod
    def of_weights(cls, weights: np.ndarray, external: np.ndarray) -> Quadratic:
        """Couplings `(N, N)` as whole numbers over a common denominator, or on the finest grid that keeps sums exact.

        Both are float32 or float64: the type says how far they may be rounded (`couplings.in_units`). ValueError if
        rounding takes all that acts on a neuron: its numbers are too small beside the others.
        """
        couplings, bias, divisor, grid = in_units(weights, external)
        lost = (weights.any(axis=1) | (external != 0)) & ~(couplings.any(axis=1) | (bias != 0))
        if lost.any():
            i = int(np.flatnonzero(lost)[0])
            raise ValueError(
                f"weights, external: what acts on neuron {i} is below half of 2**{-grid}, the unit in which all sums "
                "are exact here; expected couplings and fields within about 12 orders of magnitude of each other"
            )
        return cls(couplings, bias, divisor, grid)

    @cached_property
    def floats(self) -> np.ndarray:
        """`rows` in float32, for products of batches."""
        return self.rows.astype(np.float32)

    @cached_property
    def bits(self) -> np.ndarray:
        """`rows`, one bit a spin, for one state."""
        return reference.pack(self.rows.T)

    @cached_property
    def scale(self) -> float:
        """2^grid: couplings times it are whole numbers, exactly."""
        return 2.0**self.grid

    def local(self, states: np.ndarray) -> np.ndarray:
        """divisor * (W s + b) of int8 states `(N,)` or `(B, N)`, exact, in the dtype of the bias."""
        if self.rows is None:
            return states.astype(self.couplings.dtype) @ self.couplings + self.bias
        if states.ndim == 1 and self.couplings.dtype == np.int16:
            return backend().superpose(self.rows, backend().overlaps(self.bits, states), states, self.taken)
        floats = states.astype(np.float32)
        local = (floats @ self.floats.T) @ self.floats - np.float32(self.taken) * floats
        return local.astype(self.bias.dtype) + self.bias

    def whole(self, values: np.ndarray) -> np.ndarray:
        """`values`, multiples of the unit, as int64 multiples."""
        return (np.ldexp(values, self.grid) if self.grid else values).astype(np.int64)

    @cached_property
    def bias_units(self) -> np.ndarray:
        """The external fields in whole units, int64 `(N,)`."""
        return self.whole(self.bias)

    def doubled(self, states: np.ndarray, local: np.ndarray) -> np.ndarray:
        """2E in whole units: -s·(h + b), int64, from states and their local fields."""
        return -(states * (self.whole(local) + self.bias_units)).sum(axis=-1)

    def start(self, state: np.ndarray) -> tuple[np.ndarray, int]:
        """`local` of one state `(N,)`, and its 2E in whole units: -Σ M² + taken N where that is less work."""
        if self.couplings.dtype != np.int16:
            local = self.local(state)
            return local, int(self.doubled(state, local))
        overlap = backend().overlaps(self.bits, state)
        wide = overlap.astype(np.int64)
        local = backend().superpose(self.rows, overlap, state, self.taken)
        return local, self.taken * len(state) - int(wide @ wide)

    def doubled_pair(self, old: np.ndarray, new: np.ndarray) -> np.ndarray:
        """Twice -new·W old - b·(old + new) in whole units, int64."""
        return -2 * ((new * self.whole(self.local(old))).sum(axis=-1) + (old * self.bias_units).sum(axis=-1))

    @underflow_is_zero
    def energy(self, doubled: Any) -> Any:
        """E from 2E in whole units: a float, or float64 of the shape of `doubled`."""
        energy = np.ldexp(np.asarray(doubled, dtype=np.float64), -self.grid - 1) / self.divisor
        return energy if energy.ndim else float(energy)
