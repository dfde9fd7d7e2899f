"""Fixed-point weights for the compiled sweep: its first rung, with a proved bound. NumPy only.

A decision compares 2D = Σ_μ x_iμ gain(M_μ) - s_i Σ_μ bend(M_μ) with zero. Both tables are multiplied by a power of
two, `scale`, and rounded to whole numbers c and d (d with FINE more bits), so that every later sum is exact in 64-bit
integers. What is left is the rounding of the tables themselves, and that is measured, entry by entry:

    |2D scale - (Σ c x - s Σ d)| <= K (q + r) + slack

q : largest |c - gain scale| over the levels in use. A float below 2^31 minus its nearest whole number is exact in
    float64, so q is not an estimate. q = 0 where the table is whole: then a zero is a tie.
r : error of the float64 tables, 3u spread for gain and 4u spread for bend with u = 2^-53 (F right to 2u, then one or
    two roundings; Higham 2002, section 2.2); 0 where they are exact.
slack : error of the curvature Σ d, which `compiled` carries from flip to flip.

There is no error of summation, hence none that depends on the order, the width of vectors or the processor.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero

FINE = 10  # more bits for the curvature, so that its rounding is not the larger one
TOP = 2.0**31 - 2.0**16  # largest weight that splits into two signed halves of 16 bits


class Polynomial(NamedTuple):
    """A gain table as whole numbers: (a + b w² + c w⁴), times w if odd, with w = M, or M/2 where every M is even."""

    scale: float
    a: int
    b: int
    c: int
    odd: bool


class Plan(NamedTuple):
    """What a sweep needs to know of its tables.

    Attributes
    ----------
    gain, bend, limit : what it was made for.
    found : their polynomial, or None.
    shape : its a, b, c and odd, int32 `(4,)`; zeros if there is none.
    bent : bend has an entry that is not zero.
    """

    gain: np.ndarray
    bend: np.ndarray
    limit: float
    found: Polynomial | None
    shape: np.ndarray
    bent: bool


def limit_for(count: int) -> float:
    """Largest weight for sums over `count` patterns: with FINE more bits they stay below 2^62."""
    return min(TOP, 2.0**51 / count)


def scale_for(gain: np.ndarray, bend: np.ndarray, limit: float) -> float:
    """Largest power of two, at most 2^1000, that keeps both tables within `limit`; 1 for tables of zeros."""
    largest = max(np.abs(gain).max(), np.abs(bend).max())
    return float(np.ldexp(1.0, min(1000, int(np.frexp(limit / largest)[1]) - 1))) if largest else 1.0


@underflow_is_zero
def find_polynomial(gain: np.ndarray, bend: np.ndarray, limit: float) -> Polynomial | None:
    """The polynomial of whole coefficients that gives the scaled table exactly, on every level; None if there is none.

    Powers of order 2 to 4, and higher ones in small networks, are of this kind under every update rule. It is found
    in the table itself, so that a new F needs no flag. Weights then cost a few multiplications instead of a look-up.
    """
    return _find_polynomial(gain.tobytes(), bend.tobytes(), limit)


@lru_cache(maxsize=64)
def _find_polynomial(gain: bytes, bend: bytes, limit: float) -> Polynomial | None:
    gain, bend = np.frombuffer(gain), np.frombuffer(bend)
    size = gain.size - 1
    if size < 6:
        return None  # fewer levels than coefficients and checks
    scale = scale_for(gain, bend, limit)
    w = np.arange(-size, size + 1, 2) // (2 - size % 2)
    at = size - np.arange(3) * (size // 6)  # three positive levels determine a, b, c
    x = w[at].astype(np.float64) ** 2
    for odd in (False, True):
        y = gain[at] * scale / (w[at] if odd else 1)
        first, second = np.diff(y) / np.diff(x)  # Newton's divided differences
        c = (second - first) / (x[2] - x[0])
        b = first - c * (x[0] + x[1])
        a = y[0] - x[0] * (b + c * x[0])
        if max(abs(a), abs(b), abs(c)) > TOP:
            continue
        a, b, c = (round(float(value)) for value in (a, b, c))
        exact = [(a + b * v * v + c * v**4) * (v if odd else 1) for v in w.tolist()]
        if all(float(value) == entry for value, entry in zip(exact, (gain * scale).tolist(), strict=True)):
            return Polynomial(scale, a, b, c, odd)
    return None


_latest: list[Plan] = []  # that of the last sweep: most sweeps use the very arrays of the one before


def plan_for(gain: np.ndarray, bend: np.ndarray, limit: float) -> Plan:
    """The plan of these tables, which nobody changes in place; made once for sweeps that follow each other."""
    for plan in _latest:
        if plan.gain is gain and plan.bend is bend and plan.limit == limit:
            return plan
    found = find_polynomial(gain, bend, limit)
    shape = np.array(found[1:] if found else (0, 0, 0, 0), np.int32)
    plan = Plan(gain, bend, limit, found, shape, bool(bend.any()))
    _latest[:] = [plan]
    return plan
