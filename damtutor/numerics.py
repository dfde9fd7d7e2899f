"""Softmax and log-sum-exp without overflow, softmax times a matrix in the cache, and gradients by the complex step.

`logsumexp`, `softmax` and `square_distances` take complex arguments: real parts decide (which term is largest), so
that an imaginary part of 1e-30 carries the derivative through without rounding.

Source: Squire & Trapp (1998) for the complex step; Milakov & Gimelshein (2018) for the softmax whose maximum grows
while it is summed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from damtutor.validate import as_array, as_function, as_mask, as_real, as_reals, shown

SCORES = 1 << 16  # scores of one block: a quarter of a megabyte of float32, which a second-level cache holds
ROWS = 128  # queries of one block; more where the keys are few
# A decorator: a term that is too small for a float is 0, whatever `np.seterr` says of underflow
underflow_is_zero = np.errstate(under="ignore")


@underflow_is_zero
def logsumexp(a: np.ndarray, axis: int = -1) -> np.ndarray:
    """log Σ exp(a) along `axis`, relative to the largest term: no overflow, no underflow of the sum.

    Parameters
    ----------
    a : array-like, real or complex. An entry of -inf counts nothing; a slice of nothing but -inf gives -inf.

    Raises
    ------
    ValueError : no numbers, or an axis that `a` does not have.
    """
    a = _numbers(a, axis)
    top = np.max(a.real, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore", under="ignore"):  # log 0 = -inf is meant
        return np.squeeze(top, axis) + np.log(np.sum(np.exp(a - top), axis=axis))


@underflow_is_zero
def softmax(a: np.ndarray, axis: int = -1) -> np.ndarray:
    """exp(a) / Σ exp(a) along `axis`; same shape as `a`. A slice needs one entry above -inf, else it is nan.

    Errors as in `logsumexp`.
    """
    a = _numbers(a, axis)
    weights = np.exp(a - np.max(a.real, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)


@underflow_is_zero
def log_mean_exp(a: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
    """log of the mean of exp(a) over the last axis; full relative accuracy also where all terms are nearly equal.

    Parameters
    ----------
    a : array-like, real or complex, finite.
    counted : bool, as `a`: the terms of the mean, one or more in every slice; None counts all.
    """
    a = _numbers(a, -1)
    counted = None if counted is None else as_mask(counted, "counted", a.shape)
    if counted is None:
        number, top = a.shape[-1], a.real.max(axis=-1, keepdims=True)
        shift, level = a - top, a.real.min(axis=-1) - top[..., 0] > -1
    else:
        number, top = counted.sum(axis=-1), np.where(counted, a.real, -np.inf).max(axis=-1, keepdims=True)
        shift = np.where(counted, a - top, 0)
        level = shift.real.min(axis=-1) > -1
    flat = steep = 0
    if level.any():  # a term that does not count adds expm1(0) = 0; elsewhere than at level ones the mean may be -1
        flat = np.log1p(np.where(level, np.expm1(shift).sum(axis=-1) / number, 0))
    if not level.all():
        terms = np.exp(shift)
        steep = np.log((terms if counted is None else np.where(counted, terms, 0)).sum(axis=-1)) - np.log(number)
    return top[..., 0] + np.where(level, flat, steep)


def _numbers(a, axis) -> np.ndarray:
    """`a` as an array of floats or complex numbers, perhaps itself, that has the axis."""
    if not (type(a) is np.ndarray and a.dtype.kind in "fc"):
        a = as_array(a, "a", "expected numbers")
        if a.dtype.kind not in "iufc":
            raise ValueError(f"a: dtype {a.dtype}; expected real or complex numbers")
        a = a.astype(np.float64) if a.dtype.kind in "iu" else a
    if not a.size:
        raise ValueError(f"a: empty, shape {a.shape}; expected one number or more")
    if not isinstance(axis, int | np.integer) or isinstance(axis, bool) or not -a.ndim <= axis < a.ndim:
        raise ValueError(f"axis is {shown(axis)}; expected one of the axes of a, whose shape is {a.shape}")
    return a


@underflow_is_zero
def square_distances(rows: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """|row - pattern|², `(B, K)`, from direct differences; without conjugate, so that complex rows pass.

    Not checked.
    """
    squares = np.empty((len(rows), len(patterns)), rows.dtype)
    width = max(1, SCORES // rows.size)
    for k in range(0, len(patterns), width):
        gap = rows[:, None] - patterns[k : k + width]
        np.einsum("bkd,bkd->bk", gap, gap, out=squares[:, k : k + width])
    return squares


def row_blocks(rows: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """Row blocks whose differences to `count` patterns fill one block of scores. Not checked."""
    height = max(1, SCORES // (count * rows.shape[1]))
    return (rows[k : k + height] for k in range(0, len(rows), height))


@underflow_is_zero
def softmax_product(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    beta: float,
    offset: np.ndarray | None = None,
    largest: float | None = None,
    seen: np.ndarray | None = None,
) -> np.ndarray:
    """softmax(beta (queries keysᵀ + offset)) values, in blocks of queries and keys that stay in the cache.

    β goes into the queries and the division comes after the second product: two passes over `(B, d)` instead of two
    over `(B, K)`. With `largest`, a bound of the key norms, small scores need no maximum: below log(1/eps) in size,
    16 in float32 and 36 in float64, exp(score) costs no sum its overflow and no product more than the smallest normal
    number. Arguments are not checked: this is the inner loop.

    Parameters
    ----------
    queries : `(B, d)`.
    keys : `(K, d)`.
    values : `(K, e)`, finite; all of one float dtype.
    beta : number.
    offset : `(K,)` or None.
    largest : number or None.
    seen : bool `(B, K)`, or None; the keys that count, at least one for every query.

    Returns
    -------
    `(B, e)`, same dtype; nan where a score overflows. Working memory: one block of 2**16 scores, and the queries' own.
    """
    out = np.empty((len(queries), values.shape[1]), values.dtype)
    beta = values.dtype.type(beta)
    bias = None if offset is None else offset * beta
    limits = np.finfo(values.dtype)
    safe = -float(np.log(limits.eps))  # exp(safe) is the ratio of the smallest normal and the smallest number
    size, room = max(float(values.max()), -float(values.min())), float(limits.max) / 4 / len(keys)
    spread = 2.0 ** np.ceil(np.log2(4 * len(keys))) if size > room else 1.0  # or the sums of values overflow
    values = values if spread == 1 else values / values.dtype.type(spread)
    height = min(len(queries), max(ROWS, SCORES // len(keys)))
    width = max(1, SCORES // height)
    buffer = np.empty(height * min(width, len(keys)), values.dtype)
    for r in range(0, len(queries), height):
        block, stop = queries[r : r + height] * beta, len(keys)
        part = None if seen is None else seen[r : r + height]
        if part is not None:
            stop = int(np.flatnonzero(part.any(axis=0))[-1]) + 1  # a causal mask needs half of the work
        free = largest is not None and bias is None and part is None and size < room * limits.eps
        bounded = free and np.linalg.norm(block, axis=1).max() * largest < safe
        _attend(block, keys[:stop], values[:stop], bias, part, bounded, width, buffer, out[r : r + height])
    return out if spread == 1 else out * values.dtype.type(spread)


def _attend(queries, keys, values, bias, seen, bounded, width, buffer, out) -> None:
    """One block of queries against all keys, `width` at a time, the sums rescaled when the maximum grows."""
    total, top = np.zeros((len(queries), 1), out.dtype), None
    lowest = np.finfo(out.dtype).min / 2  # stands in for the maximum of no keys: their exp(-inf) is 0
    for k in range(0, len(keys), width):
        part = keys[k : k + width]
        scores = np.matmul(queries, part.T, out=buffer[: len(queries) * len(part)].reshape(len(queries), len(part)))
        if not bounded:
            if bias is not None:
                scores += bias[k : k + len(part)]
            if seen is not None:
                np.copyto(scores, -np.inf, where=~seen[:, k : k + len(part)])
            new = scores.max(axis=1, keepdims=True)
            if seen is not None:
                new = np.maximum(new, lowest)
            if top is not None:
                new = np.maximum(top, new)
                shrink = np.exp(top - new)
                total *= shrink
                out *= shrink
            top = new
            scores -= top
        np.exp(scores, out=scores)
        total += scores.sum(axis=1, keepdims=True)
        if k:
            out += scores @ values[k : k + width]
        else:
            np.matmul(scores, values[:width], out=out)
    out /= total


@underflow_is_zero
def complex_gradient(function: Callable[[np.ndarray], Any], x: Any, h: float = 1e-30) -> np.ndarray:
    """Gradient of a real function of a vector, Im f(x + i h e_k)/h for every k: no difference is taken, none cancels.

    Parameters
    ----------
    function : takes a complex array `(d,)`, returns a complex number; it must be analytic where it is called:
        no abs, no conjugate, no comparison of complex numbers.
    x : real array-like `(d,)`.
    h : step > 0; anything so small that h² vanishes beside 1 is as good.

    Returns
    -------
    float64 `(d,)`, right to the rounding of `function` itself.

    Raises
    ------
    ValueError : x is not a finite real vector, h is not above 0, or the result is not one complex number.
    """
    x = as_reals(x, "x", 1).astype(np.float64)
    h = as_real(h, "h", low=0.0, strict=True)
    as_function(function, "function", "lambda x: np.sum(x * x)")
    return np.array([_imaginary(function(step)) for step in x + 1j * h * np.eye(len(x))]) / h


def _imaginary(result) -> float:
    """The imaginary part of one complex number: a real one has lost the derivative on the way."""
    if not (np.iscomplexobj(result) and np.ndim(result) == 0):
        what = type(result).__name__ if np.ndim(result) == 0 else f"shape {np.shape(result)}"
        raise ValueError(
            f"function gave {what}; expected one complex number: no abs, no .real, no float() on the way to it, "
            "for example lambda x: np.sum(x * x)"
        )
    return float(np.imag(result))
