"""Figure of the first page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from damtutor.figures.arguments import as_line, as_lines, as_points
from damtutor.figures.plot import INK, SERIES, Plot, drawn, new


@drawn
def error_plot(
    measured: Sequence[tuple[float, float, float]], ratios: Sequence[float], line: tuple[np.ndarray, np.ndarray]
) -> Plot:
    """How often the noise outweighs the signal, against signal/noise: counted, and the Gaussian's prediction.

    Parameters
    ----------
    measured : (share of errors, low, high), one a ratio, 95 % intervals.
    ratios : signal/noise, `(P,)`.
    line : (signal/noise, predicted probability), `(Q,)` each.
    """
    ratios, line = as_line(ratios, "ratios"), as_lines(line, "line", ("signal/noise", "probability"))
    measured = as_points(measured, "measured", ("share", "low", "high"), length=len(ratios))
    figure, ax = new(6.0, 3.6)
    ax.plot(*line, color=INK, lw=1.8, label="theory: Φ(−signal/noise)")
    share, low, high = measured.T
    colour, marker, _ = SERIES[1]
    bars = [share - low, high - share]
    ax.errorbar(ratios, share, bars, color=colour, marker=marker, ms=5, ls="none", capsize=3, label="counted")
    ax.set(yscale="log", xlabel="signal/noise", ylabel="probability of an error", ylim=(None, 1))
    ax.legend(frameon=False, title="bars: 95 % intervals", title_fontsize=10, loc="lower left")
    words = ", ".join(f"{p:.2g} at {x:.2f}" for x, p in zip(ratios, share, strict=True))
    inside = sum(a <= p <= b for p, a, b in zip(np.interp(ratios, *line), low, high, strict=True))
    return Plot(
        figure,
        f"Probability of an error against signal/noise, on a logarithmic axis. Counted: {words}. "
        f"The Gaussian's line passes through {inside} of {len(share)} intervals.",
    )
