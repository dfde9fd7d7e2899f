"""The pieces of work that are compared, and the command that measures them on a number of threads.

    python benchmarks/topics.py THREADS models|peers

"peers" is run by the peers' own environment (peers.py), "models" by the course's: ours against plain NumPy only.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS")
SHOWN = ("numpy", "numba", "torch", "jax", "hopfieldnetwork", "hopfieldkit")
KINDS = ("models", "peers")
LEVEL = 0.95  # "level with": not slower by more than the scatter of such ratios
CLASSICAL, DENSE, BATCH, SOFTMAX = (1000, 100), (500, 1000), (1024, 35_000, 100), (64, 4096, 256)  # N, K, B


def launch(python: str | Path, threads: int, kind: str) -> None:
    """Measure in a process of its own whose libraries all see `threads` cores; its tables go to this output."""
    env = os.environ | dict.fromkeys(LIMITS, str(threads)) | {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    if threads == 1:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    done = subprocess.run([str(python), str(Path(__file__)), str(threads), kind], env=env, cwd=ROOT, check=False)
    if done.returncode:
        print(f"failed: the process of {threads} thread(s) ended with code {done.returncode}", flush=True)


def limit(threads: int) -> None:
    """Keep this process on `threads` cores, where the system can (JAX counts the cores that it may use)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(threads)


def machine(threads: int) -> str:
    """Processor, cores, Python, and the versions of what is compared."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        name = next(
            (row.partition(":")[2].strip() for row in info.read_text().splitlines() if "model name" in row), name
        )
    found = []
    for package in SHOWN:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    cores = "1 thread" if threads == 1 else f"{threads} threads"
    return f"{name}, {os.cpu_count()} cores, {cores}; Python {platform.python_version()}, {', '.join(found)}"


def classical(size: int, count: int, starts: int = 5):
    """Store, and recall to a fixed point from 10 % flipped bits, whole public calls."""
    import numpy as np
    import plain
    from tables import Entry, Topic

    from damtutor import Hopfield
    from damtutor.patterns import flip, random_patterns

    patterns = random_patterns(count, size, rng=1)
    damaged = np.array([flip(patterns[k], size // 10, rng=k) for k in range(starts)])

    def ours_recall():
        network = Hopfield(patterns)
        return lambda: np.array([network.retrieve(s, rng=k).state for k, s in enumerate(damaged)])

    def ours_at_once():
        network = Hopfield(patterns)
        return lambda: np.array([network.retrieve(s, order="sync").state for s in damaged])

    def numpy_recall():
        weights = plain.hebb(patterns)
        return lambda: np.array([plain.recall(weights, s, np.random.default_rng(k)) for k, s in enumerate(damaged)])

    def other_weights(ours, other):
        return "" if np.abs(ours - other).max() < 1e-6 else "other couplings"

    def lost(ours, other):
        overlap = (other * patterns[:starts]).mean(1)
        return "" if (overlap > 0.97).all() else f"{(overlap <= 0.97).sum()} of {starts} not recalled"

    work = f"N={size}, K={count}"
    yield Topic(
        f"classical store, {work}",
        (
            Entry("ours: Hopfield(patterns)", lambda: lambda: Hopfield(patterns)),
            Entry("ours: Hopfield(patterns).weights", lambda: lambda: Hopfield(patterns).weights),
            Entry("NumPy, one float32 product", lambda: lambda: plain.hebb(patterns)),
            Entry("hopfieldnetwork train_pattern", lambda: plain.hopfieldnetwork_store(patterns), peer=True),
            Entry("hopfieldkit fit", lambda: plain.hopfieldkit_store(patterns), peer=True),
        ),
        lambda ours, other: other_weights(ours.weights, getattr(other, "weights", other)),
        faster=20,
    )
    peer_call = plain.hopfieldnetwork_recall
    yield Topic(
        f"classical recall, one spin at a time, {work}, 10 % flipped, to a fixed point",
        (
            Entry("ours: Hopfield.retrieve", ours_recall),
            Entry("NumPy, incremental fields", numpy_recall),
            Entry("hopfieldnetwork, async", lambda: peer_call(patterns, damaged, "async"), peer=True),
            Entry("hopfieldkit, random order", lambda: plain.hopfieldkit_recall(patterns, damaged), peer=True),
        ),
        lost,
        starts,
        faster=100,
    )
    yield Topic(
        f"classical recall, all spins at once, {work}, 10 % flipped, to a fixed point",
        (
            Entry('ours: Hopfield.retrieve(order="sync")', ours_at_once),
            Entry("hopfieldnetwork, sync", lambda: peer_call(patterns, damaged, "sync"), peer=True),
        ),
        lost,
        starts,
    )


def dense(size: int, count: int):
    """One asynchronous sweep of x³ from 20 % flipped bits, against two full energies for each spin."""
    import numpy as np
    import plain
    from tables import Entry, Topic

    from damtutor import DenseAM
    from damtutor.patterns import flip, random_patterns

    patterns = random_patterns(count, size, rng=2)
    start = flip(patterns[0], size // 5, rng=3)
    visit = np.random.default_rng(4).permutation(size)
    args = patterns.astype(np.float32), start.astype(np.float32), visit

    def ours():
        memory = DenseAM(patterns)
        return lambda: memory.retrieve(start, max_sweeps=1, rng=4).state  # the same order: seed 4

    yield Topic(
        f"dense recall, one sweep of x³, N={size}, K={count}, 20 % flipped",
        (
            Entry("ours: DenseAM.retrieve(max_sweeps=1)", ours),
            Entry("two full energies a spin, jitted JAX", lambda: plain.jax_full_energy_sweep(*args), 500, peer=True),
            Entry("two full energies a spin, NumPy", lambda: lambda: plain.full_energy_sweep(*args)),
        ),
        spins,
    )


def spins(ours, other) -> str:
    """How many spins another state, or batch, has that ours has not."""
    import numpy as np

    wrong = int(np.count_nonzero(np.asarray(other) != ours))
    return f"{wrong} of {ours.size} spins differ" if wrong else ""


def batches(size: int, count: int, batch: int):
    """One simultaneous exact update of a batch, for x³ and exp."""
    import numpy as np
    import plain
    from tables import Entry, Topic

    from damtutor import DenseAM, Exponential, Power
    from damtutor.patterns import random_patterns

    patterns = random_patterns(count, size, rng=5)
    rng = np.random.default_rng(6)
    states = np.where(rng.random((batch, size)) < 0.2, -patterns[:batch], patterns[:batch]).astype(np.int8)
    x, s = patterns.astype(np.float32), states.astype(np.float32)
    for interaction in (Power(3), Exponential()):
        memory = DenseAM(patterns, interaction)
        relative = interaction.relative

        def ours(memory=memory):
            memory.step(states[:2], order="sync")  # compiles
            return lambda: memory.step(states, order="sync")

        def in_numpy(relative=relative):
            return lambda: plain.batch_step(x, s, plain.exponential(np) if relative else plain.cubic)

        yield Topic(
            f"batch step, {interaction}, N={size}, K={count}, B={batch}; two products counted",
            (
                Entry('ours: DenseAM.step(order="sync")', ours, note="1 byte and 1 bit a pattern bit"),
                Entry("NumPy, two products", in_numpy, note="4 bytes a pattern bit"),
                Entry(
                    "PyTorch", lambda relative=relative: plain.torch_batch_step(x, s, relative), 1.3, "4 bytes", True
                ),
                Entry(
                    "JAX, jitted", lambda relative=relative: plain.jax_batch_step(x, s, relative), None, "4 bytes", True
                ),
            ),
            spins,
            products=4.0 * batch * size * count,
            share=0.7,
            held=patterns.nbytes,
        )


def softmax(size: int, count: int, batch: int):
    """softmax(β S Xᵀ) X in float32: one step of the continuous network, or attention with keys = values."""
    import numpy as np
    import plain
    from tables import Entry, Topic

    rng = np.random.default_rng(7)
    x = rng.standard_normal((count, size)).astype(np.float32)
    s = (x[:batch] + 0.5 * rng.standard_normal((batch, size))).astype(np.float32)
    beta = size**-0.5

    def network():
        from damtutor.models.modern import ModernHopfield

        memory = ModernHopfield(x, beta)
        return lambda: memory.step(s)

    def our_attention():
        from damtutor.models.attention import attention

        return lambda: attention(s, x, x, beta)

    def differs(ours, other):
        gap = float(np.abs(np.asarray(other) - ours).max())
        return "" if gap < 1e-4 else f"differs by {gap:.1g}"

    def torch_form(fused):
        return lambda: plain.torch_softmax_step(x, s, beta, fused)

    yield Topic(
        f"softmax step, d={size}, K={count}, B={batch}, float32; two products counted",
        (
            Entry("ours: ModernHopfield.step", network),
            Entry("ours: attention", our_attention),
            Entry("NumPy, plain", lambda: lambda: plain.softmax_step(x, s, beta)),
            Entry("PyTorch scaled_dot_product_attention", torch_form(True), LEVEL, peer=True),
            Entry("PyTorch, plain", torch_form(False), peer=True),
            Entry("JAX, plain, jitted", lambda: plain.jax_softmax_step(x, s, beta), peer=True),
        ),
        differs,
        products=4.0 * batch * size * count,
        held=x.nbytes,
    )


def large_product(side: int = 1536):
    """sgemm as NumPy's library does it on a large square, and its number of operations."""
    import numpy as np

    a = np.random.default_rng(0).standard_normal((side, side)).astype(np.float32)
    out = np.empty_like(a)
    return (lambda: np.matmul(a, a, out=out)), 2.0 * side**3


def main(threads: int, kind: str) -> None:
    """All topics on one thread; the two with large products on more."""
    limit(threads)
    from tables import contest, others

    print(f"\n{kind}: {machine(threads)}", flush=True)
    groups = [batches(*BATCH), softmax(*SOFTMAX)]
    if threads == 1:
        groups = [classical(*CLASSICAL), dense(*DENSE), *groups]
    sgemm = large_product()

    def measure():
        for group in groups:
            for topic in group:
                contest(topic, sgemm, with_peers=kind == "peers")

    print(others(measure))


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit() or sys.argv[2] not in KINDS:
        sys.exit("expected: topics.py THREADS models|peers")
    main(int(sys.argv[1]), sys.argv[2])
