"""Time of each table and figure that `damtutor reproduce` makes, quick and full, on two cores, from an empty store."""

from __future__ import annotations

import tempfile

from frontier import machine
from tables import clock

from damtutor.reproduce.items import ITEMS
from damtutor.reproduce.run import reproduce, verdicts

QUICK, FULL = 60, 3600  # seconds: for any item, and for all of them


def report() -> None:
    """Print both times of each item and what its rows say in the full run."""
    print(f"{machine()}\n{'item':<16} {'quick':>7} {'full':>8}  rows of the full run")
    total, slowest = 0.0, 0.0
    for name in ITEMS:
        found = []

        def run(full, name=name, found=found):
            with tempfile.TemporaryDirectory() as folder:
                found.append(reproduce(name, full=full, jobs=2, out=folder, say=str))

        quick, full = (clock(lambda f=full: run(f)) for full in (False, True))
        total, slowest = total + full, max(slowest, quick)
        print(f"{name:<16} {quick:>5.0f} s {full:>6.0f} s  {verdicts(found[1].rows)}", flush=True)
    print(f"slowest quick {slowest:.0f} s (budget {QUICK}), all full {total / 60:.0f} min (budget {FULL // 60})")
