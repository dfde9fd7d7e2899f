"""The flow field: where a step of the continuous memory goes on a plane, beside its fixed points over β."""

from __future__ import annotations

import numpy as np

from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS

BETAS = tuple(sorted({1.9} | {round(float(b), 3) for b in np.geomspace(0.3, 60, 241)}))
RATES = tuple(round(0.1 * k, 1) for k in range(26))
PLACES = range(-4000, 4001)  # thousandths


def _circle(degrees) -> list[list[float]]:
    angle = np.deg2rad(degrees)
    return np.column_stack([np.cos(angle), np.sin(angle)]).tolist()


# name -> title, memories, the β that its diagram shows
PRESETS = {
    "triangle": ("triangle: 3 memories", _circle([90, 210, 330]), (1.0, 4.0)),
    "clusters": ("3 clusters of 4", _circle([c + o for c in (90, 210, 330) for o in (-27, -9, 9, 27)]), (0.3, 60.0)),
    "short": ("a short key", [[2.0, 0.0], [0.0, 2.0], [0.7, 0.5]], (0.3, 10.0)),
}


class FlowField(Instrument):
    """Recall on a plane, step by step, in the browser: arrows f(ξ) - ξ, fixed points, and the diagram over β.

    Parameters
    ----------
    memories : "triangle", "clusters" or "short".
    beta : a value of `BETAS`.
    a : step size, 0 to 2.5.
    x, y : where the state starts, in thousandths.
    seed : 0 to 999999, of the kicks of a sweep.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    def __init__(
        self, *, memories: str = "triangle", beta: float = 1.9, a: float = 1.0, x: int = 0, y: int = 0, seed: int = 0
    ):
        sets = [{"name": k, "title": t, "rows": rows, "window": list(w)} for k, (t, rows, w) in PRESETS.items()]
        settings = {"memories": memories, "beta": beta, "a": a, "x": x, "y": y, "seed": seed}
        super().__init__({"sets": sets, "betas": list(BETAS), "rates": list(RATES), "call": "FlowField("}, settings)

    def allowed(self):
        return {
            "memories": tuple(PRESETS),
            "beta": BETAS,
            "a": RATES,
            "x": PLACES,
            "y": PLACES,
            "seed": SEEDS,
        }

    def describe(self) -> str:
        s = self.settings
        return (
            f"recall on a plane, {PRESETS[s['memories']][0]}, β = {s['beta']:g}, step size {s['a']:g}, "
            f"from ({s['x'] / 1000:g}, {s['y'] / 1000:g}), seed {s['seed']}."
        )
