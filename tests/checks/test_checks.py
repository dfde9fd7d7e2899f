"""The runner of the checks: verdicts, limits, the record, and what it does in a kernel and under nbgrader."""

from __future__ import annotations

import gc
import inspect
import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from checking import double, run_cells, toy

import damtutor.checks as checks
from damtutor.checks.dense.sweep import sweep_int8, sweep_tie_up
from damtutor.checks.engine import progress as record
from damtutor.checks.engine.exercise import Case, Property
from damtutor.checks.engine.limits import LimitedCalls, Limits, Watchdog
from damtutor.checks.engine.runner import _input, judge
from damtutor.checks.engine.show import PASTED

pytestmark = pytest.mark.untraced

ROOT = Path(__file__).parents[2]
IDS = tuple(checks.exercises())
RIGHT = {id: exercise.right_answers for id, exercise in checks.exercises().items()}
WRONG = {id: exercise.wrong_answers for id, exercise in checks.exercises().items()}
QUICK = Limits(seconds=0.3, wall=1.0)


@pytest.fixture(autouse=True)
def _own_record(tmp_path, monkeypatch):
    monkeypatch.setenv("DAMTUTOR_RECORD", str(tmp_path / "progress.json"))
    for name in ("DAMTUTOR_STRICT", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    checks._last.clear()


# The runner ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda X, k: X * k, "correct", "It scales."),
        (lambda X, k: (X * k).tolist(), "correct", ""),
        (lambda X, k: (X * k).astype(np.float32), "correct", ""),
        (lambda X, k: -X * k, "almost", "sign"),
        (lambda X, k: X * k / 2, "almost", "half"),
        (lambda X, k: 2 * X * k, "almost", "twice"),
        (lambda X, k: (X * k).T, "almost", "transposed"),
        (lambda X, k: X + k, "wrong", "3 of 3 inputs"),
        (lambda X, k: "three", "wrong", "not made of numbers"),
        (lambda X, k: (X * k).astype(str), "wrong", "got text"),
        (lambda X, k: {"X": k}, "wrong", "not made of numbers."),
        (lambda X, k: X * np.nan, "wrong", "NaN"),
        (lambda X, k: [[1], [2, 3]], "error", "ValueError"),
        (lambda X, k: 1 / 0, "error", "ZeroDivisionError"),
        (lambda X: X, "error", "positional argument"),
        (lambda X, k: sys.exit(3), "error", "SystemExit"),
        (np.array([1.0]), "error", "without brackets"),
        (lambda X, k: X * k if X.size < 6 else None, "wrong", "no `return`"),
        (lambda X, k: X.__imul__(k), "almost", "changes its input X"),
    ],
)
def test_verdicts(answer, kind, words):
    verdict = judge(toy(), answer)
    assert verdict.kind == kind, verdict
    assert words in repr(verdict)


def test_smallest_failing_input_is_shown_expected_against_got():
    text = repr(judge(toy(), lambda X, k: X + k))
    assert "X = np.array([[0.0, 1.0, 2.0]], dtype='float64')\n    k = 2.0" in text
    assert "expected: np.array([[0.0, 2.0, 4.0]]" in text
    assert "got: np.array([[2.0, 3.0, 4.0]]" in text


def test_arguments_are_copies():
    X = np.ones((2, 2))
    exercise = toy(cases=lambda: [Case((X, 2.0))])

    def replaces(X, k):
        result = X * k
        X[:] = 0
        return result

    assert judge(exercise, replaces).kind == "almost"
    assert (X == 1).all()


def test_error_shows_the_learners_lines_only():
    def helper(X):
        return np.linalg.inv(X)

    def answer(X, k):
        return helper(X)

    verdict = judge(toy(), answer)
    assert verdict.kind == "error"
    where = dict(verdict.details)["in your code"]
    assert "in answer: return helper(X)" in where
    assert "in helper: return np.linalg.inv(X)" in where
    assert "site-packages" not in repr(verdict)
    assert "runner.py" not in repr(verdict)
    assert "double(X, k) with" in dict(verdict.details)["call"]


def test_broken_property_is_wrong_with_its_counter_example():
    def grows(call):
        X = np.full((1, 2), 7.0)
        return None if (call(X, 2.0) > X).all() else ((X, 2.0), "It should have grown.")

    exercise = toy(properties=(Property("more for more", grows),))
    assert judge(exercise, double).correct
    verdict = judge(exercise, lambda X, k: X * k if X.max() < 6 else X)
    assert verdict.kind == "wrong"
    assert "more for more" in verdict.reason
    assert "7.0" in repr(verdict)
    assert judge(exercise, lambda X, k: X * k if X.max() < 6 else 1 / 0).kind == "error"


def test_prints_and_warnings_are_kept_away(capfd):
    def chatty(X, k):
        print("so far so good")
        print("and to stderr", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return X

    verdict = judge(toy(), chatty)
    assert capfd.readouterr() == ("", "")
    assert "so far so good" in repr(verdict)
    assert "careful" in repr(verdict)
    assert not judge(toy(), lambda X, k: print("hm") or X * k).notes


def test_verdicts_do_not_change_between_runs():
    """One wrong answer of each exercise: all of them are judged elsewhere, and their checks draw from one seed."""
    for id in IDS:
        answer, _ = checks.find(id).wrong_answers[0]
        first, second = (judge(checks.find(id), answer) for _ in range(2))
        assert repr(first) == repr(second)
        assert first._repr_html_() == second._repr_html_()


def test_html_is_escaped_and_says_the_verdict_in_words():
    html = judge(toy(title="a < b"), lambda X, k: X.shape["<script>"])._repr_html_()
    assert "a &lt; b" in html
    assert "<script>" not in html
    assert "⚠ error" in html


# Limits -------------------------------------------------------------------------------------------------------------


def test_the_page_says_how_long_an_endless_loop_lasts():
    assert "after about twenty seconds" in (ROOT / "book" / "using.md").read_text(encoding="utf-8")
    assert round(Limits().seconds, -1) == 20


def loops(X, k):
    while True:
        pass


def sleeps(X, k):
    time.sleep(60)


def swallows(X, k):
    while True:
        try:
            time.sleep(60)
        except:  # noqa: E722
            pass


def swallows_twice(X, k):
    while True:
        try:
            while True:
                try:
                    time.sleep(60)
                except:  # noqa: E722
                    pass
        except BaseException:
            continue


def prints_for_ever(X, k):
    while True:
        print("again and again")


def prints_for_ever_whatever_comes(X, k):
    while True:
        try:
            print("again and again" * 100)
        except:  # noqa: E722
            pass


def prints_a_gigabyte(X, k):
    print("x" * 10**9)
    return X * k


def prints_a_gigabyte_in_parts(X, k):
    for _ in range(1000):
        print("x" * 10**6)
    return X * k


@pytest.fixture
def no_garbage():
    """No finaliser of an older test's garbage runs meanwhile: an alarm that falls into one is raised for nobody."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (loops, "endless loop"),
        (sleeps, "a sleep"),
        (swallows, "Stopped"),
        (swallows_twice, "Stopped"),
        (prints_for_ever, "prints without end"),
        (prints_for_ever_whatever_comes, "prints without end"),
        (prints_a_gigabyte, "Stopped"),
        (prints_a_gigabyte_in_parts, "prints without end"),
    ],
)
def test_endless_answers_are_errors_and_the_process_lives(answer, words):
    handler, tracer = signal.getsignal(signal.SIGALRM), sys.gettrace()
    verdict = judge(toy(), answer, QUICK)
    assert verdict.kind == "error"
    assert words in verdict.reason
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert sys.gettrace() is tracer
    assert judge(toy(), double).correct


@pytest.mark.parametrize("answer", [loops, prints_for_ever, prints_for_ever_whatever_comes])
def test_endless_answers_off_the_main_thread(answer):
    found = []

    def work():
        found.append(judge(toy(), answer, QUICK))
        found.append(judge(toy(), double, QUICK))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert [verdict.kind for verdict in found] == ["error", "correct"]

    def profiled(X, k):  # a stop that was not taken would come up here
        sys.setprofile(lambda *_: None)
        return X * k

    assert judge(toy(), profiled).correct


def test_too_much_memory_is_an_error():
    def greedy(X, k):
        return np.ones(10**11)

    assert "MemoryError" in judge(toy(), greedy).reason


def test_a_timer_of_the_learner_is_put_back():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 30)
        assert judge(toy(), double).correct
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not rung


def test_limits_count_over_all_calls():
    calls = LimitedCalls(Limits(seconds=0.2, wall=10))
    outcomes = [calls.run(_busy, 0.06) for _ in range(8)]
    assert not outcomes[0].stopped
    assert outcomes[-1].stopped


def _busy(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_keyboard_interrupt_is_the_learners_own():
    def interrupted(X, k):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(toy(), interrupted)


# check, or_ours, progress -------------------------------------------------------------------------------------------


def test_check_prints_the_verdict_on_stdout_alone(capfd):
    assert checks.check("dense.1", RIGHT["dense.1"][0]) is None
    out, err = capfd.readouterr()
    assert out.startswith("✓ correct · dense.1")
    assert err == ""


@pytest.mark.parametrize("id", ["dense.9", "", None, 3])
def test_unknown_id_lists_the_known_ones(id):
    with pytest.raises(ValueError, match=r"known: energy\.1, .*dense\.1, dense\.2"):
        checks.check(id, double)


def test_strict_mode_raises_unless_correct(monkeypatch, capsys):
    monkeypatch.setenv("DAMTUTOR_STRICT", "1")
    checks.check("dense.1", RIGHT["dense.1"][0])
    for answer in (None, WRONG["dense.1"][0][0], WRONG["dense.1"][2][0]):
        with pytest.raises(checks.CheckFailed, match=r"dense\.1"):
            checks.check("dense.1", answer)
    assert "○ not started" in capsys.readouterr().out


def test_the_watchdog_goes_when_the_learner_interrupts():
    def interrupted():
        raise KeyboardInterrupt

    running = threading.active_count()
    dog = Watchdog(lambda *_: "")
    with pytest.raises(KeyboardInterrupt):
        dog.call(interrupted, ())
    assert dog.gone
    assert threading.active_count() <= running + 1


def test_under_nbgrader_the_value_is_the_points(monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    right, wrong = RIGHT["dense.2"][0], WRONG["dense.2"][0][0]
    values = [checks.check("dense.2", answer) for answer in (right, sweep_tie_up, wrong, None)]
    assert values == [3.0, 1.5, 0.0, 0.0]
    assert all(type(value) is float for value in values)
    assert capfd.readouterr().err == ""
    assert not (tmp_path / "progress.json").exists(), "a teacher's run is not the teacher's progress"


def test_or_ours(capsys):
    exercise = checks.find("dense.4")
    right, wrong = RIGHT["dense.4"][0], WRONG["dense.4"][0][0]
    assert checks.or_ours("dense.4", right) is right
    assert capsys.readouterr().out == ""
    for answer, kind in ((wrong, "wrong"), (None, "not started")):
        assert checks.or_ours("dense.4", answer) is exercise.reference
        assert capsys.readouterr().out == f"dense.4: {kind}. From here on the package's own recall is used.\n"


def test_the_packages_own_answer_earns_nothing(capsys):
    ours = checks.or_ours("dense.3")
    checks.check("dense.3", ours)
    assert "○ not started" in capsys.readouterr().out
    assert checks.progress().rows[2].best == "not started"
    assert checks.or_ours("dense.3", ours) is ours
    assert capsys.readouterr().out == "dense.3: the package's own kmax is used.\n"


def test_points_and_case():
    assert checks.points("dense.2") == 3
    first, again = checks.case("dense.1", 0), checks.case("dense.1", 0)
    first[0][:] = 0
    assert (again[0] != 0).all()
    assert np.array_equal(checks.case("dense.1", np.int64(0))[0], again[0])
    for number in (5000, -1, "x", 0.5, None, True):
        with pytest.raises(ValueError, match=rf"input of dense\.1 is {number!r}; expected a whole number >= 0 and <= "):
            checks.case("dense.1", number)


def test_a_large_input_can_be_fetched():
    verdict = judge(checks.find("dense.2"), sweep_int8)
    line = dict(verdict.details)["to try it"]
    scope = {}
    exec(line, scope)
    X, s, visit, n = (scope[name] for name in ("X", "s", "visit", "n"))
    assert X.size > 80
    assert not np.array_equal(sweep_int8(X, s, visit, n), checks.find("dense.2").reference(X, s, visit, n))


def test_a_large_only_argument_can_be_fetched():
    exercise = checks.find("dense.5")
    large = next(case for case in exercise.ordered if case.args[0].size > PASTED)
    scope = {}
    exec(dict(_input(exercise, large.args))["to try it"], scope)
    np.testing.assert_array_equal(scope["X"], large.args[0])


# The record ---------------------------------------------------------------------------------------------------------


def test_progress_keeps_the_best_verdict(tmp_path, capsys):
    right, wrong = RIGHT["dense.1"][0], WRONG["dense.1"][2][0]
    assert "0 of 5 exercises done, 0 of 13 points" in repr(checks.progress("dense"))
    checks.check("dense.1", wrong)
    assert "✗ wrong" in repr(checks.progress())
    checks.check("dense.1", right)
    checks.check("dense.1", wrong)
    table = checks.progress("dense")
    assert "1 of 5 exercises done, 2 of 13 points, about 50 minutes to go." in repr(table)
    assert "<td>✓ correct</td>" in table._repr_html_()
    text = (tmp_path / "progress.json").read_text(encoding="utf-8")
    assert json.loads(text)["exercises"]["dense.1"]["tries"] == 3
    assert sorted(os.listdir(tmp_path)) == ["progress.json", "progress.json.lock"]
    with pytest.raises(ValueError, match=r"known: energy, .*dense"):
        checks.progress("denser")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"version": 99}',
        b'{"version": 1, "exercises": [], "aside": []}',
        b'{"version": 1, "exercises": {}, "aside": [1]}',
        b"[" * 9999,
    ],
)
def test_a_corrupt_record_is_kept_aside(tmp_path, text, capsys):
    path = tmp_path / "progress.json"
    path.write_bytes(text)
    assert "progress.json" in repr(checks.progress())
    checks.check("dense.1", RIGHT["dense.1"][0])
    assert (tmp_path / "progress.json.unreadable-1").read_bytes() == text
    assert "kept as progress.json.unreadable-1" in repr(checks.progress())
    assert "1 of 5 exercises done" in repr(checks.progress("dense"))


def test_a_crash_while_writing_leaves_the_old_record(tmp_path, monkeypatch, capsys):
    checks.check("dense.1", RIGHT["dense.1"][0])
    before = (tmp_path / "progress.json").read_bytes()

    def crash(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(record.os, "replace", crash)
    checks.check("dense.2", RIGHT["dense.2"][0])
    assert (tmp_path / "progress.json").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["progress.json", "progress.json.lock"]


@pytest.mark.parametrize("stored", ["DAMTUTOR_STRICT", "NBGRADER_EXECUTION"])
def test_what_is_stored_does_not_depend_on_the_record(stored, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(stored, "1")
    shown = []
    for place in (tmp_path / "progress.json", tmp_path / "progress.json", tmp_path, Path("/proc/no/such/place")):
        monkeypatch.setenv("DAMTUTOR_RECORD", str(place))
        checks.check("dense.1", RIGHT["dense.1"][0])
        shown.append(capsys.readouterr())
    assert len(set(shown)) == 1


def test_a_learner_is_told_when_progress_cannot_be_written(tmp_path, monkeypatch, capsys):
    shown = []
    for place in (tmp_path / "progress.json", tmp_path / "progress.json", Path("/proc/no/such/place")):
        monkeypatch.setenv("DAMTUTOR_RECORD", str(place))
        checks.check("dense.1", RIGHT["dense.1"][0])
        shown.append(capsys.readouterr().out)
    first, again, unwritten = shown
    assert again == first
    assert unwritten.startswith(first + "  Note: Your progress could not be written to /proc/no/such/place (")
    assert unwritten.endswith("the verdict stands.\n")


def test_default_place_is_the_users_data_directory(monkeypatch):
    import platformdirs

    monkeypatch.delenv("DAMTUTOR_RECORD")
    assert str(record.place()).startswith(platformdirs.user_data_dir("damtutor", appauthor=False))


def test_checks_load_no_compiler():
    code = (
        "import sys; from damtutor.checks import find, judge;"
        "print(judge(find('dense.2'), find('dense.2').reference));"
        "print(sorted({'numba', 'matplotlib', 'IPython', 'ipywidgets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.rstrip().endswith("[]")
    assert done.stderr == ""


# In a kernel --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nbgrader_reads_full_part_and_no_points(tmp_path):
    nbgrader = pytest.importorskip("nbgrader.utils")
    metadata = {"grade": True, "solution": False, "grade_id": "toy", "points": 2.0, "locked": True}
    answers = (
        "spin_floats",
        "spin_np_sign",
        "spin_gradient",
        "lambda *a: exec('raise NotImplementedError')",
        "undefined",
    )
    cells = ["from damtutor.checks import check\nfrom damtutor.checks.dense.one_spin import *"] + [
        f'check("dense.1", {answer})' for answer in answers
    ]
    notebook = run_cells(cells, tmp_path, NBGRADER_EXECUTION="autograde")
    grades = []
    for cell in notebook.cells[1:]:
        cell.metadata["nbgrader"] = metadata
        grades.append(nbgrader.determine_grade(cell))
    assert grades == [(2.0, 2.0), (1.0, 2.0), (0.0, 2.0), (0.0, 2.0), (0, 2.0)]


@pytest.mark.slow
def test_a_kernel_lives_through_everything_and_shows_the_same_twice(tmp_path):
    names = ("loops", "swallows", "prints_a_gigabyte_in_parts")
    code = "\n".join(inspect.getsource(globals()[name]).replace("(X, k)", "(N, n, p)") for name in names)
    short = (
        "from damtutor.checks.engine import limits\nlimits.Limits.__init__.__defaults__ = 0.5, 5.0, 10_000_000, 4 << 30"
    )
    cells = [f"import time\nfrom damtutor.checks import check\n{short}\nkept = 41\n" + code]
    cells += [f'check("dense.3", {name})' for name in names]
    cells += ['check("dense.3", lambda N, n, p: display("seen") or 1 / 0)', "kept + 1"]
    runs = [[cell.outputs for cell in run_cells(cells, tmp_path).cells] for _ in range(2)]
    for outputs in runs[0][1:5]:
        assert [out.output_type for out in outputs] == ["display_data"]
        assert outputs[0].data["text/plain"].startswith("⚠ error")
        assert "text/html" in outputs[0].data
    assert runs[0][5][0].data["text/plain"] == "42"
    for out in (out for run in runs for outputs in run for out in outputs):
        out.pop("execution_count", None)
    assert runs[0] == runs[1]
