"""The figure of a reproduced table: theory as lines, measurements as dots with bars, the source's values hollow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from damtutor.figures.plot import COLOURS, GREY, INK, PAPER, SERIES, Figure, Plot, drawn
from damtutor.reproduce.report import Dots, Line, Panel
from damtutor.validate import as_items, as_kind, as_text

COLUMNS = 2
BARS = "Bars are 95 % intervals"
SMALL = 9  # points of the legend, where a panel has many series
INSIDE = 3  # entries of a legend that find room between the data
APART = 0.007  # of the axis: how far dots that share a place stand apart, so that each bar is seen


@drawn
def compare_plot(panels: Sequence[Panel], *, see: str) -> Plot:
    """Up to four panels of lines and dots; a map has its colour bar.

    Parameters
    ----------
    panels : one to four.
    see : what is to be seen, the first sentences of the alt text; the numbers follow.

    Raises
    ------
    ValueError : no panel, or more than four; something else than panels, or than words.
    """
    panels, see = as_items(panels, "panels", "expected one to four Panel"), as_text(see, "see", empty=True)
    for k, panel in enumerate(panels):
        as_kind(panel, f"panels[{k}]", Panel, "a Panel")
        _look(panel, f"panels[{k}]")
    if not 1 <= len(panels) <= 2 * COLUMNS:
        raise ValueError(f"panels: {len(panels)}; expected one to {2 * COLUMNS}")
    across = min(COLUMNS, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(5.6 * across + 0.4, 4.2 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False).ravel()
    for ax, panel in zip(axes, panels, strict=False):
        _draw(figure, ax, panel)
    for ax in axes[len(panels) :]:
        ax.remove()
    words = [see, *map(_words, panels)]
    if any(panel.dots for panel in panels):
        figure.supxlabel(BARS, fontsize=SMALL, color=GREY)
        words.append(f"{BARS}.")
    return Plot(figure, " ".join(words))


def _look(panel, name) -> None:
    """ValueError, in words, for what is no line and no dots, or has parts of different length."""
    for kind, series in ((Line, panel.lines), (Dots, panel.dots)):
        word = kind.__name__
        for part in as_items(series, f"{word.lower()} of {name}", f"expected several {word}"):
            as_kind(part, f"{word.lower()} of {name}", kind, f"a {word}")
            sizes = [np.size(values) for values in part[1 : 3 if kind is Line else 5]]
            if len(set(sizes)) > 1 or not sizes[0]:
                raise ValueError(f"{part.label!r} of {name}: lengths {sizes}; expected one length, 1 or more")


def _draw(figure, ax, panel) -> None:
    if panel.heat is not None:
        heat = panel.heat
        image = ax.pcolormesh(heat.x, heat.y, heat.values, cmap="cividis", vmin=0, vmax=1, shading="nearest")
        ax.set(xlim=(min(heat.x), max(heat.x)), ylim=(min(heat.y), max(heat.y)))  # the outer cells reach beyond
        figure.colorbar(image, ax=ax, label=heat.label)
    names = list(dict.fromkeys(series.label for series in (*panel.lines, *panel.dots)))
    style = {name: SERIES[k % len(SERIES)] for k, name in enumerate(_stems(names))}
    over = PAPER if panel.heat is not None else None
    for line in panel.lines:
        colour, _, dash = style[_stem(line.label)]
        ax.plot(line.x, line.y, color=over or colour, ls=dash, lw=1.6, label=line.label)
    seen, shift = set(), _shift(panel)
    for k, part in enumerate(panel.dots):
        stem = _stem(part.label)
        colour, marker, _ = style[stem]
        y = np.asarray(part.y, dtype=float)
        bars = np.clip([y - part.low, np.asarray(part.high) - y], 0, None)
        face = "none" if part.source or stem in seen else colour  # the second of one colour is told apart by this
        seen.add(stem)
        ax.errorbar(
            np.asarray(part.x) + shift * (k - (len(panel.dots) - 1) / 2),
            y,
            yerr=bars,
            color=colour,
            marker=marker,
            mfc=face,
            ls="none",
            ms=5,
            capsize=3,
            label=part.label,
        )
    ax.set(title=panel.title, xlabel=panel.xlabel, ylabel=panel.ylabel)
    ax.title.set(fontsize=11, color=INK)
    if panel.logx:
        ticks = sorted({float(x) for part in panel.dots for x in part.x})
        ax.set_xscale("log")
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    elif _whole(panel):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    ax.spines[["top", "right"]].set_visible(False)
    if panel.lines or panel.dots:
        many = panel.heat is not None or len(panel.lines) + len(panel.dots) > INSIDE  # a map has no room
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncols": 2} if many else {}
        legend = ax.legend(frameon=panel.heat is not None, fontsize=SMALL, **below)
        if panel.heat is not None:
            legend.get_frame().set(facecolor=COLOURS["shade"], alpha=0.9)
            for text in legend.get_texts():
                text.set_color(PAPER)


def _whole(panel) -> bool:
    """Whether x counts something: updates, neurons, patterns."""
    return all(float(x).is_integer() for part in (*panel.lines, *panel.dots) for x in part.x) and panel.heat is None


def _shift(panel) -> float:
    """Distance between neighbours among series that share places on a linear axis; 0 for a single series."""
    places = [float(x) for part in panel.dots for x in part.x]
    if panel.logx or len(set(places)) == len(places):
        return 0.0
    apart = APART / 3 if panel.lines else APART  # beside a line a dot must not seem early or late
    return apart * (max(places) - min(places))


def _stem(label: str) -> str:
    """What theory, measurement and source have in common: the label without its first word and comma."""
    return label.partition(", ")[2] or label


def _stems(labels) -> list[str]:
    return list(dict.fromkeys(map(_stem, labels)))


def _words(panel) -> str:
    parts = [f"{line.label}: {_span(line.x, line.y)}" for line in panel.lines]
    parts += [f"{part.label}: {_span(part.x, part.y)}" for part in panel.dots]
    if panel.heat is not None:
        heat = panel.heat
        parts.insert(0, f"colour is {heat.label}, {np.nanmin(heat.values):.2g} to {np.nanmax(heat.values):.2g}")
    return f"{panel.title}: {panel.ylabel} against {panel.xlabel}. {'; '.join(parts)}."


def _span(x, y) -> str:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return " to ".join(f"{_digits(y[k])} at {_digits(x[k])}" for k in (0, -1))


def _digits(value: float) -> str:
    """Three digits; whole numbers below a million with all of theirs, as a reader would say them."""
    return f"{value:.0f}" if np.isfinite(value) and value == round(value) and abs(value) < 1e6 else f"{value:.3g}"
