"""What `damtutor reproduce NAME` runs: every item of every paper, found in the papers' folders.

A paper is a folder here; an item stands in the tuple `ITEMS` of one of its modules. There is no list to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from damtutor import reproduce
from damtutor.reproduce.report import Item


def _found() -> Iterator[Item]:
    for paper in iter_modules(reproduce.__path__):
        if paper.ispkg:
            name = f"{reproduce.__name__}.{paper.name}"
            for module in iter_modules(import_module(name).__path__):
                yield from getattr(import_module(f"{name}.{module.name}"), "ITEMS", ())


def by_name(items: Iterator[Item]) -> dict[str, Item]:
    """Items by their names, in alphabetical order.

    Raises
    ------
    ValueError : two items of one name.
    """
    found: dict[str, Item] = {}
    for item in items:
        if item.name in found:
            raise ValueError(f"two items are called {item.name!r}; expected a name of its own for each")
        found[item.name] = item
    return dict(sorted(found.items()))


ITEMS: dict[str, Item] = by_name(_found())
