"""Every test of the project, stage by stage: `make test`, or `python -m tests.run` without make.

    python -m tests.run                  all stages
    python -m tests.run --chapter 04     notebooks, editions and their lint of one chapter only; the rest in full
    python -m tests.run lint unit        only these stages

A stage that fails does not stop the others. At the end stand a table of stages and the ten slowest tests, with the
speed of this machine beside the times; the last line counts tests as pytest does; the exit code is 1 after a failure.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", "-rfEs", "--durations=10"]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# A file of tests to a process, so that what a file prepares is prepared once; linear algebra on one thread in each.
SHARED = ["-n", str(min(4, CORES)), "--dist", "loadfile"]
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
OWN_STAGE = ("grading", "site")  # folders whose slow tests have a stage of their own
QUICK = 0.075  # seconds that `fixed_work` takes on the fast cores that all budgets in minutes are meant for
FAST_TRACE = sys.version_info >= (3, 12)  # the interpreter's own monitoring costs next to nothing
SLOW = re.compile(r"^(\d+\.\d+)s (?:call|setup|teardown) +(\S.*)$", re.M)
SUMMARY = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)\b")


slowest: list[tuple[float, str]] = []


def fixed_work() -> float:
    """Seconds of the same piece of work everywhere, Python's loop and NumPy's products: the best of five tries."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    def once() -> float:
        began, total, a = time.perf_counter(), 0, np.linspace(0, 1, 40_000).reshape(200, 200)
        for k in range(1_500_000):
            total += k * k % 7
        for _ in range(60):
            a = np.tanh(a @ a / 200)
        return time.perf_counter() - began

    with threadpool_limits(1):
        return min(once() for _ in range(5))


def run(*command: str, env: dict[str, str] | None = None) -> Counter:
    """Run one command; its counts are pytest's own, or one test passed or failed."""
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | (env or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout, end="", flush=True)
    if "pytest" not in command:
        return Counter(failed=1) if done.returncode else Counter(passed=1)
    slowest.extend((float(seconds), name) for seconds, name in SLOW.findall(done.stdout))
    last = done.stdout.rstrip().rpartition("\n")[2]
    counts = Counter({("failed" if w.startswith("error") else w): int(n) for n, w in SUMMARY.findall(last)})
    if done.returncode and not counts["failed"]:  # crashed, or nothing was collected
        counts["failed"] += 1
    return counts


def javascript() -> Counter:
    """Biome's rules and format and the type check of the JavaScript, with the tools that `tests/js_tools` pins."""
    tools = ROOT / "tests" / "js_tools"
    npm = ["npm", "--prefix", str(tools)]
    lock, installed = tools / "package-lock.json", tools / "node_modules" / ".package-lock.json"
    missing = "" if shutil.which("npm") else "Node and npm are not installed (on Debian: apt-get install nodejs npm)"
    if not missing and not (installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime):
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
        if run(*npm, "ci", *quiet)["failed"]:
            missing = "npm could not install the tools, which needs the network once"
    if missing:
        print(f"The JavaScript was not linted: {missing}.", flush=True)
        return Counter(failed=1) if os.environ.get("CI") == "true" else Counter(skipped=1)
    return run(*npm, "run", "check") + run(*npm, "run", "types")


def lint(chapter: str) -> Counter:
    """The rules and the format of all code: Python, the cells of the manuscript, JavaScript."""
    import nbformat

    from publish import manuscript as ms

    check, form = [sys.executable, "-m", "ruff", "check"], [sys.executable, "-m", "ruff", "format", "--check"]
    counts = run(*check, ".") + run(*form, ".") + javascript()
    with tempfile.TemporaryDirectory() as tmp:
        for path in ms.lectures(ROOT, chapter) + ms.manuscripts(ROOT, ms.EXERCISES, chapter):
            nb = ms.read(path)
            nb.nbformat_minor = 5
            for cell, name in zip(nb.cells, ms.cell_ids(nb, path), strict=True):
                cell.id, cell.metadata = name, {}
            # One flat folder: ruff leaves out folders that are named as the editions are.
            nbformat.write(nb, Path(tmp) / f"{path.parent.name}-{path.stem}.ipynb")
        # A cell is read on a projector and on a phone: 79 columns.
        options = ["--config", str(ROOT / "pyproject.toml"), "--line-length=79", "--no-cache", tmp]
        return counts + run(*check, *options) + run(*form, *options)


def unit(chapter: str) -> Counter:
    """Tests that need neither a browser nor a build; the share of lines that they reach."""
    with tempfile.TemporaryDirectory() as tmp:
        measured = {"COVERAGE_FILE": f"{tmp}/coverage"} | ({"COVERAGE_CORE": "sysmon"} if FAST_TRACE else {})
        options = ["--cov=damtutor", "--cov-report=", "tests", "-m", "not browser and not slow"]
        counts = run(*PYTEST, *SHARED, *options, env=measured | ONE_THREAD)
        print(f"Coverage of the package by unit tests: {covered(measured['COVERAGE_FILE'])}", flush=True)
    return counts


def covered(file: str) -> str:
    """Share of the package's lines that a coverage file holds; compiled loops are none of them."""
    import coverage

    data = coverage.Coverage(data_file=file, config_file=str(ROOT / "pyproject.toml"))
    data.load()
    with open(os.devnull, "w") as nowhere:
        share = data.report(file=nowhere)
    return f"{share:.1f} % of lines"


def plain(chapter: str) -> Counter:
    """The tests that reach a compiled loop, where numba is not installed: NumPy alone does the work."""
    path = os.pathsep.join(filter(None, [str(ROOT / "tests" / "support"), os.environ.get("PYTHONPATH")]))
    options = ["-p", "without_numba", "tests", "-m", "twin and not browser and not slow"]
    return run(*PYTEST, *SHARED, *options, env={"PYTHONPATH": path, **ONE_THREAD})


def current(chapter: str) -> Counter:
    """The stored notebooks are what the manuscript makes now; the lectures are run for it."""
    return run(sys.executable, "-m", "publish", "editions", "--check", "--chapter", chapter)


def nbval_command(chapter: str) -> list[str]:
    """Strict nbval on the stored solutions; `current` has run the lectures and compared what they print."""
    from publish.stored_notebooks import stored

    paths = [str(path.relative_to(ROOT)) for path in stored(ROOT, "solutions", chapter=chapter)]
    options = ["--nbval", "--nbval-sanitize-with=tests/nbval_sanitize.cfg", "--nbval-cell-timeout=600"]
    return [*PYTEST, *options, *paths]


def nbval(chapter: str) -> Counter:
    """Strict nbval on the solutions, with verdicts that raise."""
    command = nbval_command(chapter)
    if not any(part.endswith(".ipynb") for part in command):  # pytest with no path collects the whole project
        return Counter()
    with tempfile.TemporaryDirectory() as tmp:
        strict = {"DAMTUTOR_STRICT": "1", "DAMTUTOR_RECORD": f"{tmp}/record.json", **ONE_THREAD}
        return run(*command, *SHARED, env=strict)


def grader(chapter: str) -> Counter:
    """nbgrader gives submissions their points."""
    return run(*PYTEST, *SHARED[:2], "tests/grading", "-m", "slow")


def slow(chapter: str) -> Counter:
    """Tests that take long: the chain from manuscript to site, experiments against references, a busy machine."""
    ignored = [f"--ignore=tests/{name}" for name in OWN_STAGE]
    found = subprocess.run(
        [*PYTEST, "tests", "-m", "slow and not browser", "--collect-only", *ignored], cwd=ROOT, capture_output=True
    )
    if found.returncode == 5:  # pytest's word for: no such test
        return Counter()
    return run(*PYTEST, *SHARED, "tests", "-m", "slow and not browser", *ignored, env=ONE_THREAD)


def site(chapter: str) -> Counter:
    """The book, with warnings as errors."""
    return run(sys.executable, "-m", "publish", "site")


def pages(chapter: str) -> Counter:
    """What stands in the built pages: no traceback, no outside host, no solution, no picture without words."""
    return run(*PYTEST, "tests/site", "-m", "slow and not browser", "-s")


def browser(chapter: str) -> Counter:
    """JupyterLab and the built pages in Chromium, with the network blocked, and axe; a second engine, Firefox."""
    waiting = ["-n", str(min(4, CORES + 1))]  # a page waits for its timers, and a core with it
    return run(*PYTEST, *SHARED, *waiting, "tests", "-m", "browser", "-rfEsP")


STAGES: dict[str, Callable[[str], Counter]] = {
    f.__name__: f for f in (lint, unit, plain, current, nbval, slow, grader, site, pages, browser)
}


def main(argv: list[str] | None = None) -> int:
    """Command line; 1 if a test of any stage failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="*", choices=[[], *STAGES], metavar="stage", help=", ".join(STAGES))
    parser.add_argument("--chapter", default="", help="notebooks, editions and their lint of this one only: 04")
    args = parser.parse_args(argv)
    from publish import manuscript as ms

    numbers = list(dict.fromkeys(path.name.partition("-")[0] for path in ms.manuscripts(ROOT, ms.CHAPTERS)))
    if args.chapter and args.chapter not in numbers:
        parser.error(f"there is no chapter {args.chapter}; there are {', '.join(numbers)}")
    os.environ["CH"] = args.chapter
    os.environ.setdefault("PYTHONWARNINGS", "ignore::RuntimeWarning:zmq")
    pace = fixed_work() / QUICK
    machine = f"{CORES} core{'s' * (CORES > 1)}, {pace:.1f} times the time of a fast one for the same work"
    print(f"This machine: {machine}.", flush=True)
    start, total, lines = time.perf_counter(), Counter(), []
    for name in args.stages or STAGES:
        began = time.perf_counter()
        print(f"\n=== {name}: {STAGES[name].__doc__}", flush=True)
        counts = STAGES[name](args.chapter)
        total += counts
        outcome = "FAILED" if counts["failed"] else "passed" if counts["passed"] else "skipped"
        said = ", ".join(f"{n} {word}" for word, n in sorted(counts.items())) or "nothing to do"
        lines.append(f"{outcome:8} {name:8} {time.perf_counter() - began:6.1f} s   {said}")
        print(f"=== {lines[-1]}", flush=True)
    print("\nThe slowest tests:")
    for seconds, name in sorted(slowest, reverse=True)[:10]:
        print(f"{seconds:9.1f} s   {name}")
    print(f"\nThis machine: {machine}.\n" + "\n".join(lines))
    if not (args.stages or args.chapter):  # `make bench` shows it beside its budget
        (ROOT / "_build").mkdir(exist_ok=True)
        (ROOT / "_build" / "test-seconds").write_text(f"{time.perf_counter() - start:.0f}\n")
    order = [f"{total[word]} {word}" for word in ("failed", "passed", "skipped", "xfailed") if total[word]]
    print(f"===== {', '.join(order) or 'no tests ran'} in {time.perf_counter() - start:.2f}s =====")
    return int(bool(total["failed"]) or not total["passed"])


if __name__ == "__main__":
    raise SystemExit(main())
