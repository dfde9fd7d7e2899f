"""The one runner: an exercise and an answer in, a verdict out.

All cases are tried, smallest first. An answer that fails is compared with the known wrong ways, so that the verdict
can name one reason; the smallest input that fails is shown with it. Nothing here is written or displayed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from damtutor.checks.engine import show
from damtutor.checks.engine.diagnosis import Attempt, diagnosis, same
from damtutor.checks.engine.exercise import ALMOST, WRONG, Case, Exercise, Reason, copies
from damtutor.checks.engine.limits import Guard, Limits, Outcome
from damtutor.checks.engine.verdict import CREDIT, Verdict

NOT_STARTED = "Nothing here yet: replace the line that raises NotImplementedError, run the cell, then check again."
NO_RETURN = "The function returned None for every input. Is a `return` missing?"
TEXT = "text "  # before the value of an answer that is text
NOT_A_FUNCTION = "The check calls your function itself: write check({id!r}, {name}), without brackets after {name}."


class _Ended(Exception):
    """A call inside a law did not come to a value."""

    def __init__(self, args: tuple, outcome: Outcome):
        super().__init__()
        self.call, self.outcome = args, outcome


def judge(exercise: Exercise, answer: Any, limits: Limits | None = None) -> Verdict:
    """The verdict on `answer`, a function with the arguments of `exercise.reference`.

    Parameters
    ----------
    exercise : what was asked.
    answer : the learner's function; anything else gets a verdict that says so.
    limits : time, memory and output of the whole check; None for the usual ones.
    """
    if answer is None or answer is Ellipsis:
        return _verdict(exercise, "not started", NOT_STARTED)
    if not callable(answer):
        words = NOT_A_FUNCTION.format(id=exercise.id, name=exercise.name)
        details = (("got", show.value(answer)),)
        return _verdict(exercise, "error", words, details)
    guard = Guard(limits or Limits())
    found = _judge(exercise, answer, guard)
    return found if found.kind == "not started" else _with_asides(found, guard)


def _judge(exercise: Exercise, answer: Callable, guard: Guard) -> Verdict:
    attempts = []
    for case, expected in zip(exercise.ordered, exercise.expected, strict=True):
        args = copies(case.args)
        outcome = guard.run(_readable, answer, args)
        if outcome.error is not None or outcome.stopped:
            return _ended(exercise, case.args, outcome, "")
        changed = tuple(
            name
            for name, before, after in zip(exercise.arguments, case.args, args, strict=True)
            if not _untouched(before, after)
        )
        got = outcome.value
        attempts.append(Attempt(case, expected, got, _fault(exercise, case, expected, got), changed))
    if all(attempt.got is None for attempt in attempts):
        return _verdict(exercise, "not started", NO_RETURN)
    failing = [attempt for attempt in attempts if attempt.reason is not None]
    if failing:
        return _failed(exercise, answer, attempts, failing, guard)
    broken = _broken_law(exercise, answer, guard)
    if broken is not None:
        return broken
    changed = [attempt for attempt in attempts if attempt.changed]
    if changed:
        names = " and ".join(changed[0].changed)
        words = f"The values are right, but your function changes its input {names}. Work on a copy: {names}.copy()."
        return _verdict(exercise, ALMOST, words, _input(exercise, changed[0].case.args))
    remarks = [guard.run(remark, answer).value for remark in exercise.remarks]
    return _verdict(exercise, "correct", exercise.success, notes=tuple(note for note in remarks if note))


def _readable(answer: Callable, args: tuple) -> Any:
    """The answer's value as an array of numbers, a copy; None if there is none; its text if it is not numbers."""
    value = answer(*args)
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


def _untouched(before: Any, after: Any) -> bool:
    if not isinstance(before, np.ndarray):
        return True
    return before.shape == after.shape and before.dtype == after.dtype and bool(np.array_equal(before, after))


def _fault(exercise: Exercise, case: Case, expected: Any, got: Any) -> Reason | None:
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


def _failed(
    exercise: Exercise, answer: Callable, attempts: list[Attempt], failing: list[Attempt], guard: Guard
) -> Verdict:
    reason = diagnosis(exercise, answer, attempts, failing, partial(_narrow, exercise, answer, guard))
    first = failing[0]
    if not reason.words:  # what one value alone shows; a wrong value weighs more than an almost right one
        first = next((attempt for attempt in failing if attempt.reason.kind == WRONG), first)
        reason = first.reason
    if not reason.words:
        reason = Reason(f"{len(failing)} of {len(attempts)} inputs give another value than the definition does.")
    details = _input(exercise, first.case.args)
    if exercise.accept is None:
        how = exercise.tolerance.words
        details += (("expected", show.value(first.expected) + ("" if how == "exactly" else f", {how}")),)
    details += (("got", show.answer(first.got)),)
    if exercise.accept is None:
        details += show.difference(first.expected, first.got)
    changed = sorted({name for attempt in attempts for name in attempt.changed})
    notes = (f"Your function also changes its input {' and '.join(changed)}; work on a copy.",) if changed else ()
    return _verdict(exercise, reason.kind, reason.words, details, notes)


def _narrow(exercise: Exercise, answer: Callable, guard: Guard, failing: list[Attempt]) -> bool:
    """Whether int8 is to blame: int64 arrays mend every plain case, and int16, which leaves float32 alone, some."""

    def mends(attempt: Attempt, kind: type) -> bool:
        outcome = guard.run(_readable, answer, tuple(_cast(arg, kind) for arg in copies(attempt.case.args)))
        if outcome.error is not None or outcome.stopped:
            return False
        return _fault(exercise, attempt.case, attempt.expected, outcome.value) is None

    plain = all(mends(attempt, np.int64) for attempt in failing if not attempt.case.edge)
    return plain and any(mends(attempt, np.int16) for attempt in failing)


def _cast(arg: Any, kind: type) -> Any:
    return arg.astype(kind) if isinstance(arg, np.ndarray) and arg.dtype == np.int8 else arg


def _broken_law(exercise: Exercise, answer: Callable, guard: Guard) -> Verdict | None:
    def call(*args: Any) -> np.ndarray:
        outcome = guard.run(_readable, answer, copies(args))
        if outcome.error is not None or outcome.stopped or not isinstance(outcome.value, np.ndarray):
            raise _Ended(args, outcome)
        return outcome.value

    for law in exercise.laws:
        try:
            found = law.test(call)
        except _Ended as ended:
            if ended.outcome.error is None and not ended.outcome.stopped:
                words = f"The examples are right, but not the law: {law.name}. Here there is no number at all."
                return _verdict(exercise, WRONG, words, _input(exercise, ended.call))
            return _ended(exercise, ended.call, ended.outcome, f"While testing the law: {law.name}.")
        if found is not None:
            args, words = found
            reason = f"The examples are right, but not the law: {law.name}. {words}"
            return _verdict(exercise, WRONG, reason, _input(exercise, args))
    return None


def _ended(exercise: Exercise, args: tuple, outcome: Outcome, note: str) -> Verdict:
    """No value: the learner's exception, or a stop."""
    notes = (note,) if note else ()
    if outcome.stopped:
        return _verdict(exercise, "error", outcome.stopped, _input(exercise, args), notes)
    error = outcome.error
    if isinstance(error, NotImplementedError):
        return _verdict(exercise, "not started", NOT_STARTED)
    words = show.exception(error)
    if isinstance(error, MemoryError):
        words += ". The check allows an answer 4 GB more than the kernel has already."
    where = show.learners_lines(error)
    details = ((("in your code", where),) if where else ()) + _input(exercise, args)
    return _verdict(exercise, "error", words, details, notes)


def _input(exercise: Exercise, args: tuple) -> tuple[tuple[str, str], ...]:
    """The call, and the smallest input that shows it."""
    call = f"{exercise.name}({', '.join(exercise.arguments)})"
    details = (("call", f"{call} with\n{show.arguments(exercise.arguments, args)}"),)
    if any(np.size(arg) > show.PASTED for arg in args):
        number = [k for k, case in enumerate(exercise.ordered) if case.args is args]
        if number:
            names = ", ".join(exercise.arguments) + "," * (len(exercise.arguments) == 1)  # `X, = ...` unpacks one
            line = f"from damtutor.checks import case; {names} = case({exercise.id!r}, {number[0]})"
            details += (("to try it", line),)
    return details


def _verdict(exercise: Exercise, kind: str, reason: str, details=(), notes=()) -> Verdict:
    points = exercise.points * CREDIT.get(kind, 0.0)
    return Verdict(kind, exercise.id, exercise.title, points, reason, tuple(details), tuple(notes))


def _with_asides(verdict: Verdict, guard: Guard) -> Verdict:
    """What the answer printed or warned of, for a learner who still looks for something."""
    if verdict.correct:
        return verdict
    notes = list(verdict.notes)
    if guard.warned:
        notes.append(f"Python warned: {guard.warned[0]}.")
    if guard.sink.head.strip():
        notes.append(f"Printed by your function, kept away: {show.value(guard.sink.head.strip()[:120])}")
    return Verdict(
        verdict.kind, verdict.id, verdict.title, verdict.points, verdict.reason, verdict.details, tuple(notes)
    )
