"""Finished trials in one SQLite file: each is there whole or not at all, whatever ends the process.

A row is a trial's name, the version of its code, its parameters, the seed, the number and the result, with a checksum
over all of them. Every `add` is one transaction with a rollback journal, flushed to disk: 0.6 ms on a quiet machine,
17 ms on a busy one, the same for one row as for twenty; hence one transaction every fifth of a second. The write-ahead
log would be quicker (0.01 ms), but keeps three files, and works on no network drive. Nothing here deletes or overwrites
a file that it cannot read.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

APPLICATION = 0x64616D73  # "dams", in the header of the file
SCHEMA = 1
QUIET = 20.0  # times what a write took that pass before the next: writing takes 5 % of the time at most
WRITE = 1e-3  # seconds: taken for the first write; it is half of that on a fast disk, 20 times it on a slow one
WAIT = 60.0  # seconds for a lock of another process; a commit holds one for a millisecond
COLUMNS = "trial, version, parameters, seed, number, result, checksum"
TABLE = """CREATE TABLE trials (
    trial TEXT NOT NULL, version TEXT NOT NULL, parameters TEXT NOT NULL, seed INTEGER NOT NULL,
    number INTEGER NOT NULL, result TEXT NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (trial, version, parameters, seed, number)) WITHOUT ROWID"""
SERIES = "trial = ? AND version = ? AND seed = ?"
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: no such table
REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; make room and run the same again: finished trials are kept",
    sqlite3.SQLITE_IOERR: "the disk refused to write or read: full, over a limit of file size, or failing; make room "
    "and run the same again: finished trials are kept",
    sqlite3.SQLITE_READONLY: "file or folder is read-only; expected a place where you may write",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; expected a file in a folder where you may write",
    sqlite3.SQLITE_PERM: "access is refused; expected a place where you may write",
} | dict.fromkeys(BUSY, f"another program has held it locked for {WAIT:g} s; end that program, then run the same again")


class StoreError(RuntimeError):
    """The store cannot be used; the message says what to do. What was finished before is kept."""


class Series(NamedTuple):
    """What the trials of one sweep share.

    Attributes
    ----------
    trial : name of the function, with its module.
    version : of its code, see `code_version`.
    seed : of the sweep.
    """

    trial: str
    version: str
    seed: int


class StoredTrial(NamedTuple):
    """One finished trial.

    Attributes
    ----------
    parameters : of its point, as `canonical` text.
    number : of the trial, from 0.
    result : as `canonical` text.
    """

    parameters: str
    number: int
    result: str


def canonical(values: Any, name: str) -> str:
    """A flat dict as JSON text that is the same for equal values: sorted keys, no spaces, floats by repr.

    Parameters
    ----------
    values : dict of int, float, bool, str, None, or lists of them.
    name : what the caller calls it, for the message.

    Raises
    ------
    ValueError : not a dict, a key that is not a str, NaN, infinity, a NumPy array or scalar, anything that is not JSON.

    >>> canonical({"size": 100, "corruption": 0.25}, "point")
    '{"corruption":0.25,"size":100}'
    """
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ValueError(f"{name} is {short(values)}; expected a dict with names as keys, for example {{'size': 100}}")
    for key, value in values.items():
        _check(value, f"{name}[{key!r}]")
    return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _check(value: Any, name: str) -> None:
    """ValueError unless `value` comes back from JSON as it was (a tuple comes back as a list)."""
    if isinstance(value, list | tuple):
        for k, item in enumerate(value):
            _check(item, f"{name}[{k}]")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}; expected a finite number: JSON has no other; say None for no value")
    elif value is not None and not isinstance(value, bool | int | str):
        hint = ", here int(x), float(x) or x.tolist()" if type(value).__module__ == "numpy" else ""
        raise ValueError(
            f"{name} is {short(value)} ({type(value).__name__}); expected int, float, bool, str, None or a list of "
            f"them{hint}"
        )


def short(value: Any) -> str:
    """`repr(value)` on one line, cut to what a message can hold."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def checksum(series: Series, row: StoredTrial) -> int:
    """Checksum of a stored trial: it differs if the row was changed after it was written."""
    return zlib.crc32("\n".join(map(str, (*series, *row))).encode())


def lenient(raw: bytes) -> str:
    """Text of a column; damage in it is for the checksum to find, not for the decoder."""
    return raw.decode("utf-8", "replace")


class Store:
    """An open store. Use it in a `with` statement, and from the thread that opened it.

    Parameters
    ----------
    path : of the file, made where there is none, with its folder; None keeps the rows in memory.

    Raises
    ------
    ValueError : a path that names no file.
    StoreError : not a store, damaged, of a newer damtutor, locked for a minute, cannot be opened.
    """

    def __init__(self, path: str | os.PathLike | None):
        self.path = None if path is None else as_path(path, "store", "'trials.sqlite'")
        self._known: sqlite3.Connection | None = None
        with self._in_words():
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            # SQLite itself waits a second at a time, so that Ctrl-C is heard in between
            self._connection = sqlite3.connect(self.path or ":memory:", timeout=min(1.0, WAIT), isolation_level=None)
            self._connection.text_factory = lenient
            try:
                self._enter()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _enter(self) -> None:
        """See whose file it is; make the table in an empty one."""
        self._run("PRAGMA synchronous = FULL")
        if self._empty():
            with self._transaction():
                if self._empty():  # still: another process may have been quicker
                    if self.path is not None and self.path.stat().st_size:  # SQLite would write over a short file
                        raise self._damaged("there is something in it, but no table")
                    self._run(TABLE)
                    self._run(f"PRAGMA application_id = {APPLICATION}")
                    self._run(f"PRAGMA user_version = {SCHEMA}")
            return
        if self._run("PRAGMA application_id") != [(APPLICATION,)]:
            raise StoreError(f"{self.path} is a database of another program; expected a store: name another file")
        schema = self._run("PRAGMA user_version")[0][0]
        if schema > SCHEMA:
            raise StoreError(
                f"{self.path} was written by a newer damtutor (form {schema}; this one reads up to {SCHEMA}); update "
                "damtutor, or name another file"
            )
        if self._run("SELECT sql FROM sqlite_master") != [(TABLE,)]:
            raise self._damaged("its table is another one")
        found = self._run("PRAGMA integrity_check")
        if found != [("ok",)]:
            raise self._damaged(found[0][0])

    def _empty(self) -> bool:
        return not self._run("SELECT 1 FROM sqlite_master LIMIT 1")

    def _damaged(self, detail: object) -> StoreError:
        new = self.path.with_name(f"{self.path.stem}-saved{self.path.suffix}")
        return StoreError(
            f"{self.path} is damaged or no store ({' '.join(str(detail).split())}). No row in it was changed. Move it "
            "away and run the same again; or save the rows that can be read, and go on with the new file: "
            f"from damtutor.sweeps.repair import repair; repair({str(self.path)!r}, {str(new)!r})"
        )

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        """SQLite's errors as a StoreError that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            if _code(error) in DAMAGE:
                raise self._damaged(error) from error
            if _code(error) not in REASONS:
                raise
            raise StoreError(f"{self.path}: {REASONS[_code(error)]} ({error})") from error
        except UnicodeDecodeError as error:  # SQLite's own message quotes damaged text
            raise self._damaged(error) from error
        except OSError as error:
            raise StoreError(f"{self.path}: {REASONS[sqlite3.SQLITE_CANTOPEN]} ({error})") from error

    def _run(self, sql: str, values: Iterable = ()) -> list[tuple]:
        """Execute, and wait while another process holds the file."""
        until = time.monotonic() + WAIT
        while True:
            try:
                return self._connection.execute(sql, tuple(values)).fetchall()
            except sqlite3.OperationalError as error:
                if _code(error) not in BUSY or time.monotonic() > until:
                    raise

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                self._connection.rollback()
            raise

    def add(self, series: Series, rows: Iterable[StoredTrial]) -> None:
        """Keep finished trials, all of them or none; one that is there already stays as it is.

        Raises
        ------
        StoreError : a full disk, a lock that is not given free, a damaged file.
        """
        trial, version, seed = series
        full = [(trial, version, row[0], seed, *row[1:], checksum(series, row)) for row in map(StoredTrial._make, rows)]
        with self._in_words(), self._transaction():
            self._connection.executemany(f"INSERT OR IGNORE INTO trials ({COLUMNS}) VALUES (?,?,?,?,?,?,?)", full)

    @contextlib.contextmanager
    def adding(self, series: Series) -> Iterator[Callable[[Iterable[StoredTrial]], None]]:
        """A function that adds rows, at once where writing is cheap beside making them, and the rest in the end."""
        waiting: list[StoredTrial] = []
        due = time.monotonic() + QUIET * WRITE

        def write() -> None:
            rows = waiting.copy()
            waiting.clear()  # first: what the disk refuses now, it would refuse in the end again
            self.add(series, rows)

        def keep(rows: Iterable[StoredTrial]) -> None:
            nonlocal due
            waiting.extend(rows)
            began = time.monotonic()
            if began >= due:
                write()
                now = time.monotonic()
                due = now + QUIET * (now - began)

        try:
            yield keep
        finally:
            if waiting:
                write()

    def finished(self, series: Series, parameters: str, trials: int) -> dict[int, str]:
        """Number → result as text of the trials below `trials` of one point that are there, in order.

        Raises
        ------
        StoreError : one is not as it was written; and as in `add`.
        """
        sql = f"""SELECT number, result, checksum FROM trials
            WHERE {SERIES} AND parameters = ? AND number >= 0 AND number < ? ORDER BY number"""
        with self._in_words():
            found = self._run(sql, (*series, parameters, trials))
        for number, result, written in found:
            if written != checksum(series, StoredTrial(parameters, number, result)):
                raise self._damaged(f"trial {number} of {parameters} is not as it was written")
        return {number: result for number, result, _ in found}

    def results(self, series: Series, parameters: str, trials: int) -> list[dict]:
        """Results of the trials 0 ... trials-1 of one point; StoreError as in `finished`, or one is missing."""
        found = self.finished(series, parameters, trials)
        if len(found) != trials:
            raise self._damaged(f"{trials - len(found)} of {trials} trials of {parameters} have gone")
        return [json.loads(result) for result in found.values()]

    def stale(self, series: Series, former: Sequence[str] = ()) -> int:
        """How many finished trials with this seed, of this name or a former one, are of other code.

        Raises
        ------
        StoreError : as in `add`.
        """
        names = (series.trial, *former)
        sql = f"""SELECT count(*) FROM trials
            WHERE trial IN ({", ".join("?" * len(names))}) AND seed = ? AND NOT (trial = ? AND version = ?)"""
        with self._in_words():
            return self._run(sql, (*names, series.seed, series.trial, series.version))[0][0]


def as_path(path: Any, name: str, example: str) -> Path:
    """A path with its `~` resolved; ValueError for what names no file, as `example` does."""
    try:
        if not os.fspath(path) or "\0" in os.fspath(path):
            raise ValueError
        return Path(path).expanduser()
    except (TypeError, ValueError, RuntimeError):  # the last: a home that is not known
        raise ValueError(
            f"{name} is {short(path)}; expected the name of a file or folder, for example {example}"
        ) from None


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code of an error, or 0."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
