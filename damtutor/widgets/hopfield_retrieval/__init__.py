"""Recall in Hopfield's network: five pictures, three learning rules, and where a start from noise ends."""

from __future__ import annotations

from functools import cache

import numpy as np

from damtutor.learning import couplings as learning
from damtutor.patterns import digits, letters, random_patterns
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.packing import pack_rows
from damtutor.widgets.kit.retrieval_settings import UPDATE, damage, painted
from damtutor.widgets.kit.settings import SEEDS, Bits, Setting

RULES = {name: learning.RULES[name] for name in ("hebb", "storkey", "projection")}  # those of dynamics/hopfield.js
MOST = 10  # stored pictures
MAX_SWEEPS = 50
PROJECTION_SCALE = 2**24  # as in dynamics/hopfield.js
RANDOM_SEED = 4  # of the random pictures; the learner's seed moves damage and order only
TITLES = {"digits": "digits", "letters": "letters", "random": "random pictures"}


@cache
def stores() -> dict[str, np.ndarray]:
    """The three pattern sets, int8 `(10, 64)` each."""
    return {"digits": digits(), "letters": letters(), "random": random_patterns(MOST, 64, rng=RANDOM_SEED)}


def inverse(patterns: np.ndarray) -> np.ndarray:
    """The pseudo-inverse of X Xᵀ in units of 2^-24, rounded to whole numbers, int64 `(K, K)`."""
    x = patterns.astype(np.float64)
    units = np.rint(PROJECTION_SCALE * np.linalg.pinv(x @ x.T, rcond=1e-9, hermitian=True)).astype(np.int64)
    return np.triu(units) + np.triu(units, 1).T


class HopfieldRetrieval(Instrument):
    """Recall of one picture from Hopfield's network, step by step, in the browser; and 100 starts from noise.

    `Rng32(1000 * seed + target)` decides the damage, then the order of every sweep; `Rng32(1000 * seed + 100 + b)`
    draws random start b, then the order of its sweeps.

    Raises
    ------
    ValueError : a value that is not among these, a target that is not stored.
    """

    declared = (
        Setting("store", TITLES, "digits", "Store", doc="{}, 8×8 pixels each"),
        Setting(
            "count", range(1, MOST + 1), 5, "Pictures", text="K = {}", doc="K, {} stored pictures, the first of the set"
        ),
        Setting("target", range(MOST), 3, doc="the picture that is damaged, {}"),
        damage(50),
        Setting("rule", {name: rule.label for name, rule in RULES.items()}, "hebb", "Rule"),
        Setting(
            "diagonal",
            (False, True),
            False,
            "keep diagonal",
            doc="keep the couplings W_ii",
            hint="keep W_ii, a neuron's vote for itself",
        ),
        UPDATE,
        Setting("seed", SEEDS, 0),
        painted(Bits(64)),
    )

    def fixed(self):
        names = {"digits": [f"digit {d}" for d in range(10)], "letters": [f"letter {c}" for c in "ABCDEFGHIJ"]}
        sets = [
            {
                "name": name,
                "rows": pack_rows(rows),
                "labels": names.get(name, []),
                "inverse": [inverse(rows[:k])[np.triu_indices(k)].tolist() for k in range(1, MOST + 1)],
            }
            for name, rows in stores().items()
        ]
        return {"width": 8, "height": 8, "sets": sets}

    def check(self, settings):
        if settings["target"] >= settings["count"]:
            raise ValueError(
                f"target is {settings['target']}; expected a whole number from 0 to {settings['count'] - 1}, "
                f"one of the {settings['count']} stored pictures"
            )

    def describe(self) -> str:
        s = self.settings
        start = (
            "a painted picture" if s["state"] else f"picture {s['target']} with {s['damage']} % of its pixels flipped"
        )
        how = "one neuron at a time" if s["order"] == "async" else "all neurons together"
        kept = ", diagonal kept" if s["diagonal"] else ""
        rule = RULES[s["rule"]].phrase
        return (
            f"recall of {start} from a Hopfield network of {s['count']} {TITLES[s['store']]}, {rule} rule{kept}, "
            f"{how}, seed {s['seed']}."
        )
