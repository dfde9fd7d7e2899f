"""The classical Hopfield network with Hebb's rule: E(s) = -½ s·W s, W = XᵀX/N with a zero diagonal.

It is the dense memory with F(x) = x²: the exact field of `DenseAM(X, Power(2))` is 4N times the local field here.

Source: Hopfield (1982). Assumptions: symmetric couplings, no self-coupling; then an asynchronous flip never raises
the energy. Synchronous updates end at a fixed point or in a cycle of two states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from damtutor.memory import Trace
from damtutor.validate import as_choice, as_count, as_patterns, as_records, as_rng, as_state, as_visit


def hebb(patterns: Any) -> np.ndarray:
    """Hebb's couplings W = XᵀX/N with zero diagonal, float64 `(N, N)`, from patterns `(K, N)` of ±1."""
    x = as_patterns(patterns).astype(np.float64)
    w = x.T @ x / x.shape[1]
    np.fill_diagonal(w, 0.0)
    return w


@dataclass(frozen=True, eq=False)
class Hopfield:
    """The classical network of K patterns over N neurons; ValueError unless patterns are `(K, N)` of ±1."""

    patterns: Any
    weights: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        patterns = as_patterns(self.patterns)
        patterns.flags.writeable = False
        # Whole numbers N W: local fields are then exact, and a zero field is seen as zero.
        counts = patterns.T.astype(np.int64) @ patterns.astype(np.int64)
        np.fill_diagonal(counts, 0)
        object.__setattr__(self, "patterns", patterns)
        object.__setattr__(self, "_counts", counts)
        object.__setattr__(self, "weights", counts / patterns.shape[1])

    def __repr__(self) -> str:
        return f"Hopfield({self.patterns.shape[0]} patterns of {self.size} neurons)"

    @property
    def size(self) -> int:
        """Number of neurons N."""
        return self.patterns.shape[1]

    def energy(self, state: Any) -> float:
        """-½ s·W s of a state `(N,)`."""
        s = as_state(state, self.size).astype(np.int64)
        return -0.5 * float(s @ self._counts @ s) / self.size

    def step(self, state: Any, rng: Any = None) -> np.ndarray:
        """The state after one asynchronous sweep; int8 `(N,)`, a new array."""
        return self.retrieve(state, max_sweeps=1, rng=rng).state

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "async",
        max_sweeps: int = 50,
        rng: Any = None,
        record: str | Sequence[str] = (),
    ) -> Trace:
        """Sweep until nothing changes; arguments, result and errors as in `DenseAM.retrieve`."""
        s = as_state(state, self.size)
        as_choice(order, "order", ("async", "sync"))
        as_count(max_sweeps, "max_sweeps")
        record = as_records(record, ("flips", "states"))
        if order == "sync" and "flips" in record:
            raise ValueError('record="flips" needs order="async": simultaneous updates have no order of flips')
        rng = as_rng(rng)
        local = self._counts @ s.astype(np.int64)
        doubled = -int(s @ local)  # 2 N E, a whole number
        energies, flips, states = [doubled], [], [s.copy()]
        converged = False
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            if order == "sync":
                new = np.where(local == 0, s, np.sign(local)).astype(np.int8)
                changed = not np.array_equal(new, s)
                s, local = new, self._counts @ new.astype(np.int64)
                doubled = -int(s @ local)
            else:
                before = len(flips)
                for i in as_visit(rng, self.size):
                    if s[i] * local[i] < 0:
                        doubled += 4 * int(s[i] * local[i])
                        s[i] = -s[i]
                        local += 2 * int(s[i]) * self._counts[i]
                        flips.append(i)
                        if "flips" in record:
                            energies.append(doubled)
                changed = len(flips) > before
            if "flips" not in record:
                energies.append(doubled)
            states.append(s.copy())
            converged = not changed
            if converged or (order == "sync" and len(states) > 2 and np.array_equal(s, states[-3])):
                break
        return Trace(
            state=s.copy(),
            energies=np.array(energies) / (2 * self.size),
            converged=converged,
            sweeps=sweeps,
            overlaps=self.patterns.astype(np.int32) @ s,
            flips=np.array(flips, dtype=np.int64) if "flips" in record else None,
            states=np.array(states) if "states" in record else None,
        )
