"""Make the notebooks from the manuscript, or check that they are its current editions.

    python -m publish editions            write notebooks/, exercises/ and solutions/
    python -m publish editions --check    compare with what is stored; pictures are left out

The check runs the lectures and compares their text outputs. It runs no exercise: nbval runs the stored solutions.

What somebody typed into a stored notebook is not written over, unless with --overwrite.

A manuscript runs once for each state of its code and of the package: what it showed is kept in
_build/.jupyter_cache, where the site's builder finds it as well.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
from joblib import cpu_count

from damtutor.working_copy import write
from publish import course
from publish import manuscript as ms
from publish.stored_notebooks import changed_by_hand, faults, remember, stale

ROOT = Path(__file__).resolve().parents[1]
CACHE = "_build/.jupyter_cache"
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
QUIET = {"extra_arguments": ["--log-level=40"]}  # a kernel that starts has nothing to say
BUDGETS = {
    ms.CHAPTERS: 60,
    ms.ROUTES: 60,
    ms.EXERCISES: 30,
}  # seconds on two cores; printed, for a busy machine proves nothing
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WIDGET = "application/vnd.jupyter.widget-view+json"


# --- execution -------------------------------------------------------------------------------------------------


def fresh_cache(root: Path) -> Path:
    """Folder of the execution cache; emptied when the package changed since it was filled."""
    files = [p for p in sorted((root / "damtutor").rglob("*")) if p.suffix in (".py", ".js", ".css", ".toml")]
    files += [p for p in (root / "constraints.txt",) if p.exists()]
    digest = hashlib.sha256(b"".join(str(p.relative_to(root)).encode() + p.read_bytes() for p in files))
    cache, stamp = root / CACHE, root / CACHE / "package.sha256"
    if not stamp.exists() or stamp.read_text("utf-8") != digest.hexdigest():
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        stamp.write_text(digest.hexdigest(), "utf-8")
    return cache


@contextmanager
def strict() -> Iterator[None]:
    """Environment of an execution: a verdict other than `correct` raises, and no record of a person is touched."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as tmp:
        os.environ.update(DAMTUTOR_STRICT="1", DAMTUTOR_RECORD=str(Path(tmp) / "record.json"))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def executed(
    paths: Sequence[Path], cache_folder: Path, say: Callable[[str], None] = print
) -> dict[Path, nbformat.NotebookNode]:
    """Manuscripts with their outputs, from the cache or by running them, as many at a time as there are cores."""
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    cache, found = get_cache(cache_folder), {}
    for path in paths:
        with suppress(KeyError):
            key, found[path] = cache.merge_match_into_notebook(ms.read(path))
            seconds = cache.get_cache_record(key).data.get("execution_seconds", float("nan"))
            say(f"{_name(path)}: ran in {seconds:.0f} s when last changed, budget {_budget(path)} s")
    # The longest text first, most likely the longest to run, so that no core waits for the last one.
    missing = sorted((path for path in paths if path not in found), key=lambda path: -path.stat().st_size)
    workers = max(1, min(len(missing), cpu_count()))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for path, (nb, seconds) in zip(missing, pool.map(run_notebook, missing), strict=True):
            bundle = CacheBundleIn(nb, str(path), data={"execution_seconds": seconds})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            say(f"{_name(path)}: ran in {seconds:.0f} s, budget {_budget(path)} s")
            found[path] = cache.merge_match_into_notebook(ms.read(path))[1]
    return found


def run_notebook(path: Path) -> tuple[nbformat.NotebookNode, float]:
    """A manuscript as its kernel leaves it, and the seconds that took; ManuscriptError where a cell fails."""
    from jupyter_cache.executors.utils import single_nb_execution

    nb = ms.read(path)
    with strict(), tempfile.TemporaryDirectory() as cwd:
        result = single_nb_execution(nb, cwd=cwd, timeout=600, allow_errors=False, **QUIET)
    if result.err is not None:
        raise ms.ManuscriptError(f"{path}: a cell failed\n{COLOUR.sub('', str(result.err))}")
    return nb, result.time


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _budget(path: Path) -> int:
    return BUDGETS[path.parent.relative_to(path.parents[2]).as_posix()]


# --- the three editions ----------------------------------------------------------------------------------------


def base(nb: nbformat.NotebookNode, path: Path, page: str, root: Path) -> nbformat.NotebookNode:
    """Notebook with stable ids, plain Markdown and links for its edition, and nothing of the machine or the day."""
    ids, nb = ms.cell_ids(nb, path), copy.deepcopy(nb)
    here = path.relative_to(root).as_posix()
    nb.nbformat, nb.nbformat_minor = 4, 5
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nb.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})
    for cell, name in zip(nb.cells, ids, strict=True):
        where = f"{here}, cell {name}"
        cell.id = name
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k not in ("id", "execution")})
        if cell.cell_type == "markdown":
            cell.source = ms.plain(ms.rewrite_links(cell.source, here, page, "notebook", root), where, root)
        elif cell.cell_type == "code":
            cell.outputs = [normal(out) for out in joined(cell.get("outputs", []))]
    return nb


def joined(outputs: list) -> list:
    """Outputs with neighbouring pieces of one stream joined: where a stream is cut is an accident."""
    done: list = []
    for out in outputs:
        if done and out.output_type == "stream" == done[-1].output_type and out.name == done[-1].name:
            done[-1].text += out.text
        else:
            done.append(copy.deepcopy(out))
    return done


def normal(out: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """One output without addresses and without the live view, which shows nothing when its state is not stored."""
    if out.output_type == "stream":
        out.text = ADDRESS.sub("at 0x000000", out.text)
    elif "data" in out:
        out.data.pop(WIDGET, None)
        for kind, value in out.data.items():
            if kind.startswith("text/"):
                out.data[kind] = ADDRESS.sub("at 0x000000", "".join(value))
    return out


def check_of(cell: nbformat.NotebookNode) -> str | None:
    """Exercise id "dense.2" if the last line of a code cell calls check("dense.2", ...), else None."""
    if cell.cell_type != "code" or "check(" not in cell.source:
        return None
    body = ast.parse(cell.source).body
    call = getattr(body[-1], "value", None) if body else None
    named = isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) == "check"
    first = call.args[0] if named and call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def grade(nb: nbformat.NotebookNode, where: str, points: Callable[[str], float]) -> None:
    """Write nbgrader's metadata: answers are the cells with a solution, checks those that end in check(...)."""
    waiting, seen = [], set()
    for cell in nb.cells:
        exercise = check_of(cell)
        if cell.cell_type == "code" and "### BEGIN SOLUTION" in cell.source:
            waiting.append(cell.id)
            _mark(cell, cell.id.removesuffix("-solved"), solution=True)
        elif exercise:
            if exercise in seen or not waiting:
                raise ms.ManuscriptError(f"{where}, cell {cell.id}: a second check of {exercise}, or no answer above")
            seen.add(exercise)
            waiting.clear()
            _mark(cell, exercise.replace(".", "-"), grade=True, locked=True, points=points(exercise))
    if waiting:
        raise ms.ManuscriptError(f"{where}, cell {waiting[0]}: an answer without a check below it")


def _mark(cell: nbformat.NotebookNode, name: str, **what: object) -> None:
    fixed = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    cell.metadata["nbgrader"] = nbformat.from_dict(fixed | {"grade_id": name} | what)


def unsolved(nb: nbformat.NotebookNode, stem: str) -> nbformat.NotebookNode:
    """The learner's edition, made by nbgrader's own preprocessors."""
    from nbgrader import preprocessors as pp
    from traitlets.config import Config

    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    nb = copy.deepcopy(nb)
    resources = {"nbgrader": {"notebook": stem, "assignment": stem, "student": "."}, "unique_key": stem}
    order = (pp.LockCells, pp.ClearSolutions, pp.ClearOutput, pp.CheckCellMetadata)
    # Checksums come last as well: `nbgrader validate` compares with the cells as they are released.
    for step in (*order, pp.ComputeChecksums, pp.ClearHiddenTests, pp.ClearMarkScheme, pp.ComputeChecksums):
        nb, resources = step(config=config).preprocess(nb, resources)
    return nb


def editions(
    root: Path,
    chapter: str = "",
    points: Callable[[str], float] | None = None,
    say: Callable = print,
    *,
    solve: bool = True,
) -> dict[str, nbformat.NotebookNode]:
    """All notebooks of the project by path from the root.

    Parameters
    ----------
    root : the project.
    chapter : "04" keeps to that one.
    points : points of an exercise by id; by default the package's own.
    solve : run the solved exercises; otherwise the solutions show what is stored.

    Raises
    ------
    ManuscriptError : a fault in a manuscript, or in what it shows.
    """
    if points is None:
        from damtutor.checks import points
    ms.check_ids(root)
    lectures, sets, made = ms.lectures(root, chapter), ms.manuscripts(root, ms.EXERCISES, chapter), {}
    shown = executed([*lectures, *sets] if solve else lectures, fresh_cache(root), say)
    for path in lectures:
        page = f"notebooks/{path.stem}.ipynb"
        made[page] = base(shown[path], path, page, root)
    for path in sets:
        page, solved_page = f"exercises/{path.stem}.ipynb", f"solutions/{path.stem}.ipynb"
        blank = base(ms.read(path), path, page, root)
        grade(blank, page, points)
        made[page] = unsolved(blank, path.stem)
        solved = base(shown[path] if solve else ms.read(path), path, solved_page, root)
        for cell in solved.cells:
            cell.id += "-solved"  # ids are unique in the project
        if not solve:
            show_stored(solved, root / solved_page)
        grade(solved, solved_page, points)
        made[solved_page] = solved
    wrong = [f"{page}: {fault}" for page, nb in made.items() if "exercises" not in page for fault in faults(nb)]
    if wrong:
        raise ms.ManuscriptError("\n".join(wrong))
    for nb in made.values():
        nbformat.validate(nb)
    return made


def show_stored(nb: nbformat.NotebookNode, path: Path) -> None:
    """Give each code cell the outputs and the count that the cell of the same id has in a stored notebook."""
    cells = {cell.id: cell for cell in nbformat.read(path, 4).cells} if path.exists() else {}
    for cell in nb.cells:
        if cell.cell_type == "code" and cells.get(cell.id, {}).get("cell_type") == "code":
            cell.outputs, cell.execution_count = cells[cell.id].outputs, cells[cell.id].execution_count


def planned(root: Path, chapter: str = "") -> list[str]:
    """What `make editions` writes, as paths from the root."""
    sets = ms.manuscripts(root, ms.EXERCISES, chapter)
    notebooks = [f"notebooks/{path.stem}.ipynb" for path in ms.lectures(root, chapter)]
    return [
        course.PAGE,
        *notebooks,
        *(f"{folder}/{p.stem}.ipynb" for p in sets for folder in ("exercises", "solutions")),
    ]


def refuse(pages: list[str]) -> int:
    """Say which pages would be written over, and how to go on."""
    print("\n".join(f"{page}: was changed by hand" for page in pages), file=sys.stderr)
    print(
        "Nothing was written: these changes would be lost. Keep what you need of them (a manuscript in book/ is "
        "what is edited; a learner works in the copy that `damtutor start` makes), then go on with "
        "`python -m publish editions --overwrite`.",
        file=sys.stderr,
    )
    return 1


def main(argv: list[str] | None = None) -> int:
    """Command line; 1 if an edition is not current or a manuscript has a fault."""
    parser = argparse.ArgumentParser(prog="python -m publish editions", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, run the lectures; say what is not current")
    parser.add_argument("--overwrite", action="store_true", help="write over notebooks that were changed by hand")
    parser.add_argument("--chapter", default="", help="only this one, by its number: 04")
    args = parser.parse_args(argv)
    start = time.perf_counter()
    pages = planned(ROOT, args.chapter)
    if not (args.check or args.overwrite) and (found := changed_by_hand(ROOT, pages, {})):
        return refuse(found)
    try:
        if not course.refresh_route(ROOT, write=not args.check):
            print(f"{course.ROUTE}: is not what the tagged cells make; run `make editions`")
            return 1
        made = editions(ROOT, args.chapter, solve=not args.check)
    except ms.ManuscriptError as err:
        print(err, file=sys.stderr)
        return 1
    if args.check:
        found = stale(made, ROOT, args.chapter)
        print("\n".join(found) or f"{len(made)} editions are current")
        if found:
            print("Run `make editions`; a notebook is never edited by hand, its manuscript in book/ is.")
        return int(bool(found))
    texts = {page: (nbformat.writes(nb) + "\n").encode() for page, nb in made.items()}
    if not args.overwrite and (found := changed_by_hand(ROOT, list(texts), texts)):
        return refuse(found)
    for page, text in texts.items():
        write(ROOT / page, text)
    route = ROOT / course.PAGE
    remember(ROOT, texts | ({course.PAGE: route.read_bytes()} if route.exists() else {}))
    for line in stale(made, ROOT, args.chapter):
        print(line)
    print(f"{len(made)} editions in {time.perf_counter() - start:.1f} s")
    return 0
