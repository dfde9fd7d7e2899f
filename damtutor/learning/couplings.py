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

from damtutor.numerics import underflow_is_zero
from damtutor.validate import as_flag, as_patterns

EXACT32 = 1 << 24  # whole numbers up to here, and their sums, are exact in float32
EXACT64 = 1 << 53  # and in float64
ROWS = 32  # rows of W updated together: they stay near the core

MOST_LEVELS = 1 << 13  # of couplings that are multiples of one number; chance makes more levels fit anything
SURE = 18  # bits: how unlikely it must be that chance made all couplings whole
SAMPLE = 256  # different couplings are evidence enough
NEAR = 1 / 16  # no rounding is larger than this beside whole numbers
LARGE = 1e290  # beyond it, and below its inverse, products with N overflow or lose digits

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
    twice every energy below 2^62 (exact in int64). Every number moves by half a multiple at most; numbers that were
    rounded so before do not move. For networks, which have looked at both: arguments are not checked.

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
    with np.errstate(over="ignore", under="ignore"):  # refused below
        field = float((np.abs(couplings).sum(axis=1) + np.abs(external)).max())
    if not field < LARGEST:
        raise ValueError(f"weights, external: a field can reach {field:g}; expected less than {LARGEST:g}")
    k = min(FINEST, 53 - math.frexp(field)[1]) if field else 0
    while True:
        whole = [np.rint(np.ldexp(values, k)) for values in (couplings, external)]
        sizes = [np.abs(values) for values in whole]
        rows = sizes[0].sum(axis=1) + sizes[1]  # of whole numbers: exact where they fit
        if rows.max() < EXACT64 and rows.sum() + sizes[1].sum() < 2.0**62:
            return *(np.ldexp(values, -k) for values in whole), k
        k -= 1


class Units(NamedTuple):
    """Couplings and external fields, times `divisor`, as whole multiples of 2^-grid; all sums of them are exact."""

    couplings: np.ndarray
    bias: np.ndarray
    divisor: float
    grid: int


@underflow_is_zero
def in_units(weights: np.ndarray, external: np.ndarray) -> Units:
    """The numbers in which a network with these couplings decides: whole ones where there are any, else on a grid.

    Couplings k_ij / D that were rounded once (k/N of Hebb's rule, also times a number, summed up, saved in float32)
    are whole numbers again when multiplied by D, and only then is a field of zero seen as zero. A field b_i acts with
    them if D b_i is whole up to its rounding; else it lies between two of their sums, and rounding it is harmless.
    For networks, which have looked at both: arguments are not checked.

    Parameters
    ----------
    weights, external : float32 or float64, finite; how far a number may be rounded is told by its type.

    Raises
    ------
    ValueError : a field could exceed 1e300.
    """
    couplings, bias, grid = on_grid(weights.astype(np.float64), external.astype(np.float64))
    divisor = common_denominator(weights) or common_denominator(couplings)  # the grid may round to whole numbers
    if divisor:
        counts = np.rint(weights.astype(np.float64) * divisor)
        whole, fields, finer = on_grid(counts, multiplied(external, divisor))
        if finer >= 0:
            if not np.array_equal(fields, np.rint(fields)):
                return Units(whole, fields, divisor, finer)
            small = (np.abs(whole).sum(axis=1) + np.abs(fields)).max() < EXACT32
            kind = np.float32 if small else np.float64
            return Units(whole.astype(kind), fields.astype(kind), divisor, 0)
    return Units(couplings, bias, 1, grid)


@underflow_is_zero
def multiplied(external: np.ndarray, divisor: float) -> np.ndarray:
    """divisor * b, float64 `(N,)`; a whole number where it is one up to rounding, so that couplings can cancel it.

    Arguments are not checked.
    """
    bias = external.astype(np.float64) * divisor
    whole = np.rint(bias)
    slack = np.minimum(4 * np.finfo(external.dtype).eps * np.abs(bias), NEAR)
    return np.where(np.abs(bias - whole) <= slack, whole, bias)


@underflow_is_zero
def common_denominator(weights: np.ndarray) -> float:
    """D such that D W is whole up to rounding, or 0: N if that is one, else the smallest, with up to 2^13 levels.

    Rounding is that of the type of `weights`, float32 or float64. Numbers of which chance could make whole ones (with
    probability 2^-18 or more) have none: the fewer the couplings, the nearer they must be. Arguments are not checked.
    """
    eps, size = float(np.finfo(weights.dtype).eps), len(weights)
    sizes = np.abs(weights).astype(np.float64)
    largest = float(sizes.max())
    if not 1 / LARGE < largest < LARGE:
        return 0
    top = largest * size  # sums of products are rounded many times, which grows with their number
    near = min(eps * (size + min(top + 1, 2.0**26) ** 2), NEAR)
    if top > 0.5 and _are_whole(sizes, size, near):
        return size
    slack = max(4 * eps, 2.0**-47)  # a few products and sums
    levels, seen = 1, set()
    for row in sizes:
        ratios = np.unique(row[row > 0]) / largest
        while True:
            counts = np.rint(ratios * levels)
            off = (np.abs(ratios * levels - counts) > slack * levels) | (counts == 0)
            if not off.any():
                break
            finer = levels * np.arange(2, MOST_LEVELS // levels + 1)
            fine = ratios[off][0] * finer
            fits = (np.abs(fine - np.rint(fine)) <= slack * finer) & (fine > 0.5)
            if not fits.any():
                return 0
            levels = int(finer[fits.argmax()])
        if len(seen) < SAMPLE:
            seen.update(ratios.tolist())
    chances = len(seen) - 1  # the largest is whole by choice
    if chances and -chances * math.log2(2 * slack * levels) < SURE + math.log2(levels):
        return 0
    divisor = levels / largest
    return round(divisor) if abs(divisor - round(divisor)) <= 2 * slack * divisor else divisor


def _are_whole(sizes, divisor, near) -> bool:
    """Whether `sizes` times `divisor` are whole numbers to within `near`, no row nothing but noise, and not by luck."""
    seen = set()
    for start in range(0, len(sizes), ROWS):
        products = sizes[start : start + ROWS] * divisor
        counts = np.rint(products)
        lost = products.any(axis=1) & ~counts.any(axis=1)
        if lost.any() or (np.abs(products - counts) > near).any():
            return False
        if len(seen) < SAMPLE:
            seen.update(np.unique(counts[counts > 0]).tolist())
    return -len(seen) * math.log2(2 * near) >= SURE
