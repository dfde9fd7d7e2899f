"""The filmstrip of chapter `dense`: ten damaged pictures, and where a memory of order n takes them."""

from __future__ import annotations

from functools import cache
from typing import Any

from damtutor.patterns import digits, random_patterns
from damtutor.widgets.dense_retrieval import DenseRetrieval
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.packing import interaction, pack_rows, pack_tables
from damtutor.widgets.kit.retrieval_settings import RECTIFIED, damage, order_of_interaction
from damtutor.widgets.kit.settings import SEEDS, Setting, for_browser

TITLES = {"digits": "digits", "random": "random pictures"}
COUNTS = (10, 30, 100, 300)
QUERIES, MAX_SWEEPS = 10, 20
RANDOM_SEED = 4  # of the random pictures; the learner's seed moves damage and order only


@cache
def stores() -> dict[str, Any]:
    """The two pattern sets, int8 `(300, 64)` each; the first ten digits are the first image of 0 to 9."""
    most = COUNTS[-1]
    images = digits(each=most // 10).reshape(10, most // 10, -1).swapaxes(0, 1).reshape(most, -1)
    return {"digits": images, "random": random_patterns(most, 64, rng=RANDOM_SEED)}


class Filmstrip(Instrument):
    """Ten damaged pictures above, ten end states below, recomputed in the browser while n moves.

    Query q is pattern q with `damage` percent of its pixels flipped. One stream `Rng32(1000 * seed + q)` decides
    first which, then the order of every asynchronous sweep (20 at most), so `DenseAM` gives the same ten ends.
    """

    declared = (
        Setting("store", TITLES, "digits", "Store"),
        Setting("count", COUNTS, 10, "how many", doc="K, {} stored pictures", control="select"),
        damage(90),
        order_of_interaction(2, "main"),
        RECTIFIED,
        Setting("seed", SEEDS, 0),
    )

    def fixed(self):
        names = {"digits": [f"digit {d}" for d in range(10)]}
        sets = [
            {"name": name, "rows": pack_rows(rows), "labels": names.get(name, [])} for name, rows in stores().items()
        ]
        # One picture opens in the retrieval view, which has a control more and another slider.
        inside = for_browser(setting for setting in DenseRetrieval.declared if setting.name in ("n", "order"))
        return {"width": 8, "height": 8, "sets": sets, "tables": pack_tables(64), "inside": inside}

    def describe(self) -> str:
        s = self.settings
        power = interaction(s["n"], s["rectified"]).words.phrase
        return (
            f"ten damaged {TITLES[s['store']]} ({s['damage']} % of the pixels flipped) and where a dense memory of "
            f"{s['count']} pictures takes them, {power}, seed {s['seed']}."
        )
