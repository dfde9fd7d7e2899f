"""What a setting of an instrument may be: checked in Python, told to the browser, said to a reader."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

SEEDS = range(0, 1_000_000)  # SEED_COUNT in frame.js


class Kind(ABC):
    """What a setting may be where that is no list of values: `value in kind` checks, `str(kind)` says it in words."""

    @abstractmethod
    def __contains__(self, value: Any) -> bool: ...

    @abstractmethod
    def __str__(self) -> str: ...

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The same as `link.js` reads it."""


@dataclass(frozen=True)
class Bits(Kind):
    """A setting that is a picture of `size` pixels as hexadecimal digits, or None."""

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


@dataclass(frozen=True)
class Numbers(Kind):
    """A setting that is a list of `count` real numbers, each from `low` to `high`."""

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


def accepts(choices: Any, value: Any) -> bool:
    """Whether a setting may have a value; True is kept apart from 1 and 2.0 apart from 2, as the browser will."""
    if isinstance(choices, Kind):
        return value in choices
    if isinstance(choices, range):
        return type(value) is int and value in choices
    return any(value == c and type(value) is type(c) for c in choices)


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
