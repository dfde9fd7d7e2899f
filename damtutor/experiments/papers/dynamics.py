"""Simultaneous retrieval step by step: networks of finite size beside the theory of infinite ones.

Source: Mimura et al. (2026). The paper shows curves; the numbers beside ours, of theory and of networks, are those of
another program, written before this course. Targets of one pattern set are nearly independent, but errors here are over
pattern sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from damtutor.experiments.dynamics import flips_of, sequential_trial, trajectory_trial
from damtutor.experiments.papers.basins import SOURCE
from damtutor.experiments.papers.printed_dynamics import (
    HALF,
    NOISE,
    ONE_BY_ONE,
    ORDERS,
    PATHS,
    SMALL_RISE,
    STARTS,
)
from damtutor.experiments.papers.solver import boundary_trial, solver_trial
from damtutor.experiments.report import (
    Dots,
    Item,
    Line,
    Panel,
    Report,
    Row,
    Run,
    column,
    design_effect,
    dots,
    limit_row,
    mean_row,
    sets_row,
    share_dots,
    share_row,
    value_row,
)
from damtutor.theory.dynamics import first_steps

TIME, OVERLAP, START = "time t, updates", "overlap m(t)", "overlap at the start, m0"
TIMES = (1, 2, 3, 5, 10, 20)
SAMPLE = 0.0012  # largest scatter of m(t <= 20) between samples of 1e5 spins, as the source had them
SECOND = 0.00014  # the same of m(2), and of m(1) where the source sampled it
FAILING = 0.01  # scatter of the theory for n = 2 where recall fails and makes its own noise
HALF_ERROR = 0.005


def first_two(run: Run) -> Report:
    """m(1) and m(2) in closed form against the solver and against networks; what memory and finite size are worth."""
    samples, trials = run.pick((50_000, 4), (100_000, 8))
    cases = [(3, 0.1, 0.5), (3, 0.2, 0.6992), (3, 0.2, 1.0), (4, 0.1, 0.7031), (5, 0.1, 0.8)]
    points = [_point(n, load, m0, steps=2, samples=samples) for n, load, m0 in cases]
    rows = []
    for (n, load, m0), found in zip(cases, run.sweep(solver_trial, points, trials), strict=True):
        closed = first_steps(n, load, m0).overlaps
        solved = column(found, "overlap").mean(axis=0)
        rows += [
            limit_row(
                f"n = {n}, α' = {load:g}, m0 = {m0:g}: |m({t}) closed - solved|, at most",
                abs(solved[t] - closed[t]),
                at_most=0.002,
            )
            for t in (1, 2)
        ]
    for load, m0, size, source, unit in ((0.1, 0.5, 1024, 0.7314, 1e-4), (0.1, 0.5, 512, 0.7252, 1e-4)):
        value = first_steps(3, load, m0, size=size).overlaps[2]
        rows.append(value_row(f"n = 3, α' = {load:g}, m0 = {m0:g}, N = {size}: m(2), theory", value, source, unit=unit))
    starts, sets = [_start(m0, 512) for m0 in (0.4, 0.5, 0.6, 0.7, 0.8)], run.pick(6, 16)
    networks = [_point(3, 0.2, m0, steps=2, size=512, targets=25) for m0 in starts]
    found = [_means(trials) for trials in run.sweep(trajectory_trial, networks, sets)]
    m0, seen = starts[2], found[2][:, 2]
    with_memory, without = (first_steps(3, 0.2, m0, memory=on).overlaps[2] for on in (True, False))
    words = "n = 3, α' = 0.2, m0 = 0.6016: m(2)"
    rows += [
        value_row(f"{words}, theory", with_memory, 0.6308, source_error=SECOND, unit=1e-4),
        value_row(f"{words}, theory without memory Γ", without, 0.5505, source_error=SECOND, unit=1e-4),
        value_row(f"{words}, theory of N = 512", first_steps(3, 0.2, m0, size=512).overlaps[2], 0.624, unit=1e-3),
        mean_row(f"{words}, networks of N = 512", seen, 0.6150, source_error=0.005),
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
    few = [(0.1, 0.5, 1024), *(key for key in PATHS if key[2] < 1024)]  # one set of N = 1024 has 36 million spins
    return _paths(
        run,
        {(3, *key): PATHS[key] for key in run.pick(few, list(PATHS))},
        TIMES,
        "Networks follow the theory step by step where recall is safe. Where it is near the edge of the basin, smaller "
        "networks fall below" + run.pick(".", "; where it fails, an overlap of 1/√N is left."),
        panels={"α' = 0.1": (0.1,), "α' = 0.2": (0.2,), "α' = 0.32, above capacity": (0.32,)},
    )


def orders(run: Run) -> Report:
    """n = 2 and n = 4: the classical rise and fall, and a sharper basin."""
    return _paths(
        run,
        ORDERS,
        TIMES[:5],
        "For n = 2 from 0.2 the overlap rises to 0.55 and falls again; for n = 4 what starts at 0.7 is recalled, and "
        "what starts at 0.5 is lost at once.",
        panels={"n = 4, α' = 0.1": (0.1,), "n = 2, α = 0.08": (0.08,)},
    )


def rules(run: Run) -> Report:
    """What the exact rule, the rule without diagonal and the self-coupling change."""
    sets, trials, samples = run.pick((4, 4, 20_000), (16, 6, 100_000))
    sources = {  # rule: (m0, networks at t, theory at t)
        "exact": (0.6992, {1: (0.7240, 0.0035), 2: (0.8162, 0.0049), 3: (0.8541, 0.0060)}, {}),
        "p-body": (
            0.6992,
            {1: (0.7213, 0.0032), 2: (0.8309, 0.0036), 3: (0.8766, 0.0039), 20: (0.9585, 0.0014)},
            {1: 0.7257, 2: 0.8411, 3: 0.8918, 20: 0.9649},
        ),
        "self": (0.6016, {2: (0.6686, 0.0069)}, {2: 0.6742}),
    }
    networks = [
        _point(3, 0.2, m0, steps=max(seen), size=512, rule=rule, targets=25) for rule, (m0, seen, _) in sources.items()
    ]
    theories = [
        _point(3, 0.2, m0, steps=20, samples=samples) | ({"self_coupling": True} if rule == "self" else {"rule": rule})
        for rule, (m0, _, _) in sources.items()
    ]
    rows, lines, points = [], [], []
    solved = run.sweep(solver_trial, theories, trials)
    measured = run.sweep(trajectory_trial, networks, sets)
    for (rule, (m0, seen, predicted)), theory, found in zip(sources.items(), solved, measured, strict=True):
        m, means = column(theory, "overlap"), _means(found)
        words = f'n = 3, α\' = 0.2, m0 = {m0:g}, rule "{rule}"'
        rows += [
            mean_row(f"{words}: m({t}), theory", m[:, t], value, source_error=SAMPLE) for t, value in predicted.items()
        ]
        rows += [
            mean_row(f"{words}: m({t}), networks of N = 512", means[:, t], value, source_error=error)
            for t, (value, error) in seen.items()
        ]
        lines.append(Line(f"theory, {rule}", range(21), m.mean(axis=0)))
        points.append(dots(f"networks, {rule}", range(means.shape[1]), list(means.T)))
    frozen = run.sweep(trajectory_trial, [_point(4, 0.1, 0.5, steps=2, size=200, rule="self", targets=25)], 4)[0]
    fixed = np.concatenate([np.asarray(trial["fixed"]) == 0 for trial in frozen])
    rows.append(
        share_row('n = 4, N = 200, rule "self": share frozen at the start', int(fixed.sum()), len(fixed), 1.0, 100)
    )
    panel = Panel("n = 3, α' = 0.2, N = 512", TIME, OVERLAP, lines=lines, dots=points)
    see = (
        "The rule without diagonal ends higher than the exact one at the same load; a self-coupling adds 0.04 at t = 2."
    )
    notes = [
        '"self" keeps j = i in the field. For n = 4 that grows as N: every state is a fixed point, which is no memory.'
    ]
    return Report(rows, [panel], see, notes)


def noise(run: Run) -> Report:
    """R(t, t): for n = 2 recall makes noise of its own, for n = 3 it makes none."""
    samples, trials = run.pick((50_000, 4), (100_000, 8))
    points = [_point(2, 0.08, m0, steps=30, samples=samples) for m0 in NOISE]
    points += [_point(3, 0.2, m0, steps=30, samples=samples) for m0 in (_start(0.5508, 512), 0.8)]
    found = run.sweep(solver_trial, points, trials)
    rows, lines = [], []
    for (m0, printed), solved in zip(NOISE.items(), found, strict=False):
        ratio = column(solved, "noise")
        rows += [
            mean_row(
                f"n = 2, m0 = {m0:g}: R({t},{t})/α", ratio[:, t], value, source_error=0.005 * value, unit=_unit(m0)
            )
            for t, value in printed.items()
        ]
        lines.append(Line(f"theory, n = 2, α = 0.08, m0 = {m0:g}", range(21), ratio.mean(axis=0)[:21]))
    for point, solved in zip(points[2:], found[2:], strict=True):
        ratio = column(solved, "noise")
        rows.append(
            value_row(f"n = 3, m0 = {point['overlap']:.4g}: largest |R(t,t)/α' - 1|", float(abs(ratio - 1).max()), 0.0)
        )
        lines.append(Line(f"theory, n = 3, α' = 0.2, m0 = {point['overlap']:.4g}", range(21), ratio.mean(axis=0)[:21]))
    collapse, small = column(found[0], "overlap"), column(found[2], "overlap")
    rows.append(mean_row("n = 2, m0 = 0.2: m(2), the rise", collapse[:, 2], 0.553, source_error=SAMPLE, unit=1e-3))
    rows.append(mean_row("n = 2, m0 = 0.2: m(30), the fall", collapse[:, 30], 0.305, source_error=FAILING))
    rows += [
        mean_row(f"n = 3, m0 = 0.5508: m({t})", small[:, t], value, source_error=SAMPLE)
        for t, value in SMALL_RISE.items()
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
        "For n = 2 the noise grows twelvefold while recall fails, and returns to its first value where recall "
        "succeeds; for n = 3 it is a straight line. The overlap of n = 2 rises steeply before it falls, that of n = 3 "
        "hardly."
    )
    return Report(rows, panels, see)


def basin(run: Run) -> Report:
    """Share of recall against the start overlap: three sizes, both orders of updates, and the theory's edge."""
    sizes = run.pick((256, 512), (256, 512, 1024))
    sets, targets = run.pick((6, 20), (16, 25))
    rows, panels = [], []
    for load, halves in HALF.items():
        spread = 0.1 if load < 0.15 else 0.12
        middle = halves[512]
        starts = np.round(np.linspace(middle - spread / 2, middle + spread / 2, 6), 4).tolist()
        points = [_point(3, load, m0, steps=20, size=n, targets=targets) for n in sizes for m0 in starts]
        found = run.sweep(trajectory_trial, points, sets)
        edge = run.sweep(
            boundary_trial, [{"order": 3, "reduced_load": load, "steps": 50, "samples": run.pick(10_000, 50_000)}], 4
        )[0]
        theory = float(column(edge, "boundary").mean())
        drawn = []
        for k, n in enumerate(sizes):
            here = found[k * len(starts) : (k + 1) * len(starts)]
            actual = [1 - 2 * trials[0]["flips"] / n for trials in here]
            share = [column(trials, "success") for trials in here]
            half, error = _half(actual, share)
            rows.append(
                value_row(
                    f"α' = {load:g}, N = {n}: m0 of half success", half, halves[n], error=error, source_error=HALF_ERROR
                )
            )
            drawn.append(_shares(f"networks, N = {n}", actual, share, targets))
        rows.append(
            value_row(f"α' = {load:g}: edge, theory", theory, {0.1: 0.382, 0.2: 0.562}[load], unit=0.004, error=0.001)
        )
        line = Line("theory, N → ∞", [min(starts), theory, theory, max(starts)], [0, 0, 1, 1])
        panels.append(Panel(f"n = 3, α' = {load:g}", START, "share recalled, m(20) ≥ 0.7", [line], drawn))
    rows += _counts(run, sets, targets)
    more, panel = _one_by_one(run, sets, targets)
    see = (
        "Success rises from 0 to 1 with the start overlap, more steeply and further left in larger networks, towards "
        "the theory's edge. One spin at a time, the basin is wider than that of simultaneous updates."
    )
    return Report(
        [*rows, *more],
        [*panels, panel],
        see,
        notes=[
            "Half points: logistic fit, errors from resampled sets.",
            "Patterns of one set succeed together more often than by chance: intervals of shares are those of as many "
            "independent trials as the scatter between sets leaves, and so are the trials of the source.",
        ],
    )


def _counts(run, sets, targets) -> list[Row]:
    """Success at N = 512, α' = 0.1 beside the printed shares, and the two limits that hold at any size near it."""
    points = [_point(3, 0.1, m0, steps=20, size=512, targets=targets) for m0 in (*STARTS, 0.33, 0.47)]
    found = [column(trials, "success") for trials in run.sweep(trajectory_trial, points, sets)]
    design = design_effect(found, targets)
    rows = [
        sets_row(f"N = 512, α' = 0.1, m0 = {m0:g}: recalled", share, targets, value, count, design=design)
        for (m0, (value, count)), share in zip(STARTS.items(), found, strict=False)
    ]
    low, high = (float(share.mean()) for share in found[-2:])
    return [
        *rows,
        limit_row("N = 512, α' = 0.1, m0 = 0.33: recalled, at most", low, at_most=0.20),
        limit_row("N = 512, α' = 0.1, m0 = 0.47: recalled, at least", high, at_least=0.85),
    ]


def _one_by_one(run, sets, targets) -> tuple[list[Row], Panel]:
    """N = 256: one spin at a time beside all at once."""
    points = [_point(3, 0.1, m0, size=256, targets=targets) for m0 in ONE_BY_ONE]
    single = [column(trials, "success") for trials in run.sweep(sequential_trial, points, sets)]
    together = [point | {"steps": 20} for point in points]
    both = [column(trials, "success") for trials in run.sweep(trajectory_trial, together, sets)]
    rows, design = [], [design_effect(shares, targets) for shares in (single, both)]
    for (m0, printed), *shares in zip(ONE_BY_ONE.items(), single, both, strict=True):
        for word, value, share, each in zip(
            ("one spin at a time", "all at once"), printed, shares, design, strict=True
        ):
            rows.append(sets_row(f"N = 256, m0 = {m0:g}, {word}: recalled", share, targets, value, 200, design=each))
    starts = list(ONE_BY_ONE)
    drawn = [
        _shares("networks, one spin at a time", starts, single, targets),
        _shares("networks, all at once", starts, both, targets),
    ]
    return rows, Panel("n = 3, α' = 0.1, N = 256", START, "share recalled", dots=drawn)


def _paths(run, printed, times, see, panels) -> Report:
    """Theory and networks at the printed times, for cases (n, α', m0, N)."""
    samples, trials, sets = run.pick((20_000, 4, 4), (100_000, 6, 16))
    targets, steps = run.pick(10, 25), times[-1]
    cases = list(printed)
    theories = [_point(n, load, _start(m0, size), steps=steps, samples=samples) for n, load, m0, size in cases]
    networks = [_point(n, load, m0, steps=steps, size=size, targets=targets) for n, load, m0, size in cases]
    rows, drawn = [], {title: ([], []) for title in panels}
    solved, found = run.sweep(solver_trial, theories, trials), run.sweep(trajectory_trial, networks, sets)
    for case, theory, trials_ in zip(cases, solved, found, strict=True):
        n, load, m0, size = case
        m, means = column(theory, "overlap"), _means(trials_)
        words = f"n = {n}, α' = {load:g}, m0 = {m0:g}"
        own = FAILING if n == 2 and m0 < 0.3 else SAMPLE
        for t, (value, seen, error) in zip(times, printed[case], strict=False):
            rows.append(
                mean_row(
                    f"{words} of N = {size}: m({t}), theory",
                    m[:, t],
                    value,
                    source_error=own if t > 1 else SECOND,
                    unit=1e-4,
                )
            )
            rows.append(mean_row(f"{words}, N = {size}: m({t}), networks", means[:, t], seen, source_error=error))
        title = next(title for title, loads in panels.items() if load in loads)
        drawn[title][0].append(Line(f"theory, m0 = {m0:g}", range(steps + 1), m.mean(axis=0)))
        drawn[title][1].append(dots(f"N = {size}, m0 = {m0:g}", range(steps + 1), list(means.T)))
    figures = []
    for title, (lines, points) in drawn.items():
        once = {line.label: line for line in lines}  # one theory for several sizes
        figures.append(Panel(title, TIME, OVERLAP, lines=list(once.values()), dots=points))
    notes = ["Each pattern set counts once, whatever the number of its patterns that were followed."]
    return Report(rows, figures, see, notes)


def _point(order, load, overlap, **rest) -> dict[str, Any]:
    return {"order": order, "reduced_load": load, "overlap": overlap, **rest}


def _means(trials: Sequence[dict[str, Any]]) -> np.ndarray:
    """m(t) of every pattern set, mean over its targets: `(sets, T+1)`."""
    return np.array([np.mean(trial["overlaps"], axis=1) for trial in trials])


def _start(overlap: float, size: int) -> float:
    """The overlap that a whole number of flips really gives, which the source prints with four digits."""
    return 1 - 2 * flips_of(size, overlap) / size


def _unit(m0) -> float:
    return 0.1 if m0 < 0.3 else 0.01


def _shares(label, starts, shares, targets) -> Dots:
    """Shares over sets with the bars of as many independent trials as they are worth."""
    totals = [max(1, round(len(share) * targets / design_effect(shares, targets))) for share in shares]
    means = [float(share.mean()) for share in shares]
    bars = share_dots(label, starts, [round(m * n) for m, n in zip(means, totals, strict=True)], totals)
    return bars._replace(y=np.array(means))


def _half(starts, shares, resamples: int = 200) -> tuple[float, float]:
    """Where a logistic curve through the shares is 1/2, and its error from resampled pattern sets."""
    shares = np.array(shares)  # starts, sets
    rng = np.random.default_rng(0)
    pick = rng.integers(shares.shape[1], size=(resamples, shares.shape[1]))
    x = np.asarray(starts)
    fits = [_logistic(x, shares.mean(axis=1)), *(_logistic(x, shares[:, p].mean(axis=1)) for p in pick)]
    return fits[0], float(np.std(fits[1:], ddof=1))


def _logistic(x, share) -> float:
    """Half point of the logistic curve of largest likelihood, by Newton's steps in (a, b) of a + b x."""
    u = (x - x.mean()) / x.std()
    a, b = 0.0, 1.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(a + b * u, -30, 30)))
        w = p * (1 - p) + 1e-9
        gradient = np.array([np.sum(share - p), np.sum((share - p) * u)])
        hessian = np.array([[w.sum(), (w * u).sum()], [(w * u).sum(), (w * u * u).sum()]])
        move = np.linalg.solve(hessian, gradient)
        a, b = a + np.clip(move[0], -2, 2), b + np.clip(move[1], -2, 2)
        if np.abs(move).max() < 1e-10:
            break
    return float(x.mean() - a / b * x.std())


ITEMS = (
    Item("first-steps", "Two updates in closed form", SOURCE, 10, 40, first_two),
    Item("trajectories", "Overlap over time, n = 3", SOURCE, 40, 300, paths),
    Item("orders", "Overlap over time, n = 2 and n = 4", SOURCE, 40, 300, orders),
    Item("rules", "The exact rule, the diagonal, and the self-coupling", SOURCE, 20, 120, rules),
    Item("noise", "Who makes the noise: n = 2 and n = 3", SOURCE, 10, 40, noise),
    Item("basin", "Success against the start overlap", SOURCE, 40, 300, basin),
)
