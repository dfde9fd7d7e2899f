"""Arrays in, a plot out, each with the words that say what is to be seen. Nothing is computed here.

A figure looks the same whatever the caller set in matplotlib. An argument of another kind, shape or length is refused
by a ValueError that says which, and what is expected.
"""

from damtutor.figures.attention import edge_plot, forgetting_plot, mask_plot, repetition_plot
from damtutor.figures.capacity import (
    heat_plot,
    load_plot,
    perfect_plot,
    phase_plot,
    stability_plot,
    vote_plot,
)
from damtutor.figures.dense import (
    capacity_plot,
    collapse_plot,
    crosstalk_plot,
    interaction_plot,
    recall_plot,
    trace_plot,
)
from damtutor.figures.design import completion_plot, completion_strip, stack_plot
from damtutor.figures.diffusion import barrier_plot, drawings_plot, phases_plot, ring_plot, valley_plot
from damtutor.figures.energy import (
    merging_plot,
    pair_plot,
    places_plot,
    plane_plot,
    shares_plot,
)
from damtutor.figures.hopfield import ends_plot, energies_plot, rules_plot
from damtutor.figures.learning import accuracy_plot, epochs_plot, frontier_plot, moves_plot, prototypes_plot
from damtutor.figures.modern import bound_plot, branches_plot, descent_plot, loop_plot, walk_plot
from damtutor.figures.plot import Plot, pictures
from damtutor.figures.start import error_plot

__all__ = [
    "Plot",
    "accuracy_plot",
    "barrier_plot",
    "bound_plot",
    "branches_plot",
    "capacity_plot",
    "collapse_plot",
    "completion_plot",
    "completion_strip",
    "crosstalk_plot",
    "descent_plot",
    "drawings_plot",
    "edge_plot",
    "ends_plot",
    "energies_plot",
    "epochs_plot",
    "error_plot",
    "forgetting_plot",
    "frontier_plot",
    "heat_plot",
    "interaction_plot",
    "load_plot",
    "loop_plot",
    "mask_plot",
    "merging_plot",
    "moves_plot",
    "pair_plot",
    "perfect_plot",
    "phase_plot",
    "phases_plot",
    "pictures",
    "places_plot",
    "plane_plot",
    "prototypes_plot",
    "recall_plot",
    "repetition_plot",
    "ring_plot",
    "rules_plot",
    "shares_plot",
    "stability_plot",
    "stack_plot",
    "trace_plot",
    "valley_plot",
    "vote_plot",
    "walk_plot",
]
