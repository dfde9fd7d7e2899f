"""Figures of the chapter on dense associative memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from damtutor.figures.arguments import (
    BARS,
    as_flat,
    as_label,
    as_line,
    as_lines,
    as_point_series,
    as_points,
    as_series,
    as_tuple,
)
from damtutor.figures.plot import COLOURS, GREY, INK, SERIES, STATE, Plot, drawn, new
from damtutor.validate import as_count, as_named, as_real, as_texts

CAPACITY = '{"n = 2": (sizes, counts, standard errors, predicted counts, slope, slope error)}'
COLLAPSE = '{"N = 10": (scaled M, [(value, low, high), ...])}'


@drawn
def interaction_plot(overlap: np.ndarray, curves: Mapping[str, np.ndarray]) -> Plot:
    """How much an overlap counts: F(m)/F(1) against m = M/N.

    Parameters
    ----------
    overlap : m in [-1, 1], `(P,)`.
    curves : name of F → F(m)/F(1), `(P,)`, in the order of the legend.
    """
    overlap = as_line(overlap, "overlap")
    curves = as_series(curves, "curves", ("F(m)/F(1)",), length=len(overlap))
    figure, ax = new(5.6, 3.4)
    for (name, values), (colour, _, line) in zip(curves.items(), SERIES, strict=False):
        ax.plot(overlap, values, color=colour, ls=line, lw=2, label=name)
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlabel="overlap m = M/N of a state with one memory", ylabel="its weight F(m) / F(1)", ylim=(-1.05, 1.05))
    ax.legend(frameon=False)
    half = ", ".join(f"{name} {np.interp(0.5, overlap, values):.3f}" for name, values in curves.items())
    return Plot(figure, f"Weight of an overlap against the overlap. At m = 0.5 the weights are {half}.")


@drawn
def recall_plot(
    orders: Sequence[str], series: Mapping[str, Sequence[tuple[float, float, float]]], *, trials: int
) -> Plot:
    """Share of damaged queries that return to their pattern, for several F.

    Parameters
    ----------
    orders : names of the F on the axis.
    series : name → one (value, low, high) per F, 95 % Wilson intervals.
    trials : queries behind each point.
    """
    orders, trials = as_texts(orders, "orders"), as_count(trials, "trials")
    series = as_point_series(series, "series", BARS, length=len(orders))
    figure, ax = new(6.0, 3.4)
    place = np.arange(len(orders))
    for k, ((name, points), (colour, marker, line)) in enumerate(zip(series.items(), SERIES, strict=False)):
        value, low, high = np.array(points).T
        shift = place + 0.08 * (k - (len(series) - 1) / 2)
        ax.errorbar(
            shift, value, [value - low, high - value], color=colour, marker=marker, ls=line, lw=1, capsize=3, label=name
        )
    ax.set_xticks(place, orders)
    ax.set(xlabel="interaction function F", ylabel="share recalled exactly", ylim=(-0.04, 1.04))
    ax.legend(frameon=False, title=f"{trials} queries a point, 95 % intervals", title_fontsize=10)
    words = "; ".join(
        name + ": " + ", ".join(f"{p[0]:.2f} for {o}" for p, o in zip(points, orders, strict=True))
        for name, points in series.items()
    )
    return Plot(figure, f"Share of queries recalled exactly. {words}.")


@drawn
def trace_plot(traces: Mapping[str, np.ndarray]) -> Plot:
    """Energy against the number of flips so far; `traces`: name → energies `(flips + 1,)`, divided by N."""
    traces = as_series(traces, "traces", ("energies",))
    figure, ax = new(6.0, 3.2)
    for (name, energies), (colour, marker, _) in zip(traces.items(), SERIES, strict=False):
        ax.plot(energies, color=colour, marker=marker, ms=4, lw=1.2, label=name)
    ax.set(xlabel="flips so far", ylabel="energy per neuron, E/N")
    ax.legend(frameon=False)
    words = "; ".join(f"{n} falls from {e[0]:.2f} to {e[-1]:.2f} in {len(e) - 1} flips" for n, e in traces.items())
    return Plot(figure, f"Energy per neuron after every flip. {words}.")


@drawn
def crosstalk_plot(stability: np.ndarray, sigma: float, *, label: str) -> Plot:
    """Histogram of the stabilities of stored bits with the Gaussian of the theory; wrong bits lie left of zero.

    Parameters
    ----------
    stability : x_i D_i divided by the signal, any shape: 1 without crosstalk, below 0 a wrong bit.
    sigma : predicted standard deviation.
    label : what was stored.
    """
    values, label = as_flat(stability, "stability"), as_label(label, "label")
    sigma = as_real(sigma, "sigma", low=0.0, strict=True)
    figure, ax = new(5.6, 3.2)
    edges = np.linspace(-2, 4, 61)  # the same axes for every K: the spreading is what is to be seen
    counts, _ = np.histogram(np.clip(values, -2, 4), edges)
    density = counts / len(values) / np.diff(edges)
    colours = [COLOURS["wrong" if edge < 0 else "right"] for edge in edges[:-1]]
    ax.bar(edges[:-1], density, np.diff(edges), align="edge", color=colours)
    ax.bar(edges[:20], density[:20], 0.1, align="edge", color="none", edgecolor=STATE, hatch="///", lw=0)
    at = np.linspace(-2, 4, 300)
    with np.errstate(under="ignore"):
        gauss = np.exp(-((at - 1) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    ax.plot(at, gauss, color=INK, lw=2)
    ax.axvline(0, color=GREY, lw=1)
    wrong = float(np.mean(values < 0))
    ax.set(xlabel="stability of a stored bit (1 = signal alone)", ylabel="density", xlim=(-2, 4), ylim=(0, 2.1))
    ax.set_title(f"{label}: {100 * wrong:.2f} % of the bits wrong", fontsize=11, loc="left")
    return Plot(
        figure,
        f"{label}: histogram of stabilities around 1 with a Gaussian of width {sigma:.2f}; "
        f"{100 * wrong:.2f} % of the bits lie left of zero, hatched, and are wrong.",
    )


@drawn
def capacity_plot(curves: Mapping[str, tuple]) -> Plot:
    """Pattern number at a fixed error against network size, log-log: theory as lines, measurements as markers.

    Parameters
    ----------
    curves : name → (sizes `(P,)`, counts `(P,)`, standard errors `(P,)`, predicted counts `(P,)`, slope, slope error).
    """
    curves = {name: _line(c, f"curves[{name!r}]") for name, c in as_named(curves, "curves", CAPACITY, most=5).items()}
    figure, ax = new(6.0, 4.2)
    for (name, data), (colour, marker, line) in zip(curves.items(), SERIES, strict=False):
        sizes, counts, errors, predicted, slope, slope_error = data
        ax.plot(sizes, predicted, color=colour, ls=line, lw=1.6)
        ax.errorbar(
            sizes,
            counts,
            errors,
            color=colour,
            marker=marker,
            ls="none",
            capsize=3,
            label=f"{name}: slope {slope:.2f} ± {slope_error:.2f}",
        )
    ax.set(xscale="log", yscale="log", xlabel="neurons N", ylabel="patterns K at 1 % wrong bits")
    ax.set_ylim(top=30 * max(max(data[1]) for data in curves.values()))  # room for the legend
    ax.set_xticks([16, 32, 64, 128, 256, 512], ["16", "32", "64", "128", "256", "512"], minor=False)
    ax.minorticks_off()
    ax.legend(frameon=False, title="markers: measured ± 1 standard error\nlines: Gaussian theory", title_fontsize=10)
    words = "; ".join(f"{name} rises with slope {data[4]:.2f}" for name, data in curves.items())
    return Plot(figure, f"Patterns at 1 % wrong bits against neurons, both axes logarithmic. {words}. Lines: theory.")


def _line(curve, name) -> tuple:
    parts = ("sizes", "counts", "standard errors", "predicted counts", "slope", "slope error")
    *lines, slope, error = as_tuple(curve, name, parts)
    return (
        *as_lines(lines, name, parts[:4]),
        as_real(slope, f"slope of {name}"),
        as_real(error, f"slope error of {name}"),
    )


def _scaled(curve, name) -> tuple:
    scaled, points = as_tuple(curve, name, ("scaled M", "points"))
    scaled = as_line(scaled, f"scaled M of {name}")
    return scaled, as_points(points, f"points of {name}", BARS, length=len(scaled))


@drawn
def collapse_plot(curves: Mapping[str, tuple], x: np.ndarray, bound: np.ndarray) -> Plot:
    """P(all M patterns stable) against x = √(M (M-1) N / 2^N): all N on one curve.

    Parameters
    ----------
    curves : name → (scaled M `(P,)`, one (value, low, high) per point).
    x : scaled M of the estimate, `(R,)`.
    bound : the birthday estimate exp(-x²/2), `(R,)`.
    """
    x = as_line(x, "x")
    bound = as_line(bound, "bound", length=len(x))
    curves = {name: _scaled(c, f"curves[{name!r}]") for name, c in as_named(curves, "curves", COLLAPSE, most=5).items()}
    figure, ax = new(6.0, 3.6)
    ax.plot(x, bound, color=INK, lw=2, label="birthday estimate exp(-x²/2)")
    for (name, (scaled, points)), (colour, marker, _) in zip(curves.items(), SERIES, strict=False):
        value, low, high = np.array(points).T
        ax.errorbar(
            scaled, value, [value - low, high - value], color=colour, marker=marker, ls="none", capsize=3, label=name
        )
    ax.set(xlabel="x = √(M (M-1) N / 2ᴺ)", ylabel="share of sets, all stable", ylim=(-0.04, 1.04), xlim=(0, x.max()))
    ax.legend(frameon=False, title="bars: 95 % intervals", title_fontsize=10)
    names = ", ".join(curves)
    return Plot(figure, f"Share of pattern sets with every pattern stable, for {names}: all lie close to exp(-x²/2).")
