"""What a chapter costs: its text, its exercises, and no list that is kept by hand."""

from __future__ import annotations

import json
import shutil

import pytest
from changed_package import changed_files, copy_package, python_of
from manuscripts import FRONT

from publish import course

LECTURE = """# A test of the house

| | |
|---|---|
| **Time** | 5 min to read and play; exercises 5 min |
| **Level** | 1 of 5 |
| **After** | [00](00-start.md) |
| **Needs** | what a sum is |
| **You will be able to** | add a chapter |

Two pictures have an {term}`overlap`, as {cite:t}`hopfield1982` knew.

```{code-cell} ipython3
:id: test-overlap
from damtutor.patterns import digits

print(digits()[0] @ digits()[1])
```

```{code-cell} ipython3
:id: test-instrument
from damtutor.widgets import Overlap

Overlap()
```
"""
EXERCISES = """# Exercises: a test of the house

```{code-cell} ipython3
:id: test-setup
from damtutor import check
```

## 1. Double

```{code-cell} ipython3
:id: test-1-answer
def double(x):
    QQQTwice x.QQQ
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
:id: test-1-check
check("test.1", double)
```
""".replace("QQQ", '"""')
DOUBLE = '''"""Twice a number."""

from damtutor.checks.engine.exercise import Case, Exercise


def double(x):
    """Twice x."""
    return 2 * x


def cases():
    """Some numbers."""
    yield from (Case((x,)) for x in (0.0, 1.5, -3.0))


EXERCISE = Exercise(
    id="test.1",
    title="Double",
    points=1,
    minutes=5,
    level="◆◇◇",
    reference=double,
    cases=cases,
    success="Twice is twice.",
)
'''
ADDED = {
    "book/chapters/99-test.md": FRONT + LECTURE,
    "book/exercises/99-test.md": FRONT + EXERCISES,
    "damtutor/checks/test/__init__.py": "CHAPTER = 99\n",
    "damtutor/checks/test/double.py": DOUBLE,
}


@pytest.mark.slow
def test_a_chapter_is_its_text_and_its_exercises(root, tmp_path):
    """Added to a copy of the project, it becomes notebooks and stands in the syllabus, on the map and in the book."""
    copy = copy_package(tmp_path)
    for folder in ("book", "publish"):
        left_out = shutil.ignore_patterns("__pycache__", "node_modules", "vendor")
        shutil.copytree(root / folder, tmp_path / folder, ignore=left_out)
    for name, text in ADDED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    done = python_of(copy, "-m", "publish", "editions", "--chapter", "99", PYTHONWARNINGS="ignore")
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.glob("*/*.ipynb")}
    assert sorted(made) == ["exercises/99-test.ipynb", "notebooks/99-test.ipynb", "solutions/99-test.ipynb"]
    assert "Overlap: " in made["notebooks/99-test.ipynb"].read_text("utf-8")
    assert "✓ correct" in made["solutions/99-test.ipynb"].read_text("utf-8")
    cells = json.loads(made["exercises/99-test.ipynb"].read_text("utf-8"))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    assert [mark["points"] for mark in marks if mark.get("grade")] == [1]

    assert "[99 A test of the house](chapters/99-test.md)" in course.syllabus(tmp_path)
    assert "chapters/99-test.html" in course.course_map(tmp_path)
    assert changed_files(copy) == ["checks/test/__init__.py", "checks/test/double.py"]
