"""The headline of the course: one noisy query among many keys, asked again and again."""

from __future__ import annotations

from damtutor.models.transformer import BETWEEN
from damtutor.theory.modern import forgetting_edge
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Setting

SIZE = 64
COUNTS = tuple(range(20, 301, 20))
STEPS = range(1, 11)
FACTORS = (100, 125)  # percent of 1/√d
QUERIES = 20  # whose mean is shown; every key number among COUNTS has as many


class RepeatedAttention(Instrument):
    """Attention asked again: the answer is the next query, for ten steps, in the browser.

    The keys are random directions of norm √64, the values are the keys, nothing is trained.
    """

    declared = (
        Setting("step", STEPS, 1, "Step", text=f"{{}} of {STEPS[-1]}", control="main"),
        Setting("count", COUNTS, 200, "Keys", text="{} keys", doc="keys, {} in steps of 20"),
        Setting("factor", FACTORS, 100, doc="β in percent of 1/√d, {}"),
        Setting("between", BETWEEN, "nothing", doc='{}; "layernorm" normalises keys and query too'),
        Setting("seed", SEEDS, 0),
    )

    def fixed(self):
        return {"edge": forgetting_edge(SIZE), "queries": QUERIES}

    def describe(self) -> str:
        s = self.settings
        norm = ", LayerNorm between the steps" if s["between"] == "layernorm" else ""
        return (
            f"the attention of one noisy query among {s['count']} random keys in step {s['step']} of 10, "
            f"β = {s['factor'] / 100:g}/√{SIZE}{norm}, seed {s['seed']}."
        )
