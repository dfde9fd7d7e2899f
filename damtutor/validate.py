"""Checks of input: every argument that enters the package is looked at here, once.

A refusal says what was wrong, what is expected, and shows an example. Nothing is cast silently and no
argument is changed: what comes back is a new array or the same read-only view.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

SEEDS = "expected a seed such as 0, a list of seeds such as (0, 7), a numpy.random.Generator, or None"
COUNTLESS = 2**63 - 1
NO_SEEDS = (bool, np.timedelta64)  # a kind of int, and of np.integer
NO_NUMBERS = (str, bytes, bytearray, bool, np.bool_)  # float() would read a number out of them
SPINS = 2**31  # of one pattern set; larger ones do not fit a desk
TRIALS = 10**9  # sets, queries, rows, bits: more would never end
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


def shown(value: Any) -> str:
    """`repr(value)` on one line, cut to what a message can hold."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def named(character: str) -> str:
    """A character for a message, with its number and Unicode name: 'é' (U+00E9 LATIN SMALL LETTER E WITH ACUTE)."""
    sign = ascii(character) if unicodedata.category(character)[0] in "CMZ" else repr(character)
    return f"{sign} (U+{ord(character):04X} {unicodedata.name(character, 'without a name')})"


def as_array(values: Any, name: str, expected: str, *, filled: str = "{}.filled(0)") -> np.ndarray:
    """`values` as a NumPy array of any dtype, perhaps itself; ValueError for what has a mask, or is no array.

    Parameters
    ----------
    values : array-like.
    name : what the caller calls it, used in the message.
    expected : the end of a refusal.
    filled : advice for a masked array, with its name in the place of {}.
    """
    masked = f"{name}: a masked array, whose mask would be lost; {expected}"
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{masked}, for example {filled.format(name)}")
    if isinstance(values, list | tuple) and any(isinstance(row, np.ma.MaskedArray) for row in values):
        raise ValueError(f"{masked}, for example {filled.format(f'np.ma.array({name})')}")
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name}: rows of different length; {expected}") from error
    except Exception as error:  # an object with an __array__ of its own may raise what it likes
        raise ValueError(f"{name}: {type(values).__name__}, of which no array can be made; {expected}") from error


def as_code(values: Any, name: str) -> str:
    """How advice writes down `values` so that it can calculate with them: a list becomes an array first."""
    return name if isinstance(values, np.ndarray) else f"np.array({name})"


def as_symmetric(values: Any, name: str) -> str:
    """How advice makes a square matrix symmetric: halves first, since a sum of small integers may wrap."""
    code = as_code(values, name)
    return f"{code} / 2 + {code}.T / 2"


def _spins_by(values, name, array) -> str:
    """Advice that makes spins of two-valued or grey pictures, in words; empty where none is known to work."""
    if array.dtype.kind not in "biuf" or not array.size or not np.isfinite(array).all():
        return ""
    low, high, two = float(array.min()), float(array.max()), bool(np.isin(array, (0, 1)).all())
    if low == high and not two:
        return ""
    middle = 0.0 if two or low < 0 < high else low / 2 + high / 2
    said = "0/1 pictures become spins" if two else "pictures become spins"
    return f"; {said} by np.where({as_code(values, name)} > {middle:g}, 1, -1)"


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
    array = as_array(
        values, name, "expected a rectangular array of -1 and +1", filled="np.where({}.filled(0) > 0, 1, -1)"
    )
    if array.dtype.kind not in "iuf":
        raise ValueError(
            f"{name}: dtype {array.dtype}; expected integers or floats that are -1 or +1"
            f"{_spins_by(values, name, array) or f', {example}'}"
        )
    if array.ndim != ndim:
        wanted = "(N,)" if ndim == 1 else "(K, N), one pattern a row"
        raise ValueError(f"{name}: shape {array.shape}; expected {wanted}, {example}")
    if array.size == 0:
        raise ValueError(f"{name}: empty, shape {array.shape}; expected at least one pattern and one neuron")
    good = (array == 1) | (array == -1)
    if not good.all():
        where = tuple(int(k) for k in np.argwhere(~good)[0])
        value = array[where]
        place = ", ".join(map(str, where))
        raise ValueError(
            f"{name}[{place}] is {value}; expected every value to be -1 or +1{_spins_by(values, name, array)}"
        )
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
    states = as_binary(values, name, 2 if count_axes(values) in (2, -1) else 1)
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
    array = as_array(values, name, expected)
    if array.dtype.kind not in ("iufc" if complex_too else "iuf"):
        raise ValueError(f"{name}: dtype {array.dtype}; {expected}{numbers_by(values, name, array)}")
    if array.ndim not in wanted or (length is not None and array.shape[-1:] != (length,)):
        raise ValueError(f"{name}: shape {array.shape}; {expected}")
    if array.size == 0:
        raise ValueError(f"{name}: empty, shape {array.shape}; {expected}")
    if not np.isfinite(array).all():
        where = ", ".join(map(str, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(f"{name}[{where}] is {array[~np.isfinite(array)][0]}; {expected}, all finite")
    kind = array.dtype if array.dtype == np.float32 else np.complex128 if array.dtype.kind == "c" else np.float64
    with np.errstate(over="ignore"):
        numbers = np.array(array, dtype=kind, order="C", copy=True if own else None)
    if array.dtype.itemsize > numbers.dtype.itemsize and not np.isfinite(numbers).all():
        raise ValueError(f"{name}: {array.dtype} numbers beyond float64; {expected}, below 1e308")
    return numbers


def numbers_by(values, name, array) -> str:
    """Advice that makes numbers of bools, strings or objects, in words; empty where it would not work."""
    try:
        made = array.astype(float) if array.ndim and array.dtype.kind in "bOUS" else None
    except (TypeError, ValueError, OverflowError):
        return ""
    works = made is not None and made.size and np.isfinite(made).all()
    return f", for example {as_code(values, name)}.astype(float)" if works else ""


def count_axes(values: Any) -> int:
    """Number of axes of an array-like; -1 for what is none, which the door behind says in words."""
    try:
        return np.ndim(values)
    except Exception:  # rows of different length, or an object whose __array__ raises
        return -1


def as_mask(values: Any, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
    """`values` as an array of booleans of one of `shapes`, perhaps itself; ValueError otherwise."""
    expected = f"expected booleans of shape {' or '.join(map(str, shapes))}"
    array = as_array(values, name, expected, filled="{}.filled(False)")
    if array.dtype != bool or array.shape not in shapes:
        raise ValueError(f"{name}: dtype {array.dtype}, shape {array.shape}; {expected}")
    return array


def as_named(values: Any, name: str, example: str, *, least: int = 1, most: int | None = None) -> dict[str, Any]:
    """A mapping of names to anything, as a dict; ValueError if it is none, or has too few or too many entries."""
    if not isinstance(values, Mapping):
        raise ValueError(f"{name} is {shown(values)}; expected a dict, for example {example}")
    if len(values) < least or (most is not None and len(values) > most):
        upto = f" or more, for example {example}" if most is None else f" to {most}, since each needs a look of its own"
        raise ValueError(f"{name}: {len(values)} entries; expected {least}{upto}")
    for key in values:
        as_text(key, f"a name in {name}")
    return dict(values)


def as_text(value: Any, name: str, *, empty: bool = False) -> str:
    """`value` if it is a string, and not an empty one unless that is allowed; ValueError otherwise."""
    if not isinstance(value, str) or not (value or empty):
        raise ValueError(f"{name} is {shown(value)}; expected words, a string")
    return value


def as_texts(values: Any, name: str, *, length: int | None = None) -> list[str]:
    """Strings in order, as a list; ValueError for one string alone, other things, or another number of them."""
    expected = "expected a list of strings" if length is None else f"expected a list of {length} strings"
    words = as_items(values, name, expected)
    if not all(isinstance(word, str) for word in words) or (length is not None and len(words) != length):
        raise ValueError(f"{name} is {shown(values)}; {expected}")
    return list(words)


def as_items(values: Any, name: str, expected: str, least: int = 0) -> tuple[Any, ...]:
    """Several things in order, as a tuple; ValueError if `values` is a string, or cannot be walked through."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable) or not _walkable(values):
        raise ValueError(f"{name} is {shown(values)}; {expected}")
    items = tuple(values)
    if len(items) < least:
        raise ValueError(f"{name}: empty; {expected}")
    return items


def _walkable(values) -> bool:
    return not isinstance(values, np.ndarray) or values.ndim > 0


def as_kind(value: Any, name: str, kinds: Any, example: str) -> Any:
    """`value` if it is an instance of one of `kinds`; ValueError with an example otherwise."""
    if not isinstance(value, kinds):
        raise ValueError(f"{name} is {shown(value)}; expected {example}")
    return value


def as_function(value: Any, name: str, example: str) -> Callable[..., Any]:
    """`value` if it can be called; ValueError with an example otherwise."""
    if not callable(value):
        raise ValueError(f"{name} is {shown(value)}; expected a function, for example {example}")
    return value


def as_count(value: Any, name: str, least: int = 1, most: int | None = None) -> int:
    """`value` as a Python int in [least, most]; ValueError for a fraction, NaN, a bool, or out of range.

    Without `most` nothing above 2**63 - 1 passes: loops of so many turns would never end.
    """
    number = as_whole(value, name, least, most)
    if number > COUNTLESS:
        raise ValueError(f"{name} is {_whole(number)}; expected a whole number from {least} to 2**63 - 1")
    return number


def as_whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    """As `as_count`, of any size, for seeds."""
    upto = "" if most is None else f" and <= {_whole(most)}"
    expected = f"expected a whole number >= {least}{upto}"
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value}; {expected}")
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    try:
        if isinstance(value, np.timedelta64) or getattr(value, "dtype", None) == np.bool_:
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is {shown(value)}; {expected}") from None
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} is {_whole(number)}; {expected}")
    return number


def _whole(number: int) -> str:
    """A whole number as a message says it: Python refuses to write out more than 4300 digits."""
    return str(number) if number.bit_length() < 100 else f"about 2**{number.bit_length()}"


def as_fraction(value: Any, name: str) -> float:
    """`value` as a float in [0, 1]; ValueError otherwise."""
    return as_real(value, name, low=0.0, high=1.0)


def as_real(value: Any, name: str, *, low: float = -np.inf, high: float = np.inf, strict: bool = False) -> float:
    """`value` as a finite float in [low, high], or in (low, high) if `strict`; ValueError otherwise."""
    bounds = f"{'(' if strict else '['}{low:g}, {high:g}{')' if strict else ']'}"
    try:
        if isinstance(value, NO_NUMBERS) or value is np.ma.masked or np.ndim(value):
            raise TypeError
        if getattr(value, "dtype", None) is not None and value.dtype.kind not in "iuf":
            raise TypeError
        number = float(value)
    except OverflowError:
        raise ValueError(f"{name} is too large for a float; expected a number in {bounds}") from None
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {shown(value)}; expected a number in {bounds}") from None
    inside = low < number < high if strict else low <= number <= high
    if not (np.isfinite(number) and inside):
        raise ValueError(f"{name} is {number:g}; expected a finite number in {bounds}")
    return number


def as_flag(value: Any, name: str) -> bool:
    """`value` as a bool; ValueError unless it is one."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {shown(value)}; expected True or False")
    return bool(value)


def as_choice(value: Any, name: str, choices: tuple[str, ...]) -> str:
    """`value` if it is one of `choices`; ValueError that lists them otherwise."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {shown(value)}; expected one of {', '.join(map(repr, choices))}")
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
    if not words or not all(isinstance(word, int | np.integer) and not isinstance(word, NO_SEEDS) for word in words):
        raise ValueError(f"{name} is {shown(rng)}; {SEEDS}")
    if min(words) < 0:
        raise ValueError(f"{name} is {shown(rng)}; {SEEDS}, none below 0")
    return np.random.default_rng(list(map(int, words)) if is_list else int(rng))


def as_records(record: Any, known: tuple[str, ...]) -> frozenset[str]:
    """`record` (one name or several) as a set; ValueError for a name that the model cannot record."""
    try:
        names = (record,) if isinstance(record, str) else tuple(record)
    except TypeError:
        raise ValueError(f"record is {shown(record)}; expected names among {', '.join(map(repr, known))}") from None
    for name in names:
        as_choice(name, "record", known)
    return frozenset(names)


def as_set_shape(size: Any, count: Any, least: int = 1) -> tuple[int, int]:
    """N >= 1 and K >= `least` of a pattern set, as ints; ValueError for other numbers, or more than 2**31 spins."""
    size, count = as_whole(size, "size", 1), as_whole(count, "count", least)
    if size * count > SPINS:
        raise ValueError(f"count is {count} at size {size}; expected at most 2**31 spins in a set, count * size")
    return size, count


def as_trials(value: Any, name: str, least: int = 1) -> int:
    """A number of trials, rows or bits in [least, 10**9]; ValueError otherwise."""
    return as_count(value, name, least, TRIALS)


def as_counts(values: Any, name: str, least: int = 1, most: int | None = None) -> list[int]:
    """Whole numbers in [least, most] in order, one or more, as a list; ValueError otherwise."""
    items = as_items(values, name, "expected a list of whole numbers, for example (10, 20)", least=1)
    return [as_count(value, name, least, most) for value in items]


def as_seed(value: Any) -> int:
    """A seed, a whole number >= 0; ValueError otherwise."""
    return as_whole(value, "seed", 0)


def as_trial_seed(value: Any) -> list[int]:
    """The seed of a sweep and the number of a trial, two whole numbers >= 0, as a list; ValueError otherwise."""
    try:
        pair = list(value)
    except TypeError:
        pair = []
    if len(pair) != 2 or isinstance(value, str):
        raise ValueError(
            f"seed is {shown(value)}; expected the sweep's seed and the trial's number, for example (0, 7)"
        )
    return [as_seed(pair[0]), as_count(pair[1], "seed[1]", 0)]
