"""The many-body decisions of a dense memory, made by two groups of neurons with two-body synapses, in whole numbers.

The memory neuron μ keeps the overlap h_μ = X_μ·s. To decide spin i, it takes that spin out, S_μ = h_μ - X_μi s_i, and
sends f(S_μ) = F(S_μ + 1) - F(S_μ - 1); the spin takes the sign of what comes back, Σ_μ X_μi f(S_μ). That sum *is*
E(s_i = -1) - E(s_i = +1): with X_μi = ±1 and F(S + X_μi s_i) for both signs of s_i, Σ_μ X_μi (F(S+1) - F(S-1)). No
synapse has three ends, and every decision is that of the energy, whatever the order n.

Source: Krotov & Hopfield (2021), discrete form; Krotov & Hopfield (2016) for the decisions. Where it stops being true:
with the slope F' and the self term in place of f, as τ_h → 0 in continuous time has it, decisions differ, even at
n = 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from damtutor.memory import Frozen, Trace
from damtutor.models.interactions import Interaction, Power
from damtutor.validate import as_choice, as_count, as_patterns, as_records, as_rng, as_state, as_visit


@dataclass(frozen=True, eq=False)
class TwoBody(Frozen):
    """A dense memory as N feature neurons, K memory neurons and N K synapses; the trajectory of `DenseAM`.

    `DenseAM` decides the same, faster: this network shows how neurons could.

    Parameters
    ----------
    patterns : array-like `(K, N)` of ±1: the synapses.
    interaction : `Power(n)` or `RectifiedPower(n)`.

    Raises
    ------
    ValueError : patterns not ±1; an interaction without exact whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from damtutor import DenseAM, Power
    >>> from damtutor.patterns import flip, random_patterns
    >>> patterns = random_patterns(20, 50, rng=0)
    >>> start = flip(patterns[0], 9, rng=1)
    >>> a = TwoBody(patterns, Power(3)).retrieve(start, rng=2, record="flips")
    >>> b = DenseAM(patterns, Power(3)).retrieve(start, rng=2, record="flips")
    >>> bool(np.array_equal(a.flips, b.flips))
    True
    """

    patterns: Any
    interaction: Interaction = Power(3)  # noqa: RUF009 (a frozen value)
    activity: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        patterns = as_patterns(self.patterns)
        known = isinstance(self.interaction, Interaction) and not self.interaction.relative
        if not known:
            raise ValueError(
                f"interaction is {self.interaction!r}; expected Power(n) or RectifiedPower(n), whose values are whole "
                "numbers; DenseAM takes the exponential"
            )
        count, size = patterns.shape
        value = self.interaction.exact_value
        sent = [value(s + 1) - value(s - 1) for s in range(-size, size + 1)]
        whole = np.int64 if count * max(map(abs, sent)) < 2**63 else object  # beyond: Python's own whole numbers
        activity = np.array(sent, dtype=whole)
        for name, array in (("patterns", patterns), ("activity", activity)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def count(self) -> int:
        """Number of patterns K: of memory neurons."""
        return self.patterns.shape[0]

    @property
    def size(self) -> int:
        """Number of feature neurons N."""
        return self.patterns.shape[1]

    def overlaps(self, state: Any) -> np.ndarray:
        """h = X s, what the memory neurons hear: int64 `(K,)`."""
        return self.patterns.astype(np.int64) @ as_state(state, self.size)

    def energy(self, state: Any) -> float:
        """That of `DenseAM`: -N Σ (h/N)ⁿ."""
        return self.interaction.energy(self.overlaps(state), self.size)

    def feedback(self, state: Any) -> np.ndarray:
        """Σ_μ X_μi f(S_μ) for every neuron i, as if it alone were to move: whole numbers `(N,)`.

        E(s_i = -1) - E(s_i = +1) in the unit of F, where E = -Σ F(h).
        """
        s = as_state(state, self.size)
        h = self.patterns.astype(np.int64) @ s
        return np.array([self._heard(h, int(s[i]), i) for i in range(self.size)], dtype=self.activity.dtype)

    def step(self, state: Any, rng: Any = None) -> np.ndarray:
        """The state after one sweep, int8 `(N,)`; `rng` as in `retrieve`."""
        return self.retrieve(state, max_sweeps=1, rng=rng).state

    def retrieve(
        self, state: Any, *, order: str = "async", max_sweeps: int = 50, rng: Any = None, record: Any = ()
    ) -> Trace:
        """Sweep until a whole sweep flips nothing, or `max_sweeps` times; a sum of zero keeps its spin.

        Parameters
        ----------
        state : `(N,)` of ±1; not changed.
        order : "async" only.
        max_sweeps : >= 1.
        rng : None, a seed or a Generator: `rng.permutation(N)` is the order of a sweep, as in `DenseAM`.
        record : "flips" or nothing; energies are one a sweep all the same.

        Raises
        ------
        ValueError : a wrong state, order, count, rng or record name.
        """
        s, rng = as_state(state, self.size), as_rng(rng)
        if as_choice(order, "order", ("async", "sync")) == "sync":
            raise ValueError('order is "sync"; expected "async": use DenseAM(patterns, F).step(state, order="sync")')
        keep, most = "flips" in as_records(record, ("flips",)), as_count(max_sweeps, "max_sweeps")
        h = self.patterns.astype(np.int64) @ s
        energies, flips, rests = [self.interaction.energy(h, self.size)], [], False
        while not rests and len(energies) <= most:
            before = len(flips)
            for i in as_visit(rng, self.size):
                if self._heard(h, int(s[i]), i) * int(s[i]) < 0:
                    s[i] = -s[i]
                    h += 2 * int(s[i]) * self.patterns[:, i].astype(np.int64)
                    flips.append(int(i))
            rests = len(flips) == before
            energies.append(energies[-1] if rests else self.interaction.energy(h, self.size))
        return Trace(
            state=s,
            energies=np.array(energies),
            converged=rests,
            sweeps=len(energies) - 1,
            overlaps=h,
            flips=np.array(flips, dtype=np.int64) if keep else None,
            period=1 if rests else None,
        )

    def _heard(self, h, spin, i) -> int:
        x = self.patterns[:, i].astype(np.int64)
        return (x * self.activity[h - spin * x + self.size]).sum()
