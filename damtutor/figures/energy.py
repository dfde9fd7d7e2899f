"""Figures of the chapter on energy: resting places, merging memories, basins, and two neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from damtutor.figures.arguments import BARS, as_line, as_points, as_series
from damtutor.figures.plot import COLOURS, GREY, INK, PAPER, SERIES, STATE, STORED, Plot, drawn, new
from damtutor.validate import as_count, as_items, as_real, as_texts

BLEND = SERIES[2][0]


@drawn
def places_plot(reach: np.ndarray, counted: np.ndarray, measured: Sequence[tuple[float, int]], *, drops: int) -> Plot:
    """Number of resting places against the reach R: enumerated as a line, found by dropping balls as markers.

    Parameters
    ----------
    reach : R, `(P,)`.
    counted : number of resting places, `(P,)`.
    measured : pairs (R, places found).
    drops : balls behind each marker.
    """
    reach, drops = as_line(reach, "reach"), as_count(drops, "drops")
    counted, measured = as_line(counted, "counted", length=len(reach)), as_points(measured, "measured", ("R", "places"))
    figure, ax = new(6.0, 3.2)
    ax.step(reach, counted, where="mid", color=INK, lw=2, label="theory: every subset tried")
    at, found = np.array(measured).T
    ax.plot(at, found, "o", color=STATE, ms=7, label=f"measured: ends of {drops} drops")
    ax.axhline(3, color=STORED, lw=1, ls=":", label="memories stored: 3")
    ax.set(xlabel="reach R", ylabel="resting places", ylim=(0, 9.9), yticks=[0, 1, 3, 4, 6, 7])
    ax.legend(frameon=False, loc="upper left", ncols=2, fontsize=9)
    words = ", ".join(f"{n:.0f} at R = {r:.2f}" for r, n in measured)
    return Plot(figure, f"Resting places of three memories on a triangle against the reach R. Found by drops: {words}.")


@drawn
def merging_plot(ratio: np.ndarray, theory: np.ndarray, measured: Sequence[tuple[float, float]]) -> Plot:
    """Where the minimum beside a memory at distance a from the midpoint lies, against σ/a.

    Parameters
    ----------
    ratio : σ/a, `(P,)`.
    theory : m = (distance from the midpoint) / a, from the equation, `(P,)`.
    measured : pairs of both.
    """
    ratio = as_line(ratio, "ratio")
    theory, measured = as_line(theory, "theory", length=len(ratio)), as_points(measured, "measured", ("ratio", "m"))
    figure, ax = new(5.6, 3.2)
    ax.plot(ratio, theory, color=INK, lw=2, label="theory: m = tanh(m a²/σ²)")
    at, found = np.array(measured).T
    ax.plot(at, found, "o", color=STATE, ms=7, label="measured: where the ball stops")
    ax.axvline(1, color=GREY, lw=1, ls=":")
    ax.text(1.01, 0.75, "2a = 2σ:\nthey merge", color=GREY, fontsize=10)
    ax.set(xlabel="width σ of a well / half distance a", ylabel="m = place of the minimum / a", ylim=(-0.05, 1.1))
    ax.legend(frameon=False, loc="lower left")
    words = ", ".join(f"{m:.2f} at {r:.2f}" for r, m in measured)
    return Plot(figure, f"Place of the minimum between midpoint (0) and memory (1) against σ/a. Measured: {words}.")


@drawn
def shares_plot(names: Sequence[str], shares: Sequence[tuple], areas: Sequence[float], *, drops: int) -> Plot:
    """Share of drops that end at each place with its 95 % interval, beside the area of the basin.

    Parameters
    ----------
    names : of the places, in order.
    shares : (value, low, high) each.
    areas : shares of the area.
    drops : how many.
    """
    names, drops = as_texts(names, "names"), as_count(drops, "drops")
    shares, areas = as_points(shares, "shares", BARS, length=len(names)), as_line(areas, "areas", length=len(names))
    figure, ax = new(6.2, 3.2)
    place = np.arange(len(names))
    value, low, high = np.array(shares).T
    ax.bar(place, areas, 0.7, color=COLOURS["area"], edgecolor=GREY, lw=0.8, label="area of the basin")
    bars = [np.maximum(value - low, 0), np.maximum(high - value, 0)]
    ax.errorbar(place, value, bars, fmt="o", color=STATE, capsize=4, label=f"share of {drops} drops, 95 % interval")
    ax.set_xticks(place, names, fontsize=9)
    ax.set(ylabel="share", xlabel="where the ball ends", ylim=(0, max(high.max(), max(areas)) * 1.35))
    ax.legend(frameon=False, loc="upper left", ncols=2)
    rows = zip(names, value, areas, strict=True)
    words = "; ".join(f"{' '.join(n.split())}: {v:.3f}, area {a:.3f}" for n, v, a in rows)
    return Plot(figure, f"Share of {drops} drops per resting place beside the area of its basin. {words}.")


@drawn
def plane_plot(points: np.ndarray, places: np.ndarray, paths: Sequence[np.ndarray], *, reach: float) -> Plot:
    """Memories, their reaches, all resting places and some paths of balls on the plane [-2, 2]².

    Parameters
    ----------
    points : memories `(K, 2)`.
    places : resting places `(P, 2)`.
    paths : states of one ball each, `(T, 2)`.
    reach : R.
    """
    points, places = as_points(points, "points", ("x", "y")), as_points(places, "places", ("x", "y"))
    paths = as_items(paths, "paths", "expected a list of paths (T, 2)")
    paths = [as_points(path, f"paths[{k}]", ("x", "y")) for k, path in enumerate(paths)]
    reach = as_real(reach, "reach", low=0.0, strict=True)
    figure, ax = new(5.2, 4.8)
    turn = np.linspace(0, 2 * np.pi, 120)
    for x, y in points:
        ax.plot(x + reach * np.cos(turn), y + reach * np.sin(turn), color=STORED, lw=0.9, ls=":")
    for path in paths:
        ax.plot(*np.transpose(path), color=STATE, lw=1.4, marker="o", ms=3.5, mfc=PAPER)
    stored = (np.linalg.norm(places[:, None] - points, axis=2) < 1e-9).any(axis=1)
    ax.plot(*points.T, "s", color=STORED, ms=9, label="stored")
    ax.plot(*places[~stored].T, "^", color=BLEND, ms=10, label="rests, never stored")
    ax.plot([], [], color=STATE, marker="o", mfc=PAPER, label="a ball's path")
    ax.set(xlabel="x", ylabel="y", xlim=(-2.3, 2.3), ylim=(-2.3, 2.3), aspect="equal")
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9, columnspacing=1)
    new_ones = int((~stored).sum())
    words = f"{len(points)} memories as squares with their reaches, {new_ones} resting places that nobody stored as "
    return Plot(figure, words + f"triangles, and the paths of {len(paths)} balls on the plane.")


@drawn
def pair_plot(runs: Mapping[str, np.ndarray]) -> Plot:
    """Energy of two neurons after every update; `runs`: name → energies `(T,)`."""
    runs = as_series(runs, "runs", ("energies",))
    figure, ax = new(5.6, 2.8)
    for (name, energies), (colour, marker, line) in zip(runs.items(), SERIES, strict=False):
        ax.plot(energies, color=colour, marker=marker, ls=line, lw=1.4, label=name)
    ax.set(xlabel="update", ylabel="energy −s₁ s₂", yticks=[-1, 0, 1], ylim=(-1.3, 1.9))
    ax.legend(frameon=False, loc="upper right", ncols=2)
    words = "; ".join(f"{n}: from {e[0]:.0f} to {e[-1]:.0f} in {len(e) - 1} updates" for n, e in runs.items())
    return Plot(figure, f"Energy of two coupled neurons. {words}.")
