"""Limits of time, output and memory on calls to a learner's function, in the same process: it is no sandbox.

An endless loop, a gigabyte of print or of memory ends as an outcome that says so, and the kernel lives. What is
printed, shown or warned inside is kept away from the page.

How an endless loop ends: on the main thread of Linux and macOS a repeating SIGALRM looks at the clock and raises
`Stopped` inside the learner's code. The handler raises only while the interrupted frame is not the runner's own:
the runner can therefore disarm the timer and never be hit itself, however late an alarm arrives. A bare `except:`
may swallow the first one; from the second on, a trace function raises on the very line that swallowed it, and alarms
follow each other at irregular microseconds until one falls outside every `try`.
Elsewhere (Windows, another thread) a watchdog raises the same exception asynchronously: it arrives at the next
bytecode, so a long `sleep` is stopped when it wakes. Compiled code cannot be stopped at all: only the kernel's own
interrupt does that.
"""

from __future__ import annotations

import contextlib
import ctypes
import decimal
import io
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from damtutor.checks.engine.settings import CORE, names

try:
    import resource
except ImportError:  # Windows
    resource = None

TICK = 0.02  # seconds between two looks at the clock
HASTE = 60  # microseconds at most between two alarms at code that swallows them
ECHO = 2000  # characters of the learner's output that are kept
SPARED = 120.0  # seconds on the clock at most that are not counted, spent in imports and in Numba's compiler
MUCH = 100_000  # printed characters that explain why an answer did not come to an end
WARNINGS = 3  # different warnings that are kept


class Stopped(BaseException):
    """Raised inside a learner's code to end it; not an Exception, so that a plain `except Exception` lets it by."""


@dataclass
class Limits:
    """What one whole check may use: enough for every answer that ends, so that no machine's speed decides a verdict.

    The slowest listed answer (dense.4, each recall to rest) takes 0.8 s on a fast processor, 2.1 s on one 2.7 times as
    slow; ten times that is the limit. Imports and the compilation of an `@njit` answer are not counted.

    Parameters
    ----------
    seconds : of processor time: a busy machine does not make a right answer late.
    wall : seconds on the clock, for code that waits; generous, since a busy machine makes everything wait.
    output : printed characters.
    memory : bytes on top of what the process has already.
    """

    seconds: float = 21.0
    wall: float = 60.0
    output: int = 10_000_000
    memory: int = 4 << 30


@dataclass
class Outcome:
    """What a call came to: a value, or the learner's exception, or the reason it was stopped.

    Attributes
    ----------
    value : what the function returned.
    error : the exception that ended the call, or None.
    stopped : why the call was stopped, or "".
    """

    value: Any = None
    error: BaseException | None = None
    stopped: str = ""


class Sink(io.TextIOBase):
    """A place to print into: counts, keeps the beginning, ends an endless print."""

    def __init__(self, limit: int):
        self.limit, self.count, self.head = limit, 0, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if len(self.head) < ECHO:
            self.head += text[: ECHO - len(self.head)]
        self.count += len(text)
        if self.count > self.limit:
            raise Stopped("too much output")
        return len(text)


@dataclass
class LimitedCalls:
    """Runs calls under one set of limits: the time that one call uses is not there for the next.

    Attributes
    ----------
    limits : what all calls together may use.
    used : seconds of processor time that the calls so far have used.
    waited : seconds on the clock that they have taken.
    spared : seconds of processor time that are not counted, since they went into imports or a compiler.
    spared_waiting : the same on the clock.
    warned : different warnings that were given, WARNINGS at most.
    sink : where the calls print to.
    put_names_back : undoes what a call did to the names of builtins, NumPy and the like.
    """

    limits: Limits = field(default_factory=Limits)
    used: float = 0.0
    waited: float = 0.0
    spared: float = 0.0
    spared_waiting: float = 0.0
    warned: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.sink = Sink(self.limits.output)
        self.put_names_back = names(CORE)

    def run(self, function: Callable, *args: Any) -> Outcome:
        """`function(*args)` as an Outcome. KeyboardInterrupt passes through: it is the learner's own stop."""
        on_main = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        way = Alarm if on_main else Watchdog
        started, clock, limits = way.clock(), time.monotonic(), self.limits
        depth = sys.getrecursionlimit()
        last = started, clock

        def late(frame: Any = None) -> str:
            nonlocal last
            before, last = last, (way.clock(), time.monotonic())
            # A first `import scipy` or call of an `@njit` function is no slow answer. All since the last look counts
            # as such: an alarm waits while the compiler, which is no Python, is at work.
            if self.spared_waiting < SPARED and _preparing(frame):
                self.spared += last[0] - before[0]
                self.spared_waiting += last[1] - before[1]
            if self.used + last[0] - started > limits.seconds + self.spared:
                return f"Stopped after {limits.seconds:g} s of computing: an endless loop, or far too slow."
            if self.waited + last[1] - clock > limits.wall + self.spared_waiting:
                return f"Stopped after {limits.wall:g} s of waiting: a sleep, or an endless loop."
            return ""

        if late():
            return Outcome(stopped=late())
        try:
            with _own_numbers(), _quiet(self.sink, self.warned), _less_memory(limits.memory):
                try:
                    outcome = way(late).call(function, args)
                finally:
                    self.put_names_back()  # before anything else is called by a name
                    sys.setrecursionlimit(depth)
        finally:
            self.used += way.clock() - started
            self.waited += time.monotonic() - clock
        if outcome.stopped and self.sink.count > MUCH:
            outcome.stopped = "Stopped: it prints without end, or far more than anybody reads."
        return outcome


def _preparing(frame: Any) -> bool:
    """Whether the interrupted code is in the middle of an import or of Numba's compiler."""
    while frame is not None and frame.f_code is not _outcome.__code__:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        if str(frame.f_globals.get("__name__", "")).startswith("numba.core."):
            return True
        frame = frame.f_back
    return False


def _outcome(function: Callable, args: tuple) -> Outcome:
    """The call itself. `Stopped` passes; SystemExit does not: an answer must not end the kernel."""
    try:
        return Outcome(value=function(*args))
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:
        return Outcome(error=error)


class Alarm:
    """SIGALRM on the main thread; a timer and handler that were set before are put back."""

    clock = staticmethod(time.thread_time)

    def __init__(self, late: Callable[..., str]):
        self.late, self.reason, self.caught, self.frame = late, "", 0, None

    def call(self, function: Callable, args: tuple) -> Outcome:
        self.frame = sys._getframe()
        tracer = sys.gettrace()
        handler = signal.signal(signal.SIGALRM, self._ring)
        before = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
        outcome = Outcome()
        try:
            outcome = _outcome(function, args)
        except Stopped as stop:
            outcome.stopped = str(stop)
        finally:
            # Here the interrupted frame is this one, so an alarm between these lines does nothing.
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.settrace(tracer)
            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, *before)
        return Outcome(stopped=self.reason) if self.reason else outcome

    def _ring(self, number: int, frame: Any) -> None:
        if frame is None or frame is self.frame:
            return
        self.reason = self.reason or self.late(frame)
        if not self.reason:
            return
        self.caught += 1
        if self.caught > 1:  # the last one was caught and ignored: raise on each following line as well
            while frame is not None and frame is not self.frame:
                frame.f_trace = self._trace
                frame = frame.f_back
            sys.settrace(self._trace)
            self._again()
        raise Stopped(self.reason)

    def _again(self) -> None:
        """The next alarm after an irregular moment: one of them falls outside every `try` of the loop."""
        signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + time.perf_counter_ns() % HASTE), TICK)

    def _trace(self, frame: Any, event: str, argument: Any) -> Callable:
        if event in ("line", "call"):
            self._again()  # Python drops a trace function that raises; the next alarm brings it back
            raise Stopped(self.reason)
        return self._trace


class Watchdog:
    """A second thread that raises in the first, where there is no SIGALRM."""

    clock = staticmethod(time.process_time)  # a thread cannot read the processor time of another

    def __init__(self, late: Callable[..., str]):
        self.late, self.reason, self.gone = late, "", False
        self.thread = threading.get_ident()
        self.door = threading.Lock()

    def call(self, function: Callable, args: tuple) -> Outcome:
        outcome = Outcome()
        try:
            outcome = self._call(function, args)
        except Stopped as stop:
            outcome.stopped = str(stop)
        return Outcome(stopped=self.reason) if self.reason else outcome

    def _call(self, function: Callable, args: tuple) -> Outcome:
        self.door.acquire()
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            return _outcome(function, args)
        finally:
            self._dismiss()

    def _dismiss(self) -> None:
        """Send the watchdog off, wait until it is gone, then take an exception that is still on its way.

        If it has raised, it does so once more, to be caught here: to withdraw one by NULL would leave the interpreter
        of Python 3.11 looking for it for ever, and a profiler would never come to an end.
        """
        last = False
        while True:
            try:
                if not self.gone and self.door.locked():
                    self.door.release()
                while not self.gone:
                    time.sleep(0)
                if self.reason and not last:
                    last = True
                    self._raise()
                    while True:
                        time.sleep(0)
                return
            except Stopped:
                continue

    def _watch(self) -> None:
        while not self.door.acquire(timeout=TICK):
            self.reason = self.reason or self.late(sys._current_frames().get(self.thread))
            if self.reason:
                self._raise()
        self.gone = True

    def _raise(self) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), ctypes.py_object(Stopped))


@contextlib.contextmanager
def _own_numbers():
    """What the learner's code sets of NumPy and decimal is gone after the call: the check goes on with numbers."""
    with np.errstate(), np.printoptions(), decimal.localcontext():
        yield


@contextlib.contextmanager
def _quiet(sink: Sink, warned: list[str]):
    """Prints, warnings and displayed objects of the learner's code stay away from the page."""

    def note(message, category, *rest, **more):
        if len(warned) < WARNINGS and str(message) not in warned:
            warned.append(str(message))

    shell = _shell()
    publisher = getattr(shell, "display_pub", None)
    with warnings.catch_warnings(), contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        warnings.simplefilter("always")
        warnings.showwarning = note
        if publisher is not None:
            publisher.publish, kept = lambda *args, **more: None, publisher.__dict__.get("publish")
        try:
            yield
        finally:
            if publisher is not None:
                del publisher.publish
                if kept is not None:
                    publisher.publish = kept


def _shell() -> Any:
    """The running IPython, or None; IPython is not imported for it."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


@contextlib.contextmanager
def _less_memory(extra: int):
    """At most `extra` more bytes of address space meanwhile, where the system can say so (Linux)."""
    try:
        with open("/proc/self/statm", encoding="utf-8") as statm:
            size = int(statm.read().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    except (OSError, AttributeError):
        yield
        return
    limit = size + extra
    if any(other != resource.RLIM_INFINITY and other <= limit for other in (soft, hard)):  # it is stricter already
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
