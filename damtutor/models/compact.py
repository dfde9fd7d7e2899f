"""Compact memory: every stored pattern pulls within its reach R and not at all beyond.

    E(x) = -log Φ(x),   Φ(x) = Σ_μ relu(1 - |x - X_μ|²/R²),   step: x' = mean of the n patterns with |x - X_μ| < R

A step never raises E. Let x' be the mean of the n patterns within reach of x. Since relu(t) >= t and relu(t) >= 0,
Φ(x') >= Σ_{within reach of x} (1 - |x' - X_μ|²/R²) = Φ(x) + n u, u = |x' - x|²/R². Patterns newly within reach
only add.

How much it falls: E(x) - E(x') >= -log(1 - u) >= u. With s² the mean of |X_μ - x'|² over the n patterns,
Φ(x) = n (1 - s²/R² - u) <= n (1 - u), where u < 1 as Φ(x) > 0; so Φ(x')/Φ(x) >= 1 + n u/Φ(x) >= 1 + u/(1 - u), which is
1/(1 - u). With one pattern within reach it is an equality.

Every state after the first step is the
mean of one of 2**K - 1 subsets and Φ rises strictly until the subset stays the same: recall ends in finitely many
steps, at a point, not near it. Wherever reaches overlap there can be a resting place where nothing was stored.

Source: the log-sum-ReLU energy with the Epanechnikov kernel, Hoover et al. (2025). Where it stops being true: beyond
every reach E is infinite and there is no force; a pattern exactly at distance R is a kink of E.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import Frozen, Settled, Trace
from damtutor.numerics import row_blocks, square_distances
from damtutor.validate import as_choice, as_count, as_real, as_reals, as_records

MOST = 12  # memories whose subsets are enumerated: 4095 of them
REACHES = (1e-100, 1e100)  # beyond, the squares of distances in units of R leave float64
FAR = 1e30  # states beyond are refused: their squares are of no use


class RestingPlaces(NamedTuple):
    """Every resting place, lowest energy first.

    Attributes
    ----------
    points : `(P, d)`.
    members : which patterns are within reach, bool `(P, K)`.
    energies : `(P,)`.
    strict : True for a strict local minimum, bool `(P,)`. Within reach of a fixed set of patterns Φ is a downward
        paraboloid about their mean, so that every place is one, unless another pattern is exactly at distance R.
    """

    points: np.ndarray
    members: np.ndarray
    energies: np.ndarray
    strict: np.ndarray


@dataclass(frozen=True, eq=False)
class CompactMemory(Frozen):
    """K real patterns in d dimensions with a compact (Epanechnikov) kernel.

    Parameters
    ----------
    patterns : array-like `(K, d)`, one pattern a row. float32 stays float32, all else becomes float64. Copied; the
        model's array is read-only.
    reach : R in [1e-100, 1e100], in units of the patterns.

    Raises
    ------
    ValueError : patterns not `(K, d)` of finite numbers below 1e15 (in units of R too); reach out of range.
    """

    patterns: Any
    reach: float

    def __post_init__(self):
        patterns = as_reals(self.patterns, "patterns", 2)
        reach = as_real(self.reach, "reach", low=REACHES[0], high=REACHES[1])
        biggest = float(np.abs(patterns).max())
        if biggest > 1e15 * min(1.0, reach):
            raise ValueError(f"patterns reach {biggest:g} with reach {reach:g}; expected at most 1e15, also in reaches")
        patterns.flags.writeable = False
        object.__setattr__(self, "patterns", patterns)
        object.__setattr__(self, "reach", reach)

    def __repr__(self) -> str:
        return f"CompactMemory({self.count} patterns of {self.size} numbers, reach={self.reach:g})"

    @property
    def count(self) -> int:
        """Number of patterns K."""
        return self.patterns.shape[0]

    @property
    def size(self) -> int:
        """Dimension d."""
        return self.patterns.shape[1]

    def energy(self, state: Any) -> Any:
        """-log Φ of a state `(d,)` (a float) or of a batch (float64 `(B,)`); >= -log K, inf beyond every reach.

        Always computed in float64. Complex states pass, for `damtutor.numerics.complex_gradient`.
        """
        x = self._states(state, "state", (1, 2), complex_too=True)
        depth = 1 - self._squares(np.atleast_2d(x)) / self.reach**2
        with np.errstate(divide="ignore", under="ignore"):  # log 0 is meant
            e = -np.log(np.where(depth.real > 0, depth, 0).sum(axis=1))
        return e if x.ndim == 2 else e[0].item()

    def within_reach(self, state: Any) -> np.ndarray:
        """Which patterns are strictly closer than R: bool `(K,)`, or `(B, K)` for a batch."""
        x = self._states(state, "state", (1, 2))
        return self._members(np.atleast_2d(x)).reshape(*x.shape[:-1], self.count)

    def overlaps(self, state: Any) -> np.ndarray:
        """X x: the dot product with every pattern; `(K,)`, or `(B, K)` for a batch."""
        return self._states(state, "state", (1, 2)).astype(self.patterns.dtype) @ self.patterns.T

    def step(self, state: Any, rng: Any = None) -> np.ndarray:
        """The mean of the patterns within reach of `(d,)` or of each row of `(B, d)`; without any, the state itself.

        A new array of the patterns' dtype. `rng` is not used; all memories share this signature.
        """
        x = self._states(state, "state", (1, 2)).astype(self.patterns.dtype)
        rows = np.atleast_2d(x)
        return self._means(self._members(rows), rows).reshape(x.shape)

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "sync",
        max_sweeps: int = 1000,
        rng: Any = None,
        record: str | Sequence[str] = (),
    ) -> Trace:
        """Repeat the step until the patterns within reach stay the same, or `max_sweeps` times.

        Parameters
        ----------
        state : `(d,)`; not changed.
        order : "sync" only.
        max_sweeps : whole number >= 1.
        rng : not used.
        record : "states" or nothing.

        Returns
        -------
        Trace: converged at a resting place, and beyond every reach, where the energy is inf.

        Raises
        ------
        ValueError : a wrong state, order, count or record name.
        """
        x = self._states(state, "state", 1).astype(self.patterns.dtype)
        if as_choice(order, "order", ("async", "sync")) == "async":
            raise ValueError('order is "async"; expected "sync": the mean moves all coordinates together')
        max_sweeps = as_count(max_sweeps, "max_sweeps")
        keep = "states" in as_records(record, ("states",))
        energies, states, used, converged = [self.energy(x)], [x], None, False
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            near = self._members(x[None])
            new = self._means(near, x[None])[0]
            converged = np.array_equal(new, x) or np.array_equal(near, used)  # the state is their mean already
            x, used = x if converged else new, near
            energies.append(energies[-1] if converged else self.energy(x))
            states.append(x)
            if converged:
                break
        return Trace(
            state=x.copy(),
            energies=np.array(energies),
            converged=converged,
            sweeps=sweeps,
            overlaps=self.patterns @ x,
            states=np.array(states) if keep else None,
            period=1 if converged else None,
        )

    def settle(self, states: Any, *, max_sweeps: int = 1000) -> Settled:
        """`retrieve` for a batch `(B, d)` without energies: a row that is done leaves the batch."""
        x = self._states(states, "states", 2).astype(self.patterns.dtype)
        rows, used = np.arange(len(x)), np.zeros((len(x), self.count), bool)
        converged, sweeps = np.zeros(len(x), bool), np.zeros(len(x), np.int64)
        for _ in range(as_count(max_sweeps, "max_sweeps")):
            near = self._members(x[rows])
            new = self._means(near, x[rows])
            done = (new == x[rows]).all(axis=1) | (near == used).all(axis=1)  # products may differ in the last digit
            sweeps[rows] += 1
            converged[rows[done]] = True
            x[rows[~done]] = new[~done]
            rows, used = rows[~done], near[~done]
            if not len(rows):
                break
        return Settled(x, converged, sweeps, converged.astype(np.int64))

    def resting_places(self) -> RestingPlaces:
        """All resting places within reach of a pattern, for K <= 12: a subset's mean rests if it reaches just them.

        Every strict one is the end of an open set of starts, at least those around it within reach of the same
        patterns. Outside all reaches every point rests; those are not listed. A distance counts as exactly R within
        a relative 1e-12.

        Raises
        ------
        ValueError : K > 12.
        """
        if self.count > MOST:
            raise ValueError(f"{self.count} patterns have 2**{self.count} - 1 subsets; expected at most {MOST}")
        wide = self.patterns.astype(np.float64)
        subsets = (np.arange(1, 2**self.count)[:, None] >> np.arange(self.count)) & 1 == 1
        means = subsets @ wide / subsets.sum(axis=1, keepdims=True)
        squares = np.concatenate([square_distances(part, wide) for part in row_blocks(means, self.count)])
        rests = ((squares < self.reach**2) == subsets).all(axis=1)
        edge = np.isclose(squares, self.reach**2, rtol=2e-12, atol=0).any(axis=1)
        points, members, strict = means[rests], subsets[rests], ~edge[rests]
        if not len(points):
            return RestingPlaces(points, members, np.empty(0), strict)
        energies = self.energy(points)
        rank = np.argsort(energies, kind="stable")
        return RestingPlaces(points[rank], members[rank], energies[rank], strict[rank])

    def _states(self, values, name, ndim, complex_too=False) -> np.ndarray:
        x = as_reals(values, name, ndim, length=self.size, complex_too=complex_too)
        if np.abs(x).max() > FAR:
            raise ValueError(f"{name} reaches {np.abs(x).max():g}; expected numbers up to {FAR:g}")
        return x

    def _squares(self, rows) -> np.ndarray:
        """|x - X|², `(B, K)`, in double precision."""
        rows = rows.astype(complex if np.iscomplexobj(rows) else np.float64)
        return np.concatenate([square_distances(part, self.patterns) for part in row_blocks(rows, self.count)])

    def _members(self, rows) -> np.ndarray:
        return self._squares(rows) < self.reach**2

    def _means(self, near, rows) -> np.ndarray:
        number = near.sum(axis=1, keepdims=True)
        return np.where(number > 0, near @ self.patterns / np.maximum(number, 1).astype(rows.dtype), rows)
