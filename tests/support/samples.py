"""One of each instrument, for the tests that try them all."""

from __future__ import annotations

from collections.abc import Callable

from damtutor.patterns import digits
from damtutor.widgets import SLUGS, named
from damtutor.widgets.kit.instrument import Instrument


def curve(n, load=1):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 2))
    figure.subplots().plot([0, 1], [0, n * load])
    return figure, f"A line that rises to {n * load}."


DATA = {  # by the names under which a copied call expects them
    "patterns": digits(),
    "places": [0, 1],
    "measured": {"runs": ([0, 1], [1, 0.4], [0.01, 0.02])},
    "theory": ([0, 1], [1, 0]),
}
GIVEN = {  # those that are made from some data
    "dense_retrieval": lambda kind: kind(DATA["patterns"], names=[f"digit {d}" for d in range(10)]),
    "explorer": lambda kind: kind(curve, title="Lines", n=[2, 3], load=[0.5, 1.0]),
    "sketch": lambda kind: kind(DATA["places"], DATA["measured"], DATA["theory"]),
}


def makers() -> dict[str, Callable[[], Instrument]]:
    """Slug -> what makes one such instrument, for every folder of instruments."""

    def maker(slug: str) -> Callable[[], Instrument]:
        return lambda: GIVEN.get(slug, lambda kind: kind())(named(slug))

    return {slug: maker(slug) for slug in SLUGS}


def instruments() -> list[Instrument]:
    """One of each, made anew."""
    return [make() for make in makers().values()]
