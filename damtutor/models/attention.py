"""Attention as one retrieval step: softmax(β Q Kᵀ) V, its masks, its Jacobian and, where it has one, its energy.

With V = K every row of the result is one update of a continuous Hopfield network that stores the keys: the step
lowers the energy of `retrieval_energy`. With V = K W the update is followed by a linear readout W. With any other V
the keys are associated with something else; one step is still well defined, but x - softmax(β x Kᵀ) V is then no
gradient, so that the proof of descent has nothing to start from. `asymmetry` is the witness.

Source: Vaswani et al. (2017) for attention, Ramsauer et al. (2021) for the equality. Where it stops being true: the
equality is exact for one step. Dropout, LayerNorm, a free V and a residual without leak are outside the energy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from damtutor.numerics import log_mean_exp, row_blocks, softmax, softmax_product, square_distances, underflow_is_zero
from damtutor.validate import as_array, as_count, as_real, as_reals, count_axes, shown

MASKED = "expected booleans, True where a key may be attended to, for example causal_mask(3)"


def attention(queries: Any, keys: Any, values: Any, beta: float | None = None, mask: Any = None) -> np.ndarray:
    """softmax(β Q Kᵀ) V: for every query the mean of the values, weighted by how well their keys fit.

    Parameters
    ----------
    queries : `(S, d_k)`, or one query `(d_k,)`. In all three, complex numbers pass: derivatives by the complex step.
    keys : `(T, d_k)`.
    values : `(T, d_v)`.
    beta : inverse temperature > 0; None is 1/√d_k, with the size of a key, never of the model.
    mask : booleans `(T,)` for all queries or `(S, T)`, True = may be attended to; None allows all. There is no
        axis for a batch of sequences: call once a sequence, with row b of `padding_mask` for sequence b.

    Returns
    -------
    `(S, d_v)`, or `(d_v,)` for one query. float32 if all three arrays are, else float64.

    Raises
    ------
    ValueError : wrong shapes, NaN, beta <= 0, a query with no key allowed, scores too large for the dtype.

    Notes
    -----
    Scores exist in blocks that stay in the cache, never all of them; see `numerics.softmax_product`.
    """
    q, k, beta, allowed, single = _operands(queries, keys, beta, mask)
    v = _as_values(values, len(k))
    if allowed is not None and allowed.ndim == 1:  # a key that nobody may see is a key that is not stored
        k, v, allowed = k[allowed], v[allowed], None
    kind = np.result_type(q, k, v)
    if kind.kind == "c":
        out = _weights(q, k, beta, allowed) @ v
    else:
        q, k, v = (array.astype(kind, copy=False) for array in (q, k, v))
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):  # refused below
            largest = float(np.sqrt(np.einsum("td,td->t", k, k).max()))
            out = softmax_product(q, k, v, beta, largest=largest, seen=allowed)
        _refuse_overflow(out)
    return out[0] if single else out


def attention_weights(queries: Any, keys: Any, beta: float | None = None, mask: Any = None) -> np.ndarray:
    """softmax(β Q Kᵀ), `(S, T)` or `(T,)`: each row sums to 1; a masked key has weight exactly 0.

    Parameters, dtype and errors as in `attention`.
    """
    q, k, beta, allowed, single = _operands(queries, keys, beta, mask)
    weights = _weights(q, k, beta, allowed)
    return weights[0] if single else weights


def retrieval_energy(states: Any, keys: Any, beta: float | None = None, mask: Any = None) -> Any:
    """Energy that one attention step with V = K lowers: -lse_β(K x) + |x|²/2 + log(T)/β + M²/2, M = max |key|.

    lse_β(a) = log(Σ exp(β a)) / β. The two constants make it >= 0. A masked key counts neither in the sum nor in T
    and M: every query has its own memory, made of the keys it may see. Computed as `ModernHopfield.energy` is, from
    the costs |x - k|²/2 + (M² - |k|²)/2: >= 0 in floating point too, and no digits lost at small β.

    Parameters
    ----------
    states : `(S, d_k)` or `(d_k,)`.
    keys, beta, mask : as in `attention`.

    Returns
    -------
    `(S,)`, or a number for one state; computed in float64 (complex128 if an argument is complex).

    Raises
    ------
    ValueError : as `attention`; also where squares of the numbers overflow float64.
    """
    x, k, beta, allowed, single = _operands(states, keys, beta, mask, "states")
    kind = np.result_type(x, k, np.float64)
    x, k = x.astype(kind, copy=False), k.astype(kind, copy=False)
    if allowed is not None and allowed.ndim == 1:
        k, allowed = k[allowed], None
    energies, start = [], 0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):  # refused below
        squares = np.einsum("td,td->t", k, k)
        for part in row_blocks(x, len(k)):
            seen = None if allowed is None else allowed[start : start + len(part)]
            start += len(part)
            longest = np.argmax(squares.real if seen is None else np.where(seen, squares.real, -1), axis=-1)
            penalty = (squares[longest][..., None] - squares) / 2
            scores = -beta * (square_distances(part, k) / 2 + penalty)
            _refuse_overflow(scores)
            energies.append(-log_mean_exp(scores, seen) / beta)
    energies = np.concatenate(energies)
    return energies[0] if single else energies


def causal_mask(queries: int, keys: int | None = None) -> np.ndarray:
    """The mask under which position t sees the keys 0 ... t: row t is a memory of t + 1 keys.

    Parameters
    ----------
    queries : S.
    keys : T >= S; None is T = S. With T > S the queries are the last S of T positions, so that the last one sees all
        keys.

    Returns
    -------
    bool `(S, T)`, True = may be attended to.
    """
    queries = as_count(queries, "queries")
    keys = queries if keys is None else as_count(keys, "keys", queries)
    return np.tri(queries, keys, keys - queries, dtype=bool)


def padding_mask(lengths: Any, size: int) -> np.ndarray:
    """The mask that hides the filling at the end of short sequences: True for the first `lengths` of `size` keys.

    Parameters
    ----------
    lengths : a whole number in [1, size], or a sequence of B of them.
    size : T.

    Returns
    -------
    bool `(T,)` or `(B, T)`, one row a sequence. Attention with it is attention with those keys deleted. `attention`
    takes one sequence at a time: give it row b with sequence b. (Whole, the mask would be read as one row a query.)
    """
    size = as_count(size, "size")
    axes = count_axes(lengths)
    if axes not in (0, 1) or np.size(lengths) == 0:
        raise ValueError(f"lengths is {shown(lengths)}; expected a whole number or a sequence, as in [3, 5]")
    if axes == 0:
        return np.arange(size) < as_count(lengths, "lengths", 1, size)
    counts = np.array([as_count(n, f"lengths[{i}]", 1, size) for i, n in enumerate(lengths)])
    return np.arange(size) < counts[:, None]


def attention_jacobian(query: Any, keys: Any, values: Any, beta: float | None = None, mask: Any = None) -> np.ndarray:
    """How the result moves with the query: β Vᵀ (diag p - p pᵀ) K, `(d_v, d_k)`.

    Parameters
    ----------
    query : real `(d_k,)`.
    keys, values, beta : as in `attention`.
    mask : `(T,)` or None.

    Notes
    -----
    It is β times the covariance of values and keys under the weights p. With V = K that is symmetric, with
    eigenvalues >= 0; with V = K W it is Wᵀ times such a matrix, symmetric only for special W.
    """
    q = as_reals(query, "query", 1)
    k = as_reals(keys, "keys", 2, length=len(q))
    v = as_reals(values, "values", 2)
    v = _as_values(v, len(k))
    p = attention_weights(q, k, beta, mask)
    beta = _as_beta(beta, len(q))
    return beta * ((v - p @ v).T * p) @ (k - p @ k)  # both centred: no difference of large numbers


@underflow_is_zero
def asymmetry(matrix: Any) -> float:
    """|A - Aᵀ| / |A| in the Frobenius norm, `(d, d)` -> [0, 2]: 0 if symmetric, √2 on average if all is random.

    A field is the gradient of an energy, on a region without holes, exactly when its Jacobian is symmetric at every
    point. One point where x - f(x) has an asymmetric Jacobian therefore shows that no energy has this field as its
    gradient. It does not show that nothing at all falls along the iteration: with V = K W, W symmetric and positive
    definite, xᵀ W⁻¹ x / 2 - lse_β(K x) does, though x - f(x) is not its gradient.

    A zero matrix is symmetric: 0.
    """
    matrix = as_reals(matrix, "matrix", 2)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"matrix: shape {matrix.shape}; expected a square one: only d_v = d_k can be iterated")
    largest = float(np.abs(matrix).max())
    if largest == 0:
        return 0.0
    matrix = matrix.astype(np.float64) / largest  # or the squares leave float64
    return float(np.linalg.norm(matrix - matrix.T) / np.linalg.norm(matrix))


def _weights(q, k, beta, allowed) -> np.ndarray:
    """softmax(β Q Kᵀ) `(S, T)` of checked arguments."""
    kind = np.result_type(q, k)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        scores = (beta * q.astype(kind, copy=False)) @ k.T.astype(kind, copy=False)
    if allowed is not None:
        np.copyto(scores, -np.inf, where=~allowed)
    _refuse_overflow(scores.real.max(axis=1))
    return softmax(scores)


def _refuse_overflow(scores):
    if not np.isfinite(scores).all():
        raise ValueError(
            f"beta * queries @ keys.T overflows {scores.dtype}; expected a smaller beta, shorter vectors, or float64"
        )


def _operands(queries, keys, beta, mask, name="queries"):
    """Queries `(S, d_k)`, keys `(T, d_k)`, β, mask or None, and whether there was one query only; all checked."""
    q = as_reals(queries, name, (1, 2), complex_too=True, own=False)
    k = as_reals(keys, "keys", 2, length=q.shape[-1], complex_too=True, own=False)
    single = q.ndim == 1
    q = q[None] if single else q
    return q, k, _as_beta(beta, k.shape[1]), _as_mask(mask, len(q), len(k), single), single


def _as_beta(beta, size) -> float:
    return 1 / math.sqrt(size) if beta is None else as_real(beta, "beta", low=0.0, strict=True)


def _as_values(values, count):
    v = as_reals(values, "values", 2, complex_too=True, own=False)
    if len(v) != count:
        raise ValueError(f"values: {len(v)} rows; expected {count}, one value a key")
    return v


def _as_mask(mask, rows, count, single) -> np.ndarray | None:
    """The mask, checked; None if it allows everything."""
    if mask is None:
        return None
    mask = as_array(mask, "mask", MASKED, filled="{}.filled(False)")
    if mask.dtype != bool:
        raise ValueError(f"mask: dtype {mask.dtype}; {MASKED}")
    shapes = ((count,),) if single else ((count,), (rows, count))
    if mask.shape not in shapes:
        raise ValueError(f"mask: shape {mask.shape}; expected {' or '.join(map(str, shapes))}; {MASKED}")
    empty = np.flatnonzero(~np.atleast_2d(mask).any(axis=1))
    if len(empty):
        where = f"row {empty[0]}" if mask.ndim == 2 else "it"
        raise ValueError(f"mask: {where} allows no key, so there is nothing to attend to; expected one True or more")
    return None if mask.all() else mask
