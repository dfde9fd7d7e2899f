"""What a trial reads besides its parameters and its seed, as it is now: the values of globals, not the text of files.

From the trial on, every function that is reached is looked at: the globals of its module, attributes of modules
(`conf.FLIPS`), imports inside it, closures, defaults, attributes of classes and of objects. Each value becomes a
digest, so that a changed one gives the trial another version, and so that a worker can see that it has the same ones.
What has no digest, and what makes numbers depend on the trials before (a generator that lives outside the trial), is
refused in words.

Looked at are damtutor and whatever lies in no library. Of libraries count the functions and numbers that were replaced
by others. What cannot be seen: files that are read, the clock, names that are computed. The kernels are left out: their
two twins give the same results.
"""

from __future__ import annotations

import copyreg
import dis
import functools
import hashlib
import importlib
import inspect
import itertools
import os
import random
import sys
import sysconfig
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from importlib.util import resolve_name
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

import numpy as np

PACKAGE = "damtutor"
TWINS = "damtutor.kernels"
LIBRARIES = ("site-packages", "dist-packages")
STANDARD = tuple({f"{Path(sysconfig.get_path(name)).resolve()}{os.sep}" for name in ("stdlib", "platstdlib")})
GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS")
LOCALS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE")
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
NOTHING = ("EXTENDED_ARG", "CACHE", "NOP", "PRECALL", "PUSH_NULL")
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), range)
GLOBAL = np.random.get_state.__self__  # the generator of all of NumPy's functions without one
RANDOM = (random.Random, np.random.Generator, np.random.BitGenerator, np.random.RandomState)
WRAPPED = {staticmethod: "__func__", classmethod: "__func__", functools.cached_property: "func"}
NAMED = (GetSetDescriptorType, MemberDescriptorType, type(str.join), type(object.__init__), np.ufunc)
MAKE = "expected it to be made inside the trial, or its settings to be parameters of the points"


class Read(NamedTuple):
    """One look of a function at something outside of it.

    Attributes
    ----------
    names : a global and its attributes; or the module of an import, and the names that are taken from it.
    level : of an import, the dots before its module; None for a global.
    after : text that follows as a constant, as the name in `os.environ["NAME"]`.
    bound : True where the first of `names` is no global, but a module that was imported in the function.
    """

    names: tuple[str, ...]
    level: int | None = None
    after: str | None = None
    bound: bool = False


class Live:
    """What a trial reads.

    Parameters
    ----------
    trial : the function.
    code_of : digest of a function's own code where no file has it, else ""; None in a worker, which has no source.

    Attributes
    ----------
    values : place, as "conf.FLIPS" → digest of the value that is there.
    code : place → digest of the code of the functions there, as far as `code_of` gives one.
    modules : names of the modules that were looked into; True for those that were looked at as a whole.
    loose : the functions whose code is in `code`.
    caches : functions kept by functools.cache, which may hold numbers made of other values.
    bare : whether a function reads the globals of its module by names that are computed.

    Raises
    ------
    ValueError : something is read that no version can be given to.
    """

    def __init__(self, trial: FunctionType, code_of: Callable[[FunctionType], str] | None = None):
        self.values: dict[str, str] = {}
        self.code: dict[str, str] = {}
        self.modules: set[tuple[str, bool]] = set()
        self.loose: list[FunctionType] = []
        self.caches: list[Any] = []
        self.bare = False
        self._code_of, self._top = code_of, trial.__module__.partition(".")[0]
        self._ours: dict[str, bool] = {}
        self._seen: set[tuple] = set()
        self._kept: list = []  # what was seen stays alive, so that no other object gets its id
        self._todo: list[FunctionType | type] = []
        self._reader = f"{trial.__module__}.{trial.__qualname__}"
        self._record(self._reader, trial)
        while self._todo:
            found = self._todo.pop()
            self._reader = f"{found.__module__}.{found.__qualname__}"
            if isinstance(found, type):
                self._class(found)
            else:
                for read in _reads(found.__code__):
                    (self._global if read.level is None else self._import)(found.__globals__, read)

    # Where things are read ---------------------------------------------------------------------------------------

    def ours(self, name: str) -> bool:
        """Whether a module is looked into: damtutor's, the trial's own, or in no library."""
        if name not in self._ours:
            top = name.partition(".")[0]
            self._ours[name] = (
                name != TWINS
                and not name.startswith(TWINS + ".")
                and (top in (PACKAGE, self._top) or not in_library(name))
            )
        return self._ours[name]

    def _global(self, space: dict, read: Read) -> None:
        name, *rest = read.names
        if read.bound:
            space = sys.modules
        elif name not in space and name == "__import__" and read.after:
            self._import(space, Read((read.after,), 0))
        if name not in space:
            if name in ("globals", "eval", "exec"):
                self.bare = True
                self._space(space.get("__name__", ""), space)
            return
        value, owner, place = space[name], space.get("__name__", ""), f"{space.get('__name__', '')}.{name}"
        if read.bound:
            owner, place = name, name
        while isinstance(value, ModuleType) and rest:
            if not read.bound:
                self.values[place] = _text(value.__name__)
            owner, place = value.__name__, f"{value.__name__}.{rest[0]}"
            if self.ours(owner):
                self.modules.add((owner, False))
            value, rest = getattr(value, rest[0], Missing), rest[1:]
        if value is Missing:
            return
        if value is os.getenv or (value is os.environ and rest in ([], ["get"])):
            if read.after is None:
                raise ValueError(
                    f"{self._reader} reads os.environ at a name that is not written out; expected "
                    "os.environ['NAME'], or a parameter of the points"
                )
            self.values[f"the environment variable {read.after}"] = _text(os.environ.get(read.after))
        elif (value is importlib.import_module or value is sys.modules) and read.after:
            self._import(space, Read((read.after,), 0))
        else:
            self._found(owner, place, value)

    def _import(self, space: dict, read: Read) -> None:
        """An import inside a function: done now, since the trial would do it, and what it gives is read."""
        package = space.get("__package__") or space.get("__name__", "").rpartition(".")[0]
        try:
            name = resolve_name("." * read.level + read.names[0], package or None)
            if not self.ours(name) and name not in sys.modules and str(package).partition(".")[0] == PACKAGE:
                return  # damtutor loads what is slow only where it is used
            module, wanted = importlib.import_module(name), read.names[1:]
            for key in wanted:
                if self.ours(name) and not hasattr(module, key):
                    importlib.import_module(f"{name}.{key}")
        except Exception:  # whatever it is, the trial will meet it and say it
            return
        for key in wanted:
            value = getattr(module, key, sys.modules.get(f"{name}.{key}", Missing))
            if value is not Missing:
                self._found(name, f"{name}.{key}", value)
        if self.ours(name):
            self.modules.add((name, False))
            if not wanted:
                self._module(module)

    def _found(self, owner: str, place: str, value: Any) -> None:
        """A value in a module `owner`: all of ours count, of a library's only what was put there or changes itself."""
        if isinstance(value, ModuleType):
            self.values[place] = _text(value.__name__)
            if self.ours(value.__name__):
                self._module(value)
        elif self.ours(owner) or isinstance(value, RANDOM) or value is sys.argv or type(value) in (bool, int, float):
            self._record(place, value)
        elif isinstance(value, FunctionType):
            if self.ours(value.__globals__.get("__name__", "")):
                self._record(place, value)
        elif isinstance(value, type):
            if self.ours(_module_of(value)):
                self._record(place, value)
        elif isinstance(getattr(value, "__self__", None), RANDOM):
            self._record(place, value.__self__)

    def _module(self, module: ModuleType) -> None:
        self.modules.add((module.__name__, True))
        self._space(module.__name__, vars(module))

    def _space(self, name: str, space: dict) -> None:
        """All that is in a module."""
        if ("space", id(space)) in self._seen:
            return
        self._seen.add(("space", id(space)))
        for key, value in sorted(space.items()):
            if isinstance(value, ModuleType):
                if value.__name__.startswith(f"{name}.") and self.ours(value.__name__):
                    self._module(value)
            elif not (key.startswith("__") and key.endswith("__")):
                self._record(f"{name}.{key}", value)

    def _class(self, found: type) -> None:
        """The attributes of a class and of those it is made of."""
        for base in found.__mro__:
            if not self.ours(_module_of(base)):
                continue
            self.modules.add((base.__module__, False))
            place = f"{base.__module__}.{base.__qualname__}"
            fields = [
                (f.name, f.default, f.default_factory) for f in vars(base).get("__dataclass_fields__", {}).values()
            ]
            self._record(f"{place}()", [type(base), base.__mro__[1:], fields])
            for key, value in sorted(vars(base).items()):
                slot = isinstance(value, MemberDescriptorType)
                if key == "_abc_impl" or slot or _is_generated(base, key, value):
                    continue
                if isinstance(value, FunctionType) or not (key.startswith("__") and key.endswith("__")):
                    self._record(f"{place}.{key}", value)

    # What is there -----------------------------------------------------------------------------------------------

    def _record(self, place: str, value: Any) -> None:
        if (place, id(value)) in self._seen:
            return
        self._seen.add((place, id(value)))
        self._kept.append(value)
        code: list[str] = []
        try:
            digest = self._digest(value, place, {}, code)
        except RecursionError:
            raise self._refused(place, value) from None
        if self.values.setdefault(place, digest) != digest:  # two modules of one name
            self.values[place] = _text(self.values[place] + digest)
        if code:
            self.code[place] = _text("".join([self.code.get(place, ""), *code]))

    def _refused(self, place: str, value: Any) -> ValueError:
        return ValueError(
            f"{self._reader} reads {place}, a {type(value).__name__}, of which there is no version; {MAKE}"
        )

    def _digest(self, value: Any, place: str, met: dict, code: list[str]) -> str:
        found = hashlib.sha256()
        self._feed(found, value, place, met, code)
        return found.hexdigest()[:16]

    def _feed(self, found: Any, value: Any, place: str, met: dict, code: list[str]) -> None:
        """Add a value, and what it is made of, to a digest; `met` are the objects it already holds."""
        kind = type(value)

        def put(*words: Any) -> None:
            found.update(repr(words).encode("utf-8", "backslashreplace"))

        def feed(*parts: Any) -> None:
            for part in parts:
                self._feed(found, part, place, met, code)

        if kind in PLAIN:
            put(kind.__name__, value)
            return
        if id(value) in met:
            put("again", met[id(value)])
            return
        met[id(value)] = len(met)
        self._kept.append(value)
        if value is os.environ or value is sys.argv:
            name = "os.environ" if value is os.environ else "sys.argv"
            raise ValueError(f"{self._reader} reads {name} as a whole; expected a parameter of the points")
        if isinstance(value, RANDOM):
            raise ValueError(
                f"{self._reader} reads {place}, a {kind.__name__}, whose numbers depend on the trials before; expected "
                "it to be made inside the trial, for example rng = np.random.default_rng(seed)"
            )
        if kind in (tuple, list):
            put(kind.__name__, len(value))
            feed(*value)
        elif kind in (dict, MappingProxyType):
            put("dict", len(value))
            for item in list(value.items()):
                feed(*item)
        elif kind in (set, frozenset):
            parts: list[tuple[str, list[str]]] = [("", []) for _ in value]
            for k, item in enumerate(value):
                parts[k] = (self._digest(item, place, dict(met), parts[k][1]), parts[k][1])
            for digest, inside in sorted(parts):
                put(digest)
                code.extend(inside)
        elif isinstance(value, np.ndarray) and kind is np.ndarray and not value.dtype.hasobject:
            put("array", value.dtype.descr if value.dtype.names else value.dtype.str, value.shape)
            found.update(np.ascontiguousarray(value).view(np.uint8).data if value.size else b"")
        elif kind is ModuleType:
            put("module", value.__name__)
            if self.ours(value.__name__):
                self._module(value)
        elif kind is FunctionType:
            self._function(value, put, feed, code)
        elif isinstance(value, type):
            ours = self.ours(_module_of(value))
            put("class", *_named(value, ours))
            if ours and ("class", id(value)) not in self._seen:
                self._seen.add(("class", id(value)))
                self._todo.append(value)
        elif kind is MethodType:
            feed(value.__func__, value.__self__)
        elif kind is BuiltinFunctionType or isinstance(value, NAMED):
            put("builtin", getattr(value, "__qualname__", getattr(value, "__name__", "")))
            owner = getattr(value, "__self__", None)
            feed(*() if owner is None or isinstance(owner, type | ModuleType) else (owner,))
        elif kind is property:
            put("property")
            feed(value.fget, value.fset, value.fdel)
        elif kind in WRAPPED:
            put(kind.__name__)
            feed(getattr(value, WRAPPED[kind]))
        elif isinstance(compiled := _compiled_by_numba(value), FunctionType):
            put("compiled")
            feed(compiled)
        elif isinstance(value, functools._lru_cache_wrapper):
            put("cache")
            self.caches.append(value)
            feed(value.__wrapped__)
        else:
            self._object(value, place, put, feed)

    def _function(self, value: FunctionType, put: Callable, feed: Callable, code: list[str]) -> None:
        ours = self.ours(value.__globals__.get("__name__", ""))
        put("function", *_named(value, ours))
        cells = [_content(cell) for cell in value.__closure__ or ()]
        if not ours:  # of a library, which may have been given functions of ours to wrap
            feed(*(cell for cell in cells if type(cell) in PLAIN or isinstance(cell, FunctionType | functools.partial)))
            feed(vars(value).get("registry"))  # of functools.singledispatch
            return
        feed(
            value.__defaults__,
            value.__kwdefaults__,
            *cells,
            {k: v for k, v in vars(value).items() if k != "__wrapped__"},
        )
        if self._code_of is not None and (own := self._code_of(value)):
            code.append(own)
            self.loose.append(value)
        self.modules.add((value.__globals__.get("__name__", ""), False))
        if (id(value.__code__), id(value.__globals__)) not in self._seen:
            self._seen.add((id(value.__code__), id(value.__globals__)))
            self._todo.append(value)

    def _object(self, value: Any, place: str, put: Callable, feed: Callable) -> None:
        """Any other object: its class, and what it would be pickled as, without what its class keeps for itself."""
        kind = type(value)
        if hasattr(kind, "__next__"):  # reading it changes it
            raise self._refused(place, value)
        try:
            known = copyreg.dispatch_table.get(kind)
            reduced = value.__reduce_ex__(4) if known is None else known(value)
        except Exception:
            raise self._refused(place, value) from None
        feed(kind)
        if isinstance(reduced, str):
            put(reduced)
            return
        make, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
        if make is copyreg.__newobj__ and isinstance(state, tuple):  # of slots, which a worker's copy has not
            state = {k: v for part in state for k, v in (part or {}).items()}
        if isinstance(state, dict):
            state = _lasting(kind, state)
        module = _module_of(kind)
        if module.partition(".")[0] != PACKAGE and self.ours(module) and not _pickles_whole(kind):
            put("also")
            feed(_lasting(kind, getattr(value, "__dict__", {})))
        feed(make, arguments, state, None if items is None else list(items), None if pairs is None else list(pairs))


def global_generator() -> np.random.RandomState:
    """What NumPy's functions without a generator draw from, in the process that asks."""
    return GLOBAL


def _module_of(found: type) -> str:
    """The module of a class; some of Cython's do not say it."""
    return found.__module__ if isinstance(found.__module__, str) else "builtins"


def _lasting(kind: type, state: dict) -> dict | None:
    """The state of an object without what its class keeps, and what libraries draw from without being asked to."""
    own = (k for k in state if not isinstance(getattr(kind, str(k), None), functools.cached_property))
    return {k: state[k] for k in own if state[k] is not GLOBAL} or None


def _pickles_whole(kind: type) -> bool:
    """Whether a class leaves it to Python what its objects are pickled as."""
    names = ("__getstate__", "__reduce__", "__reduce_ex__")
    return all(getattr(kind, name, None) is getattr(object, name, None) for name in names)


def _compiled_by_numba(value: Any) -> Any:
    """The Python function of one that Numba compiles, by `njit` or by `vectorize`."""
    return getattr(getattr(value, "_dispatcher", value), "py_func", None)


class Missing:
    """In place of an attribute that is not there."""


def in_library(name: str) -> bool:
    """Whether a module is Python's own or of an installed package, as far as its file says."""
    top = name.partition(".")[0]
    module = sys.modules.get(name) or sys.modules.get(top)
    file = getattr(module, "__file__", None)
    if module is None:
        spec = None if top in sys.builtin_module_names else PathFinder.find_spec(top)
        file = getattr(spec, "origin", None)
    if file is None:
        return top in sys.stdlib_module_names
    path = Path(file).resolve()
    return any(part in LIBRARIES for part in path.parts) or str(path).startswith(STANDARD)


def _named(value: FunctionType | type, ours: bool) -> tuple[str, str]:
    """What a function or a class is called; libraries move theirs between their modules from time to time."""
    module = str(getattr(value, "__module__", ""))
    return (module, value.__qualname__) if ours else (module.partition(".")[0], value.__qualname__)


def _text(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _content(cell: Any) -> Any:
    """What a closure holds; nothing yet in a function that names itself."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _is_generated(owner: type, key: str, value: Any) -> bool:
    """Whether `dataclass` or `NamedTuple` wrote a method: its class says it all."""
    if not (hasattr(owner, "__dataclass_fields__") or hasattr(owner, "_fields")) or not isinstance(value, FunctionType):
        return False
    return key.startswith("__") and inspect.unwrap(value).__code__.co_filename.startswith("<")


@functools.lru_cache(maxsize=10_000)
def _reads(code: CodeType) -> tuple[Read, ...]:
    return tuple(dict.fromkeys(_looks(code, {})))


def _looks(code: CodeType, above: dict[str, tuple[str, ...]]) -> Iterator[Read]:
    """The globals, their attributes and the imports in a piece of code, and in the functions that it makes.

    `above` is what is imported around it, by the names that it has there: module, or module and name.
    """
    steps = [step for step in dis.get_instructions(code) if step.opname not in NOTHING]
    bound = {name: module for name, module in above.items() if name in code.co_freevars} | dict(_bound(steps))
    for k, step in enumerate(steps):
        local = bound.get(_last(step)) if step.opname.startswith(LOCALS) else None
        if step.opname in GLOBALS or local is not None:
            end = k + 1
            while steps[end].opname in ATTRIBUTES:
                end += 1
            after = steps[end].argval if steps[end].opname == "LOAD_CONST" else None
            names = (*(local or (step.argval,)), *(attribute.argval for attribute in steps[k + 1 : end]))
            if local is None or len(names) > 1:
                yield Read(names, None, after if isinstance(after, str) else None, local is not None)
        elif step.opname == "IMPORT_NAME":
            wanted = steps[k - 1].argval or ()
            if step.argval == PACKAGE and not wanted:  # a door: what goes through it is among the attributes
                wanted = [name for name in code.co_names if name != PACKAGE and hasattr(sys.modules[PACKAGE], name)]
            yield Read((step.argval, *wanted), steps[k - 2].argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _looks(constant, bound)


def _bound(steps: list[dis.Instruction]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The local names of what a piece of code imports, each with its module, or with module and name."""
    module = ""
    for k, (step, after) in enumerate(itertools.pairwise(steps)):
        if step.opname == "IMPORT_NAME":
            module = "" if steps[k - 2].argval else step.argval
        if module and step.opname in ("IMPORT_NAME", "IMPORT_FROM") and after.opname.startswith("STORE_"):
            name = after.argval[0] if isinstance(after.argval, tuple) else after.argval
            yield name, (module, step.argval) if step.opname == "IMPORT_FROM" else (module.partition(".")[0],)


def _last(step: dis.Instruction) -> str:
    """The name that a step leaves on top; Python 3.13 loads two in one."""
    return step.argval[-1] if isinstance(step.argval, tuple) else step.argval
