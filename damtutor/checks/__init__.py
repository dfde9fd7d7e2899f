"""Checked exercises: `check("dense.2", sweep)` tells you where you are.

The verdict is one of not started, error, wrong, almost, correct. `progress()` shows what is done, `or_ours` lets a
later cell go on without an earlier answer.

Environment: `DAMTUTOR_STRICT=1` makes every verdict but `correct` raise (how the solutions are tested);
`DAMTUTOR_RECORD` names the progress file; under nbgrader (`NBGRADER_EXECUTION`) `check` returns the points as a float,
the one thing nbgrader reads partial credit from.

Limit: code compiled by others (a NumPy call that takes an hour) ends only by the kernel's own interrupt.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from damtutor.checks.engine import progress as record
from damtutor.checks.engine.catalogue import exercises_on, topics
from damtutor.checks.engine.exercise import Exercise, copies
from damtutor.checks.engine.runner import judge
from damtutor.checks.engine.settings import neutral
from damtutor.checks.engine.verdict import CREDIT, Verdict
from damtutor.output import say
from damtutor.validate import as_count

__all__ = ["CheckFailed", "case", "check", "exercises", "find", "or_ours", "points", "progress"]

OURS = "This is the package's own {name}, which or_ours put in the place of yours. Run your own cell, then check again."
UNWRITTEN = "Your progress could not be written{}; the verdict stands."
UNRECORDED = "What you do is not recorded: it could not be written{}."

_last: dict[str, tuple[Any, Verdict]] = {}


class CheckFailed(AssertionError):
    """In strict mode: a verdict other than `correct`."""


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises by id, in the order of the chapters."""
    return {id: exercise for topic in topics() for id, exercise in exercises_on(topic).items()}


def find(id: str) -> Exercise:
    """The exercise called `id`; ValueError that lists the known ones."""
    topic = id.partition(".")[0] if isinstance(id, str) else ""
    known = exercises_on(topic) if topic in topics() else {}  # the other topics are not loaded for it
    if id not in known:
        raise ValueError(f"no exercise is called {id!r}; known: {', '.join(exercises())}")
    return known[id]


def check(id: str, answer: Callable | None = None) -> float | None:
    """Look at an answer and say what is right or wrong about it.

    Parameters
    ----------
    id : such as "dense.2".
    answer : your function, without brackets after its name.

    Returns
    -------
    None; the verdict is displayed. Under nbgrader, the points as a float.

    Raises
    ------
    ValueError : no exercise of that name.
    CheckFailed : in strict mode, when the verdict is not `correct`.
    """
    exercise = find(id)
    if answer is exercise.reference:  # `or_ours` put it there: no merit, and no entry in the record
        verdict = Verdict("not started", id, exercise.title, 0.0, OURS.format(name=exercise.name))
    else:
        verdict = judge(exercise, answer)
    _last[id] = answer, verdict
    grading, strict = _grading(), _strict()
    unwritten = "" if grading else record.write(verdict)
    if unwritten and not strict:  # what a strict run shows is stored, and must not depend on the machine's disk
        _display(replace(verdict, notes=(*verdict.notes, UNWRITTEN.format(unwritten))))
    else:
        _display(verdict)
    if strict and not verdict.correct:
        raise CheckFailed(repr(verdict))
    return float(verdict.points) if grading else None


def or_ours(id: str, answer: Callable | None = None) -> Callable:
    """Your function if its verdict is `correct`, else the package's, and a line that says so."""
    exercise = find(id)
    if answer is exercise.reference:
        say(f"{id}: the package's own {exercise.name} is used.")
        return answer
    seen, verdict = _last.get(id, (None, None))
    if verdict is None or seen is not answer or not verdict.correct:
        verdict = judge(exercise, answer)
        _last[id] = answer, verdict
    if verdict.correct:
        return answer
    say(f"{id}: {verdict.kind}. From here on the package's own {exercise.name} is used.")
    return exercise.reference


def points(id: str) -> float:
    """Points of an exercise."""
    return find(id).points


@neutral()
def case(id: str, number: int) -> tuple:
    """The arguments of one of the check's inputs, to try in a cell; the verdict names the number."""
    cases = find(id).ordered
    return copies(cases[as_count(number, f"number of an input of {id}", 0, len(cases) - 1)].args)


def progress(topic: str = "") -> record.Progress:
    """What is done: of every exercise, or of one chapter's, such as progress("dense")."""
    if topic and topic not in topics():
        raise ValueError(f"no exercises on {topic!r}; known: {', '.join(topics())}")
    chosen = exercises_on(topic) if topic else exercises()
    data = record.read()
    rows = []
    for id, e in chosen.items():
        best = data["exercises"].get(id, {}).get("best", "not started")
        earned = e.points * CREDIT.get(best, 0.0)
        rows.append(record.ExerciseProgress(id, e.title, best, e.points, earned, e.minutes, e.core))
    notes = [f"An unreadable record was kept as {', '.join(data['aside'])}."] if data["aside"] else []
    if not _grading() and not _strict() and (trouble := record.trouble()):
        notes.append(UNRECORDED.format(trouble))
    return record.Progress(tuple(rows), " ".join(notes))


def _grading() -> bool:
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def _strict() -> bool:
    return os.environ.get("DAMTUTOR_STRICT") == "1"


def _display(verdict: Verdict) -> None:
    """Rich where there is an IPython, plain text elsewhere; on stdout, never on stderr."""
    module = sys.modules.get("IPython")
    if module is not None and module.get_ipython() is not None:
        with contextlib.suppress(UnicodeError):  # of a terminal that cannot hold the symbols
            return module.display.display(verdict)
    say(repr(verdict))
