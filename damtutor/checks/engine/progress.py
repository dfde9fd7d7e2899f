"""What a learner has done, in one file that survives a crash.

The file is `progress.json` in the user's data directory, or what `DAMTUTOR_RECORD` names. It is replaced as a whole,
never edited: a crash leaves the old one. A file that cannot be read is kept beside the new one and mentioned by
`progress()`, one that cannot be written by `check`. Nothing that a strict run shows depends on it.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

from damtutor.checks.engine.verdict import SYMBOLS, Verdict

VERSION = 1
RANK = ("not started", "error", "wrong", "almost", "correct")


def place() -> Path:
    """Where the record is."""
    named = os.environ.get("DAMTUTOR_RECORD")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("damtutor", appauthor=False)) / "progress.json"


def empty() -> dict:
    """A record with nothing in it."""
    return {"version": VERSION, "exercises": {}, "aside": []}


def read(path: Path | None = None) -> dict:
    """The record; an empty one if there is none, or if it is not readable (then `aside` names it). Changes nothing."""
    path = path or place()
    try:
        return _checked(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        return empty()
    except (ValueError, RecursionError):
        return empty() | {"aside": [path.name]}


def _checked(data: object) -> dict:
    """`data` if it is a record, else ValueError."""
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError("not a record of this version")
    exercises, aside = data.get("exercises"), data.get("aside")
    if not isinstance(exercises, dict) or not isinstance(aside, list):
        raise ValueError("not a record")
    for entry in exercises.values():
        if not isinstance(entry, dict) or entry.get("best") not in RANK or not isinstance(entry.get("tries"), int):
            raise ValueError("not a record")
    return data


def write(verdict: Verdict) -> bool:
    """Add a verdict, keeping the best one of each exercise; False if the record cannot be written."""
    path = place()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = _open(path)
        entry = data["exercises"].setdefault(verdict.id, {"best": "not started", "tries": 0})
        entry["best"] = max(entry["best"], verdict.kind, key=RANK.index)
        entry["tries"] += verdict.kind != "not started"
        _replace(path, json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    except OSError:
        return False
    return True


def _open(path: Path) -> dict:
    """The record to be changed; an unreadable one is put aside first."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return empty()
    try:
        return _checked(json.loads(text.decode("utf-8")))
    except (ValueError, RecursionError):
        number = 1
        while (aside := path.with_name(f"{path.name}.unreadable-{number}")).exists():
            number += 1
        path.rename(aside)
        return empty() | {"aside": [aside.name]}


def _replace(path: Path, text: str) -> None:
    """Write beside, flush to disk, then rename over: at no moment is there half a file."""
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class ExerciseProgress:
    """One exercise in the table of `progress()`.

    Attributes
    ----------
    id : such as "dense.2".
    title : of the exercise.
    best : the best verdict so far.
    points : what a right answer earns.
    earned : points of the best verdict.
    minutes : how long the exercise takes, about.
    core : False for an exercise that may be left out.
    """

    id: str
    title: str
    best: str
    points: float
    earned: float
    minutes: int
    core: bool


@dataclass(frozen=True, repr=False)
class Progress:
    """What is done, as a table.

    Attributes
    ----------
    rows : one an exercise.
    note : what happened to a record that could not be read, or "".
    """

    rows: tuple[ExerciseProgress, ...]
    note: str = ""

    @property
    def summary(self) -> str:
        """Totals in one sentence."""
        done = sum(row.best == "correct" for row in self.rows)
        earned, points = sum(row.earned for row in self.rows), sum(row.points for row in self.rows)
        left = sum(row.minutes for row in self.rows if row.best != "correct")
        return (
            f"{done} of {len(self.rows)} exercises done, {earned:g} of {points:g} points, about {left} minutes to go."
        )

    def cells(self) -> list[tuple[str, ...]]:
        """The table's text, heading first."""
        head = ("", "exercise", "", "points", "minutes", "")
        return [head] + [
            (
                f"{SYMBOLS[row.best]} {row.best}",
                row.id,
                row.title,
                f"{row.earned:g} of {row.points:g}",
                str(row.minutes),
                "core" if row.core else "stretch",
            )
            for row in self.rows
        ]

    def __repr__(self) -> str:
        cells = self.cells()
        width = [max(len(line[k]) for line in cells) for k in range(len(cells[0]))]
        lines = ["  ".join(text.ljust(w) for text, w in zip(line, width, strict=True)).rstrip() for line in cells]
        return "\n".join([*lines, self.summary, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        head, *body = self.cells()
        titles = ("verdict", "exercise", "title", *head[3:5], "kind")
        rows = ["<tr>" + "".join(f'<th scope="col">{name}</th>' for name in titles) + "</tr>"]
        rows += ["<tr>" + "".join(f"<td>{escape(text)}</td>" for text in line) + "</tr>" for line in body]
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{''.join(rows)}</table><p>{escape(self.summary)}</p>{note}"
