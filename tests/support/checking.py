"""A toy exercise and a kernel to run cells in, for the tests of the checks."""

from __future__ import annotations

import os

import numpy as np

from damtutor.checks.engine.exercise import Case, Exercise


def double(X, k):
    """Reference of the toy exercise."""
    return X * k


def toy(**changes):
    """An exercise that takes no time."""
    X = np.arange(6.0).reshape(2, 3)
    parts = {
        "id": "toy.1",
        "title": "Multiply",
        "points": 4,
        "minutes": 1,
        "level": "◆◇◇",
        "reference": double,
        "cases": lambda: [Case((X, 3.0)), Case((X[:1], 2.0)), Case((X.T.copy(), -1.0))],
        "success": "It scales.",
    }
    return Exercise(**parts | changes)


def run_cells(cells, tmp_path, **environment):
    """Execute code cells in a real kernel; the notebook with its outputs."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    environment |= {"DAMTUTOR_RECORD": str(tmp_path / "kernel.json")}
    NotebookClient(notebook, timeout=120, allow_errors=True).execute(env=os.environ | environment)
    return notebook
