"""The effective-spin theory as trials: solved with several seeds, its sampling error is measured like any other."""

from __future__ import annotations

import math
from typing import Any

from damtutor.theory.dynamics import convergence_time
from damtutor.theory.effective_spin import basin_boundary, solve


def solver_trial(
    seed: tuple[int, int], *, order: int, reduced_load: float, overlap: float, steps: int, samples: int, **options: Any
) -> dict[str, Any]:
    """m(t) and R(t, t)/α' of one solution, and when m stays within 0.01 of its end; see `solve`."""
    found = solve(order, reduced_load, overlap, steps, samples, sum(seed), **options)
    noise = (found.noise.diagonal() / reduced_load).tolist()
    return {"overlap": found.overlap.tolist(), "noise": noise, "settled": convergence_time(found.overlap)}


def boundary_trial(seed: tuple[int, int], **options: Any) -> dict[str, Any]:
    """The least start overlap that is recalled, 2 where none is; options of `basin_boundary`."""
    found = basin_boundary(**options, seed=sum(seed))
    return {"boundary": 2.0 if math.isnan(found) else found}
