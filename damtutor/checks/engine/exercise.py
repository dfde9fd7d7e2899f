"""An exercise is data: what comes in, what goes out, what is known to go wrong. One runner reads it.

Nothing here computes a verdict; see `runner`. Words that a learner will read stand beside the thing they name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

WRONG, ALMOST = "wrong", "almost"

# A call of the learner's function inside a law: protected and on copies.
Call = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One input.

    Parameters
    ----------
    args : positional arguments; arrays are copied before every call.
    edge : name of the convention that this case is about (a key of `Exercise.edges`), or "" for a plain case.
    """

    args: tuple
    edge: str = ""

    @cached_property
    def size(self) -> float:
        """How much a person has to read to follow this case: numbers in its arguments, then their magnitude."""
        numbers = sum(np.size(a) for a in self.args)
        scalars = sum(abs(float(a)) for a in self.args if np.ndim(a) == 0)
        return numbers + scalars / (1.0 + scalars)


def copies(args: tuple) -> tuple:
    """The same arguments, arrays as new ones, so that nothing a function does to them is lasting."""
    return tuple(arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args)


@dataclass(frozen=True)
class Reason:
    """Why an answer is not right: words for the learner, and how far off that is."""

    words: str
    kind: str = WRONG


@dataclass(frozen=True)
class Mistake:
    """A known wrong way, as a function that goes it: an answer that agrees with it everywhere is named by it.

    Where two ways give the same values, `shows(answer)` tells by the answer's source whether it goes this one.
    """

    words: str
    rival: Callable
    kind: str = WRONG
    shows: Callable[[Callable], bool] | None = None


@dataclass(frozen=True)
class Law:
    """Something that must hold for every right answer, beyond examples.

    `test(call)` returns None, or the arguments and words of a counter-example.
    """

    name: str
    test: Callable[[Call], tuple[tuple, str] | None]


@dataclass(frozen=True)
class Mutants:
    """What the tests of this check may leave alive: pairs of a change, "before -> after", and the reason."""

    equivalent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tolerance:
    """How close a number must be, and how the message says it."""

    rtol: float = 0.0
    atol: float = 0.0
    words: str = "exactly"


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise with everything its check needs.

    Parameters
    ----------
    id : chapter's topic and number, such as "dense.2".
    title, minutes, level, core : what the learner sees; level is one to three filled diamonds.
    points : what a right answer earns; `almost` earns half.
    reference : the package's own answer; its argument names are those of the exercise.
    cases : makes the inputs, the same ones every time.
    success : why it works and what to try next.
    accept : None compares with the reference within `tolerance`. Otherwise `accept(args, expected, got)` returns
        None or a Reason: for exercises with several right answers.
    edges : edge name -> Reason, given when an answer fails in cases of that edge alone.
    mistakes : known wrong ways, the most particular first.
    narrow : words for an answer that is right once the int8 arrays come as int64; "" if that is not tried.
    overall : `overall(attempts)` looks at all answers together and returns a Reason, without words if it sees nothing.
    laws : what must hold beyond examples.
    remarks : `remark(function)` looks at a correct answer and returns a kind sentence or None.
    spins : the answer consists of -1 and +1 only.
    """

    id: str
    title: str
    points: float
    minutes: int
    level: str
    reference: Callable
    cases: Callable[[], Sequence[Case]]
    success: str
    core: bool = True
    accept: Callable[[tuple, Any, Any], Reason | None] | None = None
    edges: tuple[tuple[str, Reason], ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    narrow: str = ""
    overall: Callable[[Sequence[Any]], Reason] | None = None
    laws: tuple[Law, ...] = ()
    remarks: tuple[Callable[[Callable], str | None], ...] = ()
    tolerance: Tolerance = Tolerance()
    spins: bool = False
    mutants: Mutants = Mutants()

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments, as in the statement."""
        return tuple(inspect.signature(self.reference).parameters)

    @cached_property
    def name(self) -> str:
        """Name of the function in the statement. A learner may choose another."""
        return self.reference.__name__

    @cached_property
    def ordered(self) -> tuple[Case, ...]:
        """The cases, smallest first, so that the first failure is the easiest to follow."""
        return tuple(sorted(self.cases(), key=lambda case: case.size))

    @cached_property
    def expected(self) -> tuple[Any, ...]:
        """What the reference says to each case of `ordered`."""
        return tuple(self.reference(*copies(case.args)) for case in self.ordered)
