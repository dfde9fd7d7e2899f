"""What the course costs, beside its budgets: `make bench`, or `python benchmarks/run.py` and names of parts.

peers : our models against other packages, which the first run installs into _build/peers (about 2 GB).
models : our models against plain NumPy. sweeps : the asynchronous sweep against memory. flows : trajectories in
continuous time. diffusion : its tables and one network. design : completed digits. frontier : theory of dynamics and
guarantees, and the sweep engine. papers : every table that `damtutor reproduce` makes. budgets : times and sizes.
Speeds are ratios within one run, medians of paired measurements: another machine has other seconds. One core, and
two for what is mostly matrix products.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

PARTS = ("peers", "models", "sweeps", "flows", "diffusion", "design", "frontier", "papers", "budgets")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main(names: list[str]) -> int:
    """Run the named parts, all by default; 2 for a name that is none."""
    if unknown := set(names) - set(PARTS):
        print(f"unknown: {', '.join(sorted(unknown))}; expected {', '.join(PARTS)}")
        return 2
    os.environ.update(dict.fromkeys(THREADS, "1"))  # one core, for NumPy too; the parts load NumPy after this
    for name in names or PARTS:
        import_module(name).report()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
