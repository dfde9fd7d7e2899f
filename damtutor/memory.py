"""The contract that every memory of the course keeps, and the record that every retrieval returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from damtutor.validate import Frozen as Frozen  # models take it from here
from damtutor.validate import shown


@dataclass(frozen=True, eq=False)
class Trace:
    """What happened in one retrieval.

    Attributes
    ----------
    state : where it ended: an array, or a named tuple of arrays for memories with several groups of neurons.
    energies : float64. The energy at the start and after every sweep, `(sweeps + 1,)`; with record="flips" at the
        start and after every flip.
    converged : True if the last sweep changed nothing (or less than the memory's stated tolerance).
    sweeps : number of sweeps (asynchronous) or simultaneous updates made, the last silent one included.
    overlaps : X s at the end, `(K,)`, or None where it has no meaning.
    flips : with record="flips", the neurons that were flipped, in order, int64; else None.
    states : with record="states", the states at the start and after every sweep, one a row; else None.
    period : 1 at a fixed point; 2 where simultaneous updates alternate between two states for ever; None where the
        run stopped before either was seen.
    """

    state: Any
    energies: np.ndarray
    converged: bool
    sweeps: int
    overlaps: np.ndarray | None = None
    flips: np.ndarray | None = None
    states: Sequence[Any] | None = None
    period: int | None = None

    def __repr__(self) -> str:
        how = "settled" if self.converged else "alternates" if self.period == 2 else "stopped"
        return f"Trace({how} after {self.sweeps} sweeps, energy {self.energies[0]:.6g} to {self.energies[-1]:.6g})"


class Settled(NamedTuple):
    """Where a batch of states ended.

    Attributes
    ----------
    states : one end state a row, `(B, N)`.
    converged : True at a fixed point, bool `(B,)`.
    sweeps : updates made, int64 `(B,)`, the last silent one included.
    periods : int64 `(B,)`: 1 at a fixed point, 2 where two states alternate, 0 where the run stopped before.
    """

    states: np.ndarray
    converged: np.ndarray
    sweeps: np.ndarray
    periods: np.ndarray


def settle(update: Callable[[np.ndarray], np.ndarray], states: np.ndarray, max_sweeps: int) -> Settled:
    """Repeat a simultaneous update of a batch until each state rests, alternates, or was updated `max_sweeps` times.

    For models: arguments are not checked.

    Parameters
    ----------
    update : states `(B, N)` -> new states `(B, N)`, each row for itself.
    states : `(B, N)`; not changed.
    """
    ends, active, before = states.copy(), np.arange(len(states)), None
    sweeps, periods = np.zeros(len(states), np.int64), np.zeros(len(states), np.int64)
    for _ in range(max_sweeps):
        old = ends[active]
        new = update(old)
        rests = (new == old).all(axis=1)
        alternates = np.zeros_like(rests) if before is None else (new == before).all(axis=1) & ~rests
        ends[active] = new
        sweeps[active] += 1
        periods[active] = np.where(rests, 1, np.where(alternates, 2, 0))
        going = ~(rests | alternates)
        active, before = active[going], old[going]
        if not len(active):
            break
    return Settled(ends, periods == 1, sweeps, periods)


@runtime_checkable
class Memory(Protocol):
    """A model made from patterns and parameters. The state lives outside: no method changes model or argument.

    Experiments that take "a binary memory" accept any model that keeps this contract and has a `size` and int8
    `patterns` of ±1, see `as_memory`; they say so where they need more. Figures take arrays, and instruments make
    their own models.
    """

    def energy(self, state: Any) -> float:
        """Energy of a state; never rises along `retrieve` where the model says so."""
        ...

    def step(self, state: Any, rng: Any = None) -> Any:
        """The state after one full sweep, or after one simultaneous update."""
        ...

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "async",
        max_sweeps: int = 50,
        rng: Any = None,
        record: str | Sequence[str] = (),
    ) -> Trace:
        """Sweep until nothing changes, or `max_sweeps` times.

        The defaults of `order` and `max_sweeps` are the model's own: "async" where spins take turns, "sync" where all
        coordinates move together.
        """
        ...


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
            f"model is {shown(model)}; expected a memory that knows its patterns, for example Hopfield(patterns) or "
            "DenseAM(patterns)"
        )
    if known is None:
        if patterns:
            raise ValueError(
                "model knows no patterns; expected a memory that knows its patterns, for example Hopfield(patterns) or "
                "Hopfield.from_weights(W, patterns=X)"
            )
    elif not isinstance(known, np.ndarray) or known.dtype != np.int8:
        raise ValueError(f"model is {shown(model)}; expected a memory of patterns of ±1, for example DenseAM(patterns)")
    return model
