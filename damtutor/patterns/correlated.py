"""Pattern sets that are not independent, and how the patterns of a set overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.patterns.random import random_patterns
from damtutor.validate import as_choice, as_count, as_fraction, as_generator, as_patterns

ASSIGN = ("in turn", "at random")


def clustered_patterns(clusters: int, each: int, size: int, *, agreement: float, rng: Any = None) -> np.ndarray:
    """Correlated patterns: `clusters` random templates, and `each` noisy copies of every template.

    Parameters
    ----------
    clusters : number of templates, >= 1.
    each : copies of every template, >= 1; K = clusters * each.
    size : N >= 1.
    agreement : probability in [0, 1] that a spin of a copy equals its template's. Two copies of one template
        overlap by (2 * agreement - 1)**2 on average; 0.5 makes independent patterns.
    rng : seed or numpy Generator.

    Returns
    -------
    int8 `(K, N)`; rows `c*each ... (c+1)*each - 1` belong to template c.
    """
    rng = as_generator(rng)
    clusters, each = as_count(clusters, "clusters"), as_count(each, "each")
    agreement = as_fraction(agreement, "agreement")
    templates = np.repeat(random_patterns(clusters, size, rng=rng), each, axis=0)
    return np.where(rng.random(templates.shape) < agreement, templates, -templates).astype(np.int8)


def centred_patterns(
    count: int,
    size: int,
    *,
    centres: int = 1,
    noise: float = 0.3,
    assign: str = "in turn",
    share: float = 1.0,
    rng: Any = None,
) -> np.ndarray:
    """Noisy copies of a few random centres, any number of patterns; `clustered_patterns` goes by cluster.

    Parameters
    ----------
    count : K >= 1.
    size : N >= 1.
    centres : number of random templates, >= 1; 1 makes every pair of copies overlap by (1 - 2 noise)² on average.
    noise : probability in [0, 1] that a spin of a copy differs from its centre's; 0.5 makes independent patterns.
    assign : "in turn", pattern μ belongs to centre μ mod `centres`; "at random", each to any of them.
    share : fraction of the patterns that are copies, the first round(share * K); the others are independent.
    rng : seed or numpy Generator.

    Returns
    -------
    int8 `(K, N)`.

    Raises
    ------
    ValueError : a number out of range, another word for assign.

    Examples
    --------
    >>> x = centred_patterns(4, 6, centres=2, noise=0, rng=0)
    >>> bool((x[0] == x[2]).all() and (x[1] == x[3]).all() and (x[0] != x[1]).any())
    True
    """
    rng = as_generator(rng)
    count, centres, noise = as_count(count, "count"), as_count(centres, "centres"), as_fraction(noise, "noise")
    copies = round(as_fraction(share, "share") * count)
    templates = random_patterns(centres, size, rng=rng)
    in_turn = as_choice(assign, "assign", ASSIGN) == "in turn"
    belongs = np.arange(copies) % centres if in_turn else rng.integers(centres, size=copies)
    patterns = random_patterns(count, size, rng=rng)
    turned = rng.random((copies, patterns.shape[1])) < noise
    patterns[:copies] = np.where(turned, -templates[belongs], templates[belongs])
    return patterns


def latent_patterns(count: int, size: int, *, rank: int, rng: Any = None) -> np.ndarray:
    """sign(L A) with Gaussian L `(K, rank)` and A `(rank, N)`: spins that share `rank` hidden causes.

    Two patterns overlap by (2/π) arcsin of the cosine between their rows of L: about 0.64/√rank in size.

    Parameters
    ----------
    count : K >= 1.
    size : N >= 1.
    rank : number of hidden causes, >= 1.
    rng : seed or numpy Generator.

    Returns
    -------
    int8 `(K, N)`.

    Raises
    ------
    ValueError : a number out of range.
    """
    rng = as_generator(rng)
    count, size, rank = as_count(count, "count"), as_count(size, "size"), as_count(rank, "rank")
    hidden = rng.standard_normal((count, rank)) @ rng.standard_normal((rank, size))
    return np.where(hidden > 0, 1, -1).astype(np.int8)


def hadamard_patterns(count: int, size: int, *, rng: Any = None) -> np.ndarray:
    """`count` different rows of the Hadamard matrix of `size`, columns turned at random: no two of them overlap.

    Parameters
    ----------
    count : K, at most N.
    size : N, a power of two (Sylvester's construction).
    rng : None takes the first rows as they are; a seed or Generator draws rows and turns columns.

    Returns
    -------
    int8 `(K, N)`.

    Raises
    ------
    ValueError : a size that is not a power of two, more patterns than rows.

    Examples
    --------
    >>> hadamard_patterns(4, 4).tolist()
    [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    """
    size = as_count(size, "size", 1, 2**16)
    if size & (size - 1):
        raise ValueError(f"size is {size}; expected a power of two, for example 64")
    count = as_count(count, "count", 1, size)
    rows, turned = np.arange(count), np.zeros(size, dtype=np.int64)
    if rng is not None:
        rng = as_generator(rng)
        rows, turned = rng.choice(size, count, replace=False), rng.integers(2, size=size)
    odd = np.bitwise_count(rows[:, None] & np.arange(size)) + turned & 1
    return np.where(odd == 1, -1, 1).astype(np.int8)


def overlap_matrix(patterns: Any) -> np.ndarray:
    """Normalised overlaps X Xᵀ / N of all pairs, float64 `(K, K)`, 1 on the diagonal."""
    x = as_patterns(patterns).astype(np.float64)
    return x @ x.T / x.shape[1]


def greatest_overlap(patterns: Any) -> float:
    """β = max |x_μ · x_ν| / N over all pairs of different patterns; 0 for a single one.

    Parameters
    ----------
    patterns : `(K, N)` of ±1, N < 2**24 (whole numbers are exact in float32).

    Raises
    ------
    ValueError : patterns not ±1.

    Examples
    --------
    >>> greatest_overlap([[1, 1, 1, 1], [1, 1, -1, -1], [-1, -1, -1, 1]])
    0.5
    """
    x = as_patterns(patterns).astype(np.float32)
    size, largest = x.shape[1], 0.0
    for start in range(0, len(x), 512):  # a block of rows at a time: the whole table of pairs is K² numbers
        pairs = x[start : start + 512] @ x[start:].T
        own = np.arange(len(pairs))
        pairs[own, own] = 0
        largest = max(largest, float(np.abs(pairs, out=pairs).max()))
    return largest / size
