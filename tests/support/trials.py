"""Small trials for the tests of the sweep engine: workers and other processes have to find them in a file."""

import os
import signal
import sys
import time

import numpy as np


def noise(seed, *, size, scale=1.0):
    """Sums whose last bits depend on the order of adding, so that another number of threads would show."""
    rng = np.random.default_rng([*seed, size])
    a = rng.normal(0, scale, (size, size))
    return {"trace": float((a @ a).trace()), "head": a[0, :3].tolist(), "number": seed[1], "large": bool(a.max() > 3)}


def slow(seed, *, size):
    """About 10 ms of work."""
    until = time.perf_counter() + 0.01
    while time.perf_counter() < until:
        pass
    return noise(seed, size=size)


def fails(seed, *, at):
    """Raises in one trial."""
    if seed[1] == at:
        raise ArithmeticError("this network explodes")
    return {"number": seed[1]}


def strange(seed, *, kind):
    """Returns what is not JSON."""
    return {"nan": {"m": float("nan")}, "array": {"m": np.zeros(2)}, "scalar": {"m": np.int64(1)}, "list": [1]}[kind]


def ends(seed, *, how, folder, at):
    """Ctrl-C, or the end of the process without a word, in one trial; not where the folder holds the file `again`."""
    if seed[1] == at and not os.path.exists(os.path.join(folder, "again")):
        if how == "stop":
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    return noise(seed, size=3)


def threads(seed):
    """On how many threads linear algebra runs; SciPy brings a library of its own."""
    import scipy.linalg
    from threadpoolctl import threadpool_info

    scipy.linalg.norm(np.ones((2, 2)))
    return {"threads": [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]}


def echo(seed, *, sizes):
    """What arrives."""
    return {"sizes": sizes, "kind": type(sizes).__name__}
