"""The attention microscope of chapter `attention`: one query of a sentence, asked again and again."""

from __future__ import annotations

from functools import cache

import numpy as np

from damtutor.models.transformer import BETWEEN, RESIDUALS, layer_norm
from damtutor.text import embedding
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS

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

    Parameters
    ----------
    token : 0 to 10, the word that asks.
    step : 1 to 12.
    factor : β in percent of 1/√d_k, 25 to 400.
    extra : 0 to 300 random keys.
    head : 0 for all 64 numbers of a word, or 1 to 4 for a quarter of them.
    mask : "none", "causal" (words after the query are hidden) or "padding" (the last four words are).
    values : "tied", V = K, or "free", random.
    residual : "leak" (replaced by the result) or "plain" (x + f).
    between : "nothing" or "layernorm", which normalises keys and query too.
    seed : 0 to 999999.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    def __init__(
        self,
        *,
        token: int = 5,
        step: int = 1,
        factor: int = 100,
        extra: int = 0,
        head: int = 0,
        mask: str = "none",
        values: str = "tied",
        residual: str = "leak",
        between: str = "nothing",
        seed: int = 0,
    ):
        config = {"words": list(SENTENCE), "vectors": vectors().tolist(), "factors": list(FACTORS)}
        settings = {"token": token, "step": step, "factor": factor, "extra": extra, "head": head, "mask": mask}
        settings |= {"values": values, "residual": residual, "between": between, "seed": seed}
        super().__init__({**config, "extras": list(EXTRA), "call": "AttentionMicroscope("}, settings)

    def allowed(self):
        return {
            "token": range(len(SENTENCE)),
            "step": STEPS,
            "factor": FACTORS,
            "extra": EXTRA,
            "head": HEADS,
            "mask": ("none", "causal", "padding"),
            "values": ("tied", "free"),
            "residual": RESIDUALS,
            "between": BETWEEN,
            "seed": SEEDS,
        }

    def describe(self) -> str:
        s = self.settings
        return (
            f"where the attention of the word {SENTENCE[s['token']]!r} goes in step {s['step']}, among the "
            f"{len(SENTENCE)} words of a sentence and {s['extra']} random keys, seed {s['seed']}."
        )
