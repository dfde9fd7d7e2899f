"""The sweep engine: the same bits whoever computes them, however often it is broken off."""

import contextlib
import importlib
import importlib.util
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import trials
from children import child
from examples import without_example
from hypothesis import example, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from damtutor.reproduce.mimura2026 import solver
from damtutor.sweeps import code_version, workers
from damtutor.sweeps import progress_bar as bar
from damtutor.sweeps import store as store_module
from damtutor.sweeps import sweep as sweep_module
from damtutor.sweeps.store import Series, Store, StoreError, canonical
from damtutor.sweeps.sweep import FORMER_MODULES, TrialError, collect, sweep
from damtutor.sweeps.workers import Batch, Batches, Done, Task, WorkerError

pytestmark = pytest.mark.twin


POINTS = [{"size": 40}, {"size": 90, "scale": 0.1}, {"size": 3}]
COUNT = 30  # trials a point
run = Task.__call__
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def unbroken():
    return sweep(trials.noise, POINTS, COUNT, seed=5)


@pytest.fixture(scope="module")
def scheduler():
    """The address of a small cluster: two processes."""
    from dask.distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def kept(path):
    """Number of rows in a store, which another process may be writing."""
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
        try:
            return connection.execute("SELECT count(*) FROM trials").fetchone()[0]
        except sqlite3.OperationalError:  # no table yet
            return 0


# What comes back -----------------------------------------------------------------------------------------------------


def test_every_trial_is_called_with_its_seed_and_its_point(unbroken):
    with threadpool_limits(1):  # two threads would add in another order
        for point, rows in zip(POINTS, unbroken, strict=True):
            assert rows == [trials.noise((5, k), **point) for k in range(COUNT)]
    assert sweep(trials.noise, POINTS, COUNT, seed=6) != unbroken


def test_other_processes_return_the_same_bits(unbroken, tmp_path):
    assert sweep(trials.noise, POINTS, COUNT, seed=5, jobs=2) == unbroken
    assert sweep(trials.noise, POINTS, COUNT, seed=5, jobs=3, store=tmp_path / "s.db") == unbroken
    assert sweep(trials.noise, POINTS, COUNT, seed=5, jobs=2, threads=True, store=tmp_path / "t.db") == unbroken


def test_a_cluster_returns_the_same_bits(unbroken, scheduler, tmp_path):
    assert sweep(trials.noise, POINTS, COUNT, seed=5, dask=scheduler) == unbroken
    path = tmp_path / "s.db"
    sweep(trials.noise, POINTS[:2], 7, seed=5, store=path, dask=scheduler)
    assert sweep(trials.noise, POINTS, COUNT, seed=5, store=path, dask=scheduler) == unbroken


def threads_here():
    return {library["filepath"]: library["num_threads"] for library in threadpool_info()}


def test_linear_algebra_runs_on_one_thread_everywhere(scheduler):
    before, environment = threads_here(), dict(os.environ)
    for where in ({"jobs": 1}, {"jobs": 2}, {"jobs": 2, "threads": True}, {"dask": scheduler}):
        for row in sweep(trials.threads, [{}], 3, **where)[0]:
            assert row["threads"]
            assert set(row["threads"]) == {1}, where
    assert before.items() <= threads_here().items()
    assert dict(os.environ) == environment


def test_equal_points_run_once(monkeypatch):
    calls = []
    monkeypatch.setattr(Task, "__call__", lambda task, batch: calls.append(batch) or run(task, batch))
    found = sweep(trials.noise, [{"size": 3}, {"size": 4}, {"size": 3}], 4)
    assert found[0] == found[2] != found[1]
    assert sum(len(batch.numbers) for batch in calls) == 8


def test_what_is_in_the_store_does_not_run_again(tmp_path, monkeypatch, unbroken):
    calls = []
    monkeypatch.setattr(Task, "__call__", lambda task, batch: calls.append(batch) or run(task, batch))
    path = tmp_path / "s.db"
    sweep(trials.noise, POINTS[1:], COUNT - 9, seed=5, store=path)
    del calls[:]
    assert sweep(trials.noise, POINTS, COUNT, seed=5, store=path) == unbroken
    assert sum(len(batch.numbers) for batch in calls) == COUNT + 2 * 9
    del calls[:]
    assert sweep(trials.noise, POINTS[::-1], COUNT, seed=5, store=path) == unbroken[::-1]
    assert sweep(trials.noise, POINTS, 4, seed=5, store=path) == [rows[:4] for rows in unbroken]
    assert calls == []
    sweep(trials.noise, POINTS[:1], 2, seed=6, store=path)
    assert len(calls) == 2


def test_rows_of_other_code_are_kept_counted_and_not_used(tmp_path, monkeypatch, capsys):
    path = tmp_path / "s.db"
    sweep(trials.noise, [{"size": 3}], 12, store=path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE trials SET version = 'older', result = '{\"trace\":0}'")
    found = sweep(trials.noise, [{"size": 3}], 5, store=path)
    assert found == sweep(trials.noise, [{"size": 3}], 5)
    said = f"{path}: 12 finished trials of trials.noise are kept but not used, because their code, a value that they"
    assert capsys.readouterr().err == said + " read, or the layout of damtutor, has changed since\n"
    assert kept(path) == 17
    sweep(trials.noise, [{"size": 3}], 5, store=path)  # nothing is left to do, and nothing is said
    sweep(trials.noise, [{"size": 3}], 5, store=path, seed=1)  # what is of another seed is of no use anyway
    assert capsys.readouterr().err == ""


def test_rows_of_a_module_that_moved_are_counted_by_its_former_name(tmp_path, capsys):
    """A store of a paper's trials as the former layout wrote it: same function, same file of another name."""
    path, point = tmp_path / "s.db", solver.point(3, 0.1, 0.5, steps=2, samples=100)
    before = Series("damtutor.experiments.papers.solver.solver_trial", "0123456789abcdef", 0)
    with Store(path) as store:
        rows = [store_module.StoredTrial(canonical(point, "point"), k, '{"time":0}') for k in range(3)]
        store.add(before, rows)
        store.add(before._replace(trial="damtutor.experiments.papers.solver.boundary_trial"), rows[:1])
    found = sweep(solver.solver_trial, [point], 2, store=path)
    assert found == sweep(solver.solver_trial, [point], 2)
    assert ": 3 finished trials of damtutor.reproduce.mimura2026.solver.solver_trial are" in capsys.readouterr().err
    assert kept(path) == 6
    with Store(path) as store:
        assert store.results(before, canonical(point, "point"), 3) == [{"time": 0}] * 3


def test_former_modules_have_gone_and_new_ones_are_there():
    for now, former in FORMER_MODULES.items():
        assert importlib.util.find_spec(now) is not None
        for name in former:
            with pytest.raises(ModuleNotFoundError):
                importlib.import_module(name)


# Broken off ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 19), max_size=3), st.integers(1, 20), st.sampled_from([0.0, 1e9]))
@example([0], 1, 0.0)
@example([19], 20, 1e9)
def test_a_run_that_goes_on_equals_an_unbroken_one(stops, count, every):
    """Stopped at any trials, of any point, with rows written one by one or in the end."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "QUIET", every)
        points = [{"how": "stop", "folder": folder, "at": at} for at in [99, *stops]]
        path = Path(folder) / "s.db"
        before = 0
        for _ in range(2):
            with contextlib.suppress(KeyboardInterrupt):
                sweep(trials.ends, points, count, store=path)
            assert kept(path) >= before
            before = kept(path)
        expected = 0
        for at in dict.fromkeys([99, *stops]):
            expected += min(at, count)
            if at < count:
                break
        assert before == expected
        (Path(folder) / "again").touch()
        resumed = sweep(trials.ends, points, count, store=path)
        assert resumed == sweep(trials.ends, points, count)


@POSIX
@pytest.mark.parametrize("at", [0, 1, 17])
def test_a_process_that_kills_itself_in_a_trial(tmp_path, at):
    """Every row is written before the next trial starts: not one is lost."""
    point = {"how": "kill", "folder": str(tmp_path), "at": at}
    code = (
        "import json, sys; from damtutor.sweeps import store; store.QUIET = 0.0;"
        "from damtutor.sweeps.sweep import sweep; import trials;"
        "sweep(trials.ends, [json.loads(sys.argv[1])], 20, store=sys.argv[2])"
    )
    with child(code, json.dumps(point), tmp_path / "s.db") as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert kept(tmp_path / "s.db") == at
    (tmp_path / "again").touch()
    assert sweep(trials.ends, [point], 20, store=tmp_path / "s.db") == sweep(trials.ends, [point], 20)


LONG = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from damtutor.sweeps.sweep import sweep; import trials;"
    "sweep(trials.slow, [{'size': 3}, {'size': 4}], 5000, store=sys.argv[1], jobs=int(sys.argv[2]))"
)


@contextlib.contextmanager
def in_the_middle(path, jobs):
    """A sweep of 100 s in another process, and the processes it has started, once 40 trials are in the store."""
    with child(LONG, path, jobs) as process:
        while kept(path) < 40 and process.poll() is None:
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()
        yield process, psutil.Process(process.pid).children(recursive=True)


def goes_on(path):
    """The rows of the broken run are there and right, and a run that goes on equals an unbroken one."""
    before = kept(path)
    with Store(path) as store:
        assert store._run("PRAGMA integrity_check") == [("ok",)]
        written = {
            (json.loads(parameters)["size"], number): json.loads(result)
            for parameters, number, result in store._run("SELECT parameters, number, result FROM trials")
        }
    assert len(written) == before >= 40
    for (size, number), result in written.items():
        assert result == trials.noise((0, number), size=size)
    assert sweep(trials.slow, [{"size": 3}], 60, store=path) == sweep(trials.noise, [{"size": 3}], 60)
    assert kept(path) >= before


@POSIX
@pytest.mark.parametrize("jobs", [1, 2])
def test_kill_in_the_middle(tmp_path, jobs):
    with in_the_middle(tmp_path / "s.db", jobs) as (process, workers_of_it):
        assert len(workers_of_it) >= (2 if jobs == 2 else 0)
        process.kill()
        process.communicate()
    assert psutil.wait_procs(workers_of_it, timeout=60)[1] == []
    goes_on(tmp_path / "s.db")


@POSIX
@pytest.mark.parametrize(("jobs", "whole_group"), [(1, False), (2, False), (2, True)])
def test_ctrl_c_in_the_middle(tmp_path, jobs, whole_group):
    """A terminal sends it to the main process and to its workers, a notebook to the main process alone."""
    with in_the_middle(tmp_path / "s.db", jobs) as (process, workers_of_it):
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode in (-signal.SIGINT, 1)
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert psutil.wait_procs(workers_of_it, timeout=60)[1] == []
    goes_on(tmp_path / "s.db")


def test_two_runs_share_a_store(tmp_path):
    """Both at once on the same new file, a transaction for every row: no error, no trial twice or lost."""
    code = (
        "import json, sys; from damtutor.sweeps import store; store.QUIET = 0.0;"
        "from damtutor.sweeps.sweep import sweep; import trials; print('ready', flush=True); input();"
        "print(json.dumps(sweep(trials.noise, [{'size': 3}, {'size': 4}], 100, store=sys.argv[1])))"
    )
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(child(code, tmp_path / "s.db", stdin=subprocess.PIPE)) for _ in range(2)]
        for process in both:
            assert process.stdout.readline() == "ready\n"
        for process in both:
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    expected = sweep(trials.noise, [{"size": 3}, {"size": 4}], 100)
    assert [json.loads(out) for out, _ in said] == [expected, expected]
    assert kept(tmp_path / "s.db") == 200


def test_a_store_that_fails_in_the_middle_keeps_what_was_finished(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "QUIET", 0.0)
    path, add = tmp_path / "s.db", Store.add

    def full_after_five(store, series, rows):
        if len(store.finished(series, '{"size":3}', 20)) == 5:
            store._run(f"PRAGMA max_page_count = {store._run('PRAGMA page_count')[0][0]}")
            rows = [row._replace(result=json.dumps({"m": "x" * 10000})) for row in rows]
        add(store, series, rows)

    monkeypatch.setattr(Store, "add", full_after_five)
    with pytest.raises(StoreError, match="the disk is full"):
        sweep(trials.noise, [{"size": 3}], 20, store=path)
    monkeypatch.setattr(Store, "add", add)
    assert kept(path) == 5
    assert sweep(trials.noise, [{"size": 3}], 20, store=path) == sweep(trials.noise, [{"size": 3}], 20)


# Trials and workers that fail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["here", "processes", "cluster"])
def test_a_trial_that_raises_is_named_and_the_others_are_kept(tmp_path, where, request):
    options = {"here": {}, "processes": {"jobs": 2}, "cluster": {}}[where]
    if where == "cluster":
        options = {"dask": request.getfixturevalue("scheduler")}
    path = tmp_path / "s.db"
    with pytest.raises(TrialError) as caught:
        sweep(trials.fails, [{"at": 99}, {"at": 17}], 20, seed=4, store=path, **options)
    said = str(caught.value)
    assert "trials.fails failed at {'at': 17}, seed 4, number 17: ArithmeticError: this network explodes" in said
    assert "Finished trials are kept. To run this trial alone: fails((4, 17), **{'at': 17})" in said
    assert "line" in caught.value.__notes__[0]
    with pytest.raises(ArithmeticError):
        eval(said.rpartition("alone: ")[2], {"fails": trials.fails})
    assert kept(path) >= (37 if where == "here" else 20)  # elsewhere others are on their way
    with Store(path) as store:
        assert store._run("SELECT count(*) FROM trials WHERE number = 17") == [(1,)]


def test_without_a_store_nothing_is_said_to_be_kept():
    with pytest.raises(TrialError, match="Nothing was kept: no store was named"):
        sweep(trials.fails, [{"at": 0}], 1)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("nan", r"result\['m'\] is nan; expected a finite number"),
        ("array", r"ndarray.*x\.tolist\(\)"),
        ("scalar", r"int64.*int\(x\)"),
        ("list", r"result is \[1\]; expected a dict"),
    ],
)
def test_a_result_that_is_not_json(kind, said, jobs):
    with pytest.raises(TrialError, match=rf"strange failed at .*number \d: ValueError: .*{said}"):
        sweep(trials.strange, [{"kind": kind}], 2, jobs=jobs)


@POSIX
def test_a_worker_that_dies(tmp_path):
    point = {"how": "kill", "folder": str(tmp_path), "at": 20}
    with pytest.raises(WorkerError, match=r"a worker ended in the middle of a trial.*with fewer jobs"):
        sweep(trials.ends, [point], 40, store=tmp_path / "s.db", jobs=2)
    (tmp_path / "again").touch()
    assert sweep(trials.ends, [point], 40, store=tmp_path / "s.db", jobs=2) == sweep(trials.ends, [point], 40)


def test_a_worker_with_other_code_refuses():
    look = code_version.look(trials.noise)._replace(files={"damtutor.patterns": "something else"})
    with pytest.raises(WorkerError, match=r"has another damtutor\.patterns than this process; restart the workers"):
        workers._checked(workers.pack(Task(trials.noise, 0, look)), Batch({"size": 3}, "", [0]))


def test_a_cluster_that_gives_up():
    from dask.distributed import CancelledError, KilledWorker

    class Lost:
        address = "tcp://10.0.0.7:4242"

    class Future:
        def __init__(self, error):
            self.error = error

        def result(self):
            raise self.error

    for error in (KilledWorker("batch", Lost(), 3), CancelledError("batch")):
        with pytest.raises(WorkerError, match=r"the cluster gave a batch up.*run the same again"):
            workers._landed(Future(error))


def test_no_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(ImportError, match=r'pip install "damtutor\[cluster\]"'):
        sweep(trials.noise, [{"size": 3}], 1, dask="tcp://127.0.0.1:8786")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://here"])
def test_no_scheduler(monkeypatch, address):
    monkeypatch.setattr(workers, "ANSWER", 1)
    with pytest.raises(WorkerError, match=r"no scheduler answers.*expected the address that `dask scheduler` shows"):
        sweep(trials.noise, [{"size": 3}], 1, dask=address)


def test_no_worker(monkeypatch):
    from dask.distributed import LocalCluster

    monkeypatch.setattr(workers, "ANSWER", 1)
    with LocalCluster(n_workers=0, processes=False, dashboard_address=":0", protocol="tcp://") as cluster:
        with pytest.raises(WorkerError, match="has no worker; start one with: dask worker tcp://"):
            sweep(trials.noise, [{"size": 3}], 1, dask=cluster.scheduler_address)


# The door ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": {"size": 3}}, "points is .*expected a list of one dict or more"),
        ({"points": []}, "points is .*expected a list of one dict or more"),
        ({"points": 3}, "points is 3"),
        ({"points": [3]}, r"points\[0\] is 3; expected a dict"),
        ({"points": [{"size": 3}, {"size": np.int64(3)}]}, r"points\[1\]\['size'\] is .*int64"),
        ({"points": [{"size": float("nan")}]}, r"points\[0\]\['size'\] is nan"),
        ({"points": [{"count": 3}]}, r"points\[0\]: .*'size'; expected what noise\(seed, "),
        ({"points": [{"size": 3, "seed": 1}]}, r"points\[0\]: .*'seed'; expected what noise\(seed, "),
        ({"trials": 0}, "trials is 0; expected a whole number >= 1"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**63}, "seed is 9223372036854775808"),
        ({"jobs": 0}, "jobs is 0"),
        ({"dask": 8786}, "dask is 8786; expected the address"),
        ({"dask": "tcp://127.0.0.1:8786", "jobs": 2}, "expected one of them"),
        ({"progress": 1}, "progress is 1"),
        ({"trial": lambda seed: {}}, "trial is .*lambda.*expected a function defined at the top level"),
        ({"trial": "noise"}, "trial is 'noise'"),
    ],
)
def test_bad_input(tmp_path, change, said):
    good = {"trial": trials.noise, "points": [{"size": 3}], "trials": 2, "store": tmp_path / "s.db"}
    with pytest.raises(ValueError, match=said):
        sweep(**good | change)
    assert not (tmp_path / "s.db").exists()


def test_points_are_not_changed_and_tuples_arrive_as_lists():
    points = [{"size": 3, "scale": np.float64(2.0)}]
    assert sweep(trials.noise, points, 1) == [[trials.noise((0, 0), size=3, scale=2.0)]]
    assert points == [{"size": 3, "scale": 2.0}]
    assert type(points[0]["scale"]) is np.float64
    assert sweep(trials.echo, [{"sizes": (1, 2)}], 1) == [[{"sizes": [1, 2], "kind": "list"}]]


def test_collect():
    results = [[{"m": 0.5, "path": [1, 2]}, {"m": 1.0, "path": [3, 4]}], [{"m": 2, "path": [5, 6]}] * 2]
    np.testing.assert_array_equal(collect(results, "m"), [[0.5, 1], [2, 2]])
    assert collect(results, "path").shape == (2, 2, 2)
    with pytest.raises(ValueError, match="key is 'overlap'; expected one of 'm', 'path'"):
        collect(results, "overlap")
    for key in (["m"], None):
        with pytest.raises(ValueError, match=r"key is .*; expected one of 'm', 'path'"):
            collect(results, key)
    for junk in (None, results[0], [1], "results"):
        with pytest.raises(ValueError, match=r"results is .*; expected what sweep returned, for example \[\["):
            collect(junk, "m")
    with pytest.raises(ValueError, match="lists differ in length"):
        collect([[{"path": [1]}, {"path": [1, 2]}]], "path")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None], [1.0, np.nan]),
        ([None, 0.5], [np.nan, 0.5]),
        ([True, None], [1.0, np.nan]),
        ([None, None], [np.nan, np.nan]),
        ([[1, 2], None], [[1.0, 2.0], [np.nan, np.nan]]),
        ([[1, None], [None, 4]], [[1.0, np.nan], [np.nan, 4.0]]),
        ([None, [[1], [2]]], [[[np.nan], [np.nan]], [[1.0], [2.0]]]),
    ],
)
def test_no_number_is_collected_as_nan(values, expected):
    found = collect([[{"m": value} for value in values]], "m")
    assert found.dtype == float
    np.testing.assert_array_equal(found, [expected])


def test_none_among_texts_stays_none():
    assert collect([[{"m": "a"}, {"m": None}]], "m").tolist() == [["a", None]]
    with pytest.raises(ValueError, match="lists differ in length"):
        collect([[{"m": [1]}, {"m": None}, {"m": [1, 2]}]], "m")


def test_examples():
    assert without_example(sweep_module) == {"TrialError", "sweep"}  # the second is the module itself


# Batches and progress ------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sets(st.integers(0, 50)), max_size=4), st.lists(st.floats(0, 3), max_size=60), st.integers(1, 30))
def test_batches_hand_out_every_trial_once(wanted, seconds, largest):
    """Whatever they learn about the pace; a batch is of one point, and a slow trial stands alone."""
    todo = [Batch({"point": k}, str(k), sorted(numbers)) for k, numbers in enumerate(wanted)]
    batches, pace, found = Batches(todo, largest), iter(seconds), {str(k): [] for k in range(len(wanted))}
    last = {}
    for batch in batches:
        found[batch.key] += batch.numbers
        assert batch.parameters == {"point": int(batch.key)}
        assert 1 <= len(batch.numbers) <= largest
        assert (
            len(batch.numbers) * last.get(batch.key, workers.SPAN) <= max(workers.SPAN, last.get(batch.key, 0)) * 1.001
        )
        last[batch.key] = next(pace, 0.01)
        rows = [store_module.StoredTrial(batch.key, number, "{}") for number in batch.numbers]
        batches.learn(Done(rows, None, last[batch.key] * len(rows)))
    assert found == {str(k): sorted(numbers) for k, numbers in enumerate(wanted)}


def test_nothing_is_printed_unless_asked(capsys, tmp_path):
    sweep(trials.noise, [{"size": 3}], 3, store=tmp_path / "s.db", jobs=2)
    assert capsys.readouterr() == ("", "")


def test_lines_now_and_then_where_there_is_no_terminal(capsys, monkeypatch, tmp_path):
    path = tmp_path / "s.db"
    sweep(trials.noise, [{"size": 3}], 3, store=path, progress=True)
    assert capsys.readouterr().err.startswith("3 of 3 trials, ")
    monkeypatch.setattr(bar, "EVERY", 0.0)
    sweep(trials.noise, [{"size": 3}], 5, store=path, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "3 of 5 trials were finished before"
    assert [line.partition(",")[0] for line in lines[1:]] == ["4 of 5 trials", "5 of 5 trials", "5 of 5 trials"]
    assert all(line.endswith(" left") for line in lines[1:])
    sweep(trials.noise, [{"size": 3}], 5, store=path, progress=True)
    assert capsys.readouterr().err == ""  # all was there


def test_a_bar_in_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    sweep(trials.noise, [{"size": 3}], 3, progress=True)
    assert "3/3" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
