"""The one runner: an exercise and an answer in, a verdict out.

All cases are tried, smallest first. An answer that fails is compared with the known wrong ways, so that the verdict
can name one reason; the smallest input that fails is shown with it. Nothing here is written or displayed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from damtutor.checks.engine import show
from damtutor.checks.engine.attempt import Attempt, fault, readable
from damtutor.checks.engine.diagnosis import diagnosis
from damtutor.checks.engine.exercise import ALMOST, WRONG, Exercise, Reason, copies
from damtutor.checks.engine.limits import LimitedCalls, Limits, Outcome
from damtutor.checks.engine.settings import kept, neutral
from damtutor.checks.engine.verdict import CREDIT, Verdict

NOT_STARTED = "Nothing here yet: replace the line that raises NotImplementedError, run the cell, then check again."
NO_RETURN = "The function returned None for every input. Is a `return` missing?"
NOT_A_FUNCTION = "The check calls your function itself: write check({id!r}, {name}), without brackets after {name}."


class _Ended(Exception):
    """A call inside a property did not come to a value."""

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
    with kept(), neutral():
        calls = LimitedCalls(limits or Limits())
        found = _judge(exercise, answer, calls)
    return found if found.kind == "not started" else _with_asides(found, calls)


def _judge(exercise: Exercise, answer: Callable, calls: LimitedCalls) -> Verdict:
    attempts = []
    for case, expected in zip(exercise.ordered, exercise.expected, strict=True):
        args = copies(case.args)
        outcome = calls.run(readable, answer, args, calls.put_names_back)
        if outcome.error is not None or outcome.stopped:
            return _ended(exercise, case.args, outcome, "")
        changed = tuple(
            name
            for name, before, after in zip(exercise.arguments, case.args, args, strict=True)
            if not _untouched(before, after)
        )
        got = outcome.value
        attempts.append(Attempt(case, expected, got, fault(exercise, case, expected, got), changed))
    if all(attempt.got is None for attempt in attempts):
        return _verdict(exercise, "not started", NO_RETURN)
    failing = [attempt for attempt in attempts if attempt.reason is not None]
    if failing:
        return _failed(exercise, answer, attempts, failing, calls)
    broken = _broken_property(exercise, answer, calls)
    if broken is not None:
        return broken
    changed = [attempt for attempt in attempts if attempt.changed]
    if changed:
        names = " and ".join(changed[0].changed)
        words = f"The values are right, but your function changes its input {names}. Work on a copy: {names}.copy()."
        return _verdict(exercise, ALMOST, words, _input(exercise, changed[0].case.args))
    remarks = [calls.run(remark, answer).value for remark in exercise.remarks]
    return _verdict(exercise, "correct", exercise.success, notes=tuple(note for note in remarks if note))


def _untouched(before: Any, after: Any) -> bool:
    if not isinstance(before, np.ndarray):
        return True
    return before.shape == after.shape and before.dtype == after.dtype and bool(np.array_equal(before, after))


def _failed(
    exercise: Exercise, answer: Callable, attempts: list[Attempt], failing: list[Attempt], calls: LimitedCalls
) -> Verdict:
    reason = diagnosis(exercise, answer, attempts, failing, calls)
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


def _broken_property(exercise: Exercise, answer: Callable, calls: LimitedCalls) -> Verdict | None:
    def call(*args: Any) -> np.ndarray:
        outcome = calls.run(readable, answer, copies(args), calls.put_names_back)
        if outcome.error is not None or outcome.stopped or not isinstance(outcome.value, np.ndarray):
            raise _Ended(args, outcome)
        return outcome.value

    for prop in exercise.properties:
        try:
            found = prop.test(call)
        except _Ended as ended:
            if ended.outcome.error is None and not ended.outcome.stopped:
                words = f"The examples are right, but not the law: {prop.name}. Here there is no number at all."
                return _verdict(exercise, WRONG, words, _input(exercise, ended.call))
            return _ended(exercise, ended.call, ended.outcome, f"While testing the law: {prop.name}.")
        if found is not None:
            args, words = found
            reason = f"The examples are right, but not the law: {prop.name}. {words}"
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


def _with_asides(verdict: Verdict, calls: LimitedCalls) -> Verdict:
    """What the answer printed or warned of, for a learner who still looks for something."""
    if verdict.correct:
        return verdict
    notes = list(verdict.notes)
    if calls.warned:
        notes.append(f"Python warned: {show.whole(calls.warned[0])}.")
    if calls.sink.head.strip():
        notes.append(f"Printed by your function, kept away: {show.value(calls.sink.head.strip()[:120])}")
    return Verdict(
        verdict.kind, verdict.id, verdict.title, verdict.points, verdict.reason, verdict.details, tuple(notes)
    )
