"""Networks of any number of layers and many-body synapses: one energy, and every part brings its own slope.

    layer a:    state x_a, Lagrangian L_a, activations g_a = ∂L_a/∂x_a, and its energy is x_a·g_a - L_a(x_a)
    synapse s:  an energy E_s(g_a, g_b, ...) of the activations of one or more layers
    E = Σ_a [(x_a - I_a)·g_a - L_a(x_a)] + Σ_s E_s

The energy of a layer is the Legendre transform of L_a: its slope by g_a is x_a. So, without the inverse of any Hessian,

    ∂E/∂g_a = x_a - I_a + Σ_s ∂E_s/∂g_a,     τ_a x_a' = -∂E/∂g_a,     dE/dt = -Σ_a τ_a x_a'·H_a x_a'.

H_a is the Hessian of L_a; with convex Lagrangians E cannot rise, whatever the synapses. The slope by x is another one,
∂E/∂x_a = H_a ∂E/∂g_a: it leads downhill too, by another and slower way. Parts add, and so do their guarantees.

A layer may also come without its own energy (leak=False): x_a leaves the slope, -I_a + Σ_s ∂E_s/∂g_a stays, and dE/dt
is the same expression for the E that is left. So move the tokens of a transformer.

Source: Krotov (2021) and Hoover et al. (2022). Where it stops being true: a step of finite length `dt` can overshoot;
E need not have a lower bound (three-body synapses need bounded g); and a single neuron cannot be clamped in a layer
whose neurons depend on each other, since a part of a Hessian times a velocity may point uphill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from damtutor.memory import Trace
from damtutor.models.layers import ALONE, Layer
from damtutor.models.synapses import Synapse, check_synapse, shapes_of
from damtutor.validate import (
    as_choice,
    as_count,
    as_flag,
    as_items,
    as_kind,
    as_mask,
    as_named,
    as_real,
    as_reals,
    as_records,
    shown,
)

State = dict[str, np.ndarray]
LAYERS = '{"v": Layer(8, Tanh(4.0))}'
SYNAPSES = 'expected a list of them, for example [quadratic("v", W)]'
CLAMP = 'expected a name, names of layers, or name -> booleans, for example {"v": [True, False]}'


@dataclass(frozen=True, eq=False)
class Network:
    """Layers joined by synapses. A state is a dict, one array a layer; no method changes it.

    Parameters
    ----------
    layers : name → `Layer`.
    synapses : `Synapse`s whose names are layers.
    inputs : name → input I_a, the layer's shape.
    check : compare every synapse's slopes with its energy once, at random activities, by the complex step. It costs
        one energy a neuron; False for large networks whose synapses are known.

    Raises
    ------
    ValueError : no layers, unknown names, shapes that cannot meet, or slopes that are not those of the energy.

    Examples
    --------
    >>> from damtutor.models.lagrangians import Tanh
    >>> from damtutor.models.synapses import quadratic
    >>> hopfield = Network({"v": Layer(2, Tanh(4.0))}, [quadratic("v", [[0.0, 1.0], [1.0, 0.0]])])
    >>> end = hopfield.retrieve({"v": [0.3, -0.1]}, dt=0.1).state
    >>> hopfield.activations(end)["v"].round(2).tolist()  # both agree in the end
    [1.0, 1.0]
    """

    layers: Mapping[str, Layer]
    synapses: Sequence[Synapse] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    check: bool = True

    def __post_init__(self):
        layers = as_named(self.layers, "layers", LAYERS)
        for name, layer in layers.items():
            as_kind(layer, f"layers[{name!r}]", Layer, f"a Layer, for example {LAYERS}")
        synapses = as_items(self.synapses, "synapses", SYNAPSES)
        for k, synapse in enumerate(synapses):
            as_kind(synapse, f"synapses[{k}]", Synapse, f"a Synapse; {SYNAPSES}")
            _known(synapse.names, layers, f"synapse {synapse.label!r}")
        given = as_named(self.inputs, "inputs", '{"v": [0.0, 1.0]}', least=0)
        _known(given, layers, "inputs")
        inputs = {name: as_reals(x, f"inputs[{name!r}]", len(layers[name].shape)) for name, x in given.items()}
        for name, x in inputs.items():
            _shaped(x, layers[name].shape, f"inputs[{name!r}]")
            x.flags.writeable = False
        labels = [s.label for s in synapses]
        if len({*labels, *layers}) < len(labels) + len(layers):
            raise ValueError(f"synapses: labels {labels} with layers {list(layers)}; expected names that all differ")
        for name, value in (("layers", layers), ("synapses", synapses), ("inputs", inputs)):
            object.__setattr__(self, name, value)
        check = as_flag(self.check, "check")
        rng = np.random.default_rng(0)
        g = {name: layer.lagrangian.g(rng.standard_normal(layer.shape)) for name, layer in layers.items()}
        for synapse in synapses:
            active = [g[name] for name in synapse.names]
            if check:
                check_synapse(synapse, *active)
            else:
                shapes_of(synapse, active)

    def __repr__(self) -> str:
        parts = ", ".join(f"{name} {layer.shape}" for name, layer in self.layers.items())
        return f"Network(layers {parts}; synapses {', '.join(s.label for s in self.synapses) or 'none'})"

    def activations(self, state: Any) -> State:
        """g_a of every layer, name → the layer's shape. Errors: a state that is not one array a layer."""
        return self._activations(self._state(state))

    def energy(self, state: Any) -> Any:
        """E of one state, a float; no unit. Complex states pass, for gradients by the complex step.

        >>> from damtutor.models.lagrangians import Identity
        >>> Network({"v": Layer(2, Identity())}).energy({"v": [3.0, 4.0]})
        12.5
        """
        return sum(self.energies(state).values())

    def energies(self, state: Any) -> dict[str, Any]:
        """The terms of E, name of a layer or label of a synapse → a float; that of a layer contains -I_a·g_a.

        >>> from damtutor.models.synapses import quadratic
        >>> from damtutor.models.lagrangians import Identity
        >>> net = Network({"v": Layer(2, Identity())}, [quadratic("v", [[0, 1], [1, 0]], label="pair")])
        >>> net.energies({"v": [3.0, 4.0]})
        {'v': 12.5, 'pair': -12.0}
        """
        state = self._state(state)
        g, terms = self._activations(state), {}
        for name, layer in self.layers.items():
            own = -(self._input(name) * g[name]).sum()
            if layer.leak:
                own = own + (state[name] * g[name]).sum() - layer.lagrangian.L(state[name]).sum()
            terms[name] = own.item()
        for synapse in self.synapses:
            terms[synapse.label] = np.asarray(synapse.energy(*(g[name] for name in synapse.names))).item()
        return terms

    def dEdg(self, state: Any) -> State:
        """∂E/∂g_a = x_a - I_a + Σ_s ∂E_s/∂g_a, name → the layer's shape.

        >>> from damtutor.models.lagrangians import Identity
        >>> Network({"v": Layer(2, Identity())}, inputs={"v": [1.0, 1.0]}).dEdg({"v": [3.0, 4.0]})["v"].tolist()
        [2.0, 3.0]
        """
        return self._slopes(self._state(state))

    def velocity(self, state: Any, *, clamp: Any = ()) -> State:
        """x_a' = -(∂E/∂g_a)/τ_a; zero where clamped. Parameters as in `step`."""
        state = self._state(state)
        return self._velocity(state, self._clamped(clamp))

    def dissipation(self, state: Any, *, clamp: Any = ()) -> dict[str, float]:
        """τ_a x_a'·H_a x_a' of every layer: what it takes from E per unit of time. dE/dt is minus their sum.

        Never negative with convex Lagrangians. Zero is no proof of rest: the Hessian may be singular.

        >>> from damtutor.models.lagrangians import Identity
        >>> Network({"v": Layer(2, Identity(), tau=0.5)}).dissipation({"v": [3.0, 4.0]})
        {'v': 50.0}
        """
        state = self._state(state)
        moves = self._velocity(state, self._clamped(clamp))
        return {
            name: layer.tau * float(layer.lagrangian.uHu(state[name], moves[name]).sum())
            for name, layer in self.layers.items()
        }

    def step(self, state: Any, rng: Any = None, *, dt: float = 0.1, clamp: Any = ()) -> State:
        """The state after a time `dt`: x_a + dt x_a', all layers at once; a new dict. rng is not used.

        Parameters
        ----------
        state : name → array of the layer's shape.
        dt : > 0; E falls for small dt, it need not for large ones.
        clamp : what is held, bit by bit: a name, names of layers, or name → bool mask of the layer's shape; None is
            nothing. In layers
            whose neurons depend on each other (lse, sphere, layer norm) only whole rows can be held.

        Raises
        ------
        ValueError : a wrong state, dt or clamp.

        Examples
        --------
        >>> from damtutor.models.lagrangians import Identity
        >>> net = Network({"v": Layer(2, Identity())})
        >>> net.step({"v": [1.0, 2.0]}, dt=0.5, clamp={"v": [True, False]})["v"].tolist()
        [1.0, 1.0]
        """
        state, clamped = self._state(state), self._clamped(clamp)
        return self._step(state, as_real(dt, "dt", low=0.0, strict=True), clamped)

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "sync",
        max_sweeps: int = 1000,
        rng: Any = None,
        record: str | Sequence[str] = (),
        dt: float = 0.1,
        clamp: Any = (),
        tolerance: float = 1e-6,
    ) -> Trace:
        """Step until no neuron moves faster than `tolerance` (1 + the largest |x|), at most `max_sweeps` times.

        Parameters
        ----------
        state, dt, clamp : as in `step`.
        order : "sync" only.
        max_sweeps : >= 1.
        rng : not used.
        record : "states" or nothing.
        tolerance : > 0, of the velocities times τ.

        Returns
        -------
        Trace: `state` is a dict, one array a layer; with record="states" a list of them.
        """
        if as_choice(order, "order", ("async", "sync")) == "async":
            raise ValueError('order is "async"; expected "sync": all layers move together')
        keep = "states" in as_records(record, ("states",))
        sweeps, dt = as_count(max_sweeps, "max_sweeps"), as_real(dt, "dt", low=0.0, strict=True)
        tolerance = as_real(tolerance, "tolerance", low=0.0, strict=True)
        state, clamped = self._state(state), self._clamped(clamp)
        energies, states, made = [self.energy(state)], [state], 0
        while not (rests := self._speed(state, clamped) <= tolerance) and made < sweeps:
            state = self._step(state, dt, clamped)
            energies.append(self.energy(state))
            made += 1
            if keep:
                states.append(state)
        return Trace(
            state, np.array(energies), rests, made, states=states if keep else None, period=1 if rests else None
        )

    # Without checks -------------------------------------------------------------------------------------------------

    def _input(self, name) -> Any:
        return self.inputs.get(name, 0.0)

    def _activations(self, state) -> State:
        return {name: layer.lagrangian.g(state[name]) for name, layer in self.layers.items()}

    def _slopes(self, state) -> State:
        g = self._activations(state)
        slopes = {name: x * self.layers[name].leak - self._input(name) for name, x in state.items()}
        for synapse in self.synapses:
            for name, slope in zip(synapse.names, synapse.grads(*(g[n] for n in synapse.names)), strict=True):
                slopes[name] = slopes[name] + slope
        return slopes

    def _velocity(self, state, clamped) -> State:
        slopes = self._slopes(state)
        moves = {name: -slopes[name] / layer.tau for name, layer in self.layers.items()}
        return {name: np.where(clamped[name], 0.0, x) if name in clamped else x for name, x in moves.items()}

    def _step(self, state, dt, clamped) -> State:
        moves = self._velocity(state, clamped)
        new = {name: x + dt * moves[name] for name, x in state.items()}
        return self._state(
            {name: np.where(clamped[name], state[name], x) if name in clamped else x for name, x in new.items()}
        )

    def _speed(self, state, clamped) -> float:
        moves = self._velocity(state, clamped)
        return max(
            float(layer.tau * np.abs(moves[name]).max() / (1 + np.abs(state[name]).max()))
            for name, layer in self.layers.items()
        )

    # Checks of input ------------------------------------------------------------------------------------------------

    def _state(self, state) -> State:
        if not isinstance(state, Mapping) or set(state) != set(self.layers):
            what = f"names {shown(sorted(map(str, state)))}" if isinstance(state, Mapping) else type(state).__name__
            raise ValueError(f"state: {what}; expected a dict with one array for each of {', '.join(self.layers)}")
        checked = {}
        for name, layer in self.layers.items():
            x = as_reals(state[name], f"state[{name!r}]", len(layer.shape), complex_too=True)
            _shaped(x, layer.shape, f"state[{name!r}]")
            layer.lagrangian.defined(x, f"state[{name!r}]")
            checked[name] = x if np.iscomplexobj(x) else x.astype(np.float64)
        return checked

    def _clamped(self, clamp) -> dict[str, np.ndarray]:
        if clamp is None or isinstance(clamp, str):
            clamp = () if clamp is None else (clamp,)
        masks = clamp if isinstance(clamp, Mapping) else dict.fromkeys(map(str, as_items(clamp, "clamp", CLAMP)), True)
        _known(masks, self.layers, "clamp")
        clamped = {}
        for name, mask in masks.items():
            layer = self.layers[name]
            mask = as_mask(mask, f"clamp[{name!r}]", layer.shape, ())
            whole = np.broadcast_to(mask, layer.shape)
            if not isinstance(layer.lagrangian, ALONE) and (whole != whole[..., :1]).any():
                raise ValueError(
                    f"clamp[{name!r}]: a part of a row; expected whole rows, since the neurons of a row depend on each "
                    f"other in {type(layer.lagrangian).__name__} and E may rise when only some of them are held"
                )
            clamped[name] = whole
        return clamped


def _known(names, layers, what) -> None:
    unknown = [name for name in names if name not in layers]
    if unknown:
        raise ValueError(f"{what}: no layer {shown(unknown[0])}; expected names among {', '.join(map(repr, layers))}")


def _shaped(x, shape, name) -> None:
    if x.shape != shape:
        raise ValueError(f"{name}: shape {x.shape}; expected {shape}, as the layer")
