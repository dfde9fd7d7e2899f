"""The attention microscope of chapter `attention`: one query of a sentence, asked again and again."""

from __future__ import annotations

from functools import cache

import numpy as np

from damtutor.models.transformer import BETWEEN, RESIDUALS, layer_norm
from damtutor.text import embedding
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Setting

SENTENCE = ("blessed", "are", "the", "pure", "in", "heart", "for", "they", "shall", "see", "god")
STEPS = range(1, 13)
FACTORS = (25, 50, 75, 100, 125, 150, 200, 300, 400)  # percent of 1/√d_k
EXTRA = (0, 25, 50, 75, 100, 150, 200, 300)
HEADS = range(0, 5)
DIGITS = 3  # decimals of a word vector that travel to the browser


@cache
def vectors() -> np.ndarray:
    """The words' vectors through LayerNorm, rounded as the browser has them, `(11, 64)`; read-only."""
    rows = np.round(layer_norm(embedding("bible").of(SENTENCE)), DIGITS)
    rows.flags.writeable = False
    return rows


class AttentionMicroscope(Instrument):
    """Where the attention of one word goes when the result is fed back as the next query, in the browser.

    The query is the word's vector plus noise (0.5 on each number). Keys are the vectors of the sentence and `extra`
    random directions of norm √64, which are synthetic. Nothing is trained.
    """

    declared = (
        Setting("token", range(len(SENTENCE)), 5, doc="{}, the word that asks"),
        Setting("step", STEPS, 1, "Step", text=f"{{}} of {STEPS[-1]}", control="main"),
        Setting(
            "factor",
            FACTORS,
            100,
            "Sharpness",
            text=[f"β = {factor / 100:.2f}/√d" for factor in FACTORS],
            doc="β in percent of 1/√d_k, {}",
        ),
        Setting("extra", EXTRA, 0, "Random keys", text="{} extra", doc="{} random keys"),
        Setting(
            "head",
            HEADS,
            0,
            "Head",
            text=["all 64 numbers", *(f"{k}: numbers {16 * k - 15} to {16 * k}" for k in HEADS[1:])],
            doc="0 for all 64 numbers of a word, or 1 to 4 for a quarter of them",
            control="select",
        ),
        Setting(
            "mask",
            {"none": "none", "causal": "causal", "padding": "padding, last 4"},
            "none",
            "Mask",
            doc='{}; "causal" hides the words after the query, "padding" the last four words',
        ),
        Setting("values", {"tied": "V = K", "free": "free"}, "tied", "Values", doc="{}: V = K, or random"),
        Setting(
            "residual",
            dict(zip(RESIDUALS, ("the result, f", "x + f, residual"), strict=True)),
            "leak",
            "Next query",
            doc="{}: replaced by the result, or x + f",
        ),
        Setting(
            "between",
            dict(zip(BETWEEN, ("nothing", "LayerNorm"), strict=True)),
            "nothing",
            "Between steps",
            doc='{}; "layernorm" normalises keys and query too',
        ),
        Setting("seed", SEEDS, 0),
    )

    def fixed(self):
        return {"words": list(SENTENCE), "vectors": vectors().tolist()}

    def describe(self) -> str:
        s = self.settings
        return (
            f"where the attention of the word {SENTENCE[s['token']]!r} goes in step {s['step']}, among the "
            f"{len(SENTENCE)} words of a sentence and {s['extra']} random keys, seed {s['seed']}."
        )
