"""The landscape: memories on a plane, a ball that rolls downhill, and the places where it comes to rest."""

from __future__ import annotations

from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Points, Setting, Within

HALF = 2.0  # the plane is the square [-2, 2]²
MOST = 8  # memories
BALL = ((0.25, 1.75),)
TRIANGLE = ((0.0, 1.0), (-0.87, -0.5), (0.87, -0.5))


class Landscape(Instrument):
    """Memories on the plane [-2, 2]² that can be dragged, and a ball that steps downhill, in the browser."""

    declared = (
        Setting("memories", Points(MOST, -HALF, HALF), TRIANGLE, doc="{}; a triangle if not given"),
        Setting("ball", Points(1, -HALF, HALF), BALL, doc="where the ball starts, [[x, y]]"),
        Setting(
            "kernel",
            {"compact": "compact", "gaussian": "Gaussian"},
            "compact",
            "Kernel",
            doc="{}: CompactMemory of reach R, or ModernHopfield, distance, sigma² = 1/beta",
        ),
        Setting("reach", Within(0.3, 2.0, 2), 1.2, "Reach R", text="R = {:.2f}", doc="R, {}"),
        Setting("sigma", Within(0.15, 1.2, 2), 0.3, "Width σ", text="σ = {:.2f}"),
        Setting("seed", SEEDS, 0, doc="{}; `Rng32(seed)` decides where the 200 balls drop"),
    )

    def fixed(self):
        return {"most": MOST}

    def describe(self) -> str:
        s = self.settings
        compact = s["kernel"] == "compact"
        width = f"reach {s['reach']:g}" if compact else f"width {s['sigma']:g}"
        return f"{len(s['memories'])} memories on a plane and a ball, {s['kernel']} kernel, {width}, seed {s['seed']}."
