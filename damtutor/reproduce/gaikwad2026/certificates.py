"""What can be promised of a memory of finite size: wrong bits, patterns without errors, certified radii.

The model is that of Gaikwad (2026); its theorems could not be read, the bounds are derived in `theory.guarantees`. The
numbers beside ours are those of another program, written before this course.
"""

from __future__ import annotations

import numpy as np

from damtutor.experiments.attacks import ATTACKS, attack_trial, margin_attack, margin_trial
from damtutor.experiments.guarantees import certificate_trial, fixed_point_trial, wrong_bit_trial
from damtutor.reproduce.mimura2026.solver import START
from damtutor.reproduce.report import (
    Item,
    Line,
    Panel,
    Report,
    Run,
    column,
    dots,
    like_ours,
    limit_row,
    mean_row,
    share_dots,
    share_row,
    value_row,
)
from damtutor.theory.capacity import asymptotic_recall_capacity, one_step_error, perfect_recall_probability
from damtutor.theory.guarantees import TIERS, certify, one_sweep

SOURCE = "the model of Gaikwad (2026), arXiv 2604.12811; bounds derived here, numbers of an independent program"
SIZE, SETS = 500, 12
BITS = {  # (α, m0): wrong bits and overlap after one sweep, measured and by theory
    (0.005, 0.60): (0.0013, 0.0016, 1.000, 1.000),
    (0.005, 0.40): (0.104, 0.096, 0.971, 0.975),
    (0.005, 0.30): (0.234, 0.231, 0.853, 0.885),
    (0.01, 0.40): (0.180, 0.178, 0.896, 0.905),
    (0.01, 0.30): (0.308, 0.302, 0.601, 0.666),
    (0.02, 0.60): (0.080, 0.071, 0.957, 0.963),
    (0.02, 0.40): (0.268, 0.257, 0.640, 0.671),
}
FAR_ENOUGH = 0.4  # from here on a sweep is described to 0.04: below it correlations between spins build up
COARSE = "the source integrates in coarser steps; ours does not change with the step"
STEP_ERROR = 0.002  # the most that its steps explain: its values are the lower ones
RATIOS = (0.5, 1, 2, 4)
FREE = {  # N: K_c, share of patterns that are fixed points at K/K_c, measured in 24 sets, and theory
    100: (361, (1.0, 0.83, 0.21, 0.0), (1.0, 0.89, 0.20, 0.0)),
    200: (1258, (1.0, 0.96, 0.17, 0.0), (1.0, 0.89, 0.12, 0.0)),
    400: (4450, (1.0, 0.96, 0.08, 0.0), (1.0, 0.90, 0.06, 0.0)),
}
FREE_SETS = 24
RADII = {  # (N, K): r_A, r_B, r_C, r_D and the attack on one set, n = 3
    (100, 50): (-1, 0, 2, 5, 7),
    (100, 200): (-1, -1, 0, 2, 3),
    (200, 800): (-1, -1, 0, 1, 2),
    (500, 500): (-1, -1, 5, 20, 35),
    (500, 1250): (-1, -1, 1, 13, 22),
}
SMALL = {  # (n, K) at N = 14: mean radius A, B, C, D, true over six sets
    (3, 4): (-0.17, 0.67, 0.83, 1.0, 1.0),
    (3, 6): (-0.67, 0.0, 0.83, 1.0, 1.0),
    (4, 4): (0.17, 1.17, 1.17, None, 1.5),
}
LADDER = {"A": -1, "B": 1.3, "C": 2.2, "D": 4.0}  # N = 64, K = 24, mean of twelve sets
BREAKS = {"random-correct": 25.3, "weakest-once": 16.6, "nearest-rival": 13.2, "weakest-reranked": 12.3}
ONE_BIT = 5.6


def wrong_bits(run: Run) -> Report:
    """Wrong bits after one update and the overlap after one sweep, N = 500, n = 3."""
    sets = run.pick(24, 96)
    points = [{"size": SIZE, "load": load, "overlap": m0} for load, m0 in BITS]
    found = run.sweep(wrong_bit_trial, points, sets)
    rows = []
    for (load, m0), printed, trials in zip(BITS, BITS.values(), found, strict=True):
        words, (wrong, wrong_theory, after, after_theory) = f"α = {load:g}, m0 = {m0:g}", printed
        seen, ends = column(trials, "wrong"), column(trials, "after")
        theory = one_step_error(load, 3, overlap=m0), float(one_sweep(load, m0).rows[-1, 0])
        coarse = COARSE if 0 < theory[1] - after_theory < STEP_ERROR else ""
        rows += [
            mean_row(f"{words}: wrong bits, measured", seen, wrong, source_error=like_ours(seen, SETS), unit=1e-3),
            value_row(f"{words}: wrong bits, theory", theory[0], wrong_theory, unit=1e-3 if wrong > 0.01 else 1e-4),
            mean_row(
                f"{words}: overlap after one sweep, measured",
                ends,
                after,
                source_error=like_ours(ends, SETS),
                unit=1e-3,
            ),
            value_row(f"{words}: overlap after one sweep, theory", theory[1], after_theory, unit=1e-3, why=coarse),
        ]
        if m0 >= FAR_ENOUGH:
            rows.append(
                limit_row(
                    f"{words}: |measured - theory| after one sweep, at most", abs(ends.mean() - theory[1]), at_most=0.04
                )
            )
    starts, lines, points = np.linspace(0.2, 0.7, 40), ([], []), ([], [])
    for load in (0.005, 0.01, 0.02):
        here = [k for k, (other, _) in enumerate(BITS) if other == load]
        x = [list(BITS)[k][1] for k in here]
        curves = (
            [one_step_error(load, 3, overlap=m) for m in starts],
            [float(one_sweep(load, m).rows[-1, 0]) for m in starts],
        )
        for k, name in enumerate(("wrong", "after")):
            lines[k].append(Line(f"theory, α = {load:g}", starts, curves[k]))
            points[k].append(dots(f"networks, α = {load:g}", x, [column(found[i], name) for i in here]))
    panels = [
        Panel("one decision", START, "share of wrong bits", lines[0], points[0]),
        Panel("one sweep", START, "overlap after it", lines[1], points[1]),
    ]
    see = (
        "Fewer bits are wrong the nearer the start. The line of one decision holds everywhere; that of a sweep is too "
        "hopeful below a start of 0.4."
    )
    return Report(rows, panels, see)


def error_free(run: Run) -> Report:
    """How many patterns can be stored without a single wrong bit."""
    sets = run.pick(60, 240)
    points = [
        {"size": size, "count": round(ratio * load), "order": 3}
        for size, (load, _, _) in FREE.items()
        for ratio in RATIOS
    ]
    found = [column(trials, "fixed") for trials in run.sweep(fixed_point_trial, points, sets)]
    rows, lines, points_drawn = [], [], []
    for k, (size, (load, measured, theory)) in enumerate(FREE.items()):
        scale = asymptotic_recall_capacity(size, 3)
        rows.append(value_row(f"N = {size}: K_c = N²/(6 ln N)", scale, load, unit=2))
        here = found[k * len(RATIOS) : (k + 1) * len(RATIOS)]
        rests = [round(share.sum()) for share in here]
        for ratio, count, seen, line in zip(RATIOS, rests, measured, theory, strict=True):
            words = f"N = {size}, K = {ratio:g} K_c"
            predicted = perfect_recall_probability(round(ratio * load), size, 3)
            rows.append(share_row(f"{words}: patterns that are fixed points, measured", count, sets, seen, FREE_SETS))
            rows.append(value_row(f"{words}: theory", predicted, line, unit=0.01))
        fine = np.geomspace(0.3, 5, 40)
        lines.append(
            Line(f"theory, N = {size}", fine, [perfect_recall_probability(round(r * load), size, 3) for r in fine])
        )
        points_drawn.append(share_dots(f"networks, N = {size}", RATIOS, rests, [sets] * len(RATIOS)))
    panel = Panel(
        "n = 3",
        "patterns over K_c = N²/(6 ln N)",
        "share of patterns that are fixed points",
        lines,
        points_drawn,
        logx=True,
    )
    see = "The share of patterns without a wrong bit falls from 1 at half of K_c to 0 at four times it."
    return Report(rows, [panel], see, notes=["One pattern of each set is looked at: trials are independent."])


def certificates(run: Run) -> Report:
    """Certified radii by four tiers, the margin attack above them, and the exact radius where it can be searched."""
    rows = []
    exact = _source_set()
    for tier, radius in zip("CD", (2, 5), strict=True):
        rows.append(value_row(f"N = 100, K = 50, seed 0: r_{tier}", certify(exact, 0, 3, tier).radius, radius))
    attack = margin_attack(exact)
    rows.append(value_row("N = 100, K = 50, seed 0: flips that turn one bit", len(attack.flips), 7))
    sizes, sets = run.pick([key for key in RADII if key[0] < 500], list(RADII)), run.pick(6, 8)
    for size, count in sizes:
        point, words = {"size": size, "count": count}, f"N = {size}, K = {count}"
        *radii, flips = RADII[size, count]
        trials = run.sweep(certificate_trial, [point], sets)[0]
        for tier, value in zip(TIERS, radii, strict=True):
            radius = column(trials, f"radius_{tier}")
            rows.append(mean_row(f"{words}: r_{tier}", radius, value, source_error=like_ours(radius, least=0.5)))
        turned = column(run.sweep(margin_trial, [point], sets)[0], "flips")
        error = like_ours(turned, least=0.5)
        rows.append(mean_row(f"{words}: flips that turn one bit", turned, flips, source_error=error))
    small = run.pick(96, 384)
    for (order, count), values in SMALL.items():
        tiers = "ABCD" if order == 3 else "ABC"
        point = {"size": 14, "count": count, "order": order, "tiers": tiers}
        trials = run.sweep(certificate_trial, [point], small)[0]
        for tier, value in zip((*TIERS, "true"), values, strict=True):
            if value is None:
                continue
            radius = column(trials, f"radius_{tier}")
            spread = like_ours(radius, 6, least=0.3)
            rows.append(mean_row(f"N = 14, n = {order}, K = {count}: r_{tier}", radius, value, source_error=spread))
            if tier != "true":
                over = float((radius - column(trials, "radius_true")).max())
                rows.append(
                    limit_row(
                        f"N = 14, n = {order}, K = {count}: largest r_{tier} - true radius, at most", over, at_most=0
                    )
                )
    counts = run.pick((8, 16, 24, 32), (8, 16, 24, 32, 40, 48))
    points = [{"size": 64, "count": count} for count in counts]
    found = run.sweep(certificate_trial, points, run.pick(8, 24))
    drawn = [dots(f"radius, tier {t}", counts, [column(trials, f"radius_{t}") for trials in found]) for t in TIERS]
    panel = Panel("N = 64, n = 3", "patterns K", "certified wrong bits", dots=drawn)
    see = "Certified radii fall with the number of patterns; each tier promises more than the one before."
    notes = [
        "-1 means that a tier cannot promise even that the pattern rests. The source has one set a row, drawn like "
        "ours; N = 14: six. The error allowed for it is the spread of our sets."
    ]
    return Report(rows, [panel], see, notes)


def _source_set() -> np.ndarray:
    """The one set whose seed is printed: NumPy's default_rng(0).choice([-1, 1], (50, 100))."""
    return np.random.default_rng(0).choice(np.array([-1, 1]), (50, 100))


def ladder(run: Run) -> Report:
    """One memory of 64 bits, nine numbers: four promises, one bit's margin, and what chosen or random flips break."""
    sets = run.pick(12, 36)
    trials = run.sweep(certificate_trial, [{"size": 64, "count": 24}], sets)[0]
    rows, heights = [], []
    for tier, value in LADDER.items():
        radius = column(trials, f"radius_{tier}")
        rows.append(mean_row(f"certificate {tier}", radius, value, source_error=like_ours(radius, SETS), unit=0.1))
        heights.append(radius)
    margins = column(run.sweep(margin_trial, [{"size": 64, "count": 24}], sets)[0], "flips")
    error = like_ours(margins, SETS)
    rows.append(mean_row("flips that turn one bit's margin", margins, ONE_BIT, source_error=error, unit=0.1))
    heights.append(margins)
    points = [{"size": 64, "count": 24, "attack": attack} for attack in BREAKS]
    for attack, found in zip(BREAKS, run.sweep(attack_trial, points, sets), strict=True):
        flips = column(found, "flips")
        error = like_ours(flips, SETS)
        rows.append(
            mean_row(f"flips that break the end state, {attack}", flips, BREAKS[attack], source_error=error, unit=0.1)
        )
        heights.append(flips)
    names = [*LADDER, "margin", "re-ranked", "rival", "weakest", "random"]
    ordered = [*heights[:5], *reversed(heights[5:])]
    drawn = [
        dots("proved", range(1, 5), ordered[:4]),
        dots("attacks", range(5, 10), ordered[4:]),
    ]
    words = ", ".join(f"{k} {name}" for k, name in enumerate(names, 1))
    panel = Panel("N = 64, K = 24, n = 3", words, "wrong bits", dots=drawn)
    see = "A ladder: what is proved harmless lies below what one bit's margin takes, far below what random flips need."
    return Report(rows, [panel], see, notes=[f"Attacks: {', '.join(ATTACKS)}; broken means 24 of 32 orders fail."])


ITEMS = (
    Item("wrong-bits", "Wrong bits after one decision and one sweep", SOURCE, 3, 5, wrong_bits),
    Item("error-free", "Patterns without a wrong bit", SOURCE, 5, 16, error_free),
    Item("certificates", "Certified radii", SOURCE, 2, 15, certificates),
    Item("ladder", "One memory, nine numbers", SOURCE, 1, 2, ladder),
)
