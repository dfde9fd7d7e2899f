"""What the noise of a dense memory is made of: loads, and how the crosstalk at two times is correlated.

The crosstalk of K = α N**(n-1) random patterns is a sum of independent terms x_i X**(n-1) over patterns. Where two
states have overlap c, the X of the two are Gaussians of correlation c, so the sums have covariance α f(c): f is the
average of (x y)**(n-1). f(1) = (2n-3)!! makes α' = (2n-3)!! α the variance of the noise, the *reduced load*.

The update rule "p-body" is for the interaction of n different spins (`models.spin_product`), without the diagonal of
X**(n-1): only the term of highest power in c is left, (n-1)! c**(n-1).

Source: Krotov & Hopfield (2016) for α', Wick's theorem for the rest. `theory.dynamics` puts it to use.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.theory.capacity import double_factorial
from damtutor.validate import as_choice, as_count, as_real, as_reals, as_text, count_axes

UPDATE_RULES = ("power", "exact", "p-body")
ORDERS = 20  # largest n: beyond, weights of f differ by more than floats resolve
SIZES = 10**9  # largest N whose powers are taken


def pairings(power: int, mixed: int) -> int:
    """A(a, k): ways to pair a letters x and a letters y so that exactly k pairs are mixed; 0 where a - k is odd.

    By Wick's theorem the average of x**a y**a is the sum of A(a, k) c**k.

    Parameters
    ----------
    power : a in [0, 100].
    mixed : k in [0, a].

    Raises
    ------
    ValueError : a number out of range.

    Examples
    --------
    >>> [pairings(2, k) for k in range(3)], [pairings(3, k) for k in range(4)]
    ([1, 0, 2], [0, 9, 0, 6])
    """
    power = as_count(power, "power", 0, 100)
    mixed = as_count(mixed, "mixed", 0, power)
    if (power - mixed) % 2:
        return 0
    return math.comb(power, mixed) ** 2 * math.factorial(mixed) * double_factorial(power - mixed - 1) ** 2


def noise_scale(order: int, *, update_rule: str = "power") -> int:
    """What turns α into the reduced load: (2n-3)!!, for "p-body" (n-1)!.

    Parameters
    ----------
    order : n in [2, 20].
    update_rule : "power", "exact" or "p-body"; "exact" differs from "power" by terms of order 1/N.

    Examples
    --------
    >>> [noise_scale(n) for n in (2, 3, 4, 5)], noise_scale(4, update_rule="p-body")
    ([1, 3, 15, 105], 6)
    """
    order = as_count(order, "order", 2, ORDERS)
    factorial = as_choice(update_rule, "update_rule", UPDATE_RULES) == "p-body"
    return math.factorial(order - 1) if factorial else double_factorial(2 * order - 3)


def reduced_load(load: float, order: int, *, update_rule: str = "power") -> float:
    """α' = (2n-3)!! α, the variance of the noise where the signal is 1; (n-1)! α for "p-body".

    Parameters
    ----------
    load : α = K / N**(n-1) > 0.
    order, update_rule : as in `noise_scale`.
    """
    return as_real(load, "load", low=0.0, strict=True) * noise_scale(order, update_rule=update_rule)


def plain_load(reduced_load: float, order: int, *, update_rule: str = "power") -> float:
    """α = K / N**(n-1) from the reduced load α' > 0: the inverse of `reduced_load`."""
    return as_real(reduced_load, "reduced_load", low=0.0, strict=True) / noise_scale(order, update_rule=update_rule)


def pattern_count(size: int, order: int, reduced_load: float, *, update_rule: str = "power") -> int:
    """K, the number of patterns of a network of N neurons, rounded.

    Parameters
    ----------
    size : N in [2, 10**9].
    order, update_rule : as in `noise_scale`.
    reduced_load : α' > 0.

    Raises
    ------
    ValueError : a number out of range, or no pattern left.

    Examples
    --------
    >>> pattern_count(512, 3, 0.1), pattern_count(512, 3, 0.1, update_rule="p-body")
    (8738, 13107)
    """
    size, order = as_count(size, "size", 2, SIZES), as_count(order, "order", 2, ORDERS)
    count = round(plain_load(reduced_load, order, update_rule=update_rule) * size ** (order - 1))
    if count < 1:
        raise ValueError(
            f"reduced_load is {reduced_load:g} at size {size} and order {order}; expected one pattern or more, "
            f"{noise_scale(order, update_rule=update_rule) / size ** (order - 1):.3g} or more"
        )
    return count


@lru_cache(maxsize=128)
def noise_weights(order: int, update_rule: str = "power") -> tuple[float, ...]:
    """The coefficients of c**0, ..., c**(n-1) in f(c); arguments as in `noise_scale`.

    Examples
    --------
    >>> noise_weights(3), noise_weights(4, "p-body")
    ((1.0, 0.0, 2.0), (0.0, 0.0, 0.0, 6.0))
    """
    scale = noise_scale(order, update_rule=update_rule)
    if update_rule == "p-body":
        return (*(0.0 for _ in range(order - 1)), float(scale))
    return tuple(float(pairings(order - 1, k)) for k in range(order))


@underflow_is_zero
def noise_correlation(order: int, correlation: Any, *, update_rule: str = "power") -> Any:
    """f(c): the covariance R of the noise at two times whose states correlate by c, divided by α.

    1 + 2 c² for n = 3, 9 c + 6 c³ for n = 4; without diagonal (n-1)! c**(n-1). For n = 2 (f = c) the noise has
    another source, see the module's text.

    Parameters
    ----------
    order, update_rule : as in `noise_scale`.
    correlation : c in [-1, 1], a number, `(T,)` or `(T, T)`.

    Returns
    -------
    float, or float64 of the same shape.

    Raises
    ------
    ValueError : a value out of range.

    Examples
    --------
    >>> noise_correlation(3, 0.5), noise_correlation(4, 1.0), noise_correlation(4, 1.0, update_rule="p-body")
    (1.5, 15.0, 6.0)
    """
    return _polynomial(_weights(order, update_rule), _correlations(correlation))


@underflow_is_zero
def noise_slope(order: int, correlation: Any, *, update_rule: str = "power") -> Any:
    """f'(c): the memory Γ(t, s), divided by α G(t, s); see `noise_correlation`.

    4 c for n = 3, 9 + 18 c² for n = 4. With the diagonal it is the average of (n-1)² (x y)**(n-2), by Gaussian
    integration by parts; without it (n-1) (n-1)! c**(n-2).

    Examples
    --------
    >>> noise_slope(3, 0.5), noise_slope(4, 0.5), noise_slope(3, 0.5, update_rule="p-body")
    (2.0, 13.5, 2.0)
    """
    weights = _weights(order, update_rule)
    return _polynomial([k * weights[k] for k in range(1, len(weights))], _correlations(correlation))


def _weights(order, update_rule):
    """`noise_weights`, which keeps what it found and so needs arguments that can be kept."""
    return noise_weights(as_count(order, "order", 2, ORDERS), as_text(update_rule, "update_rule"))


def _correlations(values):
    if not count_axes(values):
        return as_real(values, "correlation", low=-1.0, high=1.0)
    values = as_reals(values, "correlation", (1, 2), own=False).astype(float, copy=False)
    if np.abs(values).max() > 1:
        raise ValueError(f"correlation: up to {np.abs(values).max():g}; expected values in [-1, 1], for example 0.5")
    return values


def _polynomial(weights, x):
    """Σ weights[k] x**k by Horner's rule."""
    total = weights[-1] + 0.0 * x
    for weight in weights[-2::-1]:
        total = total * x + weight
    return total
