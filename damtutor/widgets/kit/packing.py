"""Patterns and tables of F in the compact form that travels to the browser (opened by `pattern_sets.js`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.models.interactions import NAMED, Interaction, Power, RectifiedPower

ORDERS = (2, 3, 4, 5, 6, 7, 8, 9, 10, *NAMED)
MOST_PIXELS = 256  # exact tables of the exponential grow as N**2: 50 kB at 256


def interaction(n: int | str, rectified: bool = False) -> Interaction:
    """F as an instrument names it: n = 2..10, or a name such as "exp"; only powers have a rectified form."""
    if isinstance(n, str) and n in NAMED:
        return NAMED[n]()
    return RectifiedPower(n) if rectified else Power(n)


def pack_rows(patterns: np.ndarray) -> list[str]:
    """Each ±1 row as hexadecimal digits, four pixels a digit, the first pixel in the highest bit."""
    digits = -(-patterns.shape[1] // 4)
    return [np.packbits(row > 0).tobytes().hex()[:digits] for row in patterns]


def pack_table(function: Interaction, size: int) -> dict[str, Any]:
    """F over M = -N-2 ... N+2 in exact units, only the upper half where F is even, odd or zero below 0.

    With them travels what a page says of F, and how its energy follows: "scaled" is -worth Σ F, "log" is
    -(offset + log Σ F), F as in the table.
    """
    exact, shift, uncertainty, parts, offset = function.table(size)
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
        "label": function.words.label,
        "formula": function.words.formula,
        "sum": function.words.sum_formula,
        "energy": "log" if function.log_scale else "scaled",
        "fold": fold,
        "words": [f"{f:x}" for f in (exact if fold == "none" else half)],
        "shift": shift,
        "uncertainty": uncertainty,
        "worth": function.unit(size) / parts,
        "offset": offset,
    }


def pack_tables(size: int) -> dict[str, dict[str, Any]]:
    """All interactions of the instruments: "2" ... "10", "exp", "2+" ... "10+" (rectified)."""
    functions = [interaction(n) for n in ORDERS] + [interaction(n, True) for n in ORDERS if n not in NAMED]
    return {function.words.name: pack_table(function, size) for function in functions}
