"""Times of the chapter on diffusion, beside their budgets: the phases of a circle, one network and its drawings."""

from __future__ import annotations

from collections.abc import Callable

from tables import clock

from damtutor.experiments.denoising import denoising_loss, digits_split, digits_table, draw, sample_shares
from damtutor.experiments.diffusion import circle_table
from damtutor.learning.denoiser import train_denoiser

COUNT, STEPS, SAMPLES = 60, 3000, 1500  # of the live networks of the chapter


def circles() -> str:
    """The whole table: eight K, eight data sets each, 200 drops a set."""
    return f"{clock(circle_table):.1f} s"


def digits() -> str:
    """The cells of the printed table: 100 held-out digits, mean shift to rest."""
    cells = ((0.4, (30, 100, 300, 1000, 1400)), (0.5, (30, 100, 300, 1000, 1400)), (0.8, (300,)), (1.0, (1400,)))
    return f"{clock(lambda: [digits_table((sigma,), counts) for sigma, counts in cells]):.1f} s"


def network() -> str:
    """One network from its data to the shares of its drawings; float64 for comparison."""
    stored, others = digits_split()
    found = []

    def whole():
        training = train_denoiser(stored[:COUNT], steps=STEPS)
        images = draw(training.denoiser, SAMPLES, stored.shape[1])
        found.append((sample_shares(images, stored[:COUNT]), denoising_loss(training.denoiser, others).value))

    seconds = clock(whole)
    slower = clock(lambda: train_denoiser(stored[:COUNT], steps=STEPS // 10, dtype="float64")) * 10
    shares, loss = found[0]
    return (
        f"{seconds:.1f} s (memorised {shares.memorised:.2f}, spurious {shares.spurious:.2f}, loss {loss:.2f}); "
        f"training in float64 {slower:.0f} s"
    )


def lines() -> list[tuple[str, str, Callable[[], str]]]:
    """What is measured, its budget, and how."""
    return [
        ("phases on the circle, the table", "5 s", circles),
        ("mean shift on digits, the table", "10 s", digits),
        (f"denoiser, K={COUNT}, {STEPS} steps", "8 s", network),
    ]


def report() -> None:
    """Print each measurement beside its budget."""
    print(f"{'what':<36} {'budget':<10} measured, one core")
    for what, budget, measure in lines():
        print(f"{what:<36} {budget:<10} {measure()}", flush=True)
