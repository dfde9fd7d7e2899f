"""Checks of input: every argument that enters the package is looked at here, once.

A refusal says what was wrong, what is expected, and shows an example. Nothing is cast silently and no
argument is changed: what comes back is a new array or the same read-only view.
"""

from __future__ import annotations

import operator
import unicodedata
from typing import Any, Protocol, runtime_checkable

import numpy as np

SEEDS = "expected a seed such as 0, a list of seeds such as (0, 7), a numpy.random.Generator, or None"
SHAPES = {1: "({},)", 2: "(rows, {})", 3: "(heads, rows, {})"}
EXAMPLES = {1: "for example np.array([1, -1, 1])", 2: "for example np.array([[1, -1, 1], [-1, -1, 1]])"}


class Frozen:
    """A model whose arrays are read-only, also in a copy or in another process.

    NumPy forgets that an array is read-only when it is pickled or deep-copied. A frozen dataclass that inherits from
    this one sets it again.
    """

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)


@runtime_checkable
class Permuter(Protocol):
    """Anything that can order the spins of a sweep: a NumPy Generator or `damtutor.rng.Rng32`."""

    def permutation(self, n: int) -> np.ndarray: ...


def as_binary(values: Any, name: str, ndim: int) -> np.ndarray:
    """`values` as a new int8 array of -1 and +1.

    Parameters
    ----------
    values : array-like of numbers that are exactly -1 or +1, any integer or floating dtype.
    name : what the caller calls it, used in the message.
    ndim : 1 for a state `(N,)`, 2 for a pattern set `(K, N)`.

    Returns
    -------
    C-contiguous int8 array, never a view of `values`.

    Raises
    ------
    ValueError : not numeric, another number of dimensions, empty, NaN, or a value that is not ±1.
    """
    example = EXAMPLES[ndim]
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name}: a masked array, whose mask would be lost; expected every value, {example}")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: rows of different length; expected a rectangular array, {example}") from error
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: dtype {array.dtype}; expected integers or floats that are -1 or +1, {example}")
    if array.ndim != ndim:
        wanted = "(N,)" if ndim == 1 else "(K, N), one pattern a row"
        raise ValueError(f"{name}: shape {array.shape}; expected {wanted}, {example}")
    if array.size == 0:
        raise ValueError(f"{name}: empty, shape {array.shape}; expected at least one pattern and one neuron")
    good = (array == 1) | (array == -1)
    if not good.all():
        where = tuple(int(k) for k in np.argwhere(~good)[0])
        value = array[where]
        hint = "; 0/1 pictures become spins by 2*x - 1" if np.isin(array, (0, 1)).all() else ""
        place = ", ".join(map(str, where))
        raise ValueError(f"{name}[{place}] is {value}; expected every value to be -1 or +1{hint}")
    return np.array(array, dtype=np.int8, order="C")


def as_patterns(values: Any, name: str = "patterns") -> np.ndarray:
    """A pattern set `(K, N)` of ±1 as int8; see `as_binary`."""
    return as_binary(values, name, 2)


def as_state(values: Any, size: int, name: str = "state") -> np.ndarray:
    """A state `(size,)` of ±1 as a new int8 array; ValueError if it has another length."""
    state = as_binary(values, name, 1)
    if state.size != size:
        raise ValueError(f"{name}: length {state.size}; expected {size}, one value per neuron of the stored patterns")
    return state


def as_states(values: Any, size: int, name: str = "state") -> np.ndarray:
    """One state `(size,)` or a batch of them `(B, size)` of ±1, as a new int8 array of the same shape."""
    try:
        ndim = np.ndim(values)
    except ValueError:  # rows of different length, which as_binary says in words
        ndim = 2
    states = as_binary(values, name, 2 if ndim == 2 else 1)
    if states.shape[-1] != size:
        raise ValueError(
            f"{name}: length {states.shape[-1]}; expected {size}, one value per neuron of the stored patterns"
        )
    return states


def as_reals(
    values: Any,
    name: str,
    ndim: int | tuple[int, ...],
    *,
    length: int | None = None,
    complex_too: bool = False,
    own: bool = True,
) -> np.ndarray:
    """`values` as an array of finite numbers: float32 stays float32, all else becomes float64.

    Parameters
    ----------
    values : array-like of real numbers.
    name : what the caller calls it, used in the message.
    ndim : number of dimensions, or several that are allowed.
    length : wanted size of the last one, or None.
    complex_too : complex numbers pass (as complex128), for gradients by the complex step.
    own : the result is a new array. False: it may be `values` itself, for callers that only read it.

    Raises
    ------
    ValueError : not numeric, wrong shape, empty, NaN or infinite.
    """
    wanted = (ndim,) if isinstance(ndim, int) else ndim
    last = "d" if length is None else str(length)
    expected = "expected real numbers of shape " + " or ".join(SHAPES[k].format(last) for k in wanted)
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name}: a masked array, whose mask would be lost; {expected}, for example {name}.filled(0)")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: rows of different length; {expected}") from error
    if array.dtype.kind not in ("iufc" if complex_too else "iuf"):
        raise ValueError(f"{name}: dtype {array.dtype}; {expected}")
    if array.ndim not in wanted or (length is not None and array.shape[-1:] != (length,)):
        raise ValueError(f"{name}: shape {array.shape}; {expected}")
    if array.size == 0:
        raise ValueError(f"{name}: empty, shape {array.shape}; {expected}")
    if not np.isfinite(array).all():
        where = ", ".join(map(str, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(f"{name}[{where}] is {array[~np.isfinite(array)][0]}; {expected}, all finite")
    kind = array.dtype if array.dtype == np.float32 else np.complex128 if array.dtype.kind == "c" else np.float64
    return np.array(array, dtype=kind, order="C", copy=True if own else None)


def as_count(value: Any, name: str, least: int = 1, most: int | None = None) -> int:
    """`value` as a Python int in [least, most]; ValueError for a fraction, NaN, a bool, or out of range."""
    upto = "" if most is None else f" and <= {most}"
    expected = f"expected a whole number >= {least}{upto}"
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value}; {expected}")
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is {value!r}; {expected}") from None
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} is {number}; {expected}")
    return number


def as_fraction(value: Any, name: str) -> float:
    """`value` as a float in [0, 1]; ValueError otherwise."""
    return as_real(value, name, low=0.0, high=1.0)


def as_real(value: Any, name: str, *, low: float = -np.inf, high: float = np.inf, strict: bool = False) -> float:
    """`value` as a finite float in [low, high], or in (low, high) if `strict`; ValueError otherwise."""
    bounds = f"{'(' if strict else '['}{low:g}, {high:g}{')' if strict else ']'}"
    try:
        if isinstance(value, str | bool | np.bool_) or np.ndim(value):
            raise TypeError
        number = float(value)
    except OverflowError:
        raise ValueError(f"{name} is too large for a float; expected a number in {bounds}") from None
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; expected a number in {bounds}") from None
    inside = low < number < high if strict else low <= number <= high
    if not (np.isfinite(number) and inside):
        raise ValueError(f"{name} is {number:g}; expected a finite number in {bounds}")
    return number


def as_flag(value: Any, name: str) -> bool:
    """`value` as a bool; ValueError unless it is one."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value!r}; expected True or False")
    return bool(value)


def as_choice(value: Any, name: str, choices: tuple[str, ...]) -> str:
    """`value` if it is one of `choices`; ValueError that lists them otherwise."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(repr, choices))}")
    return value


def as_rng(rng: Any) -> Permuter:
    """A source of permutations: all that `as_generator` takes, or any object with `.permutation(n)`.

    The legacy global `np.random` and `RandomState` are refused: they hide the seed.
    """
    own = isinstance(rng, Permuter) and not isinstance(rng, np.random.RandomState | type | type(np))
    return rng if own else as_generator(rng)


def as_visit(rng: Permuter, size: int) -> np.ndarray:
    """The order of one sweep, `rng.permutation(size)`, as int64; ValueError unless it names every neuron once.

    Compiled code trusts these indices: a wrong one would end the process, not raise.
    """
    if type(rng) is np.random.Generator:  # NumPy's own orders are right
        return rng.permutation(size).astype(np.int64, copy=False)
    visit = np.asarray(rng.permutation(size))
    whole = visit.dtype.kind in "iu" and visit.shape == (size,) and visit.min() >= 0 and visit.max() < size
    if not whole or np.bincount(visit, minlength=size).max() > 1:
        raise ValueError(f"rng: its permutation({size}) is no order of 0 ... {size - 1}; expected each number once")
    return visit.astype(np.int64)


def as_generator(rng: Any, name: str = "rng") -> np.random.Generator:
    """A numpy Generator: the one door for seeds.

    Parameters
    ----------
    rng : None (fresh numbers), a whole number >= 0, a list of them such as a sweep's pair (0, 7), a
        numpy.random.SeedSequence or BitGenerator, or a Generator, which is used itself and goes on.
    name : what the caller calls it, used in the message.

    Raises
    ------
    ValueError : anything else. RandomState and `np.random` itself are refused: they hide the seed.
    """
    if rng is None or isinstance(rng, np.random.Generator | np.random.SeedSequence | np.random.BitGenerator):
        return np.random.default_rng(rng)
    is_list = isinstance(rng, list | tuple) or (isinstance(rng, np.ndarray) and rng.ndim == 1)
    words = list(rng) if is_list else [rng]
    if not words or not all(isinstance(word, int | np.integer) and not isinstance(word, bool) for word in words):
        raise ValueError(f"{name} is {shown(rng)}; {SEEDS}")
    if min(words) < 0:
        raise ValueError(f"{name} is {shown(rng)}; {SEEDS}, none below 0")
    return np.random.default_rng(list(map(int, words)) if is_list else int(rng))


def as_records(record: Any, known: tuple[str, ...]) -> frozenset[str]:
    """`record` (one name or several) as a set; ValueError for a name that the model cannot record."""
    try:
        names = (record,) if isinstance(record, str) else tuple(record)
    except TypeError:
        raise ValueError(f"record is {record!r}; expected names among {', '.join(map(repr, known))}") from None
    for name in names:
        as_choice(name, "record", known)
    return frozenset(names)


def shown(value: Any) -> str:
    """`repr(value)` on one line, cut to what a message can hold."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def named(character: str) -> str:
    """A character for a message, with its number and Unicode name: 'é' (U+00E9 LATIN SMALL LETTER E WITH ACUTE)."""
    shown = ascii(character) if unicodedata.category(character)[0] in "CMZ" else repr(character)
    return f"{shown} (U+{ord(character):04X} {unicodedata.name(character, 'without a name')})"


SPINS = 2**31  # of one pattern set; larger ones do not fit a desk
TRIALS = 10**9  # sets, queries, rows, bits: more would never end


def as_set_shape(size: Any, count: Any, least: int = 1) -> tuple[int, int]:
    """N >= 1 and K >= `least` of a pattern set, as ints; ValueError for other numbers, or more than 2**31 spins."""
    size, count = as_count(size, "size"), as_count(count, "count", least)
    if size * count > SPINS:
        raise ValueError(f"count is {count} at size {size}; expected at most 2**31 spins in a set, count * size")
    return size, count


def as_trials(value: Any, name: str, least: int = 1) -> int:
    """A number of trials, rows or bits in [least, 10**9]; ValueError otherwise."""
    return as_count(value, name, least, TRIALS)


def as_seed(value: Any) -> int:
    """A seed, a whole number >= 0; ValueError otherwise."""
    return as_count(value, "seed", 0)


def as_trial_seed(value: Any) -> list[int]:
    """The seed of a sweep and the number of a trial, two whole numbers >= 0, as a list; ValueError otherwise."""
    try:
        pair = list(value)
    except TypeError:
        pair = []
    if len(pair) != 2 or isinstance(value, str):
        raise ValueError(f"seed is {value!r}; expected the sweep's seed and the trial's number, for example (0, 7)")
    return [as_seed(pair[0]), as_count(pair[1], "seed[1]", 0)]
