"""Every decision of a dense memory made exactly: the ladder from fast sums to whole numbers.

A decision is the sign of D_i (`reference` has the identity). Three rungs make it, and each hands on what it cannot
prove:

1. A kernel: fixed point or float32, with a proved bound (`fixed_point`, `batch`).
2. float64 with the bound of `reference.error_bound`; exact at once where the tables are whole numbers and small.
3. Whole numbers: patterns are counted at each level of overlap, and the interaction gives the sign of the exact sum.

So a decision never depends on the order of a sum, on threads or on the processor, and a tie is seen as a tie. The
ladder knows no F: it asks the interaction for tables, for how large they get, and for the exact sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from damtutor.kernels import backend, batch, reference

LINK = 128  # flips between two fresh tables of a relative F: an overlap moves by at most 2 * LINK meanwhile


@lru_cache(maxsize=256)
def _tables(interaction: Any, size: int, update_rule: str) -> Any:
    """Tables of an absolute F, kept: they depend on N and the update rule only."""
    return interaction.tables(size, update_rule)


@lru_cache(maxsize=256)
def _grain(interaction: Any, size: int, update_rule: str) -> float:
    """The power of two of which all gains of an exact table are whole multiples."""
    return batch.grain_of(_tables(interaction, size, update_rule).gain)


@dataclass(frozen=True, eq=False)
class Ladder:
    """The decisions of one memory by one update rule.

    Parameters
    ----------
    columns : patterns, int8 `(N, K)`, one column a pattern; read-only.
    interaction : F, an `Interaction` of `models.interactions`.
    update_rule : "exact", "cavity" or "gradient".

    Attributes
    ----------
    bits : the patterns, one bit a spin.
    """

    columns: np.ndarray
    interaction: Any
    update_rule: str
    bits: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "bits", reference.pack(self.columns))

    @property
    def size(self) -> int:
        """Number of neurons N."""
        return self.columns.shape[0]

    @property
    def count(self) -> int:
        """Number of patterns K."""
        return self.columns.shape[1]

    def parts(self, rows: int, itemsize: int = 4) -> list[slice]:
        """`rows` states in parts that keep temporary arrays small; see `batch.blocks`."""
        return batch.blocks(rows, self.size, self.count, itemsize)

    def overlaps(self, states: np.ndarray) -> np.ndarray:
        """M = X s of a state `(N,)` or a batch `(B, N)`: int32 `(K,)` or `(B, K)`."""
        if states.ndim == 1:
            return backend().overlaps(self.bits, states)
        overlap = batch.levels(backend(), self.bits, states, np.int32)
        overlap *= 2
        overlap -= self.size
        return overlap

    def sweep(self, state: np.ndarray, overlap: np.ndarray, visit: np.ndarray) -> np.ndarray:
        """One pass over the spins `visit`; changes state and overlap, returns the flipped spins in order."""
        flipped, done = [], 0
        most = LINK if self.interaction.relative else len(visit)
        while done < len(visit):
            part = visit[done:]
            tables, exact = self.tables(overlap)
            made, turned = backend().sweep(self.columns, state, overlap, part, *tables, exact, most)
            flipped.append(turned)
            done += made
            if made < len(part) and len(turned) < most:  # floating point could not decide this spin
                i = int(part[made])
                if self.exact_sign(overlap, i, int(state[i])) * int(state[i]) < 0:
                    reference.flip(self.columns, state, overlap, i)
                    flipped.append(np.array([i]))
                done += 1
        return flipped[0] if len(flipped) == 1 else np.concatenate(flipped)

    def update(self, states: np.ndarray, overlap: np.ndarray | None = None) -> np.ndarray:
        """Every spin decided from the old state, `(N,)` or each of a batch `(B, N)`; a new array.

        `overlap` is that of one state, where it is known.
        """
        if states.ndim == 1:
            sign = np.sign(self.doubled_fields(states, overlap)).astype(np.int8)
            return np.where(sign == 0, states, sign)
        new = np.empty_like(states)
        for part in self.parts(len(states)):
            new[part] = self._decide(states[part])
        return new

    def _decide(self, states) -> np.ndarray:
        kernels = backend()
        level = batch.levels(kernels, self.bits, states, batch.level_type(self.size))
        sign = batch.decide(kernels, self.columns, self.bits, states, level, self.weights(level))
        for b, i in np.argwhere(sign == batch.DOUBT):
            sign[b, i] = self.exact_sign(2 * level[b].astype(np.int32) - self.size, i, int(states[b, i]))
        return np.where(sign == 0, states, sign)

    def doubled_fields(self, states: np.ndarray, overlap: np.ndarray | None = None) -> np.ndarray:
        """2 D_i of every spin in table units, float64 of the shape of `states`, with exact signs and exact zeros."""
        if states.ndim == 1:
            return self._doubled_fields(states, self.overlaps(states) if overlap is None else overlap)
        fields = np.empty(states.shape)
        for part in self.parts(len(states), 8):
            fields[part] = self._doubled_fields_of_batch(states[part])
        return fields

    def _doubled_fields(self, state, overlap) -> np.ndarray:
        tables, exact = self.tables(overlap)
        index = (overlap + self.size) >> 1
        twice = backend().products(self.columns, tables.gain[index]) - state * tables.bend[index].sum()
        if not exact:
            bound = reference.error_bound(self.count, tables.spread[index].sum(), exact=False)
            self._settle_signs(twice, bound, overlap, state)
        return twice

    def _doubled_fields_of_batch(self, states) -> np.ndarray:
        kernels = backend()
        level = batch.levels(kernels, self.bits, states, batch.level_type(self.size))
        twice, bound = batch.doubled_fields(kernels, self.columns, states, level, self.weights(level))
        for b in np.flatnonzero(bound):
            overlap = 2 * level[b].astype(np.int32) - self.size
            self._settle_signs(twice[b], bound[b], overlap, states[b])
        return twice

    def _settle_signs(self, twice, bound, overlap, state) -> None:
        """Give every field within its bound its exact sign, or zero, in place."""
        for i in np.flatnonzero(np.abs(twice) <= bound):
            twice[i] = self.exact_sign(overlap, i, int(state[i])) * max(abs(twice[i]), np.finfo(float).tiny)

    def tables(self, overlap: np.ndarray | None) -> tuple[Any, bool]:
        """Tables for the current overlaps, and whether float64 sums of them are exact."""
        if self.interaction.relative:
            return self.interaction.tables(self.size, self.update_rule, int(overlap.max())), False
        bound = self.interaction.largest(self.size, self.update_rule)
        return _tables(self.interaction, self.size, self.update_rule), bound is not None and self.count * bound < 2**53

    def weights(self, level: np.ndarray) -> batch.Weights:
        """Tables for a batch: one for all, or for a relative F one for each largest overlap."""
        if not self.interaction.relative:
            tables, exact = self.tables(None)
            grain = _grain(self.interaction, self.size, self.update_rule) if exact else 0.0
            return batch.Weights(*(t[None] for t in tables), np.zeros(len(level), np.int64), grain, exact)
        tops, row = np.unique(level.max(axis=1), return_inverse=True)
        tables = [self.interaction.tables(self.size, self.update_rule, 2 * int(t) - self.size) for t in tops]
        return batch.Weights(*(np.array(kind) for kind in zip(*tables, strict=True)), row, 0.0, False)

    def exact_sign(self, overlap: np.ndarray, i: int, spin: int) -> int:
        """Sign of D_i in whole numbers: one signed count of patterns per level of overlap."""
        least, most = int(overlap.min()) - 1, int(overlap.max()) + 1
        counts = np.zeros(most - least + 1)  # whole numbers, exact in float64
        for part in reference.pieces(self.count):
            column = self.columns[i, part]
            level = overlap[part] if self.update_rule == "gradient" else overlap[part] - spin * column.astype(np.int32)
            counts += np.bincount(level - least, weights=column, minlength=len(counts))
        found = {least + int(k): int(counts[k]) for k in np.flatnonzero(counts)}
        return self.interaction.sign_of_sum(found, self.update_rule)
