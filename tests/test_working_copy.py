"""A learner's own copy: made, brought up to date, never written over. The stored notebooks here are toys."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from damtutor import cli, working_copy
from damtutor.working_copy import RECORD, pages, start

LINK = re.compile(r"(?:\]\(|\bhref=\"|\bsrc=\")([^)\s\"]+)")
STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
MINE = "def double(x):\n    return x + x"
SET = "exercises/01-toy.ipynb"
BESIDE = "exercises/01-toy-newer.ipynb"
LECTURE = "notebooks/00-start.ipynb"


def cell(id: str, text: str, kind: str = "markdown", **marks: object) -> dict:
    rest = {"outputs": [], "execution_count": None} if kind == "code" else {}
    meta = {"nbgrader": marks} if marks else {}
    return {"cell_type": kind, "id": id, "metadata": meta, "source": text.splitlines(keepends=True), **rest}


def exercises(words: str = "Double it.", stub: str = STUB) -> list[dict]:
    return [
        cell("toy-1-text", words),
        cell("toy-1-answer", stub, "code", solution=True, grade_id="toy-1-answer"),
        cell("toy-1-check", 'check("toy.1", double)', "code", grade=True, grade_id="toy-1"),
        cell("toy-end", "The end."),
    ]


def put(path: Path, cells: list[dict], minor: int = 5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nb = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": minor}
    path.write_text(json.dumps(nb, indent=1, sort_keys=True) + "\n", "utf-8")


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_bytes())["cells"]


def texts(path: Path) -> dict[str, str]:
    return {c["id"]: "".join(c["source"]) for c in cells(path)}


def change(path: Path, how: Callable[[list[dict]], object]) -> None:
    found = cells(path)
    how(found)
    put(path, found)


def typing(id: str, text: str) -> Callable[[list[dict]], None]:
    def how(found: list[dict]) -> None:
        next(c for c in found if c["id"] == id)["source"] = text

    return how


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != RECORD]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Stored notebooks: one lecture of two cells, one exercise, a glossary."""
    folder = tmp_path / "stored"
    put(folder / LECTURE, [cell("start-text", "Hello."), cell("start-run", "print(1)", "code")])
    put(folder / SET, exercises())
    (folder / "book").mkdir()
    (folder / "book/glossary.md").write_text("# Words\n", "utf-8")
    return folder


@pytest.fixture
def mine(source: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    start(tmp_path / "mine", source)
    return tmp_path / "mine"


def test_a_copy_holds_every_page_byte_for_byte(source, mine):
    assert files(mine) == files(source)
    assert start(mine, source) == [f"{mine} is up to date."]


def test_the_stored_notebooks_are_under_a_megabyte_and_their_links_hold_in_a_copy(root, tmp_path):
    copy = tmp_path / "my-course"
    start(copy)
    stored = files(copy)
    assert {name.partition("/")[0] for name in stored} == {"notebooks", "exercises", "solutions", "book"}
    assert sum(map(len, stored.values())) < 1_000_000
    broken = []
    for path in sorted(copy.rglob("*.ipynb")):
        links = [url for text in texts(path).values() for url in LINK.findall(text)]
        inside = [url.partition("#")[0] for url in links if not re.match(r"[a-z]+:|#", url)]
        broken += [f"{path.name}: {url}" for url in inside if not (path.parent / url).exists()]
    assert broken == []


def run(found: list[dict]) -> None:
    """What running a notebook, cell after cell, leaves in it: outputs, numbers, and an empty cell at the end."""
    for k, c in enumerate(found):
        c["metadata"]["trusted"] = True
        if c["cell_type"] == "code":
            c |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}], "execution_count": k}
    found.append(cell("f00d", "", "code"))


def test_a_notebook_that_was_merely_run_is_replaced(source, mine):
    change(mine / LECTURE, run)
    ran = (mine / LECTURE).read_bytes()
    assert start(mine, source) == [f"{mine} is up to date."]
    assert (mine / LECTURE).read_bytes() == ran
    change(source / LECTURE, typing("start-text", "Good morning."))
    (said,) = start(mine, source)
    assert LECTURE in said
    assert files(mine) == files(source)


CHANGES = {
    "a note": typing("start-text", "Hello. Note: read again."),
    "other code": typing("start-run", "print(2)"),
    "a cell more": lambda found: found.insert(1, cell("new", "My note.")),
    "a cell less": lambda found: found.pop(),
    "another order": lambda found: found.reverse(),
    "another kind": lambda found: found[0].update(cell_type="raw"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_notebook_stays_and_the_newer_one_stands_beside_it(source, mine, name):
    change(mine / LECTURE, CHANGES[name])
    own = (mine / LECTURE).read_bytes()
    change(source / LECTURE, typing("start-text", "Good morning."))
    (said,) = start(mine, source)
    assert LECTURE in said
    assert "notebooks/00-start-newer.ipynb" in said
    assert (mine / LECTURE).read_bytes() == own
    beside = texts(mine / "notebooks/00-start-newer.ipynb")
    assert beside["start-text"] == "Good morning."
    assert "[00-start.ipynb](00-start.ipynb)" in beside["newer-edition"]
    assert beside.get("new") == ("My note." if name == "a cell more" else None)
    before = files(mine)
    assert start(mine, source) == [f"{mine} is up to date."]
    assert files(mine) == before


def answered(mine: Path) -> bytes:
    change(mine / SET, typing("toy-1-answer", MINE))
    return (mine / SET).read_bytes()


def test_answers_and_added_cells_are_carried_into_the_newer_exercises(source, mine):
    change(mine / SET, lambda found: found.insert(1, cell("helper", "def twice(x): ...", "code", grade_id="toy-1")))
    own = answered(mine)
    put(source / SET, exercises("Double the number."))
    (said,) = start(mine, source)
    assert "your answers to toy.1 and the cells that you added" in said
    assert (mine / SET).read_bytes() == own
    assert [(c["id"], "".join(c["source"])) for c in cells(mine / BESIDE)][1:] == [
        ("toy-1-text", "Double the number."),
        ("helper", "def twice(x): ..."),
        ("toy-1-answer", MINE),
        ("toy-1-check", 'check("toy.1", double)'),
        ("toy-end", "The end."),
    ]
    assert cells(mine / BESIDE)[2]["metadata"] == {}, "a mark of nbgrader belongs to one cell"


def test_an_answer_to_another_beginning_keeps_the_new_one_as_a_comment(source, mine):
    answered(mine)
    put(source / SET, exercises(stub=STUB.replace("(x)", "(x, times)")))
    start(mine, source)
    text = texts(mine / BESIDE)["toy-1-answer"]
    assert text.startswith(MINE)
    assert "\n# def double(x, times):\n" in text
    put(source / SET, exercises("Double the number.", STUB.replace("(x)", "(x, times)")))
    start(mine, source)
    assert texts(mine / BESIDE)["toy-1-answer"] == text


def test_a_second_update_replaces_the_newer_one_unless_it_was_changed(source, mine):
    own = answered(mine)
    put(source / SET, exercises("Second."))
    start(mine, source)
    put(source / SET, exercises("Third."))
    (replaced, holds) = start(mine, source)
    assert BESIDE in replaced
    assert "toy.1" in holds
    assert (texts(mine / BESIDE)["toy-1-text"], texts(mine / BESIDE)["toy-1-answer"]) == ("Third.", MINE)
    assert "newer-edition" in texts(mine / BESIDE)
    better = MINE.replace("x + x", "2 * x")
    change(mine / BESIDE, typing("toy-1-answer", better))
    put(source / SET, exercises("Fourth."))
    start(mine, source)
    assert texts(mine / "exercises/01-toy-newer-2.ipynb")["toy-1-answer"] == better
    assert texts(mine / BESIDE)["toy-1-answer"] == better
    assert (mine / SET).read_bytes() == own


def test_an_answer_in_the_first_notebook_is_newer_than_the_one_that_was_carried(source, mine):
    answered(mine)
    put(source / SET, exercises("Second."))
    start(mine, source)
    better = MINE.replace("x + x", "2 * x")
    change(mine / SET, typing("toy-1-answer", better))
    put(source / SET, exercises("Third."))
    start(mine, source)
    assert texts(mine / BESIDE)["toy-1-answer"] == better


def test_the_newer_notebook_may_take_the_place_of_the_first(source, mine):
    answered(mine)
    put(source / SET, exercises("Second."))
    start(mine, source)
    os.replace(mine / BESIDE, mine / SET)
    assert start(mine, source) == [f"{mine} is up to date."]
    put(source / SET, exercises("Third."))
    start(mine, source)
    assert (texts(mine / SET)["toy-1-text"], texts(mine / SET)["toy-1-answer"]) == ("Third.", MINE)
    assert not (mine / BESIDE).exists()


def test_an_exercise_that_moved_takes_its_answer_along(source, mine):
    answered(mine)
    os.replace(source / SET, source / "exercises/02-toy.ipynb")
    said = start(mine, source)
    assert "exercises/02-toy.ipynb holds your answers to toy.1." in said
    assert texts(mine / "exercises/02-toy.ipynb")["toy-1-answer"] == MINE
    assert texts(mine / SET)["toy-1-answer"] == MINE


def test_a_renamed_notebook_is_not_touched_and_a_fresh_one_is_made(source, mine):
    own = answered(mine)
    os.replace(mine / SET, mine / "exercises/mine.ipynb")
    shutil.copy(mine / "exercises/mine.ipynb", mine / "exercises/01-toy-Copy1.ipynb")
    (said,) = start(mine, source)
    assert SET in said
    assert (mine / SET).read_bytes() == (source / SET).read_bytes()
    assert (mine / "exercises/mine.ipynb").read_bytes() == own == (mine / "exercises/01-toy-Copy1.ipynb").read_bytes()


def test_names_of_ones_own_are_not_taken(source, mine):
    put(mine / BESIDE, [cell("x", "Mine.")])
    answered(mine)
    put(source / SET, exercises("Second."))
    before = files(mine)
    start(mine, source)
    assert files(mine).items() >= before.items()
    assert texts(mine / "exercises/01-toy-newer-2.ipynb")["toy-1-answer"] == MINE


BROKEN = [
    b"",
    b"<<<<<<< HEAD\n{",
    b"[1]",
    b'{"cells": [{"cell_type": 3}]}',
    b'{"cells": [3]}',
    b"\xff\xfe\xff",
    b"null",
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_notebook_that_cannot_be_read_stays_and_a_fresh_one_stands_beside_it(source, mine, content):
    (mine / SET).write_bytes(content)
    for _ in range(2):
        (said,) = start(mine, source)
        assert f"{SET} cannot be read as a notebook and stays as it is." in said or said.endswith("up to date.")
        assert (mine / SET).read_bytes() == content
        assert texts(mine / BESIDE)["toy-1-answer"] == STUB
    assert sorted(path.name for path in (mine / "exercises").iterdir()) == ["01-toy-newer.ipynb", "01-toy.ipynb"]


@pytest.mark.parametrize("record", [None, b"{", b"[]", b'{"pages": {"exercises/01-toy.ipynb": [{}]}}'])
def test_without_its_hidden_file_a_copy_loses_nothing(source, mine, record):
    own = answered(mine)
    (mine / RECORD).unlink() if record is None else (mine / RECORD).write_bytes(record)
    put(source / SET, exercises("Second."))
    start(mine, source)
    assert (mine / SET).read_bytes() == own
    assert texts(mine / BESIDE)["toy-1-answer"] == MINE
    assert not (mine / "notebooks/00-start-newer.ipynb").exists()


def test_an_old_copy_without_an_answer_carries_none(source, mine):
    (mine / RECORD).unlink()
    put(source / SET, exercises("Second.", STUB.replace("(x)", "(x, times)")))
    start(mine, source)
    assert texts(mine / BESIDE)["toy-1-answer"] == STUB.replace("(x)", "(x, times)")


@pytest.mark.parametrize("kept", ["metadata", "nothing"])
def test_answers_are_found_where_an_editor_dropped_the_ids(source, mine, kept):
    """Colab keeps them in the metadata; of others nbgrader's marks are left."""
    found = cells(mine / SET)
    typing("toy-1-answer", MINE)(found)
    for c in found:
        id = c.pop("id")
        if kept == "metadata":
            c["metadata"]["id"] = id
    put(mine / SET, found, minor=0)
    put(source / SET, exercises("Second."))
    start(mine, source)
    assert [*texts(mine / BESIDE)] == ["newer-edition", "toy-1-text", "toy-1-answer", "toy-1-check", "toy-end"]
    assert texts(mine / BESIDE)["toy-1-answer"] == MINE


def test_both_halves_of_a_split_answer_are_carried(source, mine):
    def split(found: list[dict]) -> None:
        found[1]["source"] = "import math"
        found.insert(2, found[1] | {"id": "half", "source": MINE})

    change(mine / SET, split)
    put(source / SET, exercises("Second."))
    start(mine, source)
    assert [*texts(mine / BESIDE).values()][2:4] == ["import math", MINE]


def test_an_answer_that_stands_in_the_stored_exercises_is_no_original(source, tmp_path):
    """Somebody answered in the repository's own folder, made a copy, and then let git have its own back."""
    change(source / SET, typing("toy-1-answer", MINE))
    start(tmp_path / "mine", source)
    put(source / SET, exercises())
    start(tmp_path / "mine", source)
    assert texts(tmp_path / "mine" / SET)["toy-1-answer"] == MINE
    put(source / SET, exercises("Second."))
    start(tmp_path / "mine", source)
    assert texts(tmp_path / "mine" / BESIDE)["toy-1-answer"] == MINE


def test_new_outputs_alone_put_nothing_beside_a_changed_notebook(source, mine):
    change(mine / LECTURE, typing("start-text", "Mine."))
    change(source / LECTURE, run)
    change(source / LECTURE, lambda found: found.pop())
    assert start(mine, source) == [f"{mine} is up to date."]


def test_a_read_only_notebook_stays(source, mine):
    (mine / LECTURE).chmod(stat.S_IRUSR)
    own = (mine / LECTURE).read_bytes()
    change(source / LECTURE, typing("start-text", "Second."))
    (said,) = start(mine, source)
    assert "which is read-only, stays" in said
    assert (mine / LECTURE).read_bytes() == own


@pytest.mark.parametrize("number", range(8))
def test_an_update_that_is_cut_short_is_finished_by_the_next(source, mine, tmp_path, monkeypatch, number):
    """However many files were written before it ended: the copy ends as if nothing had happened."""
    own = answered(mine)
    put(source / SET, exercises("Second."))
    change(source / LECTURE, typing("start-text", "Second."))
    shutil.copytree(mine, tmp_path / "undisturbed")
    start(tmp_path / "undisturbed", source)
    whole, left = os.replace, [number]

    def replace(*paths: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        whole(*paths)

    monkeypatch.setattr(os, "replace", replace)
    try:
        start(mine, source)
    except OSError:
        assert (mine / SET).read_bytes() == own
    monkeypatch.undo()
    start(mine, source)
    assert files(mine) == files(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("", "has no name"),
        ("~nosuchuser/course", "is no folder"),
        ("a\0b", "is no folder"),
        ("{stored}", "is stored in"),
        ("{stored}/exercises", "is stored in"),
        ("{stored}/book/glossary.md", "is a file"),
    ],
)
def test_a_folder_that_cannot_hold_a_copy_is_refused_in_words(source, folder, words):
    before = files(source)
    with pytest.raises(ValueError, match=words):
        start(folder.format(stored=source), source)
    assert files(source) == before


def test_a_home_is_understood(source, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    start("~/own course", source)
    assert (tmp_path / "own course" / LECTURE).exists()


def test_own_notebooks_beside_the_stored_ones_are_not_part_of_the_course(source):
    for name in ("notes.ipynb", "00-start-Copy1.ipynb", "00-start.md"):
        (source / "notebooks" / name).write_text("mine")
    assert pages(source) == [LECTURE, SET, "book/glossary.md"]


def test_the_command_makes_a_copy_and_says_how_to_open_it(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(working_copy, "stored", lambda: source)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["start"]) == 0
    said = capsys.readouterr().out
    assert "my-course is your copy of the course now, 3 files." in said
    opens = os.path.join("my-course", "notebooks", "00-start.ipynb")
    assert f'jupyter lab --notebook-dir="my-course" "{opens}"' in said
    (tmp_path / "taken").write_text("")
    assert cli.main(["start", "taken"]) == 2
    assert cli.main(["start", "taken/below"]) == 2
    assert "expected a folder in which you may write" in capsys.readouterr().err


def test_a_built_package_carries_the_stored_notebooks(root, tmp_path):
    pytest.importorskip("setuptools")
    for name in ("damtutor", "notebooks", "exercises", "solutions"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "widgets"))
    (tmp_path / "book").mkdir()
    for name in ("book/glossary.md", "pyproject.toml", "setup.py", "README.md", "MANIFEST.in"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copy(tmp_path / LECTURE, tmp_path / "notebooks/00-start-Copy1.ipynb")
    build = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", "lib"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "lib/damtutor/editions/notebooks/00-start-Copy1.ipynb").exists()
    shutil.rmtree(tmp_path / "notebooks")
    code = "from damtutor.working_copy import start; start('own')"
    env = os.environ | {"PYTHONPATH": str(tmp_path / "lib")}
    subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, env=env, check=True)
    assert (tmp_path / "own" / LECTURE).read_bytes() == (root / LECTURE).read_bytes()
