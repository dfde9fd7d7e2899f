"""Lagrangians whose neurons each speak for themselves, and the base of all.

The table and its sources are in `models.lagrangians`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.validate import as_count, as_flag, as_real, as_reals

LOG2 = math.log(2)


class Lagrangian:
    """Base of all L. A subclass gives `L`, `g` and `uHu`, which loops call; readers call the checked names.

    Attributes
    ----------
    convex : u·H u >= 0 for every x and u.

    Examples
    --------
    >>> import numpy as np
    >>> tanh = Tanh(beta=2.0)
    >>> tanh.activation([0.0, 1000.0]).tolist()
    [0.0, 1.0]
    >>> round(float(tanh.value([0.0, 1000.0])), 6)
    999.653426
    """

    convex = True

    def L(self, x: np.ndarray) -> Any:
        """L of `(..., D)`, shape `(...)`; not checked."""
        raise NotImplementedError

    def g(self, x: np.ndarray) -> np.ndarray:
        """∂L/∂x of `(..., D)`, same shape; not checked."""
        raise NotImplementedError

    def uHu(self, x: np.ndarray, u: np.ndarray) -> Any:
        """u·H(x) u of real `(..., D)`, shape `(...)`; not checked."""
        raise NotImplementedError

    def fits(self, size: int, name: str) -> None:
        """ValueError if a group of `size` neurons cannot have this Lagrangian."""

    def defined(self, x: np.ndarray, name: str) -> None:
        """ValueError where L has no slope; x itself is not checked."""

    def value(self, x: Any) -> Any:
        """L(x).

        Parameters
        ----------
        x : `(D,)`, `(B, D)` or `(A, B, D)`, finite; complex numbers pass, for gradients by the complex step.

        Returns
        -------
        A float for `(D,)`, else an array without the last axis.

        Raises
        ------
        ValueError : no finite numbers, a wrong length, a state where L has no slope, a result beyond float64.
        """
        return self._finite(self.L, self._door(x))[()]

    def activation(self, x: Any) -> np.ndarray:
        """g(x) = ∂L/∂x, the shape of x; parameters and errors as in `value`."""
        return self._finite(self.g, self._door(x))

    def curvature(self, x: Any, u: Any) -> Any:
        """u·H u, H the Hessian of L at x: float64 without the last axis; x real, u of the same shape.

        Never negative where `convex`. Errors as in `value`.
        """
        x, u = self._door(x, complex_too=False), as_reals(u, "u", (1, 2, 3), own=False).astype(np.float64)
        if u.shape != x.shape:
            raise ValueError(f"u: shape {u.shape}; expected {x.shape}, a direction for every x")
        return self._finite(self.uHu, x, u)[()]

    def _door(self, x: Any, *, complex_too: bool = True) -> np.ndarray:
        x = as_reals(x, "x", (1, 2, 3), complex_too=complex_too)
        x = x if np.iscomplexobj(x) else x.astype(np.float64)
        self.fits(x.shape[-1], "x")
        self.defined(x, "x")
        return x

    def _finite(self, function: Any, *arguments: np.ndarray) -> Any:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            result = function(*arguments)
        if not np.isfinite(result).all():
            raise ValueError(f"x: {self} leaves float64 there; expected smaller numbers, for example up to 1000")
        return result


@dataclass(frozen=True)
class Identity(Lagrangian):
    """L = |x|²/2: a linear neuron, g = x.

    Examples
    --------
    >>> Identity().value([3.0, 4.0])
    np.float64(12.5)
    """

    def L(self, x):
        return (x * x).sum(axis=-1) / 2

    def g(self, x):
        return x

    def uHu(self, x, u):
        return (u * u).sum(axis=-1)


@dataclass(frozen=True)
class Tanh(Lagrangian):
    """L = Σ log cosh(βx)/β: g = tanh(βx), a soft sign.

    Parameters
    ----------
    beta : slope at zero, > 0.

    Raises
    ------
    ValueError : beta <= 0.

    Examples
    --------
    >>> Tanh(4.0).curvature([0.0, 9.0], [1.0, 1.0]).round(9)
    np.float64(4.0)
    """

    beta: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "beta", as_real(self.beta, "beta", low=0.0, strict=True))

    @underflow_is_zero
    def L(self, x):
        z = self.beta * np.where(x.real < 0, -x, x)
        near = z.real < 1  # there the second form would lose the digits of a small result
        small = np.log1p(2 * np.sinh(np.where(near, z, 0) / 2) ** 2)
        return np.where(near, small, z + np.log1p(np.exp(-2 * z)) - LOG2).sum(axis=-1) / self.beta

    def g(self, x):
        return np.tanh(self.beta * x)

    @underflow_is_zero
    def uHu(self, x, u):
        e = np.exp(-2 * self.beta * np.abs(x))  # 1/cosh² = 4e/(1 + e)²: 1 - tanh² would be 0 from 19 on
        return self.beta * (4 * e / (1 + e) ** 2 * u * u).sum(axis=-1)


@dataclass(frozen=True)
class Absolute(Lagrangian):
    """L = Σ |x|: g = sign x, the limit of `Tanh` for beta → ∞; sign 0 = 0. With it model A is the network of ±1.

    Examples
    --------
    >>> Absolute().activation([-0.3, 0.0, 2.0]).tolist()
    [-1.0, 0.0, 1.0]
    """

    def L(self, x):
        return np.where(x.real < 0, -x, x).sum(axis=-1)

    def g(self, x):
        return np.sign(x.real)

    def uHu(self, x, u):
        return np.zeros(x.shape[:-1])


@dataclass(frozen=True)
class Powers(Lagrangian):
    """L = c Σ max(x/s, 0)ⁿ, or c Σ (x/s)ⁿ with rectified=False.

    Parameters
    ----------
    order : n, a whole number >= 2.
    coefficient : c > 0.
    scale : s > 0, the unit in which x is measured.
    rectified : False keeps negative x; for odd n this L is not convex.

    Raises
    ------
    ValueError : n < 2, c or s not above 0.

    Notes
    -----
    c = N/n and s = N give g = (x/N)ⁿ⁻¹: the activation of a memory neuron is 1 where all N bits are right.

    Examples
    --------
    >>> Powers(3, coefficient=64 / 3, scale=64).activation([64.0, 32.0, -64.0]).round(12).tolist()
    [1.0, 0.25, 0.0]
    >>> Powers(3, rectified=False).curvature([-1.0], [1.0])
    np.float64(-6.0)
    """

    order: int
    coefficient: float = 1.0
    scale: float = 1.0
    rectified: bool = True

    def __post_init__(self):
        object.__setattr__(self, "order", as_count(self.order, "order", 2))
        for name in ("coefficient", "scale"):
            object.__setattr__(self, name, as_real(getattr(self, name), name, low=0.0, strict=True))
        object.__setattr__(self, "rectified", as_flag(self.rectified, "rectified"))

    @property
    def convex(self) -> bool:
        """Rectified, or of even order."""
        return self.rectified or self.order % 2 == 0

    def _base(self, x):
        if not self.rectified:
            return x / self.scale
        return (np.where(x.real > 0, x, 0) if np.iscomplexobj(x) else np.maximum(x, 0.0)) / self.scale

    def L(self, x):
        return self.coefficient * (self._base(x) ** self.order).sum(axis=-1)

    def g(self, x):
        return (self.coefficient * self.order / self.scale) * self._base(x) ** (self.order - 1)

    def uHu(self, x, u):
        bend = self._base(x) ** (self.order - 2)
        if self.rectified and self.order == 2:  # 0**0 is 1: a silent neuron has no curvature
            bend = np.where(x > 0, 1.0, 0.0)
        factor = self.coefficient * self.order * (self.order - 1) / self.scale**2
        return factor * (bend * u * u).sum(axis=-1)
