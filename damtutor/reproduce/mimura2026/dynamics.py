"""Simultaneous retrieval step by step: networks of finite size beside the theory of infinite ones.

Source: Mimura et al. (2026). The paper shows curves; the numbers beside ours, of theory and of networks, are those of
another program, written before this course. Targets of one pattern set are nearly independent, but errors here are over
pattern sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from damtutor.experiments.dynamics import trajectory_trial
from damtutor.experiments.protocols import flips_of
from damtutor.reproduce.mimura2026 import SOURCE
from damtutor.reproduce.mimura2026.solver import START, point, solver_trial
from damtutor.reproduce.printed import table
from damtutor.reproduce.report import (
    Item,
    Line,
    Panel,
    Report,
    Run,
    column,
    dots,
    limit_row,
    mean_row,
    share_row,
    value_row,
)
from damtutor.theory.dynamics import first_steps

TIME, OVERLAP = "time t, updates", "overlap m(t)"
FIRST = table(__package__, "first_steps")
NOISE = table(__package__, "noise")
UPDATE_RULES = table(__package__, "rules")
SAMPLE = 0.0012  # largest scatter of m(t <= 20) between samples of 1e5 spins, as the source had them
SECOND = 0.00014  # the same of m(2), and of m(1) where the source sampled it
FAILING = 0.01  # scatter of the theory for n = 2 where recall fails and makes its own noise


def first_two(run: Run) -> Report:
    """m(1) and m(2) in closed form against the solver and against networks; what memory and finite size are worth."""
    samples, trials = run.pick((50_000, 4), (100_000, 8))
    cases = [(3, 0.1, 0.5), (3, 0.2, 0.6992), (3, 0.2, 1.0), (4, 0.1, 0.7031), (5, 0.1, 0.8)]
    points = [point(n, load, m0, steps=2, samples=samples) for n, load, m0 in cases]
    rows = []
    for (n, load, m0), found in zip(cases, run.sweep(solver_trial, points, trials), strict=True):
        closed = first_steps(n, load, m0).overlaps
        solved = column(found, "overlap").mean(axis=0)
        rows += [
            limit_row(
                f"n = {n}, α' = {load:g}, m0 = {m0:g}: |m({t}) closed - solved|, at most",
                abs(solved[t] - closed[t]),
                at_most=FIRST["distance_at_most"]["closed form to solver"],
            )
            for t in (1, 2)
        ]
    for (load, m0, size), source in FIRST["finite_size"].items():
        value, words = first_steps(3, load, m0, size=size).overlaps[2], f"n = 3, α' = {load:g}, m0 = {m0:g}, N = {size}"
        rows.append(value_row(f"{words}: m(2), theory", value, source, unit=source.unit))
    starts, sets = [_start(m0, 512) for m0 in (0.4, 0.5, 0.6, 0.7, 0.8)], run.pick(6, 16)
    networks = [point(3, 0.2, m0, steps=2, size=512, targets=25) for m0 in starts]
    found = [_means(trials) for trials in run.sweep(trajectory_trial, networks, sets)]
    m0, seen = starts[2], found[2][:, 2]
    with_memory, without = (first_steps(3, 0.2, m0, memory=on).overlaps[2] for on in (True, False))
    words, printed = "n = 3, α' = 0.2, m0 = 0.6016: m(2)", FIRST["worth_of_memory"]
    rows += [
        *(
            value_row(f"{words}, {what}", value, printed[what], source_error=error, unit=printed[what].unit)
            for what, value, error in (
                ("theory", with_memory, SECOND),
                ("theory without memory Γ", without, SECOND),
                ("theory of N = 512", first_steps(3, 0.2, m0, size=512).overlaps[2], 0.0),
            )
        ),
        mean_row(f"{words}, networks of N = 512", seen, FIRST["networks"][512]),
        limit_row(
            "distance of the theory to the networks, with memory over without, at most",
            abs(with_memory - seen.mean()) / abs(without - seen.mean()),
            at_most=1.0,
        ),
        *(
            mean_row(
                f"n = 3, α' = 0.2, m0 = {m0:.4f}: m(1), networks, beside erf",
                found[k][:, 1],
                first_steps(3, 0.2, m0).overlaps[1],
            )
            for k, m0 in enumerate(starts)
        ),
    ]
    fine = np.linspace(0.3, 0.9, 40)
    panel = Panel(
        "n = 3, α' = 0.2",
        START,
        "overlap after two updates, m(2)",
        lines=[
            Line("theory, with memory", fine, [first_steps(3, 0.2, m).overlaps[2] for m in fine]),
            Line("theory, without memory", fine, [first_steps(3, 0.2, m, memory=False).overlaps[2] for m in fine]),
            Line("theory, N = 512", fine, [first_steps(3, 0.2, m, size=512).overlaps[2] for m in fine]),
        ],
        dots=[dots("networks, N = 512", starts, [means[:, 2] for means in found])],
    )
    see = "Networks lie on the line of their size, a little below that of infinite ones, far above that without memory."
    return Report(rows, [panel], see)


def paths(run: Run) -> Report:
    """n = 3: overlap over time, theory and networks, in recall, in failure, and above capacity."""
    printed = {(3, *case): values for case, values in table(__package__, "trajectories")["overlap"].nested(3).items()}
    few = [(3, 0.1, 0.5, 1024), *(case for case in printed if case[3] < 1024)]  # one set of N = 1024: 36 million spins
    return _paths(
        run,
        {case: printed[case] for case in run.pick(few, list(printed))},
        20,
        "Networks follow the theory step by step where recall is safe. Where it is near the edge of the basin, smaller "
        "networks fall below" + run.pick(".", "; where it fails, an overlap of 1/√N is left."),
        panels={"α' = 0.1": (0.1,), "α' = 0.2": (0.2,), "α' = 0.32, above capacity": (0.32,)},
    )


def orders(run: Run) -> Report:
    """n = 2 and n = 4: the classical rise and fall, and a sharper basin."""
    return _paths(
        run,
        table(__package__, "orders")["overlap"].nested(4),
        10,
        "For n = 2 from 0.2 the overlap rises and falls again; for n = 4 what starts at 0.7 is recalled, and what "
        "starts at 0.5 is lost at once.",
        panels={"n = 4, α' = 0.1": (0.1,), "n = 2, α = 0.08": (0.08,)},
    )


def rules(run: Run) -> Report:
    """What the exact rule, the rule without diagonal and the self-coupling change."""
    sets, trials, samples = run.pick((4, 4, 20_000), (16, 6, 100_000))
    seen, predicted = UPDATE_RULES["networks"].nested(2), UPDATE_RULES["theory"].nested(2)
    networks = [
        point(3, 0.2, m0, steps=max(values), size=512, update_rule=name, targets=25)
        for (name, m0), values in seen.items()
    ]
    theories = [
        point(3, 0.2, m0, steps=20, samples=samples)
        | ({"self_coupling": True} if name == "self" else {"update_rule": name})
        for name, m0 in seen
    ]
    rows, lines, points, theory_of = [], [], [], {}
    solved = run.sweep(solver_trial, theories, trials)
    measured = run.sweep(trajectory_trial, networks, sets)
    for (name, m0), theory, found in zip(seen, solved, measured, strict=True):
        m, means = column(theory, "overlap"), _means(found)
        words = f'n = 3, α\' = 0.2, m0 = {m0:g}, rule "{name}"'
        rows += [
            mean_row(f"{words}: m({t}), theory", m[:, t], value, source_error=SAMPLE)
            for t, value in predicted.get((name, m0), {}).items()
        ]
        rows += [
            mean_row(f"{words}: m({t}), networks of N = 512", means[:, t], value) for t, value in seen[name, m0].items()
        ]
        theory_of[name] = m.mean(axis=0)
        lines.append(Line(f"theory, {name}", range(21), theory_of[name]))
        points.append(dots(f"networks, {name}", range(means.shape[1]), list(means.T)))
    frozen = run.sweep(trajectory_trial, [point(4, 0.1, 0.5, steps=2, size=200, update_rule="self", targets=25)], 4)[0]
    fixed = np.concatenate([np.asarray(trial["fixed"]) == 0 for trial in frozen])
    words, source = 'n = 4, N = 200, rule "self": share frozen at the start', UPDATE_RULES["frozen"]["self"]
    rows.append(share_row(words, int(fixed.sum()), len(fixed), source))
    panel = Panel("n = 3, α' = 0.2, N = 512", TIME, OVERLAP, lines=lines, dots=points)
    (start,) = (m0 for name, m0 in seen if name == "self")
    added = theory_of["self"][2] - first_steps(3, 0.2, _start(start, 512)).overlaps[2]
    see = (
        f"In theory the rule without diagonal ends at {theory_of['p-body'][-1]:.3f}, the exact one at "
        f"{theory_of['exact'][-1]:.3f}, at the same load; a self-coupling adds {added:.2f} at t = 2."
    )
    notes = [
        '"self" keeps j = i in the field. For n = 4 that grows as N: every state is a fixed point, which is no memory.'
    ]
    return Report(rows, [panel], see, notes)


def noise(run: Run) -> Report:
    """R(t, t): for n = 2 recall makes noise of its own, for n = 3 it makes none."""
    samples, trials = run.pick((50_000, 4), (100_000, 8))
    ratios = NOISE["noise"].nested()
    points = [point(2, 0.08, m0, steps=30, samples=samples) for m0 in ratios]
    points += [point(3, 0.2, m0, steps=30, samples=samples) for m0 in (_start(0.5508, 512), 0.8)]
    found = run.sweep(solver_trial, points, trials)
    rows, lines = [], []
    for (m0, printed), solved in zip(ratios.items(), found, strict=False):
        ratio = column(solved, "noise")
        for t, source in printed.items():
            words, error = f"n = 2, m0 = {m0:g}: R({t},{t})/α", 0.005 * source.value
            rows.append(mean_row(words, ratio[:, t], source, source_error=error, unit=_unit(m0)))
        lines.append(Line(f"theory, n = 2, α = 0.08, m0 = {m0:g}", range(21), ratio.mean(axis=0)[:21]))
    for at, solved, none in zip(points[2:], found[2:], NOISE["noise_made"].values(), strict=True):
        ratio = column(solved, "noise")
        words = f"n = 3, m0 = {at['overlap']:.4g}: largest |R(t,t)/α' - 1|"
        rows.append(value_row(words, float(abs(ratio - 1).max()), none))
        lines.append(Line(f"theory, n = 3, α' = 0.2, m0 = {at['overlap']:.4g}", range(21), ratio.mean(axis=0)[:21]))
    collapse, small = column(found[0], "overlap"), column(found[2], "overlap")
    rise, fall = (NOISE["rise_and_fall"][t] for t in (2, 30))
    rows.append(mean_row("n = 2, m0 = 0.2: m(2), the rise", collapse[:, 2], rise, source_error=SAMPLE, unit=rise.unit))
    rows.append(mean_row("n = 2, m0 = 0.2: m(30), the fall", collapse[:, 30], fall, source_error=FAILING))
    rows += [
        mean_row(f"n = 3, m0 = 0.5508: m({t})", small[:, t], value, source_error=SAMPLE)
        for t, value in NOISE["small_rise"].items()
    ]
    overlap = [
        Line("theory, n = 2, α = 0.08, m0 = 0.2", range(31), collapse.mean(axis=0)),
        Line("theory, n = 3, α' = 0.2, m0 = 0.5508", range(31), small.mean(axis=0)),
    ]
    panels = [
        Panel("noise of the field", TIME, "R(t,t) over its first value", lines=lines),
        Panel("overlap", TIME, OVERLAP, lines=overlap),
    ]
    see = (
        f"For n = 2 the noise grows {lines[0].y[-1]:.0f} times while recall fails, and is {lines[1].y[-1]:.2f} times "
        f"its first value at the end where recall succeeds; for n = 3 it is a straight line. The overlap of n = 2 "
        f"rises from 0.2 to {overlap[0].y.max():.2f} and falls to {overlap[0].y[-1]:.2f}."
    )
    return Report(rows, panels, see)


def _paths(run, printed, steps, see, panels) -> Report:
    """Theory and networks at the printed times, for cases (n, α', m0, N), drawn for so many steps."""
    samples, trials, sets = run.pick((20_000, 4, 4), (100_000, 6, 16))
    targets, cases = run.pick(10, 25), list(printed)
    theories = [point(n, load, _start(m0, size), steps=steps, samples=samples) for n, load, m0, size in cases]
    networks = [point(n, load, m0, steps=steps, size=size, targets=targets) for n, load, m0, size in cases]
    rows, drawn = [], {title: ([], []) for title in panels}
    solved, found = run.sweep(solver_trial, theories, trials), run.sweep(trajectory_trial, networks, sets)
    for case, theory, trials_ in zip(cases, solved, found, strict=True):
        n, load, m0, size = case
        m, means = column(theory, "overlap"), _means(trials_)
        words = f"n = {n}, α' = {load:g}, m0 = {m0:g}"
        own = FAILING if n == 2 and m0 < 0.3 else SAMPLE
        for (t, kind), value in printed[case].items():
            if kind == "theory":
                scatter = own if t > 1 else SECOND
                name = f"{words} of N = {size}: m({t}), theory"
                rows.append(mean_row(name, m[:, t], value, source_error=scatter, unit=value.unit))
            else:
                rows.append(mean_row(f"{words}, N = {size}: m({t}), networks", means[:, t], value))
        title = next(title for title, loads in panels.items() if load in loads)
        drawn[title][0].append(Line(f"theory, m0 = {m0:g}", range(steps + 1), m.mean(axis=0)))
        drawn[title][1].append(dots(f"N = {size}, m0 = {m0:g}", range(steps + 1), list(means.T)))
    figures = []
    for title, (lines, points) in drawn.items():
        once = {line.label: line for line in lines}  # one theory for several sizes
        figures.append(Panel(title, TIME, OVERLAP, lines=list(once.values()), dots=points))
    notes = ["Each pattern set counts once, whatever the number of its patterns that were followed."]
    return Report(rows, figures, see, notes)


def _means(trials: Sequence[dict[str, Any]]) -> np.ndarray:
    """m(t) of every pattern set, mean over its targets: `(sets, T+1)`."""
    return np.array([np.mean(trial["overlaps"], axis=1) for trial in trials])


def _start(overlap: float, size: int) -> float:
    """The overlap that a whole number of flips really gives, which the source prints with four digits."""
    return 1 - 2 * flips_of(size, overlap) / size


def _unit(m0) -> float:
    return 0.1 if m0 < 0.3 else 0.01


ITEMS = (
    Item("first-steps", "Two updates in closed form", SOURCE, 3, 5, first_two),
    Item("trajectories", "Overlap over time, n = 3", SOURCE, 5, 80, paths),
    Item("orders", "Overlap over time, n = 2 and n = 4", SOURCE, 5, 15, orders),
    Item("rules", "The exact rule, the diagonal, and the self-coupling", SOURCE, 3, 6, rules),
    Item("noise", "Who makes the noise: n = 2 and n = 3", SOURCE, 2, 5, noise),
)
