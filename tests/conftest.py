"""Fixtures that the tests share."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

NUMBERS = ("kernels", "learning", "models", "statistics", "theory", "test_numerics.py", "test_seeds.py", "test_text.py")
ROOT = Path(__file__).resolve().parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> object:
    """A test marked `untraced` runs without coverage's trace function, which what it tests replaces or interrupts.

    Limits of answers use the interpreter's one trace function too, and a limit that strikes while coverage holds its
    lock leaves it locked for ever.
    """
    if not item.get_closest_marker("untraced"):
        return (yield)
    here, threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(here)
        threading.settrace(threads)


@pytest.fixture(autouse=True)
def own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes a person's record of solved exercises."""
    if "DAMTUTOR_RECORD" not in os.environ:
        monkeypatch.setenv("DAMTUTOR_RECORD", str(tmp_path / "record.json"))


@pytest.fixture(autouse=True)
def strict_numbers(request: pytest.FixtureRequest) -> Iterator[None]:
    """What computes does so under the strictest floating-point error state that a caller can set."""
    strict = request.path.relative_to(ROOT / "tests").parts[0] in NUMBERS
    with np.errstate(all="raise") if strict else contextlib.nullcontext():
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """A headless Chromium; skipped, or failed when CI=true, where there is none."""
    from browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def firefox() -> Iterator:
    """A headless Firefox; skipped, or failed when CI=true, where something is missing that it needs."""
    from engines import firefox

    with firefox() as started:
        yield started


@pytest.fixture(scope="session", params=["node", pytest.param("firefox", marks=pytest.mark.browser)])
def answers(request: pytest.FixtureRequest) -> Callable:
    """`answers(module, data)`: what a module of tests/support/js makes of data, in one engine and then in another."""
    from engines import by_node

    return by_node if request.param == "node" else request.getfixturevalue("firefox").answers


@pytest.fixture(scope="session")
def root() -> Path:
    """Root of the project."""
    return ROOT
