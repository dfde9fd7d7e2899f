"""All spins of a batch of states decided at once: one matrix product in float32, every sign exact all the same.

2D = c(H) X - S Σd for B states S over K patterns X (`reference` has the identity): the overlaps H come from packed
bits, the weights c by table, and the one product left goes through K in chunks, so that neither a (B, K, N) array nor
the patterns in floating point ever exist. Three rungs decide:

1. float32 or few patterns, with a proved bound. Let u = 2^-24, and w the weights: the table times a power of two that
   brings the largest used entry near 2^100, rounded to float32. Products with ±1 are exact, a sum of L terms in any
   order is wrong by at most L u/(1 - L u) Σ|w| (Higham 2002, section 4.2), and the rounding of the table by
   u/(1 - u) Σ|w|. Sums of floats do not underflow unless small numbers are flushed to zero; 2^-125 a term covers that,
   and the rounding of an entry below 2^-126. So a chunk is wrong by less than 1.01 (L + 2) u Σ|w| + L 2^-125
   for L <= 2^16. It is exactly right where the table is whole numbers of a power of two, the grain, and
   Σ|w| < 2^24 grains: low powers with no second rung. Where F is so steep that few patterns count ("heavy"), these are
   summed in float64, and the bound is the sum of what was dropped. `reference.error_bound` adds the float64 part.
2. float64, for the spins within the bound.
3. Whole numbers, for what is left: the caller's (`DOUBT`).

No decision depends on the order of a sum, hence none on threads or the processor.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from damtutor.kernels.reference import error_bound, look_up
from damtutor.numerics import underflow_is_zero

DOUBT = 2  # a sign that floating point could not tell
SINGLE = 2.0**-24  # rounding unit of float32
PEAK = 100  # exponent of the largest float32 weight: 2^16 of them stay finite
FEWER = 1 / 16  # share of the patterns below which "heavy" ones are summed one by one
DROPPED = 2.0**-24  # of the largest weight: what all dropped patterns may sum to
CHUNK = 512  # patterns a product, at most: more is no faster and makes the bound wider
STATE = 56  # bytes a state and neuron: tables and sums
ROW = 12  # bytes a pattern: the one state that is looked at in float64
SMALL = 1 << 22  # bytes that a call may always take
THREADED = 1 << 28  # pairs of spins below which threads cost more than they bring


class Weights(NamedTuple):
    """What F and the update rule mean for B states: the rows of the tables, and which row each state uses.

    Attributes
    ----------
    gain, bend, spread : float64 `(R, N+1)`, the tables of `reference`.
    row : int `(B,)`, the row of the tables that a state uses.
    grain : power of two of which every gain is a whole multiple, without rounding; 0 where there is none.
    exact : True where float64 sums over all patterns are exact.
    """

    gain: np.ndarray
    bend: np.ndarray
    spread: np.ndarray
    row: np.ndarray
    grain: float
    exact: bool


def plan(size: int, count: int, itemsize: int = 4) -> tuple[int, int]:
    """States and patterns to take at a time, so that all temporary arrays stay below half of the patterns' bytes.

    At most half of that is a chunk of patterns in floating point; states take the rest: levels, weights, sums, tables.
    """
    half = max(size * count // 2, SMALL) - ROW * count
    chunk = max(1, min(count, CHUNK, half // 2 // (itemsize * size)))
    one = count * np.dtype(level_type(size)).itemsize + STATE * (size + 1) + 2 * itemsize * chunk
    return max(1, int(half - itemsize * size * chunk) // one), chunk


def blocks(rows: int, size: int, count: int, itemsize: int = 4) -> list[slice]:
    """`rows` states in the fewest blocks that `plan` allows, of nearly equal length."""
    number = -(-rows // plan(size, count, itemsize)[0])
    cuts = [rows * k // number for k in range(number + 1)]
    return [slice(*pair) for pair in pairwise(cuts)]


def grain_of(table: np.ndarray) -> float:
    """Largest power of two of which every entry is a whole multiple; 1 for a table of zeros."""
    mantissa, exponent = np.frexp(table[table != 0])
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    return float(np.ldexp(1.0, int((np.frexp((whole & -whole).astype(float))[1] - 54 + exponent).min(initial=1))))


def level_type(size: int) -> type:
    """Smallest type for levels t = (M + N)/2 = 0..N."""
    return np.uint16 if size < 1 << 16 else np.int32


def levels(kernels: ModuleType, bits: np.ndarray, states: np.ndarray, kind: Any) -> np.ndarray:
    """t = (M + N)/2 of every state and pattern, `(B, K)` of type `kind`, from packed patterns."""
    words = np.ascontiguousarray(kernels.pack(np.ascontiguousarray(states.T)).T)
    out = np.empty((len(states), bits.shape[1]), kind)
    with crew(kernels, out.size * states.shape[1]) as share:
        share(lambda first, last: kernels.levels(bits, words, states.shape[1], first, last, out), bits.shape[1])
    return out


@contextmanager
def crew(kernels: ModuleType, work: int) -> Iterator[Callable]:
    """`share(job, length)` runs job(first, last) over 0..length: in threads where kernels let go of Python's lock."""
    hands = workers() if kernels.NOGIL and work >= THREADED else 1
    if hands == 1:
        yield lambda job, length: job(0, length)
        return

    def share(job, length):
        cuts = [length * k // hands for k in range(hands + 1)]
        list(pool.map(job, cuts[:-1], cuts[1:]))

    with ThreadPoolExecutor(hands) as pool:
        yield share


def workers() -> int:
    """Threads to use: the processors this process may run on, or fewer where OpenBLAS is told to use fewer."""
    given = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or ""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, int(given)) if given.isdigit() and int(given) else allowed


def sums(kernels, columns, level, numbers, tables, chunk, grains):
    """Σ_μ x_iμ tables[b, level_bμ] for every spin of the states `numbers`, in the type of the tables a chunk.

    Returns
    -------
    total : float64 `(B, N)`.
    error : float64 `(B,)`, the bound of the text above; meant for float32.
    """
    (size, count), batch = columns.shape, len(numbers)
    part = np.empty((size, chunk), tables.dtype)
    weights = np.empty((batch, chunk), tables.dtype)
    total, error, width = np.zeros((batch, size)), np.zeros(batch), np.empty(batch)
    with crew(kernels, size * count * batch) as share:
        for start in range(0, count, chunk):
            stop = min(start + chunk, count)
            n = stop - start

            def fill(first, last, start=start, stop=stop, n=n):
                part[first:last, :n] = columns[first:last, start:stop]

            def look_up(first, last, start=start, stop=stop):
                kernels.gather(level, numbers, tables, start, stop, first, last, weights, width)

            share(fill, size)
            share(look_up, batch)
            total += weights[:, :n] @ part[:, :n].T
            rough = 1.01 * (n + 2) * SINGLE * width + n * 2.0**-125
            error += np.where(width * (1 + 1e-9) < grains * 2.0**24, 0.0, rough)
    return total, error


@underflow_is_zero
def decide(kernels, columns, bits, states, level, weights: Weights) -> np.ndarray:
    """Sign of D for every spin of every state: int8 `(B, N)` of -1, 0 (a tie) and 1, or DOUBT.

    Parameters
    ----------
    kernels : `reference` or `compiled`.
    columns : int8 `(N, K)`.
    bits : the same, packed.
    states : int8 `(B, N)`.
    level : `(B, K)`, their levels.
    weights : see `Weights`.
    """
    size, count = columns.shape
    tally = kernels.tally(level, size)
    bent = np.einsum("bt,bt->b", tally, weights.bend[weights.row])
    spread = np.einsum("bt,bt->b", tally, weights.spread[weights.row])
    total, error = weighted(kernels, columns, bits, level, tally, weights)
    for line, spins, bend in zip(total, states, bent, strict=True):
        line -= spins * bend
    rounded = error_bound(count + size, spread, False)
    bound = np.where((error == 0) & weights.exact, 0.0, (error + rounded) * (1 + 1e-9))
    sign = np.sign(total).astype(np.int8)
    for b in np.flatnonzero(bound):
        rows = np.flatnonzero(np.abs(total[b]) <= bound[b])
        if not len(rows):
            continue
        values = look_up(weights.gain[weights.row[b]], level[b])
        twice = kernels.products(columns, values, rows) - states[b, rows] * bent[b]
        limit = 0.0 if weights.exact else rounded[b]
        sign[b, rows] = np.where((np.abs(twice) <= limit) & (limit > 0), DOUBT, np.sign(twice))
    return sign


@underflow_is_zero
def doubled_fields(kernels, columns, states, level, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """2D of every spin of every state in table units, float64 `(B, N)`, and its bound `(B,)`; 0 where it is exact."""
    size, count = columns.shape
    tally = kernels.tally(level, size)
    bent = np.einsum("bt,bt->b", tally, weights.bend[weights.row])
    spread = np.einsum("bt,bt->b", tally, weights.spread[weights.row])
    chunk = plan(size, count, 8)[1]
    total, _ = sums(kernels, columns, level, np.arange(len(level)), weights.gain[weights.row], chunk, 0.0)
    for line, spins, bend in zip(total, states, bent, strict=True):
        line -= spins * bend
    return total, np.zeros(len(level)) if weights.exact else error_bound(count + size, spread, False)


def weighted(kernels, columns, bits, level, tally, weights) -> tuple[np.ndarray, np.ndarray]:
    """Σ_μ x_iμ gain(M_μ), `(B, N)`, and its bound `(B,)` without the float64 part: the first rung."""
    size, count = columns.shape
    gain = np.where(tally > 0, weights.gain[weights.row], 0.0)  # levels without a pattern do not enter the scale
    top = np.abs(gain).max(axis=1)
    small = np.abs(gain) <= top[:, None] * (DROPPED / count)
    few = np.einsum("bt,bt->b", tally, ~small) <= FEWER * count
    total, error = np.empty((len(level), size)), np.zeros(len(level))
    for b in np.flatnonzero(few):
        error[b] = np.abs(gain[b, small[b]]) @ tally[b, small[b]] * (1 + 1e-9)
        total[b] = kernels.heavy(bits, level[b], np.where(small[b], 0.0, gain[b]), size)
    dense = np.flatnonzero(~few)
    if len(dense):
        scale = np.ldexp(1.0, np.minimum(1000, PEAK - np.frexp(top[dense])[1]))
        tables = np.empty((len(dense), size + 1), np.float32)
        for table, b, factor in zip(tables, dense, scale, strict=True):
            table[:] = gain[b] * factor
        del gain, small
        got, wrong = sums(kernels, columns, level, dense, tables, plan(size, count)[1], weights.grain * scale)
        got /= scale[:, None]
        error[dense] = wrong / scale
        if not few.any():
            return got, error
        total[dense] = got
    return total, error
