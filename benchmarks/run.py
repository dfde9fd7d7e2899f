"""What the course costs, beside its budgets: `make bench`, or `python benchmarks/run.py` and names of parts.

Speeds are ratios within one run, medians of paired measurements: another machine has other seconds. One core, and
two for what is mostly matrix products.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

PARTS = {
    "peers": "our models against other packages, which the first run installs into _build/peers (about 2 GB)",
    "models": "our models against plain NumPy",
    "sweeps": "the asynchronous sweep against memory",
    "flows": "trajectories in continuous time",
    "diffusion": "tables and one network of the diffusion chapter",
    "design": "completed digits",
    "frontier": "theory of dynamics and guarantees, and the sweep engine",
    "papers": "every table that `damtutor reproduce` makes",
    "budgets": "times and sizes",
}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: list[str]) -> int:
    """Run the named parts, all by default; 2 for a name that is none."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="\n".join(["parts:", *(f"  {name:<10} {what}" for name, what in PARTS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="what is measured, all by default")
    names = parser.parse_args(arguments).parts
    if unknown := set(names) - set(PARTS):
        print(f"unknown: {', '.join(sorted(unknown))}; expected {', '.join(PARTS)}")
        return 2
    os.environ.update(dict.fromkeys(THREADS, "1"))  # one core, for NumPy too; the parts load NumPy after this
    for name in names or PARTS:
        import_module(name).report()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
