"""The compiled sweep over pair couplings (numba); see its twin in `reference_pairs`.

Symmetric couplings: column i of W is row i, so a flip adds one contiguous row to all local fields. All sums are exact
by the caller's choice of couplings, hence vector code and fused operations cannot change a decision.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def sweep_pairs(couplings, state, local, visit, threshold):
    """Decide the spins of `visit` in turn; see `reference_pairs.sweep_pairs` for arguments and result."""
    flipped, fields = np.empty(visit.size, np.int64), np.empty(visit.size, local.dtype)
    flips = 0
    for i in visit:
        field = local[i]
        if (state[i] < 0 and field > threshold[i]) or (state[i] > 0 and field < threshold[i]):
            state[i] = -state[i]
            flipped[flips] = i
            fields[flips] = field
            flips += 1
            turn = local.dtype.type(2 * state[i])
            row = couplings[i]
            for j in range(local.size):
                local[j] += turn * row[j]
    return flipped[:flips].copy(), fields[:flips].copy()
