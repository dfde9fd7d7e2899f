"""Why an answer fails: its values are compared with those of the known wrong ways, and one reason is named."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from damtutor.checks.engine.attempt import Attempt, fault, readable, same
from damtutor.checks.engine.exercise import ALMOST, Exercise, Reason, copies
from damtutor.checks.engine.limits import LimitedCalls


def diagnosis(
    exercise: Exercise,
    answer: Callable,
    attempts: list[Attempt],
    failing: list[Attempt],
    calls: LimitedCalls,
) -> Reason:
    """The one reason, the most certain first.

    A convention or known mistake that agrees everywhere; int8, where a wider type mends the answer; an edge; a mistake
    that agrees in the plain cases; what the answers to all cases show together.

    Parameters
    ----------
    exercise : what was asked.
    answer : the learner's function.
    attempts : all cases as it answered them.
    failing : those of them that are not right.
    calls : the limits under which `answer` is called again, with wider types.

    Returns
    -------
    A Reason, without words if none is found.
    """
    if any(attempt.got is None or isinstance(attempt.got, str) for attempt in failing):
        return Reason("")
    compared = exercise.accept is None
    plain = [attempt for attempt in attempts if not attempt.case.edge]
    looks = (
        lambda: _explained(exercise, answer, attempts) if compared else Reason(""),
        lambda: _int8(exercise, answer, failing, calls) if exercise.int8_message else Reason(""),
        lambda: _edge(exercise, failing),
        lambda: _explained(exercise, answer, plain) if compared and any(a.reason for a in plain) else Reason(""),
        lambda: exercise.across_cases(attempts) if exercise.across_cases else Reason(""),
    )
    return next((reason for reason in (look() for look in looks) if reason.words), Reason(""))


def _int8(exercise: Exercise, answer: Callable, failing: list[Attempt], calls: LimitedCalls) -> Reason:
    """Whether int8 is to blame: int64 arrays mend every plain case, and int16, which leaves float32 alone, some."""

    def mends(attempt: Attempt, kind: type) -> bool:
        args = tuple(_cast(arg, kind) for arg in copies(attempt.case.args))
        outcome = calls.run(readable, answer, args, calls.put_names_back)
        if outcome.error is not None or outcome.stopped:
            return False
        return fault(exercise, attempt.case, attempt.expected, outcome.value) is None

    plain = all(mends(attempt, np.int64) for attempt in failing if not attempt.case.edge)
    mended = plain and any(mends(attempt, np.int16) for attempt in failing)
    return Reason(exercise.int8_message, ALMOST) if mended else Reason("")


def _cast(arg: Any, kind: type) -> Any:
    return arg.astype(kind) if isinstance(arg, np.ndarray) and arg.dtype == np.int8 else arg


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
        if mistake.matches_source is not None and not mistake.matches_source(answer):
            continue
        yield mistake.words, mistake.kind, lambda a, mistake=mistake: mistake.wrong_answer(*copies(a.case.args))
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
