"""What a learner has done, in one file that survives a crash, and several notebooks at once.

The file is `progress.json` in the user's data directory, or what `DAMTUTOR_RECORD` names. It is replaced as a whole,
never edited: a crash leaves the old one. Reading, changing and replacing are one step under a lock beside the file, so
that no verdict is lost between processes. A file that cannot be read is kept beside the new one and mentioned by
`progress()`. One that cannot be written is no reason to keep a verdict back: `check` shows the verdict and says what
was not recorded. Nothing that a strict run shows depends on the record.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from damtutor.checks.engine.verdict import SYMBOLS, Verdict
from damtutor.output import fitted

VERSION = 1
RANK = ("not started", "error", "wrong", "almost", "correct")
WAIT = 20.0  # seconds for another process, which needs milliseconds
POLL = 0.01  # seconds between two looks at the lock
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)  # as some network folders answer
EXAMPLE = "for example DAMTUTOR_RECORD=/tmp/progress.json"


def place() -> Path:
    """Where the record is.

    Raises
    ------
    OSError : there is no home folder that it could be in; the message is a sentence.
    """
    named = os.environ.get("DAMTUTOR_RECORD", "").strip()
    try:
        if named:
            return Path(named).expanduser()
        import platformdirs

        return Path(platformdirs.user_data_dir("damtutor", appauthor=False)).expanduser() / "progress.json"
    except (RuntimeError, KeyError, ValueError):
        whose = f" in {named!r}, which DAMTUTOR_RECORD says" if named else ""
        raise OSError(f"no home folder is known{whose}; expected a file where you may write, {EXAMPLE}") from None
    except ImportError as error:  # a course that is newer than what was installed with it
        raise OSError(f"{error}; `damtutor doctor` says what to install") from None


def empty() -> dict:
    """A record with nothing in it."""
    return {"version": VERSION, "exercises": {}, "aside": []}


def read() -> dict:
    """The record; an empty one if there is none, or if it is not readable (then `aside` names it). Changes nothing."""
    try:
        path = place()
        text = _text(path)
    except OSError:
        return empty()
    try:
        return empty() if text is None else _parsed(text)
    except (ValueError, RecursionError):
        return empty() | {"aside": [path.name]}


def write(verdict: Verdict) -> str:
    """Add a verdict, keeping the best one of each exercise.

    Returns
    -------
    "", or where and why it could not be written: words that go on after "could not be written".
    """

    def add(path: Path) -> None:
        data = _open(path)
        entry = data["exercises"].setdefault(verdict.id, {"best": "not started", "tries": 0})
        entry["best"] = max(entry["best"], verdict.kind, key=RANK.index)
        entry["tries"] += verdict.kind != "not started"
        _replace(path, json.dumps(data, indent=1, sort_keys=True) + "\n")

    return _failure(add)


def trouble() -> str:
    """What `write` would return now: all is tried but the change itself."""

    def probe(path: Path) -> None:
        _text(path)
        with tempfile.TemporaryFile(dir=path.parent):
            pass

    return _failure(probe)


def _failure(work: Callable[[Path], None]) -> str:
    """`work(path)` while no other process changes the record; "", or where and why that failed."""
    try:
        named = place()
    except OSError as error:
        return f": {error}"
    try:
        path = Path(os.path.realpath(named))  # a link stays a link, and all who follow it meet at one lock
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.is_file():  # a folder; or a device, which must not be renamed
            return f" to {named}: it is no file; expected one, {EXAMPLE}"
        with _alone(path):
            work(path)
    except (OSError, ValueError) as error:
        return f" to {named} ({getattr(error, 'strerror', None) or error})"
    except ImportError as error:
        return f" to {named} ({error}; `damtutor doctor` says what to install)"
    return ""


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time. The system lets go of the lock of a process that has died."""
    with contextlib.ExitStack() as held:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from filelock import FileLock, SoftFileLock, Timeout

            for kind, end in ((FileLock, "lock"), (SoftFileLock, "lock-file")):
                try:
                    held.enter_context(kind(f"{path}.{end}", timeout=WAIT, poll_interval=POLL))
                    break
                except Timeout:
                    words = f"another notebook holds {path}.{end} since {WAIT:g} s; delete that file if none is open"
                    raise OSError(words) from None
                except (OSError, NotImplementedError) as error:  # where there are no locks, a file stands for one
                    if kind is SoftFileLock or getattr(error, "errno", errno.ENOSYS) not in NO_LOCKS:
                        raise
        yield


def _text(path: Path) -> bytes | None:
    """What is in the file; None if there is none. A pipe or a device is not read."""
    if not path.exists():
        return None
    if not path.is_file():
        raise OSError("it is no file")
    return path.read_bytes()


def _parsed(text: bytes) -> dict:
    """The record in a file, else ValueError or RecursionError."""
    data = json.loads(text.decode("utf-8"))
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError("not a record of this version")
    exercises, aside = data.get("exercises"), data.get("aside")
    if (
        not isinstance(exercises, dict)
        or not isinstance(aside, list)
        or not all(isinstance(name, str) for name in aside)
    ):
        raise ValueError("not a record")
    for entry in exercises.values():
        if not isinstance(entry, dict) or entry.get("best") not in RANK or not isinstance(entry.get("tries"), int):
            raise ValueError("not a record")
    return data


def _open(path: Path) -> dict:
    """The record to be changed; an unreadable one is put aside first."""
    text = _text(path)
    try:
        return empty() if text is None else _parsed(text)
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
    note : what happened to a record that could not be read, and what cannot be written, or "".
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

    def __str__(self) -> str:
        """For `print`: stdout may be unable to hold the symbols."""
        return fitted(repr(self), sys.stdout)

    def _repr_html_(self) -> str:
        head, *body = self.cells()
        titles = ("verdict", "exercise", "title", *head[3:5], "kind")
        rows = ["<tr>" + "".join(f'<th scope="col">{name}</th>' for name in titles) + "</tr>"]
        rows += ["<tr>" + "".join(f"<td>{escape(text)}</td>" for text in line) + "</tr>" for line in body]
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{''.join(rows)}</table><p>{escape(self.summary)}</p>{note}"
