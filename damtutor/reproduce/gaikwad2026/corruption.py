"""Recall of corrupted patterns: Tables 5 and 9 of Gaikwad (2026), and the constant of its rate.

The full paper could not be read: protocols are those of its fragments, completed by what is said at each item. Where
several readings are possible, each is run under its name.
"""

from __future__ import annotations

import math

import numpy as np

from damtutor.experiments.corruption import correlated_trial, corruption_trial, log_rate, rate_trial
from damtutor.reproduce.gaikwad2026.printed_adversary import (
    CORRUPTIONS,
    COUNTS,
    DEVIANCES,
    GENERATOR_TRIALS,
    GENERATORS,
    HALVES,
    TABLE_5,
    TABLE_5_TRIALS,
    TABLE_9,
    TABLE_9_TRIALS,
)
from damtutor.reproduce.report import (
    Dots,
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
from damtutor.statistics.half_point import half_deviance, half_point

SOURCE = "Gaikwad (2026), arXiv 2604.12811"
SIZE = 500
TABLE_ERROR = 0.35  # of a half point of the table, % of corruption: by probit from 80 trials a cell
POINT = 1.0  # of corruption: what two fits of 80 trials a cell may differ by
SMALLER = "the printed table fits networks of N = 300 to 350 better than the stated 500"
FEW_SETS = "the β of that program does not rise with K, as a mean over many sets must: it is of few"
DRAWN = ("random", "50 clusters in turn", "one template, 30 % flips", "100 hidden causes")  # in one colour each
UNKNOWN = "the source does not say how its patterns are correlated; none of the eight makers tried gives both columns"


def table_5(run: Run) -> Report:
    """Success against corruption at three loads."""
    trials = run.pick(24, 240)
    corruptions = [c / 100 for c in CORRUPTIONS]
    others = run.pick((300,), (200, 256, 300, 350, 400))
    points = [{"size": size, "load": load, "corruptions": corruptions} for size in (SIZE, *others) for load in TABLE_5]
    big = run.sweep(corruption_trial, points[:3], trials)
    small = run.sweep(corruption_trial, points[3:], run.pick(24, 160))
    rows, panels, fits = [], [], {}
    for point, found in zip(points, [*big, *small], strict=True):
        success = column(found, "success")
        fits[point["size"], point["load"]] = half_point(CORRUPTIONS, success, link="probit", resamples=2000)
    for load, found in zip(TABLE_5, big, strict=True):
        counts = column(found, "success").sum(axis=0)
        rows += [
            share_row(f"α = {load:g}, {c} %", int(k), trials, percent / 100, TABLE_5_TRIALS, SMALLER)
            for c, k, percent in zip(CORRUPTIONS, counts, TABLE_5[load], strict=True)
        ]
        panels.append(_corruption_panel(load, counts, trials))
    for load, printed in HALVES.items():
        fit = fits[SIZE, load]
        rows.append(
            value_row(
                f"α = {load:g}: c50, % (source: its table)",
                fit.value,
                printed["table"],
                error=fit.error,
                source_error=TABLE_ERROR,
                why=SMALLER,
            )
        )
        for size in (SIZE, *others):
            fit = fits[size, load]
            rows.append(
                value_row(
                    f"α = {load:g}, N = {size}: c50, % (source: independent program)",
                    fit.value,
                    printed[size],
                    error=fit.error,
                    source_error=POINT / 3,
                )
            )
        if 200 in others:
            rise = fits[SIZE, load].value - fits[200, load].value
            rows.append(limit_row(f"α = {load:g}: c50 of N = 500 above N = 200, at least", rise, at_least=1.0))
    sizes = sorted((SIZE, *others))
    rows += [row for size in sizes for row in _size_rows(size, [fits[size, load] for load in TABLE_5])]
    half = [
        Dots(
            f"networks, α = {load:g}",
            sizes,
            *(np.array([getattr(fits[n, load], name) for n in sizes]) for name in ("value", "low", "high")),
        )
        for load in TABLE_5
    ]
    lines = [Line(f"table, α = {load:g}", [sizes[0], sizes[-1]], [HALVES[load]["table"]] * 2) for load in TABLE_5]
    panels.append(Panel("half success; lines: the printed table", "size N", "corruption c50, %", lines, half))
    notes = [
        "Corruption is an exact number of wrong bits, round(c N); success is a match of 0.95 within 60 sweeps. The "
        "trials of the source are taken to be 80. All corruptions of one trial share their pattern set.",
        "α is K/N², c50 the corruption at which half of the trials succeed: normal curve by maximum likelihood, trials "
        "drawn again 2000 times. The half deviance of the 39 printed cells from the curves of one size is half their "
        "number if that is their size, and far more if not. All loads together show what no cell shows alone.",
    ]
    see = (
        "Success falls from 1 to 0 between 33 and 45 % of wrong bits, earlier at a higher load. The last "
        "panel shows which size the half points of the printed table belong to."
    )
    return Report(rows, panels, see, notes)


def _size_rows(size, fits) -> list:
    """The three loads together: half points beside those of the table, and all printed cells beside the curves."""
    apart = [fit.value - printed["table"] for fit, printed in zip(fits, HALVES.values(), strict=True)]
    errors = [fit.error for fit in fits]
    found = [
        half_deviance(fit, CORRUPTIONS, [round(c * TABLE_5_TRIALS / 100) for c in printed], TABLE_5_TRIALS)
        for fit, printed in zip(fits, TABLE_5.values(), strict=True)
    ]
    value, error = sum(d for d, _ in found), math.hypot(*(e for _, e in found))
    return [
        value_row(
            f"N = {size}: c50 less the table's, mean of the loads, %",
            float(np.mean(apart)),
            0.0,
            error=math.hypot(*errors) / len(errors),
            source_error=TABLE_ERROR / len(errors) ** 0.5,
            why=SMALLER,
        ),
        value_row(
            f"N = {size}: half deviance of the printed table (source: independent program)",
            value,
            DEVIANCES[size],
            error=error,
            source_error=error,
        ),
    ]


def _corruption_panel(load, counts, trials) -> Panel:
    source = share_dots(
        "table, N = 500 stated",
        [c + 0.15 for c in CORRUPTIONS],
        [round(percent / 100 * TABLE_5_TRIALS) for percent in TABLE_5[load]],
        [TABLE_5_TRIALS] * len(CORRUPTIONS),
    )
    ours = share_dots("networks, N = 500", CORRUPTIONS, counts.tolist(), [trials] * len(CORRUPTIONS))
    return Panel(f"α = {load:g}", "corruption, %", "share recalled", dots=[ours, source._replace(source=True)])


def table_9(run: Run) -> Report:
    """Success and largest overlap of random and of correlated patterns, N = 500, 20 % corruption."""
    trials = run.pick(8, 50)
    makers = {"random": {}} | {name: {"generator": "centred"} | made for name, (made, *_) in GENERATORS.items()}
    points = [
        {"size": SIZE, "count": count, "corruption": 0.2, **options} for options in makers.values() for count in COUNTS
    ]
    found = iter(run.sweep(correlated_trial, points, trials))
    rows, success, beta = [], {}, {}
    for name in makers:
        for k, count in enumerate(COUNTS):
            results = next(found)
            success[name, count], beta[name, count] = column(results, "success"), column(results, "beta")
            hits, betas = int(success[name, count].sum()), beta[name, count]
            if name == "random":
                shares, overlaps = TABLE_9["random"]
                rows.append(share_row(f"random, K = {count}: success", hits, trials, shares[k], TABLE_9_TRIALS))
                one = like_ours(betas)
                rows.append(mean_row(f"random, K = {count}: β", betas, overlaps[k], source_error=one, unit=0.004))
                continue
            _, shares, overlaps = GENERATORS[name]
            words = f"{name}, K = {count}"
            rows.append(
                share_row(f"{words}: success (source: independent program)", hits, trials, shares[k], GENERATOR_TRIALS)
            )
            rows.append(
                mean_row(
                    f"{words}: β (source: independent program)",
                    betas,
                    overlaps[k],
                    source_error=like_ours(betas, GENERATOR_TRIALS),
                    unit=0.01,
                    why=FEW_SETS,
                )
            )
    rows += _nearest_maker(success, beta, trials)

    def shares(name, x):
        return share_dots(name, x, [int(success[name, c].sum()) for c in COUNTS], [trials] * len(COUNTS))

    drawn = [shares(name, COUNTS) for name in DRAWN]
    printed = share_dots(
        "table, correlated",
        COUNTS,
        [round(share * TABLE_9_TRIALS) for share in TABLE_9["correlated"][0]],
        [TABLE_9_TRIALS] * 4,
    )
    scatter = [shares(name, [float(beta[name, c].mean()) for c in COUNTS]) for name in DRAWN]
    panels = [
        Panel(
            "success by number of patterns",
            "patterns K",
            "share recalled",
            dots=[*drawn, printed._replace(source=True)],
        ),
        Panel("success by largest overlap", "largest overlap of two patterns, β", "share recalled", dots=scatter),
    ]
    see = (
        "Random patterns are all recalled. Correlated ones are not, and how many depends on how they are correlated: "
        "at one and the same largest overlap success goes from 0 to 1."
    )
    return Report(rows, panels, see, notes=["β is the largest overlap of any pair, divided by N."])


def _nearest_maker(success, beta, trials) -> list:
    """The printed column of correlated patterns beside the maker that comes nearest to it in both quantities."""

    def distance(name):
        return sum(
            abs(success[name, c].mean() - share) + 5 * abs(beta[name, c].mean() - overlap)
            for c, share, overlap in zip(COUNTS, *TABLE_9["correlated"], strict=True)
        )

    name, rows = min(GENERATORS, key=distance), []
    for c, share, overlap in zip(COUNTS, *TABLE_9["correlated"], strict=True):
        words, betas = f"correlated, K = {c}: {{}} (ours: {name})", beta[name, c]
        hits, one = int(success[name, c].sum()), like_ours(betas)  # β is printed of one set a row
        rows += [
            share_row(words.format("success"), hits, trials, share, TABLE_9_TRIALS, UNKNOWN),
            mean_row(words.format("β"), betas, overlap, source_error=one, unit=0.004, why=UNKNOWN),
        ]
    return rows


def rate_constant(run: Run) -> Report:
    """C in T ≤ C ln N, in both conventions: on successes, and with failures counted as the 60 sweeps allowed."""
    trials = run.pick(80, 320)
    sizes = run.pick((200, 300, 500), (200, 256, 300, 400, 500))
    easy, hard, flat = (
        {"size": 200, "load": 0.03, "corruption": 0.15},
        {"size": 200, "load": 0.02, "corruption": 0.33},
        [{"size": size, "load": 0.01, "corruption": 0.33} for size in sizes],
    )
    found = run.sweep(rate_trial, [easy, hard, *flat], trials)
    light, heavy = log_rate(found[0], 200), log_rate(found[1], 200)
    rows = [
        value_row(
            "α = 0.03, 15 %, N = 200: C",
            light.capped_constant,
            0.19,
            error=light.capped.error / math.log(200),
            unit=0.01,
        ),
        value_row("α = 0.03, 15 %, N = 200: sweeps", light.sweeps.value, 1.02, error=light.sweeps.error, unit=0.01),
        share_row(
            "α = 0.02, 33 %, N = 200: success (source: independent program)",
            round(heavy.success.value * trials),
            trials,
            0.56,
            160,
        ),
        value_row(
            "α = 0.02, 33 %, N = 200: C, failures as 60 sweeps",
            heavy.capped_constant,
            5.79,
            error=heavy.capped.error / math.log(200),
            source_error=27 / 80**0.5 / math.log(200),
        ),
        value_row(
            "α = 0.02, 33 %, N = 200: C of the successes (source: independent program)",
            heavy.constant,
            0.5,
            error=heavy.sweeps.error / math.log(200),
            unit=0.1,
        ),
    ]
    rates = [log_rate(results, size) for results, size in zip(found[2:], sizes, strict=True)]
    means = [rate.sweeps.value for rate in rates]
    rows.append(
        limit_row(
            "α = 0.01, 33 %: largest less smallest mean sweeps over N, at most", max(means) - min(means), at_most=0.3
        )
    )
    rows += [
        value_row(
            f"α = 0.01, 33 %, N = {size}: sweeps of the successes (source: independent program)",
            rate.sweeps.value,
            1.98,
            error=rate.sweeps.error,
            source_error=0.05,
        )
        for size, rate in zip(sizes, rates, strict=True)
    ]
    taken = [[t["sweeps"] for t in results if t["success"]] for results in found[2:]]
    everyone = [column(results, "sweeps") for results in found[2:]]
    panel = Panel(
        "α = 0.01, 33 % corruption",
        "size N",
        "sweeps to a match of 0.95",
        lines=[Line("5.79 ln N, printed for α = 0.02", sizes, [5.79 * math.log(n) for n in sizes])],
        dots=[dots("successes", sizes, taken), dots("failures as 60 sweeps", sizes, everyone)],
    )
    see = "Successes take two sweeps at every size. With failures counted as 60 sweeps the mean follows the failures."
    notes = ["The printed 5.79 comes out only if failures count as 60 sweeps: it counts failures, not slowness."]
    return Report(rows, [panel], see, notes)


ITEMS = (
    Item("table-5", "Success against corruption (Table 5)", SOURCE, 2, 16, table_5),
    Item("table-9", "Random and correlated patterns (Table 9)", SOURCE, 3, 15, table_9),
    Item("rate-constant", "Sweeps against ln N", SOURCE, 1, 5, rate_constant),
)
