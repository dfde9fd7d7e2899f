"""The version of a trial: a digest of the code it is made of, so that nobody can forget to raise a number.

What counts: the module of the trial, and every module of damtutor and every file beside the trial's own that it
imports, directly or through others, inside functions too. Docstrings, comments and layout do not count: the digest is
over the syntax tree, with empty fields left out, so that Python 3.11 to 3.13 give the same one. `ast.dump` would not,
and then a newer Python would compute everything again; if a future one still differs, that is all that happens.
What does not count: Python, NumPy and other packages, data files, what is imported by a computed name.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from damtutor.sweeps.store import canonical

PACKAGE = "damtutor"
ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = ("site-packages", "dist-packages")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One module as it was read.

    Attributes
    ----------
    spec : what it was loaded as; another after a reload.
    stamp : time and size of its file.
    digest : of its syntax tree.
    imports : the names that it imports, see `_imports`.
    """

    spec: Any
    stamp: tuple[int, int]
    digest: str
    imports: frozenset[tuple[str, bool]]


_KNOWN: dict[Path, Source] = {}  # by file; a module that was loaded keeps the digest of its first look


def version(pieces: dict[str, str]) -> str:
    """The version, 16 hex digits, of what `code` found."""
    return hashlib.sha256(json.dumps(pieces, sort_keys=True).encode()).hexdigest()[:16]


def code(trial: Callable) -> dict[str, str]:
    """Name → digest of every module that a trial is made of; in a notebook, of every function and constant too.

    Files are read at the first look and again after a reload. A file that is edited after it was loaded, but before the
    first look, is taken for what was loaded: restart Python after an edit.

    Parameters
    ----------
    trial : a function at the top level of a module, a script or a notebook.

    Raises
    ------
    ValueError : something else, no source to be found, or a global of a notebook that has no version.
    """
    name = trial_name(trial)
    file = _file(trial.__module__)
    if file is not None and file != Path(inspect.unwrap(trial).__code__.co_filename).resolve():
        file = None  # typed into a running module, or a cell
    home = _Home(trial.__module__, file)
    pieces: dict[str, str] = {}
    if home.file is None:
        todo = _loose(trial, name, pieces)
    else:
        source = _source(trial.__module__, home.file)
        pieces[trial.__module__], todo = source.digest, set(source.imports)
    seen = set()
    while todo:
        wanted, whole = todo.pop()
        if (wanted, whole) in seen:
            continue
        seen.add((wanted, whole))
        for found, path in home.modules(wanted, whole):
            if found not in pieces:
                source = _source(found, path)
                pieces[found] = source.digest
                todo |= source.imports
    return pieces


def trial_name(trial: Any) -> str:
    """The name of a trial, module and function; ValueError unless it is a function at the top level."""
    if not inspect.isfunction(trial) or "<" in trial.__qualname__:
        what = trial.__qualname__ if inspect.isfunction(trial) else repr(trial)
        raise ValueError(f"trial is {what}; expected a function defined at the top level of a module or a notebook")
    return f"{trial.__module__}.{trial.__qualname__}"


def differs(pieces: dict[str, str]) -> str | None:
    """A module that is not the same in this process as in `pieces`, or None: for workers.

    Looked at are the modules of damtutor, and those of others that are loaded. A script or a notebook travels as it is.
    """
    home = _Home(PACKAGE, None)
    for name, expected in pieces.items():
        top = name.partition(".")[0]
        path = home.path(name) if top == PACKAGE else None if top == "__main__" else _file(name)
        if (path is None and top == PACKAGE) or (path is not None and _source(name, path).digest != expected):
            return name
    return None


def _file(name: str) -> Path | None:
    """The file that a module was loaded from; None if it is not loaded, or was not in a file."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return None if file is None else Path(file).resolve()


def digest(tree: ast.AST) -> str:
    """Digest of a syntax tree without docstrings, places, and fields that are empty."""
    return hashlib.sha256(repr(_plain(tree)).encode("ascii")).hexdigest()


def _plain(node: Any) -> Any:
    """The tree as nested tuples of ASCII text."""
    if isinstance(node, ast.Constant):
        return "Constant", ascii(node.value)
    if isinstance(node, list):
        return tuple(map(_plain, node))
    if not isinstance(node, ast.AST):
        return ascii(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        fields["body"] = fields["body"][1:]
    if isinstance(node, ast.JoinedStr):  # Python 3.12 ends a format {x:{width}} with an empty text
        fields["values"] = [part for part in node.values if not (isinstance(part, ast.Constant) and part.value == "")]
    # Python 3.12 added type_params, 3.13 leaves out what is empty: a field says something only when it is not
    kept = [(name, _plain(value)) for name, value in fields.items() if value is not None and value != []]
    return type(node).__name__, *kept


def _source(name: str, path: Path) -> Source:
    """The source of a module: as it was when it was loaded, or as the file is now."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    known = _KNOWN.get(path)
    if known is not None and module is not None and known.spec is spec:
        return known
    stamp = path.stat().st_mtime_ns, path.stat().st_size
    if known is None or known.stamp != stamp:
        tree = ast.parse(path.read_bytes(), str(path))
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        known = Source(spec, stamp, digest(tree), frozenset(_imports(tree, package)))
    _KNOWN[path] = known._replace(spec=spec)
    return known


def _imports(tree: ast.AST, package: str) -> Iterator[tuple[str, bool]]:
    """(name, whole) of all that is imported; `whole` where the name is bound, and all below it can be reached."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, alias.asname is not None
                if alias.asname is None:
                    yield alias.name.partition(".")[0], True
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            base = ".".join([*above[: len(above) + 1 - node.level], *filter(None, [node.module])])
            base = base if node.level else node.module
            for alias in node.names:
                yield base, alias.name == "*"
                yield f"{base}.{alias.name}", True


class _Home:
    """Where modules are looked for: damtutor's own, and those beside the file of the trial."""

    def __init__(self, name: str, file: Path | None):
        self.file, self.top = file, name.partition(".")[0]
        depth = name.count(".") + (file is not None and file.name == "__init__.py")
        self.root = Path.cwd() if file is None else file.parents[depth]

    def path(self, name: str) -> Path | None:
        """The file of a module; None if there is none, or a library has it."""
        top = name.partition(".")[0]
        library = self.top == PACKAGE or any(part in LIBRARIES for part in self.root.parts)
        if top != PACKAGE and library and top != self.top:
            return None
        base = (ROOT if top == PACKAGE else self.root).joinpath(*name.split("."))
        tries = (base / "__init__.py", base.with_name(base.name + ".py"))
        return next((path for path in tries if path.is_file()), None)

    def modules(self, name: str, whole: bool) -> Iterator[tuple[str, Path]]:
        """A module with the packages it is in, and if `whole` all that is in it.

        damtutor/__init__.py is left out: it only fetches names from other modules, and all of them would count with it.
        """
        top, _, rest = name.partition(".")
        if top == PACKAGE and rest in sys.modules[PACKAGE]._HOME:
            name, whole = sys.modules[PACKAGE]._HOME[rest], False
        parts = name.split(".")
        for k in range(1, len(parts) + 1):
            path = self.path(".".join(parts[:k]))
            if path is not None and ".".join(parts[:k]) != PACKAGE:
                yield ".".join(parts[:k]), path
        path = self.path(name)
        if whole and path is not None and path.name == "__init__.py":
            for below in sorted(path.parent.rglob("*.py")):
                inner = below.relative_to(path.parent).with_suffix("").parts
                inner = inner[:-1] if inner[-1] == "__init__" else inner
                if inner:
                    yield ".".join([name, *inner]), below


def _loose(function: FunctionType, name: str, pieces: dict[str, str]) -> set[tuple[str, bool]]:
    """Add a function of a notebook to `pieces`, with the globals it uses; what it imports."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        raise ValueError(f"{name}: its source cannot be found; expected a function in a file or a notebook") from None
    pieces[name] = digest(tree)
    imports = set(_imports(tree, ""))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & function.__globals__.keys()
    for key in sorted(used):
        value, place = function.__globals__[key], f"{function.__module__}.{key}"
        if isinstance(value, ModuleType):
            imports.add((value.__name__, True))
        elif inspect.isfunction(value) and value.__module__ == function.__module__:
            if place not in pieces:
                imports |= _loose(value, place, pieces)
        elif callable(value) and hasattr(value, "__name__") and value.__module__ != function.__module__:
            imports.add((value.__module__ or "", False))
        else:
            pieces[place] = _constant(value, key, name)
    return imports


def _constant(value: Any, key: str, name: str) -> str:
    try:
        return canonical({key: value}, "globals")
    except ValueError:
        raise ValueError(
            f"{name} uses the global {key!r}, a {type(value).__name__}, of which there is no version; expected it "
            "to be made inside the trial, or the trial to be in a file"
        ) from None
