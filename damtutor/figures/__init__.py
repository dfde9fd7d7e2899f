"""Arrays in, a plot out, each with the words that say what is to be seen. Nothing is computed here."""

from damtutor.figures.dense import (
    capacity_plot,
    collapse_plot,
    crosstalk_plot,
    interaction_plot,
    recall_plot,
    trace_plot,
)
from damtutor.figures.plot import Plot, pictures

__all__ = [
    "Plot",
    "capacity_plot",
    "collapse_plot",
    "crosstalk_plot",
    "interaction_plot",
    "pictures",
    "recall_plot",
    "trace_plot",
]
