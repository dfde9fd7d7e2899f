"""The chain from a manuscript to its editions: ids, links, roles, grading marks, one execution, no byte changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from manuscripts import FRONT

from publish import editions
from publish import manuscript as ms
from publish import stored_notebooks as stored

CHAPTER = """# Toy

As {cite:t}`krotov2016` say {cite:p}`hopfield1982,amit1985`, {term}`loads <load>` matter.
Solve [the exercises](../exercises/01-toy.md#exercises),
look at the [glossary](../glossary.md), not at `[code](nowhere.md)`.

```{code-cell} ipython3
:id: toy-count

import os
with open(os.environ["COUNT"], "a") as file:
    file.write("x")
print("Hello", object)
```

:::{admonition} In the literature
One *line*.
:::

+++ {"id": "toy-named"}

Named.

+++

Not named.
"""
EXERCISE = """# Exercises

From [the chapter](../chapters/01-toy.md).

```{code-cell} ipython3
:id: toy-1-answer

def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
:id: toy-1-check

import os
if strict := "DAMTUTOR_STRICT" in os.environ:
    with open(os.environ["COUNT"] + "-solved", "a") as file:
        file.write("x")
check = print
check("toy.1", double(3) if strict else None)
```
"""


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """A project with one toy chapter and its exercises."""
    for folder in ("book/chapters", "book/exercises", "damtutor"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("references.bib", "glossary.md", "bibliography.md", "_config.yml"):
        (tmp_path / "book" / name).write_text((root / "book" / name).read_text("utf-8"), "utf-8")
    (tmp_path / "book/chapters/01-toy.md").write_text(FRONT + CHAPTER, "utf-8")
    (tmp_path / "book/exercises/01-toy.md").write_text(FRONT + EXERCISE, "utf-8")
    return tmp_path


def chapter(project: Path, text: str) -> Path:
    """The toy chapter with another text."""
    path = project / "book/chapters/01-toy.md"
    path.write_text(FRONT + text, "utf-8")
    return path


def blank(project: Path, folder: str, page: str) -> nbformat.NotebookNode:
    """An edition that was not run."""
    path = project / "book" / folder / "01-toy.md"
    return editions.base(ms.read(path), path, page, project)


def test_cells_have_stable_ids(project):
    nb = blank(project, "chapters", "notebooks/01-toy.ipynb")
    assert [c.id for c in nb.cells] == ["toy-count-text", "toy-count", "toy-end", "toy-named", "toy-end-2"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("```{code-cell} ipython3\nx = 1\n```\n", "without `:id:`"),
        ("```{code-cell} ipython3\n:id: Toy_1\n\nx = 1\n```\n", "'Toy_1' is not 1 to 64"),
        (f"```{{code-cell}} ipython3\n:id: {'a' * 65}\n\nx = 1\n```\n", "is not 1 to 64"),
        ("```{code-cell} ipython3\n:id: toy-1-check\n\nx = 1\n```\n", "'toy-1-check' is taken by .*line"),
    ],
)
def test_bad_ids_say_where(project, cell, words):
    chapter(project, cell)
    with pytest.raises(ms.ManuscriptError, match=r"line \d+: .*" + words):
        ms.check_ids(project)


def test_roles_and_boxes_become_plain_text(project):
    nb = blank(project, "chapters", "notebooks/01-toy.ipynb")
    assert "As Krotov and Hopfield (2016) say (Hopfield 1982; Amit et al. 1985), loads matter." in nb.cells[0].source
    assert "> **In the literature**\n>\n> One *line*." in nb.cells[2].source


@pytest.mark.parametrize("text", ["{cite:p}`nobody1900`", "{ref}`here`", "```{note}\nx\n```"])
def test_what_a_notebook_cannot_show_is_an_error(project, text):
    chapter(project, text + "\n")
    with pytest.raises(ms.ManuscriptError, match=r"01-toy\.md, cell toy-end"):
        blank(project, "chapters", "notebooks/01-toy.ipynb")


def test_links_lead_to_the_same_page_in_each_edition(project):
    text = blank(project, "chapters", "notebooks/01-toy.ipynb").cells[0].source
    assert "[the exercises](../exercises/01-toy.ipynb)" in text
    assert "[glossary](../book/glossary.md)" in text
    assert "`[code](nowhere.md)`" in text
    text = blank(project, "exercises", "exercises/01-toy.ipynb").cells[0].source
    assert "[the chapter](../notebooks/01-toy.ipynb)" in text
    page = ms.site_source("book/chapters/01-toy", FRONT + CHAPTER, project)
    assert "[the exercises](../../exercises/01-toy.ipynb#exercises)" in page
    assert "[glossary](../glossary.md)" in page
    (project / "exercises").mkdir()
    (project / "exercises/01-toy.ipynb").write_text("", "utf-8")
    nb = nbformat.writes(blank(project, "exercises", "exercises/01-toy.ipynb"))
    (cell, *_) = json.loads(ms.site_source("exercises/01-toy", nb, project))["cells"]
    assert "[the chapter](../book/chapters/01-toy.md)" in "".join(cell["source"])


def test_a_link_may_name_the_edition_too(project):
    page = ms.rewrite_links(
        "[e](../../exercises/01-toy.ipynb)", "book/chapters/01-toy.md", "notebooks/01-toy.ipynb", "notebook", project
    )
    assert page == "[e](../exercises/01-toy.ipynb)"


@pytest.mark.parametrize("link", ["[x](../chapters/99-none.md)", '<a href="none.md">x</a>', "![x](../../../y.png)"])
def test_a_link_to_nothing_is_an_error(project, link):
    chapter(project, link + "\n")
    with pytest.raises(ms.ManuscriptError, match="leads to nothing"):
        blank(project, "chapters", "notebooks/01-toy.ipynb")


def graded(project: Path) -> nbformat.NotebookNode:
    nb = blank(project, "exercises", "exercises/01-toy.ipynb")
    editions.grade(nb, "exercises/01-toy.ipynb", lambda exercise: {"toy.1": 3}[exercise])
    return nb


def test_the_unsolved_edition_is_nbgraders(project):
    nb = editions.unsolved(graded(project), "01-toy")
    answer, check = nb.cells[1:]
    assert answer.source == "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert answer.metadata.nbgrader.solution
    assert not answer.metadata.nbgrader.grade
    marks = check.metadata.nbgrader
    assert (marks.grade_id, marks.points, marks.grade, marks.locked) == ("toy-1", 3, True, True)
    assert nbformat.writes(nb) == nbformat.writes(editions.unsolved(graded(project), "01-toy"))


def test_an_answer_needs_its_check(project):
    nb = blank(project, "exercises", "exercises/01-toy.ipynb")
    nb.cells = nb.cells[:-1]
    with pytest.raises(ms.ManuscriptError, match="toy-1-answer: an answer without a check"):
        editions.grade(nb, "page", lambda exercise: 1)


def test_nothing_of_the_machine_or_the_day_is_stored():
    out = nbformat.v4.new_output(
        "display_data", data={editions.WIDGET: {"model_id": "1"}, "text/plain": "<A at 0x7f12ab>"}
    )
    assert editions.normal(out).data == {"text/plain": "<A at 0x000000>"}
    pieces = [nbformat.v4.new_output("stream", name="stdout", text=t) for t in ("a", "b")]
    assert [o.text for o in editions.joined(pieces)] == ["ab"]
    found = stored.PATHS.search
    for path in ("/home/x/y.py", "/tmp/ipykernel_1/2.py", "a/site-packages/b.py", r"C:\Users\x"):
        assert found(path), path
    assert not found("overlap/N")


def stored_page(project: Path, text: str) -> None:
    """An exercise as it is stored, with this answer."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text, id="toy-1-answer")])
    (project / "exercises").mkdir(exist_ok=True)
    (project / "exercises/01-toy.ipynb").write_text(nbformat.writes(nb), "utf-8")


def in_the_way(project: Path, made: str | None = None) -> list[str]:
    """What was changed by hand, if `made` is what is to be written."""
    page = "exercises/01-toy.ipynb"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(made or "", id="toy-1-answer")])
    return stored.changed_by_hand(project, [page], {page: nbformat.writes(nb).encode()} if made else {})


def test_a_page_that_says_what_was_last_made_may_be_written_over(project):
    stored_page(project, "first")
    assert in_the_way(project) == [], "nothing is known, and nothing is made yet"
    assert in_the_way(project, "first") == []
    assert in_the_way(project, "second") == ["exercises/01-toy.ipynb"]
    stored.remember(project, {"exercises/01-toy.ipynb": (project / "exercises/01-toy.ipynb").read_bytes()})
    assert in_the_way(project, "second") == []
    stored_page(project, "typed")
    assert in_the_way(project) == ["exercises/01-toy.ipynb"]
    assert in_the_way(project, "second") == ["exercises/01-toy.ipynb"]
    (project / "exercises/01-toy.ipynb").write_text("<<<<<<< HEAD")
    assert in_the_way(project) == ["exercises/01-toy.ipynb"]


def test_a_page_that_says_what_is_committed_may_be_written_over(project):
    def git(*words: str) -> None:
        person = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *person, *words], cwd=project, check=True, capture_output=True)

    if not shutil.which("git"):
        pytest.skip("git is not installed")
    stored_page(project, "first")
    git("init")
    git("add", "exercises")
    git("commit", "-m", "Store the exercises")
    assert in_the_way(project, "second") == []
    nb = nbformat.read(project / "exercises/01-toy.ipynb", 4)
    nb.cells[0].outputs = [nbformat.v4.new_output("stream", text="ran")]
    nbformat.write(nb, project / "exercises/01-toy.ipynb")
    assert in_the_way(project) == [], "it was merely run"
    stored_page(project, "typed")
    assert in_the_way(project) == ["exercises/01-toy.ipynb"]


@pytest.mark.parametrize("args", [[], ["--chapter", "01"]])
def test_making_the_editions_stops_before_it_writes_over_an_answer(project, monkeypatch, capsys, args):
    monkeypatch.setattr(editions, "ROOT", project)
    stored_page(project, "first")
    stored.remember(project, {"exercises/01-toy.ipynb": (project / "exercises/01-toy.ipynb").read_bytes()})
    stored_page(project, "typed")
    before = (project / "exercises/01-toy.ipynb").read_bytes()
    assert editions.main(args) == 1
    said = capsys.readouterr().err
    assert "exercises/01-toy.ipynb: was changed by hand" in said
    assert "--overwrite" in said
    assert (project / "exercises/01-toy.ipynb").read_bytes() == before


COMMAND = """
import pathlib, sys
from publish import editions
editions.ROOT = pathlib.Path({project!r})
whole = editions.editions
editions.editions = lambda root, chapter="", **options: whole(root, chapter, lambda exercise: 3, **options)
sys.exit(editions.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_one_execution_serves_editions_check_and_site(project, root):
    """Runs are counted by a letter that the chapter's cell appends to a file."""
    count, env = (
        project / "count",
        os.environ | {"COUNT": str(project / "count"), "PYTHONWARNINGS": "ignore", "PYTHONPATH": str(root)},
    )
    command = [sys.executable, "-c", COMMAND.format(project=str(project))]

    def make(*args: str) -> subprocess.CompletedProcess:
        return subprocess.run([*command, *args], env=env, capture_output=True, text=True, check=False)

    def made() -> dict:
        return {p.relative_to(project).as_posix(): p.read_bytes() for p in project.glob("*/*.ipynb")}

    assert make().returncode == 0
    first = made()
    assert sorted(first) == ["exercises/01-toy.ipynb", "notebooks/01-toy.ipynb", "solutions/01-toy.ipynb"]
    assert b"toy.1 6" in first["solutions/01-toy.ipynb"]  # strict while it ran
    assert make().returncode == 0
    assert made() == first
    assert make("--check").returncode == 0
    ids = [cell["id"] for text in first.values() for cell in json.loads(text)["cells"]]
    assert len(ids) == len(set(ids))

    (project / "book/_static").mkdir()
    shutil.copy(root / "book/_static/favicon.svg", project / "book/_static")
    (project / "book/index.md").write_text("# Toy book\n", "utf-8")
    toc = "format: jb-book\nroot: book/index\nchapters:\n"
    toc += "".join(f"- file: {page}\n" for page in ("book/chapters/01-toy", "exercises/01-toy", "book/glossary"))
    (project / "book/_toc.yml").write_text(toc + "- file: book/bibliography\n", "utf-8")
    build = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
    build += ["--toc", "book/_toc.yml", "--config", "book/_config.yml", "--path-output", ".", "-W", "--keep-going"]
    built = subprocess.run(build, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Hello" in (project / "_build/html/book/chapters/01-toy.html").read_text("utf-8")
    assert count.read_text() == "x"

    page = project / "notebooks/01-toy.ipynb"
    page.write_text(page.read_text("utf-8").replace("Not named.", "Edited by hand."), "utf-8")
    said = make("--check")
    assert said.returncode == 1
    assert "notebooks/01-toy.ipynb, cell toy-end-2: differs from the manuscript" in said.stdout
    said = make()
    assert said.returncode == 1
    assert "notebooks/01-toy.ipynb: was changed by hand" in said.stderr
    assert "Edited by hand." in page.read_text("utf-8")
    (project / "damtutor/new.py").write_text("x = 1\n")  # the package changed: what was cached is no proof any more
    assert make("--check").returncode == 1
    assert count.read_text() == "xx"
    assert (project / "count-solved").read_text() == "x", "a check runs no exercise, nbval does"
    assert make("--overwrite").returncode == 0
    assert count.read_text() == (project / "count-solved").read_text() == "xx"
    assert made() == first, "a second execution gives the same editions, byte for byte on one machine"
