"""From attention to retrieval and back: the parts of a transformer layer read as associative memories.

The mapping. R `(S, d_m)` are state patterns, Y `(T, d_m)` stored patterns. One update of every row of Q = R W_Q in
the memory K = Y W_K, followed by a readout W, is attention with V = Y W_K W: the values factor through the keys. A
causal mask at position t is a memory of the first t + 1 keys, a padding mask is deleted rows, H heads are H memories
whose results are added. β = 1/√d_k is an inverse temperature.

Source: Ramsauer et al. (2021), Vaswani et al. (2017), Ba, Kiros & Hinton (2016) for LayerNorm. Where it stops being
true: a transformer takes one step with trained weights, in which V is free. Nothing here says how a language model
stores facts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import Frozen
from damtutor.models.attention import attention, attention_weights, retrieval_energy
from damtutor.numerics import underflow_is_zero
from damtutor.validate import as_choice, as_count, as_flag, as_generator, as_real, as_reals, count_axes

RESIDUALS = ("leak", "plain")
BETWEEN = ("nothing", "layernorm")


class Operands(NamedTuple):
    """What attention takes: queries `(S, d_k)`, keys `(T, d_k)`, values `(T, d_v)`."""

    queries: np.ndarray
    keys: np.ndarray
    values: np.ndarray


class Retrieval(NamedTuple):
    """Attention read as a memory.

    Attributes
    ----------
    memory : the keys `(T, d_k)`, one stored pattern a row.
    readout : the W `(d_k, d_v)` for which K W comes closest to V.
    residual : |V - K W| / |V| in the Frobenius norm, in [0, 1].
    tied : residual <= tolerance: attention is one retrieval step followed by W.
    """

    memory: np.ndarray
    readout: np.ndarray
    residual: float
    tied: bool


class Iteration(NamedTuple):
    """Attention applied again and again; `queries` of shape `(d,)` drop the axis S.

    Attributes
    ----------
    states : `(steps + 1, S, d)`, the queries first.
    weights : `(steps, S, T)`: those of step t belong to states[t].
    energies : float64 `(steps + 1, S)`, or None where the iteration has no energy (see `iterate`).
    """

    states: np.ndarray
    weights: np.ndarray
    energies: np.ndarray | None


def from_retrieval(
    states: Any, stored: Any, query_weights: Any, key_weights: Any, readout: Any | None = None
) -> Operands:
    """The attention whose result is one update of R W_Q in the memory Y W_K, followed by the readout W.

    Parameters
    ----------
    states : R `(S, d_m)`.
    stored : Y `(T, d_m)`.
    query_weights, key_weights : W_Q, W_K `(d_m, d_k)`.
    readout : W `(d_k, d_v)`; None is the identity (d_v = d_k).

    Returns
    -------
    Operands: `attention(*from_retrieval(...))` is the result; the value matrix of the layer is W_K W.

    Raises
    ------
    ValueError : sizes that do not fit, NaN.
    """
    r, y = as_reals(states, "states", 2), as_reals(stored, "stored", 2)
    w_q = _as_weights(query_weights, "query_weights", r.shape[1])
    w_k = _as_weights(key_weights, "key_weights", y.shape[1], w_q.shape[1])
    k = y @ w_k
    return Operands(r @ w_q, k, k.copy() if readout is None else k @ _as_weights(readout, "readout", w_k.shape[1]))


def to_retrieval(keys: Any, values: Any, *, tolerance: float = 1e-9) -> Retrieval:
    """Whether attention is tied, V = K W for some W, and the memory it then is.

    Parameters
    ----------
    keys : K `(T, d_k)`: the answer holds for these stored patterns. Or the weights W_K `(d_m, d_k)`: the answer then
        holds for every input, and `memory` is W_K.
    values : V `(T, d_v)`, or the weights W_V `(d_m, d_v)`.
    tolerance : largest relative residual that counts as tied.

    Notes
    -----
    W is the least-squares solution. With T <= d_k independent keys every V is tied: so few patterns cannot tell.
    Tied means: one step is a retrieval step, read out by W. With W = 1 the result can be the next query.
    """
    k, v = as_reals(keys, "keys", 2), as_reals(values, "values", 2)
    if len(v) != len(k):
        raise ValueError(f"values: {len(v)} rows; expected {len(k)}, one value a key")
    tolerance = as_real(tolerance, "tolerance", low=0.0)
    readout = np.linalg.lstsq(k, v, rcond=None)[0]
    size = np.linalg.norm(v)
    residual = float(np.linalg.norm(v - k @ readout) / size) if size else 0.0
    return Retrieval(k, readout, residual, residual <= tolerance)


@dataclass(frozen=True, eq=False)
class MultiHead(Frozen):
    """H attention heads side by side: H independent memories in projected spaces, added up.

    Parameters
    ----------
    query_weights, key_weights : `(H, d_m, d_k)`.
    value_weights : `(H, d_m, d_v)`.
    output_weights : W_O `(H * d_v, d_m)`; head h owns the rows h d_v ... (h + 1) d_v - 1.
    beta : None is 1/√d_k, with the size of a head's key and not of the model.

    Raises
    ------
    ValueError : sizes that do not fit, NaN, beta <= 0.
    """

    query_weights: Any
    key_weights: Any
    value_weights: Any
    output_weights: Any
    beta: float | None = None
    heads: int = field(init=False, repr=False)

    def __post_init__(self):
        w_q = as_reals(self.query_weights, "query_weights", 3)
        heads, model, key = w_q.shape
        w_k, w_v = as_reals(self.key_weights, "key_weights", 3), as_reals(self.value_weights, "value_weights", 3)
        if w_k.shape != w_q.shape:
            raise ValueError(f"key_weights: shape {w_k.shape}; expected {w_q.shape}, that of query_weights")
        if w_v.shape[:2] != (heads, model):
            raise ValueError(f"value_weights: shape {w_v.shape}; expected ({heads}, {model}, d_v)")
        rows = heads * w_v.shape[2]
        w_o = _as_weights(self.output_weights, "output_weights", rows, model)
        beta = 1 / math.sqrt(key) if self.beta is None else as_real(self.beta, "beta", low=0.0, strict=True)
        named = {"query_weights": w_q, "key_weights": w_k, "value_weights": w_v, "output_weights": w_o}
        for name, array in named.items():
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "beta", beta)
        object.__setattr__(self, "heads", heads)

    def __repr__(self) -> str:
        _, model, key = self.query_weights.shape
        return f"MultiHead({self.heads} heads, d_m={model}, d_k={key}, d_v={self.value_weights.shape[2]})"

    @classmethod
    def random(
        cls, heads: int, model: int, key: int, value: int | None = None, *, tied: bool = False, rng: Any = None
    ) -> MultiHead:
        """Heads with independent normal weights of variance 1/(number of rows): untrained, sizes kept on average.

        Parameters
        ----------
        heads : H.
        model : d_m.
        key : d_k.
        value : d_v; None is d_k.
        tied : the value weights are the key weights, V = K in every head: each is a memory whose retrieval step it
            takes.
        rng : seed or Generator.
        """
        heads, model, key = as_count(heads, "heads"), as_count(model, "model"), as_count(key, "key")
        value, tied = key if value is None else as_count(value, "value"), as_flag(tied, "tied")
        if tied and value != key:
            raise ValueError(f"value is {value}; expected {key}, the size of a key, with tied=True")
        rng = as_generator(rng)
        w_q, w_k, w_v = (rng.standard_normal((heads, model, size)) / math.sqrt(model) for size in (key, key, value))
        return cls(
            w_q, w_k, w_k if tied else w_v, rng.standard_normal((heads * value, model)) / math.sqrt(heads * value)
        )

    def __call__(self, states: Any, stored: Any = None, mask: Any = None) -> np.ndarray:
        """What the layer adds to its input: the heads' results side by side, times W_O; `(S, d_m)`.

        Parameters
        ----------
        states : `(S, d_m)`.
        stored : `(T, d_m)`; None is self-attention, stored = states.
        mask : as in `attention`.
        """
        r, y = self._inputs(states, stored)
        return np.concatenate([self._head(h, r, y, mask) for h in range(self.heads)], axis=1) @ self.output_weights

    def per_head(self, states: Any, stored: Any = None, mask: Any = None) -> np.ndarray:
        """Each head's own contribution, `(H, S, d_m)`: its result times its rows of W_O. They add up to the call."""
        r, y = self._inputs(states, stored)
        width = self.value_weights.shape[2]
        blocks = self.output_weights.reshape(self.heads, width, -1)
        return np.stack([self._head(h, r, y, mask) @ blocks[h] for h in range(self.heads)])

    def weights(self, head: int, states: Any, stored: Any = None, mask: Any = None) -> np.ndarray:
        """Attention weights of one head, 0 <= head < H: `(S, T)`, rows that sum to 1. Arguments as in the call."""
        queries, keys, _ = self.operands(head, states, stored)
        return attention_weights(queries, keys, self.beta, mask)

    def operands(self, head: int, states: Any, stored: Any = None) -> Operands:
        """Queries, keys and values of one head, 0 <= head < H."""
        r, y = self._inputs(states, stored)
        return self._project(as_count(head, "head", 0, self.heads - 1), r, y)

    def _inputs(self, states, stored):
        model = self.query_weights.shape[1]
        r = as_reals(states, "states", 2, length=model)
        return r, r if stored is None else as_reals(stored, "stored", 2, length=model)

    def _project(self, h, r, y) -> Operands:
        return Operands(r @ self.query_weights[h], y @ self.key_weights[h], y @ self.value_weights[h])

    def _head(self, h, r, y, mask) -> np.ndarray:
        return attention(*self._project(h, r, y), self.beta, mask)


@underflow_is_zero
def layer_norm(x: Any, gain: Any = 1.0, bias: Any = 0.0, eps: float = 1e-5) -> np.ndarray:
    """gain (x - mean) / √(variance + eps) + bias over the last axis; the shape of `x`, `(d,)` or `(S, d)`.

    Parameters
    ----------
    gain, bias : a number each, or `(d,)`.
    eps : >= 0, added to the variance; with 0 a row of equal entries is refused, since it has no direction. Rows of any
        size pass, 1e-200 or 1e200.

    Notes
    -----
    With gain 1, bias 0 every row gets the norm √(d v/(v + eps)), v its variance: √d but for eps. This fixes the M
    of the energy, so that β alone sets the sharpness. The variance is the mean of squares, not the sample's.
    """
    x = as_reals(x, "x", (1, 2), complex_too=True)
    eps = as_real(eps, "eps", low=0.0)
    gain, bias = (_as_scale(value, name, x.shape[-1]) for value, name in ((gain, "gain"), (bias, "bias")))
    level = (x == x[..., :1]).all(axis=-1, keepdims=True)
    if eps == 0 and level.any():
        raise ValueError("x: a row has equal entries only, so its variance is 0; expected eps > 0, for example 1e-5")
    # Divided by a power of two near the largest entry, exactly, the squares stay inside the dtype
    limits, root = np.finfo(x.dtype), math.sqrt(eps)
    largest = np.clip(np.abs(x).max(axis=-1, keepdims=True), max(root, 4 * float(limits.tiny)), None)
    scale = np.ldexp(np.ones_like(largest), np.frexp(largest)[1] - 1)
    centred = x / scale
    centred = np.where(level, 0, centred - centred.mean(axis=-1, keepdims=True))  # no noise of the mean's rounding
    deviation = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + (root / scale) ** 2)
    deviation = np.where(level, 1, deviation)
    return (centred / deviation * gain + bias).astype(x.dtype, copy=False)


def iterate(
    queries: Any,
    keys: Any,
    values: Any = None,
    *,
    beta: float | None = None,
    steps: int = 1,
    mask: Any = None,
    rate: float = 1.0,
    residual: str = "leak",
    between: str = "nothing",
) -> Iteration:
    """Feed the result of attention back as the query; keys, values and mask stay.

    Parameters
    ----------
    queries : x `(S, d)` or `(d,)`.
    keys : `(T, d)`.
    values : `(T, d)`; None is tied, V = K.
    beta, mask : as in `attention`.
    steps : >= 1.
    residual : "leak": x + rate (f - x), with f = softmax(β x Kᵀ) V. "plain": x + f, as a transformer adds it.
    rate : in (0, 2); 1 replaces x by f. Belongs to "leak".
    between : "layernorm" sends every new state through `layer_norm`; the queries are taken as they are.

    Returns
    -------
    Iteration. `energies` are there for V = K, "leak" and "nothing", where every step lowers them by at least
    rate (1 - rate/2) |f - x|². They are None otherwise. Free V: x - f is no gradient, so no energy belongs to it.
    "plain": the step f is not along f - x, and often leads up. LayerNorm: it moves the state off the descent.
    `retrieval_energy(states, keys)` may still be evaluated, to see it rise.

    Raises
    ------
    ValueError : sizes that do not fit, rate outside (0, 2), a rate with "plain", an unknown name.
    """
    x = as_reals(queries, "queries", (1, 2))
    k = as_reals(keys, "keys", 2, length=x.shape[-1])
    tied = values is None or np.array_equal(values, k)
    v = k if values is None else as_reals(values, "values", 2, length=x.shape[-1])
    steps, rate = as_count(steps, "steps"), as_real(rate, "rate", low=0.0, high=2.0, strict=True)
    as_choice(residual, "residual", RESIDUALS)
    as_choice(between, "between", BETWEEN)
    if residual == "plain" and rate != 1:
        raise ValueError(f'rate is {rate:g}; expected 1 with residual="plain", which adds the whole result')
    states, weights = [x], []
    for _ in range(steps):
        f = attention(x, k, v, beta, mask)
        weights.append(attention_weights(x, k, beta, mask))
        x = x + f if residual == "plain" else f if rate == 1 else x + rate * (f - x)
        x = layer_norm(x) if between == "layernorm" else x
        states.append(x)
    falls = tied and residual == "leak" and between == "nothing"
    energies = np.array([retrieval_energy(s, k, beta, mask) for s in states]) if falls else None
    return Iteration(np.array(states), np.array(weights), energies)


def _as_weights(values, name, rows, columns=None) -> np.ndarray:
    array = as_reals(values, name, 2, length=columns)
    if len(array) != rows:
        raise ValueError(f"{name}: {len(array)} rows; expected {rows}, the size of what it multiplies")
    return array


def _as_scale(value, name, size):
    """A number or `(size,)`, finite."""
    return as_real(value, name) if count_axes(value) == 0 else as_reals(value, name, 1, length=size)
