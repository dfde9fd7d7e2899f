"""A setting of an instrument, declared once: checked in Python, sent to the browser, said to a reader.

`Setting` is the declaration. A control of an instrument is one of these in its class, and one line
`frame.control("name")` in its JavaScript.
"""

from __future__ import annotations

import inspect
import math
import re
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, ClassVar

SEEDS = range(0, 1_000_000)
MOST_LISTED = 6  # numbers that a docstring lists; of more it says the first and the last

RAISES = "Raises\n------\nValueError : a value that is not among these."


class Kind(ABC):
    """What a setting may be where that is no list of values: `value in kind` checks, `str(kind)` says it in words.

    Attributes
    ----------
    annotation : of an argument that takes such a value.
    """

    annotation: ClassVar[Any] = Any

    @abstractmethod
    def __contains__(self, value: Any) -> bool: ...

    @abstractmethod
    def __str__(self) -> str: ...

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The same as `link.js` reads it."""

    def plain(self, value: Any) -> Any:
        """A value in the form that JSON has, such as lists for arrays; what has no such form stays, to be refused."""
        return value


@dataclass(frozen=True)
class Bits(Kind):
    """A setting that is a picture of `size` pixels as hexadecimal digits, or None."""

    annotation = str | None
    size: int

    def __contains__(self, value: Any) -> bool:
        digits = -(-self.size // 4)
        return value is None or (isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value) is not None)

    def __str__(self) -> str:
        return f"None or {-(-self.size // 4)} hexadecimal digits, one bit a pixel"

    def shape(self):
        return {"bits": -(-self.size // 4)}


@dataclass(frozen=True)
class Within(Kind):
    """A setting that is one real number from `low` to `high`; with `digits`, at most so many decimals (a slider)."""

    annotation = float
    low: float
    high: float
    digits: int | None = None

    def __contains__(self, value: Any) -> bool:
        if type(value) not in (int, float) or not math.isfinite(value) or not self.low <= value <= self.high:
            return False
        return self.digits is None or value == round(value, self.digits)

    def __str__(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}" + (
            "" if self.digits is None else f" with at most {self.digits} decimals"
        )

    def shape(self):
        return {"low": self.low, "high": self.high, "digits": self.digits}


@dataclass(frozen=True)
class Points(Kind):
    """A setting that is a list of 1 to `most` points [x, y] of a plane, each number from `low` to `high`."""

    annotation = Sequence[Sequence[float]]
    most: int
    low: float
    high: float

    def __contains__(self, value: Any) -> bool:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= self.most:
            return False
        inside = Within(self.low, self.high)
        return all(
            isinstance(point, list | tuple) and len(point) == 2 and all(number in inside for number in point)
            for point in value
        )

    def __str__(self) -> str:
        return f"a list of 1 to {self.most} points [x, y], each number from {self.low:g} to {self.high:g}"

    def shape(self):
        return {"low": self.low, "high": self.high, "least": 1, "most": self.most, "each": 2}

    def plain(self, value):
        try:
            return [_numbers(point) for point in value]
        except TypeError:
            return value


@dataclass(frozen=True)
class Numbers(Kind):
    """A setting that is a list of `count` real numbers, each from `low` to `high`."""

    annotation = Sequence[float]
    count: int
    low: float
    high: float

    def __contains__(self, value: Any) -> bool:
        if not isinstance(value, list | tuple) or len(value) != self.count:
            return False
        return all(type(number) in (int, float) and self.low <= number <= self.high for number in value)

    def __str__(self) -> str:
        return f"a list of {self.count} numbers, each from {self.low:g} to {self.high:g}"

    def shape(self):
        return {"low": self.low, "high": self.high, "digits": None, "least": self.count, "most": self.count, "each": 1}

    def plain(self, value):
        try:
            return _numbers(value)
        except TypeError:
            return value


def _numbers(values: Any) -> list[Any]:
    return [number.item() if getattr(number, "ndim", None) == 0 else number for number in values]


def accepts(choices: Any, value: Any) -> bool:
    """Whether a setting may have a value; True is kept apart from 1 and 2.0 apart from 2, as the browser will."""
    if isinstance(choices, Kind):
        return value in choices
    if isinstance(choices, range):
        return type(value) is int and value in choices
    return any(type(value) is type(c) and value == c for c in choices)


def as_declared(choices: Any, value: Any) -> Any:
    """A whole number as the float that stands in a list: JSON from a browser writes 1.0 as 1. Else the value itself."""
    if type(value) is int and isinstance(choices, tuple):
        return next((c for c in choices if type(c) is float and c == value), value)
    return value


def shape(choices: Any) -> Any:
    """What a setting may be, as `link.js` reads it."""
    if isinstance(choices, Kind):
        return choices.shape()
    if isinstance(choices, range):
        return {"from": choices.start, "to": choices.stop - 1}
    return list(choices)


def words(choices: Any) -> str:
    """What a setting may be, in words for a reader."""
    if isinstance(choices, Kind):
        return str(choices)
    if isinstance(choices, range):
        return f"a whole number from {choices.start} to {choices.stop - 1}"
    choices = list(choices)
    shown = ", ".join(map(repr, choices[:12]))
    return f"one of {shown}" + (" ..." if len(choices) > 12 else "")


def phrase(choices: Any) -> str:
    """What a setting may be, as a docstring says it: '2 to 10 or "exp"'."""
    if isinstance(choices, Kind):
        return str(choices)
    if isinstance(choices, range):
        return f"{choices.start} to {choices.stop - 1}"
    numbers = [choice for choice in choices if not isinstance(choice, str)]
    if len(numbers) > MOST_LISTED:
        numbers = [f"{numbers[0]:g} to {numbers[-1]:g}"]
    *most, last = [f"{n}" for n in numbers] + [f'"{c}"' for c in choices if isinstance(c, str)]
    return f"{', '.join(most)} or {last}" if most else last


@dataclass(frozen=True)
class Setting:
    """One setting: its name, what it may be, and how a control shows it.

    Where values, text or default follow from the data that an instrument is given, a function of the instrument stands
    in their place.

    Attributes
    ----------
    name : of the argument in Python, in a link and in JavaScript.
    values : a range, a tuple, a `Kind`, or a dict value -> words on the control.
    default : how an instrument opens. If it is a function, the argument in Python is None where it is not given.
    label : words beside the control; without them the kit makes none.
    text : how a control says a value, such as "{} %" or "R = {:.2f}", or a list of words, one for each value.
    doc : what the docstring says; "{}" in it stands for the values.
    hint : what a checkbox says under a pointer.
    control : "slider", "main" (a large slider), "select" or "checkbox"; it follows from the values if not given.
    """

    name: str
    values: Any
    default: Any
    label: str = ""
    text: str | Sequence[str] | Callable[[Any], Any] = "{}"
    doc: str = "{}"
    hint: str = ""
    control: str = ""

    def of(self, instrument: Any) -> Setting:
        """The same, with what follows from the instrument's data."""
        asked = {name: getattr(self, name) for name in ("values", "text", "default")}
        return replace(self, **{name: ask(instrument) for name, ask in asked.items() if callable(ask)})

    @property
    def choices(self) -> Any:
        """The values as `accepts`, `shape` and `words` take them."""
        return tuple(self.values) if isinstance(self.values, Mapping) else self.values

    def plain(self, value: Any) -> Any:
        """A value in the form that JSON has."""
        return self.values.plain(value) if isinstance(self.values, Kind) else value

    def shown(self) -> dict[str, Any]:
        """How `controls.js` shows it; ValueError for values that it cannot, and for words that are not one a value."""
        choices = self.choices
        if isinstance(choices, Kind) and getattr(choices, "digits", None) is None:
            raise ValueError(f"{self.name} has the label {self.label!r}; expected none, no control shows {choices}")
        text = list(self.values.values()) if isinstance(self.values, Mapping) else self.text
        if not isinstance(text, str) and len(text) != len(choices):
            raise ValueError(f"{self.name} has {len(text)} words for {len(choices)} values; expected one for each")
        made = {"kind": self.control or self._control(), "label": self.label, "text": text}
        return made | ({"hint": self.hint} if self.hint else {})

    def parameter(self) -> inspect.Parameter:
        """It as an argument of the constructor."""
        default = None if callable(self.default) else self.default
        if isinstance(self.values, Kind):
            kind = self.values.annotation
        else:
            several = isinstance(self.values, tuple | Mapping)
            known = self.choices if several else [self.values.start if isinstance(self.values, range) else default]
            kind = reduce(or_, dict.fromkeys(map(type, known)))
        kind = inspect.Parameter.empty if kind is type(None) else kind
        return inspect.Parameter(self.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)

    def entry(self) -> str:
        """It as an entry of the docstring's section Parameters."""
        said = self.doc if callable(self.values) else self.doc.replace("{}", phrase(self.choices))
        return textwrap.fill(f"{self.name} : {said}.", 116, subsequent_indent="    ", break_on_hyphens=False)

    def _control(self) -> str:
        choices = self.choices
        if isinstance(choices, range | Within):
            return "slider"
        kinds = set(map(type, choices))
        return "checkbox" if kinds == {bool} else "select" if kinds == {str} else "slider"


def for_browser(settings: Iterable[Setting]) -> dict[str, Any]:
    """What the browser needs of some settings: how they open, what they may be, and those that have a control."""
    settings = list(settings)
    return {
        "defaults": {s.name: s.plain(s.default) for s in settings},
        "allowed": {s.name: shape(s.choices) for s in settings},
        "controls": {s.name: s.shown() for s in settings if s.label},
    }


def signature(initialiser: Callable[..., None], settings: Iterable[Setting]) -> inspect.Signature:
    """Of a class: what its `__init__` names itself, then the settings, in the place of its `**`."""
    own = list(inspect.signature(initialiser, eval_str=True).parameters.values())[1:]
    own = [parameter for parameter in own if parameter.kind is not parameter.VAR_KEYWORD]
    return inspect.Signature([*own, *(setting.parameter() for setting in settings)])


def documented(text: str, settings: Iterable[Setting]) -> str:
    """A docstring with an entry for each setting at the end of its section Parameters, and a section Raises."""
    head, _, raises = inspect.cleandoc(text).partition("\n\nRaises\n")
    if "\nParameters\n---" not in head:
        head += "\n\nParameters\n----------"
    entries = (setting.entry() for setting in settings)
    return "\n".join([head, *entries, "", f"Raises\n{raises}" if raises else RAISES])
