"""A paper's table or figure from one command: an item of `reproduce.items`, its sweeps, its files.

Each item writes NAME.csv (every row), NAME.md (the same as a table, with the figure and what has to be known of it) and
NAME.png, whose alt text stands in NAME.md. Trials go into one store, so that a run that was stopped goes on.
"""

from __future__ import annotations

import csv
import io
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from damtutor import __version__
from damtutor.output import say
from damtutor.reproduce.items import ITEMS
from damtutor.reproduce.report import AGREES, NOT_PRINTED, Comparison, Item, Report, Run
from damtutor.sweeps.store import as_path
from damtutor.sweeps.sweep import sweep
from damtutor.validate import as_flag, as_texts

COLUMNS = ("quantity", "source", "ours", "low", "high", "verdict")
STORE = "trials.sqlite"
DIGITS = 4


def catalogue() -> str:
    """Name, source, and run times of every item, as lines of text."""
    wide = max(map(len, ITEMS)) + 2
    lines = [f"{'name':<{wide}}{'quick':>8}{'full':>8}  what"]
    for source in dict.fromkeys(item.source for item in ITEMS.values()):
        lines += ["", f"From {source}:"]
        for item in (item for item in ITEMS.values() if item.source == source):
            lines.append(f"{item.name:<{wide}}{_time(item.quick):>8}{_time(item.full):>8}  {item.title}")
    return "\n".join([*lines, "", "Times on two cores. A run that was stopped goes on from its store."])


def reproduce(
    name: str,
    *,
    full: bool = False,
    jobs: int = 1,
    dask: str | None = None,
    store: str | Path | None = None,
    out: str | Path = "reproduced",
    progress: bool = False,
    say: Callable[[str], None] = say,
) -> Report:
    """Run an item and write its three files.

    Parameters
    ----------
    name : of an item, see `catalogue`.
    full : the source's numbers of trials, else fewer.
    jobs : worker processes.
    dask : address of a scheduler; then `jobs` is not used.
    store : SQLite file of trials, by default OUT/trials.sqlite.
    out : folder, made if missing.
    progress : a bar with the time left.
    say : takes lines of text for the reader.

    Raises
    ------
    ValueError : an unknown name, `out` names no folder; what `sweep` refuses.
    OSError : a folder or a file that cannot be written.
    """
    if not isinstance(name, str) or name not in ITEMS:
        raise ValueError(f"name: no item {name!r}; expected one of {', '.join(ITEMS)}")
    full, progress = as_flag(full, "full"), as_flag(progress, "progress")
    item, folder = ITEMS[name], as_path(out, "out", "'reproduced'")
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / STORE if store is None else store
    say(f"{name}: {item.title}, {'full' if full else 'quick'}; about {_time(item.full if full else item.quick)}")
    began = time.perf_counter()
    report = item.make(Run(full, partial(sweep, store=store, jobs=1 if dask else jobs, dask=dask, progress=progress)))
    seconds = time.perf_counter() - began
    write(item, report, folder, full=full, seconds=seconds)
    say(f"{name}: {verdicts(report.rows)}, in {_time(seconds)}; {folder / name}.md, .csv, .png")
    for row in report.rows:
        if row.verdict not in (AGREES, NOT_PRINTED):
            say(f"  {row.quantity}: source {_number(row.source)}, ours {_ours(row)}, {row.verdict}")
    return report


def write(item: Item, report: Report, folder: Path, *, full: bool, seconds: float) -> None:
    """NAME.csv, NAME.png and NAME.md in a folder; each replaces an older one as a whole.

    The CSV begins with a byte order mark: without it Excel takes UTF-8 for another encoding.
    """
    from damtutor.reproduce.figure import compare_plot

    plot = compare_plot(report.panels, see=report.see)
    _replace(folder / f"{item.name}.csv", table_csv(report.rows).encode("utf-8-sig"))  # Excel takes no mark for ANSI
    _replace(folder / f"{item.name}.png", plot.png(dpi=150, small=False))
    text = markdown(item, report, alt=plot.alt, full=full, seconds=seconds)
    _replace(folder / f"{item.name}.md", text.encode())


def table_csv(rows: Sequence[Comparison]) -> str:
    """The rows as CSV, numbers in full; a value that the source does not print is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([row.quantity, "" if row.source is None else row.source, *row[2 : len(COLUMNS)]])
    return text.getvalue()


def markdown(item: Item, report: Report, *, alt: str, full: bool, seconds: float) -> str:
    """The report as a page: how it was made, the figure, the table, the notes."""
    how = "full" if full else "quick"
    lines = [
        f"# {item.title}",
        "",
        f"Source: {item.source}.",
        f"Run: {how}, {_time(seconds)} (trials from the store take no time), damtutor {__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
        f"![{_plain(alt)}]({item.name}.png)",
        "",
        f"{verdicts(report.rows)}.",
        "",
        "| quantity | source | ours | 95 % interval | verdict |",
        "|---|---|---|---|---|",
    ]
    for row in report.rows:
        cells = (row.quantity, _number(row.source), _number(row.value), _interval(row), row.verdict)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    for note in report.notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


def verdicts(rows: Sequence[Comparison]) -> str:
    """How many rows agree, differ, or have nothing to agree with."""
    agree, new = (sum(row.verdict == word for row in rows) for word in (AGREES, NOT_PRINTED))
    parts = [f"{agree} of {len(rows) - new} rows agree", f"{len(rows) - new - agree} differ"]
    return ", ".join(parts + [f"{new} without a value in the source"] * bool(new))


def run_all(names: Sequence[str], **options: Any) -> int:
    """Reproduce several items, "all" among the names being each of them; 0, or 2 after an error said in words."""
    names = as_texts(names, "names")
    names = list(ITEMS) if "all" in names else list(dict.fromkeys(names))
    if unknown := [name for name in names if name not in ITEMS]:
        say(f"no item {unknown[0]!r}; `damtutor reproduce --list` says which there are", "stderr")
        return 2
    try:
        for name in names:
            reproduce(name, **options)
    except KeyboardInterrupt:
        say("stopped; finished trials are kept, and the same command goes on from there", "stderr")
        return 130
    except OSError as error:  # of the folder of the results; the store has words of its own
        say(
            f"{error}; expected a folder with room where you may write, for example --out reproduced; finished trials "
            "are kept",
            "stderr",
        )
        return 2
    except (ImportError, ValueError, RuntimeError) as error:
        say(f"{type(error).__name__}: {error}", "stderr")
        return 2
    return 0


def _replace(path: Path, content: bytes) -> None:
    """Write beside, then rename: a reader never sees half a file, and a full disk leaves the old one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _plain(text: str) -> str:
    return text.replace("[", "(").replace("]", ")").replace("\n", " ")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.{DIGITS}g}" if math.isfinite(value) else "none"


def _interval(row: Comparison) -> str:
    if row.low is None:
        return ""
    return "no scatter" if row.low == row.high == row.value else f"{_number(row.low)} to {_number(row.high)}"


def _ours(row: Comparison) -> str:
    return _number(row.value) + ("" if row.low == row.high else f" ({_number(row.low)} to {_number(row.high)})")


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 100 else f"{seconds:.0f} s"
