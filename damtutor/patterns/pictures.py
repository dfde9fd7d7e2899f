"""Patterns that are pictures: handwritten digits and letters."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np

from damtutor.validate import as_count, as_generator, as_items, as_real, count_axes, named

DIGIT_THRESHOLD = 8  # grey levels of the scikit-learn digits run from 0 to 16; a pixel is on from 8


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
    several = (labels,) if count_axes(labels) == 0 else as_items(labels, "labels", "expected digits from 0 to 9", 1)
    labels, each = [as_count(label, "labels", 0, 9) for label in several], as_count(each, "each")
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
    text : characters to draw, at least one, none of them blank. A letter and its accent are one character where
        Unicode has one for them (NFC).
    side : pixels per edge, 5 or more.

    Returns
    -------
    int8 `(K, side * side)`: +1 where the glyph, scaled to fill the square, covers half of the pixel.

    Raises
    ------
    ValueError : blank text; a character that the font cannot draw by itself, named in the message.

    Examples
    --------
    >>> letters("e\u0301", side=16).shape  # e with an acute accent
    (1, 256)
    """
    side = as_count(side, "side", 5, 512)
    if not isinstance(text, str) or not text or any(c.isspace() for c in text):
        raise ValueError(f"text is {text!a}; expected one or more visible characters such as 'ABC'")
    return np.array([_glyph(c, side) for c in unicodedata.normalize("NFC", text)], dtype=np.int8)


@cache
def _font() -> Any:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    return FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans-Bold.ttf")


def _glyph(character: str, side: int) -> np.ndarray:
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    font, kind = _font(), unicodedata.category(character)
    if kind[0] == "M":
        raise _refused(character, "belongs to the character before it, and Unicode has no single one for the two")
    if kind[0] == "C":
        raise _refused(character, "is no visible character")
    if character == "\ufffd":
        raise _refused(character, "stands for a letter that was lost when a text was read")
    if not font.get_char_index(ord(character)):
        raise _refused(character, "is not in the font DejaVu Sans Bold")
    font.load_char(ord(character))
    if not len(font.get_path()[0]):
        raise _refused(character, "leaves no ink")
    path = TextPath((0, 0), character, size=100, prop=FontProperties(fname=font.fname))
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


def _refused(character: str, why: str) -> ValueError:
    return ValueError(f"text: {named(character)} {why}; expected characters such as 'ABC'")
