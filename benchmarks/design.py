"""Times of the chapter on design, beside their budgets: dictionaries, and 200 digits completed by each memory."""

from __future__ import annotations

from collections.abc import Callable

from tables import clock

from damtutor.experiments.completion import complete, damage, digits, memories


def dictionaries() -> str:
    """k-means for one dictionary of 128 patches and for 25 of 48, from 1400 digits."""
    stored = digits().stored
    return f"{clock(lambda: memories(stored)):.1f} s"


def completions() -> str:
    """40 steps with the energy of each, 200 digits whose lower half is missing; the slowest of five memories."""
    data = digits()
    lost = damage(data.shown, "lower half")
    times = {name: clock(lambda m=m: complete(m, lost)) for name, m in memories(data.stored).items()}
    slowest = max(times, key=times.get)
    return f"{times[slowest]:.2f} s ({slowest})"


def lines() -> list[tuple[str, str, Callable[[], str]]]:
    """What is measured, its budget, and how."""
    return [
        ("dictionaries of 1400 digits", "8 s", dictionaries),
        ("200 digits, 40 steps, slowest", "5 s", completions),
    ]


def report() -> None:
    """Print each measurement beside its budget."""
    print(f"{'what':<36} {'budget':<10} measured, one core")
    for what, budget, measure in lines():
        print(f"{what:<36} {budget:<10} {measure()}", flush=True)
