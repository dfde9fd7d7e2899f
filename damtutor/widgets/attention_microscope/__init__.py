"""The attention microscope of chapter `attention`: one query of a sentence, asked again and again."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.attention import causal_mask, padding_mask
from damtutor.models.transformer import BETWEEN, RESIDUALS, layer_norm
from damtutor.rng import Rng32
from damtutor.text import embedding
from damtutor.widgets.base import FRAME, Instrument
from damtutor.widgets.filmstrip import SEEDS

SENTENCE = ("blessed", "are", "the", "pure", "in", "heart", "for", "they", "shall", "see", "god")
STEPS = range(1, 13)
FACTORS = (25, 50, 75, 100, 125, 150, 200, 300, 400)  # percent of 1/√d_k
EXTRA = (0, 25, 50, 75, 100, 150, 200, 300)
HEADS = range(0, 5)
HEAD = 16  # numbers of a word that one of the four heads sees
HIDDEN = 4  # words at the end that the padding mask hides
NOISE = 0.5
DIGITS = 3  # decimals of a word vector that travel to the browser

STYLE = """
.dt .dt-controls, .dt .dt-ctl { max-width: 100%; }
.dt .dt-words { display: grid; grid-template-columns: repeat(auto-fill, minmax(58px, 1fr)); gap: 4px; }
.dt .dt-word {
  display: grid; gap: 2px; min-width: 0; min-height: 0; padding: 4px 0; align-content: start;
  font-weight: 400; font-size: 14px; line-height: 1.25;
}
.dt .dt-word[aria-pressed="true"] { border: 2px solid var(--state); background: var(--panel); font-weight: 700; }
.dt .dt-word.dt-masked { border-style: dashed; }
.dt .dt-pole {
  position: relative; display: block; height: 84px; width: 26px; margin: 0 auto; border-bottom: 2px solid var(--edge);
}
.dt .dt-pole i { position: absolute; left: 0; right: 0; bottom: 0; background: var(--stored); }
.dt .dt-pole b {
  position: absolute; left: -5px; right: -5px; bottom: 0; border: 2px dashed var(--fg); border-bottom: 0;
}
.dt .dt-crowd { border: 1px solid transparent; text-align: center; }
.dt.dt-projector .dt-word { font-size: 15px; }
.dt.dt-projector .dt-words { grid-template-columns: repeat(auto-fill, minmax(66px, 1fr)); }
.dt.dt-projector .dt-pole { height: 48px; }
.dt .dt-crowd[hidden] { display: none; }
.dt .dt-crowd .dt-pole i { background: var(--edge); }
.dt .dt-none {
  padding: 14px; border: 1px dashed var(--edge);
  background: repeating-linear-gradient(135deg, transparent 0 10px, var(--panel) 10px 20px);
}
@container (max-width: 599px) {
  .dt .dt-words { gap: 3px; grid-template-columns: repeat(6, minmax(0, 1fr)); }
  .dt .dt-word { padding: 2px 0; font-size: 13px; }
  .dt .dt-pole { height: 36px; width: 20px; }
}
"""


@cache
def vectors() -> np.ndarray:
    """The words' vectors through LayerNorm, rounded as the browser has them, `(11, 64)`; read-only."""
    rows = np.round(layer_norm(embedding("bible").of(SENTENCE)), DIGITS)
    rows.flags.writeable = False
    return rows


class Scene(NamedTuple):
    """What the settings mean, in arrays; `mask` `(T,)` is True for keys that the query may see."""

    query: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    mask: np.ndarray
    beta: float
    right: int


def nearly_normal(seed: int, count: int, size: int) -> np.ndarray:
    """Nearly Gaussian numbers `(count, size)`: twelve uniform ones added, mean 0, variance 1."""
    rng = Rng32(seed)
    drawn = np.array([float(sum(rng.next() for _ in range(12))) for _ in range(count * size)])
    return (drawn / 2.0**32 - 6.0).reshape(count, size)


def directions(seed: int, count: int, size: int) -> np.ndarray:
    """Random directions of norm √size, `(count, size)`."""
    drawn = nearly_normal(seed, count, size)
    return drawn * np.sqrt(size / np.sum(drawn * drawn, axis=1, keepdims=True))


def scene(settings: dict[str, Any]) -> Scene:
    """Query, keys, values and mask of the microscope's settings; `transformer.iterate` then gives what it shows.

    Streams `Rng32(3 * seed)`, `+ 1` and `+ 2` make the noise of all words, the extra keys, and free values.
    """
    s, words = settings, vectors()
    count, size = words.shape
    part = slice((s["head"] - 1) * HEAD, s["head"] * HEAD) if s["head"] else slice(None)
    query = (words + NOISE * nearly_normal(3 * s["seed"], count, size))[s["token"], part]
    keys = np.concatenate([directions(3 * s["seed"] + 1, s["extra"], size), words])[:, part]
    total = len(keys)
    if s["between"] == "layernorm":
        query, keys = layer_norm(query), layer_norm(keys)
    values = keys if s["values"] == "tied" else directions(3 * s["seed"] + 2, total, size)[:, part]
    mask = np.ones(total, dtype=bool)
    if s["mask"] == "causal":
        mask = causal_mask(count, total)[s["token"]]
    elif s["mask"] == "padding":
        mask = padding_mask(total - HIDDEN, total)
    return Scene(query, keys, values, mask, s["factor"] / 100 / np.sqrt(query.size), s["extra"] + s["token"])


class Microscope(Instrument):
    """Where the attention of one word goes when the result is fed back as the next query, in the browser.

    The query is the word's vector plus noise (0.5 on each number). Keys are the vectors of the sentence and `extra`
    random directions of norm √64, which are synthetic. Nothing is trained.

    Parameters
    ----------
    token : 0 to 10, the word that asks. step : 1 to 12. factor : β in percent of 1/√d_k, 25 to 400. extra : 0 to 300
        random keys. head : 0 for all 64 numbers of a word, or 1 to 4 for a quarter of them.
    mask : "none", "causal" (words after the query are hidden) or "padding" (the last four words are).
    values : "tied", V = K, or "free", random. residual : "leak" (replaced by the result) or "plain" (x + f).
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
        "microscope.js",
    )
    style = STYLE

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
        super().__init__({**config, "extras": list(EXTRA), "call": "Microscope("}, settings)

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
