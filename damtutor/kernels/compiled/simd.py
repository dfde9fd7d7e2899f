"""Vector code for the two inner loops that the compiler does not find by itself. Loaded with the compiled kernels only.

Both are written as LLVM vector operations without any processor's name in them: each machine gets its own best
instructions (with AVX-512 VNNI one multiply-add for 32 products), and since all of it is whole-number arithmetic,
every machine gets the same numbers.
"""

from __future__ import annotations

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

BYTE, SHORT, INT, LONG = (ir.IntType(bits) for bits in (8, 16, 32, 64))


def _has_wide_vectors() -> bool:
    """True where a register holds 64 bytes and there are 32 of them."""
    try:
        return bool(llvm.get_host_cpu_features().get("avx512bw", False))
    except RuntimeError:  # a platform that cannot tell
        return False


WIDE = _has_wide_vectors()
LANES = 16 if WIDE else 8  # 32-bit sums in one register
STEP = 2 * LANES  # patterns taken at a time
MANY = 12 if WIDE else 6  # rows that share one load of the weights: as many memory streams as registers allow
FEW = 5  # while flips are frequent: the rest of a block is lost at a flip
AHEAD = min(4, MANY - FEW)  # rows after a short block that are fetched meanwhile
CHUNK = 1 << 15  # patterns per call: 2^15 weights of 2^15 at most stay inside a 32-bit sum


def _constant(value: int) -> ir.Constant:
    return ir.Constant(LONG, value)


def make_dots(rows: int, ahead: int = 0):
    """A kernel for `rows` dot products at once: `dots(columns, chosen, start, steps, rest, high, low, fields)`.

    It adds Σ_k columns[chosen[r], k] * (65536 * high[k] + low[k]) to fields[r], for k = start ... start + steps * STEP
    and r < rows, and asks memory for the same part of the `ahead` rows that follow in `chosen`. If `rest` is not 0, the
    last STEP patterns are added too, with the last STEP weights of the planes, which are longer than a row: where a
    row's length is no multiple of STEP, they are zero for what was added before. Exact for steps * STEP <= CHUNK:
    |high|, |low| <= 2^15 and columns of ±1 keep each 32-bit sum below 2^31, in any order.
    """
    bytes_, shorts, ints = (ir.VectorType(kind, STEP) for kind in (BYTE, SHORT, INT))
    sums = ir.VectorType(INT, LANES)
    even = ir.Constant(sums, list(range(0, STEP, 2)))
    odd = ir.Constant(sums, list(range(1, STEP, 2)))

    @intrinsic
    def dots(typing, columns, chosen, start, steps, rest, high, low, fields):
        def generate(context, builder, signature, args):
            def array(position):
                return context.make_array(signature.args[position])(context, builder, args[position])

            def load(pointer, offset, kind, align):
                value = builder.load(builder.bitcast(builder.gep(pointer, [offset]), kind.as_pointer()))
                value.align = align
                return value

            def multiply_add(total, left, right):  # the shape that becomes one pmaddwd / vpdpwssd
                product = builder.mul(builder.sext(left, ints), builder.sext(right, ints))
                halves = [builder.shuffle_vector(product, product, half) for half in (even, odd)]
                return builder.add(total, builder.add(*halves))

            begin, steps, rest = args[2:5]
            stride = cgutils.unpack_tuple(builder, array(0).strides, 2)[0]
            first = builder.gep(array(0).data, [begin])
            numbers = [builder.load(builder.gep(array(1).data, [_constant(r)])) for r in range(rows + ahead)]
            lines = [builder.gep(first, [builder.mul(stride, number)]) for number in numbers]
            planes = [builder.gep(array(position).data, [begin]) for position in (5, 6)]
            out = array(7).data

            kind = ir.FunctionType(ir.VoidType(), [first.type, INT, INT, INT])
            fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            hints = [ir.Constant(INT, value) for value in (0, 2, 1)]  # to read; second cache; data
            zero = ir.Constant(sums, None)
            totals = [cgutils.alloca_once_value(builder, zero) for _ in range(2 * rows)]
            for total in totals:
                builder.store(zero, total)

            def add_step(offset, place):
                weights = [load(plane, place, shorts, 2) for plane in planes]
                for line in lines[rows:]:
                    builder.call(fetch, [builder.gep(line, [offset]), *hints])
                for r, line in enumerate(lines[:rows]):
                    spins = builder.sext(load(line, offset, bytes_, 1), shorts)
                    for total, weight in zip(totals[2 * r : 2 * r + 2], weights, strict=True):
                        builder.store(multiply_add(builder.load(total), spins, weight), total)

            with cgutils.for_range(builder, steps) as loop:
                offset = builder.mul(loop.index, _constant(STEP))
                add_step(offset, offset)
            with builder.if_then(cgutils.is_not_null(builder, rest)):
                ends = [cgutils.unpack_tuple(builder, array(position).shape)[-1] for position in (0, 5)]
                add_step(*(builder.sub(builder.sub(end, begin), _constant(STEP)) for end in ends))
            name = f"llvm.vector.reduce.add.v{LANES}i32"
            reduce = cgutils.get_or_insert_function(builder.module, ir.FunctionType(INT, [sums]), name)
            for r in range(rows):
                pair = [builder.call(reduce, [builder.load(total)]) for total in totals[2 * r : 2 * r + 2]]
                high_sum, low_sum = (builder.sext(value, LONG) for value in pair)
                field = builder.gep(out, [_constant(r)])
                value = builder.add(builder.shl(high_sum, _constant(16)), low_sum)
                builder.store(builder.add(builder.load(field), value), field)
            return context.get_dummy_value()

        return types.void(columns, chosen, types.intp, types.intp, types.intp, high, low, fields), generate

    return dots


dots_many = make_dots(MANY)
dots_few = make_dots(FEW, AHEAD)


def make_ones(kind):
    """The number of set bits of a word; the compiler turns a loop over it into vector code."""

    @intrinsic
    def ones(typing, word):
        def generate(context, builder, signature, args):
            return builder.ctpop(args[0])

        return kind(kind), generate

    return ones


ones, ones16 = make_ones(types.uint64), make_ones(types.uint16)
