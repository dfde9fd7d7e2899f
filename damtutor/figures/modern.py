"""Figures of the chapter on the continuous network: is the average of your memories a memory?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from damtutor.figures.arguments import as_label, as_line, as_lines, as_numbers, as_series, as_tuple
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, STATE, STORED, Figure, Plot, drawn, new
from damtutor.validate import as_mask, as_named, as_real


@drawn
def walk_plot(place: np.ndarray, curves: Mapping[str, np.ndarray], rest: Mapping[str, tuple]) -> Plot:
    """Energy on the straight walk from the average of all memories to one of them.

    Parameters
    ----------
    place : 0 at the average, 1 at the memory, `(P,)`.
    curves : name → energy `(P,)` above that of the average.
    rest : name → (places `(R,)`, energies `(R,)`) where a state may rest: minima on the walk.
    """
    place = as_line(place, "place")
    curves = as_series(curves, "curves", ("energies",), length=len(place))
    rest = as_named(rest, "rest", '{"dot": (places, energies)}', least=0)
    if missing := curves.keys() - rest.keys():
        raise ValueError(f"rest: none for {missing.pop()!r}; expected (places, energies) for every entry of curves")
    rest = {name: as_lines(rest[name], f"rest[{name!r}]", ("places", "energies"), least=0) for name in curves}
    figure, ax = new(6.0, 3.6)
    # Several may rest at the average: markers of falling size, hollow, so that each shows round the next.
    for k, ((name, values), (colour, marker, line)) in enumerate(zip(curves.items(), SERIES, strict=False)):
        ax.plot(place, values, color=colour, ls=line, lw=2, label=name)
        ax.plot(*rest[name], color=colour, marker=marker, mfc="none", mew=2, ms=max(5, 16 - 5 * k), ls="none")
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlabel="walk from the average (0) to one memory (1)", ylabel="energy above the average's")
    ax.legend(frameon=False, title="markers: minima", title_fontsize=10)
    words = "; ".join(f"{name}: minima at {_places(rest[name][0])}" for name in curves)
    return Plot(figure, f"Energy on the walk from the average to one memory. {words}.")


@drawn
def loop_plot(
    betas: np.ndarray, up: np.ndarray, down: np.ndarray, *, theory: Mapping[str, tuple], marks: Mapping[str, float]
) -> Plot:
    """How many memories take part while β rises and falls again; dots are measured, lines are theory.

    Parameters
    ----------
    betas : β, `(P,)`.
    up : n_eff on the way up, `(P,)`.
    down : n_eff on the way down, `(P,)`.
    theory : name → (β `(R,)`, n_eff `(R,)`), a branch where it is stable.
    marks : words → β of a vertical line.
    """
    betas = as_line(betas, "betas")
    up, down = as_line(up, "up", length=len(betas)), as_line(down, "down", length=len(betas))
    theory, marks = as_series(theory, "theory", ("β", "n_eff"), least=0, most=2), as_numbers(marks, "marks")
    figure, ax = new(6.4, 3.9)
    for (name, (x, y)), line in zip(theory.items(), ("-", "--"), strict=False):
        ax.plot(x, y, color=INK, ls=line, lw=1.6, label=f"theory: {name}")
    for values, (colour, marker, _), words in ((up, SERIES[0], "β rises"), (down, SERIES[1], "β falls")):
        face = colour if marker == "s" else PAPER
        ax.plot(
            betas,
            values,
            color=colour,
            marker=marker,
            mfc=face,
            ms=5,
            ls="none",
            markevery=2,
            label=f"measured, {words}",
        )
    top = 1.02 * max(up.max(), down.max())
    for k, (words, beta) in enumerate(marks.items()):
        ax.axvline(beta, color=GREY, lw=1, ls=":")
        height = 1.2 if k % 2 == 0 else 1.08  # neighbours on two lines
        label = ax.annotate(words, (beta, height * top), (4, 0), textcoords="offset points", fontsize=9.5)
        label.set_bbox({"fc": PAPER, "ec": "none", "pad": 1})
    ax.set(xlabel="inverse temperature β", ylabel="memories that take part, n_eff", ylim=(0, 1.3 * top))
    ax.set_yticks([1, 4, 8, 12])
    ax.legend(frameon=False, loc="center", bbox_to_anchor=(0.68, 0.45))
    lines = ", ".join(f"{words} at β = {beta:.2f}" for words, beta in marks.items())
    return Plot(
        figure,
        f"Memories that take part against β: rising from {up[0]:.1f} to {up[-1]:.1f}, falling back to {down[0]:.1f}. "
        f"Between the jumps the two ways differ. Vertical lines: {lines}.",
    )


@drawn
def branches_plot(
    found: tuple, counts: tuple, *, critical: float, every: tuple[int, int] = (3, 12), label: str = ""
) -> Plot:
    """Resting places against β: how many memories take part in each, and how many places the patterns lead to.

    Parameters
    ----------
    found : (β, n_eff, stable) of the fixed points, one entry a point, `(P,)`.
    counts : (β `(R,)`, number of places reached from the patterns `(R,)`).
    critical : predicted β of the first split.
    every : levels of the lower panel that get a line.
    label : what is stored.
    """
    found = as_tuple(found, "found", ("β", "n_eff", "stable"))
    betas, n_eff = as_lines(found[:2], "found", ("β", "n_eff"))
    stable = as_mask(found[2], "stable of found", betas.shape)
    counts, critical = as_lines(counts, "counts", ("β", "places")), as_real(critical, "critical", low=0.0, strict=True)
    every, label = as_line(every, "every"), as_label(label, "label")
    figure = Figure(figsize=(6.2, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    upper.plot(betas[~stable], n_eff[~stable], color=GREY, marker="x", ms=3.5, ls="none", label="unstable")
    upper.plot(betas[stable], n_eff[stable], color=STORED, marker="s", ms=3.5, ls="none", label="stable")
    lower.plot(*counts, color=STATE, marker="o", ms=4.5, lw=1, drawstyle="steps-mid")
    for level in every:
        lower.axhline(level, color=GREY, lw=0.8, ls=":")
    for ax in (upper, lower):
        ax.axvline(critical, color=INK, lw=1.4)
        ax.set_xscale("log")
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_xlabel("inverse temperature β")
    upper.annotate(f"β_c = {critical:.3f}", (critical, n_eff.min()), (-5, 0), textcoords="offset points", ha="right")
    upper.set(ylabel="n_eff at a fixed point", title=label)
    lower.set(ylabel="places reached\nfrom the patterns")
    lower.set_yticks(sorted({1, *every}))
    ticks = [t for t in (0.5, 1, 2, 3, 5, 7, 10, 20, 30, 50) if betas.min() <= t <= betas.max()]
    lower.set_xticks(ticks, [f"{t:g}" for t in ticks])
    lower.minorticks_off()
    upper.legend(frameon=False, loc="upper right")
    words = ", ".join(f"{int(c)} at β = {b:g}" for b, c in zip(*counts, strict=True))
    return Plot(
        figure,
        f"{label}: n_eff of the fixed points falls in steps as β grows, from {n_eff.max():.1f} to {n_eff.min():.1f}. "
        f"Vertical line: β_c = {critical:.3f}. Places reached from the patterns: {words}.",
    )


@drawn
def descent_plot(traces: Mapping[str, np.ndarray]) -> Plot:
    """Energy against the number of steps; `traces`: name → energies `(steps + 1,)`."""
    traces = as_series(traces, "traces", ("energies",))
    figure, ax = new(6.0, 3.2)
    for (name, energies), (colour, marker, line) in zip(traces.items(), SERIES, strict=False):
        ax.plot(energies, color=colour, marker=marker, ls=line, ms=4, lw=1.2, label=name)
    ax.set(xlabel="steps", ylabel="energy E")
    ax.legend(frameon=False)
    words = "; ".join(f"{n} goes from {e[0]:.2f} to {e[-1]:.2f}" for n, e in traces.items())
    return Plot(figure, f"Energy after every step. {words}.")


@drawn
def bound_plot(series: Mapping[str, tuple], *, useless: float) -> Plot:
    """Error of one step against its proved bound, both axes logarithmic; the diagonal is "error = bound".

    Parameters
    ----------
    series : name → (errors `(P,)`, bounds `(P,)`), all > 0.
    useless : bounds beyond this say nothing.
    """
    series, useless = (
        as_series(series, "series", ("errors", "bounds")),
        as_real(useless, "useless", low=0.0, strict=True),
    )
    figure, ax = new(5.6, 4.2)
    for (name, (errors, bounds)), (colour, marker, _) in zip(series.items(), SERIES, strict=False):
        ax.plot(bounds, errors, color=colour, marker=marker, mfc="none", ms=4, ls="none", label=name)
    least = min(float(np.min(e)) for e, _ in series.values())
    most = max(float(np.max(b)) for _, b in series.values())
    ax.plot([least, most], [least, most], color=INK, lw=1.6, label="error = bound")
    ax.axvline(useless, color=GREY, lw=1, ls=":")
    ax.annotate("no news\nbeyond", (useless, least), xytext=(4, 2), textcoords="offset points", fontsize=9.5)
    ax.set(xscale="log", yscale="log", xlabel="proved bound of the error", ylabel="error |f(ξ) - X₁| of one step")
    ax.legend(frameon=False)
    below = sum(int(np.sum(e <= b)) for e, b in series.values())
    count = sum(len(e) for e, _ in series.values())
    return Plot(
        figure, f"Error of one step against its bound, log-log: {below} of {count} dots lie below the diagonal."
    )


def _places(values) -> str:
    return " and ".join(f"{v:.2f}" for v in values)
