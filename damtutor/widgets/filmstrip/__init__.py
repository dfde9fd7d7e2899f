"""The filmstrip of chapter `dense`: ten damaged pictures, and where a memory of order n takes them."""

from __future__ import annotations

from functools import cache
from typing import Any

from damtutor.patterns import digits, random_patterns
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.packing import ORDERS, pack_rows, pack_tables
from damtutor.widgets.kit.settings import SEEDS

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

    Parameters
    ----------
    store : "digits" or "random".
    count : K, 10, 30, 100 or 300 stored pictures.
    damage : percent, 0 to 90.
    n : 2 to 10, or "exp".
    rectified : F(M) = 0 for M < 0.
    seed : 0 to 999999.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    def __init__(
        self,
        *,
        store: str = "digits",
        count: int = 10,
        damage: int = 10,
        n: int | str = 2,
        rectified: bool = False,
        seed: int = 0,
    ):
        names = [f"digit {d}" for d in range(10)]
        sets = [
            {"name": "digits", "title": "digits", "rows": pack_rows(stores()["digits"]), "labels": names},
            {"name": "random", "title": "random pictures", "rows": pack_rows(stores()["random"]), "labels": []},
        ]
        config = {"width": 8, "height": 8, "sets": sets, "counts": list(COUNTS), "tables": pack_tables(64)}
        settings = {"store": store, "count": count, "damage": damage, "n": n, "rectified": rectified, "seed": seed}
        super().__init__({**config, "call": "Filmstrip("}, settings)

    def allowed(self):
        return {
            "store": ("digits", "random"),
            "count": COUNTS,
            "damage": range(0, 91),
            "n": ORDERS,
            "rectified": (False, True),
            "seed": SEEDS,
        }

    def describe(self) -> str:
        s = self.settings
        power = "the exponential" if s["n"] == "exp" else f"n = {s['n']}" + (", rectified" if s["rectified"] else "")
        what = "digits" if s["store"] == "digits" else "random pictures"
        return (
            f"ten damaged {what} ({s['damage']} % of the pixels flipped) and where a dense memory of {s['count']} "
            f"pictures takes them, {power}, seed {s['seed']}."
        )
