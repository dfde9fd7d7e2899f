"""The NumPy twin of the sweep over pair couplings (`pairs`): same name, same arguments, same decisions."""

from __future__ import annotations

import numpy as np


def sweep_pairs(couplings, state, local, visit, threshold):
    """Decide the spins of `visit` one after the other: +1 above its threshold, -1 below, unchanged at it.

    Parameters
    ----------
    couplings : float32 or float64 `(N, N)`, symmetric, read only; sums of its entries must be exact in its dtype.
    state : int8 `(N,)`, changed in place.
    local : `(N,)` of the dtype of `couplings`, W s + b, kept equal to it in place: O(N) a flip.
    visit : int64 `(L,)`, the spins in the order of their decisions, each at most once.
    threshold : float64 `(N,)`: one for each spin, in the unit of `local`; zeros at temperature 0.

    Returns
    -------
    flipped : int64 `(flips,)`, in order. fields : the local field of each flipped spin when it was decided.
    """
    flipped, fields = [], []
    local_now, at = local[visit], threshold[visit]
    rest = visit
    while len(rest):
        # Nothing changes before the next flip, so all decisions up to it can be made at once.
        wrong = (local_now - at) * state[rest] < 0
        step = int(wrong.argmax())
        if not wrong[step]:
            break
        i = rest[step]
        flipped.append(i)
        fields.append(local_now[step])
        state[i] = -state[i]
        local += (2 * state[i]) * couplings[i]
        rest, at = rest[step + 1 :], at[step + 1 :]
        local_now = local[rest]
    return np.array(flipped, dtype=np.int64), np.array(fields, dtype=local.dtype)
