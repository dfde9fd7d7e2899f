"""The sketch: the learner draws a curve point by point, commits, and only then sees theory and measurement over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from damtutor.validate import as_reals, as_text, shown
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import Numbers, Setting

LOW, HIGH = 0.0, 1.0  # what can be guessed
MARGIN = 0.05  # what is shown beyond that, for measured values and their noise
OPENING = 0.9  # a flat line: plausible anywhere, and seldom the answer
MOST_PLACES, MOST_SERIES = 12, 3


class Sketch(Instrument):
    """A curve to draw before it is seen: points to drag from 0 to 1, then theory and measurement over them.

    Parameters
    ----------
    places : where on the horizontal axis the points stand, 2 to 12 rising numbers.
    measured : name -> (places, means, standard errors) of one series; one to three of them.
    theory : (places, values) of the line.
    title : what is drawn.
    labels : words for the two axes.

    Raises
    ------
    ValueError : places that do not rise, a series of another form or outside 0 to 1, a guess that does not fit.
    """

    declared = (
        Setting(
            "guess",
            lambda sketch: Numbers(len(sketch._places), LOW, HIGH),
            lambda sketch: [OPENING] * len(sketch._places),
            doc=f"where the points stand at first, one number from 0 to 1 for each place; all {OPENING} if not given",
        ),
    )

    def __init__(
        self,
        places: Sequence[float],
        measured: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[float]]],
        theory: tuple[Sequence[float], Sequence[float]],
        *,
        title: str = "Your curve",
        labels: tuple[str, str] = ("x", "y"),
        **settings: Any,
    ):
        self._places = _places(places)
        series = _series(measured, self._places)
        line = _values(theory, "theory", ("places", "values"))
        words, title = _words(labels), as_text(title, "title")
        self._fixed = {
            "places": self._places,
            "measured": series,
            "theory": line,
            "title": title,
            "labels": words,
            "margin": MARGIN,
            "call": f"Sketch(places, measured, theory, title={title!r}, labels={tuple(words)!r}, ",
        }
        super().__init__(**settings)

    def fixed(self):
        return self._fixed

    def describe(self) -> str:
        """The guess only: what is measured stays in the instrument until the learner asks."""
        x, y = self.config["labels"]
        points = zip(self._places, self.settings["guess"], strict=True)
        return f"a curve to draw, {y} over {x}; your guess: {', '.join(f'{g:.2f} at {p:g}' for p, g in points)}."


def _short(values: np.ndarray) -> list[float]:
    """Five digits each: more than a picture shows, and a third of the bytes."""
    return [float(f"{value:.5g}") for value in values]


def _places(places: Any) -> list[float]:
    array = as_reals(places, "places", 1)
    if not 2 <= len(array) <= MOST_PLACES or (np.diff(array) <= 0).any():
        raise ValueError(f"places are {array.tolist()}; expected 2 to {MOST_PLACES} rising numbers, such as [0.1, 0.2]")
    return [float(place) for place in array]


def _words(labels: Any) -> list[str]:
    if not isinstance(labels, list | tuple) or len(labels) != 2 or not all(isinstance(w, str) and w for w in labels):
        raise ValueError(f'labels is {shown(labels)}; expected two texts, for example ("load", "overlap m")')
    return list(labels)


def _values(data: Any, name: str, parts: tuple[str, ...]) -> list[list[float]]:
    """Lists of equal length; the second one from 0 to 1, give or take what is shown beyond."""
    if not isinstance(data, list | tuple) or len(data) != len(parts):
        raise ValueError(f"{name} is {type(data).__name__}; expected a tuple ({', '.join(parts)})")
    rows = [as_reals(row, f"{part} of {name}", 1) for row, part in zip(data, parts, strict=True)]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{name}: lengths {', '.join(str(len(row)) for row in rows)}; expected one length for all")
    if (rows[1] < LOW - MARGIN).any() or (rows[1] > HIGH + MARGIN).any():
        raise ValueError(f"{name}: {parts[1]} from {rows[1].min():g} to {rows[1].max():g}; expected 0 to 1")
    return [_short(row) for row in rows]


def _series(measured: Any, places: list[float]) -> list[dict[str, Any]]:
    if not isinstance(measured, Mapping) or not 1 <= len(measured) <= MOST_SERIES:
        raise ValueError(f"measured: expected a dict of 1 to {MOST_SERIES} series, name -> (places, means, errors)")
    series = []
    for name, data in measured.items():
        x, y, error = _values(data, f"measured[{name!r}]", ("places", "means", "errors"))
        if min(error) < 0:
            raise ValueError(f"measured[{name!r}]: an error of {min(error):g}; expected 0 or more")
        if not any(places[0] <= place <= places[-1] for place in x):
            raise ValueError(f"measured[{name!r}]: nothing from {places[0]:g} to {places[-1]:g}, where the guess is")
        series.append({"name": str(name), "x": x, "y": y, "error": error})
    return series
