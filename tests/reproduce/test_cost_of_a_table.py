"""What a table of a paper costs: one item, and its printed values as data. Tried in a copy of the package."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import damtutor

ITEM = '''"""A table of one number, to see what a table costs."""

from damtutor.experiments.guarantees import fixed_point_trial
from damtutor.reproduce.mimura2026 import SOURCE
from damtutor.reproduce.printed import table
from damtutor.reproduce.report import Item, Panel, Report, column, dots, mean_row

PRINTED = table(__package__, "rests")["share"]


def rests(run):
    """Whether a single stored pattern rests, by the size of the network."""
    points = [{"size": size, "count": 1, "order": 3} for size in PRINTED]
    found = run.sweep(fixed_point_trial, points, run.pick(4, 20))
    rows = [
        mean_row(f"N = {size}: rests", column(trials, "fixed"), value)
        for (size, value), trials in zip(PRINTED.items(), found, strict=True)
    ]
    measured = dots("measured", list(PRINTED), [column(trials, "fixed") for trials in found])
    return Report(rows, [Panel("rests", "size N", "share", dots=[measured])], "Dots at 1.")


ITEMS = (Item("rests", "A pattern that rests", SOURCE, 1, 1, rests),)
'''
VALUES = """source = "independent program"
place = "a table that is made up"
certainty = "not printed"

[share]
at = { order = 3, count = 1 }
keys = ["size"]
rows = [
  [20, 1.0],
  [30, 1.0],
]
"""


def digests(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).digest() for path in files}


def test_a_table_is_an_item_and_its_values(tmp_path):
    package, paper = tmp_path / "damtutor", tmp_path / "damtutor/reproduce/mimura2026"
    shutil.copytree(Path(damtutor.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    before = digests(package)

    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "damtutor.cli", "reproduce", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )

    assert "A pattern that rests" not in command("--list").stdout
    (paper / "rests.py").write_text(ITEM)
    (paper / "printed" / "rests.toml").write_text(VALUES)
    assert "A pattern that rests" in command("--list").stdout
    done = command("rests", "--jobs", "1", "--out", "made")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 rows agree" in done.stdout
    assert "| N = 20: rests | 1 | 1 | no scatter | agrees |" in (tmp_path / "made" / "rests.md").read_text()
    after = digests(package)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"reproduce/mimura2026/rests.py", "reproduce/mimura2026/printed/rests.toml"}
    assert before.keys() <= after.keys()
