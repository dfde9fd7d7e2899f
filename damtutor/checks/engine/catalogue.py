"""Which exercises there are, found from the folders: nothing is listed by hand.

A topic is a folder beside `engine` whose `__init__.py` declares the number of its chapter, `CHAPTER = 4`. An exercise
is a file in it that defines `EXERCISE`.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from damtutor.checks.engine.exercise import Exercise
from damtutor.checks.engine.settings import neutral

PACKAGE = __name__.rpartition(".engine.")[0]


@cache
@neutral()
def topics() -> tuple[str, ...]:
    """Names of the topics, in the order of their chapters."""
    folders = pkgutil.iter_modules(import_module(PACKAGE).__path__)
    chapters = {name: import_module(f"{PACKAGE}.{name}") for _, name, is_folder in folders if is_folder}
    numbers = {name: module.CHAPTER for name, module in chapters.items() if hasattr(module, "CHAPTER")}
    return tuple(sorted(numbers, key=numbers.get))


@cache
@neutral()
def exercises_on(topic: str) -> dict[str, Exercise]:
    """The exercises of one topic by id, in the order of their numbers.

    Raises
    ------
    ValueError : an id that is there twice, or that belongs to another topic.
    """
    found: dict[str, Exercise] = {}
    for _, name, _ in pkgutil.iter_modules(import_module(f"{PACKAGE}.{topic}").__path__):
        exercise = getattr(import_module(f"{PACKAGE}.{topic}.{name}"), "EXERCISE", None)
        if exercise is None:  # what several exercises share
            continue
        if exercise.id in found or exercise.id.rpartition(".")[0] != topic:
            raise ValueError(f"{topic}/{name}.py declares {exercise.id!r}; expected {topic}. and a number not taken")
        found[exercise.id] = exercise
    return dict(sorted(found.items(), key=lambda item: int(item[0].rpartition(".")[2])))
