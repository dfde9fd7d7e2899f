"""The effective-spin theory as trials: solved with several seeds, its sampling error is measured like any other."""

from __future__ import annotations

import math
from typing import Any

from damtutor.theory.dynamics import convergence_time
from damtutor.theory.effective_spin import basin_boundary, solve
from damtutor.validate import TRIALS, as_trial_seed

START = "overlap at the start, m0"


def point(order: int, load: float, overlap: float, **rest: Any) -> dict[str, Any]:
    """A point of a sweep over solutions or networks: n, α', m0, and what else the trial takes."""
    return {"order": order, "reduced_load": load, "overlap": overlap, **rest}


def solver_trial(
    seed: tuple[int, int], *, order: int, reduced_load: float, overlap: float, steps: int, samples: int, **options: Any
) -> dict[str, Any]:
    """One solution, see `solve`: "overlap" m(t), "noise" R(t, t)/α', "time" from which m is within 0.01 of its end."""
    found = solve(order, reduced_load, overlap, steps, samples, _number(seed), **options)
    noise = (found.noise.diagonal() / reduced_load).tolist()
    return {"overlap": found.overlap.tolist(), "noise": noise, "time": convergence_time(found.overlap)}


def boundary_trial(seed: tuple[int, int], **options: Any) -> dict[str, Any]:
    """The least start overlap that is recalled, 2 where none is; options of `basin_boundary`."""
    found = basin_boundary(**options, seed=_number(seed))
    return {"boundary": 2.0 if math.isnan(found) else found}


def _number(seed: tuple[int, int]) -> int:
    """One seed of `solve` for each trial of each sweep."""
    sweep, trial = as_trial_seed(seed)
    return TRIALS * sweep + trial
