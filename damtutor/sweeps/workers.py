"""Who runs the trials of a sweep: this process, processes or threads of this machine (joblib), or a cluster (Dask).

Every way takes an iterator of batches and yields what came of each, in any order. A trial knows nothing of it: linear
algebra runs on one thread everywhere, so that workers do not fight, and sums have the same order in all of them.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import os
import pickle
import signal
import sys
import threading
import time
import traceback
import uuid
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import cloudpickle
import numpy as np

from damtutor.sweeps import code_version
from damtutor.sweeps.live_values import global_generator
from damtutor.sweeps.store import StoredTrial, canonical

SPAN = 0.2  # seconds of work in a batch: what a dispatch costs (0.5 ms) is nothing beside it, and no more can be lost
LARGEST = 1000  # trials in a batch
ANSWER = 30  # seconds that a cluster has to answer
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
EACH = {"return_as": "generator_unordered", "batch_size": 1, "pre_dispatch": "2*n_jobs"}  # of joblib: as they come
GONE = "finished trials are kept if a store was named; run the same again"


class WorkerError(RuntimeError):
    """A worker is gone, cannot be reached, or runs other code; the message says what to do."""


class Batch(NamedTuple):
    """Trials of one point.

    Attributes
    ----------
    parameters : as the trial takes them.
    key : the same as text.
    numbers : of the trials.
    """

    parameters: dict
    key: str
    numbers: list[int]


class Failure(NamedTuple):
    """What became of a trial that raised, or returned something else than a flat dict of JSON values.

    Attributes
    ----------
    parameters : of its point.
    number : of the trial.
    error : what it raised, in a line.
    trace : where, as Python prints it.
    """

    parameters: dict
    number: int
    error: str
    trace: str


class Done(NamedTuple):
    """What came of a batch.

    Attributes
    ----------
    rows : its finished trials.
    failure : that ended it, or None.
    seconds : of work.
    """

    rows: list[StoredTrial]
    failure: Failure | None
    seconds: float


class Task(NamedTuple):
    """A trial with its seed and what it is made of; calling it runs a batch.

    Attributes
    ----------
    trial : the function.
    seed : of the sweep.
    look : `code_version.look` of it.
    """

    trial: Callable[..., dict]
    seed: int
    look: code_version.Look

    def __call__(self, batch: Batch) -> Done:
        start, rows, dice = time.perf_counter(), [], _dice()
        for number in batch.numbers:
            try:
                result = canonical(self.trial((self.seed, number), **batch.parameters), "result")
            except Exception as error:
                text = "".join(traceback.format_exception_only(error)).strip()
                failure = Failure(batch.parameters, number, text, traceback.format_exc())
                return Done(rows, failure, time.perf_counter() - start)
            rows.append(StoredTrial(batch.key, number, result))
        if _dice() != dice:
            raise ValueError(
                f"{code_version.trial_name(self.trial)} draws from the global generator of NumPy, whose numbers depend "
                "on the trials before; expected rng = np.random.default_rng(seed) inside the trial, handed on to what "
                "draws (as random_state in SciPy and scikit-learn)"
            )
        return Done(rows, None, time.perf_counter() - start)

    def look_again(self) -> None:
        """ValueError if something that the trial reads is no longer what it was."""
        place = code_version.changed(self.look.values, code_version.look(self.trial, sources=False).values)
        if place is not None:
            raise ValueError(
                f"{code_version.trial_name(self.trial)} changes {place}, which it reads: its numbers would "
                "depend on the trials before; expected that to be made inside the trial, or kept by functools.cache"
            )


def _dice() -> bytes:
    """The state of the generator that NumPy's functions draw from when they are given none."""
    return pickle.dumps(global_generator().get_state(legacy=False))


class Batches:
    """Iterator over the trials still to do; a batch holds one point only, and lasts about `SPAN` after the first ones.

    Parameters
    ----------
    todo : for each point its parameters, its text and the numbers to do.
    largest : trials in a batch at most.
    """

    def __init__(self, todo: list[Batch], largest: int = LARGEST):
        self._todo, self._largest = iter(todo), largest
        self._pace: dict[str, float] = {}
        self._batch, self._at = None, 0

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> Batch:
        while self._batch is None or self._at >= len(self._batch.numbers):
            self._batch, self._at = next(self._todo), 0
        pace = self._pace.get(self._batch.key)
        count = 1 if pace is None else max(1, min(self._largest, int(SPAN / max(pace, 1e-9))))
        start, self._at = self._at, self._at + count
        return self._batch._replace(numbers=self._batch.numbers[start : self._at])

    def learn(self, done: Done) -> None:
        """Take note of how long a trial lasted."""
        if done.rows:
            self._pace[done.rows[0].parameters] = done.seconds / len(done.rows)


def here(task: Task, batches: Batches) -> Iterator[Done]:
    """In this process, one trial after the other."""
    with _one_thread():
        for batch in batches:
            yield task(batch)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Linear algebra on one thread: libraries that are loaded now, and those that are loaded meanwhile."""
    from threadpoolctl import threadpool_limits

    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        with threadpool_limits(1):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def processes(task: Task, batches: Batches, jobs: int) -> Iterator[Done]:
    """In `jobs` processes of this machine; WorkerError if one of them ends."""
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    parcel = pack(task)
    with parallel_config(backend="loky", inner_max_num_threads=1, initializer=_begin):
        found = Parallel(n_jobs=jobs, **EACH)(delayed(partial(_checked, parcel))(batch) for batch in batches)
    try:
        for done in found:  # noqa: UP028 - `yield from` would close `found` before what is below
            yield done
    except BrokenProcessPool as error:
        raise WorkerError(
            f"a worker ended in the middle of a trial, perhaps for want of memory; {GONE}, with fewer jobs ({error})"
        ) from None
    finally:
        with warnings.catch_warnings():  # joblib tells of trials that are broken off: they were meant to be
            warnings.filterwarnings("ignore", ".*cancelled", UserWarning)
            found.close()


def threads(task: Task, batches: Batches, jobs: int) -> Iterator[Done]:
    """In `jobs` threads of this process: for trials that spend their time in compiled loops, which release Python."""
    from joblib import Parallel, delayed

    with _one_thread():
        found = Parallel(n_jobs=jobs, backend="threading", **EACH)(delayed(task)(batch) for batch in batches)
        with contextlib.closing(found):
            yield from found


def _begin() -> None:
    """What a worker does first: leave Ctrl-C to the main process, which ends the workers, and end with that process.

    Without the second, workers would wait for five minutes after a `kill -9` of the main process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


@dataclass(frozen=True)
class Parcel:
    """A task on its way to another process, the same for all batches of a sweep.

    Parameters
    ----------
    number : another one for every sweep.
    content : the task, pickled, as bytes in an array: joblib hands a large one over in a file.
    """

    number: str
    content: np.ndarray = field(compare=False, repr=False)


def _kept(function: Callable, parameters: dict) -> Callable:
    """A function that is kept by functools.cache, with nothing in it yet."""
    return functools.lru_cache(**parameters)(function)


class _Pickler(cloudpickle.Pickler):
    """Takes along what a trial reads of the modules that were looked into, as it is now, and of no module more."""

    def __init__(self, file: io.BytesIO, look: code_version.Look):
        super().__init__(file)
        self._look = look

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, ModuleType) and value.__name__ in self._look.modules:
            names = (place.removeprefix(f"{value.__name__}.") for place in self._look.values)
            return ModuleType, (value.__name__,), {name: vars(value)[name] for name in names if name in vars(value)}
        if value is global_generator():
            return global_generator, ()
        if isinstance(value, functools._lru_cache_wrapper) and value.__module__ in self._look.modules:
            return _kept, (value.__wrapped__, value.cache_parameters())
        return super().reducer_override(value)


def pack(task: Task) -> Parcel:
    """A task for other processes: code and values of damtutor and of libraries are there already, all else goes along.

    What cannot travel is left to be imported there, and is then looked at, see `code_version.differs`.

    Raises
    ------
    ValueError : a trial that can neither travel nor be imported.
    """
    modules = [sys.modules[name] for name in sorted(task.look.modules & sys.modules.keys()) if name != "__main__"]
    before = cloudpickle.list_registry_pickle_by_value()
    new = [module for module in modules if module.__name__ not in before]
    file = io.BytesIO()
    try:
        for module in new:
            cloudpickle.register_pickle_by_value(module)
        _Pickler(file, task.look).dump(task)
    except Exception:
        file = io.BytesIO()
    finally:
        for module in new:
            cloudpickle.unregister_pickle_by_value(module)
    try:
        content = file.getvalue() or cloudpickle.dumps(task)
    except Exception as error:
        raise ValueError(
            f"{code_version.trial_name(task.trial)} reads what cannot be sent to other processes ({error}); "
            "expected it to be made inside the trial, or jobs=1 or threads=True"
        ) from error
    return Parcel(uuid.uuid4().hex, np.frombuffer(content, np.uint8))


@functools.lru_cache(maxsize=2)
def _unpacked(parcel: Parcel) -> Task:
    """The task in this process, once a sweep; WorkerError if it is made of other things here."""
    try:
        task = pickle.loads(parcel.content)
    except (ImportError, AttributeError) as error:
        raise WorkerError(
            f"a worker cannot import what the trial is made of ({error}); expected modules that workers find, for "
            "example in a folder of PYTHONPATH"
        ) from None
    other = code_version.differs(task.look, task.trial)
    if other is not None:
        raise WorkerError(
            f"a worker has another {other} than this process; restart the workers and Python, and change no value of "
            "a module that workers import: hand it over as a parameter of the points"
        )
    return task


@functools.lru_cache(maxsize=2)
def _look_again(parcel: Parcel) -> None:
    _unpacked(parcel).look_again()


def _checked(parcel: Parcel, batch: Batch) -> Done:
    """A batch in another process, if that has the same code and values, and leaves them as they are."""
    done = _unpacked(parcel)(batch)
    if done.failure is None:
        _look_again(parcel)
    return done


def cluster(task: Task, batches: Batches, address: str) -> Iterator[Done]:
    """On the workers of a Dask scheduler.

    Raises
    ------
    ImportError : Dask is missing.
    WorkerError : nobody answers, there is no worker, or one is gone.
    """
    try:
        from dask.distributed import Client, as_completed
    except ImportError:
        raise ImportError('dask is missing, which a cluster needs; pip install "damtutor[cluster]"') from None
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkerError(
            f"dask is {address!r}, where no scheduler answers ({error}); expected the address that `dask scheduler` "
            "shows, for example 'tcp://127.0.0.1:8786'"
        ) from error
    parcel = pack(task)
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError:
            raise WorkerError(f"{address} has no worker; start one with: dask worker {address}") from None
        work = partial(_far, parcel)
        flying = as_completed(loop=client.loop)
        for batch in itertools.islice(batches, 2 * sum(client.nthreads().values())):
            flying.add(client.submit(work, batch, pure=False))
        for future in flying:
            yield _landed(future)
            for batch in itertools.islice(batches, 1):
                flying.add(client.submit(work, batch, pure=False))


def _landed(future: Any) -> Done:
    """The result of a Dask future."""
    from asyncio import CancelledError

    from dask.distributed import CancelledError as Cancelled
    from dask.distributed import KilledWorker

    try:
        return future.result()
    except (KilledWorker, Cancelled, CancelledError) as error:
        raise WorkerError(f"the cluster gave a batch up ({error}); {GONE}") from error


_LIMITED = threading.Lock()
_limits: list = []


def _far(parcel: Parcel, batch: Batch) -> Done:
    """A batch in a worker of a cluster: from the first on, its linear algebra runs on one thread."""
    with _LIMITED:
        if not _limits:
            from threadpoolctl import threadpool_limits

            os.environ.update(dict.fromkeys(THREADS, "1"))
            _limits.append(threadpool_limits(1))
    return _checked(parcel, batch)
