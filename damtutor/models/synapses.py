"""Synapses: energies of the activations of layers, each with its slopes written by hand, and the check of both.

    quadratic(a, W)          E = -g·W g/2, W symmetric              the network of Hopfield
    tensor((a, b, ..), T)    E = -Σ T_ij.. g_i f_j ..               two bodies: -g·W f; three, four, ...
    dense(a, Ξ, L)           E = -L(Ξ g), L any Lagrangian          -Σ max(ξ·g, 0)²/2 with `Powers(2, 0.5)`,
                                                                    -log Σ exp(β ξ·g)/β with `LogSumExp(β)`
    nearest(a, Ξ, β)         E = -log Σ exp(-β|g - ξ|²/2)/β         the same by distance, with a lower bound

The slope by g, not by x, is what a layer needs. `check_synapse` compares every slope with the energy by the complex
step, where no difference is taken: a slip shows at once, and 1e-12 is rounding.

Source: Krotov (2021) and Hoover et al. (2022); Squire & Trapp (1998) for the complex step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.models.lagrangians import Lagrangian
from damtutor.numerics import complex_gradient, logsumexp, softmax
from damtutor.validate import (
    as_array,
    as_function,
    as_items,
    as_kind,
    as_real,
    as_reals,
    as_symmetric,
    as_text,
    as_texts,
    shown,
)

LETTERS = "abcdefgh"
NAMES = 'expected one or more different names, for example ("v", "h")'
SLIP = 1e-9  # slopes by hand agree with the complex step to about 1e-14; an error of a formula is far above this


@dataclass(frozen=True, eq=False)
class Synapse:
    """An energy E_s(g_a, g_b, ...) of the activities of named layers, with its slopes.

    Parameters
    ----------
    names : layers it joins, one name or several different ones.
    energy : one array a layer → a number; analytic, so that complex arrays pass (no abs, no comparison of complex
        numbers).
    grads : the same arrays → a sequence with ∂E_s/∂g for each, of its shape.
    label : the name of its term of the energy; default the names joined by "-".

    Raises
    ------
    ValueError : no names, names that repeat, or energy and grads that are not functions.

    Examples
    --------
    >>> well = Synapse("v", lambda g: (g**4).sum(), lambda g: [4 * g**3])
    >>> well.names, well.label, check_synapse(well, [1.0, 2.0]) < 1e-14
    (('v',), '(v)', True)
    """

    names: Any
    energy: Callable[..., Any]
    grads: Callable[..., Sequence[np.ndarray]]
    label: str = ""

    def __post_init__(self):
        names = (self.names,) if isinstance(self.names, str) else as_items(self.names, "names", NAMES)
        if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
            raise ValueError(f"names is {shown(self.names)}; {NAMES}")
        as_function(self.energy, "energy", "lambda g: -g @ g / 2")
        as_function(self.grads, "grads", "lambda g: [-g]")
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "label", as_text(self.label, "label", empty=True) or f"({'-'.join(names)})")


def check_synapse(synapse: Synapse, *activities: Any, tolerance: float = SLIP) -> float:
    """Compare the slopes of a synapse with its energy by the complex step, at the given activities.

    Parameters
    ----------
    synapse : to be checked.
    activities : one real array for each of its layers; random ones find most slips, zeros few.
    tolerance : of the largest difference, relative to the largest slope of that layer.

    Returns
    -------
    float: the largest of these relative differences.

    Raises
    ------
    ValueError : a slope that does not match, with the layer and the size of the mismatch; slopes of a wrong number or
        shape; an energy that is not one number, or loses the imaginary part.

    Examples
    --------
    >>> forgot = Synapse("v", lambda g: -(g @ g) / 2, lambda g: [-g / 2])
    >>> check_synapse(forgot, [3.0, 4.0])
    Traceback (most recent call last):
    ValueError: synapse '(v)': the slope by 'v' is 50 % off that of its energy; expected at most 1e-07 % (complex step)
    """
    as_kind(synapse, "synapse", Synapse, 'a Synapse, for example quadratic("v", W)')
    tolerance = as_real(tolerance, "tolerance", low=0.0, strict=True)
    g = [as_reals(x, f"activities[{k}]", (1, 2, 3)).astype(np.float64) for k, x in enumerate(activities)]
    if len(g) != len(synapse.names):
        raise ValueError(f"activities: {len(g)} arrays; expected one for each of {', '.join(synapse.names)}")
    slopes, worst = shapes_of(synapse, g), 0.0
    for k, (name, slope) in enumerate(zip(synapse.names, slopes, strict=True)):

        def along(x, k=k):
            return np.asarray(synapse.energy(*g[:k], x.reshape(g[k].shape), *g[k + 1 :]))[()]

        true = complex_gradient(along, g[k].ravel()).reshape(g[k].shape)
        size = max(np.abs(true).max(), np.finfo(float).tiny)
        off = float(np.abs(slope - true).max() / size)
        if not off <= tolerance:
            raise ValueError(
                f"synapse {synapse.label!r}: the slope by {name!r} is {100 * off:.3g} % off that of its energy; "
                f"expected at most {100 * tolerance:.0e} % (complex step)"
            )
        worst = max(worst, off)
    return worst


def shapes_of(synapse: Synapse, g: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The slopes at g, or a ValueError that says which shapes do not meet. The arguments themselves are not checked."""
    joined = ", ".join(f"{name} {x.shape}" for name, x in zip(synapse.names, g, strict=True))
    try:
        energy, slopes = np.asarray(synapse.energy(*g)), [np.asarray(s) for s in synapse.grads(*g)]
    except (ValueError, IndexError, TypeError) as error:
        raise ValueError(f"synapse {synapse.label!r} cannot join {joined}: {error}") from None
    if energy.shape != () or [s.shape for s in slopes] != [x.shape for x in g]:
        raise ValueError(
            f"synapse {synapse.label!r} joins {joined} but gives an energy of shape {energy.shape} and slopes of "
            f"shapes {', '.join(str(s.shape) for s in slopes)}; expected one number, and a slope as each activity"
        )
    return slopes


def quadratic(name: str, weights: Any, label: str = "") -> Synapse:
    """E = -g·W g/2 of one layer `(D,)`; W `(D, D)` symmetric, else half of it would be lost without a word.

    Raises
    ------
    ValueError : W not square, or not symmetric. For two layers: `tensor((a, b), W)`.

    Examples
    --------
    >>> quadratic("v", [[0.0, 2.0], [2.0, 0.0]]).energy(np.array([1.0, 3.0]))
    np.float64(-6.0)
    """
    name, w = as_text(name, "name"), as_reals(weights, "weights", 2).astype(np.float64)
    if w.shape[0] != w.shape[1]:
        raise ValueError(f"weights: shape {w.shape}; expected a square (D, D), for example [[0, 1], [1, 0]]")
    if not np.allclose(w, w.T, rtol=1e-12, atol=0):
        raise ValueError(f"weights: not symmetric; expected W = W.T, for example {as_symmetric(weights, 'weights')}")
    return Synapse(name, lambda g: -(g @ w @ g) / 2, lambda g: [-(w @ g)], label)


def tensor(names: Any, weights: Any, label: str = "") -> Synapse:
    """E = -Σ T_ij.. g_i f_j .. of two layers or more, each `(D,)`; one axis of T a layer.

    Examples
    --------
    >>> three = tensor(("v", "h", "y"), np.ones((2, 1, 1)))
    >>> float(three.energy(np.array([1.0, 2.0]), np.array([3.0]), np.array([5.0])))
    -45.0
    """
    names = as_texts((names,) if isinstance(names, str) else names, "names")
    if not 2 <= len(names) <= len(LETTERS):
        raise ValueError(f"names: {len(names)} layers; expected 2 to {len(LETTERS)}")
    t = as_array(weights, "weights", f"expected real numbers with {len(names)} axes, one a layer")
    if t.dtype.kind not in "iuf" or t.ndim != len(names) or not t.size or not np.isfinite(t).all():
        raise ValueError(
            f"weights: dtype {t.dtype}, shape {t.shape} for {len(names)} layers; expected finite numbers with one axis "
            "a layer"
        )
    t = t.astype(np.float64)
    axes = LETTERS[: len(names)]

    def but(k, g):
        rest = ",".join([axes, *(a for i, a in enumerate(axes) if i != k)])
        return np.einsum(f"{rest}->{axes[k]}", t, *(x for i, x in enumerate(g) if i != k))

    return Synapse(names, lambda *g: -(g[0] @ but(0, g)), lambda *g: [-but(k, g) for k in range(len(g))], label)


def dense(name: str, patterns: Any, lagrangian: Lagrangian, label: str = "") -> Synapse:
    """E = -L(Ξ g), summed over the rows of g `(D,)` or `(N, D)`: memory neurons that follow at once.

    Parameters
    ----------
    patterns : Ξ `(K, D)`.
    lagrangian : `Powers(2, 0.5)` for -Σ max(ξ·g, 0)²/2, `LogSumExp(beta)` for softmax recall.

    Examples
    --------
    >>> from damtutor.models.lagrangians import Powers
    >>> memory = dense("v", [[1.0, 1.0], [1.0, -1.0]], Powers(2, 0.5))
    >>> memory.grads(np.array([2.0, 1.0]))[0].tolist()  # the overlaps 3 and 1 pull
    [-4.0, -2.0]
    """
    as_kind(lagrangian, "lagrangian", Lagrangian, "one, for example Powers(2, 0.5)")
    as_text(name, "name")
    xi = as_reals(patterns, "patterns", 2).astype(np.float64)
    return Synapse(name, lambda g: -lagrangian.L(g @ xi.T).sum(), lambda g: [-(lagrangian.g(g @ xi.T) @ xi)], label)


def nearest(name: str, patterns: Any, beta: float, label: str = "") -> Synapse:
    """E = -log Σ exp(-β|g - ξ|²/2)/β of one layer `(D,)`; Ξ `(K, D)`, β > 0; slope g - Σ p ξ.

    Examples
    --------
    >>> nearest("v", [[0.0], [9.0]], beta=1.0).grads(np.array([1.0]))[0].round(6).tolist()
    [1.0]
    """
    as_text(name, "name")
    xi, beta = as_reals(patterns, "patterns", 2).astype(np.float64), as_real(beta, "beta", low=0.0, strict=True)
    half = (xi * xi).sum(axis=1) / 2

    def energy(g):
        gap = g - xi
        return -logsumexp(-beta * (gap * gap).sum(axis=-1) / 2) / beta

    return Synapse(name, energy, lambda g: [g - softmax(beta * (xi @ g - half)) @ xi], label)
