"""The headline of the course: one noisy query among many keys, asked again and again."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.models.transformer import BETWEEN, layer_norm
from damtutor.theory.modern import forgetting_edge
from damtutor.widgets.base import FRAME, Instrument
from damtutor.widgets.filmstrip import SEEDS
from damtutor.widgets.microscope import NOISE, Scene, directions, nearly_normal

SIZE = 64
COUNTS = tuple(range(20, 301, 20))
STEPS = range(1, 11)
FACTORS = (100, 125)  # percent of 1/√d
QUERIES = 20  # whose mean is shown; every key number among COUNTS has as many


def scene(settings: dict[str, Any], query: int = 0) -> Scene:
    """Query, keys and β of the instrument's settings; `transformer.iterate` then gives what it shows.

    `Rng32(3 * seed)` makes the noise, `Rng32(3 * seed + 1)` the keys: fewer keys are the first of them. Query q is key
    q with noise of standard deviation 0.5 on each number.
    """
    s = settings
    keys = directions(3 * s["seed"] + 1, s["count"], SIZE)
    asked = keys[query] + NOISE * nearly_normal(3 * s["seed"], QUERIES, SIZE)[query]
    if s["between"] == "layernorm":
        asked, keys = layer_norm(asked), layer_norm(keys)
    mask = np.ones(len(keys), dtype=bool)
    return Scene(asked, keys, keys, mask, s["factor"] / 100 / np.sqrt(SIZE), query)


class Again(Instrument):
    """Attention asked again: the answer is the next query, for ten steps, in the browser.

    The keys are random directions of norm √64, the values are the keys, nothing is trained.

    Parameters
    ----------
    step : 1 to 10. count : keys, 20 to 300 in steps of 20. factor : β in percent of 1/√d, 100 or 125.
    between : "nothing" or "layernorm", which normalises keys and query too. seed : 0 to 999999.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    modules = (
        "dynamics/rng.js",
        "dynamics/attention.js",
        *FRAME,
        "chart.js",
        "gate.js",
        "bars.js",
        "again.js",
    )

    def __init__(self, *, step: int = 1, count: int = 200, factor: int = 100, between: str = "nothing", seed: int = 0):
        config = {"counts": list(COUNTS), "edge": forgetting_edge(SIZE), "queries": QUERIES, "call": "Again("}
        settings = {"step": step, "count": count, "factor": factor, "between": between, "seed": seed}
        super().__init__(config, settings)

    def allowed(self):
        return {"step": STEPS, "count": COUNTS, "factor": FACTORS, "between": BETWEEN, "seed": SEEDS}

    def describe(self) -> str:
        s = self.settings
        norm = ", LayerNorm between the steps" if s["between"] == "layernorm" else ""
        return (
            f"the attention of one noisy query among {s['count']} random keys in step {s['step']} of 10, "
            f"β = {s['factor'] / 100:g}/√{SIZE}{norm}, seed {s['seed']}."
        )
