"""What figures are given: lines of numbers, groups of them by name, and points with their bars.

These are the doors of figures: how a figure calls them, they are not checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from damtutor.validate import as_array, as_named, as_real, as_text, numbers_by, shown

BARS = ("value", "low", "high")


def as_line(values: Any, name: str, *, length: int | None = None, least: int = 1, gaps: bool = False) -> np.ndarray:
    """Real numbers `(P,)` in the dtype they have, so that whole ones are still said as whole ones.

    Parameters
    ----------
    values : array-like.
    name : what the caller calls it.
    length : P, or None for any.
    least : smallest P.
    gaps : NaN passes: a place where nothing is drawn.

    Raises
    ------
    ValueError : not real numbers, of another shape or length, not finite.
    """
    many = f"({length},)" if length is not None else f"(P,), P >= {least}" if least > 1 else "(P,)"
    expected = f"expected real numbers of shape {many}"
    array = as_array(values, name, expected)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: dtype {array.dtype}; {expected}{numbers_by(values, name, array)}")
    if array.ndim != 1 or len(array) < least or (length is not None and len(array) != length):
        raise ValueError(f"{name}: shape {array.shape}; {expected}")
    wrong = np.isinf(array) if gaps else ~np.isfinite(array)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise ValueError(f"{name}[{k}] is {array[k]}; {expected}, all finite")
    return array


def as_lines(values: Any, name: str, parts: Sequence[str], *, least: int = 1) -> list[np.ndarray]:
    """A tuple of equally long lines of numbers, such as (x, y, error of y); NaN may stand in all but the first.

    Parameters
    ----------
    values : a sequence of as many array-likes `(P,)` as there are parts.
    name : what the caller calls it.
    parts : what they are.
    least : smallest P.

    Raises
    ------
    ValueError : another number of lines, no real numbers, or lines of different length.
    """
    form = f"expected ({', '.join(parts)}), {len(parts)} lines of numbers of one length"
    several = isinstance(values, Sequence) or (isinstance(values, np.ndarray) and values.ndim > 0)
    if not several or isinstance(values, str | bytes) or len(values) != len(parts):
        raise ValueError(f"{name} is {shown(values)}; {form}")
    lines = [
        as_line(line, f"{part} of {name}", least=least, gaps=k > 0)
        for k, (line, part) in enumerate(zip(values, parts, strict=True))
    ]
    if len({len(line) for line in lines}) > 1:
        raise ValueError(f"{name}: lengths {', '.join(str(len(line)) for line in lines)}; {form}")
    return lines


def as_series(
    values: Any, name: str, parts: Sequence[str], *, most: int | None = 5, least: int = 1, length: int | None = None
) -> dict[str, Any]:
    """Names and equally long lines of numbers, as in `as_lines`; one line each where `parts` names one.

    Parameters
    ----------
    values : name → lines.
    name : what the caller calls it.
    parts : what the lines are.
    most : entries that can be told apart.
    least : entries that are needed.
    length : of single lines, or None for any.

    Raises
    ------
    ValueError : no dict, too many entries, or lines that `as_lines` refuses.
    """
    inside = f"({', '.join(parts)})" if len(parts) > 1 else parts[0]
    entries = as_named(values, name, f'{{"measured": {inside}}}', least=least, most=most)
    if len(parts) == 1:
        return {key: as_line(line, f"{name}[{key!r}]", gaps=True, length=length) for key, line in entries.items()}
    return {key: as_lines(lines, f"{name}[{key!r}]", parts) for key, lines in entries.items()}


def as_points(values: Any, name: str, parts: Sequence[str], *, length: int | None = None) -> np.ndarray:
    """Points with their bars, one a row, such as (value, low, high): float64 `(P, len(parts))`.

    Parameters
    ----------
    values : sequence of tuples of numbers; NaN may stand for a bar that was not measured.
    name : what the caller calls it.
    parts : what the numbers of a point are.
    length : P, or None for any.

    Raises
    ------
    ValueError : no such rows, another number of them, infinite numbers.
    """
    form = f"expected {'' if length is None else f'{length} '}points ({', '.join(parts)})"
    array = as_array(values, name, form)
    if array.dtype.kind not in "iuf" or array.ndim != 2 or array.shape[1] != len(parts) or not len(array):
        raise ValueError(f"{name}: dtype {array.dtype}, shape {array.shape}; {form}")
    if (length is not None and len(array) != length) or np.isinf(array).any():
        what = f"{len(array)} points" if length not in (None, len(array)) else "infinite numbers"
        raise ValueError(f"{name}: {what}; {form}")
    return array.astype(np.float64)


def as_point_series(values: Any, name: str, parts: Sequence[str], *, length: int | None = None) -> dict[str, Any]:
    """Names and points with their bars, as in `as_points`; at most five, so that they can be told apart."""
    entries = as_named(values, name, f'{{"measured": [({", ".join(parts)}), ...]}}', most=5)
    return {key: as_points(points, f"{name}[{key!r}]", parts, length=length) for key, points in entries.items()}


def as_numbers(values: Any, name: str, *, most: int | None = None) -> dict[str, float]:
    """Names and a number each; none, where nothing is to be marked."""
    entries = as_named(values, name, '{"theory": 0.5}', least=0, most=most)
    return {key: as_real(number, f"{name}[{key!r}]") for key, number in entries.items()}


def as_flat(values: Any, name: str) -> np.ndarray:
    """Real numbers of any shape, as one line."""
    return as_line(as_array(values, name, "expected real numbers").ravel(), name)


def as_tuple(values: Any, name: str, parts: Sequence[str]) -> tuple[Any, ...]:
    """A tuple of as many things as there are parts; ValueError otherwise."""
    if not isinstance(values, tuple | list) or len(values) != len(parts):
        raise ValueError(f"{name} is {shown(values)}; expected a tuple ({', '.join(parts)})")
    return tuple(values)


def one_each(groups: dict[str, Any], form: str, length: int) -> None:
    """ValueError, in words, if the lines of one of some `groups` are not of this length; `form` names it."""
    for key, lines in groups.items():
        if len(lines[0]) != length:
            raise ValueError(f"{form.format(key)}: {len(lines[0])} numbers; expected {length}, as many as places")


def as_label(value: Any, name: str) -> str:
    """Words in a picture, which may be empty."""
    return as_text(value, name, empty=True)
