"""Inputs and answers as a learner can read them, and paste them back into a cell."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from typing import Any

import numpy as np

PASTED = 80  # numbers in an array that is still written out
LONG = 300  # characters of anything else
FRAMES = 3  # lines of the learner's code in a traceback
SCHEMES = ("stdlib", "platstdlib", "purelib", "platlib")
# Files that are not the learner's: Python, installed packages, this one.
OTHERS = (
    *(str(Path(sysconfig.get_path(name)).resolve()) for name in SCHEMES),
    str(Path(__file__).resolve().parents[2]),
)


def value(thing: Any) -> str:
    """One value in Python's own words; a large array by shape and beginning."""
    if isinstance(thing, np.ndarray):
        if thing.size <= PASTED:
            return f"np.array({thing.tolist()}, dtype={thing.dtype.name!r})"
        start = ", ".join(str(x) for x in thing.ravel()[:6].tolist())
        return f"array of shape {thing.shape}, {thing.dtype.name}: {start}, ..."
    if isinstance(thing, np.generic):
        thing = thing.item()
    try:
        text = repr(thing)
    except Exception:  # a learner's own class may have a broken repr
        text = f"<{type(thing).__name__}>"
    return text if len(text) <= LONG else text[:LONG] + " ..."


def answer(got: Any) -> str:
    """A learner's value: one number as such, nothing as ()."""
    if isinstance(got, np.ndarray) and not got.size:
        return "()"
    if isinstance(got, np.ndarray):
        return value(got if got.ndim else got.item())
    return str(got)


def difference(expected: Any, got: Any) -> tuple[tuple[str, str], ...]:
    """Where two arrays too large to be read differ first."""
    if not isinstance(got, np.ndarray) or got.shape != np.shape(expected) or got.size <= PASTED:
        return ()
    where = np.argwhere(got != expected)[0]
    place = tuple(where)
    index = ", ".join(map(str, where.tolist()))
    return (("first difference", f"at [{index}], expected {expected[place]}, got {got[place]}"),)


def arguments(names: tuple[str, ...], args: tuple) -> str:
    """One line for each argument, as an assignment."""
    return "\n".join(f"{name} = {value(arg)}" for name, arg in zip(names, args, strict=True))


def learners_lines(error: BaseException) -> str:
    """Where an exception passed through the learner's own code; libraries and the check are left out."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<frozen") or str(Path(frame.filename).resolve()).startswith(OTHERS):
            continue
        lines.append(f"line {frame.lineno} in {frame.name}" + (f": {frame.line}" if frame.line else ""))
    return "\n".join(lines[-FRAMES:])


def exception(error: BaseException) -> str:
    """Type and message on one line, cut if long."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    message = whole(message if len(message) <= LONG else message[:LONG] + " ...")
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def whole(text: str) -> str:
    r"""`text` with halves of characters, which no page can hold, as \ud800."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
