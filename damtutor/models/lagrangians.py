"""Lagrangians: scalar functions L of a group of neurons whose slope gives its activations, g = ∂L/∂x.

    name              L(x)                                  g(x)                        u·H u, H the Hessian of L
    identity          |x|²/2                                x                           |u|²
    tanh              Σ log cosh(βx)/β                      tanh(βx)                    β Σ u²/cosh²(βx)
    absolute          Σ |x|                                 sign x                      0 (but for the jump)
    power             c Σ (x/s)ⁿ                            (c n/s) (x/s)ⁿ⁻¹            (c n(n-1)/s²) Σ (x/s)ⁿ⁻² u²
    rectified power   c Σ max(x/s, 0)ⁿ                      the same of max(x/s, 0)     the same where x > 0
    lse               log Σ exp(βx)/β                       softmax(βx)                 β Σ p (u - p·u)²
    sphere            r = √(|x|² + ε)                       x/r                         |u|²/r - (x·u)²/r³
    layer norm        D γ r + δ·x,  r = √(|y|²/D + ε)       γ y/r + δ                   (γ/r) (|Pu|² - (y·u)²/(D r²))

y = P x is x less its mean, P the projection that takes the mean away. All are convex (u·H u >= 0) but the power of odd
order n, which is here as the counter-example: a group with a convex Lagrangian can only lower the energy. Curvatures
are computed as sums of squares, so that rounding cannot make them negative.

Source: Krotov & Hopfield (2021), Krotov (2021). Where it stops being true: the Hessian may be singular (rectified
neurons below zero, the sphere along x, lse along the ones): there the energy is flat, and a rate of zero is not rest.
"""

from __future__ import annotations

from typing import Any

from damtutor.models.lagrangians_shared import LayerNorm, LogSumExp, Sphere
from damtutor.models.lagrangians_single import Absolute, Identity, Lagrangian, Powers, Tanh

__all__ = [
    "NAMED",
    "Absolute",
    "Identity",
    "Lagrangian",
    "LayerNorm",
    "LogSumExp",
    "Powers",
    "Sphere",
    "Tanh",
    "lagrangian",
]

NAMED = {
    "identity": Identity,
    "tanh": Tanh,
    "absolute": Absolute,
    "power": lambda order, **rest: Powers(order, rectified=False, **rest),
    "rectified power": Powers,
    "lse": LogSumExp,
    "sphere": Sphere,
    "layer norm": LayerNorm,
}


def lagrangian(name: str, **parameters: Any) -> Lagrangian:
    """A Lagrangian by its name in the module's table.

    Parameters
    ----------
    name : "identity", "tanh", "absolute", "power", "rectified power", "lse", "sphere" or "layer norm".
    parameters : those of the class: beta; order, coefficient, scale; eps; gamma, delta.

    Raises
    ------
    ValueError : an unknown name, parameters that this Lagrangian does not have, or values that it refuses.

    Examples
    --------
    >>> lagrangian("rectified power", order=3)
    Powers(order=3, coefficient=1.0, scale=1.0, rectified=True)
    """
    if not isinstance(name, str) or name not in NAMED:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(map(repr, NAMED))}")
    try:
        return NAMED[name](**parameters)
    except TypeError as error:
        raise ValueError(f'parameters of "{name}": {error}; for example lagrangian("tanh", beta=4.0)') from None
