"""The NumPy twins of the compiled kernels: same names, same arguments, same decisions.

They are the definition of what a kernel does, the path taken where numba is absent, and what the exercise
checks call, so that no compilation falls into a learner's second.

The identity behind all of them (K patterns of ±1 with overlaps M = X s, spin i, pattern column x_i):

    D_i = E(s_i = -1) - E(s_i = +1) = ½ ( Σ_μ x_iμ gain(M_μ) - s_i Σ_μ bend(M_μ) )

with gain(M) = F(M+2) - F(M-2) and bend(M) = F(M+2) - 2 F(M) + F(M-2). Split μ by the sign of x_iμ s_i to see it.
The two approximate update rules have the same shape with other tables, so a kernel never knows which of them or which
F it runs: it sees tables over t = (M + N)/2 = 0..N.
"""

from damtutor.kernels.reference.attacked import sweep_attacked
from damtutor.kernels.reference.batch import gather, heavy, levels, look_up, products, tally
from damtutor.kernels.reference.dense import TINY, UNIT, error_bound, flip, overlaps, pack, pieces, sweep
from damtutor.kernels.reference.pairs import agreements, superpose, sweep_pairs

__all__ = [
    "TINY", "UNIT", "agreements", "error_bound", "flip", "gather", "heavy", "levels", "look_up", "overlaps", "pack",
    "pieces", "products", "superpose", "sweep", "sweep_attacked", "sweep_pairs", "tally",
]  # fmt: skip

NOGIL = False  # these run under Python's lock: threads would only wait
