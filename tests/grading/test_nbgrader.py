"""nbgrader, as a class uses it: submissions of each exercise notebook get full, part, no and no points.

Of the first notebook there are four; of each other one with all kinds of answers in turn, and the untouched one. That
is the learner's edition as it is opened: it runs from top to bottom, and no exercise is begun.
"""

from __future__ import annotations

import ast
import logging
import os
import sys
from pathlib import Path

import nbformat
import pytest

from publish import editions
from publish.stored_notebooks import stored

PATHS = stored(Path(__file__).resolve().parents[2], "exercises", chapter=os.environ.get("CH", ""))
ANSWERS = ("right", "almost", "wrong")


def with_body(source: str, *body: str) -> str:
    """The answer cell with another body in its function; {names} stands for the function's arguments."""
    (function,) = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    names = ", ".join(argument.arg for argument in function.args.args)
    lines = source.split("\n")
    head = lines[function.lineno - 1 : function.body[0].lineno - 1]
    head = head[: next(i for i, line in enumerate(head) if line.rstrip().endswith(":")) + 1]
    filled = [line.replace("{names}", names) for line in body]
    return "\n".join([*lines[: function.lineno - 1], *head, *filled, *lines[function.end_lineno :]])


def submission(student: str, exercises: nbformat.NotebookNode, solved: nbformat.NotebookNode) -> dict[str, str]:
    """Fill the learner's notebook in place as one student would; the kind of each answer by exercise.

    A student is a kind of answer, or "mixed": each kind in turn.
    """
    from damtutor.checks import exercises as known

    kinds: dict[str, str] = {}
    answers = {c.id: c.source for c in solved.cells}
    pending = []
    for cell in exercises.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            pending.append(cell)
        elif marks.get("grade"):
            exercise = known()[marks.grade_id.replace("-", ".")]
            kind = ANSWERS[len(kinds) % len(ANSWERS)] if student == "mixed" else student
            mistakes = [m for m in exercise.mistakes if m.kind == kind]
            # Not every exercise knows an `almost`; a wrong answer can always be given.
            kinds[marks.grade_id] = "right" if kind == "almost" and not mistakes else kind
            for answer in pending if kind != "untouched" else ():
                if kinds[marks.grade_id] == "right":
                    answer.source = answers[f"{answer.id}-solved"]
                elif mistakes:
                    wrong = mistakes[0].wrong_answer
                    call = f"    from {wrong.__module__} import {wrong.__name__} as wrong"
                    answer.source = with_body(answer.source, call, "    return wrong({names})")
                else:
                    answer.source = with_body(answer.source, "    return 0")
            pending = []
    return kinds


def verdicts(nb: nbformat.NotebookNode) -> list[str]:
    """First lines of the verdicts in a notebook; fails where a cell raised or wrote to stderr."""
    found = []
    for cell in (c for c in nb.cells if c.cell_type == "code"):
        bad = [out for out in cell.outputs if out.output_type == "error" or out.get("name") == "stderr"]
        assert not bad, f"cell {cell.id}: {bad}"
        if editions.check_of(cell):
            shown = [out.data["text/plain"] for out in cell.outputs if "text/html" in out.get("data", {})]
            assert len(shown) == 1, cell.id
            found.append(shown[0].partition("\n")[0])
    return found


def code(nb: nbformat.NotebookNode) -> list[str]:
    """Sources of the code cells; links in the text differ between the editions."""
    return [c.source for c in nb.cells if c.cell_type == "code"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_submissions_get_their_points(path: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    monkeypatch.delenv("DAMTUTOR_STRICT", raising=False)
    monkeypatch.chdir(tmp_path)
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name.lower()))
    # nbgrader calls alembic by name.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.CourseDirectory.course_id, config.CourseDirectory.root = "damtutor", str(tmp_path)
    config.Execute.timeout = 60
    config.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
    api = NbGraderAPI(config=config)
    name = path.stem
    solved = nbformat.read(root / f"solutions/{path.name}", 4)
    (tmp_path / f"source/{name}").mkdir(parents=True)
    nbformat.write(solved, tmp_path / f"source/{name}/{path.name}")
    assert api.generate_assignment(name, create=True)["success"]
    released = nbformat.read(tmp_path / f"release/{name}/{path.name}", 4)
    ours = nbformat.read(path, 4)
    assert code(released) == code(ours), "the learner's edition is what nbgrader would release"
    kinds, students = {}, (*ANSWERS, "untouched") if path == PATHS[0] else ("mixed", "untouched")
    for student in students:
        nb = nbformat.read(path, 4)
        kinds[student] = submission(student, nb, solved)
        folder = tmp_path / f"submitted/{student}/{name}"
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / path.name)
        result = api.autograde(name, student)
        assert result["success"], result["log"]
        if student == "untouched":
            graded = nbformat.read(tmp_path / f"autograded/{student}/{name}/{path.name}", 4)
            begun = verdicts(graded)
            assert all(said.startswith("○ not started") for said in begun), begun
            assert len(begun) == len(kinds[student])
    assert all(said.startswith("✓ correct") for said in verdicts(solved))
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        for student in students:
            grades = {g.name: g for g in book.find_submission_notebook(name, name, student).grades}
            assert set(grades) == set(kinds[student])
            for exercise, kind in kinds[student].items():
                score, full = grades[exercise].score, grades[exercise].max_score
                said = f"{student}, {exercise} ({kind}): {score} of {full}"
                print(said)
                assert full > 0
                if kind == "right":
                    assert score == full, said
                elif kind == "almost":
                    assert 0 < score < full, said
                else:
                    assert score == 0, said
    given = {kind for student in students for kind in kinds[student].values()}
    assert {"right", "wrong", "untouched"} <= given
    assert "almost" in given or path != PATHS[0]
