"""Capacities, basins and waiting times of simultaneous retrieval, from the equations.

Source: Mimura et al. (2026), whose paper shows curves. The numbers beside ours are those of another program, written
before this course from the same equations; 0.252 for n = 3 is in the paper too.
"""

from __future__ import annotations

import numpy as np

from damtutor.experiments.dynamics import trajectory_trial
from damtutor.reproduce.mimura2026 import SOURCE
from damtutor.reproduce.mimura2026.solver import START, boundary_trial, point, solver_trial
from damtutor.reproduce.printed import table
from damtutor.reproduce.report import (
    Comparison,
    Dots,
    Heat,
    Item,
    Line,
    Panel,
    Report,
    Run,
    column,
    dots,
    mean_row,
    value_row,
)
from damtutor.theory.dynamics import fixed_points, saddle_node

LOAD = "reduced load α' = (2n-3)!! K / N^(n-1)"
SADDLE_NODES = table(__package__, "saddle_nodes")["saddle_node"]
BASINS = table(__package__, "basin_map")  # edges of bisections 0.004 wide; those without memory from the map
DECAY = table(__package__, "slow_decay")["overlap_from_pattern"]
WAITING = table(__package__, "waiting_times")
LAST = "the source's last digit"
BISECTION = 0.004
DECAY_ERROR = {3: 0.003, 4: 0.005, 2: 0.02}  # scatter of m(20) and m(50) between samples of 2e4 spins, as the source's
DRAWN = {3: (0, 1, 2, 6, 7), 4: (0, 1, 2, 3, 5), 2: (0, 1, 2, 3, 4)}  # five lines are told apart
ONE_SAMPLE = {  # why a row of `DECAY` differs; the scatter is that of twelve samples
    3: "the source has one sample of 2e4 spins, which lies high: m(20) at α' = 0.32 is 0.8422 of it, 0.8375 of 1e5",
    4: "the source has one sample of 2e4 spins, and the error it states is below the scatter of such samples",
    2: "the source has one sample of 2e4 spins; such samples of ours scatter from 0.79 to 0.97 at α' = 0.145, m(50)",
}
EDGE_TIME = 12  # longer waits lie so near to the edge that the sample moves them by a step or more


def saddle_nodes(run: Run) -> Report:
    """Where the map without memory loses recall, n = 3 to 6; deterministic."""
    rows, lines = [], []
    for order, printed in SADDLE_NODES.nested().items():
        node = saddle_node(order)
        ours = {"x*": node.x, "α'_c": node.reduced_load, "m": node.overlap, "α_c = K/N^(n-1)": node.load}
        for name, value in ours.items():
            source = printed[name]
            near = abs(value - source.value) < source.unit
            rows.append(value_row(f"n = {order}, {name}", value, source, unit=source.unit, why=LAST if near else ""))
        loads = node.reduced_load - (node.reduced_load - 0.02) * np.linspace(1, 0, 60) ** 2  # dense at the node
        ends = [fixed_points(order, load) for load in loads]
        branches = [end.overlap for end in ends], [end.boundary for end in ends]
        loop = np.concatenate([branches[0], branches[1][::-1]])
        lines.append(Line(f"theory, n = {order}", np.concatenate([loads, loads[::-1]]), loop))
    panel = Panel("fixed points of m → erf(m^(n-1)/√(2α'))", LOAD, "overlap m", lines=lines)
    see = (
        "For each order an upper branch, the overlap after recall, and a lower one, the edge of its basin, meet at a "
        "largest load."
    )
    return Report(rows, [panel], see)


def basin_map(run: Run) -> Report:
    """The smallest overlap that is recalled, against the load; the colour is where recall stands after 20 steps."""
    samples, points, printed = run.pick(10_000, 50_000), [], []
    for (order, steps, update_rule, threshold), edges in BASINS["edge"].nested(4).items():
        slow = steps > 20 and not run.full
        for load, edge in list(edges.items())[-1 if slow else 0 :]:
            points.append(
                {
                    "order": order,
                    "reduced_load": load,
                    "steps": steps,
                    "update_rule": update_rule,
                    "threshold": threshold,
                    "samples": samples,
                }
            )
            printed.append(edge)
    found = [column(trials, "boundary") for trials in run.sweep(boundary_trial, points, 4)]
    rows = [
        mean_row(_edge_words(at), edges, edge, source_error=BISECTION / 3, unit=BISECTION)
        for at, edges, edge in zip(points, found, printed, strict=True)
    ]
    rows += [
        value_row(f"n = {order}, α' = {load:g}, Γ = 0", fixed_points(order, load).boundary, edge, unit=edge.unit)
        for (order, load), edge in BASINS["edge_without_memory"].items()
    ]
    means = {
        key: [
            (at["reduced_load"], float(edges.mean()))
            for at, edges in zip(points, found, strict=True)
            if (at["order"], at["steps"], at["update_rule"]) == key
        ]
        for key in ((3, 20, "power"), (4, 20, "power"))
    }
    panels = [_heat_panel(run, order, means[order, 20, "power"]) for order in (3, 4)]
    see = (
        "Two maps of the overlap after 20 updates. Above a rising edge recall succeeds, below it fails; the edge "
        "without memory lies higher, and ends at its saddle node."
    )
    return Report(rows, panels, see, notes=["Bisections: intervals are 95 % over four samples of the effective spin."])


def _edge_words(at) -> str:
    diagonal = "" if at["update_rule"] == "power" else ", no diagonal"
    return f"n = {at['order']}, α' = {at['reduced_load']:g}, T = {at['steps']}{diagonal}"


def _heat_panel(run, order, edge) -> Panel:
    """m(20) over load and start, with the edges of the theory with and without memory."""
    side, samples = run.pick((10, 2000), (22, 10_000))
    loads, starts = np.linspace(0.02, 0.34, side), np.linspace(0.05, 1, side)
    points = [point(order, float(load), float(start), steps=20, samples=samples) for start in starts for load in loads]
    ends = [trials[0]["overlap"][-1] for trials in run.sweep(solver_trial, points, 1)]
    node = saddle_node(order).reduced_load
    below = np.linspace(0.02, node, 60)
    return Panel(
        f"n = {order}",
        LOAD,
        START,
        lines=[
            Line("theory, edge", *zip(*edge, strict=True)),
            Line("theory, edge without memory Γ", below, [fixed_points(order, load).boundary for load in below]),
        ],
        heat=Heat(loads, starts, np.reshape(ends, (side, side)), "m(20), theory"),
    )


def slow_decay(run: Run) -> Report:
    """From the pattern itself at loads near and above capacity: a slow decline, no cliff, for n >= 3."""
    samples, trials = run.pick((10_000, 6), (100_000, 8))
    cases = DECAY.nested(2)
    points = [point(n, load, 1.0, steps=max(values), samples=samples) for (n, load), values in cases.items()]
    rows, panels = [], {order: [] for order in DRAWN}
    ends = {}
    for at, values, found in zip(points, cases.values(), run.sweep(solver_trial, points, trials), strict=True):
        overlap, order = column(found, "overlap"), at["order"]
        words = f"n = {order}, α' = {at['reduced_load']:g}"
        ends[order, at["reduced_load"]] = float(overlap[:, -1].mean())
        rows += [
            mean_row(f"{words}, m({t})", overlap[:, t], value, source_error=DECAY_ERROR[order], why=ONE_SAMPLE[order])
            for t, value in values.items()
        ]
        panels[order].append(Line(f"theory, {words}", range(at["steps"] + 1), overlap.mean(axis=0)))
    drawn = [
        Panel(f"n = {order}, from m0 = 1", "time t, updates", "overlap m(t)", lines=[lines[k] for k in DRAWN[order]])
        for order, lines in panels.items()
    ]
    see = (
        f"Overlap over time from the stored pattern. For n = 3 it ends at {ends[3, 0.24]:.2f} at α' = 0.24 and at "
        f"{ends[3, 0.32]:.2f} at 0.32; for n = 2 at {ends[2, 0.138]:.2f} at α = 0.138 and at {ends[2, 0.16]:.2f} at "
        f"0.16."
    )
    notes = [
        "The source states errors of 0.002. Samples of its size scatter by the errors that are allowed for it here: "
        "0.003 for n = 3, 0.005 for n = 4, 0.02 for n = 2, where failing recall makes noise of its own."
    ]
    return Report(rows, drawn, see, notes)


def waiting_times(run: Run) -> Report:
    """When m stays within 0.01 of its end, n = 3, and when networks come to rest; it grows at the basin's edge."""
    samples, trials = run.pick((20_000, 4), (100_000, 6))
    cases = WAITING["waiting_time"]
    points = [point(3, load, start, steps=steps, samples=samples) for load, steps, start in cases]
    times = [column(found, "time") for found in run.sweep(solver_trial, points, trials)]
    rows = [_time_row(at, time, printed) for at, time, printed in zip(points, times, cases.values(), strict=True)]
    lines = []
    for load in cases.nested():
        here = [(m0, time.mean()) for (other, _, m0), time in zip(cases, times, strict=True) if other == load]
        lines.append(Line(f"theory, α' = {load:g}", *zip(*here, strict=True)))
    rest_rows, rest = _rests(run)
    see = (
        "Waiting times fall from a dozen or more updates at the edge of the basin to one or two far inside; networks "
        "come to rest as the theory says."
    )
    panel = Panel("n = 3", START, "updates until |m - m(40)| < 0.01, or rest", lines=lines, dots=[rest])
    notes = [
        "A whole number of updates: one more or less agrees, and a tenth of the time where the start lies so near to "
        f"the edge that it takes more than {EDGE_TIME}. At α' = 0.25 the end is m(60).",
        "Networks: the median, over the patterns of a set that are recalled, of the first state that repeats itself.",
    ]
    return Report([*rows, *rest_rows], [panel], see, notes)


def _rests(run) -> tuple[list[Comparison], Dots]:
    """The step at which recalled patterns are fixed points, α' = 0.1: rows for each N, and the dots of N = 512."""
    rows, drawn, printed = [], [], WAITING["median_rest"].nested()
    for size, sets in run.pick({512: 4}, {512: 16, 1024: 6}).items():
        points = [point(3, 0.1, start, steps=40, size=size, targets=25) for start in printed[size]]
        for (start, time), found in zip(printed[size].items(), run.sweep(trajectory_trial, points, sets), strict=True):
            medians = [_median_rest(trial) for trial in found]
            words = f"α' = 0.1, m0 = {start:g}, networks of N = {size}: median step at rest"
            rows.append(mean_row(words, medians, time, unit=2))
            if size == 512:
                drawn.append(medians)
    return rows, dots("networks of N = 512, α' = 0.1", list(printed[512]), drawn)


def _median_rest(trial) -> float:
    """Of the first fixed point, over the targets that reached one and ended at an overlap of 0.7 or more."""
    steps, ends = np.array(trial["fixed"]), np.array(trial["overlaps"][-1])
    return float(np.median(steps[(steps >= 0) & (ends >= 0.7)]))


def _time_row(at, times, source) -> Comparison:
    why = (
        "m(60) of the source's one sample scatters by 0.002, which moves this by two steps" if at["steps"] > 40 else ""
    )
    unit = 2 * max(1.0, 0.1 * source.value if source.value > EDGE_TIME else 0.0)
    return mean_row(f"α' = {at['reduced_load']:g}, m0 = {at['overlap']:g}", times, source, unit=unit, why=why)


ITEMS = (
    Item("saddle-nodes", "Loads at which recall ends, without memory", SOURCE, 1, 1, saddle_nodes),
    Item("basin-map", "The smallest overlap that is recalled", SOURCE, 5, 45, basin_map),
    Item("slow-decay", "What becomes of a pattern at and above capacity", SOURCE, 10, 140, slow_decay),
    Item("waiting-times", "Updates that recall takes", SOURCE, 10, 60, waiting_times),
)
