"""The NumPy twins of the loops of one state: packed bits, one sweep, the bound of a decision in float64."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from damtutor.numerics import underflow_is_zero

UNIT = 2.0**-53  # rounding unit of float64
TINY = 2.0**-1000  # more than every underflow in a table together, far below any table's largest entry
PIECE = 1 << 13  # patterns looked up at a time


def pack(columns: np.ndarray) -> np.ndarray:
    """One bit a spin: uint64 `(ceil(N/64), K)` from int8 `(N, K)`; +1 is a set bit, the rest of the last word is 0."""
    size, count = columns.shape
    words = np.zeros((-(-size // 64), count, 8), np.uint8)
    for w, word in enumerate(words):
        packed = np.packbits(columns[64 * w : 64 * w + 64] > 0, axis=0, bitorder="little")
        word[:, : len(packed)] = packed.T
    return words.view(np.uint64)[..., 0]


def overlaps(bits: np.ndarray, state: np.ndarray) -> np.ndarray:
    """M = X s, exactly: N minus twice the number of places where pattern and state differ.

    Parameters
    ----------
    bits : uint64 `(ceil(N/64), K)`, the patterns as `pack` leaves them.
    state : int8 `(N,)`.

    Returns
    -------
    int32 `(K,)`.
    """
    different = np.zeros(bits.shape[1], np.int32)
    words = np.zeros(8 * len(bits), np.uint8)
    packed = np.packbits(state > 0, bitorder="little")
    words[: packed.size] = packed
    for line, word in zip(bits, words.view(np.uint64), strict=True):
        different += np.bitwise_count(line ^ word)
    return np.int32(state.size) - 2 * different


def pieces(count: int) -> Iterator[slice]:
    """Slices of 0..count, so that what NumPy converts on the way (an index takes 8 bytes) stays small."""
    return (slice(start, min(start + PIECE, count)) for start in range(0, count, PIECE))


def error_bound(count: int, size: float, exact: bool) -> float:
    """How far the computed 2D can be from the true one.

    With A = Σ_μ |F(M_μ+2)| + 2 |F(M_μ)| + |F(M_μ-2)| (the sum of the spread table) and u = 2**-53: values of F are
    right to 2u, so gain carries at most 3u A and bend 4u A; each of the two sums, in any order, adds K u A
    (Higham 2002, section 4.2); the last difference 2u A. Together less than 2 (K + 8) u A; underflow adds K TINY.

    Parameters
    ----------
    count : number of terms K.
    size : A.
    exact : True where every partial sum is an integer below 2^53 in the table's unit: then there is no error.
    """
    return 0.0 if exact else 2 * (count + 8) * UNIT * size + count * TINY


@underflow_is_zero
def sweep(columns, state, overlap, visit, gain, bend, spread, exact, most):
    """Decide the spins of `visit` one after the other, and flip those that gain; stop at the first doubtful one.

    Parameters
    ----------
    columns : int8 `(N, K)`, read only.
    state : int8 `(N,)`, changed in place.
    overlap : int32 `(K,)`, kept equal to X s in place.
    visit : int64 `(L,)`, the spins in the order of their decisions.
    gain, bend : float64 `(N+1,)`, tables over t = (M + N)/2.
    spread : float64 `(N+1,)`, |F(M+2)| + 2|F(M)| + |F(M-2)|, the scale of the rounding error.
    exact : True where float64 sums of these tables are exact integers (times one power of two).
    most : int, flips after which to return, for tables that hold near the present overlaps only.

    Returns
    -------
    done : int, number of decisions made. If less than L with fewer than `most` flips, spin visit[done] could not be
        decided in floating point: the caller settles it in exact arithmetic and calls again with the rest.
    flipped : int64 `(flips,)`, the spins that were flipped, in order.
    """
    size = columns.shape[0]
    flipped = []
    fresh = True
    done = len(visit)
    for step, i in enumerate(visit):
        if fresh:
            index = (overlap + size) >> 1
            c, curvature = gain[index], bend[index].sum()
            bound = error_bound(len(overlap), spread[index].sum(), exact)
            fresh = False
        twice = columns[i] @ c - state[i] * curvature
        if abs(twice) <= bound and not (exact and twice == 0.0):
            done = step
            break
        if twice * state[i] < 0:
            flip(columns, state, overlap, i)
            flipped.append(i)
            fresh = True
            if len(flipped) == most:
                done = step + 1
                break
    return done, np.array(flipped, dtype=np.int64)


def flip(columns, state, overlap, i) -> None:
    """Turn spin i over, in place: O(K)."""
    state[i] = -state[i]
    np.add(overlap, 2 * int(state[i]) * columns[i].astype(np.int32), out=overlap)
