"""Figures of the chapter on capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from damtutor.figures.arguments import as_flat, as_label, as_line, as_lines, as_points, as_series, as_tuple
from damtutor.figures.plot import COLOURS, GREY, INK, SERIES, STATE, Plot, drawn, new
from damtutor.validate import as_count, as_real

DENSITY = ("places", "density")


def _points(ax, x, mean, error, k: int, label: str) -> None:
    """Measured means with error bars, in the colour and marker of series k."""
    colour, marker, _ = SERIES[k]
    ax.errorbar(x, mean, error, color=colour, marker=marker, ms=5, ls="none", capsize=3, label=label)


@drawn
def load_plot(curves: Mapping[str, tuple], theory: tuple[Sequence[float], Sequence[float]]) -> Plot:
    """Overlap at the end of recall against load, measured and predicted for N → ∞.

    Parameters
    ----------
    curves : name → (loads `(P,)`, mean overlaps `(P,)`, standard errors over pattern sets `(P,)`).
    theory : (loads, overlaps) of the line; its drop is where it falls most from one load to the next.
    """
    curves = as_series(curves, "curves", ("loads", "mean overlaps", "standard errors"))
    theory = as_lines(theory, "theory", ("loads", "overlaps"), least=2)
    figure, ax = new(6.4, 3.8)
    loads, overlaps = theory
    ax.plot(loads, overlaps, color=INK, lw=1.8, label="theory, N → ∞")
    for k, (name, (x, mean, error)) in enumerate(curves.items()):
        _points(ax, x, mean, error, k, name)
    ax.set(xlabel="load K/N", ylabel="overlap m at the end of recall", ylim=(-0.04, 1.06))
    ax.legend(frameon=False, title="bars: ± 1 standard error over sets", title_fontsize=10)
    words = "; ".join(
        name + ": " + ", ".join(f"{m:.2f} at {a:g}" for a, m in zip(x, mean, strict=True))
        for name, (x, mean, _) in curves.items()
    )
    drop = loads[int(np.argmin(np.diff(overlaps)))]
    return Plot(
        figure, f"Overlap at the end of recall against load. {words}. The theory's line falls to 0 at {drop:.3f}."
    )


@drawn
def stability_plot(
    stability: np.ndarray,
    density: tuple[np.ndarray, np.ndarray],
    *,
    label: str,
    top: float | None = None,
    recalled: tuple[int, int] | None = None,
) -> Plot:
    """Histogram of the stabilities of stored bits with a theory's density; wrong bits lie left of zero.

    Parameters
    ----------
    stability : x_i h_i, any shape: 1 without crosstalk, below 0 a wrong bit.
    density : (places, theory's density there).
    label : what was stored.
    top : upper end of the density axis, to compare pictures; None makes room for what is drawn.
    recalled : (queries that came back, queries), shown as a bar above; None shows none.
    """
    values, density, label = (
        as_flat(stability, "stability"),
        as_lines(density, "density", DENSITY),
        as_label(label, "label"),
    )
    top = None if top is None else as_real(top, "top", low=0.0, strict=True)
    figure, ax = new(4.9, 3.0)
    width = 0.05
    edges = np.arange(-1.5, 3.5, width)
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), np.append(edges, edges[-1] + width))
    height = counts / len(values) / width
    flawed = edges < -width / 2
    ax.bar(edges[~flawed], height[~flawed], width, align="edge", color=COLOURS["right"])
    wrong = {"color": COLOURS["wrong"], "edgecolor": STATE, "hatch": "////", "lw": 0}
    ax.bar(edges[flawed], height[flawed], width, align="edge", **wrong)
    ax.plot(*density, color=INK, lw=1.6)
    ax.axvline(0, color=GREY, lw=1)
    if top is None:
        top = (1.1 if recalled is None else 1.4) * max(height.max(), np.max(density[1]))
    ax.set(xlabel="stability of a stored bit (1 = signal alone)", ylabel="density", xlim=(-1.5, 3.5), ylim=(0, top))
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter("{x:.1f}")  # of one width, so that the axes stand still from picture to picture
    wrong = float(np.mean(values < 0))
    words = f"{100 * wrong:.2f} % of the bits wrong"
    alt = f"{label}: histogram of stabilities with the theory's line; {words}, hatched left of zero"
    ax.set_title(f"{label}: {words}", fontsize=11, loc="left")
    if recalled is not None:
        back, queries = as_tuple(recalled, "recalled", ("queries that came back", "queries"))
        queries = as_count(queries, "queries of recalled")
        back = as_count(back, "queries of recalled that came back", 0, queries)
        strip = ax.inset_axes([0.64, 0.84, 0.34, 0.07])
        strip.barh(0, 1, color="none", edgecolor=INK, lw=1)
        strip.barh(0, back / queries, color=SERIES[0][0])
        strip.set(xlim=(0, 1), xticks=[], yticks=[])
        strip.set_title(f"recalled: {back} of {queries}", fontsize=10)
        alt += f"; {back} of {queries} damaged patterns are recalled"
    return Plot(figure, alt + ".")


@drawn
def perfect_plot(sizes: Sequence[int], measured: tuple[Sequence, Sequence], lines: Mapping[str, Sequence]) -> Plot:
    """Pattern number at which half of the patterns have no wrong bit, against N, with formulas as lines.

    Parameters
    ----------
    sizes : N, `(P,)`.
    measured : (K, standard errors), `(P,)` each.
    lines : name → K `(P,)` of a formula.
    """
    sizes = as_line(sizes, "sizes")
    measured = as_lines(measured, "measured", ("K", "standard errors"))
    lines = as_series(lines, "lines", ("K",), least=0, length=len(sizes))
    if len(measured[0]) != len(sizes):
        raise ValueError(f"measured: {len(measured[0])} numbers; expected {len(sizes)}, one a size")
    figure, ax = new(6.0, 3.8)
    for (name, values), (_, _, style) in zip(lines.items(), SERIES, strict=False):
        ax.plot(sizes, values, color=INK if style == "-" else GREY, ls=style, lw=1.8, label=name)
    _points(ax, sizes, *measured, 1, "measured ± 1 standard error")
    ax.set(xscale="log", yscale="log", xlabel="neurons N", ylabel="patterns K, half of them flawless")
    ax.set_xticks(sizes, [str(n) for n in sizes], minor=False)
    ticks = [k for k in (5, 10, 20, 50, 100, 200) if k < 1.3 * max(measured[0])]
    ax.set_yticks(ticks, [str(k) for k in ticks], minor=False)
    ax.minorticks_off()
    ax.legend(frameon=False)
    words = "; ".join(
        f"N = {n}: measured {k:.1f}, " + ", ".join(f"{name} {values[j]:.1f}" for name, values in lines.items())
        for j, (n, k) in enumerate(zip(sizes, measured[0], strict=True))
    )
    return Plot(figure, f"Patterns of which half are flawless, against neurons, both axes logarithmic. {words}.")


@drawn
def vote_plot(curves: Mapping[str, tuple]) -> Plot:
    """Share of damaged patterns recalled against (K - 1) b², the pull of all other patterns when they agree.

    Parameters
    ----------
    curves : name → ((K - 1) b² `(P,)`, mean shares `(P,)`, standard errors over pattern sets `(P,)`).
    """
    curves = as_series(curves, "curves", ("(K - 1) b²", "mean shares", "standard errors"))
    figure, ax = new(6.0, 3.6)
    ax.axvline(1, color=INK, lw=1.6)
    ax.text(1.02, 1.07, "the vote outweighs the signal →", fontsize=10, va="center")
    for k, (name, (x, mean, error)) in enumerate(curves.items()):
        colour, marker, line = SERIES[k]
        ax.errorbar(x, mean, error, color=colour, marker=marker, ms=5, ls=line, lw=0.9, capsize=3, label=name)
    ax.set(xlabel="(K − 1) b²", ylabel="share recalled", ylim=(-0.04, 1.14))
    ax.legend(frameon=False, title="bars: ± 1 standard error", title_fontsize=10, loc="lower left")
    words = "; ".join(
        name + ": " + ", ".join(f"{m:.2f} at {a:.2f}" for a, m in zip(x, mean, strict=True))
        for name, (x, mean, _) in curves.items()
    )
    return Plot(figure, f"Share of damaged patterns recalled against (K - 1) b squared, line at 1. {words}.")


@drawn
def heat_plot(
    run: Sequence[float],
    temperature: float,
    grid: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    label: str,
) -> Plot:
    """One run at a temperature beside the predicted overlap at every temperature.

    Parameters
    ----------
    run : overlap m at the start and after every sweep.
    temperature : of the run, T.
    grid : temperatures `(P,)`.
    curves : name → predicted m, `(P,)`.
    label : what was stored.
    """
    run, grid = as_line(run, "run"), as_line(grid, "grid")
    temperature, label = as_real(temperature, "temperature", low=0.0), as_label(label, "label")
    curves = as_series(curves, "curves", ("m",), least=2, most=2, length=len(grid))
    figure, _ = new(5.8, 2.9)
    figure.clear()
    left, right = figure.subplots(1, 2, sharey=True)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    colour, marker, _ = SERIES[1]
    left.plot(run, color=colour, lw=1.4)
    for (name, values), style in zip(curves.items(), ("-", "--"), strict=True):
        right.plot(grid, values, color=INK if style == "-" else GREY, ls=style, lw=1.8, label=name)
    late = float(np.mean(run[len(run) // 2 :]))
    right.plot([temperature], [late], color=colour, marker=marker, ms=8, ls="none", label="this run")
    left.set(xlabel="sweeps", ylabel="overlap m", ylim=(-0.12, 1.06))
    right.set(xlabel="temperature T")
    # above the axes: within them no corner is free at every load
    spacing = {"handlelength": 1.4, "handletextpad": 0.4, "columnspacing": 0.9, "borderaxespad": 0.1}
    right.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1), ncol=3, **spacing)
    left.set_title(f"{label}, T = {temperature:g}", fontsize=11, loc="left")
    words = ", ".join(f"{name} {np.interp(temperature, grid, values):.2f}" for name, values in curves.items())
    return Plot(
        figure,
        f"{label}, T = {temperature:g}: the overlap starts at 1 and is {late:.2f} in the second half of the run; "
        f"predicted: {words}.",
    )


@drawn
def phase_plot(loads: Sequence[float], boundary: Sequence[float], points: Sequence[tuple[float, float, float]]) -> Plot:
    """Where retrieval lives: the boundary T_M(α), and measured points, filled if the pattern is still there.

    Parameters
    ----------
    loads : α, `(P,)`.
    boundary : T_M, `(P,)`.
    points : (α, T, measured m).
    """
    loads = as_line(loads, "loads")
    boundary = as_line(boundary, "boundary", length=len(loads))
    points = as_points(points, "points", ("load", "temperature", "overlap"))
    figure, ax = new(6.0, 4.2)
    ax.fill_between(loads, boundary, color=COLOURS["kept"], label="theory: the pattern is kept")
    ax.plot(loads, boundary, color=INK, lw=1.8, label="theory: the boundary")
    colour = SERIES[1][0]
    for kept, words in ((True, "measured: m above 0.6"), (False, "measured: m below 0.6")):
        chosen = [(a, t) for a, t, m in points if (m > 0.6) == kept]
        if chosen:
            marker, face = ("o", colour) if kept else ("X", "none")
            ax.plot(*np.transpose(chosen), ls="none", marker=marker, ms=7, mec=colour, mfc=face, label=words)
    ax.set(xlabel="load K/N", ylabel="temperature T", xlim=(0, 0.16), ylim=(0, 1.05))
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2, fontsize=10)
    agree = sum((m > 0.6) == (t < np.interp(a, loads, boundary, right=0)) for a, t, m in points)
    return Plot(
        figure,
        "Load against temperature: the theory's boundary falls from temperature 1 at load 0 to 0 at load "
        f"{loads[-1]:.3f}. {agree} of {len(points)} measured points lie on their side of it.",
    )
