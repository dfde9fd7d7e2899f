"""The flow field: where a step of the continuous memory goes on a plane, beside its fixed points over β."""

from __future__ import annotations

import numpy as np

from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Setting

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
    """Recall on a plane, step by step, in the browser: arrows f(ξ) - ξ, fixed points, and the diagram over β."""

    declared = (
        Setting("memories", {name: title for name, (title, _, _) in PRESETS.items()}, "triangle", "Memories"),
        Setting(
            "beta",
            BETAS,
            1.9,
            "β",
            text=[f"β = {beta:.{2 if beta < 10 else 1}f}" for beta in BETAS],
            doc="β, a value of `BETAS`, {}",
            control="main",
        ),
        Setting("a", RATES, 1.0, "Step size a", text="a = {:.1f}", doc="step size, {}"),
        Setting("x", PLACES, 0, doc="where the state starts across, in thousandths, {}"),
        Setting("y", PLACES, 0, doc="where the state starts upwards, in thousandths, {}"),
        Setting("seed", SEEDS, 0, doc="{}, of the kicks of a sweep"),
    )

    def fixed(self):
        return {"sets": [{"name": k, "rows": rows, "window": list(w)} for k, (_, rows, w) in PRESETS.items()]}

    def describe(self) -> str:
        s = self.settings
        return (
            f"recall on a plane, {PRESETS[s['memories']][0]}, β = {s['beta']:g}, step size {s['a']:g}, "
            f"from ({s['x'] / 1000:g}, {s['y'] / 1000:g}), seed {s['seed']}."
        )
