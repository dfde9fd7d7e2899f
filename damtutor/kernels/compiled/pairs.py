"""The compiled loops over pair couplings (numba); see their twins in `reference.pairs`.

Symmetric couplings: column i of W is row i, so a flip adds one contiguous row to all local fields. All sums are exact
by the caller's choice of couplings, hence vector code and fused operations cannot change a decision.
"""

from __future__ import annotations

import numpy as np

from damtutor.kernels.compiled.jit import jit
from damtutor.kernels.compiled.simd import ones16

SHORT, GROUP = 16, 4  # patterns in one word; words compared in one go
i32, i64, u16 = np.int32, np.int64, np.uint16


@jit(nogil=True)
def agreements(patterns):
    """XᵀX as int16; see `reference.pairs.agreements`. Two spins agree where the bits of their patterns do."""
    count, size = patterns.shape
    words = -(-count // (SHORT * GROUP)) * GROUP
    bits = np.zeros((words, size), u16)
    for k in range(count):
        word, place = bits[k // SHORT], u16(k % SHORT)
        for i in range(size):
            word[i] = u16(word[i] | u16(u16(patterns[k, i] > 0) << place))
    counts = np.empty((size, size), np.int16)
    for i in range(size):
        row = counts[i]
        for w in range(0, words, GROUP):
            a, b, c, d = bits[w], bits[w + 1], bits[w + 2], bits[w + 3]
            p, q, r, s = a[i], b[i], c[i], d[i]
            # +1 less twice the differences, so far; the first group starts from K
            for j in range(size):
                differ = u16(ones16(u16(a[j] ^ p)) + ones16(u16(b[j] ^ q)))
                differ = u16(differ + u16(ones16(u16(c[j] ^ r)) + ones16(u16(d[j] ^ s))))
                row[j] = np.int16((np.int16(count) if w == 0 else row[j]) - np.int16(2 * differ))
    return counts


@jit(nogil=True)
def superpose(patterns, overlap, state, taken):
    """Xᵀ M - taken s; see `reference.pairs.superpose`. Four patterns share one pass over the sums."""
    count, size = patterns.shape
    result = np.empty(size, i32)
    for i in range(size):
        result[i] = -i32(i32(taken) * i32(state[i]))
    body = count - count % GROUP
    for k in range(0, body, GROUP):
        a, b, c, d = patterns[k], patterns[k + 1], patterns[k + 2], patterns[k + 3]
        p, q, r, s = overlap[k], overlap[k + 1], overlap[k + 2], overlap[k + 3]
        for i in range(size):
            pair = i32(i32(p * i32(a[i])) + i32(q * i32(b[i])))
            result[i] += i32(pair + i32(i32(r * i32(c[i])) + i32(s * i32(d[i]))))
    for k in range(body, count):
        for i in range(size):
            result[i] += i32(overlap[k] * i32(patterns[k, i]))
    return result


@jit(nogil=True)
def sweep_pairs(couplings, state, local, visit, threshold, scale):
    """Decide the spins of `visit` in turn; see `reference.pairs.sweep_pairs` for arguments and result."""
    flipped, rises = np.empty(visit.size, i64), np.empty(visit.size, i64)
    flips = 0
    for i in visit:
        field = local[i]
        # No short cut between the four comparisons: the processor cannot guess the sign of a spin
        if ((state[i] < 0) & (field > threshold[i])) | ((state[i] > 0) & (field < threshold[i])):
            state[i] = -state[i]
            row = couplings[i]
            flipped[flips] = i
            rises[flips] = -4 * (state[i] * i64(field * scale) + i64(row[i] * scale))
            flips += 1
            turn = local.dtype.type(2 * state[i])
            for j in range(local.size):
                local[j] += turn * local.dtype.type(row[j])
    wrong = 0
    for j in range(local.size):
        wrong += ((state[j] < 0) & (local[j] > threshold[j])) | ((state[j] > 0) & (local[j] < threshold[j]))
    return flipped[:flips].copy(), rises[:flips].copy(), wrong == 0
