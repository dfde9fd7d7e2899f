"""Theory of the dynamics, certificates, corruption and the sweep engine, beside their budgets and plain NumPy.

The plain forms stand here, written as the formulas are read; each is timed in the same run as ours.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sweeps import textbook
from tables import clock

from damtutor import Power
from damtutor.experiments.corruption import corrupted, corruption_trial
from damtutor.patterns import random_patterns
from damtutor.sweeps.sweep import sweep
from damtutor.theory.effective_spin import solve
from damtutor.theory.guarantees import certify

SAMPLES, STEPS, LOAD, START = 100_000, 20, 0.2, 0.6992
SIZE, LOADS, CORRUPTIONS, TRIALS = 500, (0.005, 0.01, 0.02), [c / 100 for c in range(33, 46)], 240
MATCH, SWEEPS = 0.95, 60
EMPTY = 2000  # trials that do nothing, for what the engine costs


def machine() -> str:
    """Name of the processor and number of cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def plain_solve(reduced_load: float, overlap: float, steps: int, samples: int, rng) -> np.ndarray:
    """m(t) of n = 3 by sampling, every step with a Cholesky factor made anew and no control of the sample's error."""
    alpha, spins = reduced_load / 3, [np.where(rng.random(samples) < (1 + overlap) / 2, 1.0, -1.0)]
    noise, overlaps, response = [], [overlap], np.zeros((steps + 1, steps + 1))
    for t in range(steps):
        h = np.array(spins)
        c = h @ h.T / samples
        noise.append(rng.standard_normal(samples))
        z, factor = np.array(noise), np.linalg.cholesky(alpha * (1 + 2 * c**2) + 1e-9 * np.eye(t + 1))
        field = overlaps[-1] ** 2 + (4 * alpha * c[t] * response[t, : t + 1]) @ h + factor[t] @ z
        spins.append(np.where(field >= 0, 1.0, -1.0))
        overlaps.append(float(spins[-1].mean()))
        response[t + 1, : t + 1] = np.linalg.solve(factor.T, z @ spins[-1] / samples)
    return np.array(overlaps)


def plain_certify(patterns: np.ndarray) -> int:
    """Radius by pairs of errors, n = 3, bit after bit, the eigenvalue of every bit included."""
    a = (patterns * patterns[0]).T.astype(np.float64)
    size, overlap, ones = len(a), a.sum(axis=0), a.sum(axis=1)
    radius = size
    for i in range(size):
        others = np.arange(size) != i
        cavity = overlap - a[i]
        margin = float((a[i] * (6 * cavity**2 + 2)).sum())
        b = ((a[i] * a * overlap).sum(axis=1) - ones)[others]
        triples = ((a * a[i]) @ a.T)[others][:, others]
        least = min(0.0, float(np.linalg.eigvalsh(triples)[0]))
        np.fill_diagonal(triples, 0)
        partners = np.sort(np.minimum(triples, 0), axis=1)
        d = 0
        while d <= radius:
            if d:
                joint = np.minimum(0, -24 * b + 24 * (ones[i] + partners[:, : d - 1].sum(axis=1)))
                alone = np.sort(np.minimum(0, -24 * b))[:d].sum() + 24 * d * least
                bound = margin + max(np.sort(joint)[:d].sum(), alone)
            else:
                bound = margin
            if bound <= 0:
                break
            d += 1
        radius = min(radius, d - 1)
    return radius


def plain_corruption(seed: tuple[int, int], load: float) -> list[bool]:
    """One trial of the corruption table as a tutorial writes it."""
    count = round(load * SIZE**2)
    patterns = random_patterns(count, SIZE, rng=[*seed, SIZE, count])
    columns, found = patterns.T.astype(np.float64), []
    for start in corrupted(patterns[0], CORRUPTIONS, rng=[*seed, SIZE, count, 1]):
        rng, state = np.random.default_rng([*seed, SIZE, count, 2]), start.astype(np.float64)
        overlap = patterns @ state
        for _ in range(SWEEPS):
            before = state.copy()
            textbook(columns, state, overlap, rng.permutation(SIZE), Power(3))
            if np.mean(state == patterns[0]) >= MATCH or (state == before).all():
                break
        found.append(bool(np.mean(state == patterns[0]) >= MATCH))
    return found


def solver() -> str:
    """n = 3 at 1e5 samples and 20 steps."""
    ours = clock(lambda: solve(3, LOAD, START, STEPS, SAMPLES, 0))
    other = clock(lambda: plain_solve(LOAD, START, STEPS, SAMPLES, np.random.default_rng(0)))
    return f"{ours:.2f} s; plain NumPy, with the sample's error left as it is, takes {other / ours:.1f} times that"


def certificate() -> str:
    """Tier D with N = K = 200."""
    patterns = random_patterns(200, 200, rng=0)
    ours, other = clock(lambda: certify(patterns, 0, 3, "D")), clock(lambda: plain_certify(patterns))
    return f"{ours:.2f} s; plain NumPy takes {other / ours:.0f} times that"


def table() -> str:
    """Three loads, 13 corruptions, 240 trials a cell, two workers; plain NumPy on one trial a load, one core."""
    points = [{"size": SIZE, "load": load, "corruptions": CORRUPTIONS} for load in LOADS]
    ours = clock(lambda: sweep(corruption_trial, points, TRIALS, jobs=2))
    one = sum(clock(lambda p=point: corruption_trial((0, 0), **p)) for point in points)
    other = sum(clock(lambda a=load: plain_corruption((0, 0), a)) for load in LOADS)
    return f"{ours:.0f} s on two cores; plain NumPy takes {other / one:.0f} times as long for one trial on one core"


def nothing(seed: tuple[int, int], *, place: int) -> dict[str, int]:
    """A trial that does nothing."""
    return {"place": place}


def engine() -> str:
    """What a trial costs beside its own work: in this process, with a store, with two workers and a store."""
    points = [{"place": 0}]
    with tempfile.TemporaryDirectory() as folder:
        here = clock(lambda: sweep(nothing, points, EMPTY))
        kept = clock(lambda: sweep(nothing, points, EMPTY, store=Path(folder) / "one"))
        both = clock(lambda: sweep(nothing, points, EMPTY, store=Path(folder) / "two", jobs=2))
    return ", ".join(f"{1e3 * seconds / EMPTY:.2f}" for seconds in (here, kept, both)) + " ms a trial"


def lines() -> list[tuple[str, str, Callable[[], str]]]:
    """What is measured, its budget, and how."""
    return [
        ("effective spin, 1e5 samples, 20 steps", "2 s", solver),
        ("certificate D, N = K = 200", "1 s", certificate),
        ("corruption table, 240 trials a cell", "120 s", table),
        ("engine: alone, store, two workers", "-", engine),
    ]


def report() -> None:
    """Print each measurement beside its budget, and where it was made."""
    print(f"{machine()}, Python {sys.version.split()[0]}, NumPy {np.__version__}")
    print(f"{'what':<40} {'budget':<8} measured")
    for what, budget, measure in lines():
        print(f"{what:<40} {budget:<8} {measure()}", flush=True)
