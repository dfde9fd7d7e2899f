"""A learner's own copy of the course, made from the stored notebooks, brought up to date, and never written over.

`start` copies what is missing. When the course has changed since, a notebook that its owner did not change is
replaced. One that was changed stays as it is; the newer one is put beside it, with the answers and the added cells.
Changed means: another text in a cell, a cell more or less, another order. Outputs, numbers of executions, metadata,
empty cells and white space at the ends of lines are what running and saving leave behind.

A hidden file in the copy lists the cells of what was written, so that a change can be told from a newer edition.
Without it nothing is lost: what differs from the present edition then counts as changed. Notebooks that are not on
this list, such as copies and renamed ones, are not even read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDERS = ("notebooks", "exercises", "solutions")
LINKED = ("book/glossary.md",)  # what links of the notebooks lead to as well
NAME = re.compile(r"\d\d-[a-z0-9_-]+\.ipynb")  # a reader's own notebooks beside the editions have other names
FOLDER = "my-course"
FIRST = "notebooks/00-start.ipynb"
RECORD = ".damtutor.json"
STUB = "raise NotImplementedError()"
HEAD = "newer-edition"  # id of the cell that says what a notebook beside a changed one is
UNKNOWN = ""  # in place of a hash: equal to nothing


def stored() -> Path:
    """Folder of the stored notebooks: in the installed package, or above it where it runs from its repository."""
    package = Path(__file__).resolve().parent
    inside = package / "editions"
    return inside if inside.is_dir() else package.parent


def pages(source: Path) -> list[str]:
    """What a copy is made of, as paths from its root."""
    found = [path for folder in FOLDERS for path in sorted((source / folder).glob("*.ipynb"))]
    names = [path.relative_to(source).as_posix() for path in found if NAME.fullmatch(path.name)]
    return names + [name for name in LINKED if (source / name).is_file()]


def write(path: Path, content: bytes) -> None:
    """Write beside, flush to disk, then rename: at no moment is there half a file, and links are followed."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


# --- what stands in a notebook ---------------------------------------------------------------------------------


def mark(text: str) -> str:
    """Hash of what was typed into a cell; white space at the ends of its lines is left out."""
    lines = "\n".join(line.rstrip() for line in text.splitlines()).strip()
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:16] if lines else ""


def text_of(cell: dict) -> str:
    """Source of a cell, which a file may keep in lines."""
    return "".join(cell["source"])


def cells_of(content: bytes, name: str) -> list[dict] | None:
    """Cells of a notebook that hold something, None if it cannot be read as one; any other file is one cell."""
    try:
        if not name.endswith(".ipynb"):
            return [{"id": name, "cell_type": "text", "source": content.decode("utf-8")}]
        cells = json.loads(content)["cells"]
        if not all(isinstance(cell["cell_type"], str) and isinstance(text_of(cell), str) for cell in cells):
            return None
        return [cell for cell in cells if mark(text_of(cell))]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def what(cells: list[dict]) -> list[tuple[str, str]]:
    """Kind and hash of every cell, in order: two notebooks say the same if these are equal."""
    return [(cell["cell_type"], mark(text_of(cell))) for cell in cells]


def names_of(cell: dict) -> list[str]:
    """What a cell may be known by: its id, which Colab keeps in the metadata, or nbgrader's for an answer."""
    meta = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    marks = meta.get("nbgrader") if isinstance(meta.get("nbgrader"), dict) else {}
    found = [cell.get("id"), meta.get("id"), marks.get("grade_id") if marks.get("solution") else None]
    return [name for name in found if isinstance(name, str)]


def name_of(cell: dict) -> str:
    """Id of a cell of an edition."""
    return next(iter(names_of(cell)), "")


def is_answer(cell: dict) -> bool:
    """Whether the cell of an edition is where an answer goes."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


# --- what was written into the copy ----------------------------------------------------------------------------


@dataclass
class Written:
    """One file of the copy as it was written.

    Attributes
    ----------
    file : its path from the root of the copy.
    edition : hash of the stored page that it was made from.
    says : hash of what that page says, outputs left out.
    cells : id, kind, hash and hash in the stored page, for every cell. The last two differ in what was carried.
    """

    file: str
    edition: str
    says: str
    cells: list[tuple[str, str, str, str]]


def written(file: str, edition: bytes, made: list[dict]) -> Written:
    """The entry of a file with these cells. An answer that stands in the edition itself is somebody's work."""
    given = cells_of(edition, file)
    base = {name_of(cell): mark(text_of(cell)) for cell in given}
    own = {name_of(cell) for cell in given if is_answer(cell) and STUB not in text_of(cell)}
    rows = []
    for cell in made:
        name, sign = name_of(cell), mark(text_of(cell))
        if file.startswith("exercises/") and name in own:
            base[name], sign = UNKNOWN, sign if sign != base[name] else UNKNOWN
        rows.append((name, cell["cell_type"], sign, sign if name == HEAD else base.get(name, UNKNOWN)))
    signs = (hashlib.sha256(text).hexdigest()[:16] for text in (edition, repr(what(given)).encode()))
    return Written(file, *signs, rows)


def read_record(folder: Path) -> dict[str, list[Written]]:
    """What was written, by page, the oldest first; nothing if there is no such file or it cannot be read."""
    try:
        data = json.loads((folder / RECORD).read_bytes())
        return {
            page: [
                Written(e["file"], e["edition"], e["says"], [tuple(row) for row in e["cells"] if len(row) == 4])
                for e in entries
            ]
            for page, entries in data["pages"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def write_record(folder: Path, record: dict[str, list[Written]]) -> None:
    """Replace the hidden file."""
    kept = {page: [vars(entry) for entry in entries] for page, entries in record.items()}
    write(folder / RECORD, json.dumps({"version": 1, "pages": kept}, separators=(",", ":")).encode())


# --- what its owner typed --------------------------------------------------------------------------------------


@dataclass
class Typed:
    """What the owner of a copy typed.

    Attributes
    ----------
    answers : by id of the cell, its text, and the hash of what it began with.
    added : cells that are in no edition, by id, each after the id of the cell above it.
    """

    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    added: dict[str, tuple[str, dict]] = field(default_factory=dict)


def typed(root: Path, record: dict[str, list[Written]], page: str, new: list[dict]) -> Typed:
    """What was typed into the files of the copy: answers from one folder, added cells from the files of one page.

    What was typed into a file counts more than what was carried into it, and a later file more than an earlier one.
    """
    found, near = Typed(), page.partition("/")[0] + "/"
    entries = [(at, e) for at, chain in record.items() if at.startswith(near) for e in chain]
    known: dict[str, set[str]] = {}  # the hashes that the cells of editions had, by id
    signs: dict[str, str] = {}  # id by hash: how a cell is known that lost its id
    rows = [(row[0], row[3]) for _, entry in entries for row in entry.cells if row[2] == row[3]]
    for name, sign in [*rows, *((name_of(cell), mark(text_of(cell))) for cell in new)]:
        known.setdefault(name, set()).add(sign)
        signs.setdefault(sign, name)
    files = [(at, e, list(_named(_cells(root, e.file) or [], known, signs))) for at, e in entries]
    for by_hand in (False, True):  # what was carried first, then what was typed, which stands over it
        for at, entry, cells in files:
            carried = {name: sign for name, _, sign, base in entry.cells if sign != base}
            begun = {name: base for name, _, _, base in entry.cells}
            for name, above, cell in cells:
                sign, text = mark(text_of(cell)), text_of(cell)
                if (carried.get(name) != sign) != by_hand:
                    continue
                if name not in known:
                    if at == page and begun:
                        found.added[name] = above, cell
                elif sign not in known[name] and cell["cell_type"] == "code" and (begun or STUB not in text):
                    found.answers[name] = text, begun.get(name, UNKNOWN)
    return found


def _named(cells: list[dict], known: dict[str, set[str]], signs: dict[str, str]) -> Iterator[tuple[str, str, dict]]:
    """Id, id of the nearest cell of an edition above, and cell; a cell that is in no edition has an id of its own."""
    seen: set[str] = set()
    above = ""
    for cell in cells:
        sign, names = mark(text_of(cell)), names_of(cell)
        name = next((n for n in (*names, signs.get(sign, "")) if n in known and n not in seen), "")
        own = name or next((n for n in names if n not in known and n not in seen), f"added-{sign}")
        yield own, above, cell
        seen.add(own)
        above = name or above


def _cells(root: Path, file: str) -> list[dict] | None:
    """Cells of a file of the copy; None if it cannot be read."""
    try:
        return cells_of((root / file).read_bytes(), file)
    except OSError:
        return None


def with_typed(page: bytes, was: Typed, head: str = "") -> tuple[bytes, str]:
    """A stored notebook with what was typed carried into it, and words for that.

    Parameters
    ----------
    page : the stored notebook.
    was : what was typed.
    head : a sentence to stand at its top; "" for none.
    """
    nb = json.loads(page)
    known = {name_of(cell) for cell in nb["cells"]}
    added = {name: place for name, place in was.added.items() if name not in known}
    below: dict[str, list[dict]] = {}
    for name, (above, cell) in added.items():
        below.setdefault(above if above in known else "", []).append(_own(name, cell))
    cells, answered, waiting = [], [], []
    for cell in nb["cells"]:
        name = name_of(cell)
        if is_answer(cell) and name in was.answers:
            (text, begun), stub = was.answers[name], text_of(cell)
            if begun not in (mark(stub), UNKNOWN):  # it was the answer to another beginning
                now = [f"# {line}".rstrip() for line in stub.splitlines()]
                text = "\n".join([text, "", "# The exercise begins like this now:", *now])
            cell = {**cell, "source": text.splitlines(keepends=True)}
            waiting.append(name)
        elif waiting and cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("grade"):
            answered.append(".".join(cell["metadata"]["nbgrader"]["grade_id"].rsplit("-", 1)))
            waiting = []
        cells += [cell, *below.pop(name, [])]
    cells += below.pop("", [])
    if not (added or answered or head):
        return page, ""
    parts = [f"your answers to {', '.join(answered)}"] if answered else []
    words = " and ".join([*parts, *(["the cells that you added"] if added else [])])
    if head:
        text = f"> {head}" + (f" Carried from there: {words}." if words else "")
        cells.insert(0, {"cell_type": "markdown", "id": HEAD, "metadata": {}, "source": [text]})
    made = json.dumps(nb | {"cells": cells}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return made.encode("utf-8", "surrogatepass"), words


def _own(name: str, cell: dict) -> dict:
    """A cell that was added, as it is carried: with its id, and without marks that belong to another cell."""
    rest = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    meta = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    return rest | cell | {"id": name, "metadata": {k: v for k, v in meta.items() if k not in ("id", "nbgrader")}}


# --- the copy --------------------------------------------------------------------------------------------------


def start(folder: str | os.PathLike = FOLDER, source: Path | None = None) -> list[str]:
    """Make a working copy of the course, or bring it up to date; what its owner changed is never written over.

    Parameters
    ----------
    folder : where the copy is, or is to be; "~" is understood.
    source : folder of the stored notebooks; by default the package's own.

    Returns
    -------
    list of str : what was done, one sentence each.

    Raises
    ------
    ValueError : a folder that cannot hold a copy.
    OSError : a folder that cannot be written; no file in it is then lost or half-written.
    """
    source = stored() if source is None else Path(source)
    root = _folder(folder, source)
    names = pages(source)
    if FIRST not in names:
        raise ValueError(f"no notebooks are stored in {source}; install the course again, or `make editions`")
    record, said = read_record(root), []
    done: dict[str, list[str]] = {"added": [], "replaced": []}
    for page in names:
        did, file, sentence = _bring(root, record, page, (source / page).read_bytes())
        done.get(did, []).append(file)
        said += [sentence] if sentence else []
    if done["added"] == names:
        return [f"{root} is your copy of the course now, {len(names)} files.", *said]
    if done["replaced"]:
        said.insert(0, f"You had not changed these, they are the newer ones now: {', '.join(done['replaced'])}.")
    if done["added"]:
        said.insert(0, f"These were not there, and are now: {', '.join(done['added'])}.")
    return said or [f"{root} is up to date."]


def _folder(folder: str | os.PathLike, source: Path) -> Path:
    """The folder of the copy; ValueError if it cannot be one."""
    if not str(folder).strip():
        raise ValueError(f"the folder has no name; expected one, for example {FOLDER}")
    try:
        root = Path(folder).expanduser()
        same = root.resolve() in (source.resolve(), *((source / name).resolve() for name in (*FOLDERS, "book")))
    except (RuntimeError, ValueError) as error:  # no such user; a name that no folder can have
        raise ValueError(f"{str(folder)!r} is no folder: {error}; expected a name, for example {FOLDER}") from error
    if root.exists() and not root.is_dir():
        raise ValueError(f"{root} is a file; expected the name of a folder, for example {FOLDER}")
    if same:
        raise ValueError(f"the course itself is stored in {root}; expected another folder, for example {FOLDER}")
    return root


def _bring(root: Path, record: dict[str, list[Written]], page: str, content: bytes) -> tuple[str, str, str]:
    """Bring one page of the copy up to date: what was done, with which file, and what else is to be said."""
    cells = cells_of(content, page)
    if cells is None:
        raise ValueError(f"the stored {page} cannot be read as a notebook; install the course again")
    entries, fresh = record.setdefault(page, []), written(page, content, cells)
    if not os.path.lexists(root / page):
        return "added", page, _put(root, record, page, content, page)
    if all(entry.file != page for entry in entries):  # made by hand, or the hidden file was lost
        same = what(_cells(root, page) or []) == what(cells)
        entries.insert(0, fresh if same else Written(page, UNKNOWN, UNKNOWN, []))
        write_record(root, record)
    *earlier, latest = [entry.file for entry in entries if os.path.lexists(root / entry.file)]
    there, offered = _cells(root, latest), [entry.file for entry in entries if entry.edition == fresh.edition]
    if there is None:
        said = f"{latest} cannot be read as a notebook and stays as it is."
        if offered not in ([], [latest]):
            return "", latest, said
        return "beside", latest, f"{said} {_put(root, record, page, content, '', latest)}"
    if offered:
        return "", latest, ""
    writable = (root / latest).stat().st_mode & stat.S_IWUSR
    if writable and what(there) in [what(cells), *([row[1:3] for row in entry.cells] for entry in entries)]:
        return "replaced", latest, _put(root, record, page, content, latest, *earlier[-1:])
    if any(entry.says == fresh.says for entry in entries):  # only its outputs are new
        return "", latest, ""
    said = f"{latest}, which {'you changed' if writable else 'is read-only'}, stays as it is."
    return "beside", latest, f"{said} {_put(root, record, page, content, '', latest)}"


def _put(root: Path, record: dict[str, list[Written]], page: str, content: bytes, file: str, old: str = "") -> str:
    """Write a page to `file`, or where that is "" under a free name; it stands beside `old`. A sentence about it."""
    made, words, (stem, suffix) = content, "", os.path.splitext(page)
    if suffix == ".ipynb":
        name = os.path.basename(old)
        head = f"**A newer edition of [{name}]({name})**, which stays as it is." if old else ""
        made, words = with_typed(content, typed(root, record, page, cells_of(content, page)), head)
    free, number = file or f"{stem}-newer{suffix}", 2
    while not file and os.path.lexists(root / free) and _bytes(root / free) != made:  # equal if it was interrupted
        free, number = f"{stem}-newer-{number}{suffix}", number + 1
    write(root / free, made)
    entry = written(free, content, cells_of(made, free))
    record[page] = [other for other in record[page] if other.file != free] + [entry]
    write_record(root, record)
    if not file:
        return f"Beside it is the newer one, {free}" + (f", with {words}." if words else ".")
    return f"{free} holds {words}." if words else ""


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
