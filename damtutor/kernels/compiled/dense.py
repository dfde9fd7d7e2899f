"""The compiled kernels (numba): same names, arguments and decisions as the twins in `reference`.

A sweep reads each pattern once. The weights gain(M_μ) are kept as whole numbers in two planes of 16 bits (`fixed_point`
has the bound); a block of rows shares one load of them (`simd`). A flip changes all weights, so the rest of its block
is thrown away and the next block starts at the flipped row: still exactly one spin after the other.

The curvature Σ_μ bend(M_μ) needs no second table. For the rules "exact" and "cavity" D_i does not depend on s_i, so
the same D before and after the flip gives

    Σ bend_new = s_new ( Σ_μ x_iμ gain_new - 2 D_i ),

and this dot product is what the flipped row gets as first row of the next block. The error is that of 2 D_i plus that
of the dot product; it grows with every flip and is carried along as `slack`. A decision within the bound ends the
call: the next one starts from a fresh curvature, then the twin tries in float64, then the caller, who has all digits.
(The gradient rule has no curvature: its table is zero and stays so.)
"""

from __future__ import annotations

import numpy as np

from damtutor.kernels import reference
from damtutor.kernels.compiled.jit import jit
from damtutor.kernels.compiled.simd import CHUNK, FEW, MANY, STEP, dots_few, dots_many, ones
from damtutor.kernels.fixed_point import FINE, limit_for, plan_for, scale_for
from damtutor.kernels.reference import TINY, UNIT

PIECE = 8192  # patterns whose weights are made at a time: they stay near the core
QUIET = 24  # decisions without a flip after which blocks are long again
HEADROOM = 16.0  # factor that the largest weight may grow before the tables are made again
MARGIN = 64  # levels beyond those in use for which weights are made, at most
MOST_NEURONS = (1 << 15) - 2  # levels that fit 16 bits
MOST_PATTERNS = 1 << 20  # patterns whose 64-bit sums cannot overflow
LARGE = 2.0**61  # a bound that no certain decision can pass
i32 = np.int32


@jit(nogil=True)
def overlaps(bits, state):
    """M = X s from packed patterns; see `reference.overlaps`."""
    result = np.zeros(bits.shape[1], i32)
    for row in range(len(bits)):
        word = np.uint64(0)
        for i in range(64 * row, min(64 * row + 64, state.size)):
            word |= np.uint64(state[i] > 0) << np.uint64(i % 64)
        for k in range(result.size):
            result[k] += i32(ones(bits[row, k] ^ word))
    for k in range(result.size):
        result[k] = i32(state.size) - i32(2 * result[k])
    return result


def sweep(columns, state, overlap, visit, gain, bend, spread, exact, most):
    """Decide the spins of `visit` in turn; see `reference.sweep` for arguments and result."""
    size, count = columns.shape
    if size > MOST_NEURONS or count > MOST_PATTERNS:
        return reference.sweep(columns, state, overlap, visit, gain, bend, spread, exact, most)
    limit = limit_for(count)
    found, shape, bent = plan_for(gain, bend, limit)[-3:]
    flipped = np.empty(len(visit), np.int64)
    unit, done, flips = 0.0 if exact else UNIT, 0, 0
    least, greatest, scale = 0, size, found.scale if found else 1.0
    while done < len(visit) and flips < most:
        if not found:
            least, greatest = (int(overlap.min()) + size) >> 1, (int(overlap.max()) + size) >> 1
            used = slice(least, greatest + 1)
            scale = scale_for(gain[used], bend[used], limit / HEADROOM)
        made, turned = _sweep(
            columns, state, overlap, visit[done:], gain, bend, spread,
            unit, most - flips, found is not None, shape, scale, limit, bent, least, greatest, flipped[flips:],
        )  # fmt: skip
        flips += turned
        done += made
        if done < len(visit) and flips < most and made == 0:
            # Doubtful with a fresh curvature: one decision in float64
            one = visit[done : done + 1]
            made, turned = reference.sweep(columns, state, overlap, one, gain, bend, spread, exact, 1)
            if not made:
                break
            flipped[flips : flips + len(turned)] = turned
            flips += len(turned)
            done += 1
    return done, flipped[:flips].copy()


@jit(nogil=True)
def _sweep(
    columns, state, overlap, visit, gain, bend, spread,
    unit, most, polynomial, shape, scale, limit, bent, least, greatest, flipped,
):  # fmt: skip
    """Decisions until the end, `most` flips or a doubt; returns how many, and the number of flips."""
    size, count = columns.shape
    weights = np.zeros(size + 1, np.int32)
    level = np.empty(count, np.int16)
    longer = count + 2 * STEP if count >= STEP else count  # see `repeat_rest`
    high, low = np.zeros(longer, np.int16), np.zeros(longer, np.int16)
    for k in range(count):
        level[k] = np.int16(i32(overlap[k] + i32(size)) >> 1)
    rows, fields = np.empty(MANY, np.int64), np.empty(MANY, np.int64)
    piece = np.empty(min(count, PIECE), np.int32)
    first, last = 0, -1  # levels whose weights are made
    floor = 0  # no level below has a weight: a steep F hears few patterns, and pieces without one are not read
    live = np.ones((count + PIECE - 1) // PIECE, np.bool_)
    step, flips, quiet, begin = 0, 0, QUIET, 0
    curve, twice, turned = np.int64(0), np.int64(0), np.int64(0)
    turn = np.int64(0)  # the new spin of row `turned`; 0 at the start
    rounding = slack = 0.0
    stale = True
    while True:
        if stale:  # at the start, and after every flip
            if least < first or greatest > last:
                before = scale
                first, last, scale, rounding = prepare(
                    gain, bend, spread, unit, polynomial, scale, limit, least, greatest, weights
                )
                rounding *= count
                slack = slack * (scale / before) + 1.0
                floor = 0
                while not polynomial and floor <= last and weights[floor] == 0:
                    floor += 1
                twice //= np.int64(min(before / scale, LARGE))
            least, greatest = set_planes(
                polynomial, shape, weights, floor, columns[turned], turn, level, high, low, live, piece, size
            )
            if turn == 0:
                curve, slack = curvature(bend, spread, unit, scale, first, last, level)
            stale = False
        if step == visit.size or flips == most:
            break
        base = step - begin
        width = min(MANY if quiet >= QUIET else FEW, visit.size - base)
        for r in range(MANY):
            rows[r] = visit[min(base + r, visit.size - 1)]
        weigh(columns, rows, width, high, low, live, fields)
        if begin:  # the first row was flipped just now
            curve = turn * ((fields[0] << FINE) - twice)
            slack += rounding
        bound = np.int64(0)
        if rounding + slack > 0.0:  # 1e-9 is more than all the roundings in the making of a bound
            bound = np.int64(min(LARGE, (rounding + slack) * (1 + 1e-9) + 1.0))
        doubt = False
        for r in range(begin, width):
            turned = rows[r]
            twice = (fields[r] << FINE) - state[turned] * curve
            doubt = bound > 0 and abs(twice) <= bound
            stale = not doubt and twice * state[turned] < 0
            if doubt or stale:
                break
            step += 1
            quiet += 1
        if doubt:
            break
        begin = 0
        if stale:
            turn = -np.int64(state[turned])
            state[turned] = turn
            flipped[flips] = turned
            flips += 1
            step += 1
            quiet = 0
            least, greatest = max(0, least - 1), min(size, greatest + 1)
            if bent:
                slack += rounding  # twice carries both errors, and the next curvature inherits them
                begin = 1
    for k in range(count):
        overlap[k] = i32(i32(level[k]) * 2) - i32(size)
    return step, flips


@jit()
def prepare(gain, bend, spread, unit, polynomial, scale, limit, least, greatest, weights):
    """Weights for the levels least..greatest and some more, at this scale or a lower one.

    Returns
    -------
    first, last : the levels whose weights are made.
    scale : power of two.
    rounding : the bound q + r of one product, in units of the curvature.
    """
    size = gain.size - 1
    first, last = least, greatest
    if polynomial:
        first, last = 0, size
    else:
        largest = 0.0
        for t in range(least, greatest + 1):
            largest = max(largest, max(abs(gain[t]), abs(bend[t])))
        while largest * scale > limit:
            scale /= HEADROOM
        while first > max(0, least - MARGIN) and max(abs(gain[first - 1]), abs(bend[first - 1])) * scale <= limit:
            first -= 1
        while last < min(size, greatest + MARGIN) and max(abs(gain[last + 1]), abs(bend[last + 1])) * scale <= limit:
            last += 1
    worst = widest = 0.0
    for t in range(first, last + 1):
        if unit > 0.0:
            widest = max(widest, spread[t])
        if not polynomial:
            value = gain[t] * scale
            weights[t] = i32(np.rint(value))
            worst = max(worst, abs(np.rint(value) - value))
    return first, last, scale, (worst + table_error(3, unit, widest, scale)) * (1 << FINE)


@jit()
def table_error(roundings, unit, widest, scale):
    """r: how far an entry of a float64 table is from the truth, in units of 1/scale; 0 for exact tables.

    TINY covers underflow in the table, 2^-60 that of its product with the scale.
    """
    return roundings * unit * widest * scale + TINY * scale + 2.0**-60 if unit > 0.0 else 0.0


@jit()
def curvature(bend, spread, unit, scale, first, last, level):
    """Σ_μ bend(M_μ) in whole units, 2^-FINE of a weight's, and its error bound."""
    size = bend.size - 1
    table = np.zeros(size + 1, np.int64)
    worst = widest = 0.0
    fine = scale * (1 << FINE)
    for t in range(first, last + 1):
        value = bend[t] * fine
        table[t] = np.int64(np.rint(value))
        worst = max(worst, abs(np.rint(value) - value))
        widest = max(widest, spread[t])
    total = np.int64(0)
    for k in range(level.size):
        total += table[level[k]]
    return total, (worst + table_error(4, unit, widest, fine)) * level.size


@jit()
def weigh(columns, rows, width, high, low, live, fields):
    """fields[r] = Σ_k columns[rows[r], k] * weight_k for r < width, exactly; `rows` is filled up to MANY."""
    count = columns.shape[1]
    body = count - count % STEP
    fields[:] = 0
    if body == 0:
        for r in range(width):
            for k in range(count):
                fields[r] += columns[rows[r], k] * ((np.int64(high[k]) << 16) + low[k])
        return
    piece = 0
    while piece < live.size:
        first = piece
        while piece < live.size and live[piece] and (piece - first) * PIECE < CHUNK:
            piece += 1
        if piece == first:
            piece += 1
            continue
        start, stop = first * PIECE, min(piece * PIECE, count)
        steps, rest = (min(stop, body) - start) // STEP, int(stop > body)
        if width > FEW:
            dots_many(columns, rows, start, steps, rest, high, low, fields)
        else:
            dots_few(columns, rows, start, steps, rest, high, low, fields)


@jit()
def repeat_rest(plane, count):
    """Weights of the patterns beyond a multiple of STEP once more, at the plane's end, where `dots` finds them."""
    rest = count % STEP
    for k in range(rest):
        plane[plane.size - rest + k] = plane[count - rest + k]


@jit()
def set_planes(polynomial, shape, weights, floor, row, turn, level, high, low, live, piece, size):
    """Add turn * row to the levels, and split their weights into two planes; returns the extreme levels.

    live[p] says whether piece p has a level of at least `floor`; where it had none and has none its planes are zero.
    `piece` is working memory.
    """
    by, least, greatest = np.int16(turn), np.int16(size), np.int16(0)
    stretch, centre = i32(size % 2), i32(size if size % 2 else size >> 1)
    a, b, c, odd = shape[0], shape[1], shape[2], shape[3] != 0
    for start in range(0, level.size, PIECE):
        stop = min(start + PIECE, level.size)
        t, top, rest, spins = level[start:stop], high[start:stop], low[start:stop], row[start:stop]
        if polynomial:
            # In 32 bits: the values fit, and where a product on the way overflows it cancels (mod 2^32)
            for k in range(t.size):
                t[k] = np.int16(t[k] + np.int16(by * np.int16(spins[k])))
                w = i32(i32(i32(t[k]) << stretch) - centre)
                square = i32(w * w)
                value = i32(a + i32(square * i32(b + i32(square * c))))
                value = i32(value * (w if odd else i32(1)))
                rest[k] = np.int16(value)
                top[k] = np.int16(i32(value + i32(32768)) >> 16)
        else:
            bottom, peak = np.int16(size), np.int16(0)
            for k in range(t.size):
                t[k] = np.int16(t[k] + np.int16(by * np.int16(spins[k])))
                bottom, peak = min(bottom, t[k]), max(peak, t[k])
            least, greatest = min(least, bottom), max(greatest, peak)
            number = start // PIECE
            was, live[number] = live[number], peak >= floor
            if not (was or live[number]):
                continue
            for k in range(t.size):
                piece[k] = weights[np.uint16(t[k])]
            for k in range(t.size):
                rest[k] = np.int16(piece[k])
                top[k] = np.int16(i32(piece[k] + i32(32768)) >> 16)
    if level.size >= STEP:
        repeat_rest(high, level.size)
        repeat_rest(low, level.size)
    return np.int64(least), np.int64(greatest)
