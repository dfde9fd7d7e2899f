"""Predictions for blurred data: the valley of a ring, where it collapses, where two points merge, how many minima.

All lengths are in one unit; σ is the standard deviation of the noise. `theory.modern.pair_minimum` has the two minima
of two points, which merge at distance 2σ.

Source: the circle is an example of Pham et al. (2025); the formulas follow in a line or two, given with each function;
the number of minima is measured. Where those of the ring stop being true: data that are few, or not spread evenly.
"""

from __future__ import annotations

import math

from damtutor.validate import as_real

FINE = 1e-4  # below, r/R = 1 - (σ/R)²/2 to the last digit: the next term is 3/8 (σ/R)^4


def ring_radius(sigma: float, radius: float = 1.0) -> float:
    """Radius r of the energy valley of points spread evenly over a circle of radius R, K → ∞.

        r = R I1(z)/I0(z),   z = r R/σ²

    I0, I1 are modified Bessel functions: the average of exp(z cos θ) over the circle is I0(z), and the posterior mean
    is R times the derivative of its logarithm. About R (1 - σ²/(2R²)) for small σ; 0 from `ring_collapse` on, where
    I1(z)/I0(z) <= z/2 leaves no other solution. The scaled functions `ive` are used, whose ratio cannot overflow.

    Parameters
    ----------
    sigma : σ > 0.
    radius : R > 0.

    Returns
    -------
    float in [0, R], to the last digits; close to the collapse to a relative 1e-16/(1 - 2σ²/R²).

    Raises
    ------
    ValueError : sigma or radius not above 0.

    Examples
    --------
    >>> [round(ring_radius(sigma), 5) for sigma in (0.1, 0.2, 0.6, 0.8)]
    [0.99496, 0.97936, 0.6773, 0.0]
    """
    from scipy.optimize import brentq  # half a second to import, needed only now
    from scipy.special import ive

    radius = as_real(radius, "radius", low=0.0, strict=True)
    ratio = as_real(sigma, "sigma", low=0.0, strict=True) / radius
    square = ratio * ratio
    if ratio >= ring_collapse() or ratio < FINE:
        return 0.0 if ratio >= ring_collapse() else radius * (1 - square / 2)
    low = square * math.sqrt(8 * (1 - 2 * square))  # I1/I0(z) > z/2 - z³/16: the root lies above

    def excess(r):
        return r - ive(1, r / square) / ive(0, r / square)

    return radius * (low if excess(low) >= 0 else brentq(excess, low, 1.0, xtol=1e-300, rtol=1e-15))  # >= 0: rounding


def ring_collapse(radius: float = 1.0) -> float:
    """σ at which the valley of an evenly filled circle of radius R shrinks to its centre: R/√2, that is σ² = R²/2.

    At the centre the mean moves by r R²/(2σ²) for a small r, which is r itself at σ² = R²/2: 1/σ² is the critical β of
    a cloud with variance R²/2 in every direction (`theory.modern.critical_beta`).

    Examples
    --------
    >>> round(ring_collapse(), 4)
    0.7071
    """
    return as_real(radius, "radius", low=0.0, strict=True) / math.sqrt(2)


def merging_distance(sigma: float) -> float:
    """Distance 2σ at which the minima of two data points become one: where `theory.modern.pair_minimum` reaches 0.

    Examples
    --------
    >>> merging_distance(0.1)
    0.2
    """
    return 2 * as_real(sigma, "sigma", low=0.0, strict=True)


def expected_minima(sigma: float, radius: float = 1.0) -> float:
    """About how many minima stay on a circle of radius R when many random points fill it: 2πR/(5σ).

    An observation of this course, not a theorem: one minimum for every 5σ of the circle, measured in
    `experiments.diffusion.circle_table` for K = 32 to 1024 at σ = R/10. The number says nothing about walls: those
    between the minima go on shrinking as K grows.

    Examples
    --------
    >>> round(expected_minima(0.1), 1)
    12.6
    """
    sigma = as_real(sigma, "sigma", low=0.0, strict=True)
    return 2 * math.pi * as_real(radius, "radius", low=0.0, strict=True) / (5 * sigma)
