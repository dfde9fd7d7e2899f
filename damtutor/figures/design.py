"""Figures of the chapter on design: energy by its terms, completed digits, and what each memory gets wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from damtutor.figures.arguments import as_line, as_series
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, STATE, Figure, Plot, drawn, new, pictures
from damtutor.validate import as_mask, as_named, as_real, as_reals, shown

HATCHES = ("", "//", "..", "xx", "\\\\")  # terms told apart without colour
LINES = ("-", "--", ":")


@drawn
def stack_plot(terms: Mapping[str, np.ndarray], *, steps: np.ndarray | None = None) -> Plot:
    """Energy over steps, stacked by its terms: those above zero upward, those below downward; a line is their sum.

    Parameters
    ----------
    terms : name → energies `(T,)`, one to five terms.
    steps : `(T,)`; default 0, 1, 2, ...

    Examples
    --------
    >>> stack_plot({"attention": np.array([-1.0, -3.0]), "memory": np.array([0.5, 0.0])})
    Energy over 1 steps, stacked by term. attention from -1.00 to -3.00, memory from 0.50 to 0.00. The sum falls from \
-0.50 to -3.00; its largest rise in a step is 0.
    """
    values = as_series(terms, "terms", ("energies",), most=len(HATCHES))
    length = len(next(iter(values.values())))
    values = {name: as_line(v, f"terms[{name!r}]", length=length).astype(float) for name, v in values.items()}
    total = sum(values.values())
    steps = np.arange(length) if steps is None else as_line(steps, "steps", length=length)
    figure, ax = new(6.4, 3.8)
    up, down = np.zeros(len(total)), np.zeros(len(total))
    for (name, v), (colour, _, _), hatch in zip(values.items(), SERIES, HATCHES, strict=False):
        above, below = np.maximum(v, 0), np.minimum(v, 0)
        style = {"facecolor": colour, "edgecolor": PAPER, "hatch": hatch, "lw": 0.5}
        ax.fill_between(steps, up, up + above, **style, label=name)
        ax.fill_between(steps, down, down + below, **style)
        up, down = up + above, down + below
    ax.plot(steps, total, color=INK, lw=2, marker="o", ms=3, label="sum E")
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlabel="steps", ylabel="energy, by term", xlim=(steps[0], steps[-1]))
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    parts = ", ".join(f"{name} from {v[0]:.2f} to {v[-1]:.2f}" for name, v in values.items())
    way = "falls" if total[-1] < total[0] else "goes"
    rise = max(0.0, float(np.diff(total).max())) if len(total) > 1 else 0.0
    return Plot(
        figure,
        f"Energy over {len(total) - 1} steps, stacked by term. {parts}. The sum {way} from {total[0]:.2f} to "
        f"{total[-1]:.2f}; its largest rise in a step is {rise:.2g}.",
    )


@drawn
def completion_strip(
    truth: np.ndarray, known: np.ndarray, found: Mapping[str, np.ndarray], errors: Mapping[str, Sequence[float]]
) -> Plot:
    """Digits: what is shown (lost pixels crossed out), what each memory makes of it, and the truth; one line each.

    Parameters
    ----------
    truth : `(B, 64)`, -1 paper and 1 ink.
    known : bool `(B, 64)`.
    found : name → `(B, 64)`.
    errors : name → mean square error on the lost pixels of each picture, `(B,)`; said in words.

    Examples
    --------
    >>> digit, half = -np.ones((2, 64)), np.arange(64)[None] < [[32], [32]]
    >>> completion_strip(digit, half, {"whole": 0.5 * digit}, {"whole": [0.25, 0.75]})
    2 digits, 32 of 64 pixels lost on average and crossed out in the first line. Below: whole with a mean square error \
of 0.50; last line: the truth.
    """
    truth = as_reals(truth, "truth", 2)
    known = as_mask(known, "known", truth.shape)
    found = as_named(found, "found", '{"whole": pictures}', least=0)
    found = {name: _pictures(values, f"found[{name!r}]", truth.shape) for name, values in found.items()}
    errors = as_series(errors, "errors", ("mean square errors",), least=0, most=None)
    if missing := found.keys() - errors.keys():
        raise ValueError(f"errors: none for {missing.pop()!r}; expected those of every entry of found")
    if round(truth.shape[1] ** 0.5) ** 2 != truth.shape[1]:
        raise ValueError(f"truth: pictures of {truth.shape[1]} pixels; expected squares, for example 64")
    rows = [np.where(known, truth, -0.7), *(np.clip(v, -1, 1) for v in found.values()), truth]
    plot = pictures(rows, labels=["shown", *found, "truth"], alt="")
    side = round(truth.shape[1] ** 0.5)
    for ax, mask in zip(plot.figure.axes, known, strict=False):
        y, x = np.nonzero(~mask.reshape(side, side))
        ax.plot(x, y, color=STATE, marker="x", ms=2.2, mew=0.7, ls="none")
    words = ", ".join(f"{name} with a mean square error of {np.mean(errors[name]):.2f}" for name in found)
    lost = (~known).sum(axis=1).mean()
    return Plot(
        plot.figure,
        f"{len(truth)} digits, {lost:.0f} of {truth.shape[1]} pixels lost on average and crossed out in the first "
        f"line. Below: {words}; last line: the truth.",
    )


def _pictures(values, name, shape) -> np.ndarray:
    pictures = as_reals(values, name, 2)
    if pictures.shape != shape:
        raise ValueError(f"{name}: shape {pictures.shape}; expected {shape}, as the truth")
    return pictures


@drawn
def completion_plot(measured: Mapping[str, Mapping[str, tuple]], lines: Mapping[str, Mapping[str, float]]) -> Plot:
    """Errors of several memories with bars, one panel a kind of loss; horizontal lines are what needs no memory model.

    Parameters
    ----------
    measured : name of a memory → kind of loss → (mean square error, standard error, ...).
    lines : name → kind → error.

    Examples
    --------
    >>> bars = {"whole": {"half": (0.206, 0.016)}, "sum": {"half": (0.176, 0.011)}}
    >>> completion_plot(bars, {"mean image": {"half": 0.316}})
    Mean square error on lost pixels, bars one standard error. half: whole 0.206, sum 0.176; lines: mean image 0.316. \
The lowest is sum.
    """
    measured, lines = _by_loss(measured, "measured", 1), _by_loss(lines, "lines", 0)
    names, losses = list(measured), list(next(iter(measured.values())))
    if any(set(known) != set(losses) for known in lines.values()):
        raise ValueError(f"lines: other kinds of loss than measured; expected {', '.join(map(repr, losses))} for each")
    figure = Figure(figsize=(2.6 * len(losses) + 1.2, 4.2), layout="constrained")
    places, words = np.arange(len(names)), []
    for k, (ax, loss) in enumerate(zip(figure.subplots(1, len(losses), squeeze=False)[0], losses, strict=True)):
        ax.spines[["top", "right"]].set_visible(False)
        for (name, values), line in zip(lines.items(), LINES, strict=False):
            ax.axhline(values[loss], color=INK, ls=line, lw=1.4, label=name if k == 0 else None)
        values, bars = np.array([measured[name][loss][:2] for name in names]).T
        for place, value, bar, (colour, marker, _) in zip(places, values, bars, SERIES, strict=False):
            ax.errorbar(place, value, bar, color=colour, marker=marker, ms=7, ls="none", capsize=4)
        ax.set_xticks(places, names, rotation=60, ha="right", fontsize=9.5)
        ax.set(title=loss, xlim=(-0.6, len(names) - 0.4), ylim=(0, None), xlabel="memory")
        ax.set_ylabel("mean square error on lost pixels")
        ax.yaxis.label.set_visible(k == 0)
        parts = ", ".join(f"{name} {value:.3f}" for name, value in zip(names, values, strict=True))
        known = ", ".join(f"{name} {v[loss]:.3f}" for name, v in lines.items())
        words.append(f"{loss}: {parts}; lines: {known}. The lowest is {names[int(np.argmin(values))]}")
    figure.legend(loc="outside lower center", ncols=len(lines), frameon=False)
    return Plot(figure, f"Mean square error on lost pixels, bars one standard error. {'. '.join(words)}.")


def _by_loss(values, name, least) -> dict[str, dict]:
    """Name → kind of loss → numbers, the same kinds for all; (value, bar) where one name at least is needed."""
    form = '{"whole": {"half": (0.2, 0.01)}}' if least else '{"mean image": {"half": 0.3}}'
    rows = as_named(values, name, form, least=least, most=len(SERIES) if least else len(LINES))
    made = {}
    for key, losses in rows.items():
        losses = as_named(losses, f"{name}[{key!r}]", '{"half": ...}')
        made[key] = {loss: _bar(v, f"{name}[{key!r}][{loss!r}]", least) for loss, v in losses.items()}
    if len({tuple(sorted(losses)) for losses in made.values()}) > 1:
        raise ValueError(f"{name}: different kinds of loss; expected the same for every entry")
    return made


def _bar(value, name, least) -> Any:
    if not least:
        return as_real(value, name)
    if not isinstance(value, tuple | list | np.ndarray) or len(value) < 2:
        raise ValueError(f"{name} is {shown(value)}; expected (mean square error, standard error)")
    return tuple(as_real(number, f"{part} of {name}") for number, part in zip(value, ("error", "bar"), strict=False))
