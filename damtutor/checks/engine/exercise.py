"""An exercise is data: what comes in, what goes out, what is known to go wrong. One runner reads it.

An exercise is one file, such as `checks/dense/one_spin.py`, which ends with `EXERCISE = Exercise(...)`. Nothing here
computes a verdict; see `runner`. Words that a learner will read stand beside the thing they name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

WRONG, ALMOST = "wrong", "almost"

# A call of the learner's function inside a property: protected and on copies.
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
    """Why an answer is not right.

    Parameters
    ----------
    words : for the learner; "" where there is nothing to say.
    kind : how far off that is, WRONG or ALMOST.
    """

    words: str
    kind: str = WRONG


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is often given: an answer that has its values in every case is explained by its words.

    Parameters
    ----------
    words : what the learner is told.
    wrong_answer : a function that makes this mistake.
    kind : how far off it is, WRONG or ALMOST.
    matches_source : where two mistakes give the same values, `matches_source(answer)` tells by the source of an
        answer whether it makes this one; None if the values are enough.
    """

    words: str
    wrong_answer: Callable
    kind: str = WRONG
    matches_source: Callable[[Callable], bool] | None = None


@dataclass(frozen=True)
class Property:
    """Something that must hold for every right answer, beyond examples.

    Parameters
    ----------
    name : the property in words, as the learner reads it.
    test : `test(call)` returns None, or the arguments and words of a counter-example.
    """

    name: str
    test: Callable[[Call], tuple[tuple, str] | None]


@dataclass(frozen=True)
class Mutants:
    """Small changes of the reference that the check need not reject.

    Parameters
    ----------
    equivalent : pairs of a change, "before -> after", and the reason why it changes no verdict.
    """

    equivalent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tolerance:
    """How close a number must be.

    Parameters
    ----------
    rtol : largest difference, relative to the expected number.
    atol : largest difference on top of that.
    words : how a verdict says it.
    """

    rtol: float = 0.0
    atol: float = 0.0
    words: str = "exactly"


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise with everything its check needs.

    Parameters
    ----------
    id : topic of the chapter and number, such as "dense.2".
    title : what the learner sees as its name.
    points : what a right answer earns; `almost` earns half.
    minutes : how long it takes a learner, about.
    level : one to three filled diamonds.
    reference : the package's own answer; its argument names are those of the exercise.
    cases : makes the inputs, the same ones every time.
    success : why it works and what to try next.
    core : False for an exercise that may be left out.
    accept : None compares with the reference within `tolerance`. Otherwise `accept(args, expected, got)` returns
        None or a Reason: for exercises with several right answers.
    edges : pairs of an edge's name and the Reason to give when an answer fails in cases of that edge alone.
    mistakes : wrong answers that are often given, the most particular first.
    int8_message : words for an answer that is right once the int8 arrays come as int64; "" if that is not tried.
    across_cases : `across_cases(attempts)` looks at the answers to all cases together and returns a Reason, without
        words if it sees nothing.
    properties : what must hold beyond examples.
    remarks : `remark(function)` looks at a correct answer and returns a kind sentence or None.
    tolerance : how close a number must be.
    spins : True if the answer consists of -1 and +1 only.
    right_answers : other right answers, at least two. The tests show that the verdict on each is `correct`.
    wrong_answers : pairs of a wrong answer, as learners write it, and words that its verdict must contain: at least
        five. The tests show that it does.
    mutants : what the tests may leave alive of the spoilt references.
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
    int8_message: str = ""
    across_cases: Callable[[Sequence[Any]], Reason] | None = None
    properties: tuple[Property, ...] = ()
    remarks: tuple[Callable[[Callable], str | None], ...] = ()
    tolerance: Tolerance = Tolerance()
    spins: bool = False
    right_answers: tuple[Callable, ...] = ()
    wrong_answers: tuple[tuple[Callable, str], ...] = ()
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
