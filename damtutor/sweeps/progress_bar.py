"""How far a sweep is, on stderr: a bar in a terminal, a line now and then elsewhere, nothing if nobody asked."""

from __future__ import annotations

import sys
import time
from typing import Any

from damtutor.output import say

EVERY = 30.0  # seconds between two lines


class ProgressBar:
    """A context that counts finished trials.

    Parameters
    ----------
    asked : False shows nothing.
    total : trials of the sweep.
    left : those that are not in the store.
    """

    def __init__(self, asked: bool, total: int, left: int):
        self._asked, self._total, self._done = asked, total, total - left
        self._first, self._bar = self._done, None

    def __enter__(self) -> ProgressBar:
        self._began = self._said = time.monotonic()
        if self._asked:
            if self._done:
                say(f"{self._done} of {self._total} trials were finished before", "stderr")
            if _is_terminal(sys.stderr):
                from tqdm import tqdm

                self._bar = tqdm(
                    total=self._total, initial=self._done, unit="trial", file=sys.stderr, dynamic_ncols=True
                )
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._asked:
            self._say()

    def update(self, count: int) -> None:
        """`count` more trials are finished."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif self._asked and time.monotonic() - self._said >= EVERY:
            self._say()

    def _say(self) -> None:
        from tqdm import tqdm

        self._said = time.monotonic()
        spent = self._said - self._began
        line = tqdm.format_meter(
            self._done,
            self._total,
            spent,
            initial=self._first,
            unit="trial",
            bar_format="{n_fmt} of {total_fmt} trials, {elapsed} gone, {remaining} left",
        )
        say(line, "stderr", flush=True)


def _is_terminal(stream: Any) -> bool:
    """Whether somebody looks on; there may be no stream, or a closed one."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
