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
from typing import Any

import numpy as np

from damtutor.kernels.ladder import Ladder
from damtutor.memory import Settled, Trace, settle
from damtutor.models.interactions import UPDATE_RULES, Interaction, Power
from damtutor.validate import (
    as_choice,
    as_count,
    as_patterns,
    as_records,
    as_rng,
    as_state,
    as_states,
    as_visit,
    count_axes,
)

RECORDS = ("flips", "states")


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
    ValueError : patterns not `(K, N)` of ±1, an interaction that is not an `Interaction`, an unknown update rule.

    Notes
    -----
    An exactly zero field keeps its spin, and is recognised as zero: decisions that floating point cannot make are
    made in whole numbers. Cost: O(K) per decision, O(K) per flip. Memory: one byte and one bit per pattern and neuron.
    """

    patterns: Any
    interaction: Interaction = Power(3)  # noqa: RUF009 (a frozen value)
    update_rule: str = "exact"
    columns: np.ndarray = field(init=False, repr=False)
    _ladder: Ladder = field(init=False, repr=False)

    def __post_init__(self):
        columns = np.ascontiguousarray(as_patterns(self.patterns).T)
        columns.flags.writeable = False
        if not isinstance(self.interaction, Interaction):
            raise ValueError(
                f"interaction is {self.interaction!r}; expected Power(n), RectifiedPower(n) or Exponential()"
            )
        as_choice(self.update_rule, "update_rule", UPDATE_RULES)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "_ladder", Ladder(columns, self.interaction, self.update_rule))
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
        return self._ladder.overlaps(as_states(state, self.size))

    def energy(self, state: Any) -> float | np.ndarray:
        """Energy of a state `(N,)`, or of each of a batch `(B, N)`: a float, or float64 `(B,)`.

        -N Σ (M/N)**n for powers, -log Σ exp(M) for the exponential; `interaction.words.formula` says it.
        """
        s = as_states(state, self.size)
        if s.ndim == 1:
            return self.interaction.energy(self._ladder.overlaps(s), self.size)
        energies = np.empty(len(s))
        for part in self._ladder.parts(len(s)):
            energies[part] = [self.interaction.energy(row, self.size) for row in self._ladder.overlaps(s[part])]
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
        fields = self._ladder.doubled_fields(s)
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
            return self._ladder.update(as_states(state, self.size))
        if count_axes(state) == 2:
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
        return settle(self._ladder.update, states, as_count(max_sweeps, "max_sweeps"))

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
        rng : None, a seed or a list of them, a numpy Generator, or any object with `.permutation(n)`; used by "async"
            only.
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
        overlap = self._ladder.overlaps(state)
        energies, flips, states = [self.interaction.energy(overlap, self.size)], [], [state.copy()]
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            before = overlap.copy() if "flips" in record else None
            flipped = self._ladder.sweep(state, overlap, as_visit(rng, self.size))
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

    def _retrieve_sync(self, state, max_sweeps, record) -> Trace:
        overlap = self._ladder.overlaps(state)
        energies, states, previous = [self.interaction.energy(overlap, self.size)], [state], None
        converged = cycle = False
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            new = self._ladder.update(state, overlap)
            converged = np.array_equal(new, state)
            cycle = previous is not None and np.array_equal(new, previous)
            previous, state = state, new
            overlap = self._ladder.overlaps(state)
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
