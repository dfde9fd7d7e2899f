"""Interaction functions F: how strongly one overlap M counts in the energy E = -Σ_μ F(M_μ).

An interaction owns everything that depends on F: its values and slopes, its tables for the kernels and the browser,
its exact arithmetic for ties, the scale of its energy, and the words that tools show. A new F is one class here, or in
a file of its own as in `spin_product.py`. Kernels, instruments and experiments see its tables, its words and its flags.
A class of this file whose `words` need no parameter is offered in the instruments by its name (`NAMED`).

Source: Krotov & Hopfield (2016) for powers and rectified powers, Demircigil et al. (2017) for the exponential.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.validate import as_array, as_count

UPDATE_RULES = ("exact", "cavity", "gradient")


class Tables(NamedTuple):
    """What a kernel sees of F and of the update rule, over t = (M + N)/2 = 0..N; see `kernels.reference`."""

    gain: np.ndarray
    bend: np.ndarray
    spread: np.ndarray


class Table(NamedTuple):
    """F over M = -N-2, -N, ..., N+2 in whole units of 2**-shift: what the browser computes with.

    Attributes
    ----------
    exact : whole numbers, N + 3 of them.
    shift : exponent of the unit.
    uncertainty : no entry is wrong by more units than this: 0 for powers, whose integers are exact.
    parts : what F was multiplied by to make it whole; more than 1 where F has fractions.
    offset : what to add to the logarithm of an entry for log F, where the table is relative.
    """

    exact: tuple[int, ...]
    shift: int
    uncertainty: int
    parts: int = 1
    offset: int = 0


class Words(NamedTuple):
    """What tools show of F.

    Attributes
    ----------
    name : short, as instruments and their links call it: "3", "3+", "exp".
    label : on a control: "n = 3", "exp".
    phrase : in a sentence: "n = 3, rectified", "the exponential".
    formula : the energy: "−N Σ (M/N)^3".
    sum_formula : -Σ F(M), without a scale: "−Σ M^3".
    """

    name: str
    label: str
    phrase: str
    formula: str
    sum_formula: str


class Interaction:
    """Base of all F. A subclass gives its words, `__call__`, `exact_value` and `exact_slope`, or overrides more.

    Models and kernels call these methods in their loops: but for `__call__`, their arguments are not checked.

    Attributes
    ----------
    words : see `Words`.
    convex : F is convex on the reals: then the synchronous update by the gradient never raises the energy.
    relative : tables depend on M - (largest M) only, and are remade when that moves (the exponential).
    log_scale : the energy is -log Σ F(M), else -Σ F(M) over `divisor`.
    """

    words: Words
    convex = False
    relative = False
    log_scale = False

    def __call__(self, x):
        """F(x) in float64, unscaled; it overflows where float64 does."""
        raise NotImplementedError

    def exact_value(self, x: int) -> int | Fraction:
        """F(x) for a whole x, without rounding."""
        raise NotImplementedError

    def exact_slope(self, x: int) -> int | Fraction:
        """F'(x) for a whole x, without rounding."""
        raise NotImplementedError

    def scale(self, size: int) -> int:
        """Power of two by which exact values are divided so that tables stay below 1 (an exact operation)."""
        return 1 << int(max(abs(self.exact_value(x)) for x in (size + 2, -size - 2))).bit_length()

    def divisor(self, size: int) -> float:
        """What Σ F is divided by in `energy`: F(N)/N, so that a stored pattern alone has the energy -N."""
        return float(Fraction(self.exact_value(size), size))

    def energy(self, overlap: np.ndarray, size: int) -> float:
        """E of a state with overlaps M `(K,)` in a network of `size` neurons; float64."""
        return -float(np.sum(self(overlap))) / self.divisor(size)

    def unit(self, size: int) -> float:
        """What one table unit is worth in the unit of `energy`; 1 where tables are relative."""
        return self.scale(size) / self.divisor(size)

    def values(self, x: np.ndarray, size: int, reference: int) -> np.ndarray:
        """F at whole numbers x, divided by `scale`, each correctly rounded. `reference` is for relative F only."""
        scale = self.scale(size)
        return np.array([_ratio(self.exact_value(int(v)), scale) for v in x])

    def slopes(self, x: np.ndarray, size: int, reference: int) -> np.ndarray:
        """F' at whole numbers x in the same unit as `values`."""
        scale = self.scale(size)
        return np.array([_ratio(self.exact_slope(int(v)), scale) for v in x])

    def tables(self, size: int, update_rule: str = "exact", reference: int = 0) -> Tables:
        """gain, bend and spread of an update rule for N = `size`, each float64 `(N+1,)`.

        The approximate update rules put twice the gradient in the place of F(S+1) - F(S-1), which is its leading order.
        """
        at = np.arange(-size, size + 1, 2)
        if update_rule == "exact":
            f = self.values(np.arange(-size - 2, size + 3, 2), size, reference)
            low, mid, high = f[:-2], f[1:-1], f[2:]
            return Tables(high - low, high - 2 * mid + low, np.abs(high) + 2 * np.abs(mid) + np.abs(low))
        if update_rule == "cavity":
            low, high = self.slopes(at - 1, size, reference), self.slopes(at + 1, size, reference)
            return Tables(2 * (low + high), 2 * (high - low), 4 * (np.abs(low) + np.abs(high)))
        slope = self.slopes(at, size, reference)
        return Tables(4 * slope, np.zeros_like(slope), 4 * np.abs(slope))

    def largest(self, size: int, update_rule: str) -> int | None:
        """A whole number >= |gain| + |bend| + spread everywhere, or None where tables are not whole numbers.

        K times this below 2**53 means that float64 sums over K patterns are exact.
        """
        ends = (size + 2, -size - 2)
        f = self.exact_value if update_rule == "exact" else self.exact_slope
        return 24 * max(abs(f(x)) for x in ends)

    def sign_of_sum(self, counts: Mapping[int, int], update_rule: str) -> int:
        """Exact sign of Σ_S counts[S] G(S): G(S) = F(S+1) - F(S-1) for the update rule "exact", F'(S) otherwise.

        This is the last rung: whole-number arithmetic, no rounding, a tie is seen as a tie.
        """
        if update_rule == "exact":
            total = sum(a * (self.exact_value(s + 1) - self.exact_value(s - 1)) for s, a in counts.items() if a)
        else:
            total = sum(a * self.exact_slope(s) for s, a in counts.items() if a)
        return (total > 0) - (total < 0)

    def table(self, size: int) -> Table:
        """F in whole units for the browser; see `Table`."""
        shift = self.scale(size).bit_length() - 1
        values = [self.exact_value(x) for x in range(-size - 2, size + 3, 2)]
        parts = math.lcm(*(value.denominator for value in values))
        return Table(tuple(int(value * parts) for value in values), shift, 0, parts)


def as_overlaps(x: Any) -> np.ndarray:
    """Overlaps x of any shape as float64; ValueError for anything but real numbers."""
    array = as_array(x, "x", "expected overlaps, real numbers")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"x: dtype {array.dtype}; expected overlaps, real numbers")
    return array.astype(np.float64, copy=False)


def _ratio(value: int | Fraction, scale: int) -> float:
    """value / scale, correctly rounded."""
    return float(Fraction(value, scale)) if isinstance(value, Fraction) else value / scale


def _whole_power(x: np.ndarray, order: int) -> np.ndarray:
    """x**order by squaring, right to `order` units: ten times as fast as float powers of an array."""
    result = None
    while order:
        if order & 1:
            result = x if result is None else result * x
        order >>= 1
        if order:
            x = x * x
    return result


@dataclass(frozen=True, repr=False)
class Power(Interaction):
    """F(x) = x**order, whole order n >= 2. n = 2 is the classical network (Krotov & Hopfield 2016).

    Energies are divided by N**(n-1): E = -N Σ_μ (M_μ/N)**n, about -N at a stored pattern.

    Raises
    ------
    ValueError : order not a whole number >= 2.
    """

    order: int

    def __post_init__(self):
        object.__setattr__(self, "order", as_count(self.order, "order", 2))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.order})"

    @property
    def words(self) -> Words:
        """The words of x**n."""
        n = self.order
        return Words(f"{n}", f"n = {n}", f"n = {n}", f"−N Σ (M/N)^{n}", f"−Σ M^{n}")

    @property
    def convex(self) -> bool:
        """x**n is convex for even n only."""
        return self.order % 2 == 0

    def _base(self, x):
        return x

    def __call__(self, x):
        return self._base(as_overlaps(x)) ** self.order

    def exact_value(self, x: int) -> int:
        return self._base(x) ** self.order

    def exact_slope(self, x: int) -> int:
        return self.order * self._base(x) ** (self.order - 1)

    def scale(self, size: int) -> int:
        return 1 << (self.order * (size + 1).bit_length())

    def energy(self, overlap: np.ndarray, size: int) -> float:
        return -size * float(np.sum(_whole_power(self._base(overlap / size), self.order)))

    def unit(self, size: int) -> float:
        if self.order * ((size + 1).bit_length() - np.log2(size)) > 1000:
            raise ValueError(
                f"order is {self.order}: fields of {size} neurons overflow; step and retrieve do not need them"
            )
        return size * (self.scale(size) / size**self.order)


@dataclass(frozen=True, repr=False)
class RectifiedPower(Power):
    """F(x) = max(x, 0)**order: negative overlaps do not count, so the negative of a memory is no memory.

    Half of the noise terms vanish; about twice as many random patterns fit (Krotov & Hopfield 2016).
    """

    convex = True

    @property
    def words(self) -> Words:
        """The words of x**n, and what is different."""
        plain, less = super().words, ", negative M count 0"
        phrase = f"{plain.phrase}, rectified"
        return Words(f"{plain.name}+", phrase, phrase, plain.formula + less, plain.sum_formula + less)

    def _base(self, x):
        return np.maximum(x, 0) if isinstance(x, np.ndarray) else max(x, 0)


@dataclass(frozen=True)
class Exponential(Interaction):
    """F(x) = exp(x) (Demircigil et al. 2017).

    The energy is E = -log Σ_μ exp(M_μ): the same order of states and the same decisions as -Σ_μ exp(M_μ), which
    overflows beyond N = 709. Tables are relative to a reference overlap. A field is exactly zero only if the signed
    count of patterns is zero at every level of overlap, because e is transcendental (Lindemann).
    """

    words = Words("exp", "exp", "the exponential", "−log Σ exp(M)", "−Σ exp(M)")
    convex = True
    relative = True
    log_scale = True

    def __call__(self, x):
        with np.errstate(over="ignore", under="ignore"):  # inf and 0 are its values far out
            return np.exp(as_overlaps(x))

    @underflow_is_zero
    def values(self, x: np.ndarray, size: int, reference: int) -> np.ndarray:
        # Far above the reference an entry is never used before the tables are remade; 600 keeps sums finite.
        return np.exp(np.minimum(np.asarray(x, dtype=np.float64) - reference, 600.0))

    slopes = values

    @underflow_is_zero
    def energy(self, overlap: np.ndarray, size: int) -> float:
        top = int(overlap.max())
        return -top - float(np.log(np.sum(np.exp((overlap - top).astype(np.float64)))))

    def unit(self, size: int) -> float:
        return 1.0

    def largest(self, size: int, update_rule: str) -> None:
        return None

    def sign_of_sum(self, counts: Mapping[int, int], update_rule: str) -> int:
        # G(S) is e**S times a positive constant for every update rule; divide by the largest level that counts.
        present = {s: a for s, a in counts.items() if a}
        if not present:
            return 0
        top, weight = max(present), sum(map(abs, present.values()))
        digits = 30 + len(str(weight))
        while True:  # ends: a non-trivial sum of whole powers of e is never zero
            context = Context(prec=digits, Emin=MIN_EMIN, Emax=MAX_EMAX)
            total = Decimal(0)
            for s, a in present.items():
                total = context.fma(Decimal(a), context.exp(Decimal(s - top)), total)
            if context.abs(total) > context.scaleb(Decimal(2 * weight * len(present)), -digits + 1):
                return 1 if total > 0 else -1
            digits *= 2

    def table(self, size: int) -> Table:
        # 64 bits below the smallest entry e**(-2N-4): levels stay apart, a sum of counts is decided in whole numbers.
        shift = int((2 * size + 4) * 1.4427) + 65
        context = Context(prec=int(shift * 0.302) + 20, Emin=MIN_EMIN, Emax=MAX_EMAX)
        unit = Decimal(1 << shift)
        levels = (context.exp(Decimal(x - size - 2)) for x in range(-size - 2, size + 3, 2))
        exact = tuple(int(context.multiply(v, unit).to_integral_value(context=context)) for v in levels)
        return Table(exact, shift, 1, offset=size + 2)


def _needs_no_parameter(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Interaction) and isinstance(vars(kind).get("words"), Words)


NAMED = {kind.words.name: kind for kind in tuple(globals().values()) if _needs_no_parameter(kind)}  # "exp" only
