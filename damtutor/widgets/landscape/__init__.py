"""The landscape: memories on a plane, a ball that rolls downhill, and the places where it comes to rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Points, Within

HALF = 2.0  # the plane is the square [-2, 2]²
MOST = 8  # memories
KERNELS = ("compact", "gaussian")
BALL = ((0.25, 1.75),)
TRIANGLE = ((0.0, 1.0), (-0.87, -0.5), (0.87, -0.5))


class Landscape(Instrument):
    """Memories on the plane [-2, 2]² that can be dragged, and a ball that steps downhill, in the browser.

    Parameters
    ----------
    memories : 1 to 8 points [x, y]; a triangle if not given.
    ball : where the ball starts, [[x, y]].
    kernel : "compact" (CompactMemory of reach R) or "gaussian" (ModernHopfield, distance, sigma² = 1/beta).
    reach : R, 0.3 to 2.
    sigma : 0.15 to 1.2.
    seed : 0 to 999999; `Rng32(seed)` decides where the 200 balls drop.

    Raises
    ------
    ValueError : a value that is not among these.
    """

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
            "memories": Points(MOST, -HALF, HALF),
            "ball": Points(1, -HALF, HALF),
            "kernel": KERNELS,
            "reach": Within(0.3, 2.0, 2),
            "sigma": Within(0.15, 1.2, 2),
            "seed": SEEDS,
        }

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
