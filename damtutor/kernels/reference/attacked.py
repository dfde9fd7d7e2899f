"""The NumPy twin of the sweep under attack (`compiled.attacked`): same names, same arguments, same decisions."""

from __future__ import annotations

import numpy as np


def sweep_attacked(columns, state, overlap, visit, steps, choices, target, spare, gain, bend):
    """Decide the spins of `visit` one after the other, while an adversary flips spins between the decisions.

    Parameters
    ----------
    columns : int8 `(N, K)`, read only.
    state : int8 `(N,)`, changed in place.
    overlap : int32 `(K,)`, kept equal to X s in place.
    visit : int64 `(L,)`, the spins in the order of their decisions.
    steps : int64 `(H,)`, rising, repeats allowed: attack h comes before decision steps[h], 0 <= steps[h] < L.
    choices : int64 `(H,)`, >= 0: which spin an attack flips, choices[h] modulo N.
    target : int8 `(N,)`, what a right spin is.
    spare : True flips right spins only: the one of rank choices[h] modulo their number; none where none is left.
    gain, bend : float64 `(N+1,)`, tables over t = (M + N)/2 whose sums over K patterns are exact (`reference` has
        them). A field of exactly zero keeps its spin.

    Returns
    -------
    flipped : int64, the spins that the adversary flipped, in order.
    damage : int, how many of them were right before.
    """
    size = len(state)
    flipped, damage, attack = [], 0, 0
    fresh = True
    for step, i in enumerate(visit):
        while attack < len(steps) and steps[attack] == step:
            allowed = np.flatnonzero(state == target) if spare else np.arange(size)
            if len(allowed):
                flipped.append(int(allowed[choices[attack] % len(allowed)]))
                damage += int(state[flipped[-1]] == target[flipped[-1]])
                _flip(columns, state, overlap, flipped[-1])
                fresh = True
            attack += 1
        if fresh:
            level = (overlap + size) >> 1
            weights, curve = gain[level], bend[level].sum()
            fresh = False
        if (columns[i] @ weights - state[i] * curve) * state[i] < 0:
            _flip(columns, state, overlap, i)
            fresh = True
    return np.array(flipped, dtype=np.int64), damage


def _flip(columns, state, overlap, i):
    state[i] = -state[i]
    overlap += 2 * int(state[i]) * columns[i].astype(np.int32)
