"""The landscape: memories on a plane, a ball that rolls downhill, and the places where it comes to rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from damtutor.models.compact import CompactMemory
from damtutor.models.modern import ModernHopfield
from damtutor.widgets.base import FRAME, Instrument, Kind
from damtutor.widgets.filmstrip import SEEDS

HALF = 2.0  # the plane is the square [-2, 2]²
MOST = 8  # memories
KERNELS = ("compact", "gaussian")
BALL = ((0.25, 1.75),)
TRIANGLE = ((0.0, 1.0), (-0.87, -0.5), (0.87, -0.5))

# Tints are shapes without meaning of their own; each basin's place is a numbered mark as well.
OWN_CSS = """
.dt .dt-plane { max-width: 420px; border-radius: 6px; border-width: 2px; padding: 0; cursor: default; }
.dt .dt-plane .dt-pixels { border-radius: 4px; }
.dt .dt-back0 { fill: var(--panel); }
.dt .dt-tint0 { fill: #7fb2e5; } .dt .dt-tint1 { fill: #e9b872; } .dt .dt-tint2 { fill: #b79ad6; }
.dt .dt-tint3 { fill: #8fc7b5; } .dt .dt-tint4 { fill: #d9a0ae; } .dt .dt-tint5 { fill: #b9bd7c; }
.dt .dt-tint6 { fill: #a3a3a3; }
.dt .dt-tint { opacity: 0.5; }
.dt[data-dt-theme="dark"] .dt-tint { opacity: 0.38; }
.dt .dt-level { fill: none; stroke: var(--edge); stroke-width: 0.012; }
.dt .dt-reach { fill: none; stroke: var(--stored); stroke-width: 0.014; stroke-dasharray: 0.05 0.05; }
.dt .dt-memo { fill: var(--stored); cursor: grab; }
.dt .dt-memo-text { fill: var(--bg); font: 700 0.17px system-ui, sans-serif; text-anchor: middle; }
.dt .dt-memo-text, .dt .dt-picked { pointer-events: none; }
.dt .dt-place { fill: var(--bg); stroke: var(--fg); stroke-width: 0.035; pointer-events: none; }
.dt .dt-ball { fill: none; stroke: var(--state); stroke-width: 0.05; cursor: grab; }
.dt .dt-trail { fill: none; stroke: var(--state); stroke-width: 0.035; stroke-linejoin: round; pointer-events: none; }
.dt .dt-drop { fill: var(--fg); opacity: 0.6; pointer-events: none; }
.dt .dt-picked { fill: none; stroke: var(--focus); stroke-width: 0.035; stroke-dasharray: 0.09 0.05; }
.dt .dt-picked { visibility: hidden; }
.dt .dt-plane:focus-visible .dt-picked { visibility: visible; }
.dt .dt-ends { margin: 6px 0 0; padding: 0; list-style: none; }
.dt .dt-ends li { margin: 0; padding: 0; font-variant-numeric: tabular-nums; }
"""


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
    """A setting that is a list of 1 to `most` points [x, y] of the plane."""

    most: int

    def __contains__(self, value: Any) -> bool:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= self.most:
            return False
        return all(isinstance(point, list | tuple) and len(point) == 2 and _inside(point) for point in value)

    def __str__(self) -> str:
        return f"a list of 1 to {self.most} points [x, y], each number from -2 to 2"

    def shape(self):
        return {"low": -HALF, "high": HALF, "least": 1, "most": self.most, "each": 2}


def _inside(point) -> bool:
    return all(number in Within(-HALF, HALF) for number in point)


class Landscape(Instrument):
    """Memories on the plane [-2, 2]² that can be dragged, and a ball that steps downhill, in the browser.

    Parameters
    ----------
    memories : 1 to 8 points [x, y]; a triangle if not given.
    ball : where the ball starts, [[x, y]].
    kernel : "compact" (CompactMemory of reach R) or "gaussian" (ModernHopfield, distance, sigma² = 1/beta).
    reach : R, 0.3 to 2. sigma : 0.15 to 1.2.
    seed : 0 to 999999; `Rng32(seed)` decides where the 200 balls drop.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    style = OWN_CSS
    modules = (
        "dynamics/rng.js",
        "dynamics/plane.js",
        *FRAME,
        "chart.js",
        "gate.js",
        "ground.js",
        "landscape.js",
    )

    def __init__(
        self,
        *,
        memories: Sequence[Sequence[float]] = TRIANGLE,
        ball: Sequence[Sequence[float]] = BALL,
        kernel: str = "compact",
        reach: float = 1.2,
        sigma: float = 0.3,
        seed: int = 0,
    ):
        settings = {
            "memories": _lists(memories),
            "ball": _lists(ball),
            "kernel": kernel,
            "reach": reach,
            "sigma": sigma,
            "seed": seed,
        }
        start = {"memories": _lists(TRIANGLE), "ball": _lists(BALL), "kernel": "compact", "reach": 1.2, "sigma": 0.3}
        super().__init__({"call": "Landscape(", "start": start, "most": MOST}, settings)

    def allowed(self):
        return {
            "memories": Points(MOST),
            "ball": Points(1),
            "kernel": KERNELS,
            "reach": Within(0.3, 2.0, 2),
            "sigma": Within(0.15, 1.2, 2),
            "seed": SEEDS,
        }

    def memory(self) -> CompactMemory | ModernHopfield:
        """The package's memory that the present settings show."""
        s = self.settings
        if s["kernel"] == "compact":
            return CompactMemory(s["memories"], s["reach"])
        return ModernHopfield(s["memories"], 1 / s["sigma"] ** 2, "distance")

    def describe(self) -> str:
        s = self.settings
        compact = s["kernel"] == "compact"
        width = f"reach {s['reach']:g}" if compact else f"width {s['sigma']:g}"
        return f"{len(s['memories'])} memories on a plane and a ball, {s['kernel']} kernel, {width}, seed {s['seed']}."


def _lists(points: Any) -> Any:
    """Points as lists of plain numbers, as JSON has them; anything else as it is, for the check to refuse."""
    try:
        return [[number.item() if hasattr(number, "item") else number for number in point] for point in points]
    except TypeError:
        return points
