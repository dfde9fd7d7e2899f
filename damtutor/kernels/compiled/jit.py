"""numba's `njit`, whose code is kept on the disk where that is possible and in memory where it is not.

numba's own `cache=True` raises where no folder may be written (a read-only home beside a package that belongs to
root), and where a kept file cannot be read or the disk is full. A loop that is not kept is compiled again by every
process: that costs seconds, and changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from numba import config, njit

unkept: list[str] = []  # why loops are not kept on the disk, each reason once


class Kept:
    """A loop's files on the disk; whatever goes wrong with them, the loop is compiled instead."""

    def __init__(self, files: Any):
        self._files = files

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)

    def load_overload(self, *arguments: Any) -> Any:
        """The compiled loop for these types, or None."""
        try:
            return self._files.load_overload(*arguments)
        except Exception as error:  # a file cut short may fail in any way that unpickling knows
            _note(error)
            return None

    def save_overload(self, *arguments: Any) -> None:
        """Keep the compiled loop, if that is possible."""
        try:
            self._files.save_overload(*arguments)
        except OSError as error:
            _note(error)


def jit(**options: Any) -> Callable:
    """A decorator like `njit(cache=True, **options)` that needs no place to write."""

    def decorate(function):
        loop = njit(**options)(function)
        if not hasattr(loop, "enable_caching"):  # NUMBA_DISABLE_JIT
            return loop
        try:
            if not _has_place():
                raise RuntimeError("there is no home folder")
            loop.enable_caching()
            loop._cache = Kept(loop._cache)
        except (RuntimeError, OSError) as error:
            _note(error)
        return loop

    return decorate


def _has_place() -> bool:
    """False where numba would take "~", which stands for no folder here, as a folder's name."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~")
    return bool(config.CACHE_DIR) or os.path.isabs(cache)


def _note(error) -> None:
    no_place = isinstance(error, RuntimeError)
    reason = "no folder for them can be written" if no_place else f"{type(error).__name__}: {error}"
    if reason not in unkept:
        unkept.append(reason)
