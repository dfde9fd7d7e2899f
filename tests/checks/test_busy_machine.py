"""Other work on the machine changes no verdict: every known answer is judged while the cores are busy."""

from __future__ import annotations

import subprocess
import sys

import pytest

import damtutor.checks as checks
from damtutor.checks.engine.exercise import Exercise
from damtutor.checks.engine.runner import judge

BUSY = 4  # processes that compute without end
# One that outlives the tests, whatever ends them, would keep every later one waiting.
SPIN = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


@pytest.fixture
def busy_cores():
    """Other processes that want the cores, twice as many as the slowest machine has."""
    others = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(BUSY)]
    yield
    alive = [other.poll() is None for other in others]
    for other in others:
        other.kill()
        other.wait()
    assert all(alive)


def surprises(exercise: Exercise) -> list[str]:
    """Verdicts on the known answers of an exercise that are not the listed ones."""
    found = []
    for answer in (exercise.reference, *exercise.right_answers):
        verdict = judge(exercise, answer)
        if not verdict.correct:
            found.append(f"{exercise.id} {answer.__name__}: {verdict}")
    for answer, words in exercise.wrong_answers:
        verdict = judge(exercise, answer)
        if verdict.kind not in ("wrong", "almost") or words not in " ".join(repr(verdict).split()):
            found.append(f"{exercise.id} {answer.__name__}: {verdict}")
    for mistake in exercise.mistakes:
        verdict = judge(exercise, mistake.wrong_answer)
        if (verdict.kind, verdict.reason) != (mistake.kind, mistake.words):
            found.append(f"{exercise.id} {mistake.wrong_answer.__name__}: {verdict}")
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("busy_cores")
def test_known_answers_are_judged_alike_on_a_busy_machine():
    assert [words for exercise in checks.exercises().values() for words in surprises(exercise)] == []
