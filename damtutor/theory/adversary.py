"""What a memory reads like while an adversary turns its spins: one formula, without a fit."""

from __future__ import annotations

import math

from damtutor.validate import as_real


def interleaved_match(rho: float) -> float:
    """Share of right spins at the end of a sweep during which ρ N random spins are turned: 1/2 + (1 - e^(-2ρ))/(4ρ).

    A spin is right when it was updated, as long as its basin holds. A spin that was updated with a share u of the sweep
    still to come is turned k times after that, k Poisson of mean ρ u, and is wrong for odd k: right with probability
    (1 + e^(-2ρu))/2. The formula is its mean over u in [0, 1]; for small ρ it is 1 - ρ/2.

    Parameters
    ----------
    rho : ρ >= 0, turned spins divided by N in one sweep, over all spins with replacement.

    Returns
    -------
    float in (1/2, 1].

    Raises
    ------
    ValueError : rho below 0 or no finite number.

    Source: derived here. Where it stops being true: where the blows lose the basin, so that an update no longer makes
    its spin right (at N = 500, K = 1250, n = 3 it still holds at ρ = 0.35). An adversary that spares wrong spins never
    repairs one and leaves fewer right ones.

    Examples
    --------
    >>> interleaved_match(0)
    1.0
    >>> [round(interleaved_match(rho), 3) for rho in (0.16, 0.2, 0.35)]
    [0.928, 0.912, 0.86]
    """
    rho = as_real(rho, "rho", low=0.0)
    return 0.5 - math.expm1(-2 * rho) / (4 * rho) if rho else 1.0
