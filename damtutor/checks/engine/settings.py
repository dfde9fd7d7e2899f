"""Settings of the process: a check finds them as in a fresh Python, and leaves the caller's as they were.

`neutral` is what every check runs in, whatever a notebook has set: the error state and print options of NumPy, the
decimal context, the filters of warnings. `kept` puts back what an answer changed, whatever the answer is:
`logging.basicConfig()`, `np.random.seed(0)`, `plt.close("all")`, `builtins.print = ...`. `names` does so between two
calls of an answer, for what the check itself stands on.

Limit: what cannot be asked for cannot be put back, such as a function registered with atexit, or an audit hook.
"""

from __future__ import annotations

import contextlib
import decimal
import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

Restore = Callable[[], None]

ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn", "call": None}
PRINT = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False, "nanstr": "nan"}
PRINT |= {"infstr": "inf", "formatter": None, "sign": "-", "floatmode": "maxprec", "legacy": False}
TRAPS = [decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]

# Modules whose names an answer may bind anew, if they are loaded. builtins comes first: putting back needs them.
CORE = ("builtins", "math", "random", "numpy", "numpy.linalg", "numpy.random")  # what checks compute with
OTHERS = "cmath time operator itertools functools collections copy json statistics fractions re io os sys signal locale"
OTHERS += " threading tempfile contextlib warnings logging numpy.fft numpy.ma scipy scipy.special scipy.linalg"
MODULES = (*CORE, *OTHERS.split(), "scipy.optimize", "scipy.stats")
MISSING = object()


def _umask() -> int:
    before = os.umask(0o077)
    os.umask(before)
    return before


def _socket_timeout() -> float | None:
    return sys.modules["socket"].getdefaulttimeout() if sys.modules.get("socket") else None


SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (  # pairs: what gets it, what sets it
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.getswitchinterval, sys.setswitchinterval),
    (sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    (sys.getprofile, sys.setprofile),
    (sys.gettrace, sys.settrace),
    (gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    (gc.get_threshold, lambda values: gc.set_threshold(*values)),
    (gc.get_debug, gc.set_debug),
    (lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
    (_umask, os.umask),
    (_socket_timeout, lambda seconds: sys.modules["socket"].setdefaulttimeout(seconds)),
)


@contextlib.contextmanager
def neutral() -> Iterator[None]:
    """Numbers and warnings as in a fresh Python; warnings of the check itself are nobody's business."""
    with np.errstate(**ERRORS), np.printoptions(**PRINT), warnings.catch_warnings():
        with decimal.localcontext(decimal.Context(28, decimal.ROUND_HALF_EVEN, traps=TRAPS)):
            warnings.simplefilter("ignore")
            yield


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """The caller's settings are afterwards what they are now. Random states start from 0 within."""
    makers = (names, _settings, _loaded, _lists, _environment, _folder, _loggers, _signals, _random_states, _figures)
    restores = [make() for make in makers]
    try:
        yield
    finally:
        for restore in restores:
            with contextlib.suppress(Exception):  # nothing of this is worth a verdict
                restore()


def names(modules: tuple[str, ...] = MODULES) -> Restore:
    """What modules call by which name. Submodules that are loaded meanwhile stay."""
    spaces = [vars(module) for module in map(sys.modules.get, modules) if module]
    pairs = [(space, space.copy()) for space in spaces]

    def restore() -> None:
        for space, before in pairs:
            for name, value in before.items():
                if space.get(name, MISSING) is not value:
                    space[name] = value
            if len(space) != len(before):
                for name in space.keys() - before.keys():
                    if not isinstance(space[name], ModuleType):
                        del space[name]

    return restore


def _settings() -> Restore:
    values = [get() for get, _ in SETTINGS]

    def restore() -> None:
        for (get, put), value in zip(SETTINGS, values, strict=True):
            if get() != value:
                put(value)

    return restore


def _loaded() -> Restore:
    """Modules that were loaded; those that an answer loads stay, since others may hold them already."""
    modules = sys.modules.copy()

    def restore() -> None:
        for name, module in modules.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module

    return restore


def _lists() -> Restore:
    lists = [(kept, kept.copy()) for kept in (sys.path, sys.argv, sys.meta_path, sys.path_hooks, gc.callbacks)]

    def restore() -> None:
        for kept, before in lists:
            if kept != before:
                kept[:] = before

    return restore


def _environment() -> Restore:
    before = dict(os.environ)

    def restore() -> None:
        zone = os.environ.get("TZ")
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        for name, value in before.items():
            if os.environ.get(name) != value:
                os.environ[name] = value
        if zone != os.environ.get("TZ") and hasattr(time, "tzset"):
            time.tzset()

    return restore


def _folder() -> Restore:
    def here() -> str:
        try:
            return os.getcwd()
        except OSError:  # it was removed
            return ""

    before = here()

    def restore() -> None:
        if before and here() != before:
            os.chdir(before)

    return restore


def _loggers() -> Restore:
    """Levels and handlers. A handler that an answer adds writes to where its prints go, and nobody would see more."""
    root, disabled = logging.root, logging.root.manager.disable

    def loggers() -> list[logging.Logger]:
        return [root, *(x for x in list(root.manager.loggerDict.values()) if isinstance(x, logging.Logger))]

    seen = {logger: _fields(logger, "level", "propagate", "disabled", "handlers", "filters") for logger in loggers()}
    handlers = {handler for logger in seen for handler in logger.handlers}
    seen |= {handler: _fields(handler, "level", "formatter", "stream", "filters") for handler in handlers}

    def restore() -> None:
        for logger in loggers():
            # A new logger with the name of a module is a library's, loaded meanwhile, which has set it as it should be
            if logger not in seen and logger.name.partition(".")[0] not in sys.modules:
                vars(logger).update(level=logging.NOTSET, propagate=True, disabled=False, handlers=[], filters=[])
        for fields in seen.values():
            fields()
        root.manager.disable = disabled
        root.setLevel(root.level)  # so that no logger remembers which levels it let pass

    return restore


def _fields(thing: Any, *fields: str) -> Restore:
    before = [(name, vars(thing)[name]) for name in fields if name in vars(thing)]
    lists = [(value, value.copy()) for _, value in before if isinstance(value, list)]

    def restore() -> None:
        for name, value in before:
            if vars(thing)[name] is not value and not getattr(value, "closed", False):
                vars(thing)[name] = value
        for kept, value in lists:
            kept[:] = value

    return restore


def _signals() -> Restore:
    def handlers() -> dict[int, Any]:
        on_main = threading.current_thread() is threading.main_thread()  # elsewhere they cannot be set
        return {number: signal.getsignal(number) for number in signal.valid_signals()} if on_main else {}

    before = handlers()

    def restore() -> None:
        for number, handler in handlers().items():
            if handler is not before[number] and before[number] is not None:  # None: not set by Python
                signal.signal(number, before[number])

    return restore


def _random_states() -> Restore:
    state, generator = random.getstate(), np.random.get_bit_generator()
    numpys = np.random.get_state(legacy=False)  # noqa: NPY002
    random.seed(0)
    np.random.set_bit_generator(np.random.MT19937(0))

    def restore() -> None:
        random.setstate(state)
        np.random.set_bit_generator(generator)
        np.random.set_state(numpys)  # noqa: NPY002

    return restore


def _figures() -> Restore:
    """The caller's figures are out of reach meanwhile; those that an answer opens are closed."""
    figures = _open_figures().copy()
    _open_figures().clear()
    matplotlib, style = sys.modules.get("matplotlib"), contextlib.ExitStack()
    backend = None
    if matplotlib:
        backend = dict.get(matplotlib.rcParams, "backend")
        style.enter_context(matplotlib.rc_context())

    def restore() -> None:
        if _open_figures():
            sys.modules["matplotlib.pyplot"].close("all")
        _open_figures().update(figures)
        style.close()
        if not matplotlib and (loaded := sys.modules.get("matplotlib")):  # by the answer
            loaded.rc_file_defaults()
        if isinstance(backend, str) and matplotlib.rcParams["backend"] != backend:
            matplotlib.use(backend)

    return restore


def _open_figures() -> dict:
    """Matplotlib's open figures by number, the current one last."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return helpers.Gcf.figs if helpers else {}
