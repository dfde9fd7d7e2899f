"""Our models against the same work in plain NumPy, on one core and on two; nothing is installed."""

from __future__ import annotations

import sys

from topics import launch


def report() -> None:
    """Print the tables."""
    for threads in (1, 2):
        launch(sys.executable, threads, "models")
