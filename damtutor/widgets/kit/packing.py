"""Patterns and tables of F in the compact form that travels to the browser (opened by `pattern_sets.js`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.models.interactions import Exponential, Interaction, Power, RectifiedPower

ORDERS = (2, 3, 4, 5, 6, 7, 8, 9, 10, "exp")
MOST_PIXELS = 256  # exact tables of the exponential grow as N**2: 50 kB at 256


def interaction(n: int | str, rectified: bool = False) -> Interaction:
    """F as an instrument names it: n = 2..10 or "exp"; the exponential has no rectified form of its own."""
    if n == "exp":
        return Exponential()
    return RectifiedPower(n) if rectified else Power(n)


def pack_rows(patterns: np.ndarray) -> list[str]:
    """Each ±1 row as hexadecimal digits, four pixels a digit, the first pixel in the highest bit."""
    digits = -(-patterns.shape[1] // 4)
    return [np.packbits(row > 0).tobytes().hex()[:digits] for row in patterns]


def pack_table(function: Interaction, size: int) -> dict[str, Any]:
    """F over M = -N-2 ... N+2 in exact units, only the upper half where F is even, odd or zero below 0."""
    exact, shift, uncertainty = function.table(size)
    half = exact[len(exact) // 2 :]
    low = exact[: len(exact) // 2]
    mirror = tuple(reversed(half))[: len(low)]
    fold = "none"
    if low == mirror:
        fold = "even"
    elif low == tuple(-f for f in mirror):
        fold = "odd"
    elif not any(low):
        fold = "zero"
    return {
        "kind": "exp" if isinstance(function, Exponential) else "power",
        "fold": fold,
        "words": [f"{f:x}" for f in (exact if fold == "none" else half)],
        "shift": shift,
        "uncertainty": uncertainty,
        "worth": function.unit(size),
    }


def pack_tables(size: int) -> dict[str, dict[str, Any]]:
    """All interactions of the instruments: "2" ... "10", "2+" ... "10+" (rectified), "exp"."""
    tables = {str(n): pack_table(interaction(n), size) for n in ORDERS}
    tables.update({f"{n}+": pack_table(interaction(n, True), size) for n in ORDERS if n != "exp"})
    return tables
