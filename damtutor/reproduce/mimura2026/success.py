"""Success of simultaneous retrieval against the start overlap: networks of finite size beside the theory's edge.

Source: Mimura et al. (2026); the numbers beside ours are those of another program, see `reproduce.mimura2026.dynamics`.
"""

from __future__ import annotations

import numpy as np

from damtutor.experiments.dynamics import sequential_trial, trajectory_trial
from damtutor.reproduce.mimura2026 import SOURCE
from damtutor.reproduce.mimura2026.solver import START, boundary_trial, point
from damtutor.reproduce.printed import table
from damtutor.reproduce.report import (
    Comparison,
    Dots,
    Item,
    Line,
    Panel,
    Report,
    Run,
    column,
    design_effect,
    limit_row,
    sets_row,
    share_dots,
    value_row,
)
from damtutor.statistics.half_point import half_point

PRINTED = table(__package__, "basin")
EDGES = table(__package__, "basin_map")["edge"]
HALF_ERROR = 0.005
NOTES = (
    "Half points: logistic fit, errors from resampled sets.",
    "Patterns of one set succeed together more often than by chance: intervals of shares are those of as many "
    "independent trials as the scatter between sets leaves, and so are the trials of the source.",
)


def basin(run: Run) -> Report:
    """Share of recall against the start overlap: three sizes, both orders of updates, and the theory's edge."""
    sizes = run.pick((256, 512), (256, 512, 1024))
    sets, targets = run.pick((6, 20), (16, 25))
    rows, panels = [], []
    for load, halves in PRINTED["half_success"].nested().items():
        spread = 0.1 if load < 0.15 else 0.12
        middle = halves[512].value
        starts = np.round(np.linspace(middle - spread / 2, middle + spread / 2, 6), 4).tolist()
        points = [point(3, load, m0, steps=20, size=n, targets=targets) for n in sizes for m0 in starts]
        found = run.sweep(trajectory_trial, points, sets)
        solved = run.sweep(
            boundary_trial, [{"order": 3, "reduced_load": load, "steps": 50, "samples": run.pick(10_000, 50_000)}], 4
        )[0]
        theory = float(column(solved, "boundary").mean())
        drawn = []
        for k, n in enumerate(sizes):
            here = found[k * len(starts) : (k + 1) * len(starts)]
            actual = [1 - 2 * trials[0]["flips"] / n for trials in here]
            share = [column(trials, "success") for trials in here]
            half = half_point(actual, np.transpose(share))
            rows.append(
                value_row(
                    f"α' = {load:g}, N = {n}: m0 of half success",
                    half.value,
                    halves[n],
                    error=half.error,
                    source_error=HALF_ERROR,
                )
            )
            drawn.append(_shares(f"networks, N = {n}", actual, share, targets))
        edge = EDGES[3, 50, "power", 0.7, load]
        rows.append(value_row(f"α' = {load:g}: edge, theory", theory, edge, unit=0.004, error=0.001))
        line = Line("theory, N → ∞", [min(starts), theory, theory, max(starts)], [0, 0, 1, 1])
        panels.append(Panel(f"n = 3, α' = {load:g}", START, "share recalled, m(20) ≥ 0.7", [line], drawn))
    rows += _counts(run, sets, targets)
    more, panel = _one_by_one(run, sets, targets)
    see = (
        "Success rises from 0 to 1 with the start overlap, more steeply and further left in larger networks, towards "
        "the theory's edge. One spin at a time, the basin is wider than that of simultaneous updates."
    )
    return Report([*rows, *more], [*panels, panel], see, notes=NOTES)


def _counts(run, sets, targets) -> list[Comparison]:
    """Success at N = 512, α' = 0.1 beside the printed shares, and the two limits that hold at any size near it."""
    shares, (few, at_most), (many, at_least) = (
        PRINTED["recalled"],
        *PRINTED["recalled_at_most"].items(),
        *PRINTED["recalled_at_least"].items(),
    )
    points = [point(3, 0.1, m0, steps=20, size=512, targets=targets) for m0 in (*shares, few, many)]
    found = [column(trials, "success") for trials in run.sweep(trajectory_trial, points, sets)]
    design = design_effect(found, targets)
    rows = [
        sets_row(f"N = 512, α' = 0.1, m0 = {m0:g}: recalled", share, targets, value, design=design)
        for (m0, value), share in zip(shares.items(), found, strict=False)
    ]
    low, high = (float(share.mean()) for share in found[-2:])
    return [
        *rows,
        limit_row(f"N = 512, α' = 0.1, m0 = {few:g}: recalled, at most", low, at_most=at_most),
        limit_row(f"N = 512, α' = 0.1, m0 = {many:g}: recalled, at least", high, at_least=at_least),
    ]


def _one_by_one(run, sets, targets) -> tuple[list[Comparison], Panel]:
    """N = 256: one spin at a time beside all at once."""
    by_start = PRINTED["recalled_by_order"].nested()
    points = [point(3, 0.1, m0, size=256, targets=targets) for m0 in by_start]
    single = [column(trials, "success") for trials in run.sweep(sequential_trial, points, sets)]
    together = [at | {"steps": 20} for at in points]
    both = [column(trials, "success") for trials in run.sweep(trajectory_trial, together, sets)]
    rows, design = [], [design_effect(shares, targets) for shares in (single, both)]
    for (m0, printed), *shares in zip(by_start.items(), single, both, strict=True):
        for (word, value), share, each in zip(printed.items(), shares, design, strict=True):
            rows.append(sets_row(f"N = 256, m0 = {m0:g}, {word}: recalled", share, targets, value, design=each))
    starts = list(by_start)
    drawn = [
        _shares("networks, one spin at a time", starts, single, targets),
        _shares("networks, all at once", starts, both, targets),
    ]
    return rows, Panel("n = 3, α' = 0.1, N = 256", START, "share recalled", dots=drawn)


def _shares(label, starts, shares, targets) -> Dots:
    """Shares over sets with the bars of as many independent trials as they are worth."""
    totals = [max(1, round(len(share) * targets / design_effect(shares, targets))) for share in shares]
    means = [float(share.mean()) for share in shares]
    bars = share_dots(label, starts, [round(m * n) for m, n in zip(means, totals, strict=True)], totals)
    return bars._replace(y=np.array(means))


ITEMS = (Item("basin", "Success against the start overlap", SOURCE, 15, 260, basin),)
