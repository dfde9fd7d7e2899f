"""The notebooks as they are stored: their faults, what was changed by hand, where they differ from the manuscript."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import nbformat

from damtutor.working_copy import cells_of, what, write

LAST = "_build/editions.json"  # what the last run made: a hash of what each page says
FOLDERS = ("notebooks", "exercises", "solutions")
NAME = re.compile(r"\d\d-[a-z0-9_-]+\.ipynb")
PATHS = re.compile(r"(?:/home/|/root/|/Users/|/tmp/|[A-Z]:\\)[^\s\"'<]*|[^\s\"'<]*site-packages/")
DATA_URI = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\s]+")
LAX = re.compile(r"nbval[-_]", re.I)


def stored(root: Path, *folders: str, chapter: str = "") -> list[Path]:
    """Editions in some folders, in order; a reader's own notebooks beside them have other names."""
    paths = [path for folder in folders for path in sorted((root / folder).glob(f"{chapter}*.ipynb"))]
    return [path for path in paths if NAME.fullmatch(path.name)]


def faults(nb: nbformat.NotebookNode) -> list[str]:
    """What strict nbval lets pass, or what must not be stored, in an executed notebook; one sentence each."""
    found = []
    for cell in (c for c in nb.cells if c.cell_type == "code"):
        kinds = [out.output_type for out in cell.outputs]
        expected = "raises-exception" in cell.metadata.get("tags", [])
        if cell.execution_count is None:
            found.append(f"{cell.id}: was not run, so its output is compared with nothing")
        if any(out.get("name") == "stderr" for out in cell.outputs):
            found.append(f"{cell.id}: writes to stderr (a warning, or an unknown magic)")
        if expected != ("error" in kinds):
            found.append(f"{cell.id}: " + ("is meant to raise, and does not" if expected else "stores a traceback"))
        if LAX.search(cell.source) or any(LAX.match(tag) for tag in cell.metadata.get("tags", [])):
            found.append(f"{cell.id}: tells nbval to look away")
        if path := PATHS.search(text_of(cell.outputs)):
            found.append(f"{cell.id}: stores a path of this machine, {path[0]}")
    if "widgets" in nb.metadata:
        found.append("stores widget state")
    return found


def text_of(outputs: list) -> str:
    """All text of some outputs; pictures inside are left out."""
    texts = [out.get("text", "") for out in outputs]
    texts += ["".join(v) for out in outputs for k, v in out.get("data", {}).items() if k.startswith("text/")]
    return DATA_URI.sub("", "\n".join(texts))


def stale(made: dict[str, nbformat.NotebookNode], root: Path, chapter: str = "") -> list[str]:
    """Differences between the editions as they should be and as they are stored, one sentence each."""
    pages = {path.relative_to(root).as_posix() for path in stored(root, *FOLDERS, chapter=chapter)}
    found = [f"{page}: has no manuscript; remove it" for page in sorted(pages - made.keys())]
    found += [f"{page}: is missing" for page in sorted(made.keys() - pages)]
    for page in sorted(pages & made.keys()):
        new, old = comparable(made[page]), comparable(nbformat.read(root / page, 4))
        if new[0] != old[0]:
            found.append(f"{page}: another order of cells, or other notebook metadata")
        names = [name for name in new[1] if new[1][name] != old[1].get(name)]
        found += [f"{page}, cell {name}: differs from the manuscript" for name in names]
    return found


def comparable(nb: nbformat.NotebookNode) -> tuple[object, dict[str, object]]:
    """What is compared of a notebook: all but the bytes of pictures."""
    cells = {}
    for cell in copy.deepcopy(nb.cells):
        for out in cell.get("outputs", []):
            for kind, value in out.get("data", {}).items():
                text = "".join(value) if isinstance(value, list | str) else value
                out.data[kind] = (
                    "picture" if kind.startswith("image/") else DATA_URI.sub("", text) if kind == "text/html" else text
                )
        cells[cell.id] = cell
    return (nb.metadata, [c.id for c in nb.cells], nb.nbformat_minor), cells


# --- changed by hand -------------------------------------------------------------------------------------------


def sign(page: str, content: bytes) -> str:
    """Hash of what a page says, outputs left out; "" for a notebook that cannot be read."""
    cells = cells_of(content, page)
    return "" if cells is None else hashlib.sha256(repr(what(cells)).encode()).hexdigest()


def changed_by_hand(root: Path, pages: Sequence[str], made: Mapping[str, bytes]) -> list[str]:
    """Pages that would be lost if they were made again: they say neither what is committed nor what was last made.

    Parameters
    ----------
    root : the project.
    pages : what is to be written, as paths from the root.
    made : new pages, to compare with where nothing is committed and nothing is known of a last run.
    """
    last, found = _last(root), []
    for page in pages:
        with suppress(FileNotFoundError):
            now = sign(page, (root / page).read_bytes())
            known = [text for text in (_committed(root, page), last.get(page)) if text]
            if now not in known and (known or now != sign(page, made.get(page, (root / page).read_bytes()))):
                found.append(page)
    return found


def remember(root: Path, made: Mapping[str, bytes]) -> None:
    """Keep what these pages say, for `changed_by_hand`."""
    signs = _last(root) | {page: sign(page, content) for page, content in made.items()}
    write(root / LAST, json.dumps(signs, indent=1).encode())


def _last(root: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        return dict(json.loads((root / LAST).read_bytes()))
    return {}


def _committed(root: Path, page: str) -> str:
    """Hash of what the last commit says; "" if there is none, or no git."""
    with suppress(OSError):
        done = subprocess.run(["git", "show", f"HEAD:./{page}"], cwd=root, capture_output=True, check=False)
        return sign(page, done.stdout) if done.returncode == 0 else ""
    return ""
