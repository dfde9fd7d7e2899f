"""The compiled sweep under attack (numba): same name, arguments and decisions as the twin in `reference.attacked`.

One decision is one product of K terms with weights that change with every flip. All sums are whole numbers in
float64 by the caller's choice of tables, hence no order of a sum can change a decision.
"""

from __future__ import annotations

import numpy as np

from damtutor.kernels.compiled.jit import jit

LOOSE = {"reassoc", "contract", "nsz"}
i32, i64 = np.int32, np.int64


@jit(nogil=True)
def sweep_attacked(columns, state, overlap, visit, steps, choices, target, spare, gain, bend):
    """One sweep with attacks between its decisions; see `reference.attacked.sweep_attacked`."""
    weights = np.empty(overlap.size)
    flipped = np.empty(steps.size, i64)
    count, damage, attack = 0, 0, 0
    curve, fresh = 0.0, True
    for step in range(visit.size):
        while attack < steps.size and steps[attack] == step:
            i = attacked_spin(state, target, choices[attack], spare)
            attack += 1
            if i >= 0:
                damage += state[i] == target[i]
                flip(columns, state, overlap, i)
                flipped[count] = i
                count += 1
                fresh = True
        if fresh:
            curve = weigh(overlap, state.size, gain, bend, weights)
            fresh = False
        i = visit[step]
        if (product(columns[i], weights) - state[i] * curve) * state[i] < 0:
            flip(columns, state, overlap, i)
            fresh = True
    return flipped[:count].copy(), damage


@jit(nogil=True)
def attacked_spin(state, target, choice, spare):
    """The spin that an attack flips, or -1 where it may flip none."""
    if not spare:
        return choice % state.size
    right = 0
    for i in range(state.size):
        right += state[i] == target[i]
    if right == 0:
        return i64(-1)
    rank = choice % right
    for i in range(state.size):
        if state[i] == target[i]:
            if rank == 0:
                return i64(i)
            rank -= 1
    return i64(-1)


@jit(nogil=True)
def flip(columns, state, overlap, i):
    """Flip spin i, in place."""
    state[i] = -state[i]
    by, row = i32(2 * state[i]), columns[i]
    for k in range(overlap.size):
        overlap[k] += i32(by * i32(row[k]))


@jit(nogil=True, fastmath=LOOSE)
def weigh(overlap, size, gain, bend, weights):
    """gain of every overlap into `weights`; returns the sum of bend."""
    curve = 0.0
    for k in range(overlap.size):
        level = (overlap[k] + size) >> 1
        weights[k] = gain[level]
        curve += bend[level]
    return curve


@jit(nogil=True, fastmath=LOOSE)
def product(row, weights):
    """Σ_k row_k weights_k."""
    total = 0.0
    for k in range(weights.size):
        total += row[k] * weights[k]
    return total
