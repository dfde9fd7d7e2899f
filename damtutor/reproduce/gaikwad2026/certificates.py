"""What can be promised of a memory of finite size: wrong bits, patterns without errors, certified radii.

The model is that of Gaikwad (2026); its theorems could not be read, the bounds are derived in `theory.guarantees`. The
numbers beside ours are those of another program, written before this course.
"""

from __future__ import annotations

import numpy as np

from damtutor.experiments.attacks import ATTACKS, attack_trial, margin_attack, margin_trial
from damtutor.experiments.guarantees import certificate_trial, fixed_point_trial, wrong_bit_trial
from damtutor.reproduce.gaikwad2026 import MODEL
from damtutor.reproduce.mimura2026.solver import START
from damtutor.reproduce.printed import table
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

BITS = table(__package__, "wrong_bits")
FREE = table(__package__, "error_free")
RADII = table(__package__, "certificates")
LADDER = table(__package__, "ladder")
SIZE, SETS = 500, 12
FAR_ENOUGH = 0.4  # from here on a sweep is described to 0.04: below it correlations between spins build up
COARSE = "the source integrates in coarser steps; ours does not change with the step"
STEP_ERROR = 0.002  # the most that its steps explain: its values are the lower ones


def wrong_bits(run: Run) -> Report:
    """Wrong bits after one update and the overlap after one sweep, N = 500, n = 3."""
    sets = run.pick(24, 96)
    cases = BITS["after_one_update"].nested(2)
    points = [{"size": SIZE, "load": load, "overlap": m0} for load, m0 in cases]
    found = run.sweep(wrong_bit_trial, points, sets)
    rows = []
    for ((load, m0), printed), trials in zip(cases.items(), found, strict=True):
        words, (wrong, wrong_theory, after, after_theory) = f"α = {load:g}, m0 = {m0:g}", printed.values()
        seen, ends = column(trials, "wrong"), column(trials, "after")
        theory = one_step_error(load, 3, overlap=m0), float(one_sweep(load, m0).rows[-1, 0])
        coarse = COARSE if 0 < theory[1] - after_theory.value < STEP_ERROR else ""
        rows += [
            mean_row(f"{words}: wrong bits, measured", seen, wrong, source_error=like_ours(seen, SETS), unit=1e-3),
            value_row(f"{words}: wrong bits, theory", theory[0], wrong_theory, unit=wrong_theory.unit),
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
                    f"{words}: |measured - theory| after one sweep, at most",
                    abs(ends.mean() - theory[1]),
                    at_most=BITS["distance_at_most"]["measured to theory after one sweep"],
                )
            )
    starts, lines, points = np.linspace(0.2, 0.7, 40), ([], []), ([], [])
    for load in (0.005, 0.01, 0.02):
        here = [k for k, (other, _) in enumerate(cases) if other == load]
        x = [list(cases)[k][1] for k in here]
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
    scales, measured, theory = FREE["scale"], FREE["measured"], FREE["theory"]
    points = [{"size": size, "count": round(ratio * scales[size].value), "order": 3} for size, ratio in measured]
    found = [column(trials, "fixed") for trials in run.sweep(fixed_point_trial, points, sets)]
    rows, lines, points_drawn = [], [], []
    rests = {at: round(share.sum()) for at, share in zip(measured, found, strict=True)}
    for size, ratios in measured.nested().items():
        load = scales[size].value
        scale = asymptotic_recall_capacity(size, 3)
        rows.append(value_row(f"N = {size}: K_c = N²/(6 ln N)", scale, scales[size], unit=2))
        for ratio, seen in ratios.items():
            words, count = f"N = {size}, K = {ratio:g} K_c", rests[size, ratio]
            predicted = perfect_recall_probability(round(ratio * load), size, 3)
            rows.append(share_row(f"{words}: patterns that are fixed points, measured", count, sets, seen))
            rows.append(value_row(f"{words}: theory", predicted, theory[size, ratio], unit=0.01))
        fine = np.geomspace(0.3, 5, 40)
        lines.append(
            Line(f"theory, N = {size}", fine, [perfect_recall_probability(round(r * load), size, 3) for r in fine])
        )
        counts = [rests[size, ratio] for ratio in ratios]
        points_drawn.append(share_dots(f"networks, N = {size}", list(ratios), counts, [sets] * len(ratios)))
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
    rows, printed = [], RADII["radius"].nested(2)
    exact, seeded = _source_set(), printed[100, 50]
    for tier in "CD":
        rows.append(value_row(f"N = 100, K = 50, seed 0: r_{tier}", certify(exact, 0, 3, tier).radius, seeded[tier]))
    attack = margin_attack(exact)
    rows.append(value_row("N = 100, K = 50, seed 0: flips that turn one bit", len(attack.flips), seeded["flips"]))
    sizes, sets = run.pick([key for key in printed if key[0] < 500], list(printed)), run.pick(6, 8)
    for size, count in sizes:
        point, words = {"size": size, "count": count}, f"N = {size}, K = {count}"
        trials = run.sweep(certificate_trial, [point], sets)[0]
        for tier in TIERS:
            radius = column(trials, f"radius_{tier}")
            value, error = printed[size, count][tier], like_ours(radius, least=0.5)
            rows.append(mean_row(f"{words}: r_{tier}", radius, value, source_error=error))
        turned = column(run.sweep(margin_trial, [point], sets)[0], "flips")
        flips, error = printed[size, count]["flips"], like_ours(turned, least=0.5)
        rows.append(mean_row(f"{words}: flips that turn one bit", turned, flips, source_error=error))
    small = run.pick(96, 384)
    for (order, count), values in RADII["mean_radius"].nested(2).items():
        tiers = "ABCD" if order == 3 else "ABC"
        point = {"size": 14, "count": count, "order": order, "tiers": tiers}
        trials = run.sweep(certificate_trial, [point], small)[0]
        for tier, value in values.items():
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
    for tier, value in LADDER["certified"].items():
        radius = column(trials, f"radius_{tier}")
        rows.append(mean_row(f"certificate {tier}", radius, value, source_error=like_ours(radius, SETS), unit=0.1))
        heights.append(radius)
    margins = column(run.sweep(margin_trial, [{"size": 64, "count": 24}], sets)[0], "flips")
    error = like_ours(margins, SETS)
    turning = LADDER["turning"]["one bit"]
    rows.append(mean_row("flips that turn one bit's margin", margins, turning, source_error=error, unit=0.1))
    heights.append(margins)
    breaking = LADDER["breaking"]
    points = [{"size": 64, "count": 24, "attack": attack} for attack in breaking]
    for (attack, value), found in zip(breaking.items(), run.sweep(attack_trial, points, sets), strict=True):
        flips = column(found, "flips")
        error = like_ours(flips, SETS)
        rows.append(mean_row(f"flips that break the end state, {attack}", flips, value, source_error=error, unit=0.1))
        heights.append(flips)
    names = [*LADDER["certified"], "margin", "re-ranked", "rival", "weakest", "random"]
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
    Item("wrong-bits", "Wrong bits after one decision and one sweep", MODEL, 3, 5, wrong_bits),
    Item("error-free", "Patterns without a wrong bit", MODEL, 5, 16, error_free),
    Item("certificates", "Certified radii", MODEL, 2, 15, certificates),
    Item("ladder", "One memory, nine numbers", MODEL, 1, 2, ladder),
)
