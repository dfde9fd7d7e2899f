"""Large associative memory: two groups of neurons, joined by synapses with two ends each.

    τ_f v' = Ξᵀ f - v + I        feature neurons v `(N_f,)`, with activations g = ∂L_v/∂v
    τ_h h' = Ξ g - h             memory neurons h `(N_h,)`, with activations f = ∂L_h/∂h
    E = [(v - I)·g - L_v] + [h·f - L_h] - f·Ξ g

The same Ξ serves both ways. ∂E/∂v = -τ_f H_v v' and ∂E/∂h = -τ_h H_h h' with the Hessians H of the Lagrangians, hence

    dE/dt = -τ_f v'·H_v v' - τ_h h'·H_h h',

never above zero if both Lagrangians are convex, whatever the time constants; E itself contains none. That E has a
lower bound is another matter: bounded g is enough for powers.

For τ_h → 0 the memory neurons follow, h = Ξ g, and leave a network of many-body synapses among the feature neurons:
E = (v - I)·g - L_v - L_h(Ξ g). The error of this limit is of first order in τ_h.

Source: Krotov & Hopfield (2021). Where it stops being true: the Hessians may be singular, so that dE/dt = 0 is not
rest; retrieval here stops on |v'| and |h'|. One memory neuron a pattern: no more than N_h are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.memory import Frozen, Trace
from damtutor.models import integrate
from damtutor.models.lagrangians import Identity, Lagrangian, LogSumExp, Powers, Sphere, Tanh
from damtutor.models.trajectory import Dissipation, Groups, Trajectory, as_trajectory
from damtutor.validate import as_choice, as_count, as_patterns, as_real, as_reals, as_records


@dataclass(frozen=True, eq=False)
class TwoGroup(Frozen):
    """Feature neurons and memory neurons in continuous time.

    Parameters
    ----------
    synapses : Ξ, real `(N_h, N_f)`, one memory neuron a row. Copied as float64; the model's array is read-only.
    feature, memory : Lagrangians L_v and L_h of `damtutor.models.lagrangians`.
    tau_f, tau_h : time constants > 0, in one unit.
    external : I, `(N_f,)`, acts on the feature neurons; None is zero.

    Raises
    ------
    ValueError : synapses or external of another shape or not finite, an object that is not a Lagrangian, τ <= 0.

    Examples
    --------
    >>> import numpy as np
    >>> from damtutor.patterns import flip, random_patterns
    >>> patterns = random_patterns(4, 64, rng=0)
    >>> network = TwoGroup.model_a(patterns, order=3, tau_h=3.0)
    >>> trace = network.retrieve(network.asleep(flip(patterns[0], 6, rng=1)))
    >>> trace.converged, bool((np.sign(trace.state.v) == patterns[0]).all())
    (True, True)
    >>> bool((np.diff(trace.energies) <= 1e-9).all())
    True
    """

    synapses: Any
    feature: Lagrangian
    memory: Lagrangian
    tau_f: float = 1.0
    tau_h: float = 0.1
    external: Any = None

    def __post_init__(self):
        synapses = as_reals(self.synapses, "synapses", 2).astype(np.float64)
        count, size = synapses.shape
        for name, neurons in (("feature", size), ("memory", count)):
            given = getattr(self, name)
            if not isinstance(given, Lagrangian):
                raise ValueError(f'{name} is {given!r}; expected a Lagrangian, for example lagrangian("tanh", beta=4)')
            given.fits(neurons, name)
        external = np.zeros(size) if self.external is None else as_reals(self.external, "external", 1, length=size)
        external = external.astype(np.float64)
        for array in (synapses, external):
            array.flags.writeable = False
        for name, value in (("synapses", synapses), ("external", external)):
            object.__setattr__(self, name, value)
        for name in ("tau_f", "tau_h"):
            object.__setattr__(self, name, as_real(getattr(self, name), name, low=0.0, strict=True))

    @classmethod
    def model_a(
        cls, patterns: Any, order: int = 3, *, beta: float = 4.0, rectified: bool = True, **rest: Any
    ) -> TwoGroup:
        """Dense memory: L_h = (N/n) Σ (h/N)ⁿ and L_v = Σ log cosh(βv)/β, so that v near ±1 rests at a pattern.

        Parameters
        ----------
        patterns : `(N_h, N_f)` of ±1.
        order : n >= 2.
        beta : slope of tanh.
        rectified : h below zero is silent.
        rest : tau_f, tau_h, external.
        """
        patterns = as_patterns(patterns)
        size = patterns.shape[1]
        order = as_count(order, "order", 2)
        return cls(patterns, Tanh(beta), Powers(order, size / order, size, rectified), **rest)

    @classmethod
    def model_b(cls, patterns: Any, beta: float = 1.0, **rest: Any) -> TwoGroup:
        """Softmax memory: L_h = lse, L_v = |v|²/2. An Euler step dt = τ_f of its adiabatic limit is attention.

        Parameters
        ----------
        patterns : real `(N_h, N_f)`.
        beta : inverse temperature.
        rest : tau_f, tau_h, external.
        """
        return cls(as_reals(patterns, "patterns", 2), Identity(), LogSumExp(beta), **rest)

    @classmethod
    def model_c(cls, patterns: Any, memory: Lagrangian | None = None, **rest: Any) -> TwoGroup:
        """Memory on the sphere: L_v = |v|, so that without external input E sees the direction of v only.

        Parameters
        ----------
        patterns : real `(N_h, N_f)`.
        memory : L_h; None is `LogSumExp(8)`. Powers of low order blend memories.
        rest : tau_f, tau_h, external.
        """
        patterns = as_reals(patterns, "patterns", 2)
        return cls(patterns, Sphere(), LogSumExp(8.0) if memory is None else memory, **rest)

    def __repr__(self) -> str:
        return (
            f"TwoGroup({self.size} feature neurons {self.feature}, {self.count} memory neurons {self.memory}, "
            f"tau_f={self.tau_f:g}, tau_h={self.tau_h:g})"
        )

    @property
    def size(self) -> int:
        """Number of feature neurons N_f."""
        return self.synapses.shape[1]

    @property
    def count(self) -> int:
        """Number of memory neurons N_h."""
        return self.synapses.shape[0]

    @property
    def convex(self) -> bool:
        """Both Lagrangians are convex: E never rises."""
        return self.feature.convex and self.memory.convex

    def asleep(self, v: Any) -> Groups:
        """The state with these feature neurons and silent memory neurons, h = 0; v `(N_f,)` or `(B, N_f)`."""
        v = self._features(v)
        return Groups(v, np.zeros((*v.shape[:-1], self.count)))

    def awake(self, v: Any) -> Groups:
        """The state in which the memory neurons have followed, h = Ξ g(v); v `(N_f,)` or `(B, N_f)`."""
        v = self._features(v)
        return Groups(v, self.feature.g(v) @ self.synapses.T)

    def overlaps(self, state: Any) -> np.ndarray:
        """Ξ g(v): what each memory neuron hears, `(N_h,)` or `(B, N_h)`."""
        return self.feature.g(self._groups(state).v) @ self.synapses.T

    def rhs(self, state: Any) -> Groups:
        """(v', h'), the velocities at a state, or of each of a batch."""
        state = self._groups(state)
        return self._split(self._velocity(np.concatenate(state, axis=-1)))

    def energy(self, state: Any) -> Any:
        """E of a state (a float) or of a batch (`(B,)`); complex states pass, for the complex step."""
        e = self._energy(*self._groups(state, complex_too=True))
        return e if e.ndim else e.item()

    def dissipation(self, state: Any) -> Dissipation:
        """The two terms of -dE/dt; neither is negative if its Lagrangian is convex. Floats, or `(B,)`."""
        return Dissipation(*(term[()] for term in self._dissipation(*self._groups(state))))

    def adiabatic_energy(self, v: Any) -> Any:
        """(v - I)·g - L_v - L_h(Ξ g): E where h = Ξ g(v); v `(N_f,)` (a float) or `(B, N_f)` (`(B,)`)."""
        e = self._adiabatic_energy(self._features(v, complex_too=True))
        return e if e.ndim else e.item()

    def adiabatic_rhs(self, v: Any) -> np.ndarray:
        """v' for τ_h → 0: (Ξᵀ f(Ξ g) - v + I)/τ_f; v `(N_f,)` or `(B, N_f)`.

        Examples
        --------
        >>> import numpy as np
        >>> from damtutor import ModernHopfield
        >>> patterns, v = np.eye(3), np.array([0.5, 0.1, 0.0])
        >>> network = TwoGroup.model_b(patterns, beta=5.0)
        >>> step = v + network.tau_f * network.adiabatic_rhs(v)
        >>> bool(np.abs(step - ModernHopfield(patterns, 5.0).step(v)).max() < 1e-15)
        True
        """
        return self._adiabatic(self._features(v))

    def step(self, state: Any, rng: Any = None, *, dt: float | None = None) -> Groups:
        """The state after one RK4 step of length `dt`; None is the longest that is allowed. `rng` is not used.

        Raises
        ------
        ValueError : a wrong state; dt above a quarter of the faster time constant.
        """
        y = np.concatenate(self._groups(state), axis=-1)
        return self._split(integrate.rk4_step(self._velocity, y, integrate.as_step(dt, self._fastest())))

    def run(
        self,
        state: Any,
        time: float,
        *,
        points: int = 200,
        method: str = "RK45",
        dt: float | None = None,
        accuracy: float = 1e-9,
        tolerance: float = 0.0,
    ) -> Trajectory:
        """Integrate from a state over `time`, recorded at `points` equal intervals.

        Parameters
        ----------
        state : (v, h), one state.
        time : > 0.
        points : intervals >= 1.
        method : "RK45", adaptive, or "RK4", equal steps.
        dt : longest step of "RK4"; None is the longest allowed.
        accuracy : tolerance of a step of "RK45", > 0.
        tolerance : the run ends where τ_f|v'| <= tolerance (1 + |v|) and τ_h|h'| <= tolerance (1 + |h|), largest
            entries; 0 runs on. "RK4" looks at recorded times only.

        Raises
        ------
        ValueError : a wrong state or number; dt above a quarter of the faster time constant: a longer step need not
            follow the equations, and the energy of what it does instead may rise.
        """
        options = integrate.Options(time, points, method, dt, accuracy, tolerance)
        found = integrate.integrate(
            self._velocity, self._one(self._groups(state)), options, self._fastest(), self._speed
        )
        v, h = self._split(found.rows)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            return as_trajectory(found, v, h, self._energy(v, h), *self._dissipation(v, h))

    def adiabatic_run(self, v: Any, time: float, **options: Any) -> Trajectory:
        """`run` in the limit τ_h → 0, from v `(N_f,)`; `memory` is zero, h is Ξ g. Options and errors as in `run`."""
        v = self._features(v)
        options, start = integrate.Options(time, **options), self._one(Groups(v, v[..., :0]))
        found = integrate.integrate(
            self._adiabatic, start, options, self._fastest(adiabatic=True), self._adiabatic_speed
        )
        v = found.rows
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            h, lost = self.feature.g(v) @ self.synapses.T, self.tau_f * self.feature.uHu(v, self._adiabatic(v))
            return as_trajectory(found, v, h, self._adiabatic_energy(v), lost, np.zeros(len(v)))

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "sync",
        max_sweeps: int = 500,
        rng: Any = None,
        record: str | Sequence[str] = (),
        tolerance: float = 1e-6,
    ) -> Trace:
        """Integrate by RK45 until the state rests, or for `max_sweeps` times the slower time constant.

        Parameters
        ----------
        state : (v, h), for example `asleep(v)` or `awake(v)`; not changed.
        order : "sync" only.
        max_sweeps : >= 1.
        rng : not used.
        record : "states" or nothing.
        tolerance : > 0, of the velocities; see `run`.

        Returns
        -------
        Trace: `state` is (v, h); a sweep is the slower time constant, the last one may be shorter; with
        record="states" a list of (v, h). `overlaps` is Ξ g.

        Raises
        ------
        ValueError : a wrong state, order, count, tolerance or record name.
        """
        if as_choice(order, "order", ("async", "sync")) == "async":
            raise ValueError('order is "async"; expected "sync": all neurons move together in continuous time')
        keep = "states" in as_records(record, ("states",))
        sweeps = as_count(max_sweeps, "max_sweeps")
        tolerance = as_real(tolerance, "tolerance", low=0.0, strict=True)
        run = self.run(state, sweeps * max(self.tau_f, self.tau_h), points=sweeps, tolerance=tolerance)
        end = Groups(run.v[-1].copy(), run.h[-1].copy())
        return Trace(
            state=end,
            energies=run.energies,
            converged=run.rested,
            sweeps=len(run.times) - 1,
            overlaps=self.overlaps(end),
            states=[Groups(*pair) for pair in zip(run.v, run.h, strict=True)] if keep else None,
            period=1 if run.rested else None,
        )

    # Without checks, for loops --------------------------------------------------------------------------------------

    @property
    def _velocity(self) -> integrate.Velocity:
        return integrate.two_groups(self.synapses, self.feature, self.memory, self.tau_f, self.tau_h, self.external)

    def _adiabatic(self, v):
        f = self.memory.g(self.feature.g(v) @ self.synapses.T)
        return (f @ self.synapses - v + self.external) / self.tau_f

    def _energy(self, v, h):
        g, f = self.feature.g(v), self.memory.g(h)
        layers = ((v - self.external) * g).sum(axis=-1) - self.feature.L(v) + (h * f).sum(axis=-1) - self.memory.L(h)
        return np.asarray(layers - (f * (g @ self.synapses.T)).sum(axis=-1))

    def _adiabatic_energy(self, v):
        g = self.feature.g(v)
        own = ((v - self.external) * g).sum(axis=-1) - self.feature.L(v)
        return np.asarray(own - self.memory.L(g @ self.synapses.T))

    def _dissipation(self, v, h):
        moves = self._split(self._velocity(np.concatenate((v, h), axis=-1)))
        return self.tau_f * self.feature.uHu(v, moves.v), self.tau_h * self.memory.uHu(h, moves.h)

    def _speed(self, y):
        v, h = self._split(y)
        moves = self._split(self._velocity(y))
        return max(self.tau_f * _relative(moves.v, v), self.tau_h * _relative(moves.h, h))

    def _adiabatic_speed(self, v):
        return self.tau_f * _relative(self._adiabatic(v), v)

    def _split(self, y) -> Groups:
        return Groups(y[..., : self.size], y[..., self.size :])

    # Checks of input ------------------------------------------------------------------------------------------------

    def _features(self, v, *, complex_too=False, name="v") -> np.ndarray:
        v = as_reals(v, name, (1, 2), length=self.size, complex_too=complex_too)
        v = v if np.iscomplexobj(v) else v.astype(np.float64)
        self.feature.defined(v, "v")
        return v

    def _groups(self, state, *, complex_too=False) -> Groups:
        if not isinstance(state, tuple | list) or len(state) != 2:
            what = f"shape {state.shape}" if isinstance(state, np.ndarray) else type(state).__name__
            raise ValueError(f"state: {what}; expected a pair (v, h), for example model.asleep(v) or model.awake(v)")
        v = self._features(state[0], complex_too=complex_too, name="v of state")
        h = as_reals(state[1], "h of state", (1, 2), length=self.count, complex_too=complex_too)
        h = h if np.iscomplexobj(h) else h.astype(np.float64)
        if v.shape[:-1] != h.shape[:-1]:
            raise ValueError(f"v, h: shapes {v.shape}, {h.shape}; expected one h for each v")
        self.memory.defined(h, "h")
        return Groups(v, h)

    def _one(self, state: Groups) -> np.ndarray:
        if state.v.ndim != 1:
            raise ValueError(f"state: a batch of {len(state.v)}; expected one state, v of shape ({self.size},)")
        return np.concatenate(state)

    def _fastest(self, adiabatic=False) -> tuple[str, float]:
        fast = not adiabatic and self.tau_h < self.tau_f
        return ("tau_h", self.tau_h) if fast else ("tau_f", self.tau_f)


def _relative(move: np.ndarray, x: np.ndarray) -> float:
    return float(np.abs(move).max() / (1 + np.abs(x).max()))
