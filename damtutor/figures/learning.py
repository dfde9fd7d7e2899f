"""Figures of the chapters on learning and on adaptive computation: what training does, and what thinking buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from damtutor.figures.arguments import as_line, as_lines, as_numbers, as_series, one_each
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, STATE, Figure, Plot, drawn, new
from damtutor.validate import as_real

Points = tuple[Sequence[float], Sequence[float], Sequence[float]]  # x, y, error of y
LINES = ("--", "-.", ":")
FRONTIER = ("mean updates", "part right", "low", "high")


@drawn
def accuracy_plot(series: Mapping[str, Points], references: Mapping[str, float], *, low: float = 0.6) -> Plot:
    """Part of the held-out images classified rightly against the order n, with reference lines.

    Parameters
    ----------
    series : name → (n `(P,)`, accuracy, its error).
    references : name → accuracy of another method, a line.
    low : start of the axis; dots below it are left out, and the words say so.

    Examples
    --------
    >>> accuracy_plot({"nothing trained": ([2, 60], [0.688, 0.962], [0.02, 0.01])}, {"nearest image": 0.99})
    Held-out accuracy against the order n. nothing trained: 0.688 at n = 2, 0.962 at n = 60. Lines: nearest image 0.990.
    """
    series = as_series(series, "series", ("orders", "accuracies", "errors"))
    references = as_numbers(references, "references", most=len(LINES))
    low = as_real(low, "low", low=-10.0, high=1.0)
    figure, ax = new(6.2, 3.8)
    ticks, words = set(), []
    for (name, (orders, values, errors)), (colour, marker, line) in zip(series.items(), SERIES, strict=False):
        ax.errorbar(orders, values, errors, color=colour, marker=marker, ls=line, ms=6, lw=1.2, capsize=3, label=name)
        ticks |= set(orders)
        hidden = sum(value < low for value in values)
        words.append(f"{name}: {_ends(orders, values)}" + (f" ({hidden} below the axis)" if hidden else ""))
    for (name, value), line in zip(references.items(), LINES, strict=False):
        ax.axhline(value, color=INK, lw=1.2, ls=line, label=f"{name}, {value:.3f}")
    ax.set(xscale="log", ylim=(low, 1.005), xlabel="interaction order n", ylabel="held-out images right")
    ax.set_xticks(sorted(ticks), [str(n) for n in sorted(ticks)])
    ax.minorticks_off()
    ax.legend(frameon=False, loc="lower right", fontsize=9.5)
    lines = ", ".join(f"{name} {value:.3f}" for name, value in references.items())
    return Plot(figure, f"Held-out accuracy against the order n. {'; '.join(words)}. Lines: {lines}.")


@drawn
def prototypes_plot(orders: Sequence[int], memories: tuple, correlation: tuple) -> Plot:
    """From features to prototypes: memories per decision, and likeness of the strongest voter, against n.

    Parameters
    ----------
    orders : n, `(P,)`.
    memories : (values `(P,)`, errors `(P,)`).
    correlation : likewise.

    Examples
    --------
    >>> prototypes_plot([2, 30], ([34.6, 1.6], [0.5, 0.1]), ([0.59, 0.93], [0.03, 0.01]))
    Two panels against the order n. Memories per decision: 34.6 at n = 2, 1.6 at n = 30. Correlation of the strongest \
voter with its nearest training image, sign left out: 0.59 at n = 2, 0.93 at n = 30.
    """
    orders = as_line(orders, "orders")
    memories = as_lines(memories, "memories", ("values", "errors"))
    correlation = as_lines(correlation, "correlation", ("values", "errors"))
    one_each({"memories": memories, "correlation": correlation}, "{}", len(orders))
    figure = Figure(figsize=(7.4, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for ax, (values, errors), (colour, marker, line) in zip(
        (left, right), (memories, correlation), SERIES, strict=False
    ):
        ax.errorbar(orders, values, errors, color=colour, marker=marker, ls=line, ms=6, lw=1.2, capsize=3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set(xscale="log", xlabel="interaction order n")
        ax.set_xticks(list(orders), [str(n) for n in orders])
        ax.minorticks_off()
    left.set(yscale="log", ylabel="memories per decision")
    left.axhline(1, color=GREY, lw=1)
    places = [n for n in (1, 2, 5, 10, 20, 50, 100) if n <= 2 * max(memories[0])]
    left.set_yticks(places, [str(n) for n in places])
    left.minorticks_off()
    right.set(ylim=(0, 1.02), ylabel="|corr| with the nearest image")
    return Plot(
        figure,
        f"Two panels against the order n. Memories per decision: {_ends(orders, memories[0], '.1f')}. Correlation of "
        f"the strongest voter with its nearest training image, sign left out: {_ends(orders, correlation[0], '.2f')}.",
    )


@drawn
def epochs_plot(epochs: Sequence[int], recall: Mapping[str, tuple], ghosts: Mapping[str, tuple]) -> Plot:
    """Recall from damage, and random starts that end at a ghost, against the epochs of learning.

    Parameters
    ----------
    epochs : `(P,)`.
    recall : negative phase → (shares `(P,)`, errors `(P,)`).
    ghosts : the same, under the same names.

    Examples
    --------
    >>> epochs_plot([0, 100], {"noise": ([0, 0.95], [0, 0.01])}, {"noise": ([1, 0.06], [0, 0.01])})
    Two panels against epochs of learning. Recalled from damage: noise 0.00 at epoch 0, 0.95 at epoch 100. Random \
starts that end at a ghost: noise 1.00 at epoch 0, 0.06 at epoch 100.
    """
    epochs = as_line(epochs, "epochs")
    recall = as_series(recall, "recall", ("shares", "errors"))
    ghosts = as_series(ghosts, "ghosts", ("shares", "errors"))
    one_each(recall, "recall[{!r}]", len(epochs))
    one_each(ghosts, "ghosts[{!r}]", len(epochs))
    figure = Figure(figsize=(7.4, 3.5), layout="constrained")
    words = []
    labels = ("recalled from damage", "random starts that end at a ghost")
    for ax, series, label in zip(figure.subplots(1, 2), (recall, ghosts), labels, strict=True):
        for (name, (values, errors)), (colour, marker, line) in zip(series.items(), SERIES, strict=False):
            ax.errorbar(
                epochs, values, errors, color=colour, marker=marker, ls=line, ms=5, lw=1.2, capsize=3, label=name
            )
        ax.spines[["top", "right"]].set_visible(False)
        ax.set(ylim=(-0.03, 1.03), xlabel="epochs of learning", ylabel=label)
        parts = (f"{name} {_ends(epochs, values, '.2f', 'epoch ')}" for name, (values, _) in series.items())
        words.append(f"{label.capitalize()}: {'; '.join(parts)}")
    figure.axes[0].legend(frameon=False, title="negative phase from", title_fontsize=9.5, fontsize=9.5)
    return Plot(figure, f"Two panels against epochs of learning. {'. '.join(words)}.")


@drawn
def frontier_plot(fixed: tuple, energy: tuple, *, close: float = 0.02) -> Plot:
    """Answers near their fixed point against updates per query: a fixed depth, and stopping by energy.

    Parameters
    ----------
    fixed : (mean updates `(P,)`, part right, lower end of its interval, upper end), by a fixed number of updates.
    energy : the same, by the energy's stopping rule.
    close : what near means.

    Examples
    --------
    >>> depths = ([1, 40], [0.32, 0.96], [0.3, 0.95], [0.35, 0.97])
    >>> frontier_plot(depths, ([3, 12], [0.58, 0.99], [0.55, 0.99], [0.6, 1]))
    Part of the answers within 0.02 of their fixed point against updates per query. Fixed depth: 0.320 at 1.0, \
0.960 at 40.0. Stopped by energy: 0.580 at 3.0, 0.990 at 12.0.
    """
    fixed, energy = as_lines(fixed, "fixed", FRONTIER), as_lines(energy, "energy", FRONTIER)
    close = as_real(close, "close", low=0.0, strict=True)
    figure, ax = new(6.2, 3.7)
    words = []
    styles = zip((SERIES[0], SERIES[1]), ("fixed depth", "stopped by energy"), (fixed, energy), strict=True)
    for (colour, marker, line), name, (steps, right, low, high) in styles:
        bars = [[r - a for r, a in zip(right, low, strict=True)], [b - r for r, b in zip(right, high, strict=True)]]
        ax.errorbar(steps, right, bars, color=colour, marker=marker, ls=line, ms=6, lw=1.2, capsize=3, label=name)
        ends = ", ".join(f"{right[k]:.3f} at {steps[k]:.1f}" for k in (0, -1))
        words.append(f"{name.capitalize()}: {ends}")
    ax.set(
        xscale="log", ylim=(0, 1.03), xlabel="updates per query, mean", ylabel=f"within {close:g} of the fixed point"
    )
    ticks = [1, 2, 5, 10, 20, 40]
    ax.set_xticks(ticks, [str(k) for k in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False, loc="lower right")
    start = f"Part of the answers within {close:g} of their fixed point against updates per query."
    return Plot(figure, f"{start} {'. '.join(words)}.")


@drawn
def moves_plot(tolerances: Sequence[float], moves: Sequence[float], bounds: Sequence[float]) -> Plot:
    """Longest last step against the tolerance of the energy, under the line √(2 tol).

    Parameters
    ----------
    tolerances : `(P,)`, as `number` of `experiments.adaptive.StoppingRow`.
    moves : `(P,)`, as its `longest_move`.
    bounds : `(P,)`, as its `bound`.

    Examples
    --------
    >>> moves_plot([1e-6, 1e-3], [0.0014, 0.043], [0.00141, 0.0447])
    Longest last step against the tolerance of the energy: 0.0014 at 1e-06, 0.043 at 0.001. 2 of 2 dots lie below the \
line of theory.
    """
    tolerances = as_line(tolerances, "tolerances")
    moves = as_line(moves, "moves", length=len(tolerances))
    bounds = as_line(bounds, "bounds", length=len(tolerances))
    figure, ax = new(6.0, 3.5)
    ax.plot(tolerances, bounds, color=INK, lw=1.6, label="theory: √(2 tol)")
    ax.plot(tolerances, moves, color=STATE, marker="o", mfc=PAPER, mew=1.6, ms=7, ls="none", label="measured, longest")
    ax.set(xscale="log", yscale="log", xlabel="tolerance of the energy", ylabel="length of the last step")
    ax.legend(frameon=False)
    under = sum(m < b for m, b in zip(moves, bounds, strict=True))
    words = ", ".join(f"{moves[k]:.2g} at {tolerances[k]:g}" for k in (0, -1))
    return Plot(
        figure,
        f"Longest last step against the tolerance of the energy: {words}. {under} of {len(moves)} dots lie below the "
        "line of theory.",
    )


def _ends(places, values, form=".3f", name="n = ") -> str:
    return ", ".join(f"{values[k]:{form}} at {name}{places[k]}" for k in (0, -1))
