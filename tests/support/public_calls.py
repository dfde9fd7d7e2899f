"""Every public function and method of some rooms with one right call each, found by running the docstring examples.

`entries` runs examples, and a few calls of our own, and keeps the arguments of the first call of each callable. So a
new function with an example is tried by the tests of bad arguments without a line of theirs.
"""

from __future__ import annotations

import copy
import doctest
import inspect
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from importlib import import_module
from pkgutil import walk_packages
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

UNCHECKED = ("not checked", "Not checked", "No array is checked", "Without checks")  # a docstring that says so means it
LOOPS = "their arguments are not checked"  # of the methods of a class


class Call(NamedTuple):
    """A public callable, and arguments that it takes, by name; `rest` are those of `*args`."""

    name: str
    function: Callable[..., Any]
    arguments: dict[str, Any]
    rest: tuple[Any, ...]

    def made_with(self, **changed: Any) -> Any:
        """What it returns for its arguments with some of them changed; arguments are copied, so none is used up."""
        arguments = {k: copy.deepcopy(v) for k, v in self.arguments.items() if k not in changed} | changed
        positional = [
            arguments.pop(p.name)
            for p in inspect.signature(self.function).parameters.values()
            if p.name in arguments
            and (p.kind is p.POSITIONAL_ONLY or (self.rest and p.kind is p.POSITIONAL_OR_KEYWORD))
        ]
        return self.function(*positional, *copy.deepcopy(self.rest), **arguments)


def modules(rooms: Iterable[str]) -> list[ModuleType]:
    """The public modules of some rooms, or modules by name."""
    found = []
    for room in rooms:
        module = import_module(f"damtutor.{room}")
        found.append(module)
        for inner in walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
            if not inner.name.rpartition(".")[2].startswith("_"):
                found.append(import_module(inner.name))
    return found


def public(module: ModuleType) -> Iterator[tuple[str, str, Any]]:
    """Name, name of an attribute, and owner of every public function, class and method that a module defines."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, name, module
        elif inspect.isclass(value) and not issubclass(value, tuple) and not getattr(value, "_is_protocol", False):
            yield name, name, module
            for inner, method in vars(value).items():
                plain = isinstance(method, classmethod | staticmethod) or inspect.isfunction(method)
                if plain and (not inner.startswith("_") or inner == "__call__"):
                    yield f"{name}.{inner}", inner, value


def _code(owner: Any, attribute: str) -> CodeType | None:
    value = vars(owner)[attribute]
    value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    value = vars(value).get("__init__") if inspect.isclass(value) else value
    value = inspect.unwrap(value) if value is not None else None
    return getattr(value, "__code__", None)


def wanted(found: Iterable[ModuleType]) -> dict[CodeType, tuple[str, str, Any]]:
    """Code → (name, attribute, owner) of what is public and looks at its arguments."""
    codes = {}
    for module in found:
        if "they are not checked here" in (module.__doc__ or ""):
            continue
        for name, attribute, owner in public(module):
            code = _code(owner, attribute)
            if code is not None and "damtutor" not in code.co_filename:
                continue  # what another library puts into a class, such as matplotlib
            said = inspect.getdoc(getattr(owner, attribute)) or ""
            if inspect.isclass(owner) and attribute != "__call__":
                said += "".join(inspect.getdoc(base) or "" for base in owner.__mro__ if LOOPS in (base.__doc__ or ""))
            if code is not None and code.co_argcount + code.co_kwonlyargcount and not any(w in said for w in UNCHECKED):
                codes[code] = (f"{module.__name__.removeprefix('damtutor.')}.{name}", attribute, owner)
    return codes


class Recorder:
    """Keeps the arguments of the first call of each wanted callable while it is on."""

    def __init__(self, codes: dict[CodeType, tuple[str, str, Any]]):
        self.codes, self.calls = codes, {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in self.codes and frame.f_code not in self.calls:
            self.calls[frame.f_code] = None  # what follows must not record itself
            sys.settrace(None)
            try:
                self.calls[frame.f_code] = self._call(frame)
            except (TypeError, AttributeError):  # what cannot be copied, such as a generator
                del self.calls[frame.f_code]
            sys.settrace(self)

    def _call(self, frame: FrameType) -> Call:
        name, attribute, owner = self.codes[frame.f_code]
        info = inspect.getargvalues(frame)
        count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
        arguments = {n: info.locals[n] for n in frame.f_code.co_varnames[:count] if repr(info.locals[n]) != "<factory>"}
        rest = info.locals[info.varargs] if info.varargs else ()
        arguments |= info.locals[info.keywords] if info.keywords else {}
        function = getattr(owner, attribute)
        if not isinstance(owner, ModuleType) and not isinstance(vars(owner)[attribute], staticmethod):
            first = arguments.pop(frame.f_code.co_varnames[0])
            function = getattr(first, attribute)
        elif inspect.isclass(function):
            del arguments[frame.f_code.co_varnames[0]]
        return Call(name, function, copy.deepcopy(arguments), copy.deepcopy(rest))


def recorded(found: list[ModuleType], examples: Iterable[ModuleType], own: Iterable[Callable[[], Any]]) -> list[Call]:
    """The calls of what is public in `found` that the examples of some modules, and calls of our own, make."""
    recorder = Recorder(wanted(found))
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
    tests = [test for module in examples for test in finder.find(module) if test.examples]
    sys.settrace(recorder)
    try:
        for make in own:
            make()
        with redirect_stdout(io.StringIO()):
            for test in tests:
                runner.run(test, clear_globs=False)
    finally:
        sys.settrace(None)
    return sorted((call for call in recorder.calls.values() if call), key=lambda call: call.name)
