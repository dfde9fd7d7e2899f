"""What is stored, and how it is damaged.

Every maker returns a pattern set `(K, N)` of int8 ±1, one pattern a row (`grey_digits`: of numbers in [0, 1]); every
kind of damage returns a new array.
Randomness is a seed or a numpy Generator, always an argument.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from damtutor.validate import as_binary, as_count, as_fraction, as_generator, as_patterns, as_real

DIGIT_THRESHOLD = 8  # grey levels of the scikit-learn digits run from 0 to 16; a pixel is on from 8


def random_patterns(count: int, size: int, *, bias: float = 0.0, rng: Any = None) -> np.ndarray:
    """`count` independent patterns of `size` independent spins with mean `bias`.

    Parameters
    ----------
    count, size : K >= 1 and N >= 1.
    bias : mean of a spin, in [-1, 1]; two patterns then overlap by bias**2 on average.
    rng : seed or numpy Generator.

    Returns
    -------
    int8 `(K, N)`.
    """
    count, size = as_count(count, "count"), as_count(size, "size")
    bias = as_real(bias, "bias", low=-1.0, high=1.0)
    up = as_generator(rng).random((count, size)) < (1 + bias) / 2
    return np.where(up, 1, -1).astype(np.int8)


def clustered_patterns(clusters: int, each: int, size: int, *, agreement: float, rng: Any = None) -> np.ndarray:
    """Correlated patterns: `clusters` random templates, and `each` noisy copies of every template.

    Parameters
    ----------
    clusters, each, size : whole numbers >= 1; K = clusters * each, N = size.
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


@cache
def _grey_digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits  # half a second to import: only when digits are asked for

    data = load_digits()
    return data.data, data.target


def digits(
    labels: Any = range(10), *, each: int = 1, threshold: float = DIGIT_THRESHOLD, rng: Any = None
) -> np.ndarray:
    """Handwritten digits, 8×8 pixels, as patterns of 64 spins: +1 where the grey level is at least `threshold`.

    Parameters
    ----------
    labels : digits 0-9 wanted, in this order.
    each : number of images of every label.
    threshold : grey level from 0 to 16 at which a pixel counts as ink.
    rng : None takes the first images of the data set; a seed or Generator draws them at random, without repeats.

    Returns
    -------
    int8 `(len(labels) * each, 64)`, all images of the first label first.

    Source: the digits bundled with scikit-learn (UCI test set, Alpaydin & Kaynak 1998).
    """
    grey, target = _grey_digits()
    labels = [as_count(label, "labels", 0, 9) for label in np.atleast_1d(np.asarray(labels))]
    each = as_count(each, "each")
    if not labels:
        raise ValueError("labels: empty; expected at least one digit from 0 to 9")
    threshold = as_real(threshold, "threshold", low=0.0, high=16.0)
    rng = None if rng is None else as_generator(rng)
    rows = []
    for label in labels:
        found = np.flatnonzero(target == label)
        if each > len(found):
            raise ValueError(f"each is {each}; there are {len(found)} images of the digit {label}")
        rows.append(found[:each] if rng is None else rng.choice(found, each, replace=False))
    return np.where(grey[np.concatenate(rows)] >= threshold, 1, -1).astype(np.int8)


def grey_digits(*, rng: Any = None) -> np.ndarray:
    """All 1797 handwritten digits, 8×8 pixels, with their grey levels: 0 is paper, 1 is ink.

    Parameters
    ----------
    rng : None keeps the order of the data set; a seed or Generator shuffles it, so that slices are random parts.

    Returns
    -------
    float64 `(1797, 64)` in steps of 1/16, a new array.

    Source: the digits bundled with scikit-learn (UCI test set, Alpaydin & Kaynak 1998).

    Examples
    --------
    >>> images = grey_digits(rng=0)
    >>> images.shape, float(images.max())
    ((1797, 64), 1.0)
    """
    grey = _grey_digits()[0] / 16
    return grey if rng is None else grey[as_generator(rng).permutation(len(grey))]


def digit_labels(*, rng: Any = None) -> np.ndarray:
    """The digit 0 to 9 that each image of `grey_digits` shows; the same seed shuffles both alike.

    Returns
    -------
    int64 `(1797,)`, a new array.

    Examples
    --------
    >>> digit_labels()[:5].tolist()
    [0, 1, 2, 3, 4]
    """
    labels = _grey_digits()[1].astype(np.int64)
    return labels if rng is None else labels[as_generator(rng).permutation(len(labels))]


def letters(text: str = "ABCDEFGHIJ", *, side: int = 8) -> np.ndarray:
    """Letters of matplotlib's bundled DejaVu Sans Bold as patterns of side×side spins, one per character.

    Parameters
    ----------
    text : characters to draw, at least one, none of them blank.
    side : pixels per edge, 5 or more.

    Returns
    -------
    int8 `(len(text), side * side)`: +1 where the glyph, scaled to fill the square, covers half of the pixel.
    """
    side = as_count(side, "side", 5)
    if not isinstance(text, str) or not text or any(c.isspace() for c in text):
        raise ValueError(f"text is {text!r}; expected one or more visible characters such as 'ABC'")
    return np.array([_glyph(c, side) for c in text], dtype=np.int8)


def _glyph(character: str, side: int) -> np.ndarray:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    font = FontProperties(fname=findfont(FontProperties(family="DejaVu Sans", weight="bold")))
    path = TextPath((0, 0), character, size=100, prop=font)
    (x0, y0), (x1, y1) = path.get_extents().min, path.get_extents().max
    scale = (side - 1) / max(x1 - x0, y1 - y0)
    left, bottom = (side - (x1 - x0) * scale) / 2, (side - (y1 - y0) * scale) / 2
    fine = 6  # sample points per pixel and direction
    at = (np.arange(side * fine) + 0.5) / fine
    px, py = np.meshgrid((at - left) / scale + x0, (at - bottom) / scale + y0)
    points = np.column_stack([px.ravel(), py.ravel()])
    # A glyph is a set of closed curves; a point is ink if it lies inside an odd number of them.
    inside = np.zeros(len(points), dtype=bool)
    for polygon in path.to_polygons():
        inside ^= Path(polygon).contains_points(points)
    ink = inside.reshape(side, fine, side, fine).mean(axis=(1, 3))[::-1]
    return np.where(ink >= 0.5, 1, -1).ravel()


def flip(state: Any, count: int, *, rng: Any = None) -> np.ndarray:
    """A copy of `state` with exactly `count` different spins turned over.

    Parameters
    ----------
    state : `(N,)` of ±1. count : 0 <= count <= N. rng : seed or numpy Generator.

    Returns
    -------
    int8 `(N,)`.
    """
    damaged = as_binary(state, "state", 1)
    count = as_count(count, "count", 0, damaged.size)
    damaged[as_generator(rng).choice(damaged.size, count, replace=False)] *= -1
    return damaged


def mask(state: Any, keep: Any, *, fill: int = -1) -> np.ndarray:
    """A copy of `state` in which every spin outside `keep` is set to `fill`.

    Parameters
    ----------
    state : `(N,)` of ±1. keep : boolean `(N,)`, True where the spin is known. fill : -1 or +1.
    """
    known = as_binary(state, "state", 1)
    keep = np.asarray(keep)
    if keep.dtype != bool or keep.shape != known.shape:
        raise ValueError(f"keep: dtype {keep.dtype}, shape {keep.shape}; expected booleans of shape {known.shape}")
    if np.ndim(fill) or fill not in (-1, 1):
        raise ValueError(f"fill is {fill!r}; expected -1 or +1")
    return np.where(keep, known, fill).astype(np.int8)


def noise(state: Any, probability: float, *, rng: Any = None) -> np.ndarray:
    """A copy of `state` in which every spin is turned over independently with `probability` in [0, 1]."""
    noisy = as_binary(state, "state", 1)
    turned = as_generator(rng).random(noisy.size) < as_fraction(probability, "probability")
    return np.where(turned, -noisy, noisy).astype(np.int8)


def overlap_matrix(patterns: Any) -> np.ndarray:
    """Normalised overlaps X Xᵀ / N of all pairs, float64 `(K, K)`, 1 on the diagonal."""
    x = as_patterns(patterns).astype(np.float64)
    return x @ x.T / x.shape[1]
