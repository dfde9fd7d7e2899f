"""A check in a process of odd settings, and the settings of the process after an answer that changed them."""

from __future__ import annotations

import builtins
import dataclasses
import decimal
import gc
import locale
import logging
import math
import os
import random
import signal
import sys
import threading
import time
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from checking import double, toy

import damtutor.checks as checks
from damtutor.checks.engine.exercise import Case
from damtutor.checks.engine.runner import judge
from damtutor.checks.engine.settings import kept

pytestmark = pytest.mark.untraced

UNDERFLOW = ("modern.1", "modern.2", "modern.4", "modern.5", "attention.1", "attention.2", "attention.3")


# What an answer changes ---------------------------------------------------------------------------------------------

LOG = logging.getLogger("damtutor.tests.own")
HANDLER = logging.StreamHandler(sys.__stderr__)


def zone():
    os.environ["TZ"] = "Asia/Kathmandu"
    time.tzset()


CHANGES = {
    "error state": (lambda: np.seterr(all="raise"), np.geterr),
    "error call": (lambda: np.seterrcall(print), np.geterrcall),
    "buffer": (lambda: np.setbufsize(4096), np.getbufsize),
    "print options": (lambda: np.set_printoptions(precision=1, legacy="1.13"), np.get_printoptions),
    "NumPy's random state": (lambda: np.random.seed(7), lambda: np.random.get_state()[1].tolist()),  # noqa: NPY002
    "NumPy's random draws": (lambda: np.random.randn(3), lambda: np.random.get_state()[2:]),  # noqa: NPY002
    "bit generator": (lambda: np.random.set_bit_generator(np.random.PCG64(1)), np.random.get_bit_generator),
    "random state": (lambda: random.seed(7), random.getstate),
    "filters": (lambda: warnings.simplefilter("error"), lambda: list(warnings.filters)),
    "showwarning": (lambda: setattr(warnings, "showwarning", print), lambda: warnings.showwarning),
    "formatwarning": (lambda: setattr(warnings, "formatwarning", print), lambda: warnings.formatwarning),
    "captured warnings": (lambda: logging.captureWarnings(True), lambda: logging._warnings_showwarning),
    "root handlers": (logging.basicConfig, lambda: logging.root.handlers.copy()),
    "root handlers by force": (lambda: logging.basicConfig(force=True), lambda: logging.root.handlers.copy()),
    "root level": (lambda: logging.root.setLevel(1), lambda: (logging.root.level, LOG.isEnabledFor(logging.INFO))),
    "logger's level": (lambda: LOG.setLevel(1), lambda: LOG.level),
    "logger's filters": (lambda: LOG.addFilter(print), lambda: LOG.filters.copy()),
    "logger off": (lambda: setattr(LOG, "disabled", True), lambda: LOG.disabled),
    "logger apart": (lambda: setattr(LOG, "propagate", False), lambda: LOG.propagate),
    "all loggers off": (lambda: logging.disable(logging.CRITICAL), lambda: LOG.isEnabledFor(logging.ERROR)),
    "new logger": (
        lambda: logging.getLogger("mine").addHandler(logging.StreamHandler()),
        lambda: logging.getLogger("mine").handlers.copy(),
    ),
    "handler": (lambda: HANDLER.setStream(sys.stdout), lambda: HANDLER.stream),
    "handler's level": (lambda: HANDLER.setLevel(50), lambda: HANDLER.level),
    "folder": (lambda: os.chdir("/"), os.getcwd),
    "environment": (lambda: os.environ.update(DAMTUTOR_STRICT="1"), lambda: dict(os.environ)),
    "environment emptied": (lambda: os.environ.clear(), lambda: dict(os.environ)),
    "time zone": (zone, lambda: (time.tzname, time.localtime(0).tm_hour)),
    "umask": (lambda: os.umask(0o777), lambda: [os.umask(0o22), os.umask(0o22)][1]),
    "recursion limit": (lambda: sys.setrecursionlimit(190), sys.getrecursionlimit),
    "switch interval": (lambda: sys.setswitchinterval(1), sys.getswitchinterval),
    "digits": (lambda: sys.set_int_max_str_digits(0), sys.get_int_max_str_digits),
    "signal handler": (lambda: signal.signal(signal.SIGINT, signal.SIG_IGN), lambda: signal.getsignal(signal.SIGINT)),
    "path": (lambda: sys.path.insert(0, "/"), lambda: list(sys.path)),
    "another path": (lambda: setattr(sys, "path", []), lambda: sys.path),
    "arguments": (lambda: sys.argv.append("-v"), lambda: list(sys.argv)),
    "stdout": (lambda: setattr(sys, "stdout", None), lambda: sys.stdout),
    "stderr": (lambda: setattr(sys, "stderr", None), lambda: sys.stderr),
    "stdin": (lambda: setattr(sys, "stdin", None), lambda: sys.stdin),
    "modules": (lambda: sys.modules.update(math=random), lambda: sys.modules["math"]),
    "excepthook": (lambda: setattr(sys, "excepthook", print), lambda: sys.excepthook),
    "displayhook": (lambda: setattr(sys, "displayhook", print), lambda: sys.displayhook),
    "threads' excepthook": (lambda: setattr(threading, "excepthook", print), lambda: threading.excepthook),
    "profiler": (lambda: sys.setprofile(lambda *_: None), sys.getprofile),
    "print": (lambda: setattr(builtins, "print", None), lambda: builtins.print),
    "isinstance": (lambda: setattr(builtins, "isinstance", None), lambda: builtins.isinstance),
    "type and len": (lambda: vars(builtins).update(type=None, len=None), lambda: (builtins.type, builtins.len)),
    "a new builtin": (lambda: setattr(builtins, "mine", 1), lambda: hasattr(builtins, "mine")),
    "abs": (lambda: setattr(np, "abs", None), lambda: np.abs),
    "array": (lambda: delattr(np, "array"), lambda: np.array),
    "norm": (lambda: setattr(np.linalg, "norm", None), lambda: np.linalg.norm),
    "exp": (lambda: setattr(math, "exp", None), lambda: math.exp),
    "locale": (lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"), lambda: locale.setlocale(locale.LC_ALL)),
    "decimal precision": (lambda: setattr(decimal.getcontext(), "prec", 3), lambda: decimal.getcontext().prec),
    "decimal context": (lambda: decimal.setcontext(decimal.Context(4)), decimal.getcontext),
    "collector": (gc.disable, gc.isenabled),
    "collector's thresholds": (lambda: gc.set_threshold(7), gc.get_threshold),
    "rcParams": (lambda: plt.rcParams.update({"font.size": 99.0}), lambda: plt.rcParams["font.size"]),
    "style": (lambda: plt.style.use("dark_background"), lambda: plt.rcParams["text.color"]),
    "interactive": (lambda: (plt.ion, plt.ioff)[mpl.is_interactive()](), mpl.is_interactive),
    "backend": (lambda: mpl.use("svg"), mpl.get_backend),
    "new figures": (lambda: [plt.figure() for _ in range(3)], plt.get_fignums),
    "closed figures": (lambda: plt.close("all"), plt.get_fignums),
    "the open figure": (lambda: plt.plot([1, 2]), lambda: len(plt.figure(5).axes)),
    "the current figure": (lambda: plt.figure(4), lambda: plt.gcf().number),
}


@pytest.fixture
def open_figures():
    with plt.rc_context():
        plt.figure(4)
        plt.figure(5)
        yield
        plt.close("all")


@pytest.fixture
def own_handler():
    LOG.addHandler(HANDLER)
    yield
    LOG.removeHandler(HANDLER)


@pytest.mark.usefixtures("open_figures", "own_handler")
@pytest.mark.parametrize(("change", "look"), CHANGES.values(), ids=CHANGES)
def test_what_an_answer_changes_is_put_back(change, look):
    def answer(X, k):
        change()
        return X * k

    before = look()
    verdict = judge(toy(), answer)
    after = look()
    assert verdict.correct, verdict
    assert after is before or after == before


@pytest.mark.parametrize("ending", [lambda: 1 / 0, lambda: sys.exit(1), lambda: None])
def test_settings_come_back_however_an_answer_ends(ending):
    def answer(X, k):
        np.seterr(all="raise")
        logging.basicConfig()
        os.chdir("/")
        return ending()

    before = np.geterr(), logging.root.handlers.copy(), os.getcwd()
    assert not judge(toy(), answer).correct
    assert (np.geterr(), logging.root.handlers, os.getcwd()) == before


def test_settings_come_back_when_the_learner_interrupts():
    def answer(X, k):
        os.environ["MINE"] = "1"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(toy(), answer)
    assert "MINE" not in os.environ


def test_a_module_that_an_answer_loads_stays_and_works():
    sys.modules.pop("xml.dom.minicompat", None)

    def answer(X, k):
        import xml.dom.minicompat

        return X * k * len(xml.dom.minicompat.StringTypes)

    assert judge(toy(), answer).correct
    assert "xml.dom.minicompat" in sys.modules


def test_the_notebooks_log_lives_after_a_configuration_in_an_answer(monkeypatch, capsys):
    monkeypatch.setattr(logging.root, "handlers", [])

    def answer(X, k):
        logging.basicConfig()
        logging.warning("in the answer")
        return X * k

    assert judge(toy(), answer).correct
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    logging.warning("in the notebook")
    assert capsys.readouterr() == ("in the notebook\n", "")


def test_an_answer_that_draws_gets_the_same_verdict_whatever_was_drawn_before():
    def answer(X, k):
        return X * k + (np.random.random() + random.random())  # noqa: NPY002

    verdicts = set()
    for seed in range(3):
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)
        verdicts.add(repr(judge(toy(), answer)))
    assert len(verdicts) == 1


# What a check finds changed -----------------------------------------------------------------------------------------


@pytest.fixture
def odd_settings():
    """The settings that would make a check of before end in an error."""
    with kept(), np.errstate(all="raise"), np.printoptions(precision=1, threshold=1, legacy="1.13"):
        with warnings.catch_warnings(), decimal.localcontext() as context:
            warnings.simplefilter("error")
            context.prec = 2
            context.traps[decimal.Inexact] = True
            yield


def fresh(id):
    """The exercise with nothing computed."""
    return dataclasses.replace(checks.find(id))


@pytest.mark.parametrize("id", UNDERFLOW)
def test_verdicts_are_the_same_where_floating_point_errors_raise(id, request):
    answers = checks.find(id).right_answers[0], checks.find(id).wrong_answers[0][0]
    usual = [repr(judge(fresh(id), answer)) for answer in answers]
    request.getfixturevalue("odd_settings")
    assert [repr(judge(fresh(id), answer)) for answer in answers] == usual
    assert np.geterr()["under"] == "raise"


@pytest.mark.usefixtures("odd_settings")
def test_an_answer_meets_the_settings_of_a_fresh_python():
    seen = []

    def answer(X, k):
        seen.append((np.exp(-X * 1e9 - 1e9), str(np.array([0.123456])), decimal.Decimal(1) / 3))
        warnings.warn("careful", stacklevel=1)
        return X + k

    verdict = judge(toy(cases=lambda: [Case((np.ones(2), 3.0))]), answer)
    assert verdict.kind == "wrong"
    assert "Python warned: careful." in repr(verdict)
    assert seen[0][1:] == ("[0.123456]", decimal.Decimal("0." + 28 * "3"))


@pytest.mark.usefixtures("odd_settings")
def test_inputs_are_fetched_where_floating_point_errors_raise():
    checks.exercises.cache_clear()
    for id in UNDERFLOW:
        assert checks.case(id, 0)


def test_a_change_between_two_calls_does_not_reach_the_check():
    """The first call spoils what the check computes with; the verdict is that of the values."""

    def answer(X, k):
        np.seterr(all="raise")
        np.abs = np.asarray = builtins.all = builtins.len = None
        return X * k

    assert judge(toy(), answer).correct
    assert judge(toy(), double).correct


def test_libraries_that_are_not_there_keep_no_verdict_back(monkeypatch):
    for name in ("matplotlib", "scipy", "socket", "json"):
        monkeypatch.setitem(sys.modules, name, None)
    assert judge(toy(), double).correct
