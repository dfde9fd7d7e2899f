"""What an exercise costs: one file of the package, and nothing else is opened."""

from __future__ import annotations

import json

import pytest
from changed_package import changed_files, copy_package, python_of, run_with

WIDEST = '''"""The largest distance between two memories."""

import numpy as np

from damtutor.checks.engine.exercise import Case, Exercise, Mistake, Property, Tolerance


def widest(X):
    """The largest distance between two rows of X."""
    return max(np.linalg.norm(a - b) for a in X for b in X)


def cases():
    """X of several sizes."""
    for K in (2, 3, 5):
        yield Case((np.random.default_rng(K).standard_normal((K, 2)).round(2),))


def moved(call):
    """Moving all memories together changes nothing."""
    X = np.array([[1.0, 0.0], [0.0, 0.5]])
    same = np.isclose(call(X), call(X + 1.0))
    return None if same else ((X + 1.0,), "Here all memories were moved by 1.")


def squared(X):
    """Not the root."""
    return widest(X) ** 2


def by_pairs(X):
    return np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2)).max()


def longest(X):
    return np.linalg.norm(X, axis=1).max()


EXERCISE = Exercise(
    id="TOPIC.6",
    title="The widest pair",
    points=1,
    minutes=5,
    level="◆◇◇",
    reference=widest,
    cases=cases,
    tolerance=Tolerance(rtol=1e-9, words="to nine digits"),
    success="No pair is farther apart.",
    mistakes=(Mistake("This is the square of the distance.", squared),),
    properties=(Property("moving all memories changes nothing", moved),),
    right_answers=(by_pairs,),
    wrong_answers=((squared, "the square of the distance"), (longest, "another value than the definition")),
)
'''

LOOK = """
import json
from damtutor import checks
from damtutor.checks import judge

exercise = checks.exercises()[ID]
print(json.dumps({
    "package": checks.__file__,
    "ids": list(checks.exercises()),
    "progress": repr(checks.progress(exercise.id.split(".")[0])),
    "right": [judge(exercise, answer).kind for answer in (exercise.reference, *exercise.right_answers)],
    "wrong": [(words, repr(judge(exercise, answer))) for answer, words in exercise.wrong_answers],
}))
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the package that a test may change."""
    return copy_package(tmp_path)


@pytest.mark.parametrize(
    ("topic", "added", "after"),
    [
        ("modern", {"checks/modern/widest.py": WIDEST}, "modern.5"),
        ("last", {"checks/last/__init__.py": "CHAPTER = 99\n", "checks/last/widest.py": WIDEST}, None),
    ],
    ids=["exercise", "first exercise of a chapter"],
)
def test_an_exercise_is_one_file(copy, topic, added, after):
    for name, text in added.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(text.replace("TOPIC", topic), encoding="utf-8")
    record = str(copy.parent / "progress.json")
    seen = json.loads(run_with(copy, LOOK.replace("ID", repr(f"{topic}.6")), DAMTUTOR_RECORD=record))
    assert seen["package"] == str(copy / "checks" / "__init__.py")
    place = seen["ids"].index(f"{topic}.6")
    assert seen["ids"][place - 1] == after if after else place == len(seen["ids"]) - 1
    assert "The widest pair" in seen["progress"]
    assert seen["right"] == ["correct", "correct"]
    for words, verdict in seen["wrong"]:
        assert verdict.startswith("✗ wrong"), verdict
        assert words in " ".join(verdict.split()), verdict
    assert changed_files(copy) == sorted(added)


@pytest.mark.parametrize("id", ["modern.5", "dense.6"])
def test_an_id_that_is_taken_or_of_another_topic_is_refused(copy, id):
    (copy / "checks" / "modern" / "widest.py").write_text(WIDEST.replace("TOPIC.6", id), encoding="utf-8")
    done = python_of(copy, "-c", "from damtutor.checks import find; find('modern.1')")
    assert f"ValueError: modern/widest.py declares '{id}'; expected modern. and a number not taken" in done.stderr
