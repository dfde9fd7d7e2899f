"""What all figures share: a plot that carries its alt text, one style, and grids of pictures.

Theory is a line, a measurement is a marker with an error bar; each series has its own marker, line style and grey
value besides its colour, so that print and colour-blind eyes lose nothing. All colours are those of the palette.
"""

from __future__ import annotations

import base64
import functools
import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, ParamSpec, TypeVar

import matplotlib.figure
import matplotlib.style
import numpy as np
from matplotlib.patches import Rectangle

from damtutor.palette import plots
from damtutor.validate import as_array, as_count, as_flag, as_items, as_text, as_texts

COLOURS = plots()
INK, GREY, PAPER = COLOURS["ink"], COLOURS["quiet"], COLOURS["paper"]
SHAPES = (("s", "-"), ("o", "--"), ("^", "-."), ("D", ":"), ("v", (0, (5, 1, 1, 1, 1, 1))))  # marker, line style
SERIES = tuple((colour, *shape) for colour, shape in zip(COLOURS["series"], SHAPES, strict=True))
STORED, STATE = SERIES[0][0], SERIES[1][0]
FEW = 16  # colours in a strip of pictures: two pixels a byte
SLACK = 1e-6  # beyond -1 and 1, for rounding
WIDEST = 512  # pixels of a picture's side
LINES = "expected a list of arrays (B, side*side), one a line of pictures, for example [digits()]"
MANY = 32  # colours kept in a stored picture: a third of the bytes, no visible loss on flat colours


P, R = ParamSpec("P"), TypeVar("R")


@contextmanager
def own_style() -> Iterator[None]:
    """The course's own style while a figure is made, drawn or saved: nothing that the caller set shows in it.

    The caller's settings of matplotlib (style sheets, `rcParams`, LaTeX), NumPy's floating-point errors and the filter
    of warnings are as before when it ends.
    """
    with matplotlib.style.context("default"), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def drawn(make: Callable[P, R]) -> Callable[P, R]:
    """A function that makes a figure, in the course's own style."""

    @functools.wraps(make)
    def in_own_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with own_style():
            return make(*args, **kwargs)

    return in_own_style


class Figure(matplotlib.figure.Figure):
    """A figure that is drawn and saved as it was made: much of a style is read only then, LaTeX for one."""

    def draw(self, renderer: Any) -> None:
        with own_style():
            super().draw(renderer)

    def savefig(self, fname: Any, **kwargs: Any) -> None:
        with own_style():
            super().savefig(fname, **kwargs)


class Plot(NamedTuple):
    """A matplotlib Figure and its alt text. As the last value of a cell it shows itself, with the alt text kept."""

    figure: matplotlib.figure.Figure
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def png(self, dpi: int = 110, *, small: bool = True) -> bytes:
        """The picture as PNG bytes; the same on every run of one machine.

        Parameters
        ----------
        dpi : pixels an inch.
        small : with few colours, for a page.
        """
        from PIL import Image

        raw, dpi, small = io.BytesIO(), as_count(dpi, "dpi", 1, 1200), as_flag(small, "small")
        with own_style():
            self.figure.savefig(raw, format="png", dpi=dpi, facecolor=PAPER, metadata={"Software": None})
        if not small:
            return raw.getvalue()
        few = io.BytesIO()
        Image.open(raw).convert("RGB").quantize(MANY, dither=Image.Dither.NONE).save(few, "png", optimize=True)
        return few.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt}}


def strip(figures: Iterable[matplotlib.figure.Figure], dpi: int) -> tuple[bytes, tuple[int, int]]:
    """Pictures of one size, one under the other, as lossless WebP of 16 colours; the same on every run of one machine.

    Pictures that share axes and words weigh little after the first: the coder refers back to it, which it cannot from
    one file to the next.

    Parameters
    ----------
    figures : of one size.
    dpi : pixels an inch.

    Returns
    -------
    The bytes, and (width, height) of one picture in pixels.

    Raises
    ------
    ValueError : pictures of different sizes.
    """
    from PIL import Image

    rows = []
    for figure in figures:
        raw = io.BytesIO()
        with own_style():
            figure.savefig(raw, format="png", dpi=dpi, facecolor=PAPER)
        rows.append(np.asarray(Image.open(raw).convert("RGB")))
    sizes = {(row.shape[1], row.shape[0]) for row in rows}
    if len(sizes) > 1:
        raise ValueError(f"pictures of {sorted(sizes)} pixels; expected one size, which a figure's figsize sets")
    small = io.BytesIO()
    Image.fromarray(few_colours(np.concatenate(rows), FEW)).save(small, "webp", lossless=True, quality=100, method=6)
    return small.getvalue(), sizes.pop()


def few_colours(picture: np.ndarray, count: int) -> np.ndarray:
    """A picture with `count` of its own colours: each pixel takes the nearest one.

    The next colour kept is always the one that is most in need: far from those kept so far, and frequent (by the fourth
    root, so that a small orange patch outweighs another grey of the letters' edges). Plain median cut loses the patch.

    Parameters
    ----------
    picture : uint8 `(height, width, 3)`.
    count : how many colours are kept.
    """
    code = picture.astype(np.int64) @ (65536, 256, 1)
    codes, place, counts = np.unique(code, return_inverse=True, return_counts=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    far = np.full(len(codes), 3 * 256**2)
    kept = np.zeros_like(colours)
    for _ in range(min(count, len(codes))):
        chosen = colours[np.argmax(far * counts**0.25)]
        gap = np.sum((colours - chosen) ** 2, axis=1)
        kept[gap < far] = chosen
        far = np.minimum(far, gap)
    return kept[place.reshape(code.shape)].astype(np.uint8)


def new(width: float, height: float):
    """A figure of that many inches and its axes, in the course's style, for the functions here: not checked."""
    figure = Figure(figsize=(width, height), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=10)
    ax.xaxis.label.set_size(11)
    ax.yaxis.label.set_size(11)
    return figure, ax


@drawn
def pictures(rows: Any, *, labels: Any = (), alt: str, side: int = 8) -> Plot:
    """Patterns as pictures, ink dark.

    Parameters
    ----------
    rows : list of arrays `(B, side*side)` of numbers from -1 to 1, one array a line of pictures.
    labels : a word for each line, at its left.
    alt : what is to be seen.
    side : pixels of a picture's side.

    Raises
    ------
    ValueError : no lines, pictures of another size or kind, labels or alt that are no words.
    """
    side = as_count(side, "side", 1, WIDEST)
    rows = [_picture_line(row, f"rows[{k}]", side) for k, row in enumerate(as_items(rows, "rows", LINES, 1))]
    labels, alt = as_texts(labels, "labels"), as_text(alt, "alt", empty=True)
    if len(labels) > len(rows):
        raise ValueError(f"labels: {len(labels)} words; expected at most {len(rows)}, one for each line of pictures")
    lines, width = len(rows), max(map(len, rows))
    figure = Figure(figsize=(0.62 * width + 1.1, 0.72 * lines), layout="constrained")
    axes = figure.subplots(lines, width, squeeze=False)
    for line, row in enumerate(rows):
        for ax in axes[line]:
            ax.set_axis_off()
        for ax, pattern in zip(axes[line], row, strict=False):
            ax.imshow(-np.reshape(pattern, (side, side)), cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
            ax.add_patch(Rectangle((-0.5, -0.5), side, side, fill=False, ec=GREY, lw=0.8))
        if line < len(labels):
            axes[line, 0].text(-0.15, 0.5, labels[line], ha="right", va="center", transform=axes[line, 0].transAxes)
    return Plot(figure, alt)


def _picture_line(row, name, side) -> np.ndarray:
    pixels = side * side
    example = f"for example random_patterns(3, {pixels}), or another side than {side}"
    expected = f"expected pictures (B, {pixels}) of numbers, one a row, {example}"
    array = as_array(row, name, expected)
    if array.dtype.kind not in "iuf" or array.ndim != 2 or array.shape[1] != pixels or not len(array):
        raise ValueError(f"{name}: dtype {array.dtype}, shape {array.shape}; {expected}")
    if not np.isfinite(array).all() or array.min() < -1 - SLACK or array.max() > 1 + SLACK:
        raise ValueError(f"{name}: numbers from {array.min():g} to {array.max():g}; expected -1 for paper to 1 for ink")
    return array.astype(np.float64)
