"""Grids of seeded trials: every point of a grid, many trials a point, kept in a store, on as many workers as you like.

A *trial* is a function at the top level of a module that takes its seed and the parameters of a point:

    def corruption_trial(seed, *, size, count, corruption):
        rng = np.random.default_rng([*seed, size, count])
        ...
        return {"overlap": float(overlap), "sweeps": int(sweeps)}

`seed` is the pair (seed of the sweep, number of the trial). What it returns is a flat dict of int, float, bool, str,
None, or lists of them. It depends on nothing else; one trial lasts 10 ms to a few seconds.

What a trial reads beside that, as globals of its module, `conf.FLIPS`, defaults or attributes of a class, belongs to
its code: with another value it is another trial, and workers get the value that is there when the sweep starts. What no
version can be given to (an open file, a generator made outside the trial), and what the trial itself changes, is
refused; so are draws from NumPy's global generator, and, in worker processes, values that were set inside damtutor and
in libraries. Functions kept by functools.cache are emptied when what they read has changed. Files, the clock, the
settings of Python and NumPy for printing and decimals, and names that are computed cannot be seen.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from damtutor.output import say
from damtutor.sweeps import code_version, workers
from damtutor.sweeps.progress_bar import ProgressBar
from damtutor.sweeps.store import Series, Store, canonical, short
from damtutor.validate import as_count, as_flag, as_trials

LARGEST_SEED = 2**63 - 1  # what a column of SQLite holds
FORMER_MODULES = {  # of trials: where a module was before, so that a store of that time is understood
    "damtutor.reproduce.mimura2026.solver": ("damtutor.experiments.papers.solver",),
}


class TrialError(RuntimeError):
    """A trial raised, or returned something else than a flat dict of JSON values.

    The message says how to run it alone.
    """


def sweep(
    trial: Callable[..., dict],
    points: Sequence[dict],
    trials: int,
    *,
    seed: int = 0,
    store: str | os.PathLike | None = None,
    jobs: int = 1,
    threads: bool = False,
    dask: str | None = None,
    progress: bool = False,
) -> list[list[dict]]:
    """Run trials 0 ... trials-1 of every point, except those that the store has.

    The result depends on the trial, the points and the seed only: not on workers, nor on how often a run was broken off
    and started again. A finished trial is written when it arrives, several at once where a write takes longer than a
    twentieth of the time they take, and all when Ctrl-C or an error ends the run. `kill -9` or a power failure loses
    what was running: one trial a worker, or a batch of short ones that lasts 0.2 s. Several runs may share a store at
    the same time; they do the same work twice, and keep it once.

    Parameters
    ----------
    trial : a function at the top level of a module, see above.
    points : one dict of parameters a point; values as the trial returns them, a tuple arrives as a list.
    trials : number of trials a point.
    seed : whole number in [0, 2**63).
    store : file of finished trials, made where there is none; None keeps nothing. Trials of other code (see
        `damtutor.sweeps.code_version`) stay in it and are not used; a line on stderr says how many.
    jobs : processes of this machine; 1 runs in this one.
    threads : True makes the jobs threads of this process, which start at once: for trials that spend their time in the
        compiled loops.
    dask : address of a Dask scheduler, in place of `jobs`.
    progress : True shows on stderr how far it is and how long it will take.

    Returns
    -------
    One list a point, with one dict a trial, in the order of their numbers.

    Raises
    ------
    ValueError : trial is not a function, points not a list of dicts, a number is not one; parameters that the trial
        does not take; a trial that reads what has no version, or changes what it reads.
    TrialError : a trial failed.
    StoreError : the store cannot be used.
    WorkerError : a worker or a cluster is gone.
    ImportError : Dask is missing.

    >>> def coin(seed, *, bias):
    ...     return {"heads": bool(np.random.default_rng(seed).random() < bias)}
    >>> sweep(coin, [{"bias": 0.0}, {"bias": 1.0}], 2)
    [[{'heads': False}, {'heads': False}], [{'heads': True}, {'heads': True}]]
    """
    name = code_version.trial_name(trial)
    trials, seed = as_trials(trials, "trials"), as_count(seed, "seed", 0, LARGEST_SEED)
    points, keys = _as_points(trial, points)
    run, elsewhere = _as_workers(jobs, threads, dask)
    as_flag(progress, "progress")
    look = code_version.look(trial, sources=store is not None or elsewhere)
    task, series = workers.Task(trial, seed, look), Series(name, look.version, seed)
    with Store(store) as kept:
        todo = []
        for key, point in dict(zip(keys, points, strict=True)).items():
            numbers = sorted(set(range(trials)) - kept.finished(series, key, trials).keys())
            todo.append(workers.Batch(point, key, numbers))
        left = sum(len(batch.numbers) for batch in todo)
        if left:
            batches = workers.Batches(todo, workers.LARGEST if elsewhere else 1)
            _mention(kept.stale(series, _former_names(name)), series, kept.path)
            with ProgressBar(progress, trials * len(todo), left) as bar, kept.adding(series) as keep:
                with contextlib.closing(run(task, batches)) as arriving:
                    for k, done in enumerate(arriving):
                        if k == 0 and done.failure is None and not elsewhere:
                            task.look_again()
                        keep(done.rows)
                        batches.learn(done)
                        bar.update(len(done.rows))
                        if done.failure is not None:
                            raise _failed(series, done.failure, store)
            if not elsewhere:
                task.look_again()
        return [kept.results(series, key, trials) for key in keys]


def _as_points(trial: Callable, points: Any) -> tuple[list[dict], list[str]]:
    """The points as JSON gives them back, and their texts; ValueError for what a trial cannot take."""
    if isinstance(points, dict | str) or not isinstance(points, Sequence) or not len(points):
        raise ValueError(f"points is {points!r}; expected a list of one dict or more, for example [{{'size': 100}}]")
    keys = [canonical(point, f"points[{k}]") for k, point in enumerate(points)]
    for k, point in enumerate(points):
        try:
            inspect.signature(trial).bind((0, 0), **point)
        except TypeError as error:
            raise ValueError(
                f"points[{k}]: {error}; expected what {trial.__name__}{inspect.signature(trial)} takes beside its seed"
            ) from None
    return [json.loads(key) for key in keys], keys


def _as_workers(jobs: Any, threads: Any, dask: Any) -> tuple[Callable[..., Iterator[workers.Done]], bool]:
    """Who runs a task over batches, and whether that is another process."""
    jobs, threads = as_count(jobs, "jobs"), as_flag(threads, "threads")
    if dask is None:
        if jobs == 1:
            return workers.here, False
        start = workers.threads if threads else workers.processes
        return (lambda *task: start(*task, jobs)), not threads
    if not isinstance(dask, str):
        raise ValueError(f"dask is {dask!r}; expected the address of a scheduler, for example 'tcp://127.0.0.1:8786'")
    if jobs != 1:
        raise ValueError(f"jobs is {jobs} beside dask; expected one of them: a cluster brings its own workers")
    return (lambda *task: workers.cluster(*task, dask)), True


def _former_names(name: str) -> list[str]:
    """What the trial called `name` was called before its module moved; most have no former name."""
    module, _, function = name.rpartition(".")
    return [f"{former}.{function}" for former in FORMER_MODULES.get(module, ())]


def _mention(stale: int, series: Series, path: os.PathLike | None) -> None:
    """Say on stderr that finished trials are not used, asked or not: the reader is about to wait for them again."""
    if stale:
        say(
            f"{path}: {stale} finished trials of {series.trial} are kept but not used, because their code, a "
            "value that they read, or the layout of damtutor, has changed since",
            "stderr",
        )


def _failed(series: Series, failure: workers.Failure, store: Any) -> TrialError:
    kept = "Nothing was kept: no store was named." if store is None else "Finished trials are kept."
    call = f"{series.trial.rpartition('.')[2]}(({series.seed}, {failure.number}), **{failure.parameters!r})"
    error = TrialError(
        f"{series.trial} failed at {failure.parameters!r}, seed {series.seed}, number {failure.number}: "
        f"{failure.error}\n"
        f"{kept} To run this trial alone: {call}"
    )
    error.add_note(failure.trace)
    return error


def collect(results: Sequence[Sequence[dict]], key: str) -> np.ndarray:
    """One value of every trial as an array `(points, trials)`, further axes if the value is a list.

    None, which stands for no number, becomes NaN; among texts it stays None.

    Parameters
    ----------
    results : what `sweep` returned.
    key : name of a value that the trial returns.

    Raises
    ------
    ValueError : not the results of a sweep, no such value in some trial, or lists of different length.

    >>> collect([[{"overlap": 0.5}, {"overlap": 1.0}]], "overlap").mean(axis=1)
    array([0.75])
    """
    listed = isinstance(results, list | tuple) and all(isinstance(rows, list | tuple) for rows in results)
    if not listed or not all(isinstance(row, dict) for rows in results for row in rows):
        raise ValueError(
            f"results is {short(results)}; expected what sweep returned, for example [[{{'overlap': 0.5}}]]"
        )
    for row in (row for rows in results for row in rows):
        if not isinstance(key, str) or key not in row:
            raise ValueError(f"key is {key!r}; expected one of {', '.join(map(repr, row))}")
    values = [[row[key] for row in rows] for rows in results]
    try:
        return np.array(_with_nan(values))
    except ValueError:
        raise ValueError(f"key is {key!r}, whose lists differ in length; expected lists of one length") from None


def _with_nan(values: list[list]) -> Any:
    """Values of trials with NaN for None: one in place of a number, as many as the others have in place of a list."""
    flat = [value for rows in values for value in rows]
    leaves = list(_leaves(flat))
    if None not in leaves:
        return values
    if any(isinstance(leaf, str) for leaf in leaves):
        return np.array(values, dtype=object)
    shape = next((np.shape(value) for value in flat if value is not None), ())
    return [
        [np.full(shape, np.nan) if value is None else np.array(value, dtype=float) for value in rows] for rows in values
    ]


def _leaves(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _leaves(value)
        else:
            yield value
