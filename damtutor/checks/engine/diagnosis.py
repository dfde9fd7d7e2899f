"""Why an answer fails: its values are compared with those of the known wrong ways, and one reason is named."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Case, Exercise, Reason, copies


@dataclass
class Attempt:
    """One case as the learner's function answered it."""

    case: Case
    expected: Any
    got: np.ndarray | str | None  # text if it is not made of numbers
    reason: Reason | None
    changed: tuple[str, ...]


def same(expected: Any, got: np.ndarray, exercise: Exercise) -> bool:
    """Whether `got` is `expected` within the exercise's tolerance, and of its shape."""
    wanted = np.asarray(expected, dtype=float)
    if wanted.shape != got.shape or got.dtype.kind == "c":
        return False
    tolerance = exercise.tolerance
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(got.astype(float) - wanted) <= tolerance.atol + tolerance.rtol * np.abs(wanted)))


def diagnosis(
    exercise: Exercise,
    answer: Callable,
    attempts: list[Attempt],
    failing: list[Attempt],
    narrow: Callable[[list[Attempt]], bool],
) -> Reason:
    """The one reason, the most certain first.

    A convention or known mistake that agrees everywhere; int8 (`narrow(failing)` tries the wider type); an edge; a
    mistake that agrees in the plain cases; what all the answers show together.
    """
    if any(attempt.got is None or isinstance(attempt.got, str) for attempt in failing):
        return Reason("")
    compared = exercise.accept is None
    plain = [attempt for attempt in attempts if not attempt.case.edge]
    looks = (
        lambda: _explained(exercise, answer, attempts) if compared else Reason(""),
        lambda: Reason(exercise.narrow, ALMOST) if exercise.narrow and narrow(failing) else Reason(""),
        lambda: _edge(exercise, failing),
        lambda: _explained(exercise, answer, plain) if compared and any(a.reason for a in plain) else Reason(""),
        lambda: exercise.overall(attempts) if exercise.overall else Reason(""),
    )
    return next((reason for reason in (look() for look in looks) if reason.words), Reason(""))


def _edge(exercise: Exercise, failing: list[Attempt]) -> Reason:
    """What it means that only the cases of one edge fail."""
    names = {attempt.case.edge for attempt in failing}
    return dict(exercise.edges).get(names.pop(), Reason("")) if len(names) == 1 else Reason("")


def _explained(exercise: Exercise, answer: Callable, attempts: list[Attempt]) -> Reason:
    """The first known way that gives the learner's values in all these cases."""
    for words, kind, value in _ways(exercise, answer):
        if all(_agrees(exercise, attempt, value) for attempt in attempts):
            return Reason(words, kind)
    return Reason("")


def _ways(exercise: Exercise, answer: Callable):
    """The exercise's own mistakes, then conventions that fit any exercise: (words, kind, value of an attempt)."""
    for mistake in exercise.mistakes:
        if mistake.shows is not None and not mistake.shows(answer):
            continue
        yield mistake.words, mistake.kind, lambda a, mistake=mistake: mistake.rival(*copies(a.case.args))
    yield "Right but for the sign: every value is the negative of what is expected.", ALMOST, lambda a: -a.expected
    yield "Right but for a factor: every value is twice what is expected.", ALMOST, lambda a: 2 * a.expected
    yield "Right but for a factor: every value is half of what is expected.", ALMOST, lambda a: a.expected / 2
    yield "Right but transposed: rows and columns are exchanged.", ALMOST, _transposed


def _transposed(attempt: Attempt) -> np.ndarray:
    if np.ndim(attempt.expected) != 2:
        raise ValueError("only a table can be transposed")
    return np.transpose(attempt.expected)


def _agrees(exercise: Exercise, attempt: Attempt, value: Callable) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return same(value(attempt), attempt.got, exercise)
        except (ArithmeticError, ValueError, TypeError, IndexError):  # that way does not go through here
            return False
