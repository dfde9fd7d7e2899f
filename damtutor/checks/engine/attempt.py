"""One case as a learner's function answers it: the value as numbers, and what is to be said about it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.checks.engine import show
from damtutor.checks.engine.exercise import ALMOST, Case, Exercise, Reason, copies

TEXT = "text "  # before the value of an answer that is text


@dataclass
class Attempt:
    """One case as the learner's function answered it.

    Attributes
    ----------
    case : what came in.
    expected : what the reference says.
    got : the answer as an array; None if there is none; its text if it is not made of numbers.
    reason : what is wrong with this value, None if it is right.
    changed : names of the arguments that the function changed.
    """

    case: Case
    expected: Any
    got: np.ndarray | str | None
    reason: Reason | None
    changed: tuple[str, ...]


def readable(answer: Callable, args: tuple, put_names_back: Callable[[], None]) -> Any:
    """The answer's value as an array of numbers, a copy; None if there is none; its text if it is not numbers.

    Parameters
    ----------
    answer : the learner's function.
    args : of the call.
    put_names_back : called after it, so that NumPy's own functions read the value, whatever the answer did to them.
    """
    value = answer(*args)
    put_names_back()
    if value is None or value is Ellipsis:
        return None
    array = np.array(value)
    if array.dtype.kind in "biufc":
        return array
    if array.dtype.kind in "US":  # NumPy would read "12" as a number
        return TEXT + show.value(value)
    try:  # whole numbers beyond 64 bits come as objects
        return np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return show.value(value)


def same(expected: Any, got: np.ndarray, exercise: Exercise) -> bool:
    """Whether `got` is `expected` within the exercise's tolerance, and of its shape."""
    wanted = np.asarray(expected, dtype=float)
    if wanted.shape != got.shape or got.dtype.kind == "c":
        return False
    tolerance = exercise.tolerance
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(got.astype(float) - wanted) <= tolerance.atol + tolerance.rtol * np.abs(wanted)))


def fault(exercise: Exercise, case: Case, expected: Any, got: Any) -> Reason | None:
    """None if this value is right, else what can be said about it alone."""
    if got is None:
        return Reason("For this input the function returns None: one way through it has no `return`.")
    if isinstance(got, str):
        return Reason("The answer is not made of numbers" + (": got text." if got.startswith(TEXT) else "."))
    if exercise.accept is not None:
        return exercise.accept(copies(case.args), expected, got)
    if same(expected, got, exercise):
        return None
    if not np.ndim(expected) and got.size == 1 and same(expected, got.reshape(()), exercise):
        return Reason(f"The value is right, but it has shape {got.shape}: return the number itself.", ALMOST)
    if not np.ndim(expected) and got.ndim:
        return Reason(f"The answer has shape {got.shape}; expected a single number.")
    if np.ndim(expected) and got.shape != np.shape(expected):
        return Reason(f"The answer has shape {got.shape}; expected {np.shape(expected)}.")
    if np.isnan(got).any():
        return Reason("The answer contains NaN: not a number.")
    if exercise.spins and not np.isin(got, (-1, 1)).all():
        odd = got.ravel()[~np.isin(got.ravel(), (-1, 1))][0]
        return Reason(f"A spin is -1 or +1; the answer contains {show.value(odd)}.")
    return Reason("")
