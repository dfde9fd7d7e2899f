"""The NumPy twins of the loops over a batch of states: levels, tables looked up, products."""

from __future__ import annotations

import numpy as np

from damtutor.kernels.reference.dense import pieces

CHUNK = 512  # columns converted to float64 at a time: bounds the extra memory of a product


def products(columns: np.ndarray, values: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """Σ_μ x_iμ values_μ for the spins i of `rows` (None: all), in float64, from int8 `(N, K)` and float64 `(K,)`."""
    total = np.zeros(columns.shape[0] if rows is None else len(rows))
    for start in range(0, columns.shape[1], CHUNK):
        part = slice(start, start + CHUNK)
        chosen = columns[:, part] if rows is None else columns[rows, part]
        total += chosen.astype(np.float64) @ values[part]
    return total


def look_up(table: np.ndarray, level: np.ndarray) -> np.ndarray:
    """table[level] for one row of levels."""
    values = np.empty(level.size, table.dtype)
    for part in pieces(level.size):
        values[part] = table[level[part]]
    return values


def levels(bits, words, size, first, last, out) -> None:
    """t = (M + N)/2, N minus the number of differing spins, of patterns first..last and all states, into `out`.

    Parameters
    ----------
    bits : uint64 `(W, K)`, packed patterns.
    words : uint64 `(B, W)`, packed states.
    size : N.
    out : whole numbers `(B, K)`, written in its columns first..last.
    """
    out[:, first:last] = size
    for part in pieces(last - first):
        for word, line in zip(words.T, bits[:, first:last], strict=True):
            for b in range(len(words)):
                out[b, first:last][part] -= np.bitwise_count(line[part] ^ word[b])


def tally(level, size) -> np.ndarray:
    """How many patterns of each state are at each level: int32 `(B, N+1)` from levels `(B, K)`."""
    counts = np.zeros((len(level), size + 1), np.int32)
    for row, into in zip(level, counts, strict=True):
        for part in pieces(row.size):
            into += np.bincount(row[part], minlength=size + 1).astype(np.int32)
    return counts


def gather(level, numbers, tables, start, stop, first, last, weights, width) -> None:
    """Weights of the patterns start..stop for the states numbers[first:last], and the sums of their sizes.

    Parameters
    ----------
    level : `(B, K)`.
    numbers : int64 `(J,)`, rows of it.
    tables : float32 or float64 `(J, N+1)`, one a chosen state.
    weights : `(J, >= stop - start)`, of the type of the tables; written from its column 0 on.
    width : float64 `(J,)`, receives Σ|weight|, right to rounding.
    """
    for j in range(first, last):
        row = tables[j][level[numbers[j], start:stop]]
        weights[j, : stop - start] = row
        width[j] = np.abs(row).sum(dtype=np.float64)


def heavy(bits, level, table, size) -> np.ndarray:
    """Σ_μ x_iμ table[level_μ] over the few patterns whose entry is not zero, from their bits; float64 `(N,)`."""
    chosen = np.flatnonzero(look_up(table != 0, level))
    total = np.zeros(size)
    for start in range(0, chosen.size, CHUNK):
        part = chosen[start : start + CHUNK]
        spins = np.unpackbits(np.ascontiguousarray(bits[:, part].T).view(np.uint8), axis=1, bitorder="little")
        total += (2.0 * spins[:, :size] - 1).T @ table[level[part]]
    return total
