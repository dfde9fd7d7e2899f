"""Dense associative memory: E(s) = -Σ_μ F(X_μ · s), one class for every interaction function F.

Three update rules are in circulation. `exact` compares the two energies of a spin and is the default: asynchronous
updates never raise the energy, for any F. `cavity` takes the gradient without the spin itself (equal to `exact` for
n = 2 and for the exponential, its leading order otherwise). `gradient` takes the full gradient, self term included:
for convex F its *synchronous* form never raises the energy.

Source: Krotov & Hopfield (2016), Demircigil et al. (2017). Where it stops being true: the energy guarantee of `exact`
is for one spin at a time; updated together, two spins can each assume that the other stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from damtutor.kernels import backend, batch, reference
from damtutor.memory import Settled, Trace, settle
from damtutor.models.interactions import UPDATE_RULES, Interaction, Power, Tables
from damtutor.validate import as_choice, as_count, as_patterns, as_records, as_rng, as_state, as_states, as_visit

LINK = 128  # flips between two fresh tables of a relative F: an overlap moves by at most 2 * LINK meanwhile
RECORDS = ("flips", "states")


@lru_cache(maxsize=256)
def _tables(interaction: Interaction, size: int, update_rule: str) -> Tables:
    """Tables of an absolute F, kept: they depend on N and the update rule only."""
    return interaction.tables(size, update_rule)


@lru_cache(maxsize=256)
def _grain(interaction: Interaction, size: int, update_rule: str) -> float:
    """The power of two of which all gains of an exact table are whole multiples."""
    return batch.grain_of(_tables(interaction, size, update_rule).gain)


@dataclass(frozen=True, eq=False)
class DenseAM:
    """A dense associative memory of K patterns over N neurons.

    Parameters
    ----------
    patterns : array-like `(K, N)` of ±1, one pattern a row. Copied; the model's own array is read-only.
    interaction : the function F; `Power(n)`, `RectifiedPower(n)`, `Exponential()`. `Power(2)` is the classical network.
    update_rule : "exact" (default), "cavity" or "gradient"; see the module's text.

    Raises
    ------
    ValueError : patterns not `(K, N)` of ±1, an interaction that is none, an unknown update rule.

    Notes
    -----
    An exactly zero field keeps its spin, and is recognised as zero: decisions that floating point cannot make are
    made in whole numbers. Cost: O(K) per decision, O(K) per flip. Memory: one byte and one bit per pattern and neuron.
    """

    patterns: Any
    interaction: Interaction = Power(3)  # noqa: RUF009 (a frozen value)
    update_rule: str = "exact"
    columns: np.ndarray = field(init=False, repr=False)
    _bits: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        columns = np.ascontiguousarray(as_patterns(self.patterns).T)
        columns.flags.writeable = False
        if not isinstance(self.interaction, Interaction):
            raise ValueError(
                f"interaction is {self.interaction!r}; expected Power(n), RectifiedPower(n) or Exponential()"
            )
        as_choice(self.update_rule, "update_rule", UPDATE_RULES)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "_bits", reference.pack(columns))
        object.__setattr__(self, "patterns", columns.T)

    def __repr__(self) -> str:
        rest = f"{self.interaction}, update_rule={self.update_rule!r}"
        return f"DenseAM({self.count} patterns of {self.size} neurons, {rest})"

    def __reduce__(self):
        return type(self), (self.patterns, self.interaction, self.update_rule)  # made anew: one array, and read-only

    @property
    def count(self) -> int:
        """Number of patterns K."""
        return self.columns.shape[1]

    @property
    def size(self) -> int:
        """Number of neurons N."""
        return self.columns.shape[0]

    def overlaps(self, state: Any) -> np.ndarray:
        """M = X s, N minus twice the Hamming distance to each pattern: int32 `(K,)`; a batch `(B, N)`: `(B, K)`."""
        s = as_states(state, self.size)
        if s.ndim == 1:
            return backend().overlaps(self._bits, s)
        overlap = batch.levels(backend(), self._bits, s, np.int32)
        overlap *= 2
        overlap -= self.size
        return overlap

    def energy(self, state: Any) -> float | np.ndarray:
        """Energy of a state `(N,)`, or of each of a batch `(B, N)`: a float, or float64 `(B,)`.

        -N Σ (M/N)**n for powers, -log Σ exp(M) for the exponential; `interaction.words.formula` says it.
        """
        s = as_states(state, self.size)
        if s.ndim == 1:
            return self.interaction.energy(backend().overlaps(self._bits, s), self.size)
        energies = np.empty(len(s))
        for part in batch.blocks(len(s), self.size, self.count):
            overlap = 2 * batch.levels(backend(), self._bits, s[part], np.int32) - self.size
            energies[part] = [self.interaction.energy(row, self.size) for row in overlap]
        return energies

    def fields(self, state: Any) -> np.ndarray:
        """D_i = E(s_i = -1) - E(s_i = +1) for every spin: its sign is what the update rule wants spin i to be.

        Parameters
        ----------
        state : `(N,)`, or a batch `(B, N)`, of ±1.

        Returns
        -------
        float64, the shape of `state`: every sign is exact, an exact zero is 0.0; values are right to rounding. Unit:
        that of `energy` for powers; for a relative F (the exponential) exp(largest overlap), each state its own.
        With the approximate update rules twice the gradient stands in for the difference.
        """
        s = as_states(state, self.size)
        unit = self.interaction.unit(self.size) / 2
        if s.ndim == 1:
            return unit * self._doubled_fields(s, backend().overlaps(self._bits, s))
        fields = np.empty(s.shape)
        for part in batch.blocks(len(s), self.size, self.count, 8):
            fields[part] = self._doubled_fields_of_batch(s[part])
        fields *= unit
        return fields

    def step(self, state: Any, rng: Any = None, *, order: str = "async") -> np.ndarray:
        """The state after one sweep, or after one simultaneous update; a new int8 array of the same shape.

        Parameters
        ----------
        state : array-like `(N,)` of ±1; with order="sync" also a batch `(B, N)`.
        rng : as in `retrieve`; used by "async" only.
        order : "async": one spin after the other, in the order `rng.permutation(N)`. "sync": all spins at once, from
            the old state; exact for every update rule, and a tie keeps its spin.

        Raises
        ------
        ValueError : a wrong state, order or rng; a batch with order="async".

        Notes
        -----
        With update_rule="gradient" and a convex F the simultaneous update is the concave-convex procedure: the energy
        never rises, and two states never alternate. With update_rule="exact" both can happen.
        A batch costs one matrix product in float32. Memory beyond the result: half of the patterns' bytes, or 4 MB.
        """
        if as_choice(order, "order", ("async", "sync")) == "sync":
            s = as_states(state, self.size)
            return self._update_batch(s) if s.ndim == 2 else self._update_all(s, backend().overlaps(self._bits, s))
        if np.ndim(state) == 2:
            raise ValueError(
                f'state: a batch of shape {np.shape(state)} with order="async"; expected one state (N,): '
                'use order="sync" for a batch'
            )
        return self.retrieve(state, max_sweeps=1, rng=rng).state

    def settle(self, states: Any, *, max_sweeps: int = 50) -> Settled:
        """Simultaneous updates of a batch until each state rests, alternates, or was updated `max_sweeps` times.

        Each row ends as `retrieve(row, order="sync")` would; a finished one is updated no more.

        Parameters
        ----------
        states : array-like `(B, N)` of ±1; not changed.
        max_sweeps : whole number >= 1.

        Returns
        -------
        Settled

        Raises
        ------
        ValueError : wrong states or a wrong count.
        """
        states = as_states(as_patterns(states, "states"), self.size, "states")
        return settle(self._update_batch, states, as_count(max_sweeps, "max_sweeps"))

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "async",
        max_sweeps: int = 50,
        rng: Any = None,
        record: str | Sequence[str] = (),
    ) -> Trace:
        """Sweep until a whole sweep flips nothing, or `max_sweeps` times.

        Parameters
        ----------
        state : array-like `(N,)` of ±1; not changed.
        order : "async": one spin at a time, in a new random order each sweep. "sync": all at once from the old state;
            ends at a fixed point (converged) or when the state of two updates ago returns (not converged).
        max_sweeps : whole number >= 1.
        rng : None, a seed, a numpy Generator, or any object with `.permutation(n)`; used by "async" only.
        record : "flips" and/or "states"; "flips" gives the energy after every flip and needs order="async".

        Returns
        -------
        Trace

        Raises
        ------
        ValueError : a wrong state, order, count, rng or record name.
        """
        state = as_state(state, self.size)
        as_choice(order, "order", ("async", "sync"))
        max_sweeps = as_count(max_sweeps, "max_sweeps")
        record = as_records(record, RECORDS)
        if order == "sync":
            if "flips" in record:
                raise ValueError('record="flips" needs order="async": simultaneous updates have no order of flips')
            return self._retrieve_sync(state, max_sweeps, record)
        return self._retrieve_async(state, max_sweeps, as_rng(rng), record)

    def _retrieve_async(self, state, max_sweeps, rng, record) -> Trace:
        overlap = backend().overlaps(self._bits, state)
        energies, flips, states = [self.interaction.energy(overlap, self.size)], [], [state.copy()]
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            before = overlap.copy() if "flips" in record else None
            flipped = self._sweep(state, overlap, as_visit(rng, self.size))
            flips.append(flipped)
            if "flips" in record:
                energies.extend(self._energies_of_flips(before, state, flipped))
            else:
                energies.append(self.interaction.energy(overlap, self.size) if len(flipped) else energies[-1])
            if "states" in record:
                states.append(state.copy())
            if not len(flipped):
                break
        return Trace(
            state=state,
            energies=np.array(energies),
            converged=not len(flips[-1]),
            sweeps=sweeps,
            overlaps=overlap,
            flips=np.concatenate(flips) if "flips" in record else None,
            states=np.array(states) if "states" in record else None,
            period=None if len(flips[-1]) else 1,
        )

    def _energies_of_flips(self, overlap, after, flipped):
        """Energies after each flip of one sweep (each spin flips at most once in it); changes `overlap`."""
        for i in flipped:
            overlap += 2 * int(after[i]) * self.columns[i].astype(np.int32)
            yield self.interaction.energy(overlap, self.size)

    def _sweep(self, state, overlap, visit) -> np.ndarray:
        """One pass over `visit`, exact; changes state and overlap, returns the flipped spins in order."""
        flipped, done = [], 0
        most = LINK if self.interaction.relative else len(visit)
        while done < len(visit):
            part = visit[done:]
            tables, exact = self._kernel_tables(overlap)
            made, turned = backend().sweep(self.columns, state, overlap, part, *tables, exact, most)
            flipped.append(turned)
            done += made
            if made < len(part) and len(turned) < most:  # floating point could not decide this spin
                i = int(part[made])
                if self._exact_sign(overlap, i, int(state[i])) * int(state[i]) < 0:
                    reference.flip(self.columns, state, overlap, i)
                    flipped.append(np.array([i]))
                done += 1
        return flipped[0] if len(flipped) == 1 else np.concatenate(flipped)

    def _kernel_tables(self, overlap) -> tuple[Tables, bool]:
        """Tables for the current overlaps, and whether float64 sums of them are exact."""
        if self.interaction.relative:
            return self.interaction.tables(self.size, self.update_rule, int(overlap.max())), False
        bound = self.interaction.largest(self.size, self.update_rule)
        return _tables(self.interaction, self.size, self.update_rule), bound is not None and self.count * bound < 2**53

    def _exact_sign(self, overlap, i, spin) -> int:
        """Sign of D_i in whole numbers: one signed count of patterns per level of overlap."""
        least, most = int(overlap.min()) - 1, int(overlap.max()) + 1
        counts = np.zeros(most - least + 1)  # whole numbers, exact in float64
        for part in reference.pieces(self.count):
            column = self.columns[i, part]
            level = overlap[part] if self.update_rule == "gradient" else overlap[part] - spin * column.astype(np.int32)
            counts += np.bincount(level - least, weights=column, minlength=len(counts))
        return self.interaction.sign_of_sum(
            {least + int(k): int(counts[k]) for k in np.flatnonzero(counts)}, self.update_rule
        )

    def _retrieve_sync(self, state, max_sweeps, record) -> Trace:
        overlap = backend().overlaps(self._bits, state)
        energies, states, previous = [self.interaction.energy(overlap, self.size)], [state], None
        converged = cycle = False
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            new = self._update_all(state, overlap)
            converged = np.array_equal(new, state)
            cycle = previous is not None and np.array_equal(new, previous)
            previous, state = state, new
            overlap = backend().overlaps(self._bits, state)
            energies.append(self.interaction.energy(overlap, self.size))
            states.append(state)
            if converged or cycle:
                break
        return Trace(
            state=state.copy(),
            energies=np.array(energies),
            converged=converged,
            sweeps=sweeps,
            overlaps=overlap,
            states=np.array(states) if "states" in record else None,
            period=1 if converged else 2 if cycle else None,
        )

    def _update_all(self, state, overlap) -> np.ndarray:
        """Every spin decided from the same old state; a new array."""
        sign = np.sign(self._doubled_fields(state, overlap)).astype(np.int8)
        return np.where(sign == 0, state, sign)

    def _update_batch(self, states) -> np.ndarray:
        """Every spin of every state decided from the old states, so many states at a time as memory allows."""
        new = np.empty_like(states)
        for part in batch.blocks(len(states), self.size, self.count):
            new[part] = self._decide(states[part])
        return new

    def _decide(self, states) -> np.ndarray:
        kernels = backend()
        level = batch.levels(kernels, self._bits, states, batch.level_type(self.size))
        sign = batch.decide(kernels, self.columns, self._bits, states, level, self._weights(level))
        for b, i in np.argwhere(sign == batch.DOUBT):
            sign[b, i] = self._exact_sign(2 * level[b].astype(np.int32) - self.size, i, int(states[b, i]))
        return np.where(sign == 0, states, sign)

    def _doubled_fields_of_batch(self, states) -> np.ndarray:
        """2 D_i as in `_doubled_fields`, `(B, N)`."""
        kernels = backend()
        level = batch.levels(kernels, self._bits, states, batch.level_type(self.size))
        twice, bound = batch.doubled_fields(kernels, self.columns, states, level, self._weights(level))
        for b in np.flatnonzero(bound):
            overlap = 2 * level[b].astype(np.int32) - self.size
            self._settle_signs(twice[b], bound[b], overlap, states[b])
        return twice

    def _settle_signs(self, twice, bound, overlap, state) -> None:
        """Give every field within its bound its exact sign, or zero, in place."""
        for i in np.flatnonzero(np.abs(twice) <= bound):
            twice[i] = self._exact_sign(overlap, i, int(state[i])) * max(abs(twice[i]), np.finfo(float).tiny)

    def _weights(self, level) -> batch.Weights:
        """Tables for a batch: one for all, or for a relative F one for each largest overlap."""
        if not self.interaction.relative:
            tables, exact = self._kernel_tables(None)
            grain = _grain(self.interaction, self.size, self.update_rule) if exact else 0.0
            return batch.Weights(*(t[None] for t in tables), np.zeros(len(level), np.int64), grain, exact)
        tops, row = np.unique(level.max(axis=1), return_inverse=True)
        tables = [self.interaction.tables(self.size, self.update_rule, 2 * int(t) - self.size) for t in tops]
        return batch.Weights(*(np.array(kind) for kind in zip(*tables, strict=True)), row, 0.0, False)

    def _doubled_fields(self, state, overlap) -> np.ndarray:
        """2 D_i of every spin in table units, float64 `(N,)`, with exact signs and exact zeros."""
        tables, exact = self._kernel_tables(overlap)
        index = (overlap + self.size) >> 1
        twice = backend().products(self.columns, tables.gain[index]) - state * tables.bend[index].sum()
        if not exact:
            bound = reference.error_bound(self.count, tables.spread[index].sum(), exact=False)
            self._settle_signs(twice, bound, overlap, state)
        return twice
