"""Softmax and log-sum-exp without overflow, and gradients by the complex step.

All three take complex arguments: real parts decide (which term is largest), so that an imaginary part of 1e-30
carries the derivative through without rounding.

Source: Squire & Trapp (1998) for the complex step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def logsumexp(a: np.ndarray, axis: int = -1) -> np.ndarray:
    """log Σ exp(a) along `axis`, relative to the largest term: no overflow, no underflow of the sum.

    Parameters
    ----------
    a : float or complex array. An entry of -inf counts nothing; a slice of nothing but -inf gives -inf.
    """
    top = np.max(a.real, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):  # log 0 = -inf is meant
        return np.squeeze(top, axis) + np.log(np.sum(np.exp(a - top), axis=axis))


def softmax(a: np.ndarray, axis: int = -1) -> np.ndarray:
    """exp(a) / Σ exp(a) along `axis`; same shape as `a`. A slice needs one entry above -inf, else it is nan."""
    weights = np.exp(a - np.max(a.real, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)


def complex_gradient(function: Callable[[np.ndarray], Any], x: Any, h: float = 1e-30) -> np.ndarray:
    """Gradient of a real function of a vector, Im f(x + i h e_k)/h for every k: no difference is taken, none cancels.

    Parameters
    ----------
    function : takes a complex array `(d,)`, returns a complex number; it must be analytic where it is called:
        no abs, no conjugate, no comparison of complex numbers.
    x : real array-like `(d,)`.
    h : step; anything so small that h² vanishes beside 1 is as good.

    Returns
    -------
    float64 `(d,)`, right to the rounding of `function` itself.
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"x: shape {x.shape}; expected a vector (d,), for example np.zeros(3)")
    steps = x + 1j * h * np.eye(len(x))
    return np.array([np.imag(function(step)) for step in steps], dtype=np.float64) / h
