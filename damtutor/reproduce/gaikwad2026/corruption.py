"""Recall of corrupted patterns: Tables 5 and 9 of Gaikwad (2026), and the constant of its rate.

The full paper could not be read: protocols are those of its fragments, completed by what is said at each item. Where
several readings are possible, each is run under its name.
"""

from __future__ import annotations

import math

import numpy as np

from damtutor.experiments.corruption import correlated_trial, corruption_trial, log_rate, rate_trial
from damtutor.reproduce.gaikwad2026 import SOURCE
from damtutor.reproduce.printed import table
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

SIZE = 500
PRINTED_5 = table(__package__, "table_5")
TABLE_5 = PRINTED_5["success"].nested()
TABLE_5_TRIALS = PRINTED_5["success"].trials
CORRUPTIONS = tuple(TABLE_5[0.005])
TABLE_9 = table(__package__, "table_9")
COUNTS = tuple(TABLE_9["success"].nested()["random"])
RATE = table(__package__, "rate_constant")
MAKERS = {  # of correlated patterns, by the words of the printed rows: options of `correlated_patterns`
    "one template, 30 % flips": {"centres": 1, "noise": 0.3},
    "one template, 40 % flips": {"centres": 1, "noise": 0.4},
    "50 clusters in turn": {"centres": 50, "noise": 0.3},
    "20 clusters in turn": {"centres": 20, "noise": 0.3},
    "a fifth from one template": {"centres": 1, "noise": 0.3, "share": 0.2},
    "40 clusters at random": {"centres": 40, "noise": 0.3, "assign": "at random"},
    "100 hidden causes": {"generator": "latent", "rank": 100},
    "50 hidden causes": {"generator": "latent", "rank": 50},
}
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
            share_row(f"α = {load:g}, {c} %", int(k), trials, percent.as_share(), why=SMALLER)
            for (c, percent), k in zip(TABLE_5[load].items(), counts, strict=True)
        ]
        panels.append(_corruption_panel(load, counts, trials))
    for load, printed in PRINTED_5["half_point"].items():
        fit = fits[SIZE, load]
        rows.append(
            value_row(
                f"α = {load:g}: c50, %",
                fit.value,
                printed,
                error=fit.error,
                source_error=TABLE_ERROR,
                why=SMALLER,
            )
        )
        for size in (SIZE, *others):
            fit = fits[size, load]
            rows.append(
                value_row(
                    f"α = {load:g}, N = {size}: c50, %",
                    fit.value,
                    PRINTED_5["half_point_by_size"][load, size],
                    error=fit.error,
                    source_error=POINT / 3,
                )
            )
        if 200 in others:
            rise = fits[SIZE, load].value - fits[200, load].value
            least = PRINTED_5["rise_at_least"][200, SIZE]
            rows.append(limit_row(f"α = {load:g}: c50 of N = 500 above N = 200, at least", rise, at_least=least))
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
    lines = [
        Line(f"table, α = {load:g}", [sizes[0], sizes[-1]], [printed.value] * 2)
        for load, printed in PRINTED_5["half_point"].items()
    ]
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
    apart = [fit.value - printed.value for fit, printed in zip(fits, PRINTED_5["half_point"].values(), strict=True)]
    errors = [fit.error for fit in fits]
    found = [
        half_deviance(fit, CORRUPTIONS, [round(c * TABLE_5_TRIALS / 100) for c in printed], TABLE_5_TRIALS)
        for fit, printed in zip(fits, map(_percents, TABLE_5), strict=True)
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
            f"N = {size}: half deviance of the printed table",
            value,
            PRINTED_5["half_deviance"][size],
            error=error,
            source_error=error,
        ),
    ]


def _percents(load) -> list[float]:
    """The printed successes at one load, in per cent, by corruption."""
    return [percent.value for percent in TABLE_5[load].values()]


def _corruption_panel(load, counts, trials) -> Panel:
    source = share_dots(
        "table, N = 500 stated",
        [c + 0.15 for c in CORRUPTIONS],
        [round(percent / 100 * TABLE_5_TRIALS) for percent in _percents(load)],
        [TABLE_5_TRIALS] * len(CORRUPTIONS),
    )
    ours = share_dots("networks, N = 500", CORRUPTIONS, counts.tolist(), [trials] * len(CORRUPTIONS))
    return Panel(f"α = {load:g}", "corruption, %", "share recalled", dots=[ours, source._replace(source=True)])


def table_9(run: Run) -> Report:
    """Success and largest overlap of random and of correlated patterns, N = 500, 20 % corruption."""
    trials = run.pick(8, 50)
    makers = {"random": {}} | {name: {"generator": "centred"} | made for name, made in MAKERS.items()}
    points = [
        {"size": SIZE, "count": count, "corruption": 0.2, **options} for options in makers.values() for count in COUNTS
    ]
    found = iter(run.sweep(correlated_trial, points, trials))
    rows, success, beta = [], {}, {}
    for name in makers:
        kind = "" if name == "random" else "_by_maker"
        shares, overlaps = (TABLE_9[what + kind] for what in ("success", "largest_overlap"))
        for count in COUNTS:
            results = next(found)
            success[name, count], beta[name, count] = column(results, "success"), column(results, "beta")
            hits, betas = int(success[name, count].sum()), beta[name, count]
            words, beta_printed = f"{name}, K = {count}", overlaps[name, count]
            error = like_ours(betas, overlaps.trials or 1)  # of one set, where no number is told
            unit, why = (0.004, "") if name == "random" else (beta_printed.unit, FEW_SETS)
            rows.append(share_row(f"{words}: success", hits, trials, shares[name, count]))
            rows.append(mean_row(f"{words}: β", betas, beta_printed, source_error=error, unit=unit, why=why))
    rows += _nearest_maker(success, beta, trials)

    def recalled(name, x):
        return share_dots(name, x, [int(success[name, c].sum()) for c in COUNTS], [trials] * len(COUNTS))

    drawn = [recalled(name, COUNTS) for name in DRAWN]
    printed = share_dots(
        "table, correlated",
        COUNTS,
        [round(share.value * share.trials) for _, share, _ in _correlated()],
        [share.trials for _, share, _ in _correlated()],
    )
    scatter = [recalled(name, [float(beta[name, c].mean()) for c in COUNTS]) for name in DRAWN]
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
            abs(success[name, c].mean() - share.value) + 5 * abs(beta[name, c].mean() - overlap.value)
            for c, share, overlap in _correlated()
        )

    name, rows = min(MAKERS, key=distance), []
    for c, share, overlap in _correlated():
        words, betas = f"correlated, K = {c}: {{}} (ours: {name})", beta[name, c]
        hits, one = int(success[name, c].sum()), like_ours(betas)  # β is printed of one set a row
        rows += [
            share_row(words.format("success"), hits, trials, share, why=UNKNOWN),
            mean_row(words.format("β"), betas, overlap, source_error=one, unit=0.004, why=UNKNOWN),
        ]
    return rows


def _correlated() -> list[tuple]:
    """The printed column of correlated patterns: number of patterns, success, largest overlap."""
    return [(c, *(TABLE_9[what]["correlated", c] for what in ("success", "largest_overlap"))) for c in COUNTS]


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
    capped, flat_sweeps = RATE["constant"][0.02, 0.33], RATE["sweeps_of_successes"][0.01, 0.33]
    rows = [
        value_row(
            "α = 0.03, 15 %, N = 200: C",
            light.capped_constant,
            RATE["constant"][0.03, 0.15],
            error=light.capped.error / math.log(200),
            unit=0.01,
        ),
        value_row(
            "α = 0.03, 15 %, N = 200: sweeps",
            light.sweeps.value,
            RATE["sweeps"][0.03, 0.15, 200],
            error=light.sweeps.error,
            unit=0.01,
        ),
        share_row(
            "α = 0.02, 33 %, N = 200: success",
            round(heavy.success.value * trials),
            trials,
            RATE["success"][0.02, 0.33, 200],
        ),
        value_row(
            "α = 0.02, 33 %, N = 200: C, failures as 60 sweeps",
            heavy.capped_constant,
            capped,
            error=heavy.capped.error / math.log(200),
            source_error=27 / 80**0.5 / math.log(200),
        ),
        value_row(
            "α = 0.02, 33 %, N = 200: C of the successes",
            heavy.constant,
            RATE["constant_of_successes"][0.02, 0.33, 200],
            error=heavy.sweeps.error / math.log(200),
            unit=0.1,
        ),
    ]
    rates = [log_rate(results, size) for results, size in zip(found[2:], sizes, strict=True)]
    means = [rate.sweeps.value for rate in rates]
    rows.append(
        limit_row(
            "α = 0.01, 33 %: largest less smallest mean sweeps over N, at most",
            max(means) - min(means),
            at_most=RATE["spread_at_most"][0.01, 0.33],
        )
    )
    rows += [
        value_row(
            f"α = 0.01, 33 %, N = {size}: sweeps of the successes",
            rate.sweeps.value,
            flat_sweeps,
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
        lines=[
            Line(f"{capped.value:g} ln N, printed for α = 0.02", sizes, [capped.value * math.log(n) for n in sizes])
        ],
        dots=[dots("successes", sizes, taken), dots("failures as 60 sweeps", sizes, everyone)],
    )
    see = "Successes take two sweeps at every size. With failures counted as 60 sweeps the mean follows the failures."
    notes = [
        f"The printed {capped.value:g} comes out only if failures count as 60 sweeps: it counts failures, not slowness."
    ]
    return Report(rows, [panel], see, notes)


ITEMS = (
    Item("table-5", "Success against corruption (Table 5)", SOURCE, 2, 16, table_5),
    Item("table-9", "Random and correlated patterns (Table 9)", SOURCE, 3, 15, table_9),
    Item("rate-constant", "Sweeps against ln N", SOURCE, 1, 5, rate_constant),
)
