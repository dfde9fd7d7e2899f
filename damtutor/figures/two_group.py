"""Figures of the chapter on two groups of neurons: who is faster, and what does that cost?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from damtutor.figures.arguments import as_line, as_lines, as_series
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, Figure, Plot, drawn, new
from damtutor.validate import as_count, as_named


@drawn
def dissipation_plot(
    times: np.ndarray,
    energies: np.ndarray,
    feature: np.ndarray,
    memory: np.ndarray,
    effective: np.ndarray | None = None,
) -> Plot:
    """Energy over time, and below it what each group of neurons takes from it.

    Parameters
    ----------
    times : `(T,)`.
    energies : `(T,)`.
    feature : τ v'·H v' of the feature neurons, `(T,)`.
    memory : the same of the memory neurons; the sum of both is -dE/dt.
    effective : the energy that instant memory neurons would leave, `(T,)`, or None.
    """
    times = as_line(times, "times")
    energies, feature, memory = (
        as_line(line, name, length=len(times))
        for line, name in ((energies, "energies"), (feature, "feature"), (memory, "memory"))
    )
    effective = None if effective is None else as_line(effective, "effective", length=len(times))
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    upper.plot(times, energies, color=INK, lw=2, label="energy E(v, h)")
    if effective is not None:
        upper.plot(times, effective, color=GREY, lw=1.2, ls="--", label="effective energy E(v)")
    lower.stackplot(times, feature, memory, colors=(SERIES[0][0], SERIES[1][0]), labels=("feature", "memory"))
    lower.collections[1].set(hatch="//", edgecolor=PAPER)  # told apart without colour
    for ax, words in ((upper, "energy"), (lower, "loss of energy\nper unit of time")):
        ax.spines[["top", "right"]].set_visible(False)
        ax.set(xlabel="time", ylabel=words)
    upper.legend(frameon=False)
    lower.legend(frameon=False, title="taken by neurons", title_fontsize=10)
    taken = [float(np.sum((part[1:] + part[:-1]) / 2 * np.diff(times))) for part in (feature, memory)]
    climb = ""
    if effective is not None:
        climb = f" The effective energy starts at {effective[0]:.2f} and is {effective.max():.2f} at its highest."
    return Plot(
        figure,
        f"Energy falls from {energies[0]:.2f} to {energies[-1]:.2f} in a time of {times[-1]:g}. Below, stacked: the "
        f"feature neurons take {taken[0]:.2f} of it, the memory neurons {taken[1]:.2f}.{climb}",
    )


@drawn
def adiabatic_plot(series: Mapping[str, tuple]) -> Plot:
    """Error of the limit of instant memory neurons against τ_h, both axes logarithmic, with lines of slope 1.

    Parameters
    ----------
    series : name → (τ_h `(P,)`, errors `(P,)`), all > 0, P >= 2.
    """
    series = {
        name: as_lines(lines, f"series[{name!r}]", ("tau_h", "errors"), least=2)
        for name, lines in as_named(series, "series", '{"dense": (tau_h, errors)}', most=5).items()
    }
    figure, ax = new(5.6, 4.0)
    words = []
    for (name, (tau, errors)), (colour, marker, _) in zip(series.items(), SERIES, strict=False):
        tau, errors = np.asarray(tau), np.asarray(errors)
        fastest = int(np.argmin(tau))
        ax.plot(tau, errors, color=colour, marker=marker, ls="none", label=name)
        ax.plot(tau, errors[fastest] * tau / tau[fastest], color=colour, lw=1.4)
        slope = np.polyfit(np.log(tau), np.log(errors), 1)[0]
        words.append(f"{name}: from {errors.max():.3g} to {errors.min():.3g}, slope {slope:.2f}")
    ax.plot([], [], color=INK, lw=1.4, label="slope 1")
    ax.set(xscale="log", yscale="log", xlabel="time constant τ_h of the memory neurons", ylabel="largest error of v")
    ticks = sorted({float(t) for tau, _ in series.values() for t in tau})
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False)
    return Plot(
        figure, f"Error of the adiabatic limit against τ_h, log-log, with lines of slope 1. {'; '.join(words)}."
    )


@drawn
def filling_plot(series: Mapping[str, tuple], *, size: int) -> Plot:
    """How many patterns come back against how many were offered, one line for each number of memory neurons.

    Parameters
    ----------
    series : name → (K offered `(P,)`, number recalled `(P,)`, its standard error `(P,)`).
    size : N.
    """
    series, size = as_series(series, "series", ("offered", "recalled", "standard errors")), as_count(size, "size")
    figure, ax = new(6.2, 4.0)
    words = []
    for k, ((name, (offered, recalled, error)), (colour, marker, line)) in enumerate(
        zip(series.items(), SERIES, strict=False)
    ):
        shape = {"ms": 11 - 3 * min(k, 2), "mfc": "none" if k == 0 else colour}  # where lines coincide, all are seen
        ax.errorbar(
            offered, recalled, yerr=error, color=colour, marker=marker, ls=line, lw=1.2, capsize=3, label=name, **shape
        )
        numbers = ", ".join(f"{r:.0f} of {k:.0f}" for k, r in zip(offered, recalled, strict=True))
        words.append(f"{name}: {numbers}")
    most = max(float(np.max(recalled)) for _, recalled, _ in series.values())
    ticks = sorted({float(k) for offered, _, _ in series.values() for k in offered})
    every = np.linspace(ticks[0], min(ticks[-1], 1.1 * most), 100)
    ax.plot(every, every, color=GREY, lw=1, ls=":", label="all come back")
    ax.set(xscale="log", xlabel="patterns offered, K", ylabel=f"patterns that come back, N = {size}")
    ax.set_xticks(ticks, [f"{k:g}" for k in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False, title="memory neurons", title_fontsize=10)
    return Plot(figure, f"Patterns that come back against patterns offered, N = {size}. {'; '.join(words)}.")


@drawn
def edge_plot(theory: Mapping[str, tuple], measured: Mapping[str, tuple]) -> Plot:
    """The slowest memory neurons that still recall, against damage: lines are three equations, dots are networks.

    Parameters
    ----------
    theory : name → (damage `(R,)`, edge τ_h/τ_f `(R,)`).
    measured : name → (damage `(P,)`, mean edge `(P,)`, half the length of the bar `(P,)`); the colours of a name are
        the same in both.
    """
    theory = as_series(theory, "theory", ("damage", "edge"), least=0)
    measured = as_series(measured, "measured", ("damage", "mean edge", "bar"), least=0)
    figure, ax = new(6.0, 4.0)
    names = list(dict.fromkeys([*theory, *measured]))
    words = []
    for name, (colour, marker, line) in zip(names, SERIES, strict=False):
        if name in theory:
            damage, edges = theory[name]
            ax.plot(100 * np.asarray(damage), edges, color=colour, ls=line, lw=1.6, label=f"theory, {name}")
        if name in measured:
            damage, edges, bar = measured[name]
            ax.errorbar(
                100 * np.asarray(damage),
                edges,
                yerr=bar,
                color=colour,
                marker=marker,
                ls="none",
                ms=6,
                capsize=4,
                label=f"measured, {name}",
            )
            numbers = ", ".join(
                f"{e:.2f} ± {b:.2f} at {100 * d:.0f} %" for d, e, b in zip(damage, edges, bar, strict=True)
            )
            words.append(f"{name}: {numbers}")
    ax.set(xlabel="wrong bits at the start, %", ylabel="largest τ_h/τ_f with recall")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False)
    lines = "; ".join(f"{n}: {e[0]:.2f} down to {e[-1]:.2f}" for n, (_, e) in theory.items())
    return Plot(
        figure,
        f"Largest ratio of time constants at which a memory still comes back, against damage. Lines, theory, {lines}. "
        f"Dots, measured, {'; '.join(words) or 'none'}.",
    )
