"""Forty things that people pass by mistake, and what may happen then: a right answer, or a refusal in our words."""

from __future__ import annotations

import datetime
import linecache
import re
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from public_calls import Call
from scipy.sparse import csr_array

PACKAGE = str(Path(__file__).parents[2] / "damtutor")

BAD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: -float("inf"),
    "a word": lambda: "no",
    "an empty word": lambda: "",
    "bytes": lambda: b"50",
    "a number as text": lambda: "50",
    "an empty list": lambda: [],
    "an empty array": lambda: np.empty(0),
    "no rows": lambda: np.empty((0, 3)),
    "an array without axes": lambda: np.array(3.0),
    "four axes": lambda: np.ones((1, 2, 1, 2)),
    "a long line": lambda: np.ones(1237),
    "a tall table": lambda: np.ones((41, 3)),
    "an imaginary number": lambda: 1j,
    "complex numbers": lambda: np.array([1j, 2.0]),
    "objects": lambda: np.array([None, 1.0], dtype=object),
    "True": lambda: True,
    "False": lambda: False,
    "a bool array": lambda: np.array([[True, False], [False, True]]),
    "1e200": lambda: 1e200,
    "-1e200": lambda: -1e200,
    "10**30": lambda: 10**30,
    "-1": lambda: -1,
    "0": lambda: 0,
    "a float count": lambda: 2.0,
    "a fraction": lambda: 2.5,
    "a small NumPy integer": lambda: np.int8(2),
    "a NumPy float": lambda: np.float32(2),
    "a list of numbers": lambda: [1, 2],
    "a dict": lambda: {"a": 1},
    "a set": lambda: {1, 2},
    "a generator": lambda: (k for k in (1, 2)),
    "a masked array": lambda: np.ma.masked_equal([[1, -1, 1]], 1),
    "the masked constant": lambda: np.ma.masked,
    "rows of different length": lambda: [[1, 1], [1]],
    "a date": lambda: datetime.datetime(2026, 1, 1),
    "NumPy dates": lambda: np.array(["2026-01-01"], dtype="datetime64[D]"),
    "a span of time": lambda: np.timedelta64(2, "s"),
    "words": lambda: ["a", "b"],
    "a sparse matrix": lambda: csr_array(np.eye(3)),
    "a function": lambda: lambda *_: None,
    "an object": object,
    "a class": lambda: int,
    "nan in a list": lambda: [1.0, float("nan")],
    "huge numbers": lambda: np.full((2, 3), 1e200),
    "huge small floats": lambda: np.full(3, 1e30, dtype=np.float32),
}


FITTING = {  # right by themselves: where they do not fit the other arguments, the message may name one of those
    *("four axes", "a long line", "a tall table", "0", "True", "a float count", "a small NumPy integer"),
    *("a list of numbers", "nan in a list", "huge numbers", "huge small floats", "a NumPy float", "words", "1e200"),
    *("objects", "a dict", "a set", "10**30", "-1"),
}


def complaint(call: Call, name: str, label: str) -> str | None:
    """Why the outcome of a bad argument is no good: None if it is an answer, or a refusal that names the argument."""
    with warnings.catch_warnings(), np.errstate(invalid="raise", divide="ignore", over="ignore", under="ignore"):
        warnings.simplefilter("ignore")
        try:
            call.made_with(**{name: BAD[label]()})
        except (ValueError, TypeError) as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            ours = last.filename.startswith(PACKAGE) and linecache.getline(last.filename, last.lineno).strip()
            if not ours or not ours.startswith("raise"):
                return f"{type(error).__name__} from inside {Path(last.filename).name}:{last.lineno}: {error}"
            named = [name, *call.arguments] if label in FITTING else [name]
            found = any(re.search(rf"\b{re.escape(each)}\b", str(error)) for each in named)
            return None if found else f"does not name the argument: {error}"
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} from {Path(last.filename).name}:{last.lineno}: {error}"
    return None
