"""The compiled kernels (numba): same names, arguments and decisions as the twins in `reference`."""

from damtutor.kernels.compiled.attacked import sweep_attacked
from damtutor.kernels.compiled.batch import gather, heavy, levels, products, tally
from damtutor.kernels.compiled.dense import overlaps, sweep
from damtutor.kernels.compiled.pairs import agreements, superpose, sweep_pairs
from damtutor.kernels.reference import flip, pack

__all__ = [
    "agreements", "flip", "gather", "heavy", "levels", "overlaps", "pack", "products", "superpose", "sweep",
    "sweep_attacked", "sweep_pairs", "tally",
]  # fmt: skip

NOGIL = True  # the loops of a batch let go of Python's lock
