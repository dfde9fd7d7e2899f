"""Figures of the chapter on the classical Hopfield network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from damtutor.figures.arguments import BARS, as_line, as_numbers, as_point_series
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, Plot, drawn, new
from damtutor.validate import as_count, as_named, as_texts

HATCHES = ("", "///", "...", "xxx", "")  # the series in a filled shape


@drawn
def energies_plot(energies: Mapping[str, np.ndarray], levels: Mapping[str, float]) -> Plot:
    """Histogram of the energies per neuron of end states, one colour a kind, theory as vertical lines.

    Parameters
    ----------
    energies : kind of end -> energies per neuron `(runs,)`; kinds without a run are left out.
    levels : name -> energy per neuron in theory.
    """
    energies = as_named(energies, "energies", '{"stored": energies}')
    energies = {kind: as_line(values, f"energies[{kind!r}]", least=0) for kind, values in energies.items()}
    levels = as_numbers(levels, "levels")
    figure, ax = new(6.2, 3.6)
    edges = np.arange(-0.565, -0.25, 0.01)  # -1/2 lies in the middle of a bar
    floor = np.zeros(len(edges) - 1)
    shown = {kind: values for kind, values in energies.items() if len(values)}
    for (kind, values), (colour, _, _), hatch in zip(shown.items(), SERIES, HATCHES, strict=False):
        counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        label = f"{kind} ({len(values)})"
        ax.bar(
            edges[:-1],
            counts,
            np.diff(edges),
            floor,
            align="edge",
            color=colour,
            alpha=0.75,
            hatch=hatch,
            edgecolor=PAPER,
            lw=0.3,
            label=label,
        )
        floor = floor + counts
    top = 1.3 * max(floor.max(), 1)
    for name, level in levels.items():
        ax.axvline(level, color=INK, lw=1.4)
        ax.text(level + 0.003, 0.97 * top, f"{name}: {level:.3f}", va="top", fontsize=9, color=INK)
    ax.set(xlabel="energy per neuron E/N at the end", ylabel="runs", ylim=(0, top), xlim=(-0.56, -0.26))
    ax.legend(frameon=False, title="end (runs)", title_fontsize=10, loc="center right")
    kinds = "; ".join(f"{kind}: {len(values)} runs, mean {np.mean(values):.3f}" for kind, values in shown.items())
    lines = ", ".join(f"{name} at {level:.3f}" for name, level in levels.items())
    return Plot(figure, f"Histogram of the energies of end states. {kinds}. Lines of the theory: {lines}.")


@drawn
def ends_plot(counts: Sequence[int], shares: Mapping[str, Sequence[tuple[float, float, int]]]) -> Plot:
    """Where random starts end, against the number of stored patterns.

    Parameters
    ----------
    counts : K on the axis.
    shares : kind of end -> one (mean, standard error, sets) per K.
    """
    counts = as_line(counts, "counts")
    shares = as_point_series(shares, "shares", ("mean", "standard error", "sets"), length=len(counts))
    figure, ax = new(6.2, 3.8)
    sets = 0
    for k, ((kind, points), (colour, marker, line)) in enumerate(zip(shares.items(), SERIES, strict=False)):
        value, error, number = np.array(points).T
        sets = int(number.max())
        shift = np.asarray(counts) * 1.015 ** (k - 1.5)  # bars of equal shares side by side
        ax.errorbar(shift, value, error, color=colour, marker=marker, ls=line, lw=1.2, capsize=3, label=kind)
    ax.set(xscale="log", xlabel="stored patterns K", ylabel="share of the starts", ylim=(-0.04, 1.04))
    ax.set_xticks(list(counts), [str(k) for k in counts])
    ax.minorticks_off()
    title = f"ends, mean ± standard error of {sets} sets"
    ax.legend(frameon=False, title=title, title_fontsize=10, loc="upper left")
    words = "; ".join(
        f"{kind} " + ", ".join(f"{p[0]:.2f} at K = {k}" for k, p in zip(counts, points, strict=True))
        for kind, points in shares.items()
    )
    return Plot(figure, f"Share of random starts by kind of end, against the number of patterns. {words}.")


@drawn
def rules_plot(
    rules: Sequence[str], series: Mapping[str, Sequence[tuple[float, float, float]]], *, trials: int
) -> Plot:
    """Share of damaged queries that come back, for several learning rules and kinds of pictures.

    Parameters
    ----------
    rules : names on the axis.
    series : name of the pictures -> one (value, low, high) a rule, 95 % Wilson intervals.
    trials : queries behind each point.
    """
    rules, trials = as_texts(rules, "rules"), as_count(trials, "trials")
    series = as_point_series(series, "series", BARS, length=len(rules))
    figure, ax = new(5.8, 3.6)
    place = np.arange(len(rules))
    for k, ((name, points), (colour, marker, _)) in enumerate(zip(series.items(), SERIES, strict=False)):
        value, low, high = np.array(points).T
        shift = place + 0.12 * (k - (len(series) - 1) / 2)
        bars = [value - low, high - value]
        ax.errorbar(shift, value, bars, color=colour, marker=marker, ls="none", capsize=3, label=name)
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set_xticks(place, rules)
    ax.set(xlabel="learning rule", ylabel="share recalled", ylim=(-0.04, 1.04), xlim=(-0.5, len(rules) - 0.5))
    ax.legend(frameon=False, title=f"{trials} queries a point,\n95 % intervals", title_fontsize=10, loc="lower right")
    words = "; ".join(
        f"{name} " + ", ".join(f"{p[0]:.2f} with {r}" for p, r in zip(points, rules, strict=True))
        for name, points in series.items()
    )
    return Plot(figure, f"Share of damaged pictures that come back. {words}.")
