"""The version of a trial: a digest of all that it depends on beside its parameters and its seed.

Nobody can forget to raise it. What counts: the module of the trial, and every module of damtutor, beside the trial's
own file, or elsewhere in no library, that it imports, directly or through others, inside functions too; and the values
that it reads, see `live_values`. Docstrings, comments and layout do not count: the digest is over the syntax tree, with
empty fields left out, so that Python 3.11 to 3.13 give the same one. `ast.dump` would not, and then a newer Python
would compute everything again; if a future one still differs, that is all that happens.
What does not count: Python, NumPy and other packages, data files, what is imported by a computed name.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from damtutor.sweeps.live_values import LIBRARIES, PACKAGE, Live, in_library

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One module as it was read.

    Attributes
    ----------
    spec : what it was loaded as; another after a reload.
    stamp : time and size of its file.
    digest : of its syntax tree.
    imports : the names that it imports, see `_imports`.
    repeated : names of functions that are in it twice or more, as all lambdas are.
    """

    spec: Any
    stamp: tuple[int, int]
    digest: str
    imports: frozenset[tuple[str, bool]]
    repeated: frozenset[str]


class Look(NamedTuple):
    """What a trial is made of, each by its name and its digest.

    Attributes
    ----------
    files : modules.
    code : functions that no file holds as they are, or not alone by their name: by the place where they were found.
    values : what it reads, see `live_values`.
    modules : names of the modules, not damtutor's, of which all that is read is known: it can travel without them.
    """

    files: dict[str, str]
    code: dict[str, str]
    values: dict[str, str]
    modules: frozenset[str]

    @property
    def version(self) -> str:
        """The version of the trial, 16 hex digits."""
        pieces = [self.files, self.code, self.values]
        return hashlib.sha256(json.dumps(pieces, sort_keys=True).encode()).hexdigest()[:16]


_KNOWN: dict[Path, Source] = {}  # by file; a module that was loaded keeps the digest of its first look
_CACHED: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()  # what a kept function read when last looked at


def look(trial: Callable, *, sources: bool = True) -> Look:
    """All that a trial is made of.

    Files are read at the first look and again after a reload. A file that is edited after it was loaded, but before the
    first look, is taken for what was loaded: restart Python after an edit.

    Parameters
    ----------
    trial : a function at the top level of a module, a script or a notebook.
    sources : False looks at values alone, which needs no file.

    Raises
    ------
    ValueError : something else, or a value is read of which there is no version.
    """
    trial_name(trial)
    live = Live(trial, _own_code if sources else None)
    _forget(live.caches)
    travelling = frozenset(name for name, _ in live.modules if name.partition(".")[0] != PACKAGE and not live.bare)
    if not sources:
        return Look({}, {}, live.values, travelling)
    home, files = _Home(trial.__module__, _own_file(inspect.unwrap(trial))), {}
    todo, seen = {(name, whole) for name, whole in live.modules if _file(name) is not None}, set()
    for function in live.loose:
        todo |= set(_imports(_tree(function), function.__globals__.get("__package__") or ""))
    while todo:
        wanted, whole = todo.pop()
        if (wanted, whole) in seen:
            continue
        seen.add((wanted, whole))
        for found, path in home.modules(wanted, whole):
            if found not in files:
                source = _source(found, path)
                files[found] = source.digest
                todo |= source.imports
    return Look(files, live.code, live.values, travelling)


def trial_name(trial: Any) -> str:
    """The name of a trial, module and function; ValueError unless it is a function at the top level."""
    if not inspect.isfunction(trial) or "<" in trial.__qualname__ or not trial.__module__:
        what = trial.__qualname__ if inspect.isfunction(trial) else repr(trial)
        raise ValueError(f"trial is {what}; expected a function defined at the top level of a module or a notebook")
    return f"{trial.__module__}.{trial.__qualname__}"


def differs(task: Look, trial: Callable) -> str | None:
    """What is not the same in this process as where `task` comes from, or None: for workers.

    Looked at are the values that the trial reads here, the modules of damtutor, and those of others that are loaded. A
    script, a notebook, and what else travels, is what it was.
    """
    home = _Home(PACKAGE, None)
    for name, expected in task.files.items():
        top = name.partition(".")[0]
        path = home.path(name) if top == PACKAGE else None if top == "__main__" else _file(name)
        if (path is None and top == PACKAGE) or (path is not None and _source(name, path).digest != expected):
            return name
    return changed(task.values, look(trial, sources=False).values)


def changed(before: dict[str, str], now: dict[str, str]) -> str | None:
    """The first place whose value is another one, has come or has gone; None if all are the same."""
    return next((place for place in sorted(before.keys() | now.keys()) if before.get(place) != now.get(place)), None)


def _forget(caches: list) -> None:
    """Empty functions kept by functools.cache that may hold numbers made of values which are others now."""
    for kept in caches:
        made_by = inspect.unwrap(kept)
        if isinstance(made_by, FunctionType) and made_by.__module__.partition(".")[0] != PACKAGE:
            values = Live(made_by).values
            if _CACHED.get(kept) != values:
                kept.cache_clear()
            _CACHED[kept] = values


def _file(name: str) -> Path | None:
    """The file that a module was loaded from; None if it is not loaded, or was not in a file."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return None if file is None else _resolved(file)


@lru_cache(maxsize=10_000)
def _resolved(file: str) -> Path:
    return Path(file).resolve()


def _elsewhere(name: str) -> Path | None:
    """The file of a module that is not loaded, in any folder where Python looks for it."""
    spec, places = None, None
    for part in name.split("."):
        spec = PathFinder.find_spec(part, places)
        places = getattr(spec, "submodule_search_locations", None) or []
    return Path(spec.origin).resolve() if spec is not None and str(spec.origin).endswith(".py") else None


def _own_file(function: FunctionType) -> Path | None:
    """The file of a function's module, if it is there that the function stands; None for what was typed in."""
    file = _file(function.__globals__.get("__name__", ""))
    return file if file is not None and file == _resolved(function.__code__.co_filename) else None


def _own_code(function: FunctionType) -> str:
    """Digest of a function, "" where that of its file and its name say it."""
    file = _own_file(function)
    if file is not None and function.__qualname__ not in _source(function.__globals__["__name__"], file).repeated:
        return ""
    tree = None if file is not None or function.__name__ == "<lambda>" else _tree(function)
    if tree is not None and tree.body:
        return digest(tree)
    return hashlib.sha256(repr(_compiled(function.__code__)).encode("utf-8", "backslashreplace")).hexdigest()


def _tree(function: FunctionType) -> ast.Module:
    """The syntax tree of a function that was typed in, empty where nobody kept its text."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function.__code__)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module([], [])


def _compiled(code: CodeType) -> tuple:
    """Compiled code without its places; another Python has another one."""
    constants = [_compiled(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants


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
        known = Source(spec, stamp, digest(tree), frozenset(_imports(tree, package)), _repeated(tree))
    _KNOWN[path] = known._replace(spec=spec)
    return known


def _repeated(tree: ast.Module) -> frozenset[str]:
    """Qualified names that several functions in a file have."""
    found: Counter[str] = Counter()
    todo = [(tree, "")]
    while todo:
        node, above = todo.pop()
        inside = above
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            name = above + getattr(node, "name", "<lambda>")
            found[name] += 1
            inside = f"{name}.<locals>."
        elif isinstance(node, ast.ClassDef):
            inside = f"{above}{node.name}."
        todo += [(child, inside) for child in ast.iter_child_nodes(node)]
    return frozenset(name for name, count in found.items() if count > 1)


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
        self._paths: dict[str, Path | None] = {}

    def path(self, name: str) -> Path | None:
        """The file of a module; None if there is none, or a library has it."""
        if name not in self._paths:
            self._paths[name] = self._path(name)
        return self._paths[name]

    def _path(self, name: str) -> Path | None:
        top = name.partition(".")[0]
        library = self.top == PACKAGE or any(part in LIBRARIES for part in self.root.parts)
        if top not in (PACKAGE, self.top) and (library or in_library(name)):
            return None
        if top != PACKAGE and name in sys.modules:
            file = _file(name)
            return file if file is not None and file.suffix == ".py" else None
        base = (ROOT if top == PACKAGE else self.root).joinpath(*name.split("."))
        tries = (base / "__init__.py", base.with_name(base.name + ".py"))
        found = next((path for path in tries if path.is_file()), None)
        return found if found is not None or top == PACKAGE else _elsewhere(name)

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
