"""Adversaries that flip spins in every sweep: Table 6 of Gaikwad (2026), and what a reading under attack misses.

The full paper could not be read: protocols are those of its fragments, and each reading of them is run under its name.
"""

from __future__ import annotations

import numpy as np

from damtutor.experiments.adversary import adversary_trial
from damtutor.reproduce.gaikwad2026 import SOURCE
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
    share_dots,
    share_row,
)
from damtutor.theory.adversary import interleaved_match

SIZE, COUNT = 500, 1250
TABLE_6 = table(__package__, "table_6")
READINGS = table(__package__, "readings")
NO_CONVENTION = "no convention tried gives the printed column; in the source strong and weak are equal within noise"


def table_6(run: Run) -> Report:
    """Success under an adversary, seven conventions, N = 500, K = 1250, m0 = 0.6."""
    trials = run.pick(12, 80)
    conventions = TABLE_6["success_by_convention"].nested()
    rhos = run.pick((0.12, 0.14, 0.16, 0.19), (0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19, 0.20, 0.21))
    points = [
        {"size": SIZE, "count": COUNT, "rho": rho, "convention": name, "overlap": 0.6}
        for name in conventions
        for rho in rhos
    ]
    found = run.sweep(adversary_trial, points, trials)
    share = {
        (point["convention"], point["rho"]): int(column(results, "success").sum())
        for point, results in zip(points, found, strict=True)
    }
    rows = []
    rows += [
        share_row(f"ρ = {rho:g}, {name}", share[name, rho], trials, value, why=NO_CONVENTION)
        for (name, rho), value in TABLE_6["success"].items()
        if rho in rhos
    ]
    ((first, at_least),) = TABLE_6["success_at_least"].items()
    for name, printed in conventions.items():
        rows += [
            share_row(f"ρ = {rho:g}, {name}", share[name, rho], trials, value)
            for rho, value in printed.items()
            if rho in rhos
        ]
        if name != "weakest-reranked":
            words, value = f"ρ = {first:g}, {name}: success, at least", share[name, first] / trials
            rows.append(limit_row(words, value, at_least=at_least))
    rows += [
        limit_row(f"ρ = {rho:g}, {name}: success, at most", share[name, rho] / trials, at_most=limit)
        for (name, rho), limit in TABLE_6["success_at_most"].items()
        if rho in rhos
    ]
    groups = {"before each sweep": list(conventions)[:4], "during each sweep": list(conventions)[4:]}
    panels = []
    for title, names in groups.items():
        drawn = [share_dots(name, rhos, [share[name, rho] for rho in rhos], [trials] * len(rhos)) for name in names]
        if title.startswith("before"):
            drawn += [
                share_dots(
                    f"table, {name}",
                    list(printed),
                    [round(value.value * value.trials) for value in printed.values()],
                    [value.trials for value in printed.values()],
                )._replace(source=True)
                for name, printed in TABLE_6["success"].nested().items()
            ]
        panels.append(Panel(title, "turned spins a sweep over N, ρ", "share of success", dots=drawn))
    see = (
        "Under every convention success falls from 1 to 0 between 0.12 and 0.21 of turned spins a sweep, except that "
        "an adversary who ranks anew after every flip needs less."
    )
    notes = [
        "Success is one reading of 0.95 in 60 sweeps. Before a sweep, floor(ρ N) right spins are turned, chosen once "
        "by their margin, or ranked anew after every flip; during a sweep, spins are turned between decisions.",
        "The printed values at ρ = 0.17 and 0.18 could not be read.",
    ]
    return Report(rows, panels, see, notes)


def readings(run: Run) -> Report:
    """What an attack during the sweep does to the reading, and what one sweep without it restores."""
    trials, matches, exactly = run.pick(8, 40), READINGS["match"], READINGS["exact_after"]
    points = [
        {
            "size": SIZE,
            "count": COUNT,
            "rho": rho,
            "convention": "each-step",
            "overlap": 0.6,
            "stop": False,
            "sweeps": 20,
        }
        for rho in matches
    ]
    found = run.sweep(adversary_trial, points, trials)
    rows, exact = [], []
    for (rho, match), results in zip(matches.items(), found, strict=True):
        typical, words = column(results, "typical"), f"ρ = {rho:g}: match"
        rows += [
            mean_row(words, typical, match, unit=match.unit, source_error=0.002),
            mean_row(f"{words} beside ½ + (1 - e^(-2ρ))/(4ρ)", typical, interleaved_match(rho), source_error=0.002),
        ]
        if rho in exactly:
            hits = int(column(results, "exact").sum())
            exact.append(f"{hits} of {trials} at ρ = {rho:g}")
            rows.append(share_row(f"ρ = {rho:g}: exact one sweep after the attack", hits, trials, exactly[rho]))
    fine = np.linspace(0.05, 0.4, 40)
    panel = Panel(
        "N = 500, K = 1250, every neuron may be hit at every step",
        "turned spins a sweep over N, ρ",
        "match at the end of a sweep",
        lines=[
            Line("theory, no fit", fine, [interleaved_match(r) for r in fine]),
            Line("threshold, 0.95", fine, [0.95] * 40),
        ],
        dots=[dots("networks, no fit", list(matches), [column(results, "typical") for results in found])],
    )
    see = (
        "The match falls along the line of hits after the last update, through the threshold 0.95. Exact again one "
        f"sweep after the attack: {', '.join(exact)}."
    )
    return Report(rows, [panel], see, notes=["The match is the mean over sweeps 2 to 20 of each run."])


ITEMS = (
    Item("table-6", "Success under an adversary (Table 6)", SOURCE, 6, 120, table_6),
    Item("readings", "What a reading under attack says", SOURCE, 1, 2, readings),
)
