"""The classical Hopfield network: E(s) = -½ s·W s - b·s with symmetric couplings W.

With Hebb's rule it is the dense memory with F(x) = x²: E(s_i = -1) - E(s_i = +1) is twice the local field here.

One spin at a time, a flip changes the energy by 2 s_i (h_i - W_ii s_i): never up while W_ii >= 0. All at once, two
successive states have the Lyapunov function -s'·W s - b·(s + s'), so a run ends at a fixed point or alternates
between two states. At temperature T > 0 (k_B = 1, unit of the couplings) spins obey Glauber's law.

Source: Hopfield (1982); Goles, Fogelman-Soulié & Pellegrin (1985) for the two states; Little (1974), Glauber (1963).
Where it stops being true: couplings that are not symmetric have no energy and are refused; with W_ii < 0 a spin can
flip for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from damtutor.kernels import backend
from damtutor.learning.couplings import RULES
from damtutor.memory import Frozen, Settled, Trace, settle
from damtutor.models.quadratic import Quadratic
from damtutor.numerics import underflow_is_zero
from damtutor.validate import (
    as_choice,
    as_count,
    as_flag,
    as_patterns,
    as_real,
    as_reals,
    as_records,
    as_rng,
    as_state,
    as_states,
    as_symmetric,
    as_visit,
    count_axes,
)

__all__ = ["Hopfield"]

ORDERS = ("async", "sync")
HOTTEST = 1e150  # thresholds must not overflow
ROUNDING = 1e-12  # of the largest coupling: an asymmetry that products in float64 leave
NOTHING = np.empty(0, np.int64)  # the flips of a silent sweep


@dataclass(frozen=True, eq=False)
class Hopfield(Frozen):
    """A network of N neurons with symmetric couplings, made from patterns (or by `from_weights`).

    Parameters
    ----------
    patterns : array-like `(K, N)` of ±1, one pattern a row. Copied; the model's own arrays are read-only.
    rule : the learning rule, "hebb" (default), "projection" or "storkey"; the names in `learning.couplings.RULES`.
    keep_diagonal : keep the rule's self-couplings W_ii instead of setting them to 0.
    external : b, real numbers `(N,)`; None is zero.

    Attributes
    ----------
    weights : W, float64 `(N, N)`, symmetric, read-only.
    patterns : int8 `(K, N)`, or None.
    external : b, `(N,)`.

    Raises
    ------
    ValueError : patterns not `(K, N)` of ±1, an unknown rule, an external field that is not `(N,)` and finite.

    Notes
    -----
    The network *is* its couplings on a grid: every W_ij and b_i is a whole multiple of one unit, so coarse that sums of
    ±W_ij and b_i are exact in any order. Fields that are kept up to date equal fields made anew, bit for bit; two
    processors, with and without compiled code, decide alike; a zero field is seen as zero, and keeps its spin. For
    Hebb's rule W is exact: the unit is 1/N (with an external field, a power of two below it). So it is for given
    couplings that are whole numbers, up to rounding, times one number: `from_weights(Hopfield(X).weights)` decides as
    `Hopfield(X)` does, also after saving, in float32 too. For all others the unit is a power of two, and W and b are
    off by at most half of it: 1e-15 at N = 1000 and K = 100 by the projection rule.
    Cost: O(N) a flip, and one comparison a decision. Memory: 2, 4 or 8 N² bytes.
    """

    patterns: Any
    rule: str = "hebb"
    keep_diagonal: bool = field(default=False, kw_only=True)
    external: Any = field(default=None, kw_only=True)
    _exact: Quadratic = field(init=False, repr=False)

    def __post_init__(self):
        patterns = as_patterns(self.patterns)
        rule = RULES[as_choice(self.rule, "rule", tuple(RULES))]
        keep = as_flag(self.keep_diagonal, "keep_diagonal")
        external = _as_external(self.external, patterns.shape[1])
        if rule.outer_products:
            exact = Quadratic.of_patterns(patterns, external, keep_diagonal=keep)
        else:
            exact = Quadratic.of_weights(rule.couplings(patterns, keep_diagonal=keep), external)
        self._fill(patterns=patterns, _exact=exact)

    @classmethod
    @underflow_is_zero
    def from_weights(cls, weights: Any, *, external: Any = None, patterns: Any = None) -> Hopfield:
        """A network with couplings given by hand.

        Parameters
        ----------
        weights : W, real numbers `(N, N)`, symmetric but for rounding (of which the mean is taken); the diagonal may be
            anything.
        external : b, `(N,)`; None is zero.
        patterns : `(K, N)` of ±1 to compare states with, or None.

        Raises
        ------
        ValueError : W not square, finite and symmetric; other shapes of the rest.
        """
        given, read = weights, as_reals(weights, "weights", 2)
        weights, size = read.astype(np.float64), len(read)
        if weights.shape != (size, size):
            raise ValueError(f"weights: shape {weights.shape}; expected a square (N, N), for example [[0, 1], [1, 0]]")
        uneven = np.abs(weights / 2 - weights.T / 2)
        if uneven.max() > ROUNDING * np.abs(weights).max():
            i, j = map(int, np.unravel_index(uneven.argmax(), uneven.shape))
            raise ValueError(
                f"weights[{i}, {j}] is {weights[i, j]:g} and weights[{j}, {i}] is {weights[j, i]:g}; expected "
                "symmetric couplings, since an asymmetric W has no energy, for example "
                f"{as_symmetric(given, 'weights')}"
            )
        weights = (weights / 2 + weights.T / 2).astype(read.dtype)  # the type says how far it was rounded
        patterns = None if patterns is None else as_patterns(patterns)
        if patterns is not None and patterns.shape[1] != size:
            raise ValueError(f"patterns: length {patterns.shape[1]}; expected {size}, the neurons of weights")
        model = object.__new__(cls)
        exact = Quadratic.of_weights(weights, _as_external(external, size))
        model._fill(rule="given", keep_diagonal=bool(np.any(np.diag(weights))), patterns=patterns, _exact=exact)
        return model

    @underflow_is_zero
    def _fill(self, **values) -> None:
        external = values["_exact"].bias.astype(np.float64) / values["_exact"].divisor
        if values["patterns"] is not None:
            values["patterns"].flags.writeable = False
        external.flags.writeable = False
        for name, value in {**values, "external": external}.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"Hopfield({self.count} patterns of {self.size} neurons, rule={self.rule!r})"

    @property
    def size(self) -> int:
        """Number of neurons N."""
        return len(self._exact.bias)

    @property
    def count(self) -> int:
        """Number of patterns K, 0 if the network knows none."""
        return 0 if self.patterns is None else len(self.patterns)

    @cached_property
    @underflow_is_zero
    def weights(self) -> np.ndarray:
        """W, float64 `(N, N)`, read-only; for Hebb's rule made when first asked for."""
        if self._exact.divisor == 1 and self._exact.couplings.dtype == np.float64:
            return self._exact.couplings
        weights = self._exact.couplings / np.float64(self._exact.divisor)
        weights.flags.writeable = False
        return weights

    @cached_property
    def _floats(self) -> np.ndarray:
        return self.patterns.astype(np.float32) if self._exact.rows is None else self._exact.floats

    def overlaps(self, state: Any) -> np.ndarray:
        """X s of a state `(N,)` or a batch `(B, N)`: int32 `(K,)` or `(B, K)`; ValueError if there are no patterns."""
        if self.patterns is None:
            raise ValueError("patterns: none; expected a network that knows some, from_weights(W, patterns=X)")
        return self._overlaps(as_states(state, self.size))

    def _overlaps(self, states) -> Any:
        if self.patterns is None:
            return None
        if states.ndim == 1 and self._exact.rows is not None:
            return backend().overlaps(self._exact.bits, states)
        return (states.astype(np.float32) @ self._floats.T).astype(np.int32)

    @underflow_is_zero
    def fields(self, state: Any) -> np.ndarray:
        """Local fields h = W s + b, W's own diagonal included: float64 of the shape of `state`, `(N,)` or `(B, N)`.

        Every sign is exact, an exact zero is 0.0.
        """
        return self._exact.local(as_states(state, self.size)).astype(np.float64) / self._exact.divisor

    def energy(self, state: Any) -> Any:
        """-½ s·W s - b·s: a float for a state `(N,)`, float64 `(B,)` for a batch; summed exactly, rounded once."""
        s = as_states(state, self.size)
        return self._exact.energy(self._exact.doubled(s, self._exact.local(s)))

    def pair_energy(self, old: Any, new: Any) -> Any:
        """-new·W old - b·(old + new): never rises from one pair of successive states to the next, updated all at once.

        Parameters
        ----------
        old, new : states `(N,)`, or batches `(B, N)` of the same length.

        Returns
        -------
        float, or float64 `(B,)`. For new = old it is twice the energy.
        """
        old, new = as_states(old, self.size, "old"), as_states(new, self.size, "new")
        if old.shape != new.shape:
            raise ValueError(f"old, new: shapes {old.shape} and {new.shape}; expected the same shape twice")
        return self._exact.energy(self._exact.doubled_pair(old, new))

    def step(self, state: Any, rng: Any = None, *, temperature: float = 0.0, order: str = "async") -> np.ndarray:
        """The state after one sweep (`order="async"`), or after one update of all spins at once ("sync").

        Parameters
        ----------
        state : `(N,)` of ±1; with order="sync" a batch `(B, N)` too.
        rng, temperature, order : as in `retrieve`.

        Returns
        -------
        int8, the shape of `state`, a new array.
        """
        as_choice(order, "order", ORDERS)
        if order == "async":
            if count_axes(state) == 2:
                raise ValueError(
                    f'state: a batch of shape {np.shape(state)} with order="async"; expected one state (N,): '
                    'use order="sync" for a batch'
                )
            return self.retrieve(state, max_sweeps=1, rng=rng, temperature=temperature).state
        s, temperature, rng = as_states(state, self.size), _as_temperature(temperature), as_rng(rng)
        return _decide(s, self._exact.local(s), self._thresholds(rng, temperature, s.shape))

    def settle(self, states: Any, *, max_sweeps: int = 50) -> Settled:
        """Simultaneous updates of a batch until each state rests, alternates, or was updated `max_sweeps` times.

        Each row ends as `retrieve(row, order="sync")` would; a finished one is updated no more.

        Parameters
        ----------
        states : array-like `(B, N)` of ±1; not changed.
        max_sweeps : whole number >= 1.

        Raises
        ------
        ValueError : wrong states or a wrong count.
        """
        states = as_states(as_patterns(states, "states"), self.size, "states")
        at = np.zeros(())
        return settle(lambda s: _decide(s, self._exact.local(s), at), states, as_count(max_sweeps, "max_sweeps"))

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "async",
        max_sweeps: int = 50,
        rng: Any = None,
        record: str | Sequence[str] = (),
        temperature: float = 0.0,
    ) -> Trace:
        """Sweep until a whole sweep flips nothing, or `max_sweeps` times.

        Parameters
        ----------
        state : array-like `(N,)` of ±1; not changed.
        order : "async": one spin at a time, in a new random order each sweep. "sync": all at once from the old state;
            ends at a fixed point (period 1) or when the state of two updates ago returns (period 2).
        max_sweeps : whole number >= 1.
        rng : None, a seed or a list of them, a numpy Generator, or any object with `.permutation(n)`; above temperature
            0 it needs `.random(n)` too. Each sweep draws its order first ("async"), then N uniform numbers (above
            temperature 0).
        record : "flips" and/or "states"; "flips" gives the energy after every flip and needs order="async".
        temperature : T >= 0 in the unit of the couplings, k_B = 1. Above 0 a spin becomes +1 with probability
            1 / (1 + exp(-2 h_i / T)) whatever it was, and exactly `max_sweeps` sweeps are made: nothing converges.

        Returns
        -------
        Trace; `overlaps` is None if the network knows no patterns.

        Raises
        ------
        ValueError : a wrong state, order, count, rng, temperature or record name.
        """
        s = as_state(state, self.size)
        as_choice(order, "order", ORDERS)
        max_sweeps = as_count(max_sweeps, "max_sweeps")
        record, temperature, source = as_records(record, ("flips", "states")), _as_temperature(temperature), as_rng(rng)
        if order == "async":
            return self._retrieve_async(s, max_sweeps, source, record, temperature, private=source is not rng)
        if "flips" in record:
            raise ValueError('record="flips" needs order="async": simultaneous updates have no order of flips')
        return self._retrieve_sync(s, max_sweeps, source, record, temperature)

    def _retrieve_async(self, s, max_sweeps, rng, record, temperature, private) -> Trace:
        exact, kernels, cold, rest = self._exact, backend(), temperature == 0, False
        local, start = exact.start(s)
        doubled, flips, states = [start], [], [s.copy()]
        at = np.zeros(s.shape)
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            if rest and cold and private:  # it will flip nothing in any order, and nobody else draws from `rng`
                flipped = rises = NOTHING
            else:
                visit = as_visit(rng, self.size)
                if not cold:
                    at = self._thresholds(rng, temperature, s.shape)
                flipped, rises, rest = kernels.sweep_pairs(exact.couplings, s, local, visit, at, exact.scale)
            if "flips" in record:
                doubled.extend(doubled[-1] + np.cumsum(rises))
                flips.append(flipped)
            else:
                doubled.append(doubled[-1] + int(rises.sum()) if len(rises) else doubled[-1])
            if "states" in record:
                states.append(s.copy())
            if cold and not len(flipped):
                break
        converged = cold and not len(flipped)
        return Trace(
            state=s,
            energies=exact.energy(doubled),
            converged=converged,
            sweeps=sweeps,
            overlaps=self._overlaps(s),
            flips=np.concatenate(flips) if flips else None,
            states=np.array(states) if "states" in record else None,
            period=1 if converged else None,
        )

    def _retrieve_sync(self, s, max_sweeps, rng, record, temperature) -> Trace:
        exact, local, before = self._exact, self._exact.local(s), None
        doubled, states = [exact.doubled(s, local)], [s]
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            new = _decide(s, local, self._thresholds(rng, temperature, s.shape))
            converged = temperature == 0 and np.array_equal(new, s)
            cycle = temperature == 0 and not converged and before is not None and np.array_equal(new, before)
            before, s = s, new
            local = exact.local(s)
            doubled.append(exact.doubled(s, local))
            if "states" in record:
                states.append(s)
            if converged or cycle:
                break
        return Trace(
            state=s,
            energies=exact.energy(doubled),
            converged=converged,
            sweeps=sweeps,
            overlaps=self._overlaps(s),
            states=np.array(states) if "states" in record else None,
            period=1 if converged else 2 if cycle else None,
        )

    def _thresholds(self, rng, temperature, shape) -> np.ndarray:
        """Where the field must lie for a spin to be +1, before the division: a uniform u < P(+1) in other words."""
        if temperature == 0:
            return np.zeros(shape)
        u = _as_uniforms(rng, shape)
        with np.errstate(divide="ignore", under="ignore"):  # u = 0: -inf, always +1
            return temperature / 2 * self._exact.divisor * np.log(u / (1 - u))


def _decide(states, local, threshold) -> np.ndarray:
    return np.where(local > threshold, 1, np.where(local < threshold, -1, states)).astype(np.int8)


def _as_external(values, size) -> np.ndarray:
    return np.zeros(size) if values is None else as_reals(values, "external", 1, length=size)


def _as_temperature(value) -> float:
    return as_real(value, "temperature", low=0.0, high=HOTTEST)


def _as_uniforms(rng, shape) -> np.ndarray:
    """One uniform number in [0, 1) for each spin; ValueError if `rng` cannot give them."""
    if not callable(getattr(rng, "random", None)):
        raise ValueError(
            f"rng is {rng!r}, which has no .random(n); a temperature above 0 needs uniform numbers: expected a seed "
            "such as 0, or a numpy.random.Generator"
        )
    u = np.asarray(rng.random(int(np.prod(shape))))
    if u.dtype.kind != "f" or u.size != np.prod(shape) or not (np.all(u >= 0) and np.all(u < 1)):
        raise ValueError(f"rng: its random({np.prod(shape)}) is no such number of uniform numbers in [0, 1)")
    return u.reshape(shape).astype(np.float64)
