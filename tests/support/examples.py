"""The examples in docstrings: that they show what they say, and which public names have none."""

from __future__ import annotations

import doctest
from types import ModuleType


def without_example(module: ModuleType) -> set[str]:
    """Assert that every example of a module runs as written; the public names, last part only, that have none."""
    assert doctest.testmod(module).failed == 0
    tests = {test.name: test.examples for test in doctest.DocTestFinder().find(module)}
    public = [name for name in tests if not any(part.startswith("_") for part in name.split(".")[2:])]
    return {name.rpartition(".")[2] for name in public if not tests[name]}
