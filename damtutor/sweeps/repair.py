"""Save what can be read of a damaged store."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from damtutor.sweeps.store import COLUMNS, Series, Store, StoredTrial, StoreError, as_path, checksum, lenient


def repair(damaged: str | os.PathLike, new: str | os.PathLike) -> int:
    """Copy the rows of a damaged store that can be read, and are as they were written, into a new file.

    They are read from both ends up to the first damaged place. The damaged file is not changed.

    Returns
    -------
    Number of rows saved.

    Raises
    ------
    ValueError : what names no file.
    StoreError : no file of that name, nothing in it can be read, the new file is there already or cannot be written.
    """
    damaged, new = as_path(damaged, "damaged", "'trials.sqlite'"), as_path(new, "new", "'trials-saved.sqlite'")
    if new.exists():
        raise StoreError(f"{new} is there already; expected the name of a new file")
    found: dict[Series, set[StoredTrial]] = {}
    for direction in ("ASC", "DESC"):
        for series, row in _readable(damaged, direction):
            found.setdefault(series, set()).add(row)
    if not found:
        raise StoreError(f"{damaged}: no row can be read; move it away and start a new store")
    with Store(new) as store:
        for series, rows in found.items():
            store.add(series, sorted(rows))
    return sum(map(len, found.values()))


def _readable(path: Path, direction: str) -> Iterator[tuple[Series, StoredTrial]]:
    """The sound rows of a file in the order of their key, up to the first place that cannot be read."""
    key = ", ".join(f"{name} {direction}" for name in ("trial", "version", "parameters", "seed", "number"))
    with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lenient
            for *rest, written in connection.execute(f"SELECT {COLUMNS} FROM trials ORDER BY {key}"):
                trial, version, parameters, seed, number, result = rest
                series, row = Series(trial, version, seed), StoredTrial(parameters, number, result)
                if written == checksum(series, row):
                    yield series, row
