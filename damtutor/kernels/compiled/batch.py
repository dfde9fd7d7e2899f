"""The compiled kernels of a batch (numba): same names, arguments and decisions as the twins in `reference`."""

from __future__ import annotations

import numpy as np

from damtutor.kernels.compiled.jit import jit
from damtutor.kernels.compiled.simd import ones

PIECE = 256  # patterns whose counts stay in the nearest cache while all states pass over them
LOOSE = {"reassoc", "contract", "nsz"}  # any order of a sum: every bound is true of every order


@jit(nogil=True)
def levels(bits, words, size, first, last, out):
    """Levels of patterns first..last into `out`; see `reference.levels`."""
    different = np.empty(PIECE, np.uint64)
    lines = words.shape[1]
    for start in range(first, last, PIECE):
        stop = min(start + PIECE, last)
        n = stop - start
        for b in range(words.shape[0]):
            different[:] = 0
            w = 0
            while w + 4 <= lines:  # four words a pass over the counts
                p, q, r, s = words[b, w], words[b, w + 1], words[b, w + 2], words[b, w + 3]
                one, two = bits[w, start:stop], bits[w + 1, start:stop]
                three, four = bits[w + 2, start:stop], bits[w + 3, start:stop]
                for k in range(n):
                    different[k] += ones(one[k] ^ p) + ones(two[k] ^ q) + ones(three[k] ^ r) + ones(four[k] ^ s)
                w += 4
            while w < lines:
                p, one = words[b, w], bits[w, start:stop]
                for k in range(n):
                    different[k] += ones(one[k] ^ p)
                w += 1
            row = out[b, start:stop]
            for k in range(n):
                row[k] = size - np.int64(different[k])


@jit(nogil=True)
def tally(level, size):
    """How many patterns are at each level; see `reference.tally`."""
    counts = np.zeros((level.shape[0], size + 1), np.int32)
    for b in range(level.shape[0]):
        for k in range(level.shape[1]):
            counts[b, level[b, k]] += 1
    return counts


@jit(nogil=True, fastmath=LOOSE)
def gather(level, numbers, tables, start, stop, first, last, weights, width):
    """Weights of one chunk of patterns and their sizes; see `reference.gather`."""
    for j in range(first, last):
        table, at, out = tables[j], level[numbers[j], start:stop], weights[j]
        total = 0.0
        for k in range(at.size):
            value = table[at[k]]
            out[k] = value
            total += np.float64(abs(value))
        width[j] = total


@jit(nogil=True)
def heavy(bits, level, table, size):
    """Σ x value over the patterns whose table entry is not zero; see `reference.heavy`."""
    total = np.zeros(size)
    for k in range(level.size):
        value = table[level[k]]
        if value != 0.0:
            for w in range(bits.shape[0]):
                word = bits[w, k]
                part = total[64 * w : min(64 * w + 64, size)]
                for i in range(part.size):
                    part[i] += value if (word >> np.uint64(i)) & np.uint64(1) else -value
    return total


def products(columns, values, rows=None):
    """Σ_μ x_iμ values_μ for the spins `rows`; see `reference.products`."""
    rows = np.arange(columns.shape[0]) if rows is None else rows
    total = np.empty(len(rows))
    _products(columns, values, rows, total)
    return total


@jit(nogil=True, fastmath=LOOSE)
def _products(columns, values, rows, total):
    for r in range(rows.size):
        line = columns[rows[r]]
        result = 0.0
        for k in range(values.size):
            result += line[k] * values[k]
        total[r] = result
