"""What strict nbval lets pass, closed: each hole is shown with a notebook that falls through it."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook, new_output

from publish import stored_notebooks as stored


def notebook(source: str, outputs: list | None = None, count: int | None = 1, **metadata: object):
    """A notebook of one code cell."""
    cell = new_code_cell(source, outputs=outputs or [], execution_count=count, metadata=metadata, id="cell")
    return new_notebook(cells=[cell])


def test_a_cell_that_was_not_run_is_a_fault():
    """nbval compares nothing where no execution count is stored."""
    assert stored.faults(notebook("print(1)", count=None)) == [
        "cell: was not run, so its output is compared with nothing"
    ]


def test_a_missing_output_is_not_current(tmp_path: Path):
    """The editions are compared with what a run shows, so an output that was removed by hand is seen."""
    printed = notebook("print(1)", [new_output("stream", name="stdout", text="1\n")])
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook("print(1)"), tmp_path / "notebooks/01-toy.ipynb")
    assert stored.stale({"notebooks/01-toy.ipynb": printed}, tmp_path) == [
        "notebooks/01-toy.ipynb, cell cell: differs from the manuscript"
    ]


def test_picture_bytes_are_not_compared_but_their_text_is(tmp_path: Path):
    def shown(png: str, alt: str) -> nbformat.NotebookNode:
        data = {"image/png": png, "text/html": f'<img alt="{alt}" src="data:image/png;base64,{png}">'}
        return notebook("show()", [new_output("display_data", data=data, metadata={"image/png": {"alt": alt}})])

    (tmp_path / "notebooks").mkdir()
    nbformat.write(shown("AAAA", "a line"), tmp_path / "notebooks/01-toy.ipynb")
    assert stored.stale({"notebooks/01-toy.ipynb": shown("BBBB", "a line")}, tmp_path) == []
    assert stored.stale({"notebooks/01-toy.ipynb": shown("AAAA", "a curve")}, tmp_path)


def test_an_unknown_magic_is_a_fault():
    """IPython answers it on stderr and goes on: no exception for nbval to see."""
    nb = NotebookClient(notebook("%nosuch", count=None), timeout=60, allow_errors=True).execute()
    assert [out.output_type for out in nb.cells[0].outputs] == ["stream"]
    assert "unknown magic" in stored.faults(nb)[0]


def test_a_promised_exception_that_does_not_come_is_a_fault():
    assert "is meant to raise, and does not" in stored.faults(notebook("1", tags=["raises-exception"]))[0]
    error = new_output("error", ename="E", evalue="", traceback=[])
    assert stored.faults(notebook("1 / 0", [error], tags=["raises-exception"])) == []
    assert "stores a traceback" in stored.faults(notebook("1 / 0", [error]))[0]


@pytest.mark.parametrize("nb", [notebook("x", tags=["nbval-ignore-output"]), notebook("# NBVAL_SKIP\nx")])
def test_looking_away_is_a_fault(nb):
    assert "look away" in stored.faults(nb)[0]


def test_nbval_is_strict_where_it_is_called():
    from tests import run

    command = run.nbval_command("")
    assert "--nbval" in command
    assert "--nbval-lax" not in command
    assert not [a for a in command if a.startswith("--nbval-current-env") or a.startswith("--nbval-skip")]
    rules = (Path(run.ROOT) / "tests/nbval_sanitize.cfg").read_text()
    assert rules.count("regex:") == 1, "the memory address is the only thing that may differ"


def test_an_unknown_chapter_runs_nothing(capsys):
    """With no path pytest would collect the whole project."""
    from tests import run

    with pytest.raises(SystemExit) as stopped:
        run.main(["--chapter", "99", "nbval"])
    assert stopped.value.code == 2
    assert "no chapter 99; there are 00, 01" in capsys.readouterr().err


def test_stored_notebooks_have_no_faults(root: Path):
    paths = stored.stored(root, "notebooks", "solutions", chapter=os.environ.get("CH", ""))
    assert paths
    assert [f"{p.name}: {f}" for p in paths for f in stored.faults(nbformat.read(p, 4))] == []
