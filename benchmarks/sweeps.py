"""One exact asynchronous sweep and one whole `retrieve`, against memory and against two ways to write it in NumPy.

memory : one stream of reads, a compiled sum over int64 of 256 MiB. A sweep must read N K bytes of patterns; its share
    of the bandwidth is how near it comes to doing nothing else.
textbook : the incremental sweep as tutorials vectorise it, a few NumPy operations on K numbers for each decision.
twin : `kernels.reference`, the same in NumPy with the one-dot-product identity. (20 %: both flip as often.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from damtutor import DenseAM, Exponential, Power
from damtutor.kernels import backend, reference

SIZES = ((500, 1250), (1024, 35_000), (2048, 83_886))
FUNCTIONS = (Power(3), Power(4), Power(5), Exponential())
DAMAGE = (0.0, 0.2)
REPEATS, SLOW_REPEATS = 11, 2
TARGETS = {  # share of the bandwidth, times the textbook's speed, share for a whole retrieve
    (True, 0.0): (0.7, 30, 0.5),
    (True, 0.2): (0.3, 18, 0.25),
    (False, 0.0): (0.7, 30, 0.5),
    (False, 0.2): (0.18, 10, 0.25),
}


def reader() -> Callable[[np.ndarray], int]:
    """A compiled sum of an array."""
    from numba import njit

    def read(values):
        total = 0
        for k in range(values.size):
            total += values[k]
        return total

    return njit(read)


def seconds(action: Callable[[], object]) -> float:
    """Processor time of one call: what else the machine does meanwhile is not counted."""
    start = time.thread_time()
    action()
    return time.thread_time() - start


def textbook(columns, state, overlap, visit, interaction) -> None:
    """Incremental NumPy: keep M in float64, compare F at both values of each spin."""
    top = overlap.max() + 2 * len(state) * interaction.relative  # no overflow, whatever flips

    def f(x):
        if interaction.relative:
            return np.exp(x - top)
        value = x
        for _ in range(interaction.order - 1):
            value = value * x
        return value

    for i in visit:
        x = columns[i].astype(np.float64)
        cavity = overlap - state[i] * x
        field = x @ (f(cavity + 1) - f(cavity - 1))
        if field * state[i] < 0:
            state[i] = -state[i]
            overlap += 2.0 * state[i] * x


def measure(model: DenseAM, interaction, start: np.ndarray, memory: np.ndarray, read: Callable) -> dict[str, float]:
    """Ratios of one size, function and start; also how many spins a sweep leaves to whole numbers."""
    visit = np.random.default_rng(1).permutation(model.size)
    overlap, work = model.overlaps(start), model.size * model.count

    def kernel(module):
        state, m = start.copy(), overlap.copy()
        done = 0
        while done < len(visit):
            tables, exact = model._ladder.tables(m)
            most = 128 if interaction.relative else len(visit)
            made, turned = module.sweep(model.columns, state, m, visit[done:], *tables, exact, most)
            stuck = made < len(visit) - done and len(turned) < most
            done += made + stuck  # an undecided spin stays as it is
            undecided[0] += stuck

    def tutorial():
        textbook(model.columns, start.copy(), overlap.astype(np.float64), visit, interaction)

    undecided = [0]
    kernel(backend())
    share, rate, whole, undecided[0] = [], [], [], 0
    for _ in range(REPEATS):
        bandwidth = memory.nbytes / seconds(lambda: read(memory))
        kernel(backend())  # after the large read, the caches are as they would be
        rate.append(work / seconds(lambda: kernel(backend())))
        share.append(rate[-1] / bandwidth)
        whole.append(work / seconds(lambda: model.retrieve(start, max_sweeps=1, rng=1)) / bandwidth)
    slow = min(seconds(tutorial) for _ in range(SLOW_REPEATS))
    twin = min(seconds(lambda: kernel(reference)) for _ in range(SLOW_REPEATS))
    return {
        "rate": median(rate) / 1e9,
        "share": median(share),
        "textbook": median(rate) * slow / work,
        "twin": median(rate) * twin / work,
        "retrieve": median(whole),
        "undecided": undecided[0] / (2 * REPEATS),
    }


def report() -> None:
    """Print the table; the small size has no target."""
    if backend() is reference:
        print("sweeps: numba is not here, nothing to compare")
        return
    memory, read = np.arange(1 << 25), reader()
    read(memory)
    print(f"memory: {memory.nbytes / min(seconds(lambda: read(memory)) for _ in range(9)) / 1e9:.0f} GB/s, one stream")
    print("sweep: G pattern bits/s; share: of that stream at 1 byte a bit; (target)")
    print(f"{'N':>5} {'K':>6} {'F':<16} start  sweep      share      textbook   twin   retrieve    undecided")
    rng = np.random.default_rng(0)
    for size, count in SIZES:
        patterns = 2 * rng.integers(0, 2, (count, size), dtype=np.int8) - 1
        for interaction in FUNCTIONS:
            model = DenseAM(patterns, interaction)
            for damage in DAMAGE:
                start = patterns[0].copy()
                start[rng.permutation(size)[: round(damage * size)]] *= -1
                got = measure(model, interaction, start, memory, read)
                goal = TARGETS[not interaction.relative, damage] if count > 10_000 else ("-", "-", "-")
                print(
                    f"{size:>5} {count:>6} {interaction!s:<16} {damage:>4.0%} {got['rate']:>6.1f}"
                    f" {got['share']:>6.2f} ({goal[0]:>4}) {got['textbook']:>5.0f}x ({goal[1]:>2})"
                    f" {got['twin']:>5.0f}x {got['retrieve']:>6.2f} ({goal[2]:>4}) {got['undecided']:>6.1f}",
                    flush=True,
                )
            del model
