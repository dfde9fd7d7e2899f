"""How the benchmarks measure and print: paired times, peak memory, and a table with targets and verdicts.

Every timed call follows an untimed one of the same action: the caches hold what it needs, not what the others left.
"""

from __future__ import annotations

import ctypes
import os
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

Action = Callable[[], object]
SLICE = 0.005  # seconds: a shorter action is repeated until one measurement lasts this long
STATUS, CLEAR, STAT = Path("/proc/self/status"), Path("/proc/self/clear_refs"), Path("/proc/stat")


class Missing(Exception):
    """A measurement that cannot be made here; the text says why."""


@dataclass(frozen=True)
class Entry:
    """One way to do the work of a topic.

    what : how the table calls it.
    make : prepares and compiles everything that is not timed and returns the action; raises Missing or ImportError if
        it cannot. The first call of the action is where its peak memory is measured.
    target : ours must be this many times as fast; None if no target is set.
    note : what the reader should know about this way.
    peer : needs a package that only the peers' environment has.
    """

    what: str
    make: Callable[[], Action]
    target: float | None = None
    note: str = ""
    peer: bool = False


@dataclass(frozen=True)
class Topic:
    """One piece of work; the first entry is ours and the others are compared with it.

    differs : (our result, another result) -> "" if they agree, else what is different.
    calls : pieces of work in one action; times are printed for one of them.
    products : floating-point operations of one action's matrix products, for GF/s; 0 if that means nothing.
    share : the part of the sgemm peak that ours should reach; None if no target is set.
    faster : ours must be this many times as fast as the fastest peer; None if no target is set.
    held : bytes of the patterns as ours keeps them; peak memory is printed as a part of it; 0: not measured.
    """

    title: str
    entries: Sequence[Entry]
    differs: Callable[[object, object], str] = lambda ours, other: ""
    calls: int = 1
    products: float = 0.0
    share: float | None = None
    faster: float | None = None
    held: int = 0


def clock(action: Action, times: int = 1) -> float:
    """Wall time of one call, mean over `times`: other libraries compute in threads of their own."""
    start = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - start) / times


def paired(actions: dict[str, Action], budget: float = 6.0, least: int = 5, most: int = 41) -> dict[str, np.ndarray]:
    """Times of all actions in rounds, each round in another order, until `budget` seconds are spent.

    Before it is timed, an action runs once untimed: what it reads is in the caches, not what the one before it used.
    Returns `{name: (rounds,)}` seconds a call. Round r of one action belongs to round r of another: a slow moment of
    the machine is in both, and the median of their ratios does not see it.
    """
    if not actions:
        return {}
    for action in actions.values():
        action()  # compiles, and fills caches
    times = {name: max(1, round(SLICE / max(clock(action), 1e-7))) for name, action in actions.items()}
    found, names, start = {name: [] for name in actions}, list(actions), time.perf_counter()
    for turn in range(most):
        if turn >= least and time.perf_counter() - start > budget:
            break
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            actions[name]()
            found[name].append(clock(actions[name], times[name]))
    return {name: np.array(values) for name, values in found.items()}


def ratio(times: dict[str, np.ndarray], other: str, ours: str) -> float:
    """How many times as long `other` takes as `ours`: the median over rounds."""
    return float(np.median(times[other] / times[ours]))


def peak(action: Action) -> int:
    """Bytes that one call needs at most on top of what is there before it, its result included.

    The larger of NumPy's own count (tracemalloc) and the growth of the resident memory's high-water mark, which sees
    every library and is there on Linux only. A library that keeps what it once took shows it in its first call only.
    """
    before = _fresh_mark()
    tracemalloc.start()
    kept = action()
    counted = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    grown = _resident("VmHWM") - before if before else 0
    del kept
    return max(counted, grown)


def _resident(name: str) -> int:
    """Resident bytes now (VmRSS), or at most since the mark was set (VmHWM)."""
    return int(STATUS.read_text().split(name + ":")[1].split()[0]) * 1024


def _fresh_mark() -> int:
    """Set the high-water mark to the resident bytes of now and return them; 0 where that cannot be done."""
    try:
        ctypes.CDLL(None).malloc_trim(0)  # what earlier calls left unused goes back first
        CLEAR.write_text("5")
        return _resident("VmRSS")
    except (OSError, AttributeError, TypeError, IndexError):
        return 0


def first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:110]


def verdict(value: float, target: float | None, at_most: bool = False) -> tuple[str, str]:
    """The target and its verdict as the table prints them."""
    if target is None:
        return "-", ""
    met = value <= target if at_most else value >= target
    return f"{'<=' if at_most else '>='} {target:g}", "met" if met else "missed"


def line(what: str, ms: str, against: str, target: str = "-", said: str = "", note: str = "") -> None:
    print(f"  {what:<44} {ms:>9} {against:>9}  {target:>7}  {said:<7} {note}".rstrip(), flush=True)


def made(entries: Sequence[Entry]) -> tuple[dict[str, Action], dict[str, int], dict[str, str]]:
    """The actions that can run here, the peak memory of their first call, and why the others cannot."""
    actions, peaks, absent = {}, {}, {}
    for entry in entries:
        try:
            action = entry.make()
            peaks[entry.what] = peak(action)
        except (Missing, ImportError) as reason:
            absent[entry.what] = f"not measured here: {first_line(reason)}"
        except Exception as error:
            absent[entry.what] = f"failed: {type(error).__name__}: {first_line(error)}"
        else:
            actions[entry.what] = action
    return actions, peaks, absent


def contest(
    topic: Topic, sgemm: tuple[Action, float] | None = None, budget: float = 6.0, with_peers: bool = True
) -> None:
    """Measure one topic and print its table.

    with_peers : False leaves out what needs the peers' environment.
    sgemm : a large float32 matrix product and its number of operations, timed in the same rounds.
    """
    if not with_peers:
        topic = replace(topic, entries=[entry for entry in topic.entries if not entry.peer])
    print(f"\n{topic.title}")
    line("what", "ms", "x ours", "target")
    actions, peaks, absent = made(topic.entries)
    times = paired(actions | ({"sgemm": sgemm[0]} if sgemm and topic.products else {}), budget)
    results = {name: action() for name, action in actions.items()}
    for entry in topic.entries:
        if entry.what in absent:
            line(entry.what, "-", "-", note=absent[entry.what])
        else:
            _row(topic, entry, times, results, peaks)
    if topic.entries[0].what in actions:
        _summary(topic, times, peaks, sgemm)


def _row(topic: Topic, entry: Entry, times, results, peaks) -> None:
    """One way: its time, its ratio to ours and target, its speed, its memory, and what differs from our result."""
    name, ours = entry.what, topic.entries[0].what
    notes = [entry.note] if entry.note else []
    if topic.products:
        notes.append(f"{topic.products / median(times[name]) / 1e9:.0f} GF/s")
    if topic.held:
        notes.append(f"peak {peaks[name] / topic.held:.2f} of the patterns")
    against, goal = "-", ("-", "")
    if ours in times:
        value = ratio(times, name, ours)
        against, goal = f"{value:.3g}", verdict(value, entry.target)
        notes += filter(None, [topic.differs(results[ours], results[name])])
    line(name, f"{median(times[name]) / topic.calls * 1e3:.3g}", against, *goal, "; ".join(notes))


def _summary(topic: Topic, times, peaks, sgemm) -> None:
    """Ours against the fastest peer, the matrix product's peak and the memory of the patterns."""
    ours = topic.entries[0].what
    peers = [times[entry.what] for entry in topic.entries if entry.peer and entry.what in times]
    if len(peers) > 1:
        value = float(np.median(np.min(peers, axis=0) / times[ours]))
        line("the fastest peer", "", f"{value:.3g}", *verdict(value, topic.faster))
    if "sgemm" in times:
        value = float(np.median(topic.products / times[ours] / (sgemm[1] / times["sgemm"])))
        note = f"{sgemm[1] / median(times['sgemm']) / 1e9:.0f} GF/s is 1"
        line("ours, share of NumPy's large matrix product", "", f"{value:.2f}", *verdict(value, topic.share), note)
    if topic.held:
        value = peaks[ours] / topic.held
        line("ours, peak memory as a part of the patterns", "", f"{value:.2f}", *verdict(value, 0.5, at_most=True))


def others(action: Action) -> str:
    """Run `action`; what other processes took of the cores meanwhile, where Linux tells it, if it was much."""

    def used():
        return sum(map(int, STAT.read_text().split()[1:4])) / os.sysconf("SC_CLK_TCK")

    try:
        before = used()
    except OSError:
        action()
        return ""
    start, mine = time.perf_counter(), time.process_time()
    action()
    share = (used() - before - (time.process_time() - mine)) / (time.perf_counter() - start)
    return f"other processes took {share:.1f} of {os.cpu_count()} cores meanwhile: repeat this when they rest" * (
        share > 0.1
    )
