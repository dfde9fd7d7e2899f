"""Lagrangians whose neurons depend on each other: shares of one whole, directions, layer norm.

The table and its sources are in `models.lagrangians`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.models.lagrangians_single import Lagrangian
from damtutor.numerics import logsumexp, softmax
from damtutor.validate import Frozen, as_real, as_reals, count_axes, shown


@dataclass(frozen=True)
class LogSumExp(Lagrangian):
    """L = log Σ exp(βx)/β: g = softmax(βx), neurons that share one unit of activity.

    Parameters
    ----------
    beta : inverse temperature > 0.

    Raises
    ------
    ValueError : beta <= 0.

    Examples
    --------
    >>> LogSumExp(1.0).activation([1000.0, 1000.0]).tolist()
    [0.5, 0.5]
    """

    beta: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "beta", as_real(self.beta, "beta", low=0.0, strict=True))

    def L(self, x):
        return logsumexp(self.beta * x) / self.beta

    def g(self, x):
        return softmax(self.beta * x)

    def uHu(self, x, u):
        p = self.g(x)
        centred = u - (p * u).sum(axis=-1, keepdims=True)
        return self.beta * (p * centred * centred).sum(axis=-1)


@dataclass(frozen=True)
class Sphere(Lagrangian):
    """L = √(|x|² + ε): g = x/|x|, only the direction is left; RMSNorm without its factor.

    Parameters
    ----------
    eps : ε >= 0. With 0 the slope at x = 0 is undefined, and x = 0 is refused.

    Raises
    ------
    ValueError : ε < 0.

    Examples
    --------
    >>> Sphere().activation([3.0, 4.0]).tolist()
    [0.6, 0.8]
    """

    eps: float = 0.0

    def __post_init__(self):
        object.__setattr__(self, "eps", as_real(self.eps, "eps", low=0.0))

    def defined(self, x, name):
        if self.eps == 0 and not x.any(axis=-1).all():
            raise ValueError(f"{name} is zero, and zero has no direction; expected another state, or Sphere(eps=1e-6)")

    def _root(self, x):
        return np.sqrt((x * x).sum(axis=-1, keepdims=True) + self.eps)

    def L(self, x):
        return self._root(x)[..., 0]

    def g(self, x):
        return x / self._root(x)

    def uHu(self, x, u):
        root = self._root(x)
        return _across(x / root, u, self.eps / root[..., 0] ** 2) / root[..., 0]


@dataclass(frozen=True, eq=False)
class LayerNorm(Frozen, Lagrangian):
    """L = D γ √(var x + ε) + δ·x: g = γ (x - mean)/√(var x + ε) + δ, the layer norm of transformers.

    Parameters
    ----------
    gamma : γ >= 0, one number for all neurons.
    delta : δ, a number or `(D,)`.
    eps : ε >= 0; with 0 an x whose entries are all equal is refused.

    Raises
    ------
    ValueError : a γ for each neuron, whose layer norm is not a gradient (its Jacobian is not symmetric); a γ below 0,
        whose L is concave, so that the energy would rise; δ or ε that are not such numbers.

    Examples
    --------
    >>> LayerNorm(2.0, eps=0.0).activation([1.0, 3.0]).tolist()
    [-2.0, 2.0]
    """

    gamma: float = 1.0
    delta: Any = 0.0
    eps: float = 1e-5

    def __post_init__(self):
        if count_axes(self.gamma):
            raise ValueError(
                f"gamma is {shown(self.gamma)}; expected one number >= 0, as 1.0: with a gamma for each "
                "neuron the layer norm is the gradient of nothing (its Jacobian is not symmetric); delta may differ"
            )
        gamma = as_real(self.gamma, "gamma")
        if gamma < 0:
            raise ValueError(f"gamma is {gamma:g}; expected a number >= 0: below 0 L is concave and the energy rises")
        single = count_axes(self.delta) == 0
        delta = as_real(self.delta, "delta") if single else as_reals(self.delta, "delta", 1).astype(np.float64)
        for name, value in (("gamma", gamma), ("delta", delta), ("eps", as_real(self.eps, "eps", low=0.0))):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    def fits(self, size, name):
        if np.ndim(self.delta) and len(self.delta) != size:
            raise ValueError(f"{name}: {size} neurons; expected {len(self.delta)}, one for each number of delta")

    def defined(self, x, name):
        if self.eps == 0 and (x == x[..., :1]).all(axis=-1).any():
            raise ValueError(f"{name}: all entries are equal and eps is 0; expected some that differ, or eps=1e-5")

    def _parts(self, x):
        y = x - x.mean(axis=-1, keepdims=True)
        return y, np.sqrt((y * y).mean(axis=-1, keepdims=True) + self.eps)

    def L(self, x):
        return x.shape[-1] * self.gamma * self._parts(x)[1][..., 0] + (self.delta * x).sum(axis=-1)

    def g(self, x):
        y, root = self._parts(x)
        return self.gamma * y / root + self.delta

    def uHu(self, x, u):
        y, root = self._parts(x)
        u = u - u.mean(axis=-1, keepdims=True)
        unit = y / (root * math.sqrt(x.shape[-1]))
        return self.gamma * _across(unit, u, self.eps / root[..., 0] ** 2) / root[..., 0]


def _across(unit: np.ndarray, u: np.ndarray, rest: Any) -> Any:
    """|u|² - (unit·u)² for a vector with |unit|² = 1 - rest, as a sum of squares."""
    along = (unit * u).sum(axis=-1, keepdims=True)
    across = u - along * unit
    return (across * across).sum(axis=-1) + rest * along[..., 0] ** 2
