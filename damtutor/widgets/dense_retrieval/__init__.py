"""The retrieval view: one state to paint or damage, the stored pictures that pull at it, its energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt
from typing import Any

from damtutor.validate import as_count, as_items, as_patterns, as_texts, shown
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.packing import MOST_PIXELS, interaction, pack_rows, pack_tables
from damtutor.widgets.kit.retrieval_settings import RECTIFIED, UPDATE, damage, order_of_interaction, painted
from damtutor.widgets.kit.settings import SEEDS, Bits, Setting


class DenseRetrieval(Instrument):
    """Recall of one picture from a dense memory, step by step, in the browser.

    Parameters
    ----------
    patterns : `(K, N)` of ±1, or a dict name -> such an array, all with the same N <= 256.
    shape : (height, width) with height * width = N; square if not given.
    names : words for the first pictures, such as ["digit 0", "digit 1"].

    Raises
    ------
    ValueError : patterns that are no ±1 pictures of one size, a shape that does not fit, or a setting out of range.
    """

    declared = (
        Setting(
            "store",
            lambda view: {name: name for name in view._counts},
            lambda view: next(iter(view._counts)),
            "Store",
            doc="which entry of the dict to open with",
        ),
        Setting("target", lambda view: range(max(view._counts.values())), 0, doc="the picture that is damaged"),
        damage(90, pixels=None),
        order_of_interaction(3),
        RECTIFIED,
        UPDATE,
        Setting(
            "seed", SEEDS, 0, doc="{}; `Rng32(1000 * seed + target)` decides the damage, then the order of every sweep"
        ),
        painted(lambda view: Bits(view.pixels)),
    )

    def __init__(
        self,
        patterns: Any,
        *,
        shape: tuple[int, int] | None = None,
        names: Sequence[str] = (),
        **settings: Any,
    ):
        if isinstance(patterns, Mapping):
            if not patterns:
                raise ValueError("patterns: an empty dict; expected at least one name -> array of shape (K, N)")
            sets = {str(name): as_patterns(rows, f"patterns[{name!r}]") for name, rows in patterns.items()}
        else:
            sets = {"patterns": as_patterns(patterns)}
        sizes = {rows.shape[1] for rows in sets.values()}
        size = sizes.pop()
        if sizes or size > MOST_PIXELS:
            raise ValueError(f"patterns: {sorted({size, *sizes})} pixels; expected one size, at most {MOST_PIXELS}")
        height, width = _shape(shape, size)
        words = as_texts(names, "names")
        packed = [{"name": k, "title": k, "rows": pack_rows(rows), "labels": words} for k, rows in sets.items()]
        self._counts, self.pixels = {name: len(rows) for name, rows in sets.items()}, size
        self._fixed = {"width": width, "height": height, "sets": packed, "tables": pack_tables(size)}
        super().__init__(**settings)

    def fixed(self):
        return {**self._fixed, "call": "DenseRetrieval(patterns, "}

    def check(self, settings):
        count = self._counts[settings["store"]]
        if settings["target"] >= count:
            raise ValueError(
                f"target is {settings['target']}; expected a whole number from 0 to {count - 1}, "
                f"a picture of store {settings['store']!r}"
            )

    def describe(self) -> str:
        s = self.settings
        power = interaction(s["n"], s["rectified"]).words.phrase
        start = (
            "a painted picture" if s["state"] else f"picture {s['target']} with {s['damage']} % of its pixels flipped"
        )
        how = "one neuron at a time" if s["order"] == "async" else "all neurons together"
        return f"recall of {start} from {self._counts[s['store']]} stored pictures, {power}, {how}, seed {s['seed']}."


def _shape(shape: Any, size: int) -> tuple[int, int]:
    """(height, width) of a picture of `size` pixels; ValueError if it does not fit."""
    if shape is None:
        side = isqrt(size)
        if side * side != size:
            raise ValueError(
                f"shape: {size} pixels are no square; expected shape=(height, width), height * width = {size}"
            )
        return side, side
    expected = f"expected (height, width), height * width = {size}"
    edges = as_items(shape, "shape", expected)
    if len(edges) != 2:
        raise ValueError(f"shape is {shown(shape)}; {expected}")
    height, width = (as_count(edge, "shape") for edge in edges)
    if height * width != size:
        raise ValueError(f"shape is {(height, width)}; expected height * width = {size}, the pixels of a pattern")
    return height, width
