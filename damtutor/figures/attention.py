"""Figures of the chapter on repeated attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from damtutor.figures.arguments import as_line, as_lines, as_series, as_tuple
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, STATE, Figure, Plot, drawn, new
from damtutor.validate import as_fraction, as_named, as_real, as_reals, as_texts

EDGE = '{"random": (counts, shares, standard errors, None)}'


@drawn
def forgetting_plot(weight: Sequence[float], error: Sequence[float], energy: Sequence[float], *, chance: float) -> Plot:
    """Energy and weight on the right key, side by side, while attention is repeated.

    Parameters
    ----------
    weight : mean weight in step 1, 2, ..., `(steps,)`.
    error : its standard error, `(steps,)`.
    energy : mean energy of the query and after every step, `(steps + 1,)`.
    chance : the weight of one key if all have the same.
    """
    weight = as_line(weight, "weight")
    error = as_line(error, "error", length=len(weight), gaps=True)
    energy, chance = as_line(energy, "energy"), as_fraction(chance, "chance")
    figure = Figure(figsize=(7.4, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=10)
    left.plot(np.arange(len(energy)), energy, color=STATE, marker="o", ms=5, lw=1.2)
    left.set(xlabel="updates so far", ylabel="energy")
    left.set_title("The energy falls ...", fontsize=11, loc="left")
    steps = np.arange(1, len(weight) + 1)
    right.errorbar(steps, weight, error, color=SERIES[0][0], marker="s", ms=5, lw=1.2, capsize=3)
    right.axhline(chance, color=GREY, ls="--", lw=1)
    right.text(1, chance + 0.02, f"chance, {chance:.3f}", color=GREY, fontsize=10)
    right.set(xlabel="attention step", ylabel="weight on the right key", ylim=(-0.04, 1.04))
    right.set_title("... and the memory goes", fontsize=11, loc="left")
    return Plot(
        figure,
        f"Left: the energy falls from {energy[0]:.1f} to {energy[-1]:.1f} in {len(energy) - 1} updates. Right: the "
        f"weight on the right key goes from {weight[0]:.2f} in step 1 to {weight[-1]:.3f} in step {len(weight)}; "
        f"chance is {chance:.3f}. Bars: one standard error, smaller than the markers.",
    )


@drawn
def repetition_plot(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Plot:
    """Weight on the right key against the attention step, for several conditions.

    Parameters
    ----------
    curves : name → (mean weights `(steps,)`, standard errors `(steps,)`), in the order of the legend.
    """
    curves = as_series(curves, "curves", ("weights", "standard errors"))
    figure, ax = new(6.2, 3.6)
    for (name, (weight, error)), (colour, marker, line) in zip(curves.items(), SERIES, strict=False):
        steps = np.arange(1, len(weight) + 1)
        ax.errorbar(steps, weight, error, color=colour, marker=marker, ls=line, ms=5, lw=1.2, capsize=3, label=name)
    ax.set(xlabel="attention step", ylabel="weight on the right key", ylim=(-0.04, 1.04))
    ax.set_xticks(range(1, 1 + max(len(weight) for weight, _ in curves.values())))
    ax.legend(
        frameon=False,
        fontsize=10,
        title="bars: one standard error",
        title_fontsize=10,
        loc="center left",
        bbox_to_anchor=(1, 0.5),
    )
    words = "; ".join(f"{n}: {w[0]:.2f} in step 1, {w[-1]:.3f} in step {len(w)}" for n, (w, _) in curves.items())
    return Plot(figure, f"Weight on the right key against the attention step. {words}.")


@drawn
def edge_plot(curves: Mapping[str, tuple]) -> Plot:
    """Share of keys with a minimum of their own against the number of keys, and where a heuristic puts the edge.

    Parameters
    ----------
    curves : name → (counts `(P,)`, shares `(P,)`, standard errors `(P,)`, predicted edge or None).
    """
    curves = {
        name: _edge(curve, f"curves[{name!r}]") for name, curve in as_named(curves, "curves", EDGE, most=5).items()
    }
    figure, ax = new(6.2, 3.6)
    for (name, (counts, shares, errors, edge)), (colour, marker, line) in zip(curves.items(), SERIES, strict=False):
        ax.errorbar(counts, shares, errors, color=colour, marker=marker, ls=line, ms=5, lw=1, capsize=3, label=name)
        if edge is not None:
            ax.axvline(edge, color=INK, ls=line, lw=1.2)
            ax.text(edge * 1.04, 1.06, f"{edge:.1f}", color=INK, fontsize=10)
    ax.axhline(0.5, color=GREY, lw=0.8)
    ax.set(xscale="log", xlabel="keys K", ylabel="share with a minimum of their own", ylim=(-0.04, 1.15))
    places = [2, 5, 10, 20, 50, 100, 200]
    ax.set_xticks(places, [str(place) for place in places])
    ax.minorticks_off()
    title = "markers: measured ± 1 standard error\nvertical lines: the heuristic K*"
    ax.legend(frameon=False, fontsize=10, title=title, title_fontsize=10, loc="center left", bbox_to_anchor=(1, 0.5))
    words = "; ".join(
        f"{name}: from {s[0]:.2f} at K = {k[0]} to {s[-1]:.2f} at K = {k[-1]}, "
        + ("no line" if e is None else f"line at {e:.1f}")
        for name, (k, s, _, e) in curves.items()
    )
    return Plot(figure, f"Share of random keys with a minimum of their own against the number of keys. {words}.")


def _edge(curve, name) -> tuple:
    *lines, edge = as_tuple(curve, name, ("counts", "shares", "standard errors", "predicted edge or None"))
    lines = as_lines(lines, name, ("counts", "shares", "standard errors"))
    return *lines, None if edge is None else as_real(edge, f"predicted edge of {name}", low=0.0, strict=True)


@drawn
def mask_plot(words: Sequence[str], weights: np.ndarray) -> Plot:
    """Attention weights of a sentence as a table of grey squares: a row per query, a column per key.

    Parameters
    ----------
    words : T words.
    weights : `(T, T)`, rows that sum to 1; exactly 0 where masked.
    """
    words = as_texts(words, "words")
    weights = as_reals(weights, "weights", 2, length=len(words))
    if len(weights) != len(words) or weights.min() < 0:
        raise ValueError(
            f"weights: {len(weights)} rows, least {weights.min():g}; expected {len(words)} rows >= 0, one a word"
        )
    figure, ax = new(4.6, 4.2)
    ax.imshow(np.sqrt(weights), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.argwhere(weights == 0):
        ax.text(column, row, "·", ha="center", va="center", color=GREY)
    for row, column in np.argwhere(weights > 0.005):
        value = weights[row, column]
        ax.text(column, row, f"{value:.2f}".lstrip("0"), ha="center", va="center", fontsize=8,
                color=PAPER if value > 0.4 else INK)  # fmt: skip
    ax.set_xticks(range(len(words)), words, rotation=60, ha="right")
    ax.set_yticks(range(len(words)), words)
    ax.set(xlabel="key", ylabel="query")
    own = ", ".join(f"{word} {weights[k, k]:.2f}" for k, word in enumerate(words))
    return Plot(
        figure, f"Attention weights under a causal mask: no weight right of the diagonal. On the word itself: {own}."
    )
