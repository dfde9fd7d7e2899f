"""The NumPy twins of the loops over pair couplings (`compiled.pairs`): same names, same arguments, same decisions."""

from __future__ import annotations

import numpy as np


def agreements(patterns):
    """XᵀX of int8 `(K, N)`, K N < 2^24 and K < 2^15: int16 `(N, N)`, K on the diagonal."""
    floats = patterns.astype(np.float32)
    return (floats.T @ floats).astype(np.int16)


def superpose(patterns, overlap, state, taken):
    """Xᵀ M - taken s: int32 `(N,)`, the local fields whose couplings are XᵀX less `taken` on the diagonal.

    Parameters
    ----------
    patterns : int8 `(K, N)`, K N < 2^24.
    overlap : M, int32 `(K,)`.
    state : int8 `(N,)`.
    taken : int, at most K.
    """
    return (overlap.astype(np.float32) @ patterns.astype(np.float32)).astype(np.int32) - np.int32(taken) * state


def sweep_pairs(couplings, state, local, visit, threshold, scale):
    """Decide the spins of `visit` one after the other: +1 above its threshold, -1 below, unchanged at it.

    Parameters
    ----------
    couplings : int16, float32 or float64 `(N, N)`, symmetric, read only; twice an entry must be in its dtype.
    state : int8 `(N,)`, changed in place.
    local : `(N,)`, W s + b, kept equal to it in place: O(N) a flip. int32 for int16 couplings, else of their dtype;
        sums of couplings must be exact in it.
    visit : int64 `(L,)`, the spins in the order of their decisions, each at most once.
    threshold : float64 `(N,)`: one for each spin, in the unit of `local`; zeros at temperature 0.
    scale : float, a power of two: couplings and fields times `scale` are whole numbers below 2^53.

    Returns
    -------
    flipped : int64 `(flips,)`, in order.
    rises : int64 `(flips,)`, the change of 2E by each, in units of 1/scale: -4 (s_i h_i + W_ii), s_i the new spin, h_i
        the field that it met.
    rest : True if another sweep with the same thresholds would flip nothing, whatever its order.
    """
    flipped, rises = [], []
    local_now, at = local[visit], threshold[visit]
    left = visit
    while len(left):
        # Nothing changes before the next flip, so all decisions up to it can be made at once.
        wrong = _wrong(local_now, at, state[left])
        step = int(wrong.argmax())
        if not wrong[step]:
            break
        i = left[step]
        state[i] = -state[i]
        flipped.append(i)
        rises.append(-4 * (int(state[i]) * int(local_now[step] * scale) + int(couplings[i, i] * scale)))
        local += (2 * state[i]) * couplings[i]
        left, at = left[step + 1 :], at[step + 1 :]
        local_now = local[left]
    rest = not _wrong(local, threshold, state).any()
    return np.array(flipped, dtype=np.int64), np.array(rises, dtype=np.int64), rest


def _wrong(local, threshold, state):
    return (local - threshold) * state < 0
