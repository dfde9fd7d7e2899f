"""Rules that turn patterns of ±1 into symmetric couplings W of a Hopfield network, and the table of them.

Hebb adds up agreements; the projection rule makes every pattern an exact eigenvector; Storkey's rule is local like
Hebb's and takes the fields already there into account. The diagonal W_ii is a spin's hold on itself: it makes more
states fixed points and their basins smaller, so it is removed unless asked for.

A new rule is one function here and one row of `RULES`: the network, the experiments and the words of the instrument
read that table. (The browser makes couplings itself, so an instrument lists the rules that its JavaScript can make.)

Source: Hopfield (1982); Personnaz, Guyon & Dreyfus (1985) and Kanter & Sompolinsky (1987) for the projection;
Storkey (1997).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from damtutor.validate import as_flag, as_patterns

EXACT32 = 1 << 24  # whole numbers up to here, and their sums, are exact in float32
EXACT64 = 1 << 53  # and in float64
ROWS = 32  # rows of W updated together: they stay near the core

FINEST = 1000  # no grid finer than 2^-1000: smaller numbers lose digits
LARGEST = 1e300  # no field larger: energies must be finite


def hebb(patterns: Any, *, keep_diagonal: bool = False) -> np.ndarray:
    """Hebb's couplings W = XᵀX/N.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    keep_diagonal : leave W_ii = K/N; else it is 0.

    Returns
    -------
    float64 `(N, N)`, symmetric; each entry is a whole number divided by N once.

    Raises
    ------
    ValueError : patterns not `(K, N)` of ±1, `keep_diagonal` not a bool.

    Source: Hopfield (1982). Where it stops being true that patterns are fixed points: above K = N/(4 ln N) or so, and
    far earlier if they are correlated.
    """
    counts = hebb_counts(patterns, keep_diagonal=keep_diagonal)
    return counts / np.float64(len(counts))


def hebb_counts(patterns: Any, *, keep_diagonal: bool = False) -> np.ndarray:
    """Whole numbers N W = XᵀX `(N, N)`: float32 while all fields N W s stay below 2^24, else float64.

    Sums of such numbers are exact in any order, so that a local field of zero is seen as zero. Arguments and errors as
    in `hebb`.
    """
    x, keep_diagonal = as_patterns(patterns), as_flag(keep_diagonal, "keep_diagonal")
    count, size = x.shape
    floats = x.astype(np.float32 if count * size < EXACT32 else np.float64)
    counts = floats.T @ floats
    if not keep_diagonal:
        np.fill_diagonal(counts, 0)
    return counts


def projection(patterns: Any, *, keep_diagonal: bool = False) -> np.ndarray:
    """Couplings of the projection (pseudo-inverse) rule: W = X⁺X, the projector on the span of the patterns.

    Parameters
    ----------
    patterns : `(K, N)` of ±1, in any number. Repeated, opposite or otherwise dependent patterns count once.
    keep_diagonal : keep the projector itself: W X_μ = X_μ, W W = W, trace W = rank of X. Else W_ii = 0: all patterns
        stay fixed points (W_ii <= 1 is taken from a field of 1; where nothing is left, the spin stays) and their
        basins grow.

    Returns
    -------
    float64 `(N, N)`, symmetric.

    Raises
    ------
    ValueError : patterns not `(K, N)` of ±1, `keep_diagonal` not a bool.

    Notes
    -----
    From the singular value decomposition; no matrix is inverted, and Q = XXᵀ/N, whose condition number is the square
    of that of X, is never formed. Singular values up to max(K, N) 2^-52 σ_1 count as zero: that is how far rounding
    can move a zero (Golub & Van Loan, section 5.5). Where W_ii is 1 to within max(K, N) 2^-50, spin i alone is in the
    span of the patterns: the rest of its row is zero, and is set so, since rounding would decide for the spin.

    Source: Personnaz, Guyon & Dreyfus (1985); Kanter & Sompolinsky (1987) for the removed diagonal. Where it stops
    being useful: at rank N every state is a fixed point and nothing is recalled.
    """
    x, keep_diagonal = as_patterns(patterns).astype(np.float64), as_flag(keep_diagonal, "keep_diagonal")
    _, values, rows = np.linalg.svd(x, full_matrices=False)
    rank = int(np.count_nonzero(values > max(x.shape) * np.finfo(float).eps * values[0]))
    basis = rows[:rank]
    weights = basis.T @ basis
    weights = (weights + weights.T) / 2
    alone = 1 - np.diagonal(weights) <= max(x.shape) * 2.0**-50
    weights[alone] = weights[:, alone] = 0
    weights[alone, alone] = 1
    if not keep_diagonal:
        np.fill_diagonal(weights, 0)
    return weights


def storkey(patterns: Any, *, keep_diagonal: bool = False) -> np.ndarray:
    """Couplings of Storkey's rule: patterns one at a time, each corrected by the fields of those before it.

    With H_ij = Σ_{k≠i,j} W_ik x_k:  W_ij += (x_i x_j - x_i H_ji - H_ij x_j)/N. The result depends on the order of the
    patterns.

    Parameters
    ----------
    patterns : `(K, N)` of ±1, stored from the first row to the last.
    keep_diagonal : keep what the same formula gives for W_ii; it never enters another coupling. Else W_ii = 0.

    Returns
    -------
    float64 `(N, N)`, symmetric.

    Raises
    ------
    ValueError : patterns not `(K, N)` of ±1, `keep_diagonal` not a bool.

    Notes
    -----
    H_ij = g_i - W_ij x_j, where g_i = Σ_{k≠i} W_ik x_k does not depend on j, and x_j² = 1. So the step is
    W_ij += (2 W_ij + x_i u_j + u_i x_j)/N with u = x/2 - g, and W_ii += 2 x_i u_i/N: O(N²) a pattern.

    Source: Storkey (1997); holds about N/√(2 ln N) random patterns.
    """
    x, keep_diagonal = as_patterns(patterns).astype(np.float64), as_flag(keep_diagonal, "keep_diagonal")
    size = x.shape[1]
    weights, diagonal, part = np.zeros((size, size)), np.zeros(size), np.empty((min(ROWS, size), size))
    for pattern in x:
        u = (pattern / 2 - weights @ pattern) / size
        diagonal += 2 * pattern * u
        left, right = np.column_stack([pattern, u]), np.array([u, pattern])
        for start in range(0, size, ROWS):
            rows = weights[start : start + ROWS]
            rows *= 1 + 2 / size
            rows += np.matmul(left[start : start + ROWS], right, out=part[: len(rows)])
        np.fill_diagonal(weights, 0)
    if keep_diagonal:
        np.fill_diagonal(weights, diagonal)
    return weights


class LearningRule(NamedTuple):
    """One row of `RULES`.

    Attributes
    ----------
    couplings : the function: patterns `(K, N)` and `keep_diagonal=`, to symmetric float64 couplings `(N, N)`.
    label : the rule on a control, such as "Hebb".
    phrase : the rule in a sentence, such as "Hebb's".
    outer_products : True if W is XᵀX/N. Its numbers N W are whole, and a network then keeps them without rounding.
    """

    couplings: Callable[..., np.ndarray]
    label: str
    phrase: str
    outer_products: bool = False


RULES = {
    "hebb": LearningRule(hebb, "Hebb", "Hebb's", outer_products=True),
    "projection": LearningRule(projection, "projection", "the projection"),
    "storkey": LearningRule(storkey, "Storkey", "Storkey's"),
}


def on_grid(couplings: np.ndarray, external: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Couplings `(N, N)` and external fields `(N,)` rounded to whole multiples of 2^-k, and k.

    k is the largest for which every field, summed in any order, stays below 2^53 multiples (exact in float64), and
    twice every energy below 2^62 (exact in int64). Every number moves by half a multiple at most.

    Parameters
    ----------
    couplings, external : float64, finite.

    Returns
    -------
    couplings, external : new float64 arrays.
    k : int, negative for very large numbers.

    Raises
    ------
    ValueError : a field could exceed 1e300.
    """
    size = len(external)
    with np.errstate(over="ignore"):  # refused below
        rows = np.abs(couplings).sum(axis=1) + np.abs(external)
        # 1e-9 is more than the rounding of these sums; what rounding to the grid can add is counted in `fits`
    field, total = ((1 + 1e-9) * float(value) for value in (rows.max(), rows.sum() + np.abs(external).sum()))
    if not field < LARGEST:
        raise ValueError(f"weights, external: a field can reach {field:g}; expected less than {LARGEST:g}")

    def fits(k):
        return math.ldexp(field, k) + size + 1 < EXACT64 and math.ldexp(total, k) + size * (size + 2) < 2.0**62

    k = min(FINEST, 53 - math.frexp(field)[1]) if field else 0
    while not fits(k):
        k -= 1
    return *(np.ldexp(np.rint(np.ldexp(values, k)), -k) for values in (couplings, external)), k
