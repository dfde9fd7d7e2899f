"""One of each instrument, for the tests that try them all."""

from __future__ import annotations

from damtutor.patterns import digits
from damtutor.widgets import (
    AttentionMicroscope,
    DenseRetrieval,
    Explorer,
    Filmstrip,
    FlowField,
    HopfieldRetrieval,
    Landscape,
    Overlap,
    RepeatedAttention,
    Sketch,
)


def curve(n, load=1):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 2))
    figure.subplots().plot([0, 1], [0, n * load])
    return figure, f"A line that rises to {n * load}."


def instruments():
    """One of each, made anew."""
    return [
        Filmstrip(),
        DenseRetrieval(digits(), names=[f"digit {d}" for d in range(10)]),
        Overlap(),
        Explorer(curve, title="Lines", n=[2, 3], load=[0.5, 1.0]),
        Landscape(),
        HopfieldRetrieval(),
        FlowField(),
        AttentionMicroscope(),
        RepeatedAttention(),
        Sketch([0, 1], {"runs": ([0, 1], [1, 0.4], [0.01, 0.02])}, ([0, 1], [1, 0])),
    ]
