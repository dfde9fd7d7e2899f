"""What the instruments show, computed in Python, so that the tests can compare: nothing in the package needs it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from damtutor.models.attention import causal_mask, padding_mask
from damtutor.models.compact import CompactMemory
from damtutor.models.hopfield import Hopfield
from damtutor.models.modern import ModernHopfield
from damtutor.models.transformer import layer_norm
from damtutor.rng import Rng32
from damtutor.validate import as_count
from damtutor.widgets import repeated_attention
from damtutor.widgets.attention_microscope import vectors
from damtutor.widgets.hopfield_retrieval import PROJECTION_SCALE, inverse
from damtutor.widgets.overlap import PAIRS, SIZES

STORKEY_SCALE = 2**20  # as in dynamics/hopfield.js
NOISE = 0.5  # of a query, on each number
HEAD = 16  # numbers of a word that one of the four heads sees
HIDDEN = 4  # words at the end that the padding mask hides


def landscape_memory(settings: dict[str, Any]) -> CompactMemory | ModernHopfield:
    """The package's memory that the landscape shows."""
    s = settings
    if s["kernel"] == "compact":
        return CompactMemory(s["memories"], s["reach"])
    return ModernHopfield(s["memories"], 1 / s["sigma"] ** 2, "distance")


def random_pairs(N: int, seed: int = 0) -> np.ndarray:
    """Overlaps M of the pairs of random pictures that `Overlap` shows, made with `Rng32(seed)`.

    Every number of the stream is 32 pixels, the highest bit first, 1 for +1; a picture smaller than that takes the
    first N bits of one number. Pair after pair is drawn, first one picture, then the other. The first pair is the one
    on show. Counting bits is what makes 1000 pairs of 4096 pixels instant; tests compare the counts with the binomial.

    Parameters
    ----------
    N : pixels, one of `SIZES`.
    seed : of `Rng32`.

    Returns
    -------
    int64 `(PAIRS,)`; M is N minus twice the number of pixels that differ.

    Raises
    ------
    ValueError : another N, a seed that `Rng32` refuses.
    """
    if as_count(N, "N") not in SIZES:
        raise ValueError(f"N is {N}; expected one of {', '.join(map(str, SIZES))}")
    rng, words = Rng32(seed), -(-N // 32)
    spare = 32 * words - N
    overlaps = np.empty(PAIRS, dtype=np.int64)
    for k in range(PAIRS):
        a, b = ([rng.next() >> spare for _ in range(words)] for _ in range(2))
        overlaps[k] = N - 2 * sum((x ^ y).bit_count() for x, y in zip(a, b, strict=True))
    return overlaps


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


def microscope_scene(settings: dict[str, Any]) -> Scene:
    """Query, keys, values and mask of `AttentionMicroscope`; `transformer.iterate` then gives what it shows.

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


def repeated_attention_scene(settings: dict[str, Any], query: int = 0) -> Scene:
    """Query, keys and β of the settings of `RepeatedAttention`; `transformer.iterate` then gives what it shows.

    `Rng32(3 * seed)` makes the noise, `Rng32(3 * seed + 1)` the keys: fewer keys are the first of them. Query q is key
    q with noise of standard deviation 0.5 on each number.
    """
    s = settings
    keys = directions(3 * s["seed"] + 1, s["count"], repeated_attention.SIZE)
    asked = (
        keys[query] + NOISE * nearly_normal(3 * s["seed"], repeated_attention.QUERIES, repeated_attention.SIZE)[query]
    )
    if s["between"] == "layernorm":
        asked, keys = layer_norm(asked), layer_norm(keys)
    mask = np.ones(len(keys), dtype=bool)
    return Scene(asked, keys, keys, mask, s["factor"] / 100 / np.sqrt(repeated_attention.SIZE), query)


def hopfield_couplings(patterns: np.ndarray, rule: str, keep_diagonal: bool = False) -> tuple[np.ndarray, int]:
    """The couplings as the browser has them.

    Parameters
    ----------
    patterns : int8 `(K, N)`.
    rule : one of `RULES`.
    keep_diagonal : as in `Hopfield`.

    Returns
    -------
    units : whole numbers, int64 `(N, N)`. Hebb's are exact; the others are those of `damtutor.learning` to about 1e-6.
    scale : units in a coupling of 1.
    """
    x = patterns.astype(np.int64)
    size = x.shape[1]
    if rule == "hebb":
        units, scale = x.T @ x, size
    elif rule == "projection":
        units, scale = x.T @ inverse(patterns) @ x, PROJECTION_SCALE
    else:
        units, scale = _storkey(x), STORKEY_SCALE
    if not keep_diagonal:
        np.fill_diagonal(units, 0)
    return units, scale


def _storkey(x: np.ndarray) -> np.ndarray:
    """Storkey's rule, each step rounded to whole units of 2^-20, half up."""
    size = x.shape[1]
    units, diagonal = np.zeros((size, size), np.int64), np.zeros(size, np.int64)
    for pattern in x:
        u = STORKEY_SCALE // 2 * pattern - units @ pattern
        diagonal += np.floor(2 * pattern * u / size + 0.5).astype(np.int64)
        step = 2 * units + np.outer(pattern, u) + np.outer(u, pattern)
        units += np.floor(step / size + 0.5).astype(np.int64)
        np.fill_diagonal(units, 0)
    np.fill_diagonal(units, diagonal)
    return units


def hopfield_network(patterns: np.ndarray, rule: str, keep_diagonal: bool = False) -> Hopfield:
    """The network of `HopfieldRetrieval` in Python: the same decisions, flip by flip."""
    units, scale = hopfield_couplings(patterns, rule, keep_diagonal)
    if rule == "hebb":  # 1/N is no power of two at every N
        return Hopfield(patterns, keep_diagonal=keep_diagonal)
    return Hopfield.from_weights(units / scale, patterns=patterns)
