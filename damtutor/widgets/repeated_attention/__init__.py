"""The headline of the course: one noisy query among many keys, asked again and again."""

from __future__ import annotations

from damtutor.models.transformer import BETWEEN
from damtutor.theory.modern import forgetting_edge
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS

SIZE = 64
COUNTS = tuple(range(20, 301, 20))
STEPS = range(1, 11)
FACTORS = (100, 125)  # percent of 1/√d
QUERIES = 20  # whose mean is shown; every key number among COUNTS has as many


class RepeatedAttention(Instrument):
    """Attention asked again: the answer is the next query, for ten steps, in the browser.

    The keys are random directions of norm √64, the values are the keys, nothing is trained.

    Parameters
    ----------
    step : 1 to 10.
    count : keys, 20 to 300 in steps of 20.
    factor : β in percent of 1/√d, 100 or 125.
    between : "nothing" or "layernorm", which normalises keys and query too.
    seed : 0 to 999999.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    def __init__(self, *, step: int = 1, count: int = 200, factor: int = 100, between: str = "nothing", seed: int = 0):
        config = {
            "counts": list(COUNTS),
            "edge": forgetting_edge(SIZE),
            "queries": QUERIES,
            "call": "RepeatedAttention(",
        }
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
